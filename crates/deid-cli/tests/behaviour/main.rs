//! What the command does, seen from outside: a file for each subject.
//!
//! A test makes a [`desk::Desk`], a folder of its own where the command runs, and looks at exit code, stdout,
//! stderr and files. Snapshots are inline; what differs from run to run goes through the filters of
//! [`desk::snapshot`].

mod archives;
mod compare;
mod demo;
mod desk;
mod diff;
mod exit_codes;
mod explain;
mod identity;
mod json;
mod list;
mod main_form;
mod old_flags;
mod profile;
mod real_data;
mod reidentify;
