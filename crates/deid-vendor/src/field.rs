//! One field of a header: what is done with its text.

use crate::escapes::{Said, said, variable};
use crate::months::{is_month, may_be_month};
use crate::release::{is_anatomy, is_baseline, is_build, is_dimensions, without_coil_elements};
use crate::words::{are_known, has_short_names, is_term, words};
use crate::{Judge, glued};
use deid_dicom::calendar::{civil, days_since_epoch, looks_like_day};
use std::borrow::Cow;

/// What is done with a field or an element. The names are those in the tables of `data/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A number: stays if it is one.
    Number,
    /// A term of the trade (a coil, a sequence): stays if all its words are known, else it is cleaned as text.
    Term,
    /// Free text: cleaned.
    Text,
    /// UIDs: each becomes another.
    Uid,
    /// A date, or a date with a time behind it: shifted, or emptied.
    Date,
    /// Seconds since 1970, as text or as a binary number: shifted by days, or zero.
    Epoch,
    /// Weight, size, age, sex: emptied, or a number zero, unless characteristics are retained.
    Characteristic,
    /// Age: as a characteristic, and above 89 years it becomes 90 (HIPAA 164.514(b)(2)(i)(C)).
    Age,
    /// Serial number or name of a device: emptied unless the device's identity is retained.
    Device,
    /// Emptied unless the institution's identity is retained.
    Institution,
    /// Patient registration of Siemens: position;weight;size;sex and age;number.
    Registration,
    /// Emptied, a number zero.
    Empty,
    /// A Siemens protocol: `XProtocol` and ASCCONV text.
    Protocol,
    /// A CSA header.
    Csa,
    /// GE's protocol data block.
    GeProtocol,
    /// A protocol, plain or in gzip or zip.
    Archive,
    /// XML: texts and values of attributes are judged as terms.
    Xml,
    /// By what it looks like.
    Content,
    /// The element goes.
    Refuse,
}

impl Action {
    /// The action of a name in the tables.
    pub fn from_name(name: &str) -> Option<Action> {
        Some(match name {
            "number" => Action::Number,
            "term" => Action::Term,
            "text" => Action::Text,
            "uid" => Action::Uid,
            "date" => Action::Date,
            "epoch" => Action::Epoch,
            "characteristic" => Action::Characteristic,
            "age" => Action::Age,
            "device" => Action::Device,
            "institution" => Action::Institution,
            "registration" => Action::Registration,
            "empty" => Action::Empty,
            "protocol" => Action::Protocol,
            "csa" => Action::Csa,
            "ge-protocol" => Action::GeProtocol,
            "archive" => Action::Archive,
            "xml" => Action::Xml,
            "content" => Action::Content,
            "refuse" => Action::Refuse,
            _ => return None,
        })
    }
}

/// A judge, and how closely it looks: the second time, when an identifier was found in the whole, at each field.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// Who knows what identifies.
    pub judge: &'a dyn Judge,
    /// Whether each field is searched for identifiers.
    pub strict: bool,
}

/// The shortest name of a place, in bytes.
const SHORTEST_PLACE: usize = 4;

impl Rules<'_> {
    /// A field's text after its action.
    pub fn apply<'t>(&self, action: Action, text: &'t str) -> Cow<'t, str> {
        if text.trim().is_empty() {
            return Cow::Borrowed(text);
        }
        // Text in UTF-16 or bytes in disguise: no field has control characters within.
        if text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}')) {
            return Cow::Borrowed("");
        }
        if !matches!(action, Action::Date | Action::Epoch) && is_day(text, self.judge) {
            return Cow::Borrowed("");
        }
        if is_encoded(text) || is_misread(text) || is_spaced(text) || !self.may_be_read(action, text) {
            return Cow::Borrowed("");
        }
        let result = match action {
            Action::Number if is_number(text) && !is_dialled(text) => self.number(text),
            Action::Term | Action::Protocol | Action::Xml | Action::Content => self.term(text),
            Action::Text | Action::Number => self.text(text),
            Action::Uid => self.uids(text, |rules, rest| {
                let separators = rest.chars().all(|c| !c.is_alphanumeric());
                if separators { Cow::Borrowed(rest) } else { rules.term(rest) }
            }),
            Action::Date => Cow::Owned(self.date(text).unwrap_or_default()),
            Action::Epoch => Cow::Owned(self.epoch(text)),
            Action::Characteristic if self.judge.keeps_characteristics() => self.term(text),
            Action::Age if self.judge.keeps_characteristics() => match capped(text) {
                Some(age) => Cow::Owned(age),
                None => self.term(text),
            },
            Action::Device if self.judge.keeps_device() => self.term(text),
            Action::Institution if self.judge.keeps_institution() => Cow::Borrowed(text),
            Action::Registration => Cow::Owned(self.registration(text)),
            Action::Characteristic
            | Action::Age
            | Action::Device
            | Action::Institution
            | Action::Empty
            | Action::Csa
            | Action::GeProtocol
            | Action::Archive
            | Action::Refuse => Cow::Borrowed(""),
        };
        if self.strict && self.judge.identifies(result.as_bytes()) {
            if action == Action::Term
                && let Some(rest) = without_coil_elements(&result)
                && !self.judge.identifies(rest.as_bytes())
            {
                return result;
            }
            let cleaned = self.judge.text(&result);
            return if self.judge.identifies(cleaned.as_bytes()) {
                Cow::Borrowed("")
            } else {
                Cow::Owned(cleaned)
            };
        }
        result
    }

    /// Whether what a text says in references or percents would stay as well, each word of it searched.
    fn may_be_read(&self, action: Action, text: &str) -> bool {
        match said(text) {
            Said::Plainly => true,
            Said::TooDeep => false,
            Said::Otherwise(_) if is_anatomy(text) => true,
            Said::Otherwise(plain) => Rules { strict: true, ..*self }.apply(action, &plain) == plain,
        }
    }

    fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.uids(text, |rules, rest| {
            if rest.chars().all(|c| !c.is_alphanumeric()) {
                return Cow::Borrowed(rest);
            }
            if let Some(apart) = glued::apart(rest) {
                return Cow::Owned(glued::cleaned(&apart, rules.judge));
            }
            rules.judged(rest)
        })
    }

    fn number<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let dates = runs(text).any(|run| is_uid(run) || date_in(run).is_some());
        if dates { self.uids(text, |_, rest| Cow::Owned(zeroed_dates(rest))) } else { Cow::Borrowed(text) }
    }

    fn term<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if is_build(text) || is_baseline(text) || is_dimensions(text) || is_anatomy(text) {
            return Cow::Borrowed(text);
        }
        if text.len() >= SHORTEST_PLACE && self.judge.tells_place(text) {
            return self.text(text);
        }
        self.uids(text, |rules, rest| {
            if let Some(apart) = glued::apart(rest) {
                return Cow::Owned(glued::cleaned(&apart, rules.judge));
            }
            if is_plain(rest) && rules.are_terms(rest) {
                return Cow::Borrowed(rest);
            }
            // The folder of Siemens' protocols and sequences, `%SiemensEvaDefProt%`, is nobody.
            let (folder, path) = rest.split_at(variable(rest));
            if folder.is_empty() || !words(folder).all(is_term) || !words(folder).any(|word| word.len() > 3) {
                return rules.judged(rest);
            }
            match rules.judged(path) {
                left if left == path => Cow::Borrowed(rest),
                left => Cow::Owned(format!("{folder}{left}")),
            }
        })
    }

    /// What the judge leaves of a text; nothing of a date in an order that no judge reads, `1968 Mai 12`.
    fn judged<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.judge.text(text) {
            // The rest of a telephone number, or of an address.
            cleaned if cleaned != text && (text.contains('@') || is_dialled_abroad(&cleaned)) => {
                Cow::Borrowed("")
            }
            cleaned if cleaned != text => Cow::Owned(cleaned),
            _ if has_named_date(text) || has_caret(text.as_bytes()) => Cow::Borrowed(""),
            _ => Cow::Borrowed(text),
        }
    }

    /// Whether a text is a number, or known words in which no date, number or address of somebody has room: what has
    /// more digits, or begins with one, is for the judge as a whole.
    fn are_terms(&self, text: &str) -> bool {
        if is_one_number(text) || are_fractions(text) {
            return true;
        }
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let first = text.bytes().find(u8::is_ascii_alphanumeric);
        let few = digits == 0
            || digits <= 2
                && !text.contains(char::is_whitespace)
                && !first.is_some_and(|c| c.is_ascii_digit());
        few && !has_short_names(text) && (words(text).all(is_term) || are_known(text, self.judge))
    }

    /// Replaces UIDs; what stands between them is for `between`.
    fn uids<'t>(&self, text: &'t str, between: impl Fn(&Self, &'t str) -> Cow<'t, str>) -> Cow<'t, str> {
        if !runs(text).any(is_uid) {
            return between(self, text);
        }
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for run in runs(text).filter(|run| is_uid(run)) {
            let start = run.as_ptr() as usize - text.as_ptr() as usize;
            let uid = run.trim_end_matches('.');
            out.push_str(&between(self, &text[done..start]));
            out.push_str(&self.judge.uid(uid));
            done = start + uid.len();
        }
        out.push_str(&between(self, &text[done..]));
        Cow::Owned(out)
    }

    /// `YYYYMMDD` or `YYYY.MM.DD`, alone or with a time behind it.
    fn date(&self, text: &str) -> Option<String> {
        let text = text.trim();
        let digits: String = text.chars().filter(|c| !matches!(c, '-' | '/' | ':' | ' ')).collect();
        let digits = match digits.as_bytes() {
            [_, _, _, _, b'.', _, _, b'.', ..] => digits.replacen('.', "", 2),
            _ => digits,
        };
        let (date, time) = digits.split_at_checked(8)?;
        let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'+'));
        (looks_like_day(date) && number(time)).then_some(())?;
        let zone = text.get(8..).unwrap_or_default();
        let time = if text.starts_with(date) && zone.len() >= time.len() { zone } else { time };
        let valid = time.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'+' | b'-' | b':' | b' '));
        (valid && time.len() <= 24).then_some(())?;
        Some(self.judge.date(date)? + time)
    }

    /// Seconds since 1970 as text.
    fn epoch(&self, text: &str) -> String {
        let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
        match whole.parse().ok().and_then(|seconds| self.seconds(seconds)) {
            Some(seconds) if fraction.is_empty() => seconds.to_string(),
            Some(seconds) if fraction.bytes().all(|b| b.is_ascii_digit()) => format!("{seconds}.{fraction}"),
            _ => "0".to_owned(),
        }
    }

    /// Seconds since 1970 with their day shifted as the judge shifts dates.
    ///
    /// Numbers of the first year are none: nothing was scanned then, and zero says that nothing is known.
    pub fn seconds(&self, seconds: i64) -> Option<i64> {
        if (0..365 * 86_400).contains(&seconds) {
            return Some(seconds);
        }
        let day = seconds.div_euclid(86_400);
        let (year, month, date) = civil(day);
        (1900..2200).contains(&year).then_some(())?;
        let shifted = self.judge.date(&format!("{year:04}{month:02}{date:02}"))?;
        let number = |range: std::ops::Range<usize>| shifted.get(range)?.parse::<i64>().ok();
        let shifted = days_since_epoch(number(0..4)?, number(4..6)?, number(6..8)?);
        Some(shifted * 86_400 + seconds.rem_euclid(86_400))
    }

    /// `1;HFS;70.00;30.00;2;0;0;123456789`: count, position, weight, age, sex, two codes, and a number made of the
    /// patient's registration.
    fn registration(&self, text: &str) -> String {
        let parts: Vec<&str> = text.split(';').collect();
        let known = parts.len() == 8 && parts.iter().all(|part| part.len() <= 16);
        let position = |part: &str| {
            matches!(part, "HFS" | "HFP" | "FFS" | "FFP" | "HS" | "FS" | "HFDR" | "HFDL" | "FFDR" | "FFDL")
        };
        let fits = known
            && parts[0].len() <= 2
            && (is_number(parts[0]) || parts[0].is_empty())
            && (position(parts[1]) || parts[1].is_empty());
        if !fits {
            return String::new();
        }
        let keeps = self.judge.keeps_characteristics();
        let middle = |index: usize| {
            let part = parts[index];
            let fits = is_number(part) && part.len() <= 7 || matches!(part, "M" | "F" | "O");
            match (keeps && fits, index) {
                (true, 3) if may_be_age(part) => capped(part).unwrap_or_else(|| part.to_owned()),
                (true, _) => part.to_owned(),
                (false, _) => String::new(),
            }
        };
        format!("{};{};{};{};{};;;", parts[0], parts[1], middle(2), middle(3), middle(4))
    }
}

/// Whether a text is a number that is a day of the subject's. With the year in front it is a date that others move.
pub(crate) fn is_day(text: &str, judge: &dyn Judge) -> bool {
    let digits = text.trim();
    matches!(digits.len(), 7 | 8)
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !looks_like_day(digits)
        && judge.is_day(digits)
}

/// Whether a caret stands between two letters, as in a name of DICOM: no term has that.
pub fn has_caret(text: &[u8]) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphabetic() || byte >= 0x80;
    text.windows(3).any(|three| letter(three[0]) && three[1] == b'^' && letter(three[2]))
}

/// Whether a country's number stands in a text.
fn is_dialled_abroad(text: &str) -> bool {
    text.as_bytes().windows(2).any(|two| two[0] == b'+' && two[1].is_ascii_digit())
}

/// Whether a number may be somebody's age in years. In centimetres it is a height.
fn may_be_age(text: &str) -> bool {
    text.trim().parse::<f64>().map_or(true, |years| years < 130.0)
}

/// An age above 89 years as it may be kept; `None` if it is none. Without a unit it is in years.
pub(crate) fn capped(text: &str) -> Option<String> {
    let text = text.trim();
    let years = text.strip_suffix('Y').unwrap_or(text);
    let digits = years.split('.').next()?;
    let age: u32 = digits.parse().ok()?;
    (age > 89).then(|| if text.ends_with('Y') { "090Y".to_owned() } else { "90".to_owned() })
}

/// Whether text is a number or several, in decimal, hexadecimal or with an exponent, and none that is dialled.
pub(crate) fn is_number(text: &str) -> bool {
    let parts = || text.split([' ', ',', ';', '\\', '\t']).filter(|part| !part.is_empty());
    let several = parts().nth(1).is_some();
    parts().all(|part| {
        let bare = part.strip_prefix(['-', '+']).unwrap_or(part);
        if let Some(hex) = bare.strip_prefix("0x") {
            return hex.len() <= 16 && hex.bytes().all(|b| b.is_ascii_hexdigit()) && !spells(hex);
        }
        let whole = bare.split(['.', 'e', 'E']).next().unwrap_or_default();
        let area = whole.len() >= 3 && whole.starts_with('0') && whole.bytes().any(|digit| digit != b'0');
        let dialled = several && (part.starts_with('+') || area);
        let (mantissa, exponent) = bare.split_once(['e', 'E']).unwrap_or((bare, "0"));
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        let digits = |text: &str| text.bytes().any(|b| b.is_ascii_digit());
        !dialled
            && digits(mantissa)
            && mantissa.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            // Two points are a date's, or a version's.
            && mantissa.bytes().filter(|&b| b == b'.').count() <= 1
            && digits(exponent)
            && exponent.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Whether so many signs of Latin-1 stand in a text that they are letters of another character set.
fn is_misread(text: &str) -> bool {
    !text.is_ascii() && text.chars().filter(|c| ('\u{A1}'..='\u{BF}').contains(c)).count() > 3
}

/// Whether the letters of a long word stand apart, `S m i t h s o n`, each behind the same sign.
fn is_spaced(text: &str) -> bool {
    const MOST: usize = 5;
    let mut chars = text.chars();
    // Letters in a row, and what parts them.
    let (mut row, mut sign) = (0, None);
    let mut last = chars.next();
    let mut before = None;
    for c in chars {
        let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        let single = last.is_some_and(char::is_alphabetic) && apart(before) && apart(Some(c));
        if single {
            row = if row > 0 && sign == before { row + 1 } else { 1 };
            sign = Some(c);
        } else if last.is_some_and(char::is_alphanumeric) {
            row = 0;
        }
        if row > MOST {
            return true;
        }
        (before, last) = (last, Some(c));
    }
    false
}

/// Whether hexadecimal digits are three letters or more and nothing else, in one byte each or in two.
pub fn spells(hex: &str) -> bool {
    let hex = hex.trim_start_matches('0');
    if hex.len() < 6 || !hex.len().is_multiple_of(2) {
        return false;
    }
    let bytes = hex.as_bytes().chunks_exact(2).map(|two| {
        let nibble = |digit: u8| char::from(digit).to_digit(16).unwrap_or_default();
        (nibble(two[0]) << 4 | nibble(two[1])) as u8
    });
    let mut letters = 0;
    for byte in bytes.filter(|byte| *byte != 0) {
        if !byte.is_ascii_alphabetic() {
            return false;
        }
        letters += 1;
    }
    letters >= 3
}

/// Whether numbers are those of a telephone or an insurance: whole ones without signs, nine digits or more together, or
/// a zero in front of the first.
pub(crate) fn is_dialled(text: &str) -> bool {
    let parts: Vec<&str> =
        text.split([' ', '\t']).filter(|part| !part.is_empty() && !is_sentinel(part)).collect();
    let digits: usize = parts.iter().map(|part| part.len()).sum();
    let whole = parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let zero = parts.first().is_some_and(|part| part.len() >= 2 && part.starts_with('0') && *part != "00");
    parts.len() >= 2
        && whole
        && (zero && digits >= 6 || matches!(digits, 9..=15) && parts.len() <= 6 && !are_sizes(&parts))
}

/// Whether a number says that there is none, or no limit: one digit again and again, or a power of ten.
pub(crate) fn is_sentinel(number: &str) -> bool {
    const SHORTEST: usize = 6;
    let bytes = number.strip_prefix('-').unwrap_or(number).as_bytes();
    let Some((&first, rest)) = bytes.split_first() else { return false };
    let digits = bytes.iter().filter(|byte| **byte != b'.').count();
    let limit = first == b'1' && rest.iter().all(|&byte| byte == b'0');
    let repeated = rest.iter().all(|&byte| byte == first || byte == b'.') && bytes.len() - digits <= 1;
    (b'1'..=b'9').contains(&first) && digits >= SHORTEST && (limit || repeated)
}

/// Whether a few numbers are how large a matrix or a field of view is, or times and angles: two of them the same, or all
/// multiples of eight or of ten.
pub(crate) fn are_sizes(parts: &[&str]) -> bool {
    let same = parts.windows(2).any(|two| two[0] == two[1]);
    let of = |unit: u32| {
        let multiple = |part: &&str| part.parse::<u32>().is_ok_and(|number| number > 0 && number % unit == 0);
        parts.len() >= 2 && parts.iter().all(multiple)
    };
    parts.len() <= 4 && (same || of(8)) || parts.len() >= 3 && of(10)
}

/// Whether text is numbers each of which has decimals.
fn are_fractions(text: &str) -> bool {
    is_number(text)
        && text.split([' ', ',', ';', '\t']).filter(|part| !part.is_empty()).all(|part| part.contains('.'))
}

/// Whether text is one number.
pub(crate) fn is_one_number(text: &str) -> bool {
    let text = text.trim();
    is_number(text) && !text.contains([' ', ',', ';', '\\', '\t'])
}

/// Runs of digits and points.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.').filter(|run| run.len() >= 6)
}

/// Whether a run of digits and points is a UID, not a version or a number.
fn is_uid(run: &str) -> bool {
    let run = run.trim_matches('.');
    let parts = run.split('.').count();
    let filled = run.split('.').all(|part| !part.is_empty());
    filled && (parts >= 5 && run.len() >= 10 || parts >= 3 && run.len() >= 20 && run.starts_with("2.25."))
}

/// The date at the beginning of a run of digits and points, `YYYYMMDD` alone or with a time behind it.
fn date_in(run: &str) -> Option<&str> {
    let digits = run.split('.').next()?;
    let date = digits.get(..8)?;
    (matches!(digits.len(), 8 | 12 | 14..=20) && looks_like_day(date)).then_some(date)
}

/// Digits of dates as zeros: for numbers, which have to stay numbers.
pub(crate) fn zeroed_dates(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let part = |c: char| c.is_ascii_digit() || c == '.';
    while let Some(at) = rest.find(part) {
        let end = rest[at..].find(|c| !part(c)).map_or(rest.len(), |length| at + length);
        out.push_str(&rest[..at]);
        let run = &rest[at..end];
        let points = run.trim_matches('.').matches('.').count();
        let whole = run.split('.').next().unwrap_or_default();
        // A UID, a telephone number, a number behind letters and a dash.
        let dialled = whole.len() >= 10 && whole.starts_with('0') && whole.bytes().any(|digit| digit != b'0');
        let behind = rest[..at].strip_suffix('-').is_some_and(|before| before.ends_with(char::is_alphabetic));
        let zero = date_in(run).is_some()
            || points >= 4
            || dialled
            || behind && whole.len() >= 6 && !rest[..at].ends_with("e-");
        out.extend(rest[at..end].chars().map(|c| if zero && c != '.' { '0' } else { c }));
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// Whether a UID stands in a text.
pub(crate) fn has_uid(text: &str) -> bool {
    runs(text).any(is_uid)
}

/// All digits as zeros.
pub(crate) fn zeroed_digits(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()
}

/// Whether no date, code or number of somebody can stand in a text: ASCII, no long number, no year.
pub(crate) fn is_plain(text: &str) -> bool {
    text.is_ascii()
        && !text.contains('^')
        // Classes are named `Functor@Library`; an address has a point behind the sign.
        && text.split_whitespace().all(|part| part.split_once('@').is_none_or(|(_, host)| !host.contains(['.', '@'])))
        && text.split(|c: char| !c.is_ascii_digit()).all(|digits| digits.len() < 6)
        && !(has_year(text) && has_month(text))
        && !has_numeric_date(text)
        // A telephone number with its country.
        && !(text.as_bytes().windows(2).any(|two| two[0] == b'+' && two[1].is_ascii_digit())
            && text.bytes().filter(u8::is_ascii_digit).count() >= 7)
}

/// Whether a long run of letters and digits, in both cases, is text in base64 (RFC 4648).
pub fn is_encoded(text: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    text.as_bytes().split(|&byte| !sign(byte)).any(|run| {
        run.len() >= 12
            && run.iter().any(u8::is_ascii_lowercase)
            && run.iter().any(u8::is_ascii_uppercase)
            && (run.chunks_exact(4).all(is_encoded_text)
                // Behind something else: sixteen signs are none by chance.
                || (1..run.len().saturating_sub(15))
                    .any(|start| run[start..start + 16].chunks_exact(4).all(is_encoded_text)))
    })
}

/// Whether four signs of base64 stand for three of ASCII.
fn is_encoded_text(four: &[u8]) -> bool {
    let number = four.iter().fold(0_u32, |number, &byte| number << 6 | sextet(byte));
    number.to_be_bytes()[1..].iter().all(|byte| (0x20..0x7F).contains(byte))
}

/// The six bits of a sign of base64.
fn sextet(byte: u8) -> u32 {
    u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    })
}

/// Whether a number stands in a text that may be a year.
pub(crate) fn has_year(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit())
        .any(|digits| digits.len() == 4 && matches!(&digits[..2], "18" | "19" | "20"))
}

/// Whether the name of a month stands in a text.
pub(crate) fn has_month(text: &str) -> bool {
    words(text).any(may_be_month)
}

/// Whether a day, the name of a month and a year stand beside each other, in any order.
fn has_named_date(text: &str) -> bool {
    let parts: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let day = |part: &str| part.len() <= 2 && part.parse::<u8>().is_ok_and(|day| (1..=31).contains(&day));
    parts.windows(3).any(|three| {
        three.iter().any(|part| is_month(part))
            && three.iter().any(|part| part.len() == 4 && has_year(part))
            && three.iter().any(|part| day(part))
    })
}

/// Whether numbers of a date stand in a text: `12.03.2019`, `2019-03-12`, `12/3/19`.
pub fn has_numeric_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_separator = |byte: u8| matches!(byte, b'.' | b'-' | b'/' | b'_' | b' ');
    let mut parts: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let end = (at..bytes.len()).find(|&end| !bytes[end].is_ascii_digit()).unwrap_or(bytes.len());
        parts.push((at, end));
        at = end;
    }
    let value = |part: (usize, usize)| text[part.0..part.1].parse::<u32>().unwrap_or(u32::MAX);
    parts.windows(3).any(|window| {
        let [a, b, c] = [window[0], window[1], window[2]];
        let joined = b.0 == a.1 + 1 && c.0 == b.1 + 1 && bytes[a.1] == bytes[b.1] && is_separator(bytes[a.1]);
        let (first, last) = (a.1 - a.0 == 4, c.1 - c.0 == 4);
        let year = |part| (1900..2100).contains(&value(part));
        let small = |part| (1..=31).contains(&value(part));
        joined && (first && year(a) && small(b) && small(c) || last && small(a) && small(b) && year(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nobody::Nobody;

    fn applied(action: Action, text: &str) -> String {
        Rules { judge: &Nobody, strict: false }.apply(action, text).into_owned()
    }

    #[test]
    fn sizes_are_not_dialled() {
        for text in [
            "256 256 128",
            "320 320 208",
            "230 230 192",
            "384 384 384",
            "300 600 900 1200",
            "90 180 120 2000",
        ] {
            assert_eq!(applied(Action::Number, text), text);
        }
        for text in ["943 476 591", "06 12 34 56 78", "0160 123456"] {
            assert_ne!(applied(Action::Number, text), text);
        }
    }

    #[test]
    fn numbers_that_say_that_there_is_none_are_nobodys() {
        for text in ["99999.999", "99999999", "1000000000", "-999999", "111111"] {
            assert!(is_sentinel(text), "{text}");
        }
        for text in ["", "99999", "999998", "0000000", "9.9.9999", "1000001", "20000000"] {
            assert!(!is_sentinel(text), "{text}");
        }
        assert!(!is_dialled("0 99999999") && is_dialled("0316 385227 999999"));
    }

    #[test]
    fn terms_of_converters_stay() {
        for text in [
            "HEA;HEP",
            "C:HE1-4",
            "N4_VE11C_LATEST_20160120",
            "X_1_1_1_2_1_1_1_1_1_1_1_2954",
            "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
            "%SiemensSeq%\\gre_field_mapping",
            "MIPFactory@IceImage",
            "HeadNeck_64",
            "17000.0",
            "0.5 17000.0",
            "RefocRF2MBV",
            "T1mapFunctor@IceImagePostProcFunctors",
            "SRT%5CNone%5CT-A0100",
            "Table & Coil",
            "01234567-89ab-cdef-0123-456789abcdef||Sequence: vb17a/master r/0a1b2c3; Feb 03 2012 10:11:12 by abc||ICE_Win32: VB17A r100; Feb 03 2012 10:11:12 by abc",
            "fedcba98-7654-3210-fedc-ba9876543210||Sequence: R001 nxva30a/master r/a1b2c3d4e+; May 04 2020 10:11:12 by abc",
        ] {
            assert_eq!(applied(Action::Term, text), text);
        }
        for text in [
            "ZQXAAAAB",
            "N4_VE11C_LATEST_ZQXAAAAB",
            "12.03.2019",
            "20190312",
            "Mar 12 2019",
            "a@b.org",
            "Dupont^A",
            "12345678",
            "06 12 34 56 78",
            "(555) 123-4567",
            "078-05-1120",
            "SSN 078-05-1120",
            "NHS 943 476 5919",
            "12 juil 68",
            "12. Okt 1968",
            "1968 Mai 12",
            "12-31-47",
            "12 Main St",
            "Kim Lee",
            "Lee_Kim",
            "Kim",
            "J%C3%B6rg",
            "J&#246;rg",
            "&#70;ield 7741",
        ] {
            assert_eq!(applied(Action::Term, text), "", "{text}");
        }
    }

    #[test]
    fn text_in_disguise_goes() {
        for text in
            ["MTk1MzAyMTcxOTUzMDIxNzE5NTMwMjE3", "UGF0aWVudDogU21pdGg=", "S\0m\0i\0t\0h\0", "AB\u{1}CD"]
        {
            for action in [Action::Term, Action::Text, Action::Number] {
                assert_eq!(applied(action, text), "", "{text:?}");
            }
        }
        assert!(!is_encoded("MPRAGE1x1x1p2Iso") && !is_encoded("MIPFactoryIceImageSlice"));
    }

    #[test]
    fn numbers_of_structures_that_may_identify_become_zeros() {
        for (text, left) in [
            ("{ 1.3.12.2.1107.5.2.19.83317 }", "{ 0.0.00.0.0000.0.0.00.00000 }"),
            ("{ 07700900123 }", "{ 00000000000 }"),
            ("{ PT-66120457 }", "{ PT-00000000 }"),
            ("{ 134217728 -12345678 1e-12345678 1.5 }", "{ 134217728 -12345678 1e-12345678 1.5 }"),
        ] {
            assert_eq!(zeroed_dates(text), left);
        }
    }

    #[test]
    fn dates_glued_to_other_words_go() {
        for (text, left) in [
            ("SENSEMarch 14, 1961", ""),
            ("SL 3.01961-03-14", ""),
            ("HC1-61961/03/14", ""),
            ("CC:SENSE114.03.1961", ""),
            ("SL 14.03.19617", ""),
            ("C:HE1-4", "C:HE1-4"),
        ] {
            assert_eq!(applied(Action::Term, text).trim(), left, "{text}");
        }
    }

    #[test]
    fn numbers_stay_unless_they_are_dates_or_uids() {
        for text in ["1.20390328", "-0.5 1e-3", "0x4", "134217728", "192     ", "1;2;3"] {
            assert_eq!(applied(Action::Number, text), text);
        }
        assert_eq!(applied(Action::Number, "20190312.101112"), "00000000.000000");
        assert!(!is_one_number("12.03.2019") && !is_one_number("2019.03.12") && is_one_number("-1.5e-3"));
        assert_eq!(applied(Action::Number, "1.2.3.4.5.6.7"), "2.25.1");
        for text in ["0x42424c", "0x7FFFFFFF", "0x4a4b4c01", "0x1000"] {
            assert_eq!(is_number(text), text != "0x42424c", "{text}");
        }
        for text in [
            "Smith",
            "06 12 34 56 78",
            "943 476 5919",
            "078-05-1120",
            "12 31 47 Coil",
            "0x5a7178616162",
            "0x5a00710078",
        ] {
            assert_eq!(applied(Action::Number, text), "", "{text}");
        }
    }

    #[test]
    fn words_letter_by_letter_and_signs_of_other_character_sets_go() {
        for text in ["Z q x a a b c", "Z.q.x.a.a.b.c", "§¬§²§¨§ª", "T1 Z q x a a b c"] {
            assert_eq!(applied(Action::Term, text), "", "{text}");
        }
        for text in ["A P R L", "17 °", "A-P H-F R-L", "X_1_1_1_2_1_1_1_1_1_1_1_2954"] {
            assert!(!is_spaced(text) && !is_misread(text), "{text}");
        }
    }

    #[test]
    fn a_height_is_no_age() {
        assert!(may_be_age("40.00") && may_be_age("97") && !may_be_age("172.00"));
    }

    #[test]
    fn dates_move_with_their_times() {
        for (text, moved) in [
            ("20190312", "20180101"),
            ("20190312101112.123", "20180101101112.123"),
            ("2019.03.12", "20180101"),
            ("20200312", ""),
            ("tomorrow", ""),
            ("2019031x", ""),
        ] {
            assert_eq!(applied(Action::Date, text), moved);
        }
        let day = days_since_epoch(2019, 3, 12);
        assert_eq!(civil(day), (2019, 3, 12));
        let rules = Rules { judge: &Nobody, strict: false };
        assert_eq!(rules.seconds(day * 86_400 + 5), Some(days_since_epoch(2018, 1, 1) * 86_400 + 5));
    }
}
