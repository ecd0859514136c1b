//! Letters of two and four bytes: UTF-32 among bytes, and UTF-16 in base64.

use super::base32::has_text;

/// Fewer letters stand there by chance.
const FEWEST: usize = 5;
/// So many signs of base64 stand for that many letters of two bytes.
const SHORTEST: usize = 12;

/// Texts in UTF-32, of either order, wherever they stand.
pub(super) fn of_four_bytes(bytes: &[u8]) -> Vec<String> {
    let mut texts = Vec::new();
    // Each letter has two zeros side by side.
    if bytes.len() < 4 * FEWEST || memchr::memmem::find(bytes, b"\0\0").is_none() {
        return texts;
    }
    for start in 0..4 {
        for number in [u32::from_le_bytes, u32::from_be_bytes] {
            let mut text = String::new();
            let letters = bytes[start..].as_chunks().0.iter().map(|four| number(*four));
            for letter in letters.chain([0]) {
                match char::from_u32(letter).filter(|c| *c <= '\u{FFFF}' && !c.is_control()) {
                    Some(c) => text.push(c),
                    None if text.is_empty() => {}
                    None => {
                        if has_text(text.as_bytes()) && text.chars().nth(FEWEST - 1).is_some() {
                            texts.push(std::mem::take(&mut text));
                        }
                        text.clear();
                    }
                }
            }
        }
    }
    texts
}

/// Texts of two bytes a letter that stand in base64.
pub(super) fn in_base64(bytes: &[u8]) -> Vec<String> {
    let mut texts = Vec::new();
    for run in bytes.split(|&byte| sextet(byte).is_none()).filter(|run| run.len() >= SHORTEST) {
        // Zeros are As: of letters in two bytes a quarter of the signs and more.
        if memchr::memchr_iter(b'A', run).count() * 5 < run.len() {
            continue;
        }
        for start in 0..4 {
            // Of the other order, the last letter ends where a zero would be.
            let mut plain = decode(&run[start..]);
            plain.push(0);
            for order in [0, 1] {
                let letters: String = plain
                    .get(order..)
                    .unwrap_or_default()
                    .as_chunks::<2>()
                    .0
                    .iter()
                    .map(|two| char::from_u32(u32::from(u16::from_le_bytes(*two))).unwrap_or('\u{FFFD}'))
                    .collect();
                if has_text(letters.as_bytes()) {
                    texts.push(letters);
                }
            }
        }
    }
    texts
}

fn decode(run: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(run.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0);
    for number in run.iter().filter_map(|&byte| sextet(byte)) {
        bits = bits << 6 | number;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    out
}

/// The six bits of a sign, of either alphabet (RFC 4648 4 and 5).
const fn sextet(byte: u8) -> Option<u32> {
    match byte {
        b'A'..=b'Z' => Some((byte - b'A') as u32),
        b'a'..=b'z' => Some((byte - b'a') as u32 + 26),
        b'0'..=b'9' => Some((byte - b'0') as u32 + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_four_bytes_are_read_wherever_they_stand() {
        for order in [u32::to_le_bytes, u32::to_be_bytes] {
            for before in 0..4 {
                let letters = "Lagränge".chars().flat_map(|c| order(u32::from(c)));
                let bytes: Vec<u8> = vec![7; before].into_iter().chain(letters).chain([0, 0, 0]).collect();
                assert!(of_four_bytes(&bytes).iter().any(|text| text.contains("Lagränge")), "{before}");
            }
        }
        assert!(of_four_bytes(&[0; 80]).is_empty() && of_four_bytes(&[0xAB; 80]).is_empty());
    }

    #[test]
    fn letters_of_two_bytes_are_read_in_base64() {
        // `echo -n Lagrange | iconv -t utf-16le | base64`, and in the other order behind two letters.
        for text in ["TABhAGcAcgBhAG4AZwBlAA==", "x=TABhAGcAcgBhAG4AZwBlAA", "eHgATABhAGcAcgBhAG4AZwBl"] {
            assert!(in_base64(text.as_bytes()).iter().any(|text| text.contains("Lagrange")), "{text}");
        }
        assert!(in_base64(b"AAAAAAAAAAAAAAAAAAAAAAAA TGFncmFuZ2U=").is_empty());
    }
}
