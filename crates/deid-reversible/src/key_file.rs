//! Private keys as they stand in files: PKCS #8, encrypted or not, PKCS #1 and SEC 1, in PEM or DER.

use der::{Decode, Document, SecretDocument};
use pkcs1::DecodeRsaPrivateKey;
use pkcs8::{DecodePrivateKey, EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use std::fmt;

/// Why a private key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivateKeyError {
    /// It is no private key in PEM or DER.
    NotAKey,
    /// The key is encrypted, and there is no passphrase.
    PassphraseMissing,
    /// The passphrase is another's, or the key is damaged.
    PassphraseWrong,
    /// The key is encrypted in a way that is not known: the old one of PEM, for one.
    EncryptionNotSupported,
    /// The key is neither RSA nor one of the curves P-256 and P-384.
    KeyNotSupported,
    /// The certificate given with it is none, or not the one of this key.
    Certificate,
}

impl fmt::Display for PrivateKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PrivateKeyError::NotAKey => "this is no private key, in PEM or DER",
            PrivateKeyError::PassphraseMissing => "the private key is encrypted, and no passphrase was given",
            PrivateKeyError::PassphraseWrong => "the passphrase does not open the private key",
            PrivateKeyError::EncryptionNotSupported => {
                "the private key is encrypted in a way that is not supported; `openssl pkcs8 -topk8` writes one that is"
            }
            PrivateKeyError::KeyNotSupported => {
                "this kind of private key is not supported: RSA and the curves P-256 and P-384 are"
            }
            PrivateKeyError::Certificate => "the certificate is not the one of the private key",
        })
    }
}

impl std::error::Error for PrivateKeyError {}

/// A private key. Its `Debug` form shows nothing of it.
pub(crate) enum PrivateKey {
    Rsa(Box<rsa::RsaPrivateKey>),
    P256(p256::SecretKey),
    P384(p384::SecretKey),
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(..)")
    }
}

impl PrivateKey {
    /// The key in these bytes, the content of a file.
    pub(crate) fn new(bytes: &[u8], passphrase: Option<&[u8]>) -> Result<Self, PrivateKeyError> {
        let Ok(text) = std::str::from_utf8(bytes) else { return Self::from_der(bytes, passphrase) };
        if !text.contains("-----BEGIN") {
            return Self::from_der(bytes, passphrase);
        }
        let block = key_block(text).ok_or(PrivateKeyError::NotAKey)?;
        if block.contains("Proc-Type:") || block.contains("DEK-Info:") {
            return Err(PrivateKeyError::EncryptionNotSupported);
        }
        let (_, document) = SecretDocument::from_pem(block).map_err(|_| PrivateKeyError::NotAKey)?;
        Self::from_der(document.as_bytes(), passphrase)
    }

    fn from_der(der: &[u8], passphrase: Option<&[u8]>) -> Result<Self, PrivateKeyError> {
        if let Ok(encrypted) = EncryptedPrivateKeyInfoRef::from_der(der) {
            let passphrase = passphrase.ok_or(PrivateKeyError::PassphraseMissing)?;
            let opened = encrypted.decrypt(passphrase).map_err(|error| match error {
                pkcs8::Error::EncryptedPrivateKey(
                    pkcs8::pkcs5::Error::UnsupportedAlgorithm { .. }
                    | pkcs8::pkcs5::Error::NoPbes1CryptSupport
                    | pkcs8::pkcs5::Error::AlgorithmParametersInvalid { .. },
                ) => PrivateKeyError::EncryptionNotSupported,
                _ => PrivateKeyError::PassphraseWrong,
            })?;
            return Self::plain(opened.as_bytes()).map_err(|error| match error {
                PrivateKeyError::NotAKey => PrivateKeyError::PassphraseWrong,
                error => error,
            });
        }
        Self::plain(der)
    }

    fn plain(der: &[u8]) -> Result<Self, PrivateKeyError> {
        let known = rsa::RsaPrivateKey::from_pkcs8_der(der)
            .or_else(|_| rsa::RsaPrivateKey::from_pkcs1_der(der))
            .map(|key| PrivateKey::Rsa(Box::new(key)))
            .ok()
            .or_else(|| p256::SecretKey::from_pkcs8_der(der).ok().map(PrivateKey::P256))
            .or_else(|| p384::SecretKey::from_pkcs8_der(der).ok().map(PrivateKey::P384))
            .or_else(|| p256::SecretKey::from_sec1_der(der).ok().map(PrivateKey::P256))
            .or_else(|| p384::SecretKey::from_sec1_der(der).ok().map(PrivateKey::P384));
        known.ok_or_else(|| {
            let of_another_kind =
                PrivateKeyInfoRef::from_der(der).is_ok() || sec1::EcPrivateKey::from_der(der).is_ok();
            if of_another_kind { PrivateKeyError::KeyNotSupported } else { PrivateKeyError::NotAKey }
        })
    }

    /// The public key that belongs to it, as a certificate has it.
    pub(crate) fn public_key(&self) -> Option<Document> {
        use pkcs8::EncodePublicKey;
        match self {
            PrivateKey::Rsa(key) => key.to_public_key().to_public_key_der().ok(),
            PrivateKey::P256(key) => key.public_key().to_public_key_der().ok(),
            PrivateKey::P384(key) => key.public_key().to_public_key_der().ok(),
        }
    }
}

/// The first private key among the blocks of a PEM file, which may hold parameters and certificates too.
fn key_block(text: &str) -> Option<&str> {
    let mut rest = text;
    while let Some(start) = rest.find("-----BEGIN ") {
        rest = &rest[start..];
        let label = rest["-----BEGIN ".len()..].split_once("-----")?.0;
        let end = format!("-----END {label}-----");
        let length = rest.find(&end)? + end.len();
        if label.ends_with("PRIVATE KEY") {
            return Some(&rest[..length]);
        }
        rest = &rest[length..];
    }
    None
}
