//! What the program does, a file for each subcommand; [`run`] and [`list`] are the main job.

pub(crate) mod compare;
pub(crate) mod demo;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod key;
pub(crate) mod list;
pub(crate) mod profile;
pub(crate) mod reidentify;
pub(crate) mod run;
