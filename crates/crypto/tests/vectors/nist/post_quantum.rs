//! ML-DSA and ML-KEM, through the provider.

use shake::Shake256;
use shake::digest::{ExtendableOutput as _, Update as _, XofReader as _};
use trent_crypto::KeyPair;
use trent_domain::{KeySpec, MessageType, SigningAlgorithm};

use super::cases;
use crate::tally::Tally;

/// Their signatures have contexts, which KMS has not: over the message they are refused, and over the
/// μ of message and context they verify.
pub(crate) fn ml_dsa(tally: &mut Tally) {
    let algorithm = SigningAlgorithm::MlDsaShake256;
    for (spec, file) in [
        (KeySpec::MlDsa44, "kat_MLDSA_44_det_pure.rsp"),
        (KeySpec::MlDsa65, "kat_MLDSA_65_det_pure.rsp"),
        (KeySpec::MlDsa87, "kat_MLDSA_87_det_pure.rsp"),
    ] {
        let cases = cases("asymmetric/MLDSA", &[file], "count");
        let template = KeyPair::generate(spec).unwrap();
        for case in cases {
            let (public, message, context) = (case.bytes("pk"), case.bytes("msg"), case.bytes("ctx"));
            let signed = case.bytes("sm");
            let signature = signed.strip_suffix(&message[..]).unwrap();
            let pair = seeded(&template, &case.bytes("xi"));
            let verifies = |kind, what: &[u8]| pair.public().verify(algorithm, kind, what, signature).is_ok();
            tally.check(spec.as_str(), true, pair.public().spki().ends_with(&public));
            tally.check(spec.as_str(), context.is_empty(), verifies(MessageType::Raw, &message));
            let mu = mu(&public, &context, &message);
            tally.check(spec.as_str(), true, verifies(MessageType::ExternalMu, &mu));
        }
    }
}

/// FIPS 204, algorithms 2 and 7.
fn mu(public: &[u8], context: &[u8], message: &[u8]) -> [u8; 64] {
    let domain = [0, u8::try_from(context.len()).unwrap()];
    shake256(&[&shake256(&[public]), &domain, context, message])
}

fn shake256(parts: &[&[u8]]) -> [u8; 64] {
    let mut hash = Shake256::default();
    parts.iter().for_each(|part| hash.update(part));
    let mut output = [0; 64];
    hash.finalize_xof().read(&mut output);
    output
}

pub(crate) fn ml_kem(tally: &mut Tally) {
    for (spec, file) in [
        (KeySpec::MlKem512, "kat_MLKEM_512.rsp"),
        (KeySpec::MlKem768, "kat_MLKEM_768.rsp"),
        (KeySpec::MlKem1024, "kat_MLKEM_1024.rsp"),
    ] {
        let cases = cases("asymmetric/MLKEM", &[file], "count");
        let template = KeyPair::generate(spec).unwrap();
        for case in cases {
            let pair = seeded(&template, &[case.bytes("d"), case.bytes("z")].concat());
            tally.check(spec.as_str(), true, pair.public().spki().ends_with(&case.bytes("pk")));
            // The second ciphertext was not made with the key: its secret is that of implicit rejection.
            for (ciphertext, secret) in [("ct", "ss"), ("ct_n", "ss_n")] {
                let found = pair.decapsulate(&case.bytes(ciphertext)).unwrap();
                tally.check(spec.as_str(), true, found.expose() == case.bytes(secret));
            }
        }
    }
}

/// The pair of a seed, which is what the encoding of a private key ends in.
fn seeded(template: &KeyPair, seed: &[u8]) -> KeyPair {
    let der = template.private_key_pkcs8().expose();
    KeyPair::from_pkcs8(template.spec(), &[&der[..der.len() - seed.len()], seed].concat()).unwrap()
}
