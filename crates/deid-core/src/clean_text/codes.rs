//! Numbers and codes of persons, houses and machines by their shape: bank accounts, national numbers, postcodes,
//! addresses in a network.

use super::numbers::is_measure;
use super::scan::{Scan, Style};
use super::words::lexicon;
use std::ops::Range;

/// Endings of the names of hosts. Those that are words are left out, since blanks after a full stop are forgotten.
const DOMAINS: &[&str] = &[
    "com", "org", "net", "edu", "gov", "mil", "int", "info", "health", "hospital", "clinic", "uk", "de",
    "fr", "ch", "nl", "eu", "se", "dk", "fi", "pl", "cz", "pt", "br", "jp", "cn", "kr", "au", "nz", "ca",
    "ru", "gr", "ie", "hu", "ro", "es", "tr", "il", "mx", "za", "local", "intern", "internal", "lan",
];

/// Marks what is an identifier by its shape.
pub(super) fn mark(scan: &mut Scan) {
    mark_addresses_of_machines(scan);
    mark_hosts(scan);
    // A number that begins within another ends where that does.
    let mut account_end = 0;
    for word in 0..scan.words.len() {
        let account = if word < account_end { None } else { account(scan, word) };
        account_end = account.as_ref().map_or(account_end, |words| words.end);
        let found = account.or_else(|| letters_and_digits(scan, word)).or_else(|| postcode(scan, word));
        if let Some(words) = found {
            let runs = scan.words[words.start].start..scan.words[words.end - 1].end;
            scan.take_runs(runs);
        }
    }
    for at in 0..scan.runs.len() {
        if let Some(runs) = groups_of_four(scan, at) {
            scan.take_runs(runs);
        }
    }
}

/// Addresses of network cards (`00:1b:44:11:3a:b7`), IPv4 and IPv6.
fn mark_addresses_of_machines(scan: &mut Scan) {
    let text = scan.text;
    let is_part = |c: char| c.is_ascii_hexdigit() || matches!(c, ':' | '-' | '.');
    let mut at = 0;
    while let Some(start) = text[at..].find(is_part).map(|found| at + found) {
        let length = text[start..].find(|c: char| !is_part(c)).unwrap_or(text.len() - start);
        at = start + length;
        let alone = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        if alone(text[..start].chars().next_back())
            && alone(text[at..].chars().next())
            && is_machine(text[start..at].trim_end_matches(['.', ':', '-']))
        {
            scan.take_bytes(start..at);
        }
    }
}

fn is_machine(text: &str) -> bool {
    let digits =
        |part: &str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let grouped = |separator: char, groups: usize, length: usize| {
        let mut parts = text.split(separator);
        parts.clone().count() == groups && parts.all(|part| digits(part, length))
    };
    // Six numbers of two digits with hyphens may be a date with its time; colons and letters are no date.
    let card = grouped(':', 6, 2)
        || grouped('-', 6, 2) && text.bytes().any(|byte| byte.is_ascii_alphabetic())
        || grouped('.', 3, 4) && text.bytes().any(|byte| byte.is_ascii_alphabetic());
    // 10.1.2.3:104
    let text = match text.split_once(':') {
        Some((host, port))
            if host.contains('.')
                && (1..=5).contains(&port.len())
                && port.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            host
        }
        _ => text,
    };
    let octet = |part: &str| part.len() <= 3 && part.parse::<u16>().is_ok_and(|octet| octet < 256);
    let first = text.split('.').next().and_then(|first| first.parse::<u16>().ok());
    let four =
        text.split('.').count() == 4 && text.split('.').all(octet) && first.is_some_and(|first| first >= 10);
    let six = !text.contains(['.', '-'])
        && text.len() >= 8
        && (text.split(':').count() == 8 || text.contains("::") && text.split(':').count() >= 4)
        && text.split(':').all(|part| part.len() <= 4);
    card || four || six
}

/// Labels joined by points and hyphens: where they begin, and what the name of a host is known by.
#[derive(Clone, Copy, Default)]
struct Labels {
    start: usize,
    points: usize,
    /// The length of the longest before the last.
    longest: usize,
}

/// Names of hosts without a protocol: `pacs.example.org/study`.
fn mark_hosts(scan: &mut Scan) {
    let mut labels = Labels::default();
    // To where all is taken, and where the path of the last host ends.
    let (mut taken, mut path_end) = (0, 0);
    for at in 1..scan.runs.len() {
        if matches!(scan.gap(at), "." | "-" | "") {
            labels.longest = labels.longest.max(scan.runs[at - 1].folded.len());
            labels.points += usize::from(scan.gap(at) == ".");
        } else {
            labels = Labels { start: at, ..Labels::default() };
        }
        if scan.gap(at) != "." || !DOMAINS.contains(&scan.letters(at)) || scan.gap(at + 1).starts_with('.') {
            continue;
        }
        let generic = scan.letters(at).len() > 2;
        let path = scan.gap(at + 1).starts_with(['/', ':']);
        if labels.longest >= 3 && (labels.points >= 2 || generic || path) && !scan.is_digits(at - 1) {
            let end = scan.runs[at].range.end;
            if path && path_end < end {
                let rest = scan.text[end..].find(|c: char| c.is_whitespace() || ",;\"<>".contains(c));
                path_end = rest.map_or(scan.text.len(), |rest| end + rest);
            }
            let to = if path { path_end } else { end };
            scan.take_bytes(scan.runs[labels.start].range.start.max(taken).min(to)..to);
            taken = taken.max(to);
        }
    }
}

/// Whether a word is made so: `L` a letter, `9` a digit.
fn is_shaped(scan: &Scan, word: usize, shape: &str) -> bool {
    let text = &scan.text[scan.bytes_of(scan.words[word].clone())];
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, shape)| match shape {
            b'L' => byte.is_ascii_uppercase(),
            b'A' => byte.is_ascii_alphabetic(),
            _ => byte.is_ascii_digit(),
        })
}

fn word_text<'a>(scan: &Scan<'a>, word: usize) -> &'a str {
    &scan.text[scan.bytes_of(scan.words[word].clone())]
}

/// What stands before a word.
fn gap<'a>(scan: &Scan<'a>, word: usize) -> &'a str {
    scan.words.get(word).map_or("", |runs| scan.gap(runs.start))
}

/// A number of a bank account (ISO 13616): a country, two digits, and groups of four; `QQ 12 34 56 C`.
fn account(scan: &Scan, word: usize) -> Option<Range<usize>> {
    let text = word_text(scan, word);
    let bytes = text.as_bytes();
    let country = bytes.len() >= 4
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && bytes.iter().all(u8::is_ascii_alphanumeric);
    let digits = |words: Range<usize>| -> usize {
        words.map(|word| word_text(scan, word).bytes().filter(u8::is_ascii_digit).count()).sum()
    };
    if country && bytes.len() >= 15 && digits(word..word + 1) >= 10 {
        return Some(word..word + 1);
    }
    if country && bytes.len() == 4 {
        let mut end = word + 1;
        while end < scan.words.len() && matches!(gap(scan, end), " " | "-") {
            let group = word_text(scan, end);
            let upper = group.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
            if !upper || group.len() > 4 || group.len() < 4 && digits(end..end + 1) == 0 {
                break;
            }
            end += 1;
            if group.len() < 4 {
                break;
            }
        }
        if end >= word + 4 && digits(word..end) >= 10 {
            return Some(word..end);
        }
    }
    let insurance = is_shaped(scan, word, "LL")
        && (1..4).all(|next| {
            word + next < scan.words.len()
                && gap(scan, word + next) == " "
                && is_shaped(scan, word + next, "99")
        })
        && word + 4 < scan.words.len()
        && is_shaped(scan, word + 4, "L");
    insurance.then_some(word..word + 5)
}

/// Codes of letters and digits in a fixed order, in either case: Italian, Spanish, British and Indian ones.
fn letters_and_digits(scan: &Scan, word: usize) -> Option<Range<usize>> {
    ["AAAAAA99A99A999A", "99999999A", "A9999999A", "AA999999A", "AAAAA9999A"]
        .iter()
        .any(|shape| is_shaped(scan, word, shape))
        .then_some(word..word + 1)
}

/// Canadian (`K1A 0B1`) and Dutch (`1012 AB`) postcodes, and the town behind them.
fn postcode(scan: &Scan, word: usize) -> Option<Range<usize>> {
    let next = word + 1;
    let follows = next < scan.words.len() && gap(scan, next) == " ";
    let end = if is_shaped(scan, word, "L9L9L9") && !is_known(scan, word..word + 1) {
        next
    } else if follows && is_shaped(scan, word, "L9L") && is_shaped(scan, next, "9L9") {
        next + 1
    } else {
        let together = is_shaped(scan, word, "9999LL");
        let apart = follows && is_shaped(scan, word, "9999") && is_shaped(scan, next, "LL");
        if !together && !apart || gap(scan, word).ends_with(['_', '-', '=', '.']) {
            return None;
        }
        let text = word_text(scan, word);
        let letters = if apart { word_text(scan, next) } else { &text[4..] };
        let end = if apart { next + 1 } else { next };
        let town = is_town(scan, end);
        let round = text[..4].ends_with("00") || text[..4].ends_with("50");
        let announced =
            scan.words[word].start > 0 && super::numbers::is_box(scan.letters(scan.words[word].start - 1));
        let measures = is_measure(scan, scan.words[word].start, scan.words[word].start);
        let unknown = !lexicon().is_word(&letters.to_lowercase());
        if text.starts_with('0') || !town && !announced && (round || measures || !unknown) {
            return None;
        }
        end
    };
    let town = is_town(scan, end);
    Some(word..end + usize::from(town))
}

/// Whether a word may be the town behind a postcode.
pub(super) fn is_town(scan: &Scan, word: usize) -> bool {
    scan.words.get(word).is_some_and(|runs| {
        let run = &scan.runs[runs.start];
        run.style == Style::Title
            && run.folded.len() > 2
            && !lexicon().is_trade(&run.folded)
            && !lexicon().is_everyday(&run.folded)
            && scan.gap(runs.start).len() <= 2
    })
}

/// Marks the postcode before a town that is gone: `1011 Lausanne`, `00-950 Warszawa`, `114 55 Stockholm`.
pub(super) fn mark_before_towns(scan: &mut Scan) {
    for town in 1..scan.runs.len() {
        let before = town - 1;
        if !scan.is_gone_name(town)
            || scan.runs[town].style != Style::Title
            || scan.runs[town].folded.chars().count() < 4
            || scan.gap(town) != " "
            || !scan.is_digits(before)
            || scan.is_gone(before)
            || scan.word_of(before).end != town
        {
            continue;
        }
        let length = |run: usize| scan.runs[run].folded.len();
        let pair = before > 0 && scan.is_digits(before - 1) && scan.is_word(before - 1);
        let lengths = if pair { length(before - 1) } else { 0 };
        let joint = scan.gap(before);
        let start = match (lengths, length(before)) {
            (2 | 4 | 5, 3) if joint == "-" => before - 1,
            (3, 2) if joint == " " => before - 1,
            (_, 4) if scan.is_word(before) && !is_measure(scan, before, before) => before,
            _ => continue,
        };
        let round = scan.runs[start].folded.ends_with("00") && start == before;
        if !round {
            scan.take_runs(start..before + 1);
        }
    }
}

fn is_known(scan: &Scan, words: Range<usize>) -> bool {
    words.into_iter().all(|word| lexicon().is_word(&word_text(scan, word).to_lowercase()))
}

/// Three groups of four digits and more, as on cards; a list of parameters rises in even steps.
fn groups_of_four(scan: &Scan, at: usize) -> Option<Range<usize>> {
    let four = |run: usize| scan.is_digits(run) && scan.runs[run].folded.len() == 4 && scan.is_word(run);
    if !four(at) || at > 0 && four(at - 1) && scan.gap(at) == scan.gap(at + 1) {
        return None;
    }
    let mut end = at + 1;
    while four(end) && matches!(scan.gap(end), " " | "-" | ".") && scan.gap(end) == scan.gap(at + 1) {
        end += 1;
    }
    let number = |run: usize| scan.runs[run].number().unwrap_or_default();
    let rises = (at + 1..end).all(|run| number(run) > number(run - 1));
    let even = (at..end).all(|run| number(run).is_multiple_of(if rises { 5 } else { 50 }));
    (end - at >= 3 && !even && !is_measure(scan, at, end - 1)).then_some(at..end)
}

#[cfg(test)]
mod tests {
    use crate::clean_text::{Rewriter, clean};
    use crate::identifiers::{Identifiers, Searcher};

    fn cleaned(text: &str) -> String {
        clean(text, &Searcher::new(&Identifiers::default()), &Rewriter::default()).text
    }

    #[test]
    fn codes_of_persons_go() {
        for text in [
            "2345 6789 0123",
            "9123-4567-8901",
            "4821 3764 9917 2203",
            "DE89 3704 0044 0532 0130 00",
            "GB29 NWBK 6016 1331 9268 19",
            "DE89370400440532013000",
            "QQ 12 34 56 C",
            "rssmra85t10a562s",
            "RSSMRA58T44H501X",
            "48213764K",
            "03-0456-JDW",
            "X1234567L",
            "1012 AB Amsterdam",
            "2300 RC Leiden",
            "K1A 0B1",
            "1011 Lausanne",
            "00-950 Warszawa",
            "114 55 Stockholm",
            "00:1b:44:11:3a:b7",
            "00-1B-44-11-3A-B7",
            "001b.4411.3ab7",
            "10.24.3.117",
            "192.168.1.4",
            "fe80::1ff:fe23:4567:890a",
            "2001:db8:0:0:0:8a2e:370:7334",
            "pacs.stmary.nhs.uk",
            "radiology-example.org/study/12",
        ] {
            assert_eq!(cleaned(&format!("T1 {text}")), "T1", "{text}");
        }
    }

    #[test]
    fn parameters_stay() {
        for text in [
            "b 1000 2000 3000",
            "TI 1800 1900 2000",
            "dir AP 1000 PA",
            "1500 MS",
            "v1.5.0.2",
            "10:30:45",
            "no contrast.no lesion",
            "T1W 3D",
        ] {
            assert_eq!(cleaned(text), text, "{text}");
        }
    }
}
