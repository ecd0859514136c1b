//! Character sets: Specific Character Set (0008,0005) and ISO 2022 code extensions (PS3.5 6.1, PS3.3 C.12.1.1.2).
//!
//! Decoding serves the search for identifiers and the naming of files; only text of which something is taken out is
//! written anew.

mod encode;

use encoding_rs::Encoding as Table;

/// One coded character set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Repertoire {
    Ascii,
    Latin1,
    Katakana,
    Table(&'static Table),
    /// JIS X 0208 in G0 (ISO-IR 87).
    Kanji,
    /// JIS X 0212 in G0 (ISO-IR 159).
    SupplementaryKanji,
    /// KS X 1001 in G1 (ISO-IR 149).
    Korean,
    /// GB 2312 in G1 (ISO-IR 58).
    Chinese,
}

/// The character sets that govern the text of a data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CharacterSet {
    initial: Repertoire,
    /// All repertoires declared, in order.
    declared: Vec<Repertoire>,
    extended: bool,
    known: bool,
}

impl Default for CharacterSet {
    fn default() -> Self {
        CharacterSet { initial: Repertoire::Ascii, declared: Vec::new(), extended: false, known: true }
    }
}

impl CharacterSet {
    /// Reads the raw value of (0008,0005). Misspelt names are understood; of a name that is unknown the bytes are
    /// read as Latin-1, so that no identifier escapes a search, and [`CharacterSet::is_known`] is false.
    pub fn parse(value: &[u8]) -> Self {
        let mut set = CharacterSet::default();
        for (index, name) in value.split(|&byte| byte == b'\\').enumerate() {
            let name: String =
                name.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(|&byte| byte as char).collect();
            let name = name.to_ascii_uppercase();
            set.extended |= index > 0 || name.contains("ISO2022");
            set.declared.extend(by_name(&name));
            if index > 0 || name.is_empty() {
                set.known &= name.is_empty() || by_name(&name).is_some();
                continue;
            }
            if let Some(repertoire) = by_name(&name) {
                set.initial = repertoire;
            } else {
                set.initial = Repertoire::Latin1;
                set.known = false;
            }
        }
        set
    }

    /// Whether the value named a character set we know.
    pub const fn is_known(&self) -> bool {
        self.known
    }

    /// The text of a value. Bytes that the character set does not have become U+FFFD, or Latin-1 where none
    /// or a single-byte one is declared, since that is what such files most often hold.
    pub fn decode(&self, value: &[u8]) -> String {
        if value.is_ascii() && !value.contains(&0x1B) && self.initial != Repertoire::Katakana {
            return String::from_utf8_lossy(value).into_owned();
        }
        if self.extended && value.contains(&0x1B) {
            return self.decode_escaped(value);
        }
        if self.extended && self.initial == Repertoire::Ascii && std::str::from_utf8(value).is_err() {
            // Writers forget the escape that a declared set of two bytes asks for.
            let forgotten = || self.of_two_bytes().find_map(|table| faultless(table, value));
            if let Some(text) = forgotten() {
                return text;
            }
        }
        decode_run(self.initial, value)
    }

    /// The declared sets of two bytes in G1, which need an escape.
    fn of_two_bytes(&self) -> impl Iterator<Item = &'static Table> + '_ {
        self.declared.iter().filter_map(|declared| match declared {
            Repertoire::Korean => Some(encoding_rs::EUC_KR),
            Repertoire::Chinese => Some(encoding_rs::GBK),
            _ => None,
        })
    }

    /// Other texts that the bytes may be, whatever the character set says: of declared sets without their escapes, as
    /// UTF-8, and, where what [`decode`](CharacterSet::decode) reads is no text, of the sets of East Asia.
    pub fn other_readings(&self, value: &[u8]) -> Vec<String> {
        if value.is_ascii() || value.contains(&0x1B) {
            return Vec::new();
        }
        let text = self.decode(value);
        let utf8 = std::str::from_utf8(value).ok().map(str::to_owned);
        let mut tables: Vec<&'static Table> = self.of_two_bytes().collect();
        if text.chars().any(is_no_text) && utf8.is_none() {
            tables.extend([
                encoding_rs::SHIFT_JIS,
                encoding_rs::GB18030,
                encoding_rs::EUC_KR,
                encoding_rs::EUC_JP,
            ]);
        }
        let mut readings: Vec<String> =
            utf8.into_iter().chain(tables.into_iter().filter_map(|table| faultless(table, value))).collect();
        readings.retain(|reading| *reading != text);
        readings.dedup();
        readings
    }

    /// ISO 2022: a repertoire holds until the next escape or delimiter (PS3.5 6.1.2.5.3).
    fn decode_escaped(&self, value: &[u8]) -> String {
        let mut text = String::new();
        let (mut low, mut high) = (Repertoire::Ascii, self.initial);
        let mut at = 0;
        while at < value.len() {
            if value[at] == 0x1B {
                let (length, change) = escape(&value[at..]);
                match change {
                    Some((false, repertoire)) => low = repertoire,
                    Some((true, repertoire)) => high = repertoire,
                    None => {}
                }
                at += length;
                continue;
            }
            let two_bytes = matches!(low, Repertoire::Kanji | Repertoire::SupplementaryKanji);
            if two_bytes && (0x21..0x7F).contains(&value[at]) && at + 1 < value.len() {
                text.push_str(&decode_run(low, &value[at..at + 2]));
                at += 2;
                continue;
            }
            let upper = value[at] >= 0x80;
            let end = value[at..]
                .iter()
                .position(|&byte| {
                    byte == 0x1B || (byte >= 0x80) != upper || (!upper && (two_bytes || is_delimiter(byte)))
                })
                .map_or(value.len(), |length| at + length.max(1));
            let run = &value[at..end];
            let repertoire = if upper {
                high
            } else if two_bytes {
                Repertoire::Ascii
            } else {
                low
            };
            text.push_str(&decode_run(repertoire, run));
            if !upper && is_delimiter(run[0]) {
                (low, high) = (Repertoire::Ascii, self.initial);
            }
            at = end;
        }
        text
    }
}

/// Whether a character stands for bytes that were read in the wrong set: a control character (ISO 6429 C1), but for the
/// signs that Windows-1252 has among them, or the sign for what cannot be read.
pub const fn is_no_text(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{84}' | '\u{86}'..='\u{90}' | '\u{98}'..='\u{9F}' | '\u{FFFD}')
}

fn faultless(table: &'static Table, value: &[u8]) -> Option<String> {
    let text = table.decode_without_bom_handling_and_without_replacement(value)?;
    (!text.chars().any(is_no_text)).then(|| text.into_owned())
}

const fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'\\' | b'^' | b'=' | b'\r' | b'\n' | 0x0C | b'\t')
}

fn by_name(name: &str) -> Option<Repertoire> {
    let number = name
        .strip_prefix("ISO2022IR")
        .or_else(|| name.strip_prefix("ISOIR"))
        .or_else(|| name.strip_prefix("ISO2022"))
        .or_else(|| name.strip_prefix("IR"));
    if let Some(number) = number {
        return by_number(number);
    }
    match name {
        "GB18030" => return Some(Repertoire::Table(encoding_rs::GB18030)),
        "GBK" | "GB2312" => return Some(Repertoire::Table(encoding_rs::GBK)),
        "UTF8" => return Some(Repertoire::Table(encoding_rs::UTF_8)),
        "ASCII" => return Some(Repertoire::Ascii),
        _ => {}
    }
    // ISO 8859-1 and the like: what is left of the name after `ISO8859`.
    match name.strip_prefix("ISO8859").or_else(|| name.strip_prefix("LATIN"))? {
        "1" => Some(Repertoire::Latin1),
        "2" => by_number("101"),
        "3" => by_number("109"),
        "4" => by_number("110"),
        "5" => by_number("144"),
        "6" => by_number("127"),
        "7" => by_number("126"),
        "8" => by_number("138"),
        "9" => by_number("148"),
        "11" => by_number("166"),
        "15" => by_number("203"),
        _ => None,
    }
}

fn by_number(number: &str) -> Option<Repertoire> {
    Some(match number {
        "6" | "14" => Repertoire::Ascii,
        "100" => Repertoire::Latin1,
        "101" => Repertoire::Table(encoding_rs::ISO_8859_2),
        "109" => Repertoire::Table(encoding_rs::ISO_8859_3),
        "110" => Repertoire::Table(encoding_rs::ISO_8859_4),
        "144" => Repertoire::Table(encoding_rs::ISO_8859_5),
        "127" => Repertoire::Table(encoding_rs::ISO_8859_6),
        "126" => Repertoire::Table(encoding_rs::ISO_8859_7),
        "138" => Repertoire::Table(encoding_rs::ISO_8859_8),
        "148" => Repertoire::Table(encoding_rs::WINDOWS_1254),
        "166" => Repertoire::Table(encoding_rs::WINDOWS_874),
        "203" => Repertoire::Table(encoding_rs::ISO_8859_15),
        "192" => Repertoire::Table(encoding_rs::UTF_8),
        "13" => Repertoire::Katakana,
        "87" => Repertoire::Kanji,
        "159" => Repertoire::SupplementaryKanji,
        "149" => Repertoire::Korean,
        "58" => Repertoire::Chinese,
        _ => return None,
    })
}

/// Length of an escape sequence and what it designates: (to G1?, repertoire).
fn escape(bytes: &[u8]) -> (usize, Option<(bool, Repertoire)>) {
    let table = |number| by_number(number).unwrap_or(Repertoire::Latin1);
    match bytes {
        [_, b'(', b'B' | b'J', ..] => (3, Some((false, Repertoire::Ascii))),
        [_, b')', b'I', ..] => (3, Some((true, Repertoire::Katakana))),
        [_, b'-', b'A', ..] => (3, Some((true, Repertoire::Latin1))),
        [_, b'-', b'B', ..] => (3, Some((true, table("101")))),
        [_, b'-', b'C', ..] => (3, Some((true, table("109")))),
        [_, b'-', b'D', ..] => (3, Some((true, table("110")))),
        [_, b'-', b'L', ..] => (3, Some((true, table("144")))),
        [_, b'-', b'G', ..] => (3, Some((true, table("127")))),
        [_, b'-', b'F', ..] => (3, Some((true, table("126")))),
        [_, b'-', b'H', ..] => (3, Some((true, table("138")))),
        [_, b'-', b'M', ..] => (3, Some((true, table("148")))),
        [_, b'-', b'T', ..] => (3, Some((true, table("166")))),
        [_, b'-', b'b', ..] => (3, Some((true, table("203")))),
        [_, b'$', b'B' | b'@', ..] => (3, Some((false, Repertoire::Kanji))),
        [_, b'$', b'(', b'D', ..] => (4, Some((false, Repertoire::SupplementaryKanji))),
        [_, b'$', b')', b'C', ..] => (4, Some((true, Repertoire::Korean))),
        [_, b'$', b')', b'A', ..] => (4, Some((true, Repertoire::Chinese))),
        _ => (1, None),
    }
}

fn decode_run(repertoire: Repertoire, bytes: &[u8]) -> String {
    match repertoire {
        // Undeclared bytes above 7F are in practice UTF-8 or Latin-1.
        Repertoire::Ascii => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
        },
        Repertoire::Latin1 => bytes.iter().map(|&byte| char::from(byte)).collect(),
        Repertoire::Katakana => bytes
            .iter()
            .map(|&byte| match byte {
                0xA1..=0xDF => char::from_u32(0xFF61 + u32::from(byte - 0xA1)).unwrap_or('\u{FFFD}'),
                _ => char::from(byte),
            })
            .collect(),
        Repertoire::Table(table) => {
            let (text, faulty) = table.decode_without_bom_handling(bytes);
            // A value that claims UTF-8 and is none is nearly always Latin-1.
            if faulty && table == encoding_rs::UTF_8 {
                return bytes.iter().map(|&byte| char::from(byte)).collect();
            }
            text.into_owned()
        }
        Repertoire::Kanji => {
            let high: Vec<u8> = bytes.iter().map(|byte| byte | 0x80).collect();
            encoding_rs::EUC_JP.decode_without_bom_handling(&high).0.into_owned()
        }
        Repertoire::SupplementaryKanji => {
            let high: Vec<u8> = bytes
                .chunks(2)
                .flat_map(|pair| [0x8F].into_iter().chain(pair.iter().map(|b| b | 0x80)))
                .collect();
            encoding_rs::EUC_JP.decode_without_bom_handling(&high).0.into_owned()
        }
        Repertoire::Korean => encoding_rs::EUC_KR.decode_without_bom_handling(bytes).0.into_owned(),
        Repertoire::Chinese => encoding_rs::GBK.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(name: &str, bytes: &[u8]) -> String {
        CharacterSet::parse(name.as_bytes()).decode(bytes)
    }

    #[test]
    fn single_byte_sets_are_decoded() {
        assert_eq!(decode("ISO_IR 100", b"J\xe9r\xf4me"), "Jérôme");
        assert_eq!(decode("ISO_IR 203", b"Prix^\xa4"), "Prix^€");
        assert_eq!(decode("ISO_IR 148", b"\xc7avu\xfeo\xf0lu"), "Çavuşoğlu");
        assert_eq!(decode("ISO_IR 126", b"\xc4\xe9\xef\xed"), "Διον");
        assert_eq!(decode("", b"J\xe9r\xf4me"), "Jérôme");
    }

    #[test]
    fn text_is_encoded_where_that_is_simple() {
        assert_eq!(CharacterSet::parse(b"ISO_IR 100").encode("J\u{e9}").as_deref(), Some(&b"J\xe9"[..]));
        assert_eq!(CharacterSet::parse(b"ISO_IR 192").encode("王").as_deref(), Some("王".as_bytes()));
        assert_eq!(CharacterSet::parse(b"ISO_IR 100").encode("王"), None);
        assert_eq!(CharacterSet::parse(b"GB18030").encode("t1").as_deref(), Some(&b"t1"[..]));
    }

    #[test]
    fn misspelt_and_unknown_names_still_decode() {
        assert_eq!(decode("ISO_IR_100", b"J\xe9"), "Jé");
        assert_eq!(decode("ISO 8859-1", b"J\xe9"), "Jé");
        assert!(!CharacterSet::parse(b"ISO_IR 999").is_known());
        assert!(!CharacterSet::parse(b"ISO_IR 100\\SOMEBODY").is_known());
        assert!(CharacterSet::parse(b"\\ISO 2022 IR 87").is_known());
        assert_eq!(decode("ISO_IR 999", b"J\xe9"), "Jé");
    }

    #[test]
    fn multi_byte_sets_are_decoded() {
        assert_eq!(decode("ISO_IR 192", "王^小東".as_bytes()), "王^小東");
        assert_eq!(decode("GB18030", b"Zhang=\x8f\x88^\xbf\xa1").chars().last(), Some('俊'));
        assert_eq!(decode("GBK", b"\xcd\xf5"), "王");
    }

    #[test]
    fn declared_sets_are_read_without_their_escapes() {
        assert_eq!(decode("\\ISO 2022 IR 58", b"Zhang=\xd5\xc5^\xd0\xa1\xb6\xab"), "Zhang=张^小东");
        assert_eq!(decode("\\ISO 2022 IR 149", b"Hong=\xfb\xf3^\xd1\xce\xd4\xd7"), "Hong=洪^吉洞");
        assert_eq!(decode("\\ISO 2022 IR 58", "tête".as_bytes()), "tête");
        assert_eq!(decode("\\ISO 2022 IR 144", b"J\xe9"), "Jé");
    }

    #[test]
    fn bytes_have_other_readings() {
        let readings = |name: &str, bytes: &[u8]| CharacterSet::parse(name.as_bytes()).other_readings(bytes);
        assert_eq!(readings("ISO_IR 100", "Müßig".as_bytes()), ["Müßig"]);
        let japanese = readings("ISO_IR 100", b"\x8eR\x93c\x8c\xb4^\x91\xbe\x98Y\x8a\xdb");
        assert!(japanese.contains(&"山田原^太郎丸".to_owned()), "{japanese:?}");
        assert!(
            readings("ISO_IR 100", b"J\xe9r\xf4me").is_empty()
                && readings("ISO_IR 192", "王".as_bytes()).is_empty()
        );
    }

    #[test]
    fn iso_2022_escapes_switch_and_delimiters_reset() {
        let kanji = b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B";
        assert_eq!(decode("\\ISO 2022 IR 87", kanji), "Yamada^Tarou=山田^太郎=やまだ^たろう");
        let katakana = b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J";
        assert_eq!(decode("ISO 2022 IR 13\\ISO 2022 IR 87", katakana), "ﾔﾏﾀﾞ^ﾀﾛｳ=山田");
        let korean = b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7";
        assert_eq!(decode("\\ISO 2022 IR 149", korean), "Hong^Gildong=洪^吉洞");
        let chinese = b"Zhang=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1";
        assert_eq!(decode("\\ISO 2022 IR 58", chinese), "Zhang=张^小");
        let cyrillic = b"Dionysios\xe9^\x1b-L\xbb\xee";
        assert_eq!(decode("ISO 2022 IR 100\\ISO 2022 IR 144", cyrillic), "Dionysiosé^Лю");
        assert_eq!(decode("\\ISO 2022 IR 159", b"\x1b$(D\x30\x21"), "丂");
    }
}
