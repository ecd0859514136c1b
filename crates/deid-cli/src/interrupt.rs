//! Ctrl-C: work stops between two files, so that what was written is whole and reported; a second one ends the program.

use std::sync::atomic::{AtomicBool, Ordering};

/// Set by Ctrl-C.
static CANCELLED: AtomicBool = AtomicBool::new(false);

/// The exit code of a program that Ctrl-C ended: 128 and the number of the signal.
const ENDED: i32 = 130;

/// Listens to Ctrl-C from now on; the flag says whether it came. Without a handler Ctrl-C ends the program at once;
/// somebody else's handler is as good.
pub(crate) fn listen() -> &'static AtomicBool {
    #[expect(clippy::exit, reason = "asked for twice")]
    let _ = ctrlc::set_handler(|| {
        if CANCELLED.swap(true, Ordering::Relaxed) {
            std::process::exit(ENDED);
        }
    });
    &CANCELLED
}
