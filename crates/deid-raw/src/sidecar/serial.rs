//! The serial number of the device, which a sidecar may repeat under any key.

use crate::Judge;
use crate::field::tag;
use deid_dicom::Tag;
use std::ops::RangeInclusive;

const SERIAL_NUMBER: Tag = tag(0x0018, 0x1000);
/// Shorter ones are numbers that occur everywhere.
const LENGTHS: RangeInclusive<usize> = 5..=64;

/// The serial numbers of a sidecar that are not to stay.
#[derive(Debug, Default)]
pub(super) struct Serials(Vec<String>);

impl Serials {
    /// Those of the values of Device Serial Number.
    pub(super) fn of(values: impl Iterator<Item = String>, judge: &dyn Judge) -> Self {
        let telling = |text: &String| {
            LENGTHS.contains(&text.len())
                && text.is_ascii()
                && text.bytes().any(|byte| byte.is_ascii_digit())
                && judge.attribute(SERIAL_NUMBER, text) != *text
        };
        Serials(values.map(|text| text.trim().to_owned()).filter(telling).collect())
    }

    /// Whether a number is one of them, with a sign, zeros in front or decimals of zeros at most.
    pub(super) fn has(&self, number: &str) -> bool {
        self.0.iter().any(|serial| bare(serial) == bare(number))
    }

    /// A text with an X for each of them, in any case.
    pub(super) fn without(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for serial in &self.0 {
            let mut from = 0;
            while let Some(at) = place(&text[from..], serial) {
                text.replace_range(from + at..from + at + serial.len(), "X");
                from += at + 1;
            }
        }
        text
    }
}

/// Where a serial number stands, not as a part of a longer number or word. Values may touch names.
fn place(text: &str, serial: &str) -> Option<usize> {
    let alike = |edge: Option<char>, beside: Option<char>| match (edge, beside) {
        (Some(edge), Some(beside)) if edge.is_ascii_digit() => beside.is_ascii_digit(),
        (_, beside) => beside.is_some_and(|c| c.is_ascii_alphanumeric()),
    };
    // Letters of ASCII change their case in their place.
    let (folded, serial) = (text.to_ascii_lowercase(), serial.to_ascii_lowercase());
    folded.match_indices(&serial).map(|(at, _)| at).find(|&at| {
        let (before, behind) = (text[..at].chars().next_back(), text[at + serial.len()..].chars().next());
        !alike(serial.chars().next(), before) && !alike(serial.chars().next_back(), behind)
    })
}

fn bare(number: &str) -> &str {
    let number = number.trim().trim_start_matches(['-', '+']);
    let whole = match number.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|byte| byte == b'0') => whole,
        _ => number,
    };
    whole.trim_start_matches('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_are_found_as_numbers_and_in_texts() {
        let serials = Serials(vec!["45177".to_owned(), "MRC35119".to_owned()]);
        for number in ["45177", "45177.0", "-045177.00"] {
            assert!(serials.has(number), "{number}");
        }
        assert!(!serials.has("451770") && !serials.has("45177.5"));
        assert_eq!(serials.without("scanner45177, mrc35119_a 145177 éMRC35119"), "scannerX, X_a 145177 éX");
    }
}
