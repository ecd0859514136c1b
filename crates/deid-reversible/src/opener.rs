//! Opening with one recipient's private key.

use crate::agreement::{self, Unwrapped};
use crate::content;
use crate::key_file::{PrivateKey, PrivateKeyError};
use crate::recipient::{RSA_ENCRYPTION, certificate, identifier};
use crate::sealer::ENVELOPED_DATA;
use cms::cert::IssuerAndSerialNumber;
use cms::content_info::ContentInfo;
use cms::enveloped_data::{
    EnvelopedData, KeyAgreeRecipientIdentifier, KeyAgreeRecipientInfo, KeyTransRecipientInfo,
    OriginatorIdentifierOrKey, RecipientIdentifier, RecipientInfo,
};
use deid_core::{Open, OpenError};
use der::asn1::{ObjectIdentifier, OctetString};
use der::{Decode, EncodingRules, Reader, Sequence, SliceReader};
use x509_cert::ext::pkix::SubjectKeyIdentifier;
use x509_cert::spki::AlgorithmIdentifierOwned;
use zeroize::Zeroizing;

/// id-RSAES-OAEP (RFC 8017).
const RSA_OAEP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.7");
const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");

/// Parameters of RSA-OAEP (RFC 8017 A.2.1).
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
struct OaepParameters {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", constructed = "true", optional = "true")]
    hash: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", constructed = "true", optional = "true")]
    mask: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", constructed = "true", optional = "true")]
    label: Option<AlgorithmIdentifierOwned>,
}

/// Opens what was sealed for the holder of a private key.
#[derive(Debug)]
pub struct Opener {
    key: PrivateKey,
    /// Who the holder is by the certificate; without one every recipient's part is tried.
    holder: Option<Holder>,
}

#[derive(Debug)]
struct Holder {
    id: IssuerAndSerialNumber,
    key_id: Option<OctetString>,
}

/// What came of one recipient's part.
enum Part {
    Key(Zeroizing<Vec<u8>>),
    /// It is another's, or not to be opened with this key.
    Other,
    Unknown,
}

impl Opener {
    /// An opener for a private key, the content of a file in PEM or DER, with the passphrase that it is encrypted with
    /// and the certificate that belongs to it, if there are any.
    pub fn new(
        private_key: &[u8],
        passphrase: Option<&[u8]>,
        certificate_file: Option<&[u8]>,
    ) -> Result<Self, PrivateKeyError> {
        let key = PrivateKey::new(private_key, passphrase)?;
        let holder = certificate_file.map(|bytes| holder(bytes, &key)).transpose()?;
        Ok(Opener { key, holder })
    }

    /// The content's key from one recipient's part.
    fn part(&self, info: &RecipientInfo) -> Part {
        match (info, &self.key) {
            (RecipientInfo::Ktri(info), PrivateKey::Rsa(key)) => self.transported(info, key),
            (RecipientInfo::Kari(info), PrivateKey::P256(key)) => self.agreed(info, |point| {
                let public = p256::PublicKey::from_sec1_bytes(point).ok()?;
                Some(Zeroizing::new(key.diffie_hellman(&public).raw_secret_bytes().to_vec()))
            }),
            (RecipientInfo::Kari(info), PrivateKey::P384(key)) => self.agreed(info, |point| {
                let public = p384::PublicKey::from_sec1_bytes(point).ok()?;
                Some(Zeroizing::new(key.diffie_hellman(&public).raw_secret_bytes().to_vec()))
            }),
            _ => Part::Other,
        }
    }

    fn transported(&self, info: &KeyTransRecipientInfo, key: &rsa::RsaPrivateKey) -> Part {
        let for_us = self.holder.as_ref().is_none_or(|holder| match &info.rid {
            RecipientIdentifier::IssuerAndSerialNumber(id) => *id == holder.id,
            RecipientIdentifier::SubjectKeyIdentifier(id) => holder.has_key_id(id),
        });
        if !for_us {
            return Part::Other;
        }
        let sealed = info.enc_key.as_bytes();
        let opened = match info.key_enc_alg.oid {
            RSA_ENCRYPTION => key.decrypt(rsa::Pkcs1v15Encrypt, sealed),
            RSA_OAEP => match oaep(&info.key_enc_alg) {
                Some((SHA1, SHA1)) => key.decrypt(rsa::Oaep::<sha1::Sha1>::new(), sealed),
                Some((SHA256, SHA256)) => key.decrypt(rsa::Oaep::<sha2::Sha256>::new(), sealed),
                Some((SHA256, SHA1)) => {
                    key.decrypt(rsa::Oaep::<sha2::Sha256, sha1::Sha1>::new_with_mgf_hash(), sealed)
                }
                Some((SHA384, SHA384)) => key.decrypt(rsa::Oaep::<sha2::Sha384>::new(), sealed),
                Some((SHA512, SHA512)) => key.decrypt(rsa::Oaep::<sha2::Sha512>::new(), sealed),
                _ => return Part::Unknown,
            },
            _ => return Part::Unknown,
        };
        opened.map_or(Part::Other, |key| Part::Key(Zeroizing::new(key)))
    }

    fn agreed(
        &self,
        info: &KeyAgreeRecipientInfo,
        secret: impl Fn(&[u8]) -> Option<Zeroizing<Vec<u8>>>,
    ) -> Part {
        let OriginatorIdentifierOrKey::OriginatorKey(originator) = &info.originator else {
            return Part::Unknown;
        };
        let mut result = Part::Other;
        for wrapped in &info.recipient_enc_keys {
            let for_us = self.holder.as_ref().is_none_or(|holder| match &wrapped.rid {
                KeyAgreeRecipientIdentifier::IssuerAndSerialNumber(id) => *id == holder.id,
                KeyAgreeRecipientIdentifier::RKeyId(id) => holder.has_key_id(&id.subject_key_identifier),
            });
            if !for_us {
                continue;
            }
            // A point of another curve is another recipient's.
            let Some(secret) = secret(originator.public_key.raw_bytes()) else { continue };
            let sealed = wrapped.enc_key.as_bytes();
            match agreement::unwrap(&info.key_enc_alg, info.ukm.as_ref(), &secret, sealed) {
                Unwrapped::Key(key) => return Part::Key(key),
                Unwrapped::Unknown => result = Part::Unknown,
                Unwrapped::Wrong => {}
            }
        }
        result
    }
}

impl Open for Opener {
    fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        let enveloped = enveloped(sealed)?;
        let algorithm = &enveloped.encrypted_content.content_enc_alg;
        let length = content::key_length(algorithm).ok_or(OpenError::Unsupported)?;
        let encrypted = enveloped.encrypted_content.encrypted_content.as_ref().ok_or(OpenError::Damaged)?;
        let mut error = OpenError::NotARecipient;
        for info in enveloped.recip_infos.0.iter() {
            match self.part(info) {
                // The parity bits of Triple-DES, and nothing else, may make a key of another length.
                Part::Key(key) if key.len() == length => {
                    match content::decrypt(algorithm, &key, encrypted.as_bytes()) {
                        Some(content) => return Ok(content),
                        None => error = OpenError::Damaged,
                    }
                }
                Part::Unknown if error == OpenError::NotARecipient => error = OpenError::Unsupported,
                Part::Key(_) | Part::Other | Part::Unknown => {}
            }
        }
        Err(error)
    }
}

impl Holder {
    fn has_key_id(&self, id: &SubjectKeyIdentifier) -> bool {
        self.key_id.as_ref() == Some(&id.0)
    }
}

/// Who holds the key by this certificate, which must be the key's.
fn holder(bytes: &[u8], key: &PrivateKey) -> Result<Holder, PrivateKeyError> {
    use der::Encode;
    let certificate = certificate(bytes).map_err(|_| PrivateKeyError::Certificate)?;
    let contents = certificate.tbs_certificate();
    let public = contents.subject_public_key_info().to_der().ok();
    let own = key.public_key().map(|document| document.as_bytes().to_vec());
    if public.is_none() || public != own {
        return Err(PrivateKeyError::Certificate);
    }
    let key_id = contents.get_extension::<SubjectKeyIdentifier>().ok().flatten().map(|(_, id)| id.0);
    Ok(Holder { id: identifier(&certificate), key_id })
}

/// The envelope; one NUL behind it is the padding to even length (PS3.5 7.1.1).
fn enveloped(sealed: &[u8]) -> Result<EnvelopedData, OpenError> {
    let mut reader =
        SliceReader::new_with_encoding_rules(sealed, EncodingRules::Ber).map_err(|_| OpenError::Damaged)?;
    let info = ContentInfo::decode(&mut reader).map_err(|_| OpenError::Damaged)?;
    let rest = usize::try_from(reader.remaining_len()).map_err(|_| OpenError::Damaged)?;
    if rest > 1 || sealed[sealed.len() - rest..].iter().any(|&byte| byte != 0) {
        return Err(OpenError::Damaged);
    }
    if info.content_type != ENVELOPED_DATA {
        return Err(OpenError::Unsupported);
    }
    let mut content = Vec::new();
    der::Encode::encode_to_vec(&info.content, &mut content).map_err(|_| OpenError::Damaged)?;
    EnvelopedData::from_ber(&content).map_err(|_| OpenError::Damaged)
}

/// The hashes of RSA-OAEP: of the label, which must be empty, and of the mask.
fn oaep(algorithm: &AlgorithmIdentifierOwned) -> Option<(ObjectIdentifier, ObjectIdentifier)> {
    let Some(any) = &algorithm.parameters else { return Some((SHA1, SHA1)) };
    let parameters = any.decode_as::<OaepParameters>().ok()?;
    if parameters.label.is_some() {
        return None;
    }
    let hash = parameters.hash.map_or(SHA1, |hash| hash.oid);
    let mask = match parameters.mask {
        None => SHA1,
        Some(mask) => mask.parameters?.decode_as::<AlgorithmIdentifierOwned>().ok()?.oid,
    };
    Some((hash, mask))
}
