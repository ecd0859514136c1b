//! How names, IDs and dates are written: each in the forms in which people and programs write it.

use super::known_dates::days_of;
use super::{IdentifierKind, Identifiers};
use crate::vocabulary::is_common;
use deid_dicom::calendar::looks_like_day;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

impl Identifiers {
    /// The parts of a person name: each word of each component of each representation (PS3.5 6.2.1).
    pub fn add_name(&mut self, name: &str) {
        let seen;
        let name = if name.contains(is_ignorable) {
            seen = without_ignorable(name);
            &seen
        } else {
            name
        };
        for (name, representation) in name
            .split('\\')
            .flat_map(|name| name.split('=').map(move |representation| (name, representation)))
        {
            let components: Vec<&str> = representation.split('^').map(str::trim).collect();
            for component in &components {
                let words = component.split(|c: char| !is_of_word(c) && c != '\'' && c != '\u{FFFD}');
                for word in words.filter(|word| is_name_part(word)) {
                    self.add(IdentifierKind::Name, word, name);
                    let plain: String = word.chars().filter(|c| c.is_alphanumeric()).collect();
                    for spelling in [fold(word), transliterate(word), fold(&plain)] {
                        if spelling != word {
                            self.add(IdentifierKind::Name, &spelling, name);
                        }
                    }
                }
            }
            // Le Goff: people write LeGoff too.
            for component in &components {
                let joined: String = component.chars().filter(|c| c.is_alphanumeric()).collect();
                if joined.chars().count() >= 5 && joined != **component && is_name_part(&joined) {
                    for spelling in [fold(&joined), transliterate(&joined), joined] {
                        self.add(IdentifierKind::Name, &spelling, name);
                    }
                }
            }
            // 王^小東: the parts may be a single character each, together they are not. And people write DoeJane, JDoe.
            let [family, given] = [0, 1].map(|at| {
                let part = components.get(at).copied().unwrap_or_default();
                part.chars().filter(|c| c.is_alphanumeric()).collect::<String>()
            });
            if family.is_empty() || given.is_empty() {
                continue;
            }
            // Hand^Peter: alone each may be a word of the trade, side by side they are the person.
            if is_common(&family) != is_common(&given) {
                for separator in [" ", ", ", ",", "_", "-", ".", "^", ""] {
                    for [first, second] in [[&family, &given], [&given, &family]] {
                        let both = [first, separator, second].concat();
                        self.add(IdentifierKind::Name, &fold(&both), name);
                        self.add(IdentifierKind::Name, &both, name);
                    }
                }
            }
            if is_common(&family) {
                continue;
            }
            let initial: String = given.chars().take(1).collect();
            let joined = [[&family, &given], [&given, &family], [&initial, &family], [&family, &initial]];
            for parts in joined {
                let joined = parts.map(String::as_str).concat();
                if is_common(&joined) {
                    continue;
                }
                for spelling in [fold(&joined), transliterate(&joined), joined] {
                    self.add(IdentifierKind::Name, &spelling, name);
                }
            }
        }
    }

    /// The words of a person name byte for byte, where `written` finds no letters for the bytes: whatever they mean, the same
    /// ones mean the same elsewhere. A byte is a character here.
    pub(super) fn add_name_in_bytes(&mut self, name: &[u8], read: impl Fn(&[u8]) -> String) {
        if name.is_ascii() || name.contains(&0x1B) {
            return;
        }
        let latin = |bytes: &[u8]| bytes.iter().map(|&byte| char::from(byte)).collect::<String>();
        let origin = latin(name);
        let mut add = |part: &[u8]| {
            let known =
                |text: &str| text.chars().all(|c| c.is_ascii() || is_of_word(c)) && is_written_so(text, part);
            if part.len() >= 3 && !part.is_ascii() && !known(&read(part)) {
                self.add(IdentifierKind::Name, &latin(part), &origin);
            }
        };
        for component in name.split(|byte| matches!(byte, b'=' | b'^')) {
            add(component.trim_ascii());
            // Those of one component, where it has several; second bytes of characters are none of these signs.
            for word in component.split(|byte| matches!(byte, b' ' | b',' | b'.' | b'-')) {
                add(word);
            }
        }
    }

    /// An ID, whole and as people write it, and the long numbers in it.
    pub fn add_id(&mut self, id: &str) {
        let id = id.trim_matches(['\0', ' ']);
        if id.chars().filter(|c| c.is_alphanumeric()).count() < 3 || is_common(id) {
            return;
        }
        self.add(IdentifierKind::PatientId, id, id);
        // `SLICES_20190313` names a day, not a person.
        let telling = |digits: &&str| digits.len() >= 5 && !looks_like_day(digits);
        for digits in id.split(|c: char| !c.is_ascii_digit()) {
            for digits in [digits, digits.trim_start_matches('0')].iter().filter(|digits| telling(digits)) {
                self.add(IdentifierKind::PatientId, digits, id);
            }
        }
        // KH-0099-1234 is 0099-1234, too.
        let numbers: Vec<&str> =
            id.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
        if numbers.len() >= 2 {
            let joined = numbers.concat();
            for digits in [joined.as_str(), joined.trim_start_matches('0')] {
                if digits.len() >= 6 && !looks_like_day(digits) {
                    self.add(IdentifierKind::PatientId, digits, id);
                }
            }
        }
        if id.contains(|c: char| !c.is_alphanumeric()) {
            for separator in ["-", "_", " ", "."] {
                let parts: Vec<&str> = id.split(|c: char| !c.is_alphanumeric()).collect();
                self.add(IdentifierKind::PatientId, &parts.join(separator), id);
            }
        }
        self.add_parted_numbers(id);
        // AB-123: also without the sign or with another one, and AB123 with one. HC-012 is HC12, too.
        let runs = runs_of_one_kind(id);
        let without_zeros: Vec<&str> = runs
            .iter()
            .map(|run| Some(run.trim_start_matches('0')).filter(|rest| !rest.is_empty()).unwrap_or(run))
            .collect();
        if (2..=8).contains(&runs.len()) {
            for runs in [runs, without_zeros] {
                let joined = runs.concat();
                if joined.chars().count() < 3
                    || joined.bytes().all(|byte| byte.is_ascii_digit()) && joined.len() < 5
                {
                    continue;
                }
                for form in ["", "-", "_", " ", "."].map(|separator| runs.join(separator)) {
                    if !is_common(&form) {
                        self.add(IdentifierKind::PatientId, &form, id);
                    }
                }
            }
        }
    }

    /// Numbers within an ID that signs part, joined: of `0071-3394-K` also 00713394 and 713394.
    fn add_parted_numbers(&mut self, id: &str) {
        const FEWEST: usize = 6;
        let parts = id
            .split(|c: char| c.is_alphabetic())
            .map(|part| part.trim_matches(|c: char| !c.is_ascii_digit()));
        for part in parts.filter(|part| *part != id && part.contains(|c: char| !c.is_ascii_digit())) {
            let numbers = || part.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty());
            let whole: String = numbers().collect();
            let bare: String = numbers().map(|number| number.trim_start_matches('0')).collect();
            for joined in [whole, bare] {
                if joined.len() >= FEWEST && !looks_like_day(&joined) {
                    self.add(IdentifierKind::PatientId, &joined, id);
                }
            }
        }
    }

    /// Where somebody lives or can be reached: numbers and addresses whole, and the words that no other place has.
    pub fn add_address(&mut self, address: &str) {
        self.add_id(address);
        for word in
            address.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '^' | '<' | '>' | '='))
        {
            let mail = word.trim_start_matches("mailto:").trim_matches(|c: char| !c.is_alphanumeric());
            if let Some((local, _)) = mail.split_once('@') {
                self.add(IdentifierKind::PatientId, mail, address);
                if local.len() >= 5 {
                    self.add(IdentifierKind::PatientId, local, address);
                }
            }
        }
        let words = address.split(|c: char| !c.is_alphabetic());
        for word in words.filter(|word| word.chars().count() >= 5 && !is_common(word)) {
            let folded = fold(word).to_lowercase();
            if !OF_ADDRESSES.contains(&folded.as_str()) && !address.contains('@') {
                self.add(IdentifierKind::PatientId, word, address);
                self.add(IdentifierKind::PatientId, &fold(word), address);
                self.add(IdentifierKind::PatientId, &transliterate(word), address);
            }
        }
    }

    /// A date of the study, `YYYYMMDD…`, if it is a day of the age of digital images.
    pub fn add_known_date(&mut self, date: &str) {
        for day in days_of(date.as_bytes()) {
            let day = String::from_utf8_lossy(&day);
            self.add(IdentifierKind::KnownDate, &day, &day);
        }
    }

    /// A date `YYYYMMDD…` in the forms in which people write it.
    pub fn add_date(&mut self, kind: IdentifierKind, date: &str) {
        let digits: String = date.chars().filter(char::is_ascii_digit).take(8).collect();
        if digits.len() != 8 || digits.starts_with("0000") {
            return;
        }
        let (year, month, day) = (&digits[..4], &digits[4..6], &digits[6..]);
        let number = |part: &str| part.trim_start_matches('0').to_owned();
        let (short_month, short_day, short_year) = (number(month), number(day), &year[2..]);
        let name = month.parse::<usize>().ok().and_then(|month| MONTHS.get(month.wrapping_sub(1)));
        let name = name.copied().unwrap_or_default();
        for parts in [
            [year, month, day],
            [day, month, year],
            [month, day, year],
            [short_year, month, day],
            [day, month, short_year],
            [month, day, short_year],
        ] {
            self.add(kind, &parts.concat(), &digits);
        }
        if kind == IdentifierKind::BirthDate {
            self.add(kind, &[&short_day, &short_month, short_year].join("."), &digits);
        }
        if !name.is_empty() {
            let full = MONTH_NAMES[month.parse::<usize>().map_or(0, |month| month - 1)];
            for form in [
                format!("{full} {short_day}, {year}"),
                format!("{full} {short_day} {year}"),
                format!("{short_day} {full} {year}"),
                format!("{name} {short_day}, {year}"),
            ] {
                self.add(kind, &form, &digits);
            }
            for parts in [[day, name, year], [short_day.as_str(), name, year], [day, name, short_year]] {
                for separator in ["", "-", "_", " "] {
                    self.add(kind, &parts.join(separator), &digits);
                }
            }
        }
        // As people write it; with points it would be a version.
        for separator in ["-", "/"] {
            for parts in [
                [short_month.as_str(), &short_day, short_year],
                [&short_day, &short_month, short_year],
                [short_year, &short_month, &short_day],
                [month, day, short_year],
                [short_year, month, day],
            ] {
                self.add(kind, &parts.join(separator), &digits);
            }
        }
        for separator in ["-", ".", "/", "_", " ", ":"] {
            for parts in [
                [year, month, day],
                [day, month, year],
                [month, day, year],
                [&short_day, &short_month, year],
                [&short_month, &short_day, year],
                [day, month, short_year],
                [year, &short_month, &short_day],
            ] {
                self.add(kind, &parts.join(separator), &digits);
            }
        }
    }
}

/// Whether a folded word in small letters is one that many addresses have.
pub(super) fn is_of_addresses(folded: &str) -> bool {
    OF_ADDRESSES.contains(&folded)
}

/// Words that many addresses have.
const OF_ADDRESSES: [&str; 48] = [
    "street",
    "strasse",
    "straße",
    "road",
    "avenue",
    "drive",
    "place",
    "square",
    "court",
    "close",
    "crescent",
    "terrace",
    "gardens",
    "grove",
    "north",
    "south",
    "upper",
    "lower",
    "great",
    "little",
    "apartment",
    "house",
    "floor",
    "county",
    "province",
    "state",
    "states",
    "united",
    "kingdom",
    "germany",
    "deutschland",
    "france",
    "italy",
    "italia",
    "spain",
    "espana",
    "austria",
    "osterreich",
    "switzerland",
    "schweiz",
    "suisse",
    "canada",
    "america",
    "boulevard",
    "chemin",
    "calle",
    "platz",
    "center",
];

/// English months.
pub(crate) const MONTH_NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The same in three letters.
pub(crate) const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// The runs of letters and of digits in an ID.
fn runs_of_one_kind(id: &str) -> Vec<&str> {
    let kind = |c: char| (c.is_alphabetic(), c.is_numeric());
    let mut runs = Vec::new();
    let mut start = 0;
    let mut last = None;
    for (at, c) in id.char_indices() {
        if last.is_some_and(|last| last != kind(c)) {
            runs.push(&id[start..at]);
            start = at;
        }
        last = Some(kind(c));
    }
    runs.push(&id[start..]);
    runs.retain(|run| run.chars().all(char::is_alphanumeric) && !run.is_empty());
    runs
}

/// Whether a character is of a word: vowels and tones are marks in some scripts.
fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// Whether these bytes are looked for because of a text.
fn is_written_so(text: &str, bytes: &[u8]) -> bool {
    text.as_bytes() == bytes
        || text.chars().map(|c| u8::try_from(u32::from(c)).ok()).eq(bytes.iter().map(|&byte| Some(byte)))
        || [encoding_rs::GB18030, encoding_rs::EUC_KR, encoding_rs::SHIFT_JIS]
            .iter()
            .any(|table| *table.encode(text).0 == *bytes)
}

/// Whether a character is not seen (Default_Ignorable_Code_Point of Unicode).
pub(crate) const fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFF8}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// A text as it is seen.
pub(crate) fn without_ignorable(text: &str) -> String {
    text.chars().filter(|&c| !is_ignorable(c)).collect()
}

fn is_name_part(word: &str) -> bool {
    let length = word.chars().count();
    let letters = word.chars().any(char::is_alphabetic);
    length >= 2 && (letters || length >= 6) && !is_common(word)
}

/// Without accents: `Jérôme` is looked for as `Jerome` too.
pub(super) fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word.to_owned();
    }
    let plain = |c| match c {
        'ł' => 'l',
        'Ł' => 'L',
        'ø' => 'o',
        'Ø' => 'O',
        'đ' | 'ð' => 'd',
        'Đ' | 'Ð' => 'D',
        'ı' => 'i',
        c => c,
    };
    word.nfd().filter(|&c| !is_combining_mark(c)).map(plain).collect()
}

/// As Germans and Scandinavians spell their letters where there are none: `Mueller` for `Müller`.
pub(super) fn transliterate(word: &str) -> String {
    let mut plain = String::new();
    for c in word.chars() {
        let two = match c {
            'ä' | 'æ' => "ae",
            'ö' | 'ø' => "oe",
            'ü' => "ue",
            'å' => "aa",
            'ß' => "ss",
            'Ä' | 'Æ' => "Ae",
            'Ö' | 'Ø' => "Oe",
            'Ü' => "Ue",
            'Å' => "Aa",
            _ => {
                plain.push(c);
                continue;
            }
        };
        plain.push_str(two);
    }
    fold(&plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_of_names_take_no_more_room_than_they_must() {
        let list: Vec<String> = (0..2000).map(|number| format!("Nym{number}x^Vor{number}y")).collect();
        let words = list.join(" ").replace('^', " ");
        for names in [list.join("\\"), words] {
            let mut identifiers = Identifiers::default();
            identifiers.add_name(&names);
            let room: usize = identifiers.iter().map(|identifier| identifier.origin.expose().len()).sum();
            assert!(identifiers.iter().count() > 2000 && room < 200 * names.len(), "{room}");
        }
    }
}
