//! Recipients: what a certificate tells about who may open, and by which key.

use cms::cert::IssuerAndSerialNumber;
use der::asn1::ObjectIdentifier;
use der::{Decode, Encode};
use pkcs8::DecodePublicKey;
use rsa::traits::PublicKeyParts;
use std::fmt;
use x509_cert::Certificate;

/// id-ecPublicKey (RFC 5480).
pub(crate) const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// rsaEncryption (RFC 8017).
pub(crate) const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
/// The shortest modulus that is sealed for, in bits.
const SHORTEST_RSA: u32 = 2048;

/// Why a certificate cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateError {
    /// It is no X.509 certificate, in PEM or DER.
    NotACertificate,
    /// The file holds several: whose it is to be cannot be known.
    Several(usize),
    /// The RSA key is shorter than 2048 bits (its length).
    TooShort(u32),
    /// The key is neither RSA nor one of the curves P-256 and P-384.
    KeyNotSupported,
    /// None was given.
    None,
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CertificateError::NotACertificate => f.write_str("this is no X.509 certificate, in PEM or DER"),
            CertificateError::Several(number) => {
                write!(f, "this file holds {number} certificates; give each recipient's in a file of its own")
            }
            CertificateError::TooShort(bits) => {
                write!(f, "its RSA key has {bits} bits; at least {SHORTEST_RSA} are needed")
            }
            CertificateError::KeyNotSupported => {
                f.write_str("its key cannot be sealed for: RSA and the curves P-256 and P-384 can")
            }
            CertificateError::None => f.write_str("no certificate was given"),
        }
    }
}

impl std::error::Error for CertificateError {}

/// The key of a recipient.
#[derive(Clone, Debug)]
pub(crate) enum PublicKey {
    Rsa(rsa::RsaPublicKey),
    P256(p256::PublicKey),
    P384(p384::PublicKey),
}

/// One who may open.
#[derive(Clone, Debug)]
pub(crate) struct Recipient {
    pub(crate) id: IssuerAndSerialNumber,
    pub(crate) key: PublicKey,
}

/// The one certificate in these bytes, PEM or DER.
pub(crate) fn certificate(bytes: &[u8]) -> Result<Certificate, CertificateError> {
    if !bytes.windows(10).any(|window| window == b"-----BEGIN") {
        return Certificate::from_der(bytes).map_err(|_| CertificateError::NotACertificate);
    }
    let mut chain = Certificate::load_pem_chain(bytes).map_err(|_| CertificateError::NotACertificate)?;
    match chain.len() {
        1 => chain.pop().ok_or(CertificateError::NotACertificate),
        0 => Err(CertificateError::NotACertificate),
        number => Err(CertificateError::Several(number)),
    }
}

/// Issuer and serial number: how CMS names a recipient (RFC 5652 10.2.4).
pub(crate) fn identifier(certificate: &Certificate) -> IssuerAndSerialNumber {
    let certificate = certificate.tbs_certificate();
    IssuerAndSerialNumber {
        issuer: certificate.issuer().clone(),
        serial_number: certificate.serial_number().clone(),
    }
}

impl Recipient {
    pub(crate) fn new(bytes: &[u8]) -> Result<Self, CertificateError> {
        let certificate = certificate(bytes)?;
        let info = certificate.tbs_certificate().subject_public_key_info();
        let der = info.to_der().map_err(|_| CertificateError::NotACertificate)?;
        let unusable = CertificateError::KeyNotSupported;
        let key = if info.algorithm.oid == RSA_ENCRYPTION {
            let key = rsa::RsaPublicKey::from_public_key_der(&der).map_err(|_| unusable)?;
            let bits = key.n().bits();
            if bits < SHORTEST_RSA {
                return Err(CertificateError::TooShort(bits));
            }
            PublicKey::Rsa(key)
        } else if info.algorithm.oid == EC_PUBLIC_KEY {
            let curve = info.algorithm.parameters.as_ref();
            match curve.and_then(|curve| curve.decode_as::<ObjectIdentifier>().ok()) {
                Some(P256) => {
                    PublicKey::P256(p256::PublicKey::from_public_key_der(&der).map_err(|_| unusable)?)
                }
                Some(P384) => {
                    PublicKey::P384(p384::PublicKey::from_public_key_der(&der).map_err(|_| unusable)?)
                }
                _ => return Err(unusable),
            }
        } else {
            return Err(unusable);
        };
        Ok(Recipient { id: identifier(&certificate), key })
    }
}
