//! Routines of the project.

fn main() {}
