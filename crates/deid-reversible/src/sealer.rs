//! Sealing for one or more recipients.

use crate::recipient::{CertificateError, EC_PUBLIC_KEY, PublicKey, RSA_ENCRYPTION, Recipient};
use crate::{agreement, content};
use cms::content_info::{CmsVersion, ContentInfo};
use cms::enveloped_data::{
    EncryptedContentInfo, EncryptedKey, EnvelopedData, KeyAgreeRecipientIdentifier, KeyAgreeRecipientInfo,
    KeyTransRecipientInfo, OriginatorIdentifierOrKey, OriginatorPublicKey, RecipientEncryptedKey,
    RecipientIdentifier, RecipientInfo, RecipientInfos,
};
use deid_core::Seal;
use der::asn1::{BitString, Null, ObjectIdentifier, OctetString};
use der::{Any, Decode, Encode};
use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use p256::elliptic_curve::Generate;
use p256::elliptic_curve::sec1::ToSec1Point;
use x509_cert::spki::AlgorithmIdentifierOwned;
use zeroize::Zeroizing;

/// id-data and id-envelopedData (RFC 5652 4 and 6.1).
const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
pub(crate) const ENVELOPED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.3");

/// Seals for the holders of the private keys of one or more certificates.
///
/// Neither the validity nor the issuer of a certificate is looked at: who names it vouches for it.
#[derive(Clone, Debug)]
pub struct Sealer {
    recipients: Vec<Recipient>,
}

impl Sealer {
    /// A sealer for these certificates, each the content of a file in PEM or DER. The error comes with the place of
    /// the certificate among them.
    pub fn new<B: AsRef<[u8]>>(certificates: &[B]) -> Result<Self, (usize, CertificateError)> {
        let mut recipients = Vec::new();
        for (place, bytes) in certificates.iter().enumerate() {
            recipients.push(Recipient::new(bytes.as_ref()).map_err(|error| (place, error))?);
        }
        if recipients.is_empty() {
            return Err((0, CertificateError::None));
        }
        Ok(Sealer { recipients })
    }

    /// ContentInfo with EnvelopedData, in DER.
    fn enveloped(&self, plaintext: &[u8]) -> Option<Vec<u8>> {
        let mut key = Zeroizing::new([0; 32]);
        let mut iv = [0; 16];
        getrandom::fill(&mut *key).ok()?;
        getrandom::fill(&mut iv).ok()?;
        let recipients: Option<Vec<RecipientInfo>> =
            self.recipients.iter().map(|recipient| recipient.info(&*key)).collect();
        let recipients = recipients?;
        let agreed = recipients.iter().any(|info| matches!(info, RecipientInfo::Kari(_)));
        let (content_enc_alg, encrypted) = content::encrypt(&key, &iv, plaintext)?;
        let enveloped = EnvelopedData {
            // RFC 5652 6.1: 0 if all recipients have version 0, else 2.
            version: if agreed { CmsVersion::V2 } else { CmsVersion::V0 },
            originator_info: None,
            recip_infos: RecipientInfos::try_from(recipients).ok()?,
            encrypted_content: EncryptedContentInfo {
                content_type: DATA,
                content_enc_alg,
                encrypted_content: Some(OctetString::new(encrypted).ok()?),
            },
            unprotected_attrs: None,
        };
        let content = Any::from_der(&enveloped.to_der().ok()?).ok()?;
        ContentInfo { content_type: ENVELOPED_DATA, content }.to_der().ok()
    }
}

impl Seal for Sealer {
    fn seal(&self, plaintext: &[u8]) -> Option<Vec<u8>> {
        self.enveloped(plaintext)
    }
}

impl Recipient {
    /// The content's key for this recipient.
    fn info(&self, key: &[u8]) -> Option<RecipientInfo> {
        let mut rng = UnwrapErr(SysRng);
        match &self.key {
            PublicKey::Rsa(public) => {
                let encrypted = public.encrypt(&mut rng, rsa::Pkcs1v15Encrypt, key).ok()?;
                let null = Any::from_der(&Null.to_der().ok()?).ok()?;
                Some(RecipientInfo::Ktri(KeyTransRecipientInfo {
                    version: CmsVersion::V0,
                    rid: RecipientIdentifier::IssuerAndSerialNumber(self.id.clone()),
                    key_enc_alg: AlgorithmIdentifierOwned { oid: RSA_ENCRYPTION, parameters: Some(null) },
                    enc_key: EncryptedKey::new(encrypted).ok()?,
                }))
            }
            PublicKey::P256(public) => {
                let ephemeral = p256::ecdh::EphemeralSecret::generate_from_rng(&mut rng);
                let point = ephemeral.public_key().to_sec1_point(false);
                let secret = ephemeral.diffie_hellman(public);
                self.agreed(point.as_bytes(), secret.raw_secret_bytes(), key)
            }
            PublicKey::P384(public) => {
                let ephemeral = p384::ecdh::EphemeralSecret::generate_from_rng(&mut rng);
                let point = ephemeral.public_key().to_sec1_point(false);
                let secret = ephemeral.diffie_hellman(public);
                self.agreed(point.as_bytes(), secret.raw_secret_bytes(), key)
            }
        }
    }

    /// Ephemeral-static ECDH (RFC 5753 3.1).
    fn agreed(&self, point: &[u8], secret: &[u8], key: &[u8]) -> Option<RecipientInfo> {
        let wrap = Any::from_der(&agreement::aes256_wrap().to_der().ok()?).ok()?;
        Some(RecipientInfo::Kari(KeyAgreeRecipientInfo {
            version: CmsVersion::V3,
            originator: OriginatorIdentifierOrKey::OriginatorKey(OriginatorPublicKey {
                algorithm: AlgorithmIdentifierOwned { oid: EC_PUBLIC_KEY, parameters: None },
                public_key: BitString::from_bytes(point).ok()?,
            }),
            ukm: None,
            key_enc_alg: AlgorithmIdentifierOwned { oid: agreement::STANDARD_SHA256, parameters: Some(wrap) },
            recipient_enc_keys: vec![RecipientEncryptedKey {
                rid: KeyAgreeRecipientIdentifier::IssuerAndSerialNumber(self.id.clone()),
                enc_key: EncryptedKey::new(agreement::wrap(secret, key)?).ok()?,
            }],
        }))
    }
}
