//! Text as bytes of a character set, with the escape sequences it needs (PS3.5 6.1.2.5, annexes H to K).

use super::{CharacterSet, Repertoire, is_delimiter};

impl CharacterSet {
    /// A text as bytes of the set; `None` if it has characters that none of the declared repertoires has. What is
    /// written reads back as the same text, escape sequences reset before each delimiter and at the end.
    pub fn encode(&self, text: &str) -> Option<Vec<u8>> {
        if text.is_ascii() && !self.is_shadowed(text) {
            return Some(text.as_bytes().to_vec());
        }
        let bytes = match (self.extended, self.initial) {
            (false, initial) => whole(initial, text)?,
            (true, _) => self.switching(text)?,
        };
        // Tables map some characters to one that reads back as another.
        (self.decode(&bytes) == text).then_some(bytes)
    }

    /// Whether ASCII does not mean what it says: JIS X 0201 has other signs for backslash and tilde.
    fn is_shadowed(&self, text: &str) -> bool {
        self.decode(text.as_bytes()) != text
    }

    /// Text in several repertoires, each announced by its escape sequence.
    fn switching(&self, text: &str) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(2 * text.len());
        let (mut low, mut high) = (Repertoire::Ascii, self.initial);
        for c in text.chars() {
            if c.is_ascii() {
                if low != Repertoire::Ascii {
                    bytes.extend_from_slice(b"\x1b(B");
                    low = Repertoire::Ascii;
                }
                let c = c as u8;
                bytes.push(c);
                if is_delimiter(c) {
                    high = self.initial;
                }
                continue;
            }
            // In the repertoire that holds, else in the first that has it.
            let known = [high, low].into_iter().find_map(|repertoire| one(repertoire, c));
            if let Some(encoded) = known {
                bytes.extend(encoded);
                continue;
            }
            let (repertoire, encoded) =
                self.declared.iter().find_map(|&repertoire| Some((repertoire, one(repertoire, c)?)))?;
            bytes.extend_from_slice(announcement(repertoire)?);
            if matches!(repertoire, Repertoire::Kanji | Repertoire::SupplementaryKanji) {
                low = repertoire;
            } else {
                high = repertoire;
            }
            bytes.extend(encoded);
        }
        if low != Repertoire::Ascii {
            bytes.extend_from_slice(b"\x1b(B");
        }
        Some(bytes)
    }
}

/// A text in one repertoire.
fn whole(repertoire: Repertoire, text: &str) -> Option<Vec<u8>> {
    if let Repertoire::Table(table) = repertoire {
        let (bytes, _, faulty) = table.encode(text);
        return (!faulty && table.output_encoding() == table).then(|| bytes.into_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            bytes.push(c as u8);
        } else {
            bytes.extend(one(repertoire, c)?);
        }
    }
    Some(bytes)
}

/// A character above ASCII in a repertoire.
fn one(repertoire: Repertoire, c: char) -> Option<Vec<u8>> {
    let mut buffer = [0; 4];
    let text: &str = c.encode_utf8(&mut buffer);
    let table = |table: &'static encoding_rs::Encoding| {
        let (bytes, _, faulty) = table.encode(text);
        (!faulty && table.output_encoding() == table).then(|| bytes.into_owned())
    };
    match repertoire {
        Repertoire::Ascii => None,
        Repertoire::Latin1 => {
            u8::try_from(u32::from(c)).ok().filter(|&byte| byte >= 0xA0).map(|byte| vec![byte])
        }
        Repertoire::Katakana => {
            let offset = u32::from(c).checked_sub(0xFF61).filter(|&offset| offset <= 0xDF - 0xA1)?;
            Some(vec![0xA1 + offset as u8])
        }
        Repertoire::Table(of) => table(of),
        // The rows of JIS X 0208 are the two-byte codes of EUC-JP; those of JIS X 0212 stand behind 8F.
        Repertoire::Kanji => match table(encoding_rs::EUC_JP)?[..] {
            [a @ 0xA1..=0xFE, b] => Some(vec![a & 0x7F, b & 0x7F]),
            _ => None,
        },
        Repertoire::SupplementaryKanji => supplementary(c),
        Repertoire::Korean => table(encoding_rs::EUC_KR).filter(|bytes| within_94(bytes)),
        Repertoire::Chinese => table(encoding_rs::GBK).filter(|bytes| within_94(bytes)),
    }
}

/// Whether two bytes are of a set of 94 by 94 characters, not of an extension of it.
fn within_94(bytes: &[u8]) -> bool {
    matches!(bytes, [0xA1..=0xFE, 0xA1..=0xFE])
}

/// A character of JIS X 0212, which no encoder writes: looked for among all that a decoder reads.
fn supplementary(c: char) -> Option<Vec<u8>> {
    (0x21..0x7F_u8).flat_map(|row| (0x21..0x7F_u8).map(move |cell| [row, cell])).find_map(|pair| {
        let bytes = [0x8F, pair[0] | 0x80, pair[1] | 0x80];
        let decoded = encoding_rs::EUC_JP.decode_without_bom_handling_and_without_replacement(&bytes)?;
        decoded.chars().eq([c]).then(|| pair.to_vec())
    })
}

/// The escape sequence that designates a repertoire (PS3.3 C.12.1.1.2).
fn announcement(repertoire: Repertoire) -> Option<&'static [u8]> {
    Some(match repertoire {
        Repertoire::Ascii => b"\x1b(B",
        Repertoire::Latin1 => b"\x1b-A",
        Repertoire::Katakana => b"\x1b)I",
        Repertoire::Kanji => b"\x1b$B",
        Repertoire::SupplementaryKanji => b"\x1b$(D",
        Repertoire::Korean => b"\x1b$)C",
        Repertoire::Chinese => b"\x1b$)A",
        Repertoire::Table(table) => {
            let final_byte = [
                (encoding_rs::ISO_8859_2, b"\x1b-B"),
                (encoding_rs::ISO_8859_3, b"\x1b-C"),
                (encoding_rs::ISO_8859_4, b"\x1b-D"),
                (encoding_rs::ISO_8859_5, b"\x1b-L"),
                (encoding_rs::ISO_8859_7, b"\x1b-F"),
                (encoding_rs::ISO_8859_6, b"\x1b-G"),
                (encoding_rs::ISO_8859_8, b"\x1b-H"),
                (encoding_rs::WINDOWS_1254, b"\x1b-M"),
                (encoding_rs::WINDOWS_874, b"\x1b-T"),
                (encoding_rs::ISO_8859_15, b"\x1b-b"),
            ];
            return final_byte.iter().find(|(of, _)| *of == table).map(|(_, sequence)| &sequence[..]);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for (set, text) in [
            ("ISO_IR 100", "Schädel à gauche"),
            ("ISO_IR 101", "głowy bez kontrastu: Łódź"),
            ("ISO_IR 144", "МРТ головного мозга"),
            ("ISO_IR 126", "εγκεφάλου T1"),
            ("ISO_IR 127", "الدماغ"),
            ("ISO_IR 138", "מוח T2"),
            ("ISO_IR 148", "ağrı şişlik"),
            ("ISO_IR 166", "สมอง T1"),
            ("ISO_IR 203", "œdème"),
            ("ISO_IR 13", "ﾉｳ T1"),
            ("ISO_IR 192", "頭部 뇌 МРТ ä"),
            ("GB18030", "头颅平扫 T1 (1)"),
            ("GBK", "头颅平扫"),
            ("\\ISO 2022 IR 87", "頭部MRI T2強調 横断\\胸部"),
            ("ISO 2022 IR 13\\ISO 2022 IR 87", "ﾉｳ=頭部 T1"),
            ("\\ISO 2022 IR 87\\ISO 2022 IR 159", "脳 丂 T1"),
            ("\\ISO 2022 IR 149", "뇌 MRI 조영증강\n요추"),
            ("\\ISO 2022 IR 58", "头颅 平扫\\腹部"),
            ("ISO 2022 IR 100\\ISO 2022 IR 144\\ISO 2022 IR 126", "Schädel Лю εγ é"),
        ] {
            let set = CharacterSet::parse(set.as_bytes());
            let bytes = set.encode(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(set.decode(&bytes), text);
        }
    }

    #[test]
    fn bytes_are_those_of_the_standard() {
        let japanese = CharacterSet::parse(b"\\ISO 2022 IR 87").encode("Yamada^Tarou=山田^太郎").unwrap();
        assert_eq!(japanese, b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B");
        let korean = CharacterSet::parse(b"\\ISO 2022 IR 149").encode("Hong^Gildong=洪^吉洞").unwrap();
        assert_eq!(korean, b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7");
    }

    #[test]
    fn what_a_set_does_not_have_is_not_written() {
        for (set, text) in [("ISO_IR 100", "王"), ("", "é"), ("\\ISO 2022 IR 87", "뇌"), ("ISO_IR 144", "頭")]
        {
            assert_eq!(CharacterSet::parse(set.as_bytes()).encode(text), None, "{set}");
        }
        assert_eq!(CharacterSet::parse(b"GB18030").encode("t1").as_deref(), Some(&b"t1"[..]));
    }
}
