//! The command `deidentification`.

fn main() {}
