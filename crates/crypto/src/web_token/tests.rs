//! Tokens of keys of our own, right in everything but what a test breaks.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use trent_domain::{KeySpec, MessageType, SigningAlgorithm};

use super::*;
use crate::KeyPair;

fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A key of a provider.
struct Signer {
    pair: KeyPair,
    id: &'static str,
}

impl Signer {
    fn new(spec: KeySpec, id: &'static str) -> Self {
        Self { pair: KeyPair::generate(spec).unwrap(), id }
    }

    fn jwk(&self) -> Value {
        let spki = self.pair.public().spki();
        let raw = |length: usize| &spki[spki.len() - length..];
        let point = |curve: &str, width: usize| {
            let (x, y) = raw(2 * width).split_at(width);
            json!({ "kty": "EC", "crv": curve, "x": base64(x), "y": base64(y) })
        };
        let mut jwk = match self.pair.spec() {
            KeySpec::Rsa2048 => {
                let key = aws_lc_rs::rsa::PublicKey::from_der(spki).unwrap();
                let RsaPublicKeyComponents { n, e } = RsaPublicKeyComponents::<Vec<u8>>::from(&key);
                json!({ "kty": "RSA", "n": base64(n), "e": base64(e) })
            }
            KeySpec::EccNistP256 => point("P-256", 32),
            KeySpec::EccNistP384 => point("P-384", 48),
            KeySpec::EccNistEdwards25519 => json!({ "kty": "OKP", "crv": "Ed25519", "x": base64(raw(32)) }),
            other => panic!("{other:?} signs no tokens"),
        };
        jwk["kid"] = json!(self.id);
        jwk
    }

    fn sign(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let fixed = |with: &'static EcdsaSigningAlgorithm| {
            let key = EcdsaKeyPair::from_pkcs8(with, self.pair.private_key_pkcs8().expose()).unwrap();
            key.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
        };
        let kms = |algorithm| self.pair.sign(algorithm, MessageType::Raw, message).unwrap();
        match algorithm {
            "RS256" => kms(SigningAlgorithm::RsassaPkcs1V15Sha256),
            "RS384" => kms(SigningAlgorithm::RsassaPkcs1V15Sha384),
            "RS512" => kms(SigningAlgorithm::RsassaPkcs1V15Sha512),
            "PS256" => kms(SigningAlgorithm::RsassaPssSha256),
            "PS384" => kms(SigningAlgorithm::RsassaPssSha384),
            "PS512" => kms(SigningAlgorithm::RsassaPssSha512),
            "ES256" => fixed(&ECDSA_P256_SHA256_FIXED_SIGNING),
            "ES384" => fixed(&ECDSA_P384_SHA384_FIXED_SIGNING),
            _ => kms(SigningAlgorithm::Ed25519Sha512),
        }
    }

    fn token(&self, algorithm: &str) -> String {
        self.token_of(&json!({ "alg": algorithm, "kid": self.id }), &claims())
    }

    fn token_of(&self, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", base64(header.to_string()), base64(claims.to_string()));
        let signature = self.sign(header["alg"].as_str().unwrap(), message.as_bytes());
        format!("{message}.{}", base64(signature))
    }
}

fn claims() -> Value {
    json!({ "iss": "https://i.example", "sub": "s", "aud": "a", "iat": 1, "exp": 2, "more": [true] })
}

fn set(keys: &[Value]) -> WebKeySet {
    WebKeySet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

fn verify(token: &str, keys: &WebKeySet) -> Result<WebTokenClaims, WebTokenError> {
    UnverifiedWebToken::parse(token)?.verify(keys)
}

fn ed25519() -> Signer {
    Signer::new(KeySpec::EccNistEdwards25519, "ed")
}

#[test]
fn every_algorithm_goes_with_its_key_and_no_other() {
    let signers = [
        (Signer::new(KeySpec::Rsa2048, "rsa"), RSA),
        (Signer::new(KeySpec::EccNistP256, "p256"), P256),
        (Signer::new(KeySpec::EccNistP384, "p384"), P384),
        (ed25519(), ED25519),
    ];
    let keys = set(&signers.iter().map(|(signer, _)| signer.jwk()).collect::<Vec<_>>());
    let mut verified = 0;
    for (signer, algorithms) in &signers {
        for algorithm in [RSA, P256, P384, ED25519].concat() {
            let name = format!("{algorithm:?}");
            if algorithms.contains(&algorithm) {
                let claims = verify(&signer.token(&name), &keys).unwrap();
                assert_eq!((claims.subject.as_str(), claims.audience), ("s", vec!["a".to_owned()]));
                assert_eq!((claims.issued, claims.expires, claims.not_before), (1, 2, None));
                assert_eq!(claims.all["more"], json!([true]));
                verified += 1;
            } else {
                let header = json!({ "alg": name, "kid": signer.id });
                let other =
                    format!("{}.{}.{}", base64(header.to_string()), base64(claims().to_string()), "AAAA");
                assert_eq!(verify(&other, &keys).unwrap_err(), WebTokenError::UnknownKey);
            }
        }
    }
    assert_eq!(verified, 9);
}

#[test]
fn shared_secrets_and_no_signature_are_refused() {
    let signer = Signer::new(KeySpec::Rsa2048, "rsa");
    let keys = set(&[signer.jwk()]);
    let body = base64(claims().to_string());
    let none = base64(json!({ "alg": "none", "kid": "rsa" }).to_string());
    for token in [format!("{none}.{body}."), format!("{none}.{body}"), format!("{none}.{body}.AAAA")] {
        assert_eq!(verify(&token, &keys).unwrap_err(), WebTokenError::Malformed);
    }
    // The public key, which everyone has, as a shared secret.
    let message = format!("{}.{body}", base64(json!({ "alg": "HS256", "kid": "rsa" }).to_string()));
    let tag = aws_lc_rs::hmac::sign(
        &aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, signer.pair.public().spki()),
        message.as_bytes(),
    );
    let token = format!("{message}.{}", base64(tag));
    assert_eq!(verify(&token, &keys).unwrap_err(), WebTokenError::Malformed);
    // A shared secret that the provider publishes by mistake is none of its keys.
    let oct = json!({ "keys": [{ "kty": "oct", "kid": "rsa", "k": base64("secret") }] });
    assert_eq!(WebKeySet::parse(oct.to_string().as_bytes()).unwrap_err(), WebTokenError::KeySet);
}

#[test]
fn a_token_brings_no_key_along() {
    let (signer, stranger) = (ed25519(), ed25519());
    let keys = set(&[signer.jwk()]);
    let header = json!({ "alg": "EdDSA", "kid": "ed", "jwk": stranger.jwk(), "jku": "https://evil.example" });
    assert_eq!(verify(&stranger.token_of(&header, &claims()), &keys).unwrap_err(), WebTokenError::Signature);
    assert!(verify(&signer.token_of(&header, &claims()), &keys).is_ok());
}

#[test]
fn what_must_be_understood_is_not_passed_over() {
    let signer = ed25519();
    let keys = set(&[signer.jwk()]);
    for extra in [json!({ "crit": ["exp"] }), json!({ "crit": [] }), json!({ "crit": ["b64"], "b64": false })]
    {
        let mut header = json!({ "alg": "EdDSA", "kid": "ed" });
        header.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        assert!(verify(&signer.token_of(&header, &claims()), &keys).is_err(), "{header}");
    }
}

#[test]
fn a_token_without_a_key_id_means_the_only_key() {
    let (one, other) = (Signer::new(KeySpec::EccNistP256, "1"), Signer::new(KeySpec::EccNistP256, "2"));
    let token = one.token_of(&json!({ "alg": "ES256" }), &claims());
    assert!(verify(&token, &set(&[one.jwk()])).is_ok());
    assert!(verify(&token, &set(&[one.jwk(), ed25519().jwk()])).is_ok());
    assert_eq!(verify(&token, &set(&[one.jwk(), other.jwk()])).unwrap_err(), WebTokenError::UnknownKey);
    assert_eq!(verify(&one.token("ES256"), &set(&[other.jwk()])).unwrap_err(), WebTokenError::UnknownKey);
    let mut nameless = one.jwk();
    nameless.as_object_mut().unwrap().remove("kid");
    assert_eq!(verify(&one.token("ES256"), &set(&[nameless])).unwrap_err(), WebTokenError::UnknownKey);
}

#[test]
fn keys_for_something_else_are_passed_over() {
    let signer = ed25519();
    let with = |name: &str, value: Value| {
        let mut jwk = signer.jwk();
        jwk[name] = value;
        json!({ "keys": [jwk] }).to_string()
    };
    let verdict = |set: &str| {
        WebKeySet::parse(set.as_bytes()).and_then(|keys| verify(&signer.token("EdDSA"), &keys)).err()
    };
    for fitting in [
        with("use", json!("sig")),
        with("alg", json!("EdDSA")),
        with("key_ops", json!(["verify"])),
        with("x5c", json!(["AAAA"])),
    ] {
        assert_eq!(verdict(&fitting), None, "{fitting}");
    }
    assert_eq!(verdict(&with("alg", json!("ES256"))), Some(WebTokenError::UnknownKey));
    for other in [
        with("use", json!("enc")),
        with("key_ops", json!(["sign"])),
        with("kty", json!("unheard of")),
        with("crv", json!("Ed448")),
        with("x", json!(1)),
    ] {
        assert_eq!(verdict(&other), Some(WebTokenError::KeySet), "{other}");
    }
    let mixed =
        set(&[json!({ "kty": "new" }), json!({ "kty": "EC", "crv": "P-521" }), json!(7), signer.jwk()]);
    assert!(verify(&signer.token("EdDSA"), &mixed).is_ok());
}

#[test]
fn a_set_has_its_limits() {
    let jwk = ed25519().jwk();
    let of = |count| json!({ "keys": vec![jwk.clone(); count] }).to_string();
    assert!(WebKeySet::parse(of(MOST_KEYS).as_bytes()).is_ok());
    for bad in
        [of(MOST_KEYS + 1).as_str(), of(0).as_str(), "", "{}", "[]", r#"{"keys":{}}"#, r#"{"keys":"x"}"#]
    {
        assert_eq!(WebKeySet::parse(bad.as_bytes()).unwrap_err(), WebTokenError::KeySet);
    }
}

#[test]
fn claims_are_of_their_types() {
    let signer = ed25519();
    let keys = set(&[signer.jwk()]);
    let verdict = |name: &str, value: Option<Value>| {
        let mut claims = claims();
        match value {
            Some(value) => claims[name] = value,
            None => drop(claims.as_object_mut().unwrap().remove(name)),
        }
        let token = signer.token_of(&json!({ "alg": "EdDSA", "kid": "ed" }), &claims);
        verify(&token, &keys).err()
    };
    for name in ["iss", "sub", "aud", "exp", "iat"] {
        assert_eq!(verdict(name, None), Some(WebTokenError::MissingClaim(name)));
        assert_eq!(verdict(name, Some(Value::Null)), Some(WebTokenError::MissingClaim(name)));
        assert_eq!(verdict(name, Some(json!(true))), Some(WebTokenError::InvalidClaim(name)));
        assert!(verdict(name, Some(json!({}))).is_some());
    }
    for (name, value) in [
        ("exp", json!("2")),
        ("exp", json!(2.5)),
        ("iat", json!(1e3)),
        ("nbf", json!("1")),
        ("exp", json!(u64::MAX)),
        ("azp", json!(1)),
        ("sub", json!("")),
        ("aud", json!([])),
        ("aud", json!(["a", 1])),
    ] {
        let refused = verdict(name, Some(value));
        assert!(matches!(refused, Some(WebTokenError::InvalidClaim(claim)) if claim == name), "{refused:?}");
    }
    for (name, value) in
        [("nbf", json!(1)), ("nbf", Value::Null), ("azp", json!("p")), ("aud", json!(["a", "b"]))]
    {
        assert_eq!(verdict(name, Some(value)), None, "{name}");
    }
}

/// RFC 7515 A.3, whose claims have no subject: by then the signature was found right.
#[test]
fn the_example_of_the_specification() {
    let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS\
                 9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3\
                 -Kg6NU1Q";
    let jwk = json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    });
    let keys = set(&[jwk]);
    assert_eq!(verify(token, &keys).unwrap_err(), WebTokenError::MissingClaim("sub"));
    let wrong = token.replacen("DtEh", "DtEg", 1);
    assert_eq!(verify(&wrong, &keys).unwrap_err(), WebTokenError::Signature);
}
