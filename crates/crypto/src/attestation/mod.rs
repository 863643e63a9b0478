//! Attestation documents: what an AWS Nitro enclave, or an instance with a NitroTPM, says of itself.
//!
//! ```text
//! COSE_Sign1, ES384 ── signed by ── leaf certificate ── … ── a root whose SHA-256 is known here
//!   └─ payload: module, time, PCRs, leaf and chain, public key
//! ```
//! An [`Attestation`] can only be had by [`Attestation::verify`], which looks at everything; nothing of
//! a document that fails in any respect is handed out. The syntax is read in `document`, the
//! certificates are judged in `chain`. No time is read here: the caller says what it is.

mod chain;
mod document;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED, UnparsedPublicKey};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use trent_domain::KeySpec;

use crate::{CryptoError, InvalidKey, PublicKey, cms, spki};
use document::Document;

/// How old a document may be: as long as the leaf certificates of the genuine service live.
const MAX_AGE: Duration = Duration::from_secs(3 * 3600);
/// How far the attester's clock may be ahead of ours.
const MAX_SKEW: Duration = Duration::from_secs(5 * 60);

/// The SHA-256 of the AWS Nitro Enclaves root certificate G1, as published by AWS.
const AWS_NITRO_ROOT_G1: [u8; 32] = [
    0x64, 0x1a, 0x03, 0x21, 0xa3, 0xe2, 0x44, 0xef, 0xe4, 0x56, 0x46, 0x31, 0x95, 0xd6, 0x06, 0x31, 0x7e,
    0xd7, 0xcd, 0xcc, 0x3c, 0x17, 0x56, 0xe0, 0x98, 0x93, 0xf3, 0xc6, 0x8f, 0x79, 0xbb, 0x5b,
];

/// The roots that attestation documents may lead to, by fingerprint: a document brings its root
/// along, and is believed when that is one of these.
#[derive(Debug, Clone)]
pub struct AttestationRoots(Vec<[u8; 32]>);

impl AttestationRoots {
    /// Trusts every certificate of a PEM text, too; answers how many there are.
    ///
    /// # Errors
    /// [`InvalidKey`] when a part of the text is no certificate that could be a root.
    pub fn trust_pem(&mut self, pem: &[u8]) -> Result<usize, InvalidKey> {
        let mut count = 0;
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|_| InvalidKey)?;
            chain::check_root_alone(&certificate).map_err(|_| InvalidKey)?;
            self.0.push(fingerprint(&certificate));
            count += 1;
        }
        Ok(count)
    }

    fn contains(&self, certificate: &[u8]) -> bool {
        self.0.contains(&fingerprint(certificate))
    }
}

impl Default for AttestationRoots {
    /// The root of the genuine service, and no other.
    fn default() -> Self {
        Self(vec![AWS_NITRO_ROOT_G1])
    }
}

fn fingerprint(certificate: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, certificate).as_ref());
    bytes
}

/// What attests itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttestedPlatform {
    /// A Nitro enclave.
    Enclave,
    /// An instance with a NitroTPM.
    NitroTpm,
}

/// Why a document is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttestationError {
    /// It is not COSE_Sign1 with ES384, or its payload is not one of an attestation document.
    #[error("it is malformed: {0}")]
    Malformed(&'static str),
    /// Its root is none that is trusted.
    #[error("its root certificate is not trusted")]
    Root,
    /// Its certificates do not form a chain.
    #[error("its certificates do not form a valid chain")]
    Chain,
    /// A certificate of its chain is no longer or not yet valid.
    #[error("a certificate of its chain has expired or is not yet valid")]
    Expired,
    /// It was not signed by its leaf certificate.
    #[error("its signature is invalid")]
    Signature,
    /// It was made too long ago, or is yet to be made.
    #[error("its timestamp is too old or lies in the future")]
    Stale,
    /// It has no public key to encrypt to.
    #[error("it contains no public key")]
    NoPublicKey,
    /// Its public key is not an RSA key of 2048, 3072 or 4096 bits.
    #[error("its public key is not an RSA key of 2048, 3072 or 4096 bits")]
    PublicKey,
}

/// A document that was verified whole.
pub struct Attestation {
    module_id: String,
    platform: AttestedPlatform,
    pcrs: BTreeMap<u8, Vec<u8>>,
    public_key: PublicKey,
}

impl Attestation {
    /// Verifies `document` at `now`, the time since 1970. Slow: 1 to 3 ms.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn verify(
        document: &[u8],
        roots: &AttestationRoots,
        now: Duration,
    ) -> Result<Self, AttestationError> {
        let document = Document::parse(document)?;
        let leaf = chain::verify(&document, roots, now)?;
        verify_signature(&document, &leaf)?;
        verify_age(document.timestamp, now)?;
        let public_key = recipient_key(document.public_key.as_deref())?;
        let Document { module_id, platform, pcrs, .. } = document;
        Ok(Self { module_id, platform, pcrs, public_key })
    }

    /// What the attester is called, such as `i-…-enc…`.
    #[must_use]
    pub fn module_id(&self) -> &str {
        &self.module_id
    }

    /// What kind of thing it is.
    #[must_use]
    pub const fn platform(&self) -> AttestedPlatform {
        self.platform
    }

    /// A platform configuration register in lower-case hexadecimal.
    #[must_use]
    pub fn pcr(&self, index: u8) -> Option<String> {
        self.pcrs.get(&index).map(hex::encode)
    }

    /// `plaintext` for nobody but the attester: a CMS message to the document's public key.
    ///
    /// # Errors
    /// When randomness or the library fail.
    pub fn encrypt(&self, plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
        cms::envelop(&self.public_key, plaintext)
    }
}

impl fmt::Debug for Attestation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attestation({}, {:?})", self.module_id, self.platform)
    }
}

/// `leaf` is a SubjectPublicKeyInfo; ES384 means that it must be one of P-384.
fn verify_signature(document: &Document, leaf: &[u8]) -> Result<(), AttestationError> {
    let point = spki::decode(KeySpec::EccNistP384, leaf).map_err(|_| AttestationError::Signature)?;
    let key = UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point);
    key.verify(&document.signed, &document.signature).map_err(|_| AttestationError::Signature)
}

/// The genuine service is not known to look at the timestamp, and need not: its leaf certificates
/// live for hours. Another root's may live longer.
fn verify_age(timestamp: Duration, now: Duration) -> Result<(), AttestationError> {
    let old = now.saturating_sub(timestamp) > MAX_AGE;
    let early = timestamp.saturating_sub(now) > MAX_SKEW;
    if old || early { Err(AttestationError::Stale) } else { Ok(()) }
}

fn recipient_key(der: Option<&[u8]>) -> Result<PublicKey, AttestationError> {
    let der = der.ok_or(AttestationError::NoPublicKey)?;
    let specs = [KeySpec::Rsa2048, KeySpec::Rsa3072, KeySpec::Rsa4096];
    let key = specs.into_iter().find_map(|spec| PublicKey::from_spki(spec, der).ok());
    key.ok_or(AttestationError::PublicKey)
}

#[cfg(test)]
mod tests;
