//! Anything in the place of an attestation document or of roots: nothing panics, and whatever is
//! believed says what the holder of the leaf certificate signed.

use std::time::Duration;

use trent_crypto::{Attestation, AttestationRoots, AttestedPlatform};

/// The root of the seeds, in its own form.
const ROOT: &[u8] = include_bytes!("../seeds/attestation/root.pem");
/// When the seeds were made; their certificates live for hours.
const NOW: Duration = Duration::from_secs(1_795_561_513);

/// Takes `data` for a document, and for roots; answers whether the document was believed.
pub(crate) fn run(data: &[u8]) -> bool {
    let mut roots = AttestationRoots::default();
    // That it may be read is all that is asked of it: whatever is in it is trusted.
    let _ = roots.trust_pem(data);
    let mut roots = AttestationRoots::default();
    assert_eq!(roots.trust_pem(ROOT), Ok(1));
    let Ok(attestation) = Attestation::verify(data, &roots, NOW) else { return false };
    let expected = match attestation.platform() {
        AttestedPlatform::Enclave => "enclave",
        AttestedPlatform::NitroTpm => "instance",
    };
    assert_eq!(attestation.module_id(), expected);
    for register in 0..=u8::MAX {
        let measured = attestation.pcr(register).map(|hex| hex == format!("{:02x}", register + 1).repeat(48));
        assert_eq!(measured, (register < 3).then_some(true));
    }
    assert!(attestation.encrypt(data).is_ok_and(|message| message.len() > data.len()));
    true
}
