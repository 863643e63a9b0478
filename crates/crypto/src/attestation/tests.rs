//! Documents of a root of our own, right in everything but what a test breaks.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair};
use coset::cbor::ser::into_writer;
use coset::cbor::value::Value;
use coset::iana::Algorithm;
use coset::{CborSerializable as _, CoseSign1, CoseSign1Builder, HeaderBuilder, TaggedCborSerializable as _};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, date_time_ymd,
};

use super::*;

/// 2026-06-15 12:00; the certificates are valid on that day, the leaf on no other.
const NOON: Duration = Duration::from_secs(1_781_524_800);
const DAY: Duration = Duration::from_secs(86_400);

/// A certificate, and the key that signs with it.
struct Signer {
    params: CertificateParams,
    key: KeyPair,
    der: Vec<u8>,
}

fn params(name: &str, constraints: IsCa, usage: KeyUsagePurpose) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = constraints;
    params.key_usages = vec![usage];
    params.not_before = date_time_ymd(2026, 6, 1);
    params.not_after = date_time_ymd(2036, 6, 1);
    params
}

fn ca(name: &str) -> CertificateParams {
    params(name, IsCa::Ca(BasicConstraints::Unconstrained), KeyUsagePurpose::KeyCertSign)
}

fn leaf() -> CertificateParams {
    let mut params = params("leaf", IsCa::ExplicitNoCa, KeyUsagePurpose::DigitalSignature);
    params.not_before = date_time_ymd(2026, 6, 15);
    params.not_after = date_time_ymd(2026, 6, 16);
    params
}

impl Signer {
    fn root(params: CertificateParams) -> Self {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
        let der = params.self_signed(&key).unwrap().der().to_vec();
        Self { params, key, der }
    }

    fn issue(&self, params: CertificateParams) -> Self {
        self.issue_for(params, KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap())
    }

    fn issue_for(&self, params: CertificateParams, key: KeyPair) -> Self {
        let issuer = Issuer::from_params(&self.params, &self.key);
        let der = params.signed_by(&key, &issuer).unwrap().der().to_vec();
        Self { params, key, der }
    }
}

/// The parts of a document; a test changes some.
struct Parts {
    root: Signer,
    intermediates: Vec<Signer>,
    leaf: Signer,
    payload: Vec<(Value, Value)>,
}

fn parts_of(root: Signer, intermediates: Vec<Signer>, leaf: Signer) -> Parts {
    let certificates = [&root].into_iter().chain(&intermediates);
    let bundle = certificates.map(|signer| Value::Bytes(signer.der.clone())).collect();
    let pcrs = (0..5_u8).map(|index| (Value::from(index), Value::Bytes(vec![0xa0 + index; 48]))).collect();
    let time = u64::try_from(NOON.as_millis()).unwrap();
    let member = |name: &str, value| (Value::from(name), value);
    let payload = vec![
        member("module_id", Value::from("i-1-enc2")),
        member("digest", Value::from("SHA384")),
        member("timestamp", Value::from(time)),
        member("pcrs", Value::Map(pcrs)),
        member("certificate", Value::Bytes(leaf.der.clone())),
        member("cabundle", Value::Array(bundle)),
        member("public_key", Value::Bytes(recipient().public().spki().to_vec())),
        member("user_data", Value::Null),
        member("nonce", Value::Null),
    ];
    Parts { root, intermediates, leaf, payload }
}

fn parts() -> Parts {
    let root = Signer::root(ca("root"));
    let first = root.issue(ca("first"));
    let second = first.issue(ca("second"));
    let leaf = second.issue(leaf());
    parts_of(root, vec![first, second], leaf)
}

/// The enclave's own key, whose private half stays with it.
fn recipient() -> &'static crate::KeyPair {
    static PAIR: std::sync::OnceLock<crate::KeyPair> = std::sync::OnceLock::new();
    PAIR.get_or_init(|| crate::KeyPair::generate(KeySpec::Rsa2048).unwrap())
}

impl Parts {
    fn set(&mut self, name: &str, value: impl Into<Value>) {
        let found = self.payload.iter_mut().find(|(known, _)| known.as_text() == Some(name));
        found.unwrap().1 = value.into();
    }

    fn remove(&mut self, name: &str) {
        self.payload.retain(|(known, _)| known.as_text() != Some(name));
    }

    fn signed(&self) -> CoseSign1 {
        let mut payload = Vec::new();
        into_writer(&Value::Map(self.payload.clone()), &mut payload).unwrap();
        self.sign(payload)
    }

    fn sign(&self, payload: Vec<u8>) -> CoseSign1 {
        CoseSign1Builder::new()
            .protected(HeaderBuilder::new().algorithm(Algorithm::ES384).build())
            .payload(payload)
            .create_signature(&[], |bytes| signature(&self.leaf.key, bytes))
            .build()
    }

    fn roots(&self) -> AttestationRoots {
        AttestationRoots(vec![fingerprint(&self.root.der)])
    }

    fn verify(&self, document: &[u8]) -> Result<Attestation, AttestationError> {
        Attestation::verify(document, &self.roots(), NOON)
    }

    fn refusal(&self) -> AttestationError {
        self.verify(&self.signed().to_vec().unwrap()).unwrap_err()
    }
}

fn signature(key: &KeyPair, bytes: &[u8]) -> Vec<u8> {
    match EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &key.serialize_der()) {
        Ok(pair) => pair.sign(&SystemRandom::new(), bytes).unwrap().as_ref().to_vec(),
        Err(_) => vec![7; 96],
    }
}

#[test]
fn a_document_says_what_was_measured() {
    let parts = parts();
    let sign1 = parts.signed();
    for document in [sign1.clone().to_vec().unwrap(), sign1.to_tagged_vec().unwrap()] {
        let attestation = parts.verify(&document).unwrap();
        assert_eq!(attestation.module_id(), "i-1-enc2");
        assert_eq!(attestation.platform(), AttestedPlatform::Enclave);
        assert_eq!(attestation.pcr(0).unwrap(), "a0".repeat(48));
        assert_eq!(attestation.pcr(4).unwrap(), "a4".repeat(48));
        assert_eq!(attestation.pcr(5), None);
    }
}

#[test]
fn a_nitro_tpm_is_told_from_an_enclave() {
    let mut parts = parts();
    let (_, pcrs) = parts.payload.remove(3);
    parts.payload.push((Value::from("nitrotpm_pcrs"), pcrs.clone()));
    let attestation = parts.verify(&parts.signed().to_vec().unwrap()).unwrap();
    assert_eq!(attestation.platform(), AttestedPlatform::NitroTpm);
    parts.payload.push((Value::from("pcrs"), pcrs));
    assert_eq!(parts.refusal(), AttestationError::Malformed("pcrs"));
}

#[test]
fn only_known_roots_are_trusted() {
    let parts = parts();
    let document = parts.signed().to_vec().unwrap();
    let verify = |roots: &AttestationRoots| Attestation::verify(&document, roots, NOON).map(|_| ());
    assert_eq!(verify(&AttestationRoots::default()), Err(AttestationError::Root));
    let mut roots = AttestationRoots::default();
    let pem = |der: &[u8]| {
        use base64::Engine as _;
        let text = base64::engine::general_purpose::STANDARD.encode(der);
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
    };
    assert_eq!(roots.trust_pem(pem(&parts.leaf.der).as_bytes()), Err(InvalidKey));
    assert_eq!(roots.trust_pem(b"nothing"), Ok(0));
    assert_eq!(verify(&roots), Err(AttestationError::Root));
    assert_eq!(roots.trust_pem(pem(&parts.root.der).as_bytes()), Ok(1));
    assert_eq!(verify(&roots), Ok(()));
    assert_eq!(
        hex::encode(AttestationRoots::default().0[0]),
        "641a0321a3e244efe456463195d606317ed7cdcc3c1756e09893f3c68f79bb5b"
    );
}

/// A root of the same name with another key does not help, whatever else the document says.
#[test]
fn a_namesake_of_the_root_is_not_the_root() {
    let (mut parts, other) = (parts(), Signer::root(ca("root")));
    let chain =
        [&other, &parts.intermediates[0], &parts.intermediates[1]].map(|s| Value::Bytes(s.der.clone()));
    parts.set("cabundle", Value::Array(chain.to_vec()));
    assert_eq!(parts.refusal(), AttestationError::Root);
    let roots = AttestationRoots(vec![fingerprint(&other.der)]);
    let document = parts.signed().to_vec().unwrap();
    assert_eq!(Attestation::verify(&document, &roots, NOON).unwrap_err(), AttestationError::Chain);
}

#[test]
fn certificates_are_valid_when_the_document_is_shown() {
    let mut parts = parts();
    for (now, expected) in [
        (NOON - DAY, AttestationError::Expired),
        (NOON + DAY, AttestationError::Expired),
        (NOON + 4000 * DAY, AttestationError::Expired),
    ] {
        parts.set("timestamp", u64::try_from(now.as_millis()).unwrap());
        let document = parts.signed().to_vec().unwrap();
        assert_eq!(Attestation::verify(&document, &parts.roots(), now).unwrap_err(), expected);
    }
    let mut expired = ca("root");
    expired.not_after = date_time_ymd(2026, 6, 14);
    let root = Signer::root(expired);
    let leaf = root.issue(leaf());
    assert_eq!(parts_of(root, vec![], leaf).refusal(), AttestationError::Expired);
}

#[test]
fn a_document_is_fresh() {
    let mut parts = parts();
    for (timestamp, expected) in [
        (NOON - MAX_AGE, None),
        (NOON - MAX_AGE - Duration::from_millis(1), Some(AttestationError::Stale)),
        (NOON + MAX_SKEW, None),
        (NOON + MAX_SKEW + Duration::from_millis(1), Some(AttestationError::Stale)),
    ] {
        parts.set("timestamp", u64::try_from(timestamp.as_millis()).unwrap());
        assert_eq!(parts.verify(&parts.signed().to_vec().unwrap()).err(), expected);
    }
}

#[test]
fn the_chain_is_the_one_that_was_sent() {
    let mut parts = parts();
    let [first, second] = [0, 1].map(|index| Value::Bytes(parts.intermediates[index].der.clone()));
    let root = Value::Bytes(parts.root.der.clone());
    let spare = Value::Bytes(parts.root.issue(ca("spare")).der);
    for wrong in [
        vec![root.clone()],
        vec![root.clone(), first.clone()],
        vec![root.clone(), second.clone()],
        vec![root.clone(), second.clone(), first.clone()],
        vec![root.clone(), first.clone(), second.clone(), spare.clone()],
        vec![root.clone(), spare, first.clone(), second.clone()],
        vec![root.clone(), first.clone(), first.clone(), second.clone()],
    ] {
        parts.set("cabundle", Value::Array(wrong));
        assert_eq!(parts.refusal(), AttestationError::Chain);
    }
    parts.set("cabundle", Value::Array(vec![first, second]));
    assert_eq!(parts.refusal(), AttestationError::Root);
    let (root, leaf) = (Signer::root(ca("root")), leaf());
    let leaf = root.issue(leaf);
    let short = parts_of(root, vec![], leaf);
    assert!(short.verify(&short.signed().to_vec().unwrap()).is_ok());
}

#[test]
fn certificates_are_used_for_what_they_were_made_for() {
    let sign = KeyUsagePurpose::DigitalSignature;
    let not_ca = params("first", IsCa::ExplicitNoCa, KeyUsagePurpose::KeyCertSign);
    let no_usage = params("first", IsCa::Ca(BasicConstraints::Unconstrained), sign);
    let no_extension = params("first", IsCa::NoCa, KeyUsagePurpose::KeyCertSign);
    for wrong in [not_ca, no_usage, no_extension] {
        let root = Signer::root(ca("root"));
        let first = root.issue(wrong.clone());
        let end = first.issue(leaf());
        assert_eq!(parts_of(root, vec![first], end).refusal(), AttestationError::Chain);
        let root = Signer::root(wrong);
        let end = root.issue(leaf());
        assert_eq!(parts_of(root, vec![], end).refusal(), AttestationError::Chain);
    }
    let mut unusable = leaf();
    unusable.key_usages = vec![KeyUsagePurpose::KeyAgreement];
    let mut none = leaf();
    none.key_usages = vec![];
    let mut for_tls = leaf();
    for_tls.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let mut authority = leaf();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    for wrong in [unusable, none, for_tls, authority] {
        let root = Signer::root(ca("root"));
        let end = root.issue(wrong);
        assert_eq!(parts_of(root, vec![], end).refusal(), AttestationError::Chain);
    }
}

#[test]
fn path_lengths_are_kept() {
    let limited = |name, limit| {
        params(name, IsCa::Ca(BasicConstraints::Constrained(limit)), KeyUsagePurpose::KeyCertSign)
    };
    for (root, first, right) in [
        (limited("root", 2), ca("first"), true),
        (limited("root", 1), ca("first"), false),
        (ca("root"), limited("first", 0), false),
    ] {
        let root = Signer::root(root);
        let first = root.issue(first);
        let second = first.issue(ca("second"));
        let end = second.issue(leaf());
        let parts = parts_of(root, vec![first, second], end);
        let refusal = parts.verify(&parts.signed().to_vec().unwrap()).err();
        assert_eq!(refusal, (!right).then_some(AttestationError::Chain));
    }
}

#[test]
fn the_leaf_signs_and_nobody_else() {
    let parts = parts();
    let genuine = parts.signed();
    let mut other = genuine.clone();
    other.signature = signature(&parts.intermediates[1].key, &other.tbs_data(&[]));
    assert_eq!(parts.verify(&other.to_vec().unwrap()).unwrap_err(), AttestationError::Signature);
    let mut tampered = parts_of(Signer::root(ca("root")), vec![], Signer::root(ca("leaf")));
    tampered.payload.clone_from(&parts.payload);
    tampered.set("pcrs", Value::Map(vec![(Value::from(0), Value::Bytes(vec![0xff; 48]))]));
    let mut moved = tampered.signed();
    moved.signature.clone_from(&genuine.signature);
    assert_eq!(parts.verify(&moved.to_vec().unwrap()).unwrap_err(), AttestationError::Signature);
    let mut flipped = genuine;
    flipped.signature[95] ^= 1;
    assert_eq!(parts.verify(&flipped.to_vec().unwrap()).unwrap_err(), AttestationError::Signature);
}

#[test]
fn es384_needs_a_key_on_p_384() {
    let root = Signer::root(ca("root"));
    let end = root.issue_for(leaf(), KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap());
    assert_eq!(parts_of(root, vec![], end).refusal(), AttestationError::Signature);
}

#[test]
fn headers_other_than_es384_are_refused() {
    let parts = parts();
    let payload = parts.signed().payload.unwrap();
    let es384 = || HeaderBuilder::new().algorithm(Algorithm::ES384);
    for (protected, unprotected) in [
        (HeaderBuilder::new(), HeaderBuilder::new()),
        (HeaderBuilder::new().algorithm(Algorithm::ES256), HeaderBuilder::new()),
        (es384().key_id(vec![1]), HeaderBuilder::new()),
        (es384(), HeaderBuilder::new().key_id(vec![1])),
        (HeaderBuilder::new(), es384()),
    ] {
        let sign1 = CoseSign1Builder::new()
            .protected(protected.build())
            .unprotected(unprotected.build())
            .payload(payload.clone())
            .create_signature(&[], |bytes| signature(&parts.leaf.key, bytes))
            .build();
        let error = parts.verify(&sign1.to_vec().unwrap()).unwrap_err();
        assert_eq!(error, AttestationError::Malformed("its headers are not those of ES384 alone"));
    }
    let mut short = parts.signed();
    short.signature.truncate(95);
    let error = parts.verify(&short.to_vec().unwrap()).unwrap_err();
    assert_eq!(error, AttestationError::Malformed("its signature has the wrong length"));
}

#[test]
fn every_member_has_its_form() {
    let bytes = |length| Value::Bytes(vec![7; length]);
    let pcr = |index: i32, length| Value::Map(vec![(Value::from(index), bytes(length))]);
    let twice = Value::Map(vec![(Value::from(1), bytes(48)), (Value::from(1), bytes(48))]);
    let malformed: Vec<(&'static str, Vec<Value>)> = vec![
        ("module_id", vec![Value::from(""), Value::Null, bytes(3)]),
        ("digest", vec![Value::from("SHA256"), Value::Null, bytes(3)]),
        ("timestamp", vec![Value::from(0), Value::from(-1), Value::Null, Value::from("1")]),
        (
            "pcrs",
            vec![Value::Map(vec![]), pcr(32, 48), pcr(-1, 48), pcr(0, 47), pcr(0, 0), twice, Value::Null],
        ),
        ("certificate", vec![bytes(0), bytes(1025), Value::Null]),
        (
            "cabundle",
            vec![Value::Array(vec![]), Value::Array(vec![bytes(0)]), Value::Array(vec![bytes(1); 8])],
        ),
        ("public_key", vec![bytes(1025), Value::from("key")]),
        ("user_data", vec![bytes(513), Value::from(1)]),
        ("nonce", vec![bytes(513), Value::from(1)]),
    ];
    for (name, values) in malformed {
        for value in values {
            let mut parts = parts();
            parts.set(name, value.clone());
            assert_eq!(parts.refusal(), AttestationError::Malformed(name), "{name} {value:?}");
        }
    }
    for name in ["module_id", "digest", "timestamp", "pcrs", "certificate", "cabundle"] {
        let mut parts = parts();
        parts.remove(name);
        assert_eq!(parts.refusal(), AttestationError::Malformed(name));
    }
}

#[test]
fn the_payload_is_one_map_of_distinct_names() {
    let mut parts = parts();
    let whole = parts.signed().payload.unwrap();
    let wrong = AttestationError::Malformed("its payload is not a map of distinct names");
    let nested = [vec![0x81; 100], vec![0xa0]].concat();
    for payload in [vec![], vec![0x80], vec![0xa1, 1, 2], nested, [&whole[..], &[0xf6]].concat()] {
        let document = parts.sign(payload).to_vec().unwrap();
        assert_eq!(parts.verify(&document).unwrap_err(), wrong);
    }
    parts.payload.push((Value::from("nonce"), Value::Null));
    assert_eq!(parts.refusal(), wrong);
    let document = [parts.signed().to_vec().unwrap(), vec![0]].concat();
    assert_eq!(parts.verify(&document).unwrap_err(), AttestationError::Malformed("it is not COSE_Sign1"));
    let long = vec![0; MAX_DOCUMENT_AND_ONE];
    assert_eq!(parts.verify(&long).unwrap_err(), AttestationError::Malformed("it is too long"));
}

const MAX_DOCUMENT_AND_ONE: usize = 32 * 1024 + 1;

#[test]
fn the_recipient_has_an_rsa_key() {
    let mut parts = parts();
    for absent in [Value::Null, Value::Bytes(vec![])] {
        parts.set("public_key", absent);
        assert_eq!(parts.refusal(), AttestationError::NoPublicKey);
    }
    let curve = crate::KeyPair::generate(KeySpec::EccNistP256).unwrap();
    for wrong in [curve.public().spki(), b"not a key", &recipient().public().spki()[1..]] {
        parts.set("public_key", wrong.to_vec());
        assert_eq!(parts.refusal(), AttestationError::PublicKey);
    }
    parts.remove("public_key");
    assert_eq!(parts.refusal(), AttestationError::NoPublicKey);
}

/// The frame of a message that the service sent, which was 477 bytes long for 28 bytes and RSA_2048.
#[test]
fn an_answer_looks_as_the_service_has_it() {
    let parts = parts();
    let attestation = parts.verify(&parts.signed().to_vec().unwrap()).unwrap();
    let message = attestation.encrypt(&[7; 28]).unwrap();
    assert_eq!(message.len(), 477);
    let identifier = 33..65;
    let key_algorithm = "303c06092a864886f70d010107302fa00f300d06096086480165030402010500a11c301a\
                         06092a864886f70d010108300d0609608648016503040201050004820100";
    let content = "308006092a864886f70d010701301d060960864801650304012a0410";
    assert_eq!(
        hex::encode(&message[..identifier.start]),
        "308006092a864886f70d010703a08030800201023182016b3082016702010280 20".replace(' ', "")
    );
    assert_eq!(message[identifier.clone()], fingerprint(recipient().public().spki()));
    let wrapped = identifier.end + key_algorithm.len() / 2;
    assert_eq!(hex::encode(&message[identifier.end..wrapped]), key_algorithm);
    let tail = wrapped + 256;
    assert_eq!(hex::encode(&message[tail..tail + 28]), content);
    assert_eq!(hex::encode(&message[tail + 44..tail + 48]), "a0800420");
    assert_eq!(message[tail + 80..], [0; 10]);

    let oaep = trent_domain::EncryptionAlgorithm::RsaesOaepSha256;
    let key = recipient().decrypt(oaep, &message[wrapped..tail]).unwrap();
    let iv: [u8; 16] = message[tail + 28..tail + 44].try_into().unwrap();
    let mut content = message[tail + 48..tail + 80].to_vec();
    assert_eq!(decrypt(key.expose(), iv, &mut content), [7; 28]);
    assert_ne!(attestation.encrypt(&[7; 28]).unwrap()[wrapped..], message[wrapped..]);
}

fn decrypt<'a>(key: &[u8], iv: [u8; 16], content: &'a mut [u8]) -> &'a [u8] {
    use aws_lc_rs::cipher::{AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey};
    let key = PaddedBlockDecryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_256, key).unwrap()).unwrap();
    key.decrypt(content, DecryptionContext::Iv128(iv.into())).unwrap()
}
