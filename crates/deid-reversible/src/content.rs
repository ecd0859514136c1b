//! Encryption of the content: AES in CBC mode (RFC 3565) and, to open, Triple-DES (RFC 3370), padded as RFC 5652 6.3
//! says.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{Any, Encode};
use x509_cert::spki::AlgorithmIdentifierOwned;

const AES128_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.2");
const AES192_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.22");
const AES256_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.42");
const DES_EDE3_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.3.7");

/// Encrypted content with the algorithm that opens it.
pub(crate) fn encrypt(
    key: &[u8; 32],
    iv: &[u8; 16],
    plaintext: &[u8],
) -> Option<(AlgorithmIdentifierOwned, Vec<u8>)> {
    let cipher = cbc::Encryptor::<aes::Aes256>::new(key.into(), iv.into());
    let encrypted = cipher.encrypt_padded_vec::<Pkcs7>(plaintext);
    let iv = OctetStringRef::new(iv).ok()?.to_der().ok()?;
    let parameters = Some(<Any as der::Decode>::from_der(&iv).ok()?);
    Some((AlgorithmIdentifierOwned { oid: AES256_CBC, parameters }, encrypted))
}

/// How long a key the algorithm takes; `None` if it is not known.
pub(crate) fn key_length(algorithm: &AlgorithmIdentifierOwned) -> Option<usize> {
    match algorithm.oid {
        AES128_CBC => Some(16),
        AES192_CBC | DES_EDE3_CBC => Some(24),
        AES256_CBC => Some(32),
        _ => None,
    }
}

/// The content; `None` if key, parameters or padding do not fit.
pub(crate) fn decrypt(algorithm: &AlgorithmIdentifierOwned, key: &[u8], encrypted: &[u8]) -> Option<Vec<u8>> {
    let iv = algorithm.parameters.as_ref()?.decode_as::<der::asn1::OctetString>().ok()?;
    let iv = iv.as_bytes();
    macro_rules! with {
        ($cipher:ty) => {
            cbc::Decryptor::<$cipher>::new_from_slices(key, iv)
                .ok()?
                .decrypt_padded_vec::<Pkcs7>(encrypted)
                .ok()
        };
    }
    match algorithm.oid {
        AES128_CBC => with!(aes::Aes128),
        AES192_CBC => with!(aes::Aes192),
        AES256_CBC => with!(aes::Aes256),
        DES_EDE3_CBC => with!(des::TdesEde3),
        _ => None,
    }
}
