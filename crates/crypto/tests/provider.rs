//! Every spec with every algorithm it has, and the refusals of those it has not.

#![cfg(test)]

use trent_crypto::{HmacKey, KeyError, KeyPair, Material, PublicKey, SecretBytes};
use trent_domain::{
    Algorithms, EncryptionAlgorithm, KeySpec, KeyUsage, MacAlgorithm, MessageForm, MessageType,
    SigningAlgorithm,
};

const MESSAGE: &[u8] = b"attack at dawn";

/// The asymmetric specs, with one size of RSA for all.
fn pairs() -> impl Iterator<Item = KeyPair> {
    let large = [KeySpec::Rsa3072, KeySpec::Rsa4096];
    let specs = KeySpec::ALL.iter().filter(move |spec| spec.is_asymmetric() && !large.contains(spec));
    specs.map(|spec| KeyPair::generate(*spec).unwrap())
}

fn offered(spec: KeySpec) -> &'static [SigningAlgorithm] {
    match spec.algorithms(KeyUsage::SignVerify) {
        Some(Algorithms::Signing(list)) => list,
        _ => &[],
    }
}

#[test]
fn what_is_signed_verifies_and_nothing_else_does() {
    for pair in pairs() {
        let public = PublicKey::from_spki(pair.spec(), pair.public().spki()).unwrap();
        for &algorithm in SigningAlgorithm::ALL {
            for &kind in MessageType::ALL {
                let what = format!("{pair:?} {algorithm:?} {kind:?}");
                if !offered(pair.spec()).contains(&algorithm) {
                    assert_eq!(pair.sign(algorithm, kind, MESSAGE), Err(KeyError::Algorithm), "{what}");
                    continue;
                }
                let message = match algorithm.message_form(kind) {
                    Some(MessageForm::Message) => MESSAGE.to_vec(),
                    Some(MessageForm::Digest(length)) => vec![7; length],
                    None => {
                        assert_eq!(pair.sign(algorithm, kind, MESSAGE), Err(KeyError::MessageType), "{what}");
                        continue;
                    }
                };
                let signature = pair.sign(algorithm, kind, &message).unwrap();
                assert_eq!(public.verify(algorithm, kind, &message, &signature), Ok(()), "{what}");
                refuses_changes(&public, algorithm, kind, &message, &signature);
            }
        }
    }
}

fn refuses_changes(
    public: &PublicKey,
    algorithm: SigningAlgorithm,
    kind: MessageType,
    message: &[u8],
    signature: &[u8],
) {
    let invalid = Err(KeyError::InvalidSignature);
    let mut other = message.to_vec();
    other[0] ^= 1;
    assert_eq!(public.verify(algorithm, kind, &other, signature), invalid);
    for place in [0, signature.len() / 2, signature.len() - 1] {
        let mut bad = signature.to_vec();
        bad[place] ^= 1;
        assert_eq!(public.verify(algorithm, kind, message, &bad), invalid, "{public:?} {algorithm:?}");
    }
    for bad in [&signature[1..], &signature[..signature.len() - 1], &[signature, &[0]].concat(), &[]] {
        assert_eq!(public.verify(algorithm, kind, message, bad), invalid, "{public:?} {algorithm:?}");
    }
    if let Some(MessageForm::Digest(_)) = algorithm.message_form(kind) {
        for bad in [&message[1..], &[message, &[0]].concat()] {
            let refused = public.verify(algorithm, kind, bad, signature);
            assert_eq!(refused, Err(KeyError::DigestLength));
        }
    }
}

#[test]
fn a_message_and_its_digest_have_the_same_signatures() {
    for pair in pairs() {
        for &algorithm in offered(pair.spec()) {
            let digest = match algorithm.as_str() {
                name if name.contains("25519") || name.starts_with("ED") || name.starts_with("ML") => {
                    continue;
                }
                "SM2DSA" => continue,
                name if name.ends_with("256") => {
                    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, MESSAGE)
                }
                name if name.ends_with("384") => {
                    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA384, MESSAGE)
                }
                _ => aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA512, MESSAGE),
            };
            let of_message = pair.sign(algorithm, MessageType::Raw, MESSAGE).unwrap();
            let of_digest = pair.sign(algorithm, MessageType::Digest, digest.as_ref()).unwrap();
            let public = pair.public();
            assert_eq!(public.verify(algorithm, MessageType::Digest, digest.as_ref(), &of_message), Ok(()));
            assert_eq!(public.verify(algorithm, MessageType::Raw, MESSAGE, &of_digest), Ok(()));
        }
    }
}

#[test]
fn plaintexts_come_back_up_to_the_limit() {
    for pair in pairs() {
        for &algorithm in EncryptionAlgorithm::ALL {
            let Some(max) = algorithm.max_plaintext(pair.spec()) else {
                assert_eq!(pair.public().encrypt(algorithm, b"x"), Err(KeyError::Algorithm));
                assert_eq!(pair.decrypt(algorithm, b"x"), Err(KeyError::Algorithm));
                continue;
            };
            for length in [1, 32, max] {
                let plaintext = vec![9; length];
                let ciphertext = pair.public().encrypt(algorithm, &plaintext).unwrap();
                assert_eq!(pair.decrypt(algorithm, &ciphertext).unwrap(), SecretBytes::from(plaintext));
                for place in [0, 10, ciphertext.len() / 2, ciphertext.len() - 1] {
                    let mut bad = ciphertext.clone();
                    bad[place] ^= 1;
                    assert_eq!(pair.decrypt(algorithm, &bad), Err(KeyError::InvalidCiphertext));
                }
                for bad in [&ciphertext[1..], &[&ciphertext[..], &[0]].concat(), &[]] {
                    assert_eq!(pair.decrypt(algorithm, bad), Err(KeyError::InvalidCiphertext));
                }
            }
            let refused = pair.public().encrypt(algorithm, &vec![9; max + 1]);
            assert_eq!(refused, Err(KeyError::PlaintextTooLong { max }));
        }
    }
}

#[test]
fn two_sides_agree_on_a_secret_as_wide_as_the_field() {
    let widths = [
        (KeySpec::EccNistP256, 32),
        (KeySpec::EccNistP384, 48),
        (KeySpec::EccNistP521, 66),
        (KeySpec::Sm2, 32),
    ];
    for (spec, width) in widths {
        let (ours, theirs) = (KeyPair::generate(spec).unwrap(), KeyPair::generate(spec).unwrap());
        let secret = ours.derive_shared_secret(theirs.public().spki()).unwrap();
        assert_eq!(secret, theirs.derive_shared_secret(ours.public().spki()).unwrap());
        assert_eq!(secret.expose().len(), width, "{spec:?}");
        let mut off_curve = theirs.public().spki().to_vec();
        *off_curve.last_mut().unwrap() ^= 1;
        for bad in [&off_curve[..], &[], &theirs.public().spki()[1..]] {
            assert_eq!(ours.derive_shared_secret(bad), Err(KeyError::PeerKey));
        }
        for other in widths.iter().filter(|(other, _)| *other != spec) {
            let stranger = KeyPair::generate(other.0).unwrap();
            assert_eq!(ours.derive_shared_secret(stranger.public().spki()), Err(KeyError::PeerKey));
        }
    }
    let none = KeyPair::generate(KeySpec::EccSecgP256K1).unwrap();
    assert_eq!(none.derive_shared_secret(none.public().spki()), Err(KeyError::Algorithm));
}

#[test]
fn encapsulated_secrets_are_regained_and_forgeries_rejected_implicitly() {
    for (spec, length) in [(KeySpec::MlKem512, 768), (KeySpec::MlKem768, 1088), (KeySpec::MlKem1024, 1568)] {
        let pair = KeyPair::generate(spec).unwrap();
        let (secret, ciphertext) = pair.public().encapsulate().unwrap();
        assert_eq!((secret.expose().len(), ciphertext.len()), (32, length));
        assert_eq!(pair.decapsulate(&ciphertext).unwrap(), secret);
        let mut forged = ciphertext.clone();
        forged[0] ^= 1;
        let rejected = pair.decapsulate(&forged).unwrap();
        assert_ne!(rejected, secret);
        assert_eq!(rejected, pair.decapsulate(&forged).unwrap());
        assert_eq!(pair.decapsulate(&forged[1..]), Err(KeyError::InvalidCiphertext));
    }
}

#[test]
fn macs_are_of_full_length_and_of_the_keys_own_algorithm() {
    for (place, spec) in
        [KeySpec::Hmac224, KeySpec::Hmac256, KeySpec::Hmac384, KeySpec::Hmac512].iter().enumerate()
    {
        let key = HmacKey::generate(*spec).unwrap();
        for (other, &algorithm) in MacAlgorithm::ALL.iter().enumerate() {
            if other != place {
                assert_eq!(key.mac(algorithm, MESSAGE).unwrap_err(), KeyError::Algorithm);
                continue;
            }
            let mac = key.mac(algorithm, MESSAGE).unwrap().as_ref().to_vec();
            assert_eq!(Some(mac.len()), spec.hmac_key_length());
            assert_eq!(key.verify_mac(algorithm, MESSAGE, &mac), Ok(()));
            let mut changed = mac.clone();
            changed[5] ^= 1;
            for bad in [&changed[..], &mac[..mac.len() - 1], &[]] {
                assert_eq!(key.verify_mac(algorithm, MESSAGE, bad), Err(KeyError::InvalidMac));
            }
        }
    }
}

#[test]
fn keys_are_encoded_as_published() {
    let oids = [
        (KeySpec::Rsa2048, "300d06092a864886f70d0101010500"),
        (KeySpec::EccNistP256, "301306072a8648ce3d020106082a8648ce3d030107"),
        (KeySpec::EccNistP384, "301006072a8648ce3d020106052b81040022"),
        (KeySpec::EccNistP521, "301006072a8648ce3d020106052b81040023"),
        (KeySpec::EccSecgP256K1, "301006072a8648ce3d020106052b8104000a"),
        (KeySpec::Sm2, "301306072a8648ce3d020106082a811ccf5501822d"),
        (KeySpec::EccNistEdwards25519, "300506032b6570"),
        (KeySpec::MlDsa44, "300b0609608648016503040311"),
        (KeySpec::MlDsa87, "300b0609608648016503040313"),
        (KeySpec::MlKem512, "300b0609608648016503040401"),
        (KeySpec::MlKem1024, "300b0609608648016503040403"),
    ];
    for (spec, identifier) in oids {
        let pair = KeyPair::generate(spec).unwrap();
        assert!(hex::encode(pair.public().spki()).contains(identifier), "{spec:?}");
        assert!(hex::encode(pair.private_key_pkcs8().expose()).contains(identifier), "{spec:?}");
    }
}

#[test]
fn a_key_is_read_as_its_own_spec_only() {
    for pair in pairs() {
        let (private, public) = (pair.private_key_pkcs8().expose(), pair.public().spki());
        for &spec in KeySpec::ALL {
            let own = spec == pair.spec();
            assert_eq!(KeyPair::from_pkcs8(spec, private).is_ok(), own, "{pair:?} as {spec:?}");
            assert_eq!(PublicKey::from_spki(spec, public).is_ok(), own, "{pair:?} as {spec:?}");
        }
        for der in [private, public] {
            for bad in [&der[..der.len() - 1], &[der, &[0]].concat(), &[]] {
                assert!(KeyPair::from_pkcs8(pair.spec(), bad).is_err(), "{pair:?}");
                assert!(PublicKey::from_spki(pair.spec(), bad).is_err(), "{pair:?}");
            }
        }
    }
}

#[test]
fn material_does_only_what_its_kind_can() {
    let symmetric = Material::generate(KeySpec::SymmetricDefault).unwrap();
    let raw = MessageType::Raw;
    assert_eq!(symmetric.sign(SigningAlgorithm::EcdsaSha256, raw, MESSAGE), Err(KeyError::Algorithm));
    assert_eq!(symmetric.mac(MacAlgorithm::HmacSha256, MESSAGE).unwrap_err(), KeyError::Algorithm);
    assert_eq!(symmetric.public_key_der(), None);
    let hmac = Material::generate(KeySpec::Hmac256).unwrap();
    assert_eq!(hmac.encapsulate().unwrap_err(), KeyError::Algorithm);
    assert_eq!(hmac.public_key_der(), None);
    assert_eq!(format!("{hmac:?}"), "Hmac(HmacKey(HMAC_256))");
    let edwards = Material::generate(KeySpec::EccNistEdwards25519).unwrap();
    assert_eq!(edwards.public_key_der().unwrap().len(), 44);
    assert_eq!(edwards.mac(MacAlgorithm::HmacSha256, MESSAGE).unwrap_err(), KeyError::Algorithm);
    assert_eq!(format!("{edwards:?}"), "KeyPair(KeyPair(ECC_NIST_EDWARDS25519))");
}
