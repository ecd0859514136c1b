//! The progress bar, on stderr and only if somebody watches.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use deid_io::run::Progress;
use indicatif::{ProgressBar, ProgressStyle};

use crate::interrupt;
use crate::speech::is_watched;

/// A bar if somebody watches, otherwise nothing; either way work stops on Ctrl-C.
pub(crate) fn for_whoever_watches() -> Box<dyn Progress> {
    let cancelled = interrupt::listen();
    if is_watched() { Box::new(Bar::new(cancelled)) } else { Box::new(Unwatched { cancelled }) }
}

/// Shows nothing.
struct Unwatched {
    cancelled: &'static AtomicBool,
}

impl Progress for Unwatched {
    fn phase(&self, _: &str) {}
    fn total(&self, _: u64, _: u64) {}
    fn advance(&self, _: u64, _: u64) {}

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// Bytes done of all bytes, with the number of files.
struct Bar {
    cancelled: &'static AtomicBool,
    shown: ProgressBar,
    files: AtomicU64,
    done: AtomicU64,
}

/// How it looks when the total is known, and when it is not.
const OF_TOTAL: &str = "{prefix:8} [{bar:20}] {decimal_bytes} of {decimal_total_bytes}, {msg}, {eta} left";
const WITHOUT_TOTAL: &str = "{prefix:8} {decimal_bytes} {msg}";

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).expect("both templates are read by a test");
    style.progress_chars("=> ")
}

impl Bar {
    fn new(cancelled: &'static AtomicBool) -> Self {
        let shown = ProgressBar::no_length().with_style(style(WITHOUT_TOTAL));
        Bar { cancelled, shown, files: AtomicU64::new(0), done: AtomicU64::new(0) }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.shown.finish_and_clear();
    }
}

impl Progress for Bar {
    fn total(&self, files: u64, bytes: u64) {
        self.files.store(files, Ordering::Relaxed);
        self.shown.set_style(style(if bytes == 0 { WITHOUT_TOTAL } else { OF_TOTAL }));
        self.shown.set_length(bytes);
    }

    fn advance(&self, files: u64, bytes: u64) {
        let done = self.done.fetch_add(files, Ordering::Relaxed) + files;
        let all = self.files.load(Ordering::Relaxed);
        self.shown.set_message(if all >= done {
            format!("{done} of {all} files")
        } else {
            format!("{done} files")
        });
        self.shown.inc(bytes);
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    fn phase(&self, name: &str) {
        self.done.store(0, Ordering::Relaxed);
        self.shown.set_position(0);
        self.shown.set_prefix(name.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_templates_are_sound() {
        static CANCELLED: AtomicBool = AtomicBool::new(false);
        let bar = Bar::new(&CANCELLED);
        bar.phase("survey");
        bar.total(0, 0);
        bar.total(2, 20);
        bar.advance(1, 10);
        assert_eq!(bar.shown.position(), 10);
        assert_eq!(bar.shown.message(), "1 of 2 files");
    }
}
