//! Numbers of persons: telephones, hospital, insurance and national numbers. Numbers that measure stay.

use super::glued::{Digits, is_beside_names, is_glued_run};
use super::labels::{is_id_word, is_phone_word};
use super::scan::{Scan, Style};
use super::words::{LONGEST_WORD, lexicon};
use std::ops::Range;

/// What a number belongs to that is no person's: it stands before or within the word.
const PARAMETERS: &[&str] = &[
    "tr",
    "te",
    "ti",
    "fa",
    "b",
    "bval",
    "bvals",
    "bvalue",
    "bvalues",
    "fov",
    "bw",
    "tau",
    "venc",
    "matrix",
    "mtx",
    "nex",
    "flip",
    "echo",
    "res",
    "dyn",
    "vol",
    "vols",
    "kv",
    "kvp",
    "ma",
    "mas",
    "tsl",
    "td",
    "etl",
    "esp",
    "bandwidth",
    "slice",
    "slices",
    "sl",
    "frames",
    "frame",
    "counts",
    "iso",
    "voxel",
    "value",
    "values",
    "ratio",
    "win",
    "wl",
    "ww",
    "size",
    "rows",
    "version",
    "v",
    "nsa",
    "dose",
    "tes",
    "x",
    "freq",
    "hz",
    "delay",
    "isovue",
    "ultravist",
    "omnipaque",
    "nr_of",
    "es",
    "zip",
    "level",
    "window",
    "shim",
    "thk",
    "gap",
    "angle",
];

/// Units, which stand after a number.
const UNITS: &[&str] = &[
    "ms",
    "msec",
    "s",
    "sec",
    "secs",
    "us",
    "usec",
    "ns",
    "hz",
    "khz",
    "mhz",
    "px",
    "pixel",
    "pixels",
    "mm",
    "cm",
    "um",
    "m",
    "mbq",
    "gbq",
    "mci",
    "bq",
    "kbq",
    "mg",
    "ml",
    "mmol",
    "g",
    "kg",
    "t",
    "tesla",
    "deg",
    "degrees",
    "kv",
    "ma",
    "mas",
    "mgy",
    "ppm",
    "dir",
    "dirs",
    "directions",
    "frames",
    "frame",
    "slices",
    "vol",
    "vols",
    "volumes",
    "min",
    "mins",
    "x",
    "counts",
    "kcts",
    "hu",
    "rows",
    "columns",
    "mb",
    "kb",
    "bytes",
    "average",
    "averages",
    "μs",
    "μm",
];

/// Boxes at a post office.
const BOXES: &[&str] =
    &["postbus", "postfach", "apartado", "apdo", "pobox", "postboks", "postbox", "casella", "cedex", "boite"];

/// What announces a number that counts when it is long enough.
const NUMBER_WORDS: &[&str] = &[
    "nr",
    "no",
    "num",
    "numero",
    "number",
    "case",
    "nro",
    "nummer",
    "n",
    "sn",
    "serial",
    "serie",
    "seriennummer",
    "serialno",
    "licence",
    "license",
    "plate",
    "kennzeichen",
    "matricula",
    "badge",
    "employee",
    "personalnummer",
    "room",
    "zimmer",
    "gps",
    "lat",
    "lon",
    "latitude",
    "longitude",
];

/// Modalities and words for people before a number make an ID of it: `MR4711`, `PAT1234`.
const ID_PREFIXES: &[&str] =
    &["mr", "ct", "us", "nm", "pt", "pat", "patient", "id", "acc", "xr", "rx", "mg", "cr", "dx"];

/// Whether a word is for a box at a post office.
pub(super) fn is_box(word: &str) -> bool {
    BOXES.contains(&word)
}

/// Whether a word says that the number behind it is a person's or a visit's.
pub(super) fn announces_person(word: &str) -> bool {
    is_id_word(word)
        || matches!(word, "sub" | "subj" | "subject" | "patient" | "pat" | "proband" | "participant")
}

/// Whether the numbers from one run to another are of a measurement, by what stands before and after them.
pub(super) fn is_measure(scan: &Scan, first: usize, last: usize) -> bool {
    let after = scan.gap(last + 1);
    let unit = scan.letters(last + 1);
    let stands_alone =
        unit == "x" || scan.runs.get(last + 1).is_some_and(|_| scan.word_of(last + 1).end == last + 2);
    if stands_alone && matches!(after, "" | " " | "-" | "_") && UNITS.contains(&unit) {
        return true;
    }
    is_behind_parameter(scan, first)
}

/// Whether the name of a parameter stands before a number or the list that it is part of.
pub(super) fn is_behind_parameter(scan: &Scan, first: usize) -> bool {
    // Back over earlier members of a list: TE 4.92/7.38/9.84.
    let mut at = first;
    while at > 0 && first - at < 8 && scan.is_digits(at - 1) && scan.gap(at).len() <= 3 {
        at -= 1;
    }
    let gap = scan.gap(at);
    at > 0
        && gap.len() <= 3
        && gap.chars().all(|c| " =:-_.*@/~".contains(c))
        && PARAMETERS.contains(&scan.letters(at - 1))
}

/// Marks numbers and codes.
pub(super) fn mark(scan: &mut Scan) {
    let mut ids = Vec::new();
    let mut at = 0;
    while at < scan.runs.len() {
        if !scan.is_digits(at) || scan.is_gone(at) {
            at += 1;
            continue;
        }
        let chain = chain(scan, at);
        let start = chain.start;
        at = chain.end.max(at + 1);
        if chain.len() > 1 {
            // A longer chain may have a number of a person in it, from any member on.
            if let Some(range) =
                (chain.start..chain.end - 1).find_map(|from| person_number(scan, from..chain.end))
            {
                at = range.end;
                scan.take_runs(range.clone());
                // 140258-123A, 12.345.678-K: a letter that proves the number.
                let letter = scan.letters(at).len() == 1
                    && matches!(scan.gap(at), "" | "-")
                    && scan.word_of(at).end == at + 1
                    && scan.runs[at].style == Style::Upper;
                if letter {
                    scan.take(at);
                }
                ids.extend(range);
                for run in start..at {
                    single(scan, run, &mut ids);
                }
                continue;
            }
        }
        for run in chain {
            single(scan, run, &mut ids);
        }
    }
    for word in 0..scan.words.len() {
        if is_code(scan, scan.words[word].clone()) {
            let word = scan.words[word].clone();
            scan.take_runs(word.clone());
            ids.extend(word);
        }
    }
    for word in 0..scan.words.len() {
        if let Some(runs) = joined_code(scan, word).or_else(|| numbered_initials(scan, word)) {
            scan.take_runs(runs);
        }
    }
    announced(scan, &mut ids);
    labels(scan, &mut ids);
    for run in ids {
        spread(scan, run);
    }
}

/// What stands between the word for a document and its number.
const NUMBERS: &[&str] = &[
    "number",
    "numero",
    "numer",
    "nummer",
    "numara",
    "numarasi",
    "numarali",
    "szama",
    "cislo",
    "broj",
    "numri",
    "clinica",
    "clinico",
    "medica",
    "sanitaria",
    "болезни",
    "номер",
    "серия",
    "αριθμος",
];

/// How many groups of digits are looked at together; no telephone number has more.
const LONGEST_CHAIN: usize = 16;

/// Numbers that follow one another with the separators of telephone numbers.
pub(super) fn chain(scan: &Scan, at: usize) -> Range<usize> {
    let mut end = at + 1;
    while end < at + LONGEST_CHAIN && scan.is_digits(end) && !scan.is_gone(end) {
        let gap = scan.gap(end);
        if gap.is_empty() || gap.len() > 3 || !gap.chars().all(|c| " .-/()\u{a0}".contains(c)) {
            break;
        }
        end += 1;
    }
    at..end
}

/// The members of a chain that make up a telephone, social security or other number in groups.
fn person_number(scan: &Scan, chain: Range<usize>) -> Option<Range<usize>> {
    let first = chain.start;
    let lengths: Vec<usize> = chain.clone().map(|run| scan.runs[run].folded.len()).collect();
    let gaps: Vec<&str> = (first + 1..chain.end).map(|run| scan.gap(run).trim()).collect();
    let total: usize = lengths.iter().sum();
    let before = scan.gap(first);
    let announced = first > 0 && is_phone_word(scan.letters(first - 1)) && before.len() <= 4;
    let whole = first == 0
        || !scan.is_digits(first - 1)
        || scan.is_gone(first - 1)
        || !matches!(before, "." | "-" | "/" | " ");
    let international = before.ends_with('+') && total >= 8
        || scan.runs[first].folded.starts_with("00") && total >= 10 && lengths[0] >= 4;
    if whole && (international || announced && total >= 4) {
        return Some(up_to(chain, &lengths, 15));
    }
    if is_measure(scan, first, chain.end - 1) || !whole {
        return None;
    }
    // 1.3.12.2.1107.5: a UID or an address in a network.
    let dots = gaps.iter().take_while(|gap| **gap == ".").count() + 1;
    let dotted: usize = lengths[..dots].iter().sum();
    if scan.gap(first + 1) == "." && (dots >= 5 && dotted >= 9 || dots == 4 && dotted >= 8) {
        return Some(first..first + dots);
    }
    // With a zero in front: 01 45 67 89 10, 030/1234567.
    if scan.runs[first].folded.starts_with('0') && lengths[0] >= 2 && lengths[0] <= 6 {
        let range = up_to(chain.clone(), &lengths, 12);
        let digits: usize = lengths[..range.len()].iter().sum();
        if range.len() >= 2 && (9..=12).contains(&digits) {
            return Some(range);
        }
    }
    let begins = |groups: &[usize]| lengths.starts_with(groups);
    let joined = |count: usize, by: &str| gaps.iter().take(count).all(|gap| *gap == by);
    let round = |count: usize| (first..first + count).all(|run| scan.runs[run].folded.ends_with('0'));
    for (groups, by) in [
        (&[3, 2, 4][..], Some("-")),
        (&[1, 3, 3, 4], Some("-")),
        (&[1, 3, 3, 4], Some(".")),
        (&[1, 3, 3, 2, 2], Some("-")),
        (&[3, 4], Some("-")),
        (&[3, 3, 4], None),
        (&[3, 3, 3, 2], None),
        (&[3, 2, 2, 2], None),
        (&[2, 5, 4], None),
    ] {
        if begins(groups) && by.is_none_or(|by| joined(groups.len() - 1, by)) && !round(groups.len()) {
            return Some(first..first + groups.len());
        }
    }
    // 555 1234: of a size and a step, no matrix and no list of times is so odd.
    let number = |run: usize| scan.runs[run].number().unwrap_or(0);
    let odd = number(first) == 555
        || number(first) % 2 == 1
            && number(first) % 5 > 0
            && number(first + 1) % 2 + number(first + 1) % 5 > 1;
    if lengths == [3, 4] && odd && scan.gap(first + 1) == " " && chain.clone().all(|run| scan.is_word(run)) {
        return Some(chain);
    }
    // 123-45-67, 138 1234 5678: sizes are even, or end in five.
    let uneven = |count: usize| (first..first + count).any(|run| number(run) % 2 == 1 && number(run) % 5 > 0);
    for (groups, by) in [(&[3, 2, 2][..], "-"), (&[3, 4, 4, 2], ""), (&[3, 4, 4], "")] {
        let by = by.is_empty() || joined(groups.len() - 1, by);
        // A Chinese mobile telephone.
        let mobile = groups == [3, 4, 4] && (130..200).contains(&number(first)) && number(first + 1) % 8 > 0;
        if begins(groups) && by && (uneven(groups.len()) || mobile) {
            return Some(first..first + groups.len());
        }
    }
    // 603 112 556: no matrix, and no list of times.
    if lengths == [3, 3, 3] && joined(2, "") && chain.clone().all(|run| scan.is_word(run)) {
        let [a, b, c] = [first, first + 1, first + 2].map(number);
        let rises = a <= b && b <= c;
        let odd = [a, b, c].iter().any(|group| group % 2 == 1 && group % 5 > 0);
        if !rises && odd && a != b && b != c && a != c {
            return Some(chain);
        }
    }
    // 12.345.678-5, 1.020.345.678: points between thousands.
    let thousands = gaps.iter().take_while(|gap| **gap == ".").count();
    let grouped = lengths[0] <= 3 && lengths[1..=thousands].iter().all(|&length| length == 3);
    if thousands >= 2 && grouped && (first + 1..=first + thousands).any(|run| number(run) % 10 > 0) {
        return Some(first..first + thousands + 1);
    }
    // French social security numbers: 1 84 12 76 451 089 46.
    if begins(&[1, 2, 2, 2, 3, 3]) {
        let key = lengths.get(6) == Some(&2);
        return Some(first..first + 6 + usize::from(key));
    }
    // 8829-1204-33: no list of parameters falls and is not round.
    let rises = (first + 1..chain.end).all(|run| scan.runs[run].number() >= scan.runs[run - 1].number());
    let groups =
        lengths.iter().all(|length| (2..=8).contains(length)) && lengths.iter().any(|&length| length >= 4);
    if groups && total >= 9 && joined(gaps.len(), "-") && !rises && !round(lengths.len()) {
        return Some(chain);
    }
    // 2/3/2/2 and the like: long, in groups of two to four, and in no order.
    let even = lengths.iter().all(|length| (2..=4).contains(length));
    (total >= 9 && lengths.len() >= 4 && even && !rises && !round(lengths.len())).then_some(chain)
}

/// As many groups as make up a number of at most so many digits.
pub(super) fn up_to(chain: Range<usize>, lengths: &[usize], digits: usize) -> Range<usize> {
    let mut total = 0;
    let count = lengths.iter().take_while(|length| {
        total += **length;
        total <= digits
    });
    chain.start..chain.start + count.count().max(1)
}

/// A number by itself: long ones go, and with them what they are written together with.
fn single(scan: &mut Scan, run: usize, ids: &mut Vec<usize>) {
    if scan.is_gone(run) {
        return;
    }
    let word = scan.word_of(run);
    let length = scan.runs[run].folded.len();
    let fraction = run > 0
        && scan.gap(run) == "."
        && scan.is_digits(run - 1)
        && scan.runs[run - 1].folded.len() <= 3
        && length <= 8
        && !scan.gap(run - 1).ends_with('.')
        && !(scan.is_digits(run + 1) && scan.gap(run + 1) == ".");
    if length < 4 || fraction {
        return;
    }
    // No parameter is given in steps of one when it is above ten thousand.
    let round = length != 5 || scan.runs[run].folded.ends_with('0');
    let measure = round && is_measure(scan, run, run);
    let prefix = if word.start < run { scan.letters(run - 1) } else { "" };
    let style = if word.start < run { scan.runs[run - 1].style } else { Style::Lower };
    let long = length >= 6 || length == 5 && !measure;
    let coded = length == 4
        && !measure
        && run == word.start + 1
        && (ID_PREFIXES.contains(&prefix)
            || prefix.len() <= 3
                && style == Style::Upper
                && (prefix.len() == 1 || !lexicon().is_word(prefix)));
    // R2021b is MATLAB.
    if is_matlab(scan, run, prefix) {
        return;
    }
    // MK6240 is a tracer.
    let listed = || lexicon().is_word(&scan.text[scan.bytes_of(word.clone())].to_lowercase());
    if !(long || coded && !listed()) {
        return;
    }
    scan.take(run);
    ids.push(run);
    // Letters written together with it are of the number, unless they are a word of their own: 20190312T1w.
    let rest =
        |range: Range<usize>| -> String { scan.runs[range].iter().map(|run| run.folded.as_str()).collect() };
    let (before, after) = (rest(word.start..run), rest(run + 1..word.end));
    let is_own = |text: &str| {
        text.is_empty() || text.len() > 1 && lexicon().is_word(text) && !ID_PREFIXES.contains(&text)
    };
    if !is_own(&before) {
        scan.take_runs(word.start..run);
    }
    if !is_own(&after) {
        scan.take_runs(run + 1..word.end);
    }
}

/// `R2021b`
fn is_matlab(scan: &Scan, run: usize, prefix: &str) -> bool {
    let year = scan.runs[run].number().is_some_and(|year| (2006..2040).contains(&year));
    let half = scan.gap(run + 1).is_empty() && matches!(scan.letters(run + 1), "a" | "b");
    prefix == "r" && year && half && scan.word_of(run).len() == 3
}

/// `K7Q2X9B4`, `RSSMRA85T10A562S`: capitals and digits mixed, of which no vocabulary knows; hexadecimal of some length.
fn is_code(scan: &Scan, word: Range<usize>) -> bool {
    let text = &scan.text[scan.bytes_of(word.clone())];
    let digits: usize =
        scan.runs[word.clone()].iter().filter(|run| run.digits).map(|run| run.folded.len()).sum();
    if digits < 4 || text.len() < 7 || word.len() < 2 {
        return false;
    }
    let letters = || scan.runs[word.clone()].iter().filter(|run| !run.digits);
    let unknown = |folded: &str| {
        if folded.len() == 1 {
            !matches!(folded, "t" | "d" | "x" | "b" | "p" | "s")
        } else {
            !lexicon().is_word(folded)
        }
    };
    let hexadecimal =
        text.len() >= 10 && word.len() >= 6 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let unknown = |run: usize| {
        unknown(&scan.runs[run].folded) && !is_glued_run(scan, run) && !is_rest_of_name(scan, run)
    };
    let upper = letters().all(|run| run.style == Style::Upper);
    upper && word.clone().filter(|&run| !scan.runs[run].digits).any(unknown) || hexadecimal
}

/// Whether what is left of a run that a name was taken from belongs to the digits: the `B` of `PARKB1000`.
fn is_rest_of_name(scan: &Scan, run: usize) -> bool {
    let range = scan.runs[run].range.clone();
    let gone = |at: &usize| scan.gone[*at];
    let end = range.clone().rev().find(gone).map_or(range.start, |at| at + 1);
    range.clone().any(|at| scan.gone[at])
        && is_beside_names(&scan.text[end..range.end], Digits::beside(scan, run, &(end..range.end)))
}

/// `1EG4-TE5-MK73`: three words and more of capitals and digits each, of which no vocabulary knows any.
fn joined_code(scan: &Scan, word: usize) -> Option<Range<usize>> {
    let text = |word: usize| &scan.text[scan.bytes_of(scan.words[word].clone())];
    let mixed = |word: usize| {
        let text = text(word);
        (3..=5).contains(&text.len())
            && scan.words[word].len() >= 2
            && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            && !lexicon().is_word(&text.to_ascii_lowercase())
    };
    let count = (word..scan.words.len().min(word + LONGEST_CHAIN))
        .take_while(|&at| mixed(at) && (at == word || scan.gap(scan.words[at].start) == "-"))
        .count();
    let runs = scan.words[word].start..scan.words.get(word + count.max(1) - 1)?.end;
    let digits: usize =
        scan.runs[runs.clone()].iter().filter(|run| run.digits).map(|run| run.folded.len()).sum();
    (count >= 3 && digits >= 4).then_some(runs)
}

/// `03-0456-JDW`: numbers of a site and of somebody there, and what are no words but initials.
fn numbered_initials(scan: &Scan, word: usize) -> Option<Range<usize>> {
    let runs = scan.words[word].start..scan.words.get(word + 2)?.end;
    let &[site, subject, initials] = runs.clone().collect::<Vec<_>>().as_slice() else { return None };
    let number = |run: usize, least: usize| scan.is_digits(run) && scan.runs[run].folded.len() >= least;
    let letters = &scan.runs[initials];
    let joined = |run: usize| matches!(scan.gap(run), "-" | "_");
    (number(site, 2)
        && number(subject, 3)
        && letters.style == Style::Upper
        && (2..=3).contains(&letters.folded.len())
        && !lexicon().is_word(&letters.folded)
        && joined(subject)
        && joined(initials)
        && !joined(site)
        && !joined(initials + 1))
    .then_some(runs)
}

/// Numbers after words that announce them.
fn announced(scan: &mut Scan, ids: &mut Vec<usize>) {
    for at in 0..scan.runs.len() {
        let word = scan.letters(at);
        // PAT2 is of parallel imaging, `pat 4711` is somebody.
        let patient = word == "pat" && scan.is_word(at);
        let least = if is_id_word(word) || is_box(word) || patient {
            3
        } else if NUMBER_WORDS.contains(&word) {
            4
        } else {
            continue;
        };
        let gap = scan.gap(at + 1);
        if gap.len() > 4 || !gap.chars().all(|c| " :：#=._-°º№/".contains(c)) {
            continue;
        }
        // baby_HN_FOV180 is of head and neck.
        if word == "hn" && gap == "_" && PARAMETERS.contains(&scan.letters(at + 1)) {
            continue;
        }
        // The number, or a code of letters, digits and what joins them, short letters before it apart: B 77/40213.
        let mut start = at + 1;
        if !scan.is_digits(start) && scan.letters(start).len() <= 4 && scan.gap(start + 1) == " "
            || least == 3 && NUMBERS.contains(&scan.letters(start)) && scan.is_digits(start + 1)
        {
            start += 1;
        }
        let mut prefix = None;
        // B-QX 4471: two groups of letters before the digits.
        let short = |run: usize| {
            (1..=3).contains(&scan.letters(run).len())
                && scan.runs.get(run).is_some_and(|run| run.style == Style::Upper)
        };
        if short(start)
            && scan.gap(start + 1) == "-"
            && short(start + 1)
            && scan.gap(start + 2) == " "
            && scan.is_digits(start + 2)
        {
            prefix = Some(start..start + 2);
            start += 2;
        }
        let mut end = start + 1;
        while end < start + LONGEST_CHAIN
            && matches!(scan.gap(end), "" | "-" | "/" | ".")
            && end < scan.runs.len()
        {
            end += 1;
        }
        let is_id = is_id_word(word);
        if let Some(prefix) = prefix {
            scan.take_runs(prefix);
        }
        // A code ends in a digit, or in the word its last digits are in.
        let Some(last) = (start..end.min(scan.runs.len())).rev().find(|&run| scan.is_digits(run)) else {
            continue;
        };
        let digits: usize =
            scan.runs[start..=last].iter().filter(|run| run.digits).map(|run| run.folded.len()).sum();
        // паспорт 45 08 123456: groups that are long together.
        let grouped = (last + 1..last + 3).take_while(|&run| scan.gap(run) == " " && scan.is_digits(run));
        let together: usize = digits + grouped.map(|run| scan.runs[run].folded.len()).sum::<usize>();
        let long = digits >= least || is_id && digits > 0 && together >= 6;
        if long && !(last == start && is_measure(scan, start, start)) {
            let mut last = last;
            // SSN 123 45 6789: further groups.
            let mut digits = digits;
            while is_id
                && scan.gap(last + 1) == " "
                && scan.is_digits(last + 1)
                && scan.is_word(last + 1)
                && (2..=6).contains(&scan.runs[last + 1].folded.len())
                && digits + scan.runs[last + 1].folded.len() <= LONGEST_CHAIN
                && !is_measure(scan, last + 1, last + 1)
            {
                last += 1;
                digits += scan.runs[last].folded.len();
            }
            scan.take_runs(start..scan.word_of(last).end);
            ids.extend(start..=last);
        }
    }
}

/// The label of a subject of BIDS, if it has three characters with a digit among them: `sub-0412PT`.
fn labels(scan: &mut Scan, ids: &mut Vec<usize>) {
    for at in 0..scan.runs.len().saturating_sub(1) {
        let label = scan.word_of(at + 1);
        let is_label = scan.letters(at) == "sub" && scan.gap(at + 1) == "-" && label.start == at + 1;
        if is_label
            && scan.bytes_of(label.clone()).len() >= 3
            && label.clone().any(|run| scan.runs[run].digits)
        {
            scan.take_runs(label.clone());
            ids.extend(label);
        }
    }
}

/// What is joined to an ID by hyphen, slash or dot is part of it: `AB-98765`, `2019-123456/A`.
fn spread(scan: &mut Scan, run: usize) {
    for forward in [true, false] {
        let mut at = run;
        for _ in 0..4 {
            let next = if forward { at + 1 } else { at.wrapping_sub(1) };
            let gap = if forward { scan.gap(next) } else { scan.gap(at) };
            let Some(neighbour) = scan.runs.get(next) else { break };
            let code = neighbour.style == Style::Upper
                && neighbour.folded.len() <= 4
                && (!lexicon().is_known(&neighbour.folded) || neighbour.folded == "subj");
            if !matches!(gap, "-" | "/" | "." | "")
                || !(neighbour.digits || code)
                || !neighbour.digits && !forward && gap == "."
            {
                break;
            }
            if neighbour.digits && scan.word_of(next).len() > 1 {
                let word = &scan.text[scan.bytes_of(scan.word_of(next))];
                // Longer ones are no words, and each of their numbers asks.
                if word.len() <= LONGEST_WORD && lexicon().is_word(&word.to_lowercase()) {
                    break;
                }
            }
            scan.take_runs(next.min(at)..next.max(at) + 1);
            at = next;
        }
    }
}
