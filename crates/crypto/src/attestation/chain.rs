//! The certificates of an attestation document (RFC 5280 §6), from a known root to the leaf.
//!
//! Names, signatures, validity, path lengths and critical extensions are webpki's business. What it
//! leaves to its callers is added here: that the root may be one, key usages, and that the chain is
//! the one that was sent and not a part of it.
//!
//! Nothing is revoked: leaf certificates live for hours and name no list that could be asked offline.

use std::time::Duration;

use der::Decode as _;
use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::{EndEntityCert, Error, KeyUsage as ExtendedUsage, anchor_from_trusted_cert};
use x509_cert::Certificate;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};

use super::document::Document;
use super::{AttestationError, AttestationRoots};

/// anyExtendedKeyUsage. Genuine leaves name no extended usage; those of other protocols are refused.
const ANY_USAGE: &[u8] = &[0x55, 0x1d, 0x25, 0x00];

/// Holds the document's certificates against `roots` at `now`; answers the leaf's
/// SubjectPublicKeyInfo.
pub(super) fn verify(
    document: &Document,
    roots: &AttestationRoots,
    now: Duration,
) -> Result<Vec<u8>, AttestationError> {
    let (root, intermediates) = document.chain.split_first().ok_or(AttestationError::Chain)?;
    // By its hash, it is the very certificate that is trusted, wherever the bytes came from.
    if !roots.contains(root) {
        return Err(AttestationError::Root);
    }
    check_root(root, intermediates.len(), now)?;
    for intermediate in intermediates {
        require_usage(intermediate, KeyUsage::key_cert_sign)?;
    }
    require_usage(&document.certificate, KeyUsage::digital_signature)?;
    verify_path(&document.certificate, root, intermediates, now)
}

/// What makes a certificate a root, as far as it can be said without a chain or a time.
pub(super) fn check_root_alone(der: &[u8]) -> Result<(), AttestationError> {
    let root = parse(der)?;
    constraints(&root).filter(|constraints| constraints.ca).ok_or(AttestationError::Chain)?;
    require_usage(der, KeyUsage::key_cert_sign)
}

/// webpki takes a trust anchor for a name and a key, and looks at nothing else of it.
fn check_root(der: &[u8], intermediates: usize, now: Duration) -> Result<(), AttestationError> {
    check_root_alone(der)?;
    let root = parse(der)?;
    let limit = constraints(&root).and_then(|constraints| constraints.path_len_constraint);
    if limit.is_some_and(|limit| usize::from(limit) < intermediates) {
        return Err(AttestationError::Chain);
    }
    let validity = root.tbs_certificate().validity();
    let valid = validity.not_before.to_unix_duration()..=validity.not_after.to_unix_duration();
    if valid.contains(&now) { Ok(()) } else { Err(AttestationError::Expired) }
}

fn constraints(certificate: &Certificate) -> Option<BasicConstraints> {
    let found = certificate.tbs_certificate().get_extension::<BasicConstraints>().ok()?;
    found.map(|(_, constraints)| constraints)
}

fn parse(der: &[u8]) -> Result<Certificate, AttestationError> {
    Certificate::from_der(der).map_err(|_| AttestationError::Chain)
}

fn require_usage(der: &[u8], usage: fn(&KeyUsage) -> bool) -> Result<(), AttestationError> {
    let certificate = parse(der)?;
    let found = certificate.tbs_certificate().get_extension::<KeyUsage>();
    let found = found.map_err(|_| AttestationError::Chain)?;
    found.filter(|(_, found)| usage(found)).map(|_| ()).ok_or(AttestationError::Chain)
}

fn verify_path(
    leaf: &[u8],
    root: &[u8],
    intermediates: &[Vec<u8>],
    now: Duration,
) -> Result<Vec<u8>, AttestationError> {
    let root = CertificateDer::from(root);
    let anchor = anchor_from_trusted_cert(&root).map_err(|_| AttestationError::Chain)?;
    let leaf = CertificateDer::from(leaf);
    let leaf = EndEntityCert::try_from(&leaf).map_err(|_| AttestationError::Chain)?;
    let issuers: Vec<CertificateDer<'_>> =
        intermediates.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    let anchors = [anchor];
    let path = leaf.verify_for_usage(
        // The profile of the genuine service, and the only one that ES384 goes well with.
        &[webpki::aws_lc_rs::ECDSA_P384_SHA384],
        &anchors,
        &issuers,
        UnixTime::since_unix_epoch(now),
        ExtendedUsage::required_if_present(ANY_USAGE),
        None,
        None,
    );
    let path = path.map_err(|error| refusal(&error))?;
    // The leaf's issuer comes first in the path, and last in the document.
    let used = path.intermediate_certificates().map(|certificate| certificate.der());
    if !used.eq(issuers.iter().rev().cloned()) {
        return Err(AttestationError::Chain);
    }
    Ok(leaf.subject_public_key_info().to_vec())
}

fn refusal(error: &Error) -> AttestationError {
    match error {
        Error::CertExpired { .. } | Error::CertNotValidYet { .. } => AttestationError::Expired,
        _ => AttestationError::Chain,
    }
}
