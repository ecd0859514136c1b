//! What identifies a stranger whatever stands around it: for texts that are kept, where words of vendors must stay.
//!
//! Mail and web addresses, telephone numbers, names behind titles, announced days of birth and labelled numbers of
//! persons go. An unknown word alone says nothing here.

use super::labels::{is_id_word, is_phone_word};
use super::names::{mark_neighbours, mark_strong_titles};
use super::numbers::{chain, is_measure, up_to};
use super::scan::{Scan, Style};
use super::{dates, places, tidy};
use std::ops::Range;

/// Labels of numbers that vendors have other numbers behind: only long ones are of somebody.
const WEAK_LABELS: &[&str] = &[
    "id",
    "ids",
    "pid",
    "folder",
    "policy",
    "member",
    "claim",
    "invoice",
    "ticket",
    "fall",
    "chart",
    "pass",
    "hospital",
    "insurance",
    "history",
    "encounter",
    "visum",
    "carteira",
    "journal",
    "episodio",
    "tessera",
    "sejour",
    "patient",
    "pat",
    "subject",
    "abha",
    "chi",
    "curp",
    "acc",
];

/// How many digits such a number has at least.
const LONG: usize = 6;

/// The text without what is a strong pattern, and how many stretches went.
pub(super) fn without(text: &str) -> (String, usize) {
    let mut scan = Scan::new(text);
    mark_contacts(&mut scan);
    mark_births(&mut scan);
    mark_telephones(&mut scan);
    mark_labelled(&mut scan);
    mark_strong_titles(&mut scan);
    if scan.gone.contains(&true) {
        mark_neighbours(&mut scan);
    }
    tidy::without(text, &scan.gone)
}

/// Addresses of mail and the web. `64MHz@1.5T` is none: what is behind the sign ends in no domain.
fn mark_contacts(scan: &mut Scan) {
    places::mark_contacts(scan);
    let text = scan.text;
    if text.contains("://") || text.contains("www.") {
        return;
    }
    for (at, _) in text.match_indices('@') {
        let local = |c: char| c.is_alphanumeric() || "._%+-".contains(c);
        let domain = |c: char| c.is_alphanumeric() || ".-".contains(c);
        let start = text[..at].trim_end_matches(local).len();
        let end = text.len() - text[at + 1..].trim_start_matches(domain).len();
        let host = text[at + 1..end].trim_end_matches(['.', '-']);
        let is_host = host
            .rsplit_once('.')
            .is_some_and(|(_, last)| last.chars().count() >= 2 && last.chars().all(char::is_alphabetic));
        if !is_host {
            scan.gone[start..end].fill(false);
        }
    }
}

/// Days and years behind words for birth; two figures alone may be anything.
fn mark_births(scan: &mut Scan) {
    const FEWEST: usize = 3;
    let before = scan.gone.clone();
    dates::mark_births(scan);
    let new = scan.gone.iter().zip(&before).zip(scan.text.bytes());
    let told = new.filter(|((gone, before), byte)| **gone && !**before && byte.is_ascii_alphanumeric());
    if told.count() < FEWEST {
        scan.gone = before;
    }
}

fn mark_telephones(scan: &mut Scan) {
    let mut at = 0;
    while at < scan.runs.len() {
        let chain = if scan.is_digits(at) && !scan.is_gone(at) { chain(scan, at) } else { at..at + 1 };
        if scan.is_digits(at)
            && !scan.is_gone(at)
            && let Some(number) = telephone(scan, chain.clone())
        {
            let word = number.start.checked_sub(1).filter(|&word| is_phone_word(scan.letters(word)));
            scan.take_runs(word.unwrap_or(number.start)..number.end);
        }
        at = chain.end.max(at + 1);
    }
}

/// `0176 23456789`, `+41 31 632 21 11`, `617-555-0123`, and what a word announces: `tel 4451`.
fn telephone(scan: &Scan, chain: Range<usize>) -> Option<Range<usize>> {
    let first = chain.start;
    let lengths: Vec<usize> = chain.clone().map(|run| scan.runs[run].folded.len()).collect();
    let total: usize = lengths.iter().sum();
    let before = scan.gap(first);
    let leading = scan.runs[first].folded.as_str();
    // Letters and points before it: a part of something else, of a fraction or a UID.
    let apart = scan.word_of(first).start == first
        && !(first > 0 && scan.is_digits(first - 1))
        && scan.word_of(chain.end - 1).end == chain.end;
    if !apart {
        return None;
    }
    let sign = |c: char| " .:-#°/_=()+".contains(c);
    let announced = first > 0
        && is_phone_word(scan.letters(first - 1))
        && before.chars().count() <= 4
        && before.chars().all(sign)
        && scan.is_word(first - 1);
    if announced && total >= 4 && !is_measure(scan, first, chain.end - 1) {
        return Some(up_to(chain, &lengths, 15));
    }
    // Components of a UID, and versions.
    let dots = (first + 1..chain.end).filter(|&run| scan.gap(run) == ".").count();
    if dots >= 3 && !leading.starts_with('0') || is_measure(scan, first, chain.end - 1) {
        return None;
    }
    let values: Vec<u64> =
        chain.clone().map(|run| scan.runs[run].folded.parse().unwrap_or(u64::MAX)).collect();
    if values.iter().all(|value| *value == 0) {
        return None;
    }
    if before.ends_with('+') && (8..=15).contains(&total) && (chain.len() > 1 || total >= 10) {
        return Some(chain);
    }
    // A list of channels rises: 01 02 03 04 05.
    let rises = values.windows(2).all(|pair| pair[0] < pair[1]) && lengths.iter().all(|length| *length <= 2);
    let area =
        leading.starts_with('0') && (2..=6).contains(&lengths[0]) && !leading.trim_matches('0').is_empty();
    if area && chain.len() >= 2 && (9..=13).contains(&total) && !rises && lengths[1..].iter().any(|l| *l > 1)
    {
        return Some(chain);
    }
    if chain.len() == 1 && leading.starts_with('0') && !leading.starts_with("00") {
        return (10..=12).contains(&total).then_some(chain);
    }
    let gaps: Vec<&str> = (first + 1..chain.end).map(|run| scan.gap(run)).collect();
    let hyphened = gaps.iter().all(|gap| *gap == "-");
    let round = chain.clone().all(|run| scan.runs[run].folded.ends_with('0'));
    let bracketed = before.ends_with('(') && gaps.first().is_some_and(|gap| gap.starts_with(')'));
    ((lengths == [3, 3, 4] && (hyphened || bracketed) || lengths == [3, 2, 4] && hyphened) && !round)
        .then_some(chain)
}

/// `MRN 4711`, `Patient ID: 0815-42`: the number behind a label, and what is joined to it.
fn mark_labelled(scan: &mut Scan) {
    for at in 0..scan.runs.len() {
        let label = scan.letters(at);
        let weak = WEAK_LABELS.contains(&label) || label.chars().count() < 3;
        if !scan.is_word(at) || !(is_id_word(label) || WEAK_LABELS.contains(&label)) {
            continue;
        }
        let near = |run: usize| {
            let gap = scan.gap(run);
            !gap.is_empty() && gap.len() <= 4 && gap.chars().all(|c| " :：#=.-_°º№/".contains(c))
        };
        let mut start = at + 1;
        if matches!(scan.letters(start), "no" | "nr" | "num" | "number" | "nummer" | "numero" | "id")
            && near(start)
        {
            start += 1;
        }
        if start >= scan.runs.len() || !near(start) {
            continue;
        }
        let mut end = start + 1;
        while end < scan.runs.len() && end < start + 8 && matches!(scan.gap(end), "" | "-" | "/") {
            end += 1;
        }
        let Some(last) = (start..end).rev().find(|&run| scan.is_digits(run)) else { continue };
        let digits: usize =
            scan.runs[start..=last].iter().filter(|run| run.digits).map(|run| run.folded.len()).sum();
        let code = scan.runs[start].digits || scan.runs[start].style == Style::Upper;
        if digits >= if weak { LONG } else { 3 } && code && !is_measure(scan, start, last) {
            scan.take_runs(at..scan.word_of(last).end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn strong_patterns_go_from_texts_that_are_kept() {
        for (text, left) in [
            ("Dr. Okonkwo, born 12.3.1962, tel 0176 23456789, okonkwo@web.de", "born"),
            ("T1 sag (Frau Dr. Anna Okonkwo)", "T1 sag"),
            ("Prof. Weber HeadNeck_20", "HeadNeck_20"),
            ("HEAD DR OKONKWO", "HEAD"),
            ("HEAD_DR_OKONKWO", "HEAD"),
            ("MRT Kopf Dr. Okonkwo", "MRT Kopf"),
            ("Mr Okonkwo", ""),
            ("Ms. Okonkwo", ""),
            ("layer okonkwo@web.de", "layer"),
            ("see http://okonkwo.example/x", "see"),
            ("fl3d +41 31 632 21 11", "fl3d"),
            ("fl3d 617-555-0123", "fl3d"),
            ("fl3d (617) 555-0123", "fl3d"),
            ("fl3d 01 45 67 89 10", "fl3d"),
            ("fl3d Tel.: 4451", "fl3d"),
            ("MRN 4711 head", "head"),
            ("MRN: AB-47113 head", "head"),
            ("Patient ID: 0815423", ""),
            ("dob 1962", "dob"),
        ] {
            assert_eq!(without(text).0, left, "{text}");
        }
    }

    #[test]
    fn terms_of_vendors_stay() {
        for text in [
            "*tfl3d1_16ns",
            "%SiemensSeq%_ep2d_diff",
            "HeadNeck_20_TCS",
            "HE1-4;NE1,2;SP1-3",
            "C:01-02-03-04-05",
            "syngo MR XA20",
            "MR Sequence",
            "MS. Body",
            "TE 30 ms. Body",
            "64MHz@1.5T",
            "SENSE@2",
            "GB 12",
            "NE 12",
            "ID 12",
            "PID 1024",
            "1.2.840.10008.5.1.4.1.1.4",
            "0.0123456789",
            "00 00 00 00 00",
            "DR DETECTOR",
            "CXDI DR",
            "5.7.1.0 5.7.1.2",
            "Pan Zoom",
            "M.Sc",
            "Ultravist 370 mg/ml",
            "b 0 500 1000 2000",
            "DIFFUSION_DR 6",
            "Q-Body-Coil",
            "Gradient Echo",
            "Signal Kramer",
            "WINDOW1 40-400-1500",
        ] {
            assert_eq!(without(text), (text.to_owned(), 0), "{text}");
        }
    }
}
