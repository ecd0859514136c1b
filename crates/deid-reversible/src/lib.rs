//! Original values sealed for recipients, and opened again: CMS enveloped data (RFC 5652) as PS3.15 E.1.1 asks for.
//!
//! A [`Sealer`] is made of the recipients' X.509 certificates and seals for all of them at once; an [`Opener`] is made
//! of one recipient's private key. What is sealed is the business of `deid_core::originals`. Nothing here opens a file
//! or speaks to the user; randomness comes from the system.
//!
//! Keys are transported with RSA, PKCS #1 v1.5 (RFC 3370 4.2.1, which PS3.15 E.1.1 names), or agreed upon with ECDH on
//! P-256 and P-384 (RFC 5753, which PS3.3 C.12.1.1.4.1 allows). Content is encrypted with AES-256 in CBC mode. Opened
//! are RSA-OAEP, other AES lengths and Triple-DES as well, in the Basic Encoding Rules too.

mod agreement;
mod content;
mod key_file;
mod opener;
mod recipient;
mod sealer;

pub use key_file::PrivateKeyError;
pub use opener::Opener;
pub use recipient::CertificateError;
pub use sealer::Sealer;
