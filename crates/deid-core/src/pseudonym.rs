//! Keyed pseudonyms: HMAC-SHA-256 under the project's key, so that workers and runs share no state.
//!
//! The input of every HMAC is a label, then each field as its length in bytes (32 bits, big endian) and its UTF-8,
//! trimmed and in normal form C. Two inputs thus never run into each other. The golden vectors below pin it down:
//! changing one breaks the pseudonyms of every project in use.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use std::str::FromStr;
use unicode_normalization::UnicodeNormalization;

/// The first word of a key file.
const FORMAT: &str = "deid-key-v1";

/// The secret from which all pseudonyms of a project come. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 32]);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id())
    }
}

/// The text is no key: one line `deid-key-v1` and 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidKey;

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a key: expected one line `{FORMAT} <64 hexadecimal digits>`")
    }
}

impl std::error::Error for InvalidKey {}

impl FromStr for Key {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let digits = text.trim_start_matches('\u{FEFF}').trim().strip_prefix(FORMAT).ok_or(InvalidKey)?;
        if !digits.starts_with([' ', '\t']) {
            return Err(InvalidKey);
        }
        let digits = digits.trim();
        if digits.len() != 64 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(InvalidKey);
        }
        let mut bytes = [0; 32];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&digits[2 * index..2 * index + 2], 16).map_err(|_| InvalidKey)?;
        }
        // Zeros are a file that was never filled, and no secret.
        if bytes == [0; 32] { Err(InvalidKey) } else { Ok(Key(bytes)) }
    }
}

impl Key {
    /// A key of these random bytes; the caller has the randomness.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Key(bytes)
    }

    /// The line of a key file: a secret, to be written to a file of mode 0600 only.
    pub fn to_file_text(&self) -> String {
        let mut text = String::from(FORMAT);
        text.push(' ');
        text.push_str(&hex(&self.0));
        text.push('\n');
        text
    }

    /// A short name of the key for reports; says nothing about it.
    pub fn id(&self) -> String {
        hex(&self.digest("id", &[])[..4])
    }

    /// The HMAC of a label and fields.
    fn digest(&self, label: &str, fields: &[&str]) -> [u8; 32] {
        let mut hmac = self.hmac(label);
        for field in fields {
            let field: String = field.trim_matches(['\0', ' ']).nfc().collect();
            hmac.update(&(field.len() as u32).to_be_bytes());
            hmac.update(field.as_bytes());
        }
        hmac.finalize().into_bytes().into()
    }

    fn hmac(&self, label: &str) -> Hmac<Sha256> {
        let mut hmac =
            <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        hmac.update(label.as_bytes());
        hmac
    }

    /// The UID that stands for an original one everywhere: `2.25.` and a version 8 UUID (PS3.5 B.2, RFC 9562).
    pub fn uid(&self, original: &str) -> String {
        let digest = self.digest("uid", &[original]);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        bytes[6] = bytes[6] & 0x0F | 0x80;
        bytes[8] = bytes[8] & 0x3F | 0x80;
        format!("2.25.{}", u128::from_be_bytes(bytes))
    }

    /// The code of a subject: `ANON` and 12 letters and digits (60 bits).
    pub fn subject_code(&self, patient_id: &str) -> String {
        self.subject_code_with("ANON", patient_id)
    }

    /// The code of a subject behind another prefix.
    pub fn subject_code_with(&self, prefix: &str, patient_id: &str) -> String {
        format!("{prefix}{}", base32::<12>(&self.digest("subject", &[patient_id])))
    }

    /// By how many days a subject's dates are moved into the past: 1 to 3650.
    pub fn date_offset(&self, patient_id: &str) -> u32 {
        let subject = Key(self.digest("subject", &[patient_id]));
        let digest = subject.digest("date", &[]);
        let number = u64::from_be_bytes(std::array::from_fn(|n| digest[n]));
        (number % 3650) as u32 + 1
    }

    /// What stands for a name or another identifying text in a file name.
    pub fn name_code(&self, text: &str) -> String {
        format!("N{}", base32::<8>(&self.digest("name", &[text])))
    }

    /// What stands for a date of a subject in a file name.
    pub fn date_code(&self, patient_id: &str, date: &str) -> String {
        format!("D{}", base32::<6>(&self.digest("date", &[patient_id, date])))
    }

    /// A hash of content that only holders of the key can compare: 16 hexadecimal digits.
    pub fn content_hash(&self, size: u64, beginning: &[u8]) -> String {
        let mut hmac = self.hmac("content");
        hmac.update(&size.to_be_bytes());
        hmac.update(beginning);
        hex(&hmac.finalize().into_bytes()[..8])
    }
}

fn hex(bytes: &[u8]) -> String {
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles.filter_map(|nibble| char::from_digit(u32::from(nibble), 16)).collect()
}

/// The first `N` groups of five bits in Crockford's alphabet, which has no letters that look like digits.
fn base32<const N: usize>(digest: &[u8; 32]) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let bits = u128::from_be_bytes(digest[..16].try_into().expect("16 of 32 bytes"));
    (0..N).map(|n| char::from(ALPHABET[(bits >> (128 - 5 * (n + 1))) as usize & 31])).collect()
}

/// Whether a UID means the same everywhere and is never replaced: SOP classes, transfer syntaxes, well-known
/// frames of reference, coding schemes, all registered by DICOM (PS3.6 annex A).
pub fn is_well_known_uid(uid: &str) -> bool {
    uid.starts_with("1.2.840.10008.") || uid == "1.2.840.10008"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        Key::from_bytes(std::array::from_fn(|n| n as u8))
    }

    /// Computed by an independent implementation (Python's hmac).
    #[test]
    fn golden_vectors() {
        let key = key();
        assert_eq!(key.uid("1.2.3.4.5.6.7.8"), "2.25.200226864905661674798700905889977728209");
        assert_eq!(key.subject_code("ID1"), "ANONMYHRFWKV2HQH");
        assert_eq!(key.subject_code_with("LAB-", "ID1"), "LAB-MYHRFWKV2HQH");
        assert_eq!(key.date_code("ID1", "20200102"), "DVT8FX5");
        assert_eq!(key.name_code("Doe"), "NVHAD8ACN");
        assert_eq!(key.date_offset("ID1"), 886);
        assert_eq!(key.id(), "8adc89f9");
    }

    #[test]
    fn padding_and_normal_form_do_not_matter() {
        let key = key();
        assert_eq!(key.uid("1.2.3\0"), key.uid(" 1.2.3 "));
        assert_eq!(key.subject_code("Jérôme"), key.subject_code("Je\u{301}ro\u{302}me "));
        assert_ne!(key.subject_code("ID1"), key.subject_code("ID2"));
    }

    #[test]
    fn uids_are_valid() {
        for n in 0..100 {
            let uid = key().uid(&format!("1.2.{n}"));
            assert!(uid.len() <= 44 && deid_dicom::value::is_uid(uid.as_bytes()));
            let uuid: u128 = uid["2.25.".len()..].parse().unwrap();
            assert_eq!((uuid >> 76) & 0xF, 8);
            assert_eq!((uuid >> 62) & 3, 2);
        }
    }

    #[test]
    fn key_file_is_read_back_and_others_are_refused() {
        assert_eq!(key().to_file_text().parse(), Ok(key()));
        let zeros = Key::from_bytes([0; 32]).to_file_text();
        for text in [zeros.as_str(), "", "deid-key-v1", "deid-key-v2 00", "deid-key-v1 xyz"] {
            assert_eq!(text.parse::<Key>(), Err(InvalidKey));
        }
        assert!(!format!("{:?}", key()).contains("000102"));
    }
}
