//! BidsGuess of dcm2niix: the folder and the end of a name in BIDS. What it calls the acquisition it takes from the names of
//! the sequence and of the series, which stand in the same sidecar.

use crate::Judge;

/// Keys of which dcm2niix makes the name of the acquisition.
pub(super) const MADE_OF: [&str; 8] = [
    "SequenceVariant",
    "ScanningSequence",
    "SequenceName",
    "PulseSequenceName",
    "InternalPulseSequenceName",
    "PulseSequenceDetails",
    "SeriesDescription",
    "ProtocolName",
];
const LABEL: &str = "_acq-";

/// What stays of a guess; `names` are what stays of the names of the sequence.
pub(super) fn judged(guess: &str, names: &[String], judge: &dyn Judge) -> String {
    let Some((before, rest)) = guess.split_once(LABEL) else { return judge.text(guess) };
    let (label, behind) = rest.split_at(rest.find('_').unwrap_or(rest.len()));
    if !before.is_empty() || !is_made_of(label, names) || judge.identifies(label.as_bytes()) {
        return judge.text(guess);
    }
    let mut kept = format!("{LABEL}{label}");
    for part in behind.split('_').filter(|part| !part.is_empty()) {
        let part = if is_counted(part) { part.to_owned() } else { judge.text(part) };
        if !part.is_empty() {
            kept.push('_');
            kept.push_str(&part);
        }
    }
    kept
}

/// Whether a part of a name is the number of a series or of an echo.
fn is_counted(part: &str) -> bool {
    const DIGITS: std::ops::RangeInclusive<usize> = 1..=5;
    let number = part.strip_prefix("run-").or_else(|| part.strip_prefix("echo-"));
    number.is_some_and(|number| {
        DIGITS.contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Whether a label is made of the beginnings of names, with the factors of acceleration behind them: `SKGRFEEPIp2`.
fn is_made_of(label: &str, names: &[String]) -> bool {
    const SHORTEST: usize = 2;
    let parts: Vec<String> = names
        .iter()
        .flat_map(|name| name.split(|c: char| !c.is_ascii_alphanumeric()))
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect();
    let common = |rest: &str, part: &str| {
        rest.bytes().zip(part.bytes()).take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count()
    };
    let mut rest = label;
    while !rest.is_empty() {
        let whole = |part: &&String| common(rest, part) == part.len();
        let longest = parts.iter().map(|part| common(rest, part)).max().unwrap_or(0);
        if longest < SHORTEST && !parts.iter().any(|part| whole(&part)) {
            break;
        }
        rest = &rest[longest..];
    }
    let factor = |c: char| matches!(c, 'p' | 'm') || c.is_ascii_digit();
    label.is_ascii() && rest.chars().all(factor) && rest.chars().filter(char::is_ascii_digit).count() <= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_made_of_names_of_the_sequence() {
        let names = ["SK", "GR", "FEEPI", "*epfid2d1_64", "B0rf"].map(str::to_owned);
        for label in ["", "SKGRFEEPI", "SKGRFEEPIp23", "epfid2", "epfid2p2m3", "B0p2"] {
            assert!(is_made_of(label, &names), "{label}");
        }
        for label in ["Smith", "SKSmith", "epfid2Jones", "p12345"] {
            assert!(!is_made_of(label, &names), "{label}");
        }
    }
}
