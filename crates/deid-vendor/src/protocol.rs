//! Siemens protocols: `XProtocol` text, with ASCCONV sections in it or alone.
//!
//! `XProtocol` is nested `<ParamString."PatientName"> { "..." }`. A protocol within a string has its quotes doubled,
//! and one within that doubled again. ASCCONV is lines `key = value` between `### ASCCONV BEGIN ###` (from VD on with
//! attributes) and `### ASCCONV END ###`. Texts stand in quotes in both; everything else is names and numbers.
//!
//! A text that changes is filled up with blanks behind its closing quotes, so that the length stays where it can.

use crate::field::{
    Action, Rules, are_sizes, capped, has_month, has_numeric_date, has_uid, has_year, is_day, is_dialled,
    is_encoded, is_one_number, is_sentinel, zeroed_dates, zeroed_digits,
};
use crate::name::{is_name, masked};
use crate::text::{decode, encode, find};
use crate::words::{is_term, words};
use crate::{Judge, Outcome, letters, name, person, table};
use deid_dicom::calendar::looks_like_day;
use memchr::memchr;
use rustc_hash::FxHashSet;
use std::borrow::Cow;

const BEGIN: &[u8] = b"### ASCCONV BEGIN";
const END: &[u8] = b"### ASCCONV END ###";

/// What the software writes behind the mark where a section begins.
const MARKS: [&str; 2] =
    ["object=MrProtDataImpl@MrProtocolData", "converter=%MEASCONST%/ConverterList/Prot_Converter.txt"];

/// Whether bytes are a protocol.
pub fn is_protocol(bytes: &[u8]) -> bool {
    let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(bytes.len());
    let beginning = &bytes[start..];
    [&b"<XProtocol>"[..], b"<EVAProtocol>", BEGIN].iter().any(|word| beginning.starts_with(word))
        || find(&beginning[..beginning.len().min(4096)], BEGIN)
            .is_some_and(|at| !beginning[..at].iter().any(|&byte| byte < 0x20 && !byte.is_ascii_whitespace()))
}

/// Cleans a protocol.
pub fn clean(bytes: &[u8], judge: &dyn Judge) -> Outcome {
    let value = crate::text::until_nul(bytes);
    if bytes[value.len()..].iter().any(|&byte| byte != 0) {
        return Outcome::Refused;
    }
    let first = judged(value, Rules { judge, strict: false });
    let cleaned = if judge.identifies(first.as_deref().unwrap_or(value)) {
        judged(value, Rules { judge, strict: true })
    } else {
        first
    };
    match cleaned {
        None => Outcome::Unchanged,
        Some(cleaned) if cleaned == value => Outcome::Unchanged,
        Some(mut cleaned) => {
            let padding = bytes.len() - value.len();
            cleaned.resize(cleaned.len() + padding, 0);
            Outcome::Changed(cleaned)
        }
    }
}

/// What a protocol becomes; `None` if it stays.
pub(crate) fn judged(bytes: &[u8], rules: Rules<'_>) -> Option<Vec<u8>> {
    let mut out = Writer { bytes, out: None, done: 0, owed: 0 };
    let mut at = 0;
    while let Some(begin) = find(&bytes[at..], BEGIN).map(|found| at + found) {
        xprotocol(bytes, at..begin, rules, &mut out);
        let end = find(&bytes[begin..], END).map_or(bytes.len(), |found| begin + found + END.len());
        ascconv(bytes, begin..end, rules, &mut out);
        at = end;
    }
    xprotocol(bytes, at..bytes.len(), rules, &mut out);
    out.finish()
}

/// The output: what is kept is copied in one piece when the next change comes.
struct Writer<'b> {
    bytes: &'b [u8],
    out: Option<Vec<u8>>,
    done: usize,
    /// Bytes by which the text has become shorter and that are to be made up for.
    owed: usize,
}

impl Writer<'_> {
    fn replace(&mut self, range: std::ops::Range<usize>, new: &[u8]) {
        let out = self.out.get_or_insert_with(|| Vec::with_capacity(self.bytes.len() + 64));
        out.extend_from_slice(&self.bytes[self.done..range.start]);
        out.extend_from_slice(new);
        self.done = range.end;
        self.owed += range.len().saturating_sub(new.len());
    }

    /// Fills up at this place what was taken away before it.
    fn fill(&mut self, at: usize) {
        if self.owed == 0 {
            return;
        }
        if let Some(out) = &mut self.out {
            out.extend_from_slice(&self.bytes[self.done..at]);
            out.resize(out.len() + self.owed, b' ');
            self.done = at;
        }
        self.owed = 0;
    }

    fn finish(self) -> Option<Vec<u8>> {
        let mut out = self.out?;
        out.extend_from_slice(&self.bytes[self.done..]);
        Some(out)
    }
}

/// What a text becomes; `None` if it stays. Quotes would end it early.
fn changed(text: &[u8], action: Action, rules: Rules<'_>) -> Option<Vec<u8>> {
    let (decoded, encoding) = decode(text);
    let new = rules.apply(action, &decoded);
    if new == decoded {
        return None;
    }
    let new: Cow<'_, str> = if new.contains(['"', '\n', '\r', '\0']) {
        Cow::Owned(new.replace(['"', '\n', '\r', '\0'], " "))
    } else {
        new
    };
    Some(encode(&new, encoding))
}

fn ascconv(bytes: &[u8], section: std::ops::Range<usize>, rules: Rules<'_>, out: &mut Writer<'_>) {
    let mut known = KnownKeys::default();
    let mut spelt = letters::arrays(bytes, section.clone(), &|bytes| rules.judge.identifies(bytes))
        .into_iter()
        .peekable();
    let mut at = section.start;
    while at < section.end {
        let end = memchr(b'\n', &bytes[at..section.end]).map_or(section.end, |n| at + n);
        let spells = spelt.next_if(|value| value.start < end).is_some();
        line(bytes, at..end, (rules, &mut known, spells), out);
        at = end + 1;
    }
}

/// Keys of a section that stay, without the numbers of arrays (`[12]`): most lines are elements of arrays.
#[derive(Default)]
struct KnownKeys {
    shapes: FxHashSet<Vec<u8>>,
    shape: Vec<u8>,
}

impl KnownKeys {
    /// Whether a key that differs in its indices at most was found to stay. Indices of up to three digits make no date,
    /// no long number and no word.
    fn contains(&mut self, key: &[u8]) -> bool {
        self.shape.clear();
        let mut rest = key;
        while let Some(open) = memchr(b'[', rest) {
            let digits = rest[open + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            let (head, tail) = rest.split_at(open + 1);
            self.shape.extend_from_slice(head);
            let index = (1..=3).contains(&digits) && tail.get(digits) == Some(&b']');
            if index {
                self.shape.push(b'#');
            }
            rest = &tail[if index { digits } else { 0 }..];
        }
        self.shape.extend_from_slice(rest);
        self.shapes.contains(&self.shape)
    }

    /// Remembers the key that was asked about last.
    fn insert(&mut self) {
        self.shapes.insert(self.shape.clone());
    }
}

fn line(
    bytes: &[u8],
    range: std::ops::Range<usize>,
    (rules, known, spells): (Rules<'_>, &mut KnownKeys, bool),
    out: &mut Writer<'_>,
) {
    let text = &bytes[range.clone()];
    let Some(equals) = memchr(b'=', text).filter(|_| !text.starts_with(b"###")) else {
        // The marks of the section, whose attributes name the converter.
        if !text.iter().all(u8::is_ascii_whitespace)
            && text != END
            && let Some(new) = changed_mark(text, rules)
        {
            out.replace(range.clone(), &new);
            out.fill(range.end);
        }
        return;
    };
    let key = text[..equals].trim_ascii();
    if rules.strict || !known.contains(key) {
        let name = decode(key).0;
        let spaced = name.contains(' ') && !knows_all(&name);
        let identifies = || rules.strict && !knows_all(&name) && name::identifies(&name, rules.judge);
        if !is_name(&name) || spaced || identifies() {
            out.replace(range.clone(), &[]);
            out.fill(range.end);
            return;
        }
        if let Some(new) = masked(&name, rules.judge) {
            let start = range.start + text.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            out.replace(start..start + key.len(), new.as_bytes());
        } else if !rules.strict {
            known.insert();
        }
    }
    let value_start =
        equals + 1 + text[equals + 1..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let value = text[value_start..].trim_ascii_end();
    let place = |from: usize, to: usize| range.start + value_start + from..range.start + value_start + to;
    if value.first() == Some(&b'"') {
        let quotes = value.iter().take_while(|&&byte| byte == b'"').count();
        let empty = value.len() == quotes;
        let inner = if empty { quotes..quotes } else { quotes..content_end(value).max(quotes) };
        let content = &value[inner.clone()];
        if content.is_empty() {
            return;
        }
        let action = table::protocol(key).unwrap_or(Action::Term);
        if let Some(new) = changed(content, action, rules) {
            out.replace(place(inner.start, inner.end), &new);
            out.fill(range.start + value_start + value.len());
        }
        return;
    }
    let (text_value, _) = decode(value);
    let (digits, comment) = text_value.split_once('#').unwrap_or((&text_value, ""));
    // Digits with several points are a UID or a date: no reader takes one for a number. With blanks they are several.
    let pointed = digits.trim().bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    // The number again, or as a letter.
    let letter = matches!(comment.trim().as_bytes(), [b'\'', _, b'\'']);
    let plain =
        (is_one_number(digits) || pointed) && (comment.trim().is_empty() || is_one_number(comment) || letter);
    let new = if spells {
        "0".to_owned()
    } else if plain {
        let action = table::protocol_number(key, digits);
        let gone = match action {
            Some(Action::Characteristic | Action::Age) => !rules.judge.keeps_characteristics(),
            Some(Action::Device) => !rules.judge.keeps_device(),
            Some(Action::Empty | Action::Date | Action::Epoch) => true,
            _ => {
                is_numbered(key, digits)
                    || is_day(digits, rules.judge)
                    || rules.strict && rules.judge.identifies(value)
            }
        };
        let age = if action == Some(Action::Age) { capped(digits) } else { None };
        match (gone, age) {
            (true, _) => "0".to_owned(),
            (_, Some(age)) => age,
            _ => plain_number(&text_value).into_owned(),
        }
    } else {
        match rules.apply(Action::Term, &text_value) {
            // An address: values without quotes are numbers.
            left if has_word_and_number(&left)
                || letters::spell(&left, &|bytes| rules.judge.identifies(bytes)) =>
            {
                "0".to_owned()
            }
            left => left.into_owned(),
        }
    };
    if new != text_value {
        out.replace(place(0, value.len()), new.as_bytes());
        out.fill(range.start + value_start + value.len());
    }
}

/// Whether a key says that its number is an ID, and the number is as long as those of patients.
fn is_numbered(key: &[u8], number: &str) -> bool {
    const SHORTEST: usize = 4;
    let number = number.trim();
    number.len() >= SHORTEST
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && digits_of_id(key).is_some_and(|least| number.len() >= least)
}

/// How many digits a number under a key has at least if it is a person's; `None` if it is none whatever its length.
fn digits_of_id(key: &[u8]) -> Option<usize> {
    match person::kind(&decode(key).0) {
        person::Kind::Person => Some(4),
        // A number of a thing has up to five.
        person::Kind::Id => Some(6),
        person::Kind::Other => None,
    }
}

/// A number as it may stay: one that is a date, a UID or begins like a telephone number is none.
fn plain_number(text: &str) -> Cow<'_, str> {
    let none = text.split([' ', ',', ';', '#', '\\', '\t', '-', '+']).any(|number| {
        let whole = number.split('.').next().unwrap_or_default();
        let dated = matches!(whole.len(), 8 | 14) && whole.get(..8).is_some_and(looks_like_day);
        let dialled = whole.len() >= 8 && whole.starts_with('0') && whole.bytes().any(|digit| digit != b'0');
        let points = number.bytes().filter(|&byte| byte == b'.').count();
        points > 1 || dialled && !whole.contains('x') || dated
    });
    if none { Cow::Owned("0".to_owned()) } else { Cow::Borrowed(text) }
}

fn knows(run: &str) -> bool {
    words(run).all(is_term)
}

fn changed_mark(text: &[u8], rules: Rules<'_>) -> Option<Vec<u8>> {
    let (decoded, encoding) = decode(text);
    let Some(attributes) = decoded.strip_prefix("### ASCCONV BEGIN") else {
        return changed(text, Action::Text, rules);
    };
    let body = attributes.trim_end().strip_suffix("###").unwrap_or(attributes).trim();
    // `object=MrProtDataImpl@MrProtocolData version=51130001 converter=%MEASCONST%/...`
    let software = |attribute: &str| {
        let version = attribute.strip_prefix("version=").filter(|value| {
            value.len() <= 9 && value.bytes().all(|byte| byte.is_ascii_digit()) && !looks_like_day(value)
        });
        MARKS.contains(&attribute)
            || version.is_some_and(|version| !(rules.strict && rules.judge.identifies(version.as_bytes())))
    };
    let stays = |attribute: &str| {
        let known = |(name, value): (&str, &str)| {
            knows_all(name)
                && rules.apply(Action::Term, value) == value
                && !(rules.strict && rules.judge.identifies(value.as_bytes()))
        };
        software(attribute) || attribute.split_once('=').is_some_and(known)
    };
    if body.split_whitespace().all(stays) {
        return None;
    }
    // Where something is not the software's, it may go on behind a blank.
    let left: Vec<&str> = body.split_whitespace().filter(|attribute| software(attribute)).collect();
    Some(encode(&format!("### ASCCONV BEGIN {} ###", left.join(" ")), encoding))
}

/// Whether a text is known words, with short numbers at most between them.
fn knows_all(text: &str) -> bool {
    text.split(|c: char| !c.is_alphabetic()).all(knows)
        && text.split(|c: char| !c.is_ascii_digit()).all(|digits| digits.len() < 4)
}

/// Where the content of a quoted value ends: before the closing quotes, or at the end if there are none.
fn content_end(value: &[u8]) -> usize {
    value.len() - value.iter().rev().take_while(|&&byte| byte == b'"').count()
}

/// What a stretch between quotes is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stretch {
    Structure,
    Name,
    Text,
}

fn xprotocol(bytes: &[u8], section: std::ops::Range<usize>, rules: Rules<'_>, out: &mut Writer<'_>) {
    let mut at = section.start;
    let mut first = true;
    let mut name_follows = false;
    let mut action: Option<Action> = None;
    // Whether the name is one of an ID: long numbers under it are those of people.
    let mut numbered = None;
    while at < section.end {
        let end = memchr(b'"', &bytes[at..section.end]).map_or(section.end, |n| at + n);
        let stretch = &bytes[at..end];
        let kind = if name_follows {
            Stretch::Name
        } else if first || is_structure(stretch) {
            Stretch::Structure
        } else {
            Stretch::Text
        };
        first = false;
        name_follows = false;
        let after = end + bytes[end..section.end].iter().take_while(|&&byte| byte == b'"').count();
        match kind {
            Stretch::Name => {
                action = table::protocol(stretch);
                numbered = digits_of_id(stretch);
                if let Some(new) = changed_name(stretch, rules) {
                    out.replace(at..end, &new);
                }
            }
            Stretch::Structure => {
                // Two quotes and the end of the tag: the name is empty.
                name_follows = begins_name(stretch) && bytes.get(after) != Some(&b'>');
                if begins_name(stretch) && !name_follows {
                    action = None;
                    numbered = None;
                }
                if let Some(mut new) = changed_structure(stretch, (action, numbered), rules) {
                    // The tag before a name has to touch it.
                    if let (true, Some(tag)) = (begins_name(&new), new.iter().rposition(|&byte| byte == b'<'))
                    {
                        let lost = stretch.len().saturating_sub(new.len());
                        new.splice(tag..tag, std::iter::repeat_n(b' ', lost));
                    }
                    out.replace(at..end, &new);
                    out.fill(end);
                }
            }
            Stretch::Text => {
                if let Some(new) = changed(stretch, action.unwrap_or(Action::Term), rules) {
                    out.replace(at..end, &new);
                    out.fill(after);
                }
            }
        }
        at = after.max(end);
        if end == section.end {
            break;
        }
    }
}

/// What the name of a parameter becomes, of the same length; `None` if it stays.
fn changed_name(bytes: &[u8], rules: Rules<'_>) -> Option<Vec<u8>> {
    let name = decode(bytes).0;
    let known = || knows_all(&name);
    if !is_name(&name)
        || name.contains(' ') && !known()
        || rules.strict && !known() && name::identifies(&name, rules.judge)
    {
        return Some(vec![b'X'; bytes.len()]);
    }
    masked(&name, rules.judge).map(String::into_bytes)
}

/// Whether a name comes next: `<ParamString.` and its quotes.
fn begins_name(stretch: &[u8]) -> bool {
    let Some(rest) = stretch.strip_suffix(b".") else { return false };
    let letters = rest.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    letters > 0 && rest.len() > letters && rest[rest.len() - letters - 1] == b'<'
}

/// Whether what stands between two runs of quotes is brackets, tags and numbers rather than a text.
pub(crate) fn is_structure(stretch: &[u8]) -> bool {
    let blank = |byte: u8| byte.is_ascii_whitespace();
    match stretch.first() {
        None | Some(b'<' | b'>' | b'{' | b'}') => true,
        Some(&byte) if blank(byte) => {
            let inner = stretch.trim_ascii();
            let ends =
                |byte: u8| matches!(byte, b'<' | b'>' | b'{' | b'}' | b'.' | b'#') || byte.is_ascii_digit();
            inner.is_empty() || inner.first().is_some_and(|&byte| ends(byte) || byte == b'-')
        }
        Some(_) => false,
    }
}

/// Tags, brackets and numbers, without words that no tag has and numbers that are dates or somebody's.
fn changed_structure(
    stretch: &[u8],
    (action, numbered): (Option<Action>, Option<usize>),
    rules: Rules<'_>,
) -> Option<Vec<u8>> {
    let (decoded, encoding) = decode(stretch);
    let tags = decoded.split(|c: char| !c.is_ascii_alphabetic()).all(|run| run.len() < 4 || knows(run));
    let plain = tags
        && decoded.is_ascii()
        && !decoded.contains(['&', '%'])
        && are_tags(&decoded)
        && !is_encoded(&decoded);
    if !plain || rules.strict && identifies_beside_sentinels(&decoded, rules.judge) {
        let opens = begins_name(stretch);
        let mut tag = false;
        let new: String = decoded
            .split_inclusive(['<', '>', '{', '}', '\n', ' ', '\t'])
            .map(|part| {
                let of_tag = std::mem::replace(&mut tag, part.ends_with('<'));
                judged_part(part, of_tag, rules)
            })
            .collect();
        let new = zeroed_digits(&new);
        let new = if has_words_beside_numbers(&decoded) { without_words(&new) } else { new };
        // The tag before a name has to stay one.
        let new = if opens && !begins_name(new.as_bytes()) { format!("{new}<Param.") } else { new };
        return (new != decoded).then(|| encode(&new, encoding));
    }
    let gone = match action {
        Some(Action::Characteristic | Action::Age) => !rules.judge.keeps_characteristics(),
        Some(Action::Device) => !rules.judge.keeps_device(),
        Some(Action::Empty | Action::Date | Action::Epoch) => true,
        _ => numbered
            .is_some_and(|least| decoded.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() >= least)),
    };
    let digits = decoded.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() >= 8) || has_uid(&decoded);
    let dated = has_year(&decoded) && (has_month(&decoded) || has_numeric_date(&decoded));
    // Signs that no number has stand around lists of numbers.
    let apart = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, ' ' | '\t' | '.' | '-' | '+'));
    let dialled = || decoded.split(apart).any(is_list_dialled);
    let spells = || letters::spell(&decoded, &|bytes| rules.judge.identifies(bytes));
    if dated || decoded.contains('+') || has_words_beside_numbers(&decoded) || dialled() || spells() {
        // A date in words, an address or a telephone number: which of the numbers are meant cannot be told.
        let zeroed = zeroed_digits(&decoded);
        let new = if has_words_beside_numbers(&decoded) { without_words(&zeroed) } else { zeroed };
        return Some(encode(&new, encoding));
    }
    let days = without_days(&decoded, rules.judge);
    let decoded = Cow::Borrowed(days.as_deref().unwrap_or(&decoded));
    let new = match (gone, decoded.find('{'), digits) {
        (true, Some(at), _) => {
            let end = decoded[at..].find('}').map_or(decoded.len(), |n| at + n);
            let zeros = |c: char| if c.is_ascii_digit() { '0' } else { c };
            decoded[..at]
                .chars()
                .chain(decoded[at..end].chars().map(zeros))
                .chain(decoded[end..].chars())
                .collect()
        }
        (_, _, true) => zeroed_dates(&decoded),
        _ => decoded.into_owned(),
    };
    (new.as_bytes() != stretch).then(|| encode(&new, encoding))
}

/// The text with zeros for numbers that are a day of the subject's; `None` if there are none.
fn without_days(text: &str, judge: &dyn Judge) -> Option<String> {
    let mut out: Option<String> = None;
    for run in text.split(|c: char| !c.is_ascii_digit()).filter(|run| is_day(run, judge)) {
        let start = run.as_ptr() as usize - text.as_ptr() as usize;
        out.get_or_insert_with(|| text.to_owned())
            .replace_range(start..start + run.len(), &"0".repeat(run.len()));
    }
    out
}

/// Whether something identifies among brackets and numbers. Of numbers that say that there is none only those are somebody's
/// that are so as a whole: `99999.999` is not patient 999.
fn identifies_beside_sentinels(text: &str, judge: &dyn Judge) -> bool {
    if !judge.identifies(text.as_bytes()) {
        return false;
    }
    let text = &*without_tags(text);
    if !judge.identifies(text.as_bytes()) {
        return false;
    }
    let apart = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '{' | '}' | ',');
    let spared = |part: &str| is_sentinel(part) && part.contains('.');
    if !text.split(apart).any(spared) {
        return true;
    }
    let rest: Vec<&str> = text.split(apart).filter(|part| !spared(part)).collect();
    judge.identifies(rest.join(" ").as_bytes())
}

/// The text with blanks for the tags that the software writes: nobody is called `<Precision>`.
fn without_tags(text: &str) -> String {
    let mut out = text.to_owned();
    for (at, _) in text.match_indices('<') {
        let name = &text[at + 1..];
        let name = name.strip_prefix('/').unwrap_or(name);
        let start = text.len() - name.len();
        let end = start + name.bytes().take_while(u8::is_ascii_alphabetic).count();
        if knows(&text[start..end]) {
            out.replace_range(start..end, &" ".repeat(end - start));
        }
    }
    out
}

/// Whether a word stands beside numbers outside of tags, `12 juil 68`, `12 Main St`: values without quotes are numbers.
fn has_words_beside_numbers(text: &str) -> bool {
    let outside = text.split('<').enumerate().map(|(number, part)| match part.split_once('>') {
        Some((_, outside)) if number > 0 => outside,
        // A tag that goes on behind quotes.
        None if number > 0 => "",
        _ => part,
    });
    outside.flat_map(str::lines).any(|line| {
        let is_hexadecimal = |part: &str| part.starts_with("0x") || part.starts_with("-0x");
        let parts = || line.split_whitespace().filter(|part| !is_hexadecimal(part));
        let word = |part: &str| part.split(|c: char| !c.is_ascii_alphabetic()).any(|word| word.len() >= 2);
        parts().any(word) && line.bytes().filter(u8::is_ascii_digit).count() >= 2
    })
}

/// Blanks for the words outside of tags; numbers in hexadecimal have signs of their own.
fn without_words(text: &str) -> String {
    let mut tag = false;
    let part = |part: &str| part.strip_prefix('-').unwrap_or(part).starts_with("0x");
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '{' | '}')) {
        let number = part(piece);
        for c in piece.chars() {
            out.push(if c.is_alphabetic() && !tag && !number { ' ' } else { c });
            tag = c == '<' || tag && c != '>';
        }
    }
    out
}

/// Whether a word stands in a value beside a number on its own, `5 Main St`.
fn has_word_and_number(text: &str) -> bool {
    let word = |part: &str| part.split(|c: char| !c.is_ascii_alphabetic()).any(|word| word.len() >= 2);
    text.split_whitespace().any(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
        && text.split_whitespace().any(|part| !is_one_number(part) && word(part))
}

/// Whether a list of numbers is one of a telephone or an insurance, `06 12 34 56 78` or `943 476 5919`. Places of dialogs are
/// four numbers of up to three digits.
fn is_list_dialled(list: &str) -> bool {
    let list = list.trim();
    let grouped = || {
        let groups = || list.split([' ', '\t']).filter(|group| !group.is_empty()).map(str::len);
        groups().count() == 3 || groups().any(|length| length > 3)
    };
    // Whole numbers between others with decimals.
    let whole = || {
        let run = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
        let parts: Vec<&str> = list.split([' ', '\t']).filter(|part| !part.is_empty()).collect();
        let mixed = parts.len() <= 12 && parts.iter().any(|part| part.contains('.'));
        mixed
            && parts.split(|part| !run(part)).any(|groups| {
                let digits: usize = groups.iter().map(|group| group.len()).sum();
                let lengths = groups.iter().all(|group| (2..=4).contains(&group.len()));
                (2..=5).contains(&groups.len()) && (9..=15).contains(&digits) && lengths && !are_sizes(groups)
            })
    };
    list.len() <= 24 && is_dialled(list) && (list.starts_with('0') || grouped()) || whole()
}

/// Whether each tag is letters, with a point or a slash at most, and what has many digits is a number.
fn are_tags(text: &str) -> bool {
    let parts = text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '{' | '}'));
    let codes =
        parts.filter(|part| part.starts_with("0x") || part.bytes().filter(u8::is_ascii_digit).count() >= 6);
    codes.into_iter().all(is_one_number) && tags(text)
}

fn tags(text: &str) -> bool {
    text.split('<').skip(1).all(|tag| {
        let inside = tag.split(['>', '{', '}']).next().unwrap_or_default();
        let (name, rest) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
        // A tag is one word; without its end, what follows may be anything.
        is_tag(name)
            && (rest.trim().is_empty()
                || inside.len() == tag.len() && !rest.contains(|c: char| c.is_ascii_digit()))
    })
}

fn is_tag(name: &str) -> bool {
    let name = name.trim_start_matches('/');
    name.strip_suffix('.').unwrap_or(name).bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn judged_part(part: &str, of_tag: bool, rules: Rules<'_>) -> String {
    let word = part.trim_end_matches(['<', '>', '{', '}', '\n', ' ', '\t']);
    let tail = &part[word.len()..];
    let known = word.is_ascii()
        && word.split(|c: char| !c.is_ascii_alphabetic()).all(knows)
        && (is_tag(word) || is_one_number(word))
        && !is_encoded(word);
    let identifies = || rules.strict && !of_tag && rules.judge.identifies(word.as_bytes());
    if known && !identifies() {
        return part.to_owned();
    }
    rules.apply(Action::Text, word).replace(['"', '<', '>', '{', '}'], " ") + tail
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nobody::Nobody;

    fn cleaned(text: &str) -> String {
        match clean(text.as_bytes(), &Nobody) {
            Outcome::Unchanged => text.to_owned(),
            Outcome::Changed(bytes) => String::from_utf8(bytes).unwrap(),
            outcome => panic!("{outcome:?}"),
        }
    }

    #[test]
    fn keys_and_names_of_parameters_have_no_room_for_somebody() {
        for key in ["sA.Smith^Ann", "sA.tel +44", "sA[0].1.2.826.0.1.3680043", "s20190312", "sPtx7741"] {
            let text = format!("### ASCCONV BEGIN ###\n{key} = 5\nlContrasts = 1\n### ASCCONV END ###");
            let left = cleaned(&text);
            assert!(!left.contains(key) && left.contains("lContrasts = 1"), "{left}");
        }
        for name in ["Smith^Ann", "Smith Ann", "a@b.org", "1.2.826.0.1.3680043", "19470312", "QX7741"] {
            let text = format!("<XProtocol>\n{{\n  <ParamLong.\"{name}\"> {{ 1 }}\n}}\n");
            let left = cleaned(&text);
            assert!(
                !left.contains(name) && left.contains("<ParamLong.\"") && left.len() == text.len(),
                "{left}"
            );
        }
        for text in [
            "<XProtocol>\n{\n  <ParamLong.\"Multistep.IsLastStep_2\"> { 1 }\n}\n",
            "<XProtocol>\n{\n  <ParamMap.\"\"> \n  {\n    <ParamLong.\"Count\"> { 1 }\n  }\n}\n",
            "<XProtocol>\n{\n  <ParamString.\"Count\"> { \"<ParamMap.\"\"\"\"> { <ParamLong.\"\"Count\"\"> { 1 } }\" }\n}\n",
        ] {
            assert_eq!(cleaned(text), text);
        }
    }

    #[test]
    fn keys_of_arrays_are_judged_by_what_is_not_an_index() {
        let mut known = KnownKeys::default();
        assert!(!known.contains(b"sA[0].alB[12]"));
        known.insert();
        for key in [&b"sA[1].alB[127]"[..], b"sA[007].alB[0]"] {
            assert!(known.contains(key));
        }
        for key in
            [&b"sA[1].alB[1970]"[..], b"sA[].alB[12]", b"sA[1x].alB[12]", b"sA[0].alB[12", b"sA[0].alC[12]"]
        {
            assert!(!known.contains(key));
        }
    }

    #[test]
    fn numbers_and_dates_of_somebody_go_from_values_without_quotes() {
        for value in ["06 12 34 56 78", "078-05-1120", "943 476 5919", "12 Okt 1968", "(555) 123-4567"] {
            let ascconv = cleaned(&format!("### ASCCONV BEGIN ###\nlA = {value}\n### ASCCONV END ###"));
            assert!(ascconv.starts_with("### ASCCONV BEGIN ###\nlA =  "), "{ascconv}");
        }
        for value in [
            "06 12 34 56 78",
            "943 476 5919",
            "612 345 678",
            "0x5a7178616162",
            "078-05-1120",
            "12 Okt 1968",
            "12 juil 68",
            "12 Main St",
            "&#76;&#97;",
        ] {
            let left = cleaned(&format!("<XProtocol>\n{{\n  <ParamLong.\"Count\"> {{ {value} }}\n}}\n"));
            assert!(!left.contains(value) && left.contains("\"Count\""), "{left}");
        }
        for name in ["lPatID", "CaseID", "lUserID", "ContactPhone", "MedicalRecord"] {
            let left = cleaned(&format!("<XProtocol>\n{{\n  <ParamLong.\"{name}\"> {{ 88123456 }}\n}}\n"));
            assert!(!left.contains("88123456") && left.contains("<ParamLong."), "{left}");
        }
        let short = "<XProtocol>\n{\n  <ParamLong.\"MeasID\"> { 12345 }\n}\n";
        assert_eq!(cleaned(short), short);
        for tag in ["<tel 5564821>", "<MRN 48213377>"] {
            let left =
                cleaned(&format!("<XProtocol>\n{{\n  {tag} \"a\"\n  <ParamLong.\"Count\"> {{ 1 }}\n}}\n"));
            assert!(!left.contains(&tag[5..10]) && left.contains("\"Count\"> { 1 }"), "{left}");
        }
        let text = "<XProtocol>\n{\n  <Pos> 126 48 126 140\n  <ParamLong.\"Count\"> { <Default> 15 <Precision> 6 0x1F 128 128 }\n}\n";
        assert_eq!(cleaned(text), text);
    }

    #[test]
    fn long_numbers_of_persons_become_zero() {
        for key in
            ["lOperatorPhone", "sPhysician.lNumber", "sPatient.lX", "tNurse", "lSubjectID", "ID", "lX ID"]
        {
            let left = cleaned(&format!("### ASCCONV BEGIN ###\n{key} = 482199\n### ASCCONV END ###"));
            assert!(left.contains(" = 0 ") && !left.contains("482199"), "{left}");
        }
        for line in [
            "sPatientPosition.lSag = -12984",
            "lProtID = -357",
            "sCoilElementID.ulUniqueKey = 229078617",
            "sPhysioECG.lThreshold = 700000",
            "sPatient.lX = 2",
        ] {
            let text = format!("### ASCCONV BEGIN ###\n{line}\n### ASCCONV END ###");
            assert_eq!(cleaned(&text), text);
        }
    }

    #[test]
    fn texts_under_keys_of_persons_go() {
        for key in [
            "PatID",
            "CASE_ID",
            "patid",
            "tContact",
            "subj-no",
            "Subject ID",
            "tHomeAddress",
            "MRN",
            "Medical_Record",
        ] {
            for value in ["48213", "7", "Coil", "Q7"] {
                let left = cleaned(&format!(
                    "<XProtocol>\n{{\n  <ParamString.\"{key}\"> {{ \"{value}\" }}\n  <ParamLong.\"Count\"> {{ 1 }}\n}}\n"
                ));
                assert!(left.contains("> { \"\" ") && left.contains("{ 1 }"), "{left}");
                let left =
                    cleaned(&format!("### ASCCONV BEGIN ###\n{key} = \"{value}\"\n### ASCCONV END ###"));
                assert!(left.contains("= \"\" ") || !left.contains(key), "{left}");
            }
            let left = cleaned(&format!("### ASCCONV BEGIN ###\n{key} = 48213\n### ASCCONV END ###"));
            assert!(left.contains("= 0 ") || !left.contains(key), "{left}");
        }
        for line in ["tCoilID = \"HeadNeck_64\"", "sCoilElementID.tElement = \"HEA\"", "lSequenceID = 12345"]
        {
            let text = format!("### ASCCONV BEGIN ###\n{line}\n### ASCCONV END ###");
            assert_eq!(cleaned(&text), text);
        }
    }

    #[test]
    fn letters_in_numbers_addresses_and_numbers_among_decimals_go() {
        for value in [
            "72 97 108 118 111 114",
            "0x48 0x61 0x6c 0x76",
            "72, 97, 108, 118",
            "72 } { 97 } { 108 } { 118 ",
            "2000.0 943 476 5919",
            "2000.0 943 476 5919 1.5",
            "Lindenallee 17",
            "<Precision> 0 Main St 17",
        ] {
            let left = cleaned(&format!("<XProtocol>\n{{\n  <ParamLong.\"Count\"> {{ {value} }}\n}}\n"));
            assert!(!left.contains(value) && left.contains("\"Count\""), "{left}");
            assert!(!left.contains("Main") && !left.contains("Linden"), "{left}");
        }
        for value in ["5 Main St", "12 Main St", "Main St 5", "72 97 108 118 111", "48 61 6c 76 6f"] {
            let left = cleaned(&format!("### ASCCONV BEGIN ###\nlA = {value}\n### ASCCONV END ###"));
            assert!(!left.contains(value) && left.contains("lA = "), "{left}");
        }
        let array = "lA[0] = 72\nlA[1] = 97\nlA[2] = 108\nlA[3] = 118\n";
        let left = cleaned(&format!("### ASCCONV BEGIN ###\n{array}### ASCCONV END ###"));
        assert!(left.contains("lA[0] = 0 \nlA[1] = 0 \nlA[2] = 0  \nlA[3] = 0  \n"), "{left}");
        for text in [
            "### ASCCONV BEGIN ###\nucA = 0x55 # 'U'\nalTR[0] = 100\nalTR[1] = 120\nalTR[2] = 90\n### ASCCONV END ###",
            "<XProtocol>\n{\n  <ParamArray.\"A\"> { <Default> <ParamDouble.\"\"> { } { 1.5 } { 25 256 12 } { 100 110 100 104 } }\n}\n",
            "<XProtocol>\n{\n  <ParamDouble.\"A\"> { <Precision> 16 2300.5 128 128 }\n}\n",
        ] {
            assert_eq!(cleaned(text), text);
        }
    }

    #[test]
    fn numbers_that_are_uids_or_dialled_are_none() {
        for number in ["1.3.12.2.1107.5.2.19", "07700900123", "20190312", "5 # 19470312"] {
            let left = cleaned(&format!("### ASCCONV BEGIN ###\nlA = {number}\n### ASCCONV END ###"));
            assert!(left.starts_with("### ASCCONV BEGIN ###\nlA = 0 "), "{left}");
        }
        for number in ["134217728", "0x10000000", "-0.5e-10", "00000000", "123.456"] {
            let text = format!("### ASCCONV BEGIN ###\nlA = {number}\n### ASCCONV END ###");
            assert_eq!(cleaned(&text), text);
        }
    }
}
