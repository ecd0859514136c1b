//! Text in base32 (RFC 4648 6) among bytes.

/// Shorter runs stand for fewer than five letters.
const SHORTEST: usize = 8;

/// What each run of signs of base32 stands for, from each of its first eight signs on, where letters are in it.
pub(super) fn decoded(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    runs(bytes)
        .flat_map(|run| (0..run.len().min(SHORTEST)).map(move |start| decode(&run[start..])))
        .filter(|bytes| has_text(bytes))
}

/// Runs of signs, in one case each.
fn runs(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    // Digits alone are numbers, and five letters hardly ever become eight digits.
    let letters = bytes.iter().fold(false, |found, byte| found | byte.is_ascii_alphabetic());
    let mut at = if letters { 0 } else { bytes.len() };
    std::iter::from_fn(move || {
        loop {
            // A run that is long enough reaches over each eighth byte.
            let probe = at + SHORTEST - 1;
            if quintet(*bytes.get(probe)?).is_none() {
                at = probe + 1;
                continue;
            }
            let before = bytes[at..probe].iter().rev().take_while(|&&byte| quintet(byte).is_some()).count();
            let behind = bytes[probe..].iter().take_while(|&&byte| quintet(byte).is_some()).count();
            let run = &bytes[probe - before..probe + behind];
            at = probe + behind;
            let mixed = || run.iter().any(u8::is_ascii_lowercase) && run.iter().any(u8::is_ascii_uppercase);
            if run.len() >= SHORTEST && !mixed() {
                return Some(run);
            }
        }
    })
}

fn decode(run: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(run.len() * 5 / 8);
    let (mut bits, mut count) = (0_u32, 0);
    for number in run.iter().filter_map(|&byte| quintet(byte)) {
        bits = bits << 5 | number;
        count += 5;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    out
}

/// Whether four letters, digits or bytes beyond ASCII stand in a row: identifiers in disguise are as long.
pub(super) fn has_text(bytes: &[u8]) -> bool {
    bytes.windows(4).any(|four| four.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80))
}

/// The five bits of a sign.
const fn quintet(byte: u8) -> Option<u32> {
    match byte {
        b'A'..=b'Z' => Some((byte - b'A') as u32),
        b'a'..=b'z' => Some((byte - b'a') as u32),
        b'2'..=b'7' => Some((byte - b'2') as u32 + 26),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_decoded_wherever_they_begin() {
        // `echo -n Lagrange | base32`, glued and apart.
        for text in ["JRQWO4TBNZTWK===", "x JRQWO4TBNZTWK", "abc\0jrqwo4tbnztwk", "QQJRQWO4TBNZTWK"] {
            assert!(decoded(text.as_bytes()).any(|bytes| bytes == b"Lagrange"), "{text}");
        }
        for text in ["", "JRQWO4T", "JRQWO4tb", "Jrqwo4tbnztwk"] {
            assert_eq!(decoded(text.as_bytes()).count(), 0, "{text}");
        }
    }
}
