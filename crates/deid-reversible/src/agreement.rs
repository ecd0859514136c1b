//! Key agreement on elliptic curves (RFC 5753): from the shared secret to the key that wraps the content's key.

use aes_kw::{KwAes128, KwAes192, KwAes256};
use der::asn1::{ObjectIdentifier, OctetString};
use der::{Encode, Sequence};
use x509_cert::spki::AlgorithmIdentifierOwned;
use zeroize::Zeroizing;

const AES128_WRAP: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.5");
const AES192_WRAP: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.25");
const AES256_WRAP: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.45");
/// dhSinglePass-stdDH with the key derivation of X9.63 and SHA-256, what is sealed with.
pub(crate) const STANDARD_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.1.11.1");
/// With SHA-1: what OpenSSL seals with unless told otherwise.
const STANDARD_SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.133.16.840.63.0.2");
const STANDARD_SHA224: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.1.11.0");
const STANDARD_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.1.11.2");
const STANDARD_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.1.11.3");

/// ECC-CMS-SharedInfo (RFC 5753 7.2).
#[expect(clippy::struct_field_names, reason = "named as in RFC 5753 7.2")]
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
struct SharedInfo {
    key_info: AlgorithmIdentifierOwned,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", constructed = "true", optional = "true")]
    entity_u_info: Option<OctetString>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", constructed = "true")]
    supp_pub_info: OctetString,
}

/// The wrapping with AES-256, as an identifier.
pub(crate) const fn aes256_wrap() -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid: AES256_WRAP, parameters: None }
}

/// The key-encryption key that both sides come to. `None` for algorithms that are not known.
fn wrapping_key(
    scheme: ObjectIdentifier,
    wrap: &AlgorithmIdentifierOwned,
    ukm: Option<&OctetString>,
    secret: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let length: usize = match wrap.oid {
        AES128_WRAP => 16,
        AES192_WRAP => 24,
        AES256_WRAP => 32,
        _ => return None,
    };
    let info = SharedInfo {
        key_info: wrap.clone(),
        entity_u_info: ukm.cloned(),
        supp_pub_info: OctetString::new((length as u32 * 8).to_be_bytes()).ok()?,
    };
    let info = info.to_der().ok()?;
    let mut key = Zeroizing::new(vec![0; length]);
    let derived = match scheme {
        STANDARD_SHA1 => ansi_x963_kdf::derive_key_into::<sha1::Sha1>(secret, &info, &mut key),
        STANDARD_SHA224 => ansi_x963_kdf::derive_key_into::<sha2::Sha224>(secret, &info, &mut key),
        STANDARD_SHA256 => ansi_x963_kdf::derive_key_into::<sha2::Sha256>(secret, &info, &mut key),
        STANDARD_SHA384 => ansi_x963_kdf::derive_key_into::<sha2::Sha384>(secret, &info, &mut key),
        STANDARD_SHA512 => ansi_x963_kdf::derive_key_into::<sha2::Sha512>(secret, &info, &mut key),
        _ => return None,
    };
    derived.ok()?;
    Some(key)
}

/// The content's key, wrapped for who shares this secret: SHA-256 and AES-256.
pub(crate) fn wrap(secret: &[u8], content_key: &[u8]) -> Option<Vec<u8>> {
    let key = wrapping_key(STANDARD_SHA256, &aes256_wrap(), None, secret)?;
    let mut wrapped = vec![0; content_key.len() + 8];
    let length = aes256(&key)?.wrap_key(content_key, &mut wrapped).ok()?.len();
    wrapped.truncate(length);
    Some(wrapped)
}

fn aes256(key: &[u8]) -> Option<KwAes256> {
    use aes::cipher::KeyInit;
    KwAes256::new_from_slice(key).ok()
}

/// What came of unwrapping.
pub(crate) enum Unwrapped {
    Key(Zeroizing<Vec<u8>>),
    /// The secret is another's, or the key is damaged.
    Wrong,
    /// The algorithms are not known.
    Unknown,
}

/// The content's key as it was wrapped with one of the known algorithms.
pub(crate) fn unwrap(
    scheme: &AlgorithmIdentifierOwned,
    ukm: Option<&OctetString>,
    secret: &[u8],
    wrapped: &[u8],
) -> Unwrapped {
    use aes::cipher::KeyInit;
    let wrap = scheme.parameters.as_ref().and_then(|any| any.decode_as::<AlgorithmIdentifierOwned>().ok());
    let Some(wrap) = wrap else { return Unwrapped::Unknown };
    let Some(key) = wrapping_key(scheme.oid, &wrap, ukm, secret) else { return Unwrapped::Unknown };
    let mut content_key = Zeroizing::new(vec![0; wrapped.len()]);
    let length = match key.len() {
        16 => KwAes128::new_from_slice(&key)
            .ok()
            .and_then(|kw| kw.unwrap_key(wrapped, &mut content_key).ok().map(<[u8]>::len)),
        24 => KwAes192::new_from_slice(&key)
            .ok()
            .and_then(|kw| kw.unwrap_key(wrapped, &mut content_key).ok().map(<[u8]>::len)),
        _ => aes256(&key).and_then(|kw| kw.unwrap_key(wrapped, &mut content_key).ok().map(<[u8]>::len)),
    };
    let Some(length) = length else { return Unwrapped::Wrong };
    content_key.truncate(length);
    Unwrapped::Key(content_key)
}
