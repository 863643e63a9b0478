//! Messages to attested enclaves: CMS EnvelopedData (RFC 5652 §6) in the one form that the service
//! sends and enclave clients read.
//!
//! ```text
//! ContentInfo, enveloped-data
//! └─ EnvelopedData, version 2
//!    ├─ one KeyTransRecipientInfo, version 2: the content key by RSAES-OAEP with SHA-256
//!    └─ EncryptedContentInfo, data: the content by AES-256-CBC with PKCS #7 padding
//! ```
//! The outer levels have indefinite lengths, which DER forbids and the clients insist on: the Nitro
//! Enclaves SDK for C steps into a structure only when its length is indefinite. So these levels are
//! constants here, around parts in DER.

use aws_lc_rs::cipher::{AES_256, DecryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::digest::{SHA256, digest};
use der::asn1::{ContextSpecific, Null, OctetStringRef, SetOfVec};
use der::oid::ObjectIdentifier;
use der::{Encode as _, Sequence, TagMode, TagNumber, ValueOrd};
use trent_domain::EncryptionAlgorithm;

use crate::key_error::failed;
use crate::{CryptoError, PublicKey, SecretBytes};

const ID_ENVELOPED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.3");
const ID_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const ID_RSAES_OAEP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.7");
const ID_MGF1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8");
const ID_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const ID_AES256_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.42");

/// A SEQUENCE whose end is marked.
const OPEN_SEQUENCE: &[u8] = &[0x30, 0x80];
/// A constructed [0] whose end is marked.
const OPEN_CONTEXT_0: &[u8] = &[0xa0, 0x80];
const END: &[u8] = &[0, 0];

/// RFC 5652 §6.2.1: 2 goes with a key identifier. RFC 5652 §6.1: and then here, too.
const VERSION: u8 = 2;

/// `content` for the owner of `recipient`, an RSA key.
pub(crate) fn envelop(recipient: &PublicKey, content: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let key = SecretBytes::random(32)?;
    let (iv, ciphertext) = encrypt_content(&key, content)?;
    let wrapped = recipient.encrypt(EncryptionAlgorithm::RsaesOaepSha256, key.expose()).map_err(failed)?;
    encode(recipient.spki(), &wrapped, &iv, &ciphertext).map_err(failed)
}

/// Never decrypted here, so that nobody can make an oracle of the padding.
fn encrypt_content(key: &SecretBytes, content: &[u8]) -> Result<([u8; 16], Vec<u8>), CryptoError> {
    let key = UnboundCipherKey::new(&AES_256, key.expose()).map_err(failed)?;
    let key = PaddedBlockEncryptingKey::cbc_pkcs7(key).map_err(failed)?;
    // Room for the padding, lest growing leave a plaintext behind.
    let mut buffer = Vec::with_capacity(content.len() + 16);
    buffer.extend_from_slice(content);
    match key.encrypt(&mut buffer).map_err(failed)? {
        DecryptionContext::Iv128(iv) => Ok((*iv.as_ref(), buffer)),
        _ => Err(CryptoError::Failed),
    }
}

fn encode(spki: &[u8], wrapped: &[u8], iv: &[u8], ciphertext: &[u8]) -> der::Result<Vec<u8>> {
    // How the service derives it is not published; nobody can look it up anyway.
    let identifier = digest(&SHA256, spki);
    let mut recipients = SetOfVec::new();
    recipients.insert(recipient(identifier.as_ref(), wrapped)?)?;
    let content_encryption = ContentEncryption { algorithm: ID_AES256_CBC, iv: OctetStringRef::new(iv)? };
    let message = [
        OPEN_SEQUENCE,
        &ID_ENVELOPED_DATA.to_der()?,
        OPEN_CONTEXT_0,
        OPEN_SEQUENCE,
        &VERSION.to_der()?,
        &recipients.to_der()?,
        OPEN_SEQUENCE,
        &ID_DATA.to_der()?,
        &content_encryption.to_der()?,
        OPEN_CONTEXT_0,
        &OctetStringRef::new(ciphertext)?.to_der()?,
        END,
        END,
        END,
        END,
        END,
    ];
    Ok(message.concat())
}

fn recipient<'a>(identifier: &'a [u8], wrapped: &'a [u8]) -> der::Result<KeyTransRecipientInfo<'a>> {
    let hash = HashAlgorithm { algorithm: ID_SHA256, parameters: Null };
    Ok(KeyTransRecipientInfo {
        version: VERSION,
        identifier: ContextSpecific {
            tag_number: TagNumber(0),
            tag_mode: TagMode::Implicit,
            value: OctetStringRef::new(identifier)?,
        },
        key_encryption: KeyEncryption {
            algorithm: ID_RSAES_OAEP,
            parameters: OaepParameters {
                hash: hash.clone(),
                mask: MaskAlgorithm { algorithm: ID_MGF1, hash },
            },
        },
        encrypted_key: OctetStringRef::new(wrapped)?,
    })
}

/// RFC 5652 §6.2.1, with a subjectKeyIdentifier.
#[derive(Sequence, ValueOrd)]
struct KeyTransRecipientInfo<'a> {
    version: u8,
    identifier: ContextSpecific<&'a OctetStringRef>,
    key_encryption: KeyEncryption,
    encrypted_key: &'a OctetStringRef,
}

#[derive(Sequence, ValueOrd)]
struct KeyEncryption {
    algorithm: ObjectIdentifier,
    parameters: OaepParameters,
}

/// RSAES-OAEP-params of RFC 8017 §A.2.1, with an empty label.
#[derive(Sequence, ValueOrd)]
struct OaepParameters {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    hash: HashAlgorithm,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    mask: MaskAlgorithm,
}

#[derive(Clone, Sequence, ValueOrd)]
struct HashAlgorithm {
    algorithm: ObjectIdentifier,
    parameters: Null,
}

#[derive(Sequence, ValueOrd)]
struct MaskAlgorithm {
    algorithm: ObjectIdentifier,
    hash: HashAlgorithm,
}

#[derive(Sequence)]
struct ContentEncryption<'a> {
    algorithm: ObjectIdentifier,
    iv: &'a OctetStringRef,
}
