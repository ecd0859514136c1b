//! Keyed pseudonyms: HMAC-SHA-256 under the project's key, so that workers and runs share no state.
//!
//! The input of every HMAC is a label, then each field as its length in bytes (32 bits, big endian) and its UTF-8,
//! trimmed and in normal form C. Two inputs thus never run into each other. The golden vectors below pin it down:
//! changing one breaks the pseudonyms of every project in use.
//!
//! # Keys of sites
//!
//! From a study's key come keys of its sites ([`Key::site`]). A site's key holds two secrets: its own, and one that all
//! sites of the study share. The code of a subject is a token (the shared secret's HMAC of the Patient ID) enciphered
//! under the site's own secret. So two sites give one subject two codes, and neither can tell the other's; whoever
//! has the study's key can take both back to the token and see that they are one ([`Key::link`]). Nobody gets from a
//! token to a Patient ID but by trying IDs with the shared secret.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;
use unicode_normalization::UnicodeNormalization;

/// The first word of a key file.
const FORMAT: &str = "deid-key-v1";
/// The first word of a key file of a site.
const SITE_FORMAT: &str = "deid-site-key-v1";
/// Rounds of the cipher that makes a site's code of a token: a Feistel network with HMAC as its round function
/// (Luby and Rackoff 1988 prove four to be enough; NIST SP 800-38G takes ten for small domains).
const ROUNDS: u8 = 10;
/// Bits of a half of a code.
const HALF: u32 = 30;

/// The secret from which all pseudonyms of a project come. Never shown.
#[derive(Clone)]
pub struct Key {
    secret: [u8; 32],
    /// What the sites of a study share.
    shared: Option<[u8; 32]>,
    /// The HMAC of nothing yet: what the secret alone makes of it.
    begun: OnceLock<Hmac<Sha256>>,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        (self.secret, self.shared) == (other.secret, other.shared)
    }
}

impl Eq for Key {}

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
        write!(
            f,
            "not a key: expected one line `{FORMAT} <64 hexadecimal digits>`, or `{SITE_FORMAT}` with two such numbers"
        )
    }
}

impl std::error::Error for InvalidKey {}

impl FromStr for Key {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let mut words = text.trim_start_matches('\u{FEFF}').split_whitespace();
        let format = words.next().ok_or(InvalidKey)?;
        let secret = secret(words.next())?;
        let shared = match format {
            FORMAT => None,
            SITE_FORMAT => Some(self::secret(words.next())?),
            _ => return Err(InvalidKey),
        };
        if words.next().is_some() {
            Err(InvalidKey)
        } else {
            Ok(Key { secret, shared, begun: OnceLock::new() })
        }
    }
}

fn secret(digits: Option<&str>) -> Result<[u8; 32], InvalidKey> {
    let digits = digits.ok_or(InvalidKey)?;
    if digits.len() != 64 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(InvalidKey);
    }
    let mut bytes = [0; 32];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * index..2 * index + 2], 16).map_err(|_| InvalidKey)?;
    }
    // Zeros are a file that was never filled, and no secret.
    if bytes == [0; 32] { Err(InvalidKey) } else { Ok(bytes) }
}

/// What [`Key::link`] finds behind a site's code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// The same for all codes of one subject.
    pub link: String,
    /// By how many days that site moved the subject's dates into the past, if it took the offset from its key.
    pub days: i32,
}

impl Key {
    /// A key of these random bytes; the caller has the randomness.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Key { secret: bytes, shared: None, begun: OnceLock::new() }
    }

    /// The line of a key file: a secret, to be written to a file of mode 0600 only.
    pub fn to_file_text(&self) -> String {
        match &self.shared {
            None => format!("{FORMAT} {}\n", hex(&self.secret)),
            Some(shared) => format!("{SITE_FORMAT} {} {}\n", hex(&self.secret), hex(shared)),
        }
    }

    /// Whether this is the key of a site.
    pub const fn is_of_site(&self) -> bool {
        self.shared.is_some()
    }

    /// The key of a site of the study whose key this is; `None` if this is a site's key itself.
    pub fn site(&self, name: &str) -> Option<Key> {
        if self.is_of_site() {
            return None;
        }
        Some(Key { shared: Some(self.digest("site", &[])), ..Key::from_bytes(self.digest("site", &[name])) })
    }

    /// What is behind a code that a site of this study gave; `None` if it is no such code by its form, or this is no
    /// study's key. A code of another site or study leads to a link that no other code has.
    pub fn link(&self, site: &str, code: &str) -> Option<Linked> {
        let site = self.site(site)?;
        let start = code.len().checked_sub(CODE_LENGTH)?;
        let number = from_base32(code.get(start..)?)?;
        let link = base32::<CODE_LENGTH>(&self.digest("site", &["link", &site.decipher(number).to_string()]));
        Some(Linked { link: format!("LINK{link}"), days: site.offset_of_code(number) })
    }

    /// A token of 60 bits under the site's own secret, and back.
    fn encipher(&self, token: u64) -> u64 {
        let (mut left, mut right) = halves(token);
        for round in 0..ROUNDS {
            (left, right) = (right, left ^ self.round(round, right));
        }
        u64::from(left) << HALF | u64::from(right)
    }

    fn decipher(&self, code: u64) -> u64 {
        let (mut left, mut right) = halves(code);
        for round in (0..ROUNDS).rev() {
            (left, right) = (right ^ self.round(round, left), left);
        }
        u64::from(left) << HALF | u64::from(right)
    }

    fn round(&self, round: u8, half: u32) -> u32 {
        let digest = self.digest("subject", &["round", &round.to_string(), &half.to_string()]);
        u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]) >> (32 - HALF)
    }

    /// A short name of the key for reports; says nothing about it.
    pub fn id(&self) -> String {
        hex(&self.digest("id", &[])[..4])
    }

    /// The HMAC of a label and fields.
    fn digest(&self, label: &str, fields: &[&str]) -> [u8; 32] {
        let mut hmac = self.hmac(label);
        for field in fields {
            let field = field.trim_matches(['\0', ' ']);
            // ASCII is in normal form C.
            let field =
                if field.is_ascii() { Cow::Borrowed(field) } else { Cow::Owned(field.nfc().collect()) };
            hmac.update(&(field.len() as u32).to_be_bytes());
            hmac.update(field.as_bytes());
        }
        hmac.finalize().into_bytes().into()
    }

    fn hmac(&self, label: &str) -> Hmac<Sha256> {
        let begin = || {
            <Hmac<Sha256> as KeyInit>::new_from_slice(&self.secret).expect("HMAC takes a key of any length")
        };
        let mut hmac = self.begun.get_or_init(begin).clone();
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

    /// The code of a subject: `ANON` and 12 letters and digits (60 bits). A subject is its Patient ID, or its issuer
    /// and its Patient ID.
    pub fn subject_code(&self, subject: &[&str]) -> String {
        self.subject_code_with("ANON", subject)
    }

    /// The code of a subject behind another prefix.
    pub fn subject_code_with(&self, prefix: &str, subject: &[&str]) -> String {
        format!("{prefix}{}", to_base32(self.subject_number(subject)))
    }

    fn subject_number(&self, subject: &[&str]) -> u64 {
        match self.shared {
            None => first_60_bits(&self.digest("subject", subject)),
            Some(shared) => {
                let shared = Key::from_bytes(shared);
                self.encipher(first_60_bits(&shared.digest("subject", subject)))
            }
        }
    }

    /// By how many days a subject's dates are moved into the past: 1 to 3650.
    pub fn date_offset(&self, subject: &[&str]) -> i32 {
        if self.is_of_site() {
            // From the code: who may link codes may undo what the sites did to the time between visits.
            return self.offset_of_code(self.subject_number(subject));
        }
        Key::from_bytes(self.digest("subject", subject)).offset()
    }

    fn offset_of_code(&self, code: u64) -> i32 {
        Key::from_bytes(self.digest("subject", &["code", &to_base32(code)])).offset()
    }

    fn offset(&self) -> i32 {
        let digest = self.digest("date", &[]);
        let number = u64::from_be_bytes(std::array::from_fn(|n| digest[n]));
        (number % 3650) as i32 + 1
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

/// Crockford's alphabet, which has no letters that look like digits.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters and digits of a subject's code.
const CODE_LENGTH: usize = 12;

/// The first `N` groups of five bits.
fn base32<const N: usize>(digest: &[u8; 32]) -> String {
    let bits = u128::from_be_bytes(digest[..16].try_into().expect("16 of 32 bytes"));
    (0..N).map(|n| char::from(ALPHABET[(bits >> (128 - 5 * (n + 1))) as usize & 31])).collect()
}

fn first_60_bits(digest: &[u8; 32]) -> u64 {
    u64::from_be_bytes(std::array::from_fn(|n| digest[n])) >> 4
}

fn to_base32(number: u64) -> String {
    (1..=CODE_LENGTH).map(|n| char::from(ALPHABET[(number >> (60 - 5 * n)) as usize & 31])).collect()
}

fn from_base32(text: &str) -> Option<u64> {
    let digit = |byte: u8| ALPHABET.iter().position(|letter| *letter == byte.to_ascii_uppercase());
    text.bytes().try_fold(0, |number, byte| Some(number << 5 | digit(byte)? as u64))
}

/// A number of 60 bits as two of 30.
fn halves(number: u64) -> (u32, u32) {
    let mask = (1 << HALF) - 1;
    ((number >> HALF & mask) as u32, (number & mask) as u32)
}

/// Whether a UID means the same everywhere and is never replaced: SOP classes, transfer syntaxes, well-known
/// frames of reference, coding schemes, all registered by DICOM (PS3.6 annex A).
pub fn is_well_known_uid(uid: &str) -> bool {
    deid_standard::uid::is_registered(uid)
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
        assert_eq!(key.subject_code(&["ID1"]), "ANONMYHRFWKV2HQH");
        assert_eq!(key.subject_code_with("LAB-", &["ID1"]), "LAB-MYHRFWKV2HQH");
        assert_eq!(key.date_code("ID1", "20200102"), "DVT8FX5");
        assert_eq!(key.name_code("Doe"), "NVHAD8ACN");
        assert_eq!(key.date_offset(&["ID1"]), 886);
        assert_eq!(key.id(), "8adc89f9");
    }

    #[test]
    fn padding_and_normal_form_do_not_matter() {
        let key = key();
        assert_eq!(key.uid("1.2.3\0"), key.uid(" 1.2.3 "));
        assert_eq!(key.subject_code(&["Jérôme"]), key.subject_code(&["Je\u{301}ro\u{302}me "]));
        assert_ne!(key.subject_code(&["ID1"]), key.subject_code(&["ID2"]));
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
        let site = key().site("Paris").unwrap();
        assert_eq!(site.to_file_text().parse(), Ok(site.clone()));
        assert_ne!(site, key());
        let cut = site.to_file_text().replace("deid-site-key-v1", "deid-key-v1");
        assert_eq!(cut.parse::<Key>(), Err(InvalidKey), "a site's key is not taken for a study's");
    }

    #[test]
    fn issuer_tells_subjects_apart() {
        assert_ne!(key().subject_code(&["A", "ID1"]), key().subject_code(&["B", "ID1"]));
        assert_ne!(key().subject_code(&["A", "ID1"]), key().subject_code(&["AID1"]));
        assert_ne!(key().date_offset(&["A", "ID1"]), key().date_offset(&["B", "ID1"]));
    }

    #[test]
    fn study_links_what_its_sites_cannot() {
        let study = key();
        let [paris, lyon] = ["Paris", "Lyon"].map(|site| study.site(site).unwrap());
        for id in ["ID1", "ID2", "4711"] {
            let (in_paris, in_lyon) = (paris.subject_code(&[id]), lyon.subject_code(&[id]));
            assert_ne!(in_paris, in_lyon);
            assert_ne!(in_paris, study.subject_code(&[id]));
            let (a, b) = (study.link("Paris", &in_paris).unwrap(), study.link("Lyon", &in_lyon).unwrap());
            assert_eq!(a.link, b.link);
            assert_eq!((a.days, b.days), (paris.date_offset(&[id]), lyon.date_offset(&[id])));
            assert_ne!(study.link("Lyon", &in_paris).unwrap().link, a.link);
            // A site has no more than its own key.
            assert_eq!(paris.link("Lyon", &in_lyon), None);
            assert_eq!(paris.site("Lyon"), None);
        }
        assert_ne!(paris.uid("1.2.3"), lyon.uid("1.2.3"));
        assert_ne!(paris.id(), study.id());
        for code in ["", "ANON", "ANONIIIIIIIIIIII", "ééééééé"] {
            assert_eq!(study.link("Paris", code), None, "{code}");
        }
    }

    /// Computed by an independent implementation (Python's hmac).
    #[test]
    fn golden_vectors_of_sites() {
        let site = key().site("Paris").unwrap();
        assert_eq!(site.subject_code(&["ID1"]), "ANONWSKXYFCGY0H2");
        assert_eq!(site.date_offset(&["ID1"]), 1649);
        assert_eq!(site.uid("1.2.3.4.5.6.7.8"), "2.25.119961610778495175406302743716458492103");
    }

    #[test]
    fn cipher_is_a_permutation() {
        let site = key().site("Paris").unwrap();
        for n in 0..200u64 {
            let token = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 4;
            assert_eq!(site.decipher(site.encipher(token)), token);
            assert_eq!(from_base32(&to_base32(token)), Some(token));
        }
    }
}
