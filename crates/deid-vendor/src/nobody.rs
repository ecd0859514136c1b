//! A judge for the tests of this crate.

use crate::Judge;

/// Keeps no text, takes `7741` for the subject's number, gives all one UID, and moves dates of 2019 only.
pub(crate) struct Nobody;

impl Judge for Nobody {
    fn text(&self, _: &str) -> String {
        String::new()
    }

    fn identifies(&self, bytes: &[u8]) -> bool {
        bytes.windows(4).any(|window| window == b"7741")
    }

    fn uid(&self, _: &str) -> String {
        "2.25.1".to_owned()
    }

    fn date(&self, date: &str) -> Option<String> {
        date.starts_with("2019").then(|| "20180101".to_owned())
    }
}
