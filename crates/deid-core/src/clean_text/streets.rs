//! Addresses as they are written beyond French, English and German (`Bağdat Caddesi No 45`, `ул. Гагарина, д. 12, кв. 5`,
//! `bytem Polní 8`), and the numbers that stay behind where a street goes.

use super::scan::{Scan, Style};
use super::words::{is_ideographic, lexicon};
use std::ops::Range;
use std::sync::OnceLock;

/// The lists of `data/street-words.txt`.
#[derive(Default)]
struct Words {
    /// Words for a street before its name, which are nothing else.
    before: Vec<&'static str>,
    /// Shortened words for a street before its name: with a point or a slash behind them.
    shortened: Vec<&'static str>,
    /// Words for a street after its name, with a number behind them.
    after: Vec<&'static str>,
    /// Those of them that tell a street without its number.
    after_alone: Vec<&'static str>,
    /// Endings of names of streets, beside those of `places`.
    endings: Vec<&'static str>,
    /// What a street is named after behind `Am`, `An der`, `Zum`.
    nouns: Vec<&'static str>,
    /// What says that somebody lives somewhere.
    lives: Vec<&'static str>,
    /// What announces an address; a colon or a number must be there too.
    addresses: Vec<&'static str>,
    /// Little words in such places.
    little: Vec<&'static str>,
    /// What stands before the number of a house.
    before_number: Vec<&'static str>,
    /// Parts of a house: their numbers go with a street.
    flats: Vec<&'static str>,
    /// English words for a street that are others too.
    english: Vec<&'static str>,
}

fn words() -> &'static Words {
    static WORDS: OnceLock<Words> = OnceLock::new();
    WORDS.get_or_init(|| {
        let mut words = Words::default();
        for section in include_str!("../../data/street-words.txt").split("\n[").skip(1) {
            let (name, listed) = section.split_once(']').unwrap_or_default();
            let list = match name {
                "before" => &mut words.before,
                "shortened" => &mut words.shortened,
                "after" => &mut words.after,
                "after_alone" => &mut words.after_alone,
                "endings" => &mut words.endings,
                "nouns" => &mut words.nouns,
                "lives" => &mut words.lives,
                "addresses" => &mut words.addresses,
                "little" => &mut words.little,
                "before_number" => &mut words.before_number,
                "flats" => &mut words.flats,
                "english" => &mut words.english,
                _ => continue,
            };
            let lines = listed.lines().filter(|line| !line.starts_with('#'));
            list.extend(lines.flat_map(str::split_whitespace));
        }
        words
    })
}

/// How many words a name of a street has.
const WORDS: usize = 4;

/// Marks addresses that words tell.
pub(super) fn mark(scan: &mut Scan) {
    for at in 0..scan.runs.len() {
        if scan.runs[at].digits || scan.is_gone(at) {
            continue;
        }
        let found = before(scan, at)
            .or_else(|| after(scan, at))
            .or_else(|| ending(scan, at))
            .or_else(|| prepositional(scan, at))
            .or_else(|| home(scan, at))
            .or_else(|| numbered_street(scan, at))
            .or_else(|| english(scan, at));
        if let Some(runs) = found {
            scan.take_runs(runs);
        }
    }
}

fn is_title(scan: &Scan, run: usize) -> bool {
    scan.runs.get(run).is_some_and(|run| run.style == Style::Title)
}

/// Whether a word is written as names are, and is none of the trade.
fn is_named(scan: &Scan, run: usize) -> bool {
    is_title(scan, run) && !lexicon().is_trade(scan.letters(run))
}

/// Where the number of a house ends that stands at a run, its letter and what it is joined to included.
fn house(scan: &Scan, at: usize) -> Option<usize> {
    let near = |gap: &str| gap.len() <= 4 && gap.chars().all(|c| " ,.:nº°№".contains(c));
    if !near(scan.gap(at)) {
        return None;
    }
    let mut at = at;
    if words().before_number.contains(&scan.letters(at)) {
        at += 1;
        if !near(scan.gap(at)) {
            return None;
        }
    }
    let number = |run: usize| scan.is_digits(run) && scan.runs[run].folded.len() <= 4;
    if !number(at) || scan.word_of(at).start != at || scan.word_of(at).len() > 2 {
        return None;
    }
    let mut end = scan.word_of(at).end;
    if end == at + 2 && scan.letters(at + 1).chars().count() > 1 {
        return None;
    }
    while matches!(scan.gap(end), "/" | "-") && number(end) {
        end = scan.word_of(end).end;
    }
    let letter = scan.letters(end).chars().count() == 1 && scan.gap(end) == " " && scan.is_word(end);
    Some(end + usize::from(letter && scan.runs[end].style == Style::Upper && scan.runs.len() == end + 1))
}

/// `ул. Ленина, д. 12`, `Estrada de Benfica 12`, `C/ Goya, 25`.
fn before(scan: &Scan, at: usize) -> Option<Range<usize>> {
    let word = scan.letters(at);
    let behind = scan.gap(at + 1);
    let shortened = words().shortened.contains(&word) && matches!(behind, "." | ". " | "/" | "/ ");
    let is_street = shortened || words().before.contains(&word) && matches!(behind, " " | ". " | ".");
    // V.le Monza, C.so Vittorio, P.zza Duomo.
    let italian = behind == "."
        && matches!(
            (word, scan.letters(at + 1)),
            ("v", "le") | ("c", "so") | ("p", "zza" | "za" | "le") | ("l", "go" | "re" | "ta")
        );
    // пр-т Победы.
    let hyphened = word == "пр" && behind == "-" && scan.letters(at + 1) == "т";
    if !(is_street || italian || hyphened) || !scan.is_word(at) {
        return None;
    }
    let mut end = at + 1 + usize::from(italian || hyphened);
    let first = end;
    let mut named = false;
    while end < first + WORDS && matches!(scan.gap(end), " " | ". " | "." | "/" | "/ " | "-" | "'" | "’") {
        let capital = scan.runs.get(end).is_some_and(super::scan::Run::is_capitalised);
        if !capital && !words().little.contains(&scan.letters(end)) {
            break;
        }
        named |= is_named(scan, end) || is_title(scan, end) && is_title(scan, at);
        end += 1;
    }
    let end = house(scan, end).filter(|_| named)?;
    Some(at..end)
}

/// `Bağdat Caddesi No 45`, `Petőfi utca 12`, `Karl Johans gate 22`.
fn after(scan: &Scan, at: usize) -> Option<Range<usize>> {
    let word = scan.letters(at);
    // CAD 3 is no street.
    if !words().after.contains(&word) || !scan.is_word(at) || scan.runs[at].style == Style::Upper {
        return None;
    }
    let named = at.checked_sub(1).is_some_and(|before| scan.gap(at) == " " && is_named(scan, before));
    let end =
        house(scan, at + 1).or(words().after_alone.contains(&word).then_some(at + 1)).filter(|_| named)?;
    let mut start = at - 1;
    while start > 0 && at - start < WORDS && scan.gap(start) == " " && is_named(scan, start - 1) {
        start -= 1;
    }
    Some(start..end)
}

/// `Marktplein 4`, `Uferpromenade 2`, `Mannerheimintie 12`: no ring or bank of the trade.
fn ending(scan: &Scan, at: usize) -> Option<Range<usize>> {
    let word = scan.letters(at);
    let stem = words()
        .endings
        .iter()
        .filter_map(|ending| word.strip_suffix(ending))
        .max_by_key(|stem| stem.len())?;
    let stem = [stem, stem.trim_end_matches(['s', 'n'])];
    let trade = lexicon().is_trade(word) || stem.iter().any(|stem| lexicon().is_trade(stem));
    let plain = !trade && !lexicon().is_everyday(word);
    let is_street = word.chars().count() >= 7 && is_title(scan, at) && plain && scan.is_word(at);
    let place =
        ["markt", "post", "kirch", "schul", "bahn"].iter().any(|beginning| word.starts_with(beginning));
    let end = house(scan, at + 1).filter(|_| matches!(scan.gap(at + 1), " " | ", "))?;
    (is_street || place && is_title(scan, at) && word.len() >= 7).then_some(at..end)
}

/// `Am Markt 5`, `Unter den Linden 77`, `Am Alten Friedhof 14`.
fn prepositional(scan: &Scan, at: usize) -> Option<Range<usize>> {
    let begins = matches!(
        scan.letters(at),
        "am" | "an" | "auf" | "im" | "in" | "zum" | "zur" | "unter" | "hinter" | "vor" | "bei" | "beim"
    );
    if !begins || !is_title(scan, at) {
        return None;
    }
    let mut noun = at + 1;
    noun += usize::from(matches!(scan.letters(noun), "der" | "dem" | "den"));
    let adjective = is_title(scan, noun) && is_title(scan, noun + 1);
    noun += usize::from(adjective && words().nouns.contains(&scan.letters(noun + 1)));
    let is_street = words().nouns.contains(&scan.letters(noun)) && is_title(scan, noun);
    let end = house(scan, noun + 1).filter(|_| is_street && scan.gap(noun + 1) == " ")?;
    Some(at..end)
}

/// What stands behind the words for living somewhere: `bytem Polní 8`, `adresse: Solvang 3`.
fn home(scan: &Scan, at: usize) -> Option<Range<usize>> {
    let lives = words().lives.contains(&scan.letters(at));
    let address = words().addresses.contains(&scan.letters(at));
    if !(lives || address) || !scan.is_word(at) {
        return None;
    }
    let mut first = at + 1;
    while first < at + 4
        && words().little.contains(&scan.letters(first))
        && !is_title(scan, first)
        && scan.gap(first).len() <= 3
    {
        first += 1;
    }
    let mut end = first;
    while end < first + WORDS
        && (is_title(scan, end) || end > first && words().little.contains(&scan.letters(end)))
        && (end == first && scan.gap(end).len() <= 3 || matches!(scan.gap(end), " " | "-" | ". "))
    {
        end += 1;
    }
    let house = house(scan, end);
    let labelled = scan.gap(at + 1).contains(':');
    let named = (first..end).any(|run| is_named(scan, run));
    let goes = end > first && (house.is_some() || named && (lives || labelled));
    goes.then(|| first..house.unwrap_or(end))
}

/// `450 W 33rd St`.
fn numbered_street(scan: &Scan, at: usize) -> Option<Range<usize>> {
    let is_street = matches!(scan.letters(at), "st" | "street" | "ave" | "avenue");
    let ordinal = at.checked_sub(2)?;
    if !is_street
        || !is_title(scan, at)
        || !scan.is_digits(ordinal)
        || !scan.gap(ordinal + 1).is_empty()
        || !matches!(scan.letters(ordinal + 1), "st" | "nd" | "rd" | "th")
    {
        return None;
    }
    let mut start = ordinal;
    if start > 0
        && matches!(scan.letters(start - 1), "n" | "s" | "e" | "w" | "north" | "south" | "east" | "west")
    {
        start -= 1;
    }
    if start > 0 && scan.is_digits(start - 1) && scan.is_word(start - 1) && scan.gap(start) == " " {
        start -= 1;
    }
    Some(start..at + 1)
}

/// `12 Oak Dr`, `8 Park Rise`, `9 The Paddocks`, at the end of a clause.
fn english(scan: &Scan, at: usize) -> Option<Range<usize>> {
    if !words().english.contains(&scan.letters(at)) || !is_title(scan, at) {
        return None;
    }
    let ends = scan.gap(at + 1).starts_with([',', ';']) || at + 1 == scan.runs.len();
    let mut start = at;
    while start > 0 && at - start < 3 && scan.gap(start) == " " && is_title(scan, start - 1) {
        start -= 1;
    }
    let named = (start..at)
        .any(|run| is_named(scan, run) && !matches!(scan.letters(run), "minute" | "min" | "meter"));
    let number = start.checked_sub(1)?;
    let numbered = scan.is_digits(number)
        && scan.runs[number].folded.len() <= 5
        && scan.is_word(number)
        && scan.gap(start) == " ";
    (ends && named && numbered).then_some(number..at + 1)
}

/// Marks the numbers that stay of an address whose names are gone: of houses before a town, of flats, and those that
/// Chinese, Japanese and Korean write behind a place.
pub(super) fn mark_remains(scan: &mut Scan) {
    for at in 1..scan.runs.len() {
        if scan.is_gone(at) {
            continue;
        }
        if let Some(end) = flat(scan, at).or_else(|| between(scan, at)).or_else(|| behind_place(scan, at)) {
            scan.take_runs(at..end);
        }
    }
    if let Some(end) = (scan.runs.len() > 2).then(|| flat_in_front(scan)).flatten() {
        scan.take_runs(0..end);
    }
}

fn is_flat(scan: &Scan, at: usize) -> Option<usize> {
    let is_part = words().flats.contains(&scan.letters(at))
        && matches!(scan.gap(at + 1), " " | "." | ". " | ":" | ": ");
    let number = is_part && scan.is_digits(at + 1) && scan.runs[at + 1].folded.len() <= 4;
    number.then(|| scan.word_of(at + 1).end)
}

/// `, кв. 5`, ` D:5` behind the number of a house.
fn flat(scan: &Scan, at: usize) -> Option<usize> {
    let end = is_flat(scan, at)?;
    let near = matches!(scan.gap(at), " " | ", " | "," | ". " | "/");
    (near && scan.is_gone(at - 1) && scan.is_digits(at - 1)).then_some(end)
}

/// `Apt 4B, ` before it.
fn flat_in_front(scan: &Scan) -> Option<usize> {
    let end = is_flat(scan, 0)?;
    (matches!(scan.gap(end), ", " | " ") && scan.is_digits(end) && scan.is_gone(end)).then_some(end)
}

/// The `22` of `Beukenhof 22, Utrecht`, where names on both sides are gone.
fn between(scan: &Scan, at: usize) -> Option<usize> {
    let word = scan.word_of(at);
    let number = scan.is_digits(at)
        && scan.runs[at].folded.len() <= 3
        && word.start == at
        && (word.len() == 1 || word.len() == 2 && scan.letters(at + 1).len() == 1);
    let gone = |run: usize| scan.is_gone(run) && (scan.is_digits(run) || is_title(scan, run));
    let named = scan.is_gone_name(at - 1) && is_title(scan, at - 1) && matches!(scan.gap(at), " " | ", ");
    (number && named && gone(word.end) && matches!(scan.gap(word.end), ", " | " - ")).then_some(word.end)
}

/// `新宿2-8-1`, `테헤란로 123`: behind a place that is gone.
fn behind_place(scan: &Scan, at: usize) -> Option<usize> {
    let place = at - 1;
    let last = scan.text[scan.runs[place].range.clone()].chars().next_back()?;
    if !scan.is_digits(at) || !is_ideographic(last) || !scan.is_gone_name(place) {
        return None;
    }
    let joins = |run: usize| matches!(scan.gap(run), "-" | "−" | "－" | "ー") && scan.is_digits(run);
    let korean = scan.gap(at) == " "
        && matches!(last, '로' | '길' | '동' | '리' | '가' | '읍' | '면')
        && scan.runs[at].folded.len() <= 4
        && scan.is_word(at);
    if !(korean || scan.gap(at).is_empty() && joins(at + 1)) {
        return None;
    }
    let mut end = at + 1;
    while joins(end) {
        end += 1;
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use crate::clean_text::{Rewriter, clean};
    use crate::identifiers::Searcher;

    #[test]
    fn addresses_of_further_countries_go() {
        let cleaned = |text: &str| clean(text, &Searcher::default(), &Rewriter::default()).text;
        for text in [
            "Bağdat Caddesi No 45",
            "Atatürk Cad. No:12 D:5",
            "Gül Sok. 14/3",
            "ул. Ленина, д. 12, кв. 5",
            "пр-т Победы 120",
            "Невский пр., 22",
            "Petőfi utca 12",
            "Széchenyi tér 3",
            "Rákóczi krt. 14",
            "os. Kościuszki 5/12",
            "nám. Míru 4",
            "Strada Lungă 14",
            "Mannerheimintie 12",
            "Marktplein 4",
            "Karl Johans gate 22",
            "Estrada de Benfica 12",
            "C/ Goya, 25",
            "V.le Monza 12",
            "Am Markt 5",
            "Unter den Linden 77",
            "Am Alten Friedhof 14",
            "Uferpromenade 2",
            "450 W 33rd St",
            "東京都新宿区西新宿2-8-1",
            "서울시 강남구 테헤란로 123",
        ] {
            let left = cleaned(&format!("{text} MRI"));
            assert!(!left.contains(|c: char| c.is_ascii_digit()) && left.len() < 8, "{text}: {left}");
        }
        assert_eq!(cleaned("bytem Polní 8, MRI"), "bytem, MRI");
        for text in [
            "Mitralring 30",
            "Im Verlauf 3",
            "Am Tag 3",
            "An der Hypophyse 3 mm",
            "Cardiac gate 22",
            "c 3",
            "Slice Row 12",
            "TE 90 TR 2000",
            "Unit 7",
            "Labrum anterior 3",
            "Mind Wandering 2",
            "Known CAD 3 vessel",
            "2 Random Walk",
            "Filtering 3",
        ] {
            assert_eq!(cleaned(text), text);
        }
    }
}
