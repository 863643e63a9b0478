//! Attested recipients of answers: their documents are verified before anything is authorized, since
//! conditions ask for what they measured.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};
use trent_crypto::{Attestation, AttestationRoots, AttestedPlatform};

use crate::target::{LoadedKey, Place, Subject, Target};
use crate::{Compute, Effort, Fault, Json, Parts, compute};

/// What it takes to judge a document.
#[derive(Clone, Copy)]
pub struct Attesters<'a> {
    roots: &'a Arc<AttestationRoots>,
    compute: &'a dyn Compute,
    now: Timestamp,
}

impl<'a> Attesters<'a> {
    /// Certificates are of the world outside, and judged by its time.
    pub(crate) fn of(parts: &'a Parts) -> Self {
        Self { roots: &parts.attestation_roots, compute: &*parts.compute, now: parts.clock.wall() }
    }
}

/// An attestation document that an input brings along.
pub struct AttestationTarget(Vec<u8>);

impl AttestationTarget {
    /// The maker of `document`.
    #[must_use]
    pub fn new(document: &[u8]) -> Self {
        Self(document.to_vec())
    }
}

impl Target for AttestationTarget {
    type Loaded = Attestation;

    async fn load(&self, place: &Place<'_>) -> Result<Attestation, Fault> {
        let Attesters { roots, compute, now } = place.attesters;
        let (document, roots) = (self.0.clone(), Arc::clone(roots));
        let now = Duration::from_millis(u64::try_from(now.as_millisecond()).unwrap_or(0));
        let work = move || Attestation::verify(&document, &roots, now);
        let verified = compute::run(compute, Effort::Operation, work).await?;
        // The service's text is not published.
        verified.map_err(|error| {
            Fault::validation(format!("The attestation document cannot be accepted: {error}."))
        })
    }
}

impl Subject for Attestation {
    fn keys<'a>(&'a self, _: &mut dyn FnMut(&'a LoadedKey)) {}

    fn attestation(&self) -> Option<&Attestation> {
        Some(self)
    }
}

/// The value of a condition key behind `kms:RecipientAttestation:`, its name in lower case.
pub(crate) fn measurement(attestation: &Attestation, name: &str) -> Option<String> {
    match attestation.platform() {
        AttestedPlatform::Enclave if name == "imagesha384" => attestation.pcr(0),
        AttestedPlatform::Enclave => register(attestation, name.strip_prefix("pcr")?),
        AttestedPlatform::NitroTpm => register(attestation, name.strip_prefix("nitrotpmpcr")?),
    }
}

/// A register has one name: `01` is not `1`.
fn register(attestation: &Attestation, digits: &str) -> Option<String> {
    let index: u8 = digits.parse().ok()?;
    if index.to_string() == digits { attestation.pcr(index) } else { None }
}

/// The registers that the trail shows, as far as the document has them.
const ENCLAVE_PCRS: [u8; 5] = [1, 2, 3, 4, 8];
const NITRO_TPM_PCRS: [u8; 6] = [4, 7, 8, 9, 16, 23];

/// `additionalEventData` of an attested call. The service is documented to write hexadecimal, as
/// policies do. It may leave the recipient out of denials; here they show who was denied.
pub(crate) fn shown(attestation: &Attestation) -> Json {
    let mut recipient = Map::new();
    let mut show = |name: String, value: Option<String>| {
        if let Some(value) = value {
            recipient.insert(format!("attestationDocument{name}"), Value::String(value));
        }
    };
    show("ModuleId".to_owned(), Some(attestation.module_id().to_owned()));
    match attestation.platform() {
        AttestedPlatform::Enclave => {
            show("EnclaveImageDigest".to_owned(), attestation.pcr(0));
            ENCLAVE_PCRS.iter().for_each(|i| show(format!("EnclavePCR{i}"), attestation.pcr(*i)));
        }
        AttestedPlatform::NitroTpm => {
            NITRO_TPM_PCRS.iter().for_each(|i| show(format!("NitroTPMPCR{i}"), attestation.pcr(*i)));
        }
    }
    Json(serde_json::json!({ "recipient": recipient }).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &[u8] = include_bytes!("../../../fuzz/seeds/attestation/root.pem");
    const ENCLAVE: &[u8] = include_bytes!("../../../fuzz/seeds/attestation/enclave");
    const NITRO_TPM: &[u8] = include_bytes!("../../../fuzz/seeds/attestation/nitro-tpm");
    const MADE: Duration = Duration::from_secs(1_795_561_513);

    fn attestation(document: &[u8]) -> Attestation {
        let mut roots = AttestationRoots::default();
        roots.trust_pem(ROOT).unwrap();
        Attestation::verify(document, &roots, MADE).unwrap()
    }

    #[test]
    fn a_measurement_has_one_name() {
        let (enclave, tpm) = (attestation(ENCLAVE), attestation(NITRO_TPM));
        let hex = |byte: &str| Some(byte.repeat(48));
        for (name, of_enclave, of_tpm) in [
            ("imagesha384", hex("01"), None),
            ("pcr0", hex("01"), None),
            ("pcr2", hex("03"), None),
            ("pcr3", None, None),
            ("pcr256", None, None),
            ("pcr00", None, None),
            ("pcr+0", None, None),
            ("pcr", None, None),
            ("nitrotpmpcr0", None, hex("01")),
            ("nitrotpmpcr2", None, hex("03")),
            ("nitrotpmpcr02", None, None),
            ("nitrotpmimagesha384", None, None),
            ("moduleid", None, None),
        ] {
            assert_eq!(measurement(&enclave, name), of_enclave, "{name}");
            assert_eq!(measurement(&tpm, name), of_tpm, "{name}");
        }
    }

    #[test]
    fn the_trail_tells_an_enclave_from_a_tpm() {
        let shown = |document| serde_json::from_str::<Value>(&shown(&attestation(document)).0).unwrap();
        let expected = serde_json::json!({ "recipient": {
            "attestationDocumentModuleId": "enclave",
            "attestationDocumentEnclaveImageDigest": "01".repeat(48),
            "attestationDocumentEnclavePCR1": "02".repeat(48),
            "attestationDocumentEnclavePCR2": "03".repeat(48),
        }});
        assert_eq!(shown(ENCLAVE), expected);
        // It has registers 0 to 2, none of which is shown of a TPM.
        let expected = serde_json::json!({ "recipient": { "attestationDocumentModuleId": "instance" }});
        assert_eq!(shown(NITRO_TPM), expected);
    }
}
