//! The fuzz target of identity providers' tokens, on its seeds and on what damage makes of them.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests panic as tests do"
)]

use proptest::prelude::*;
use proptest::sample::Index;

#[path = "../../../fuzz/src/web_token.rs"]
mod web_token;

const TOKENS: [&str; 5] = ["rs256", "ps384", "es256", "es384", "eddsa"];

fn seed(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../fuzz/seeds/web_token/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn the_seeds_are_believed() {
    for token in TOKENS {
        assert!(web_token::run(&seed(token)), "{token}");
    }
    assert!(!web_token::run(&seed("keys")));
}

/// Every bit of a token is under its signature, or is one.
#[test]
fn no_bit_may_be_wrong() {
    for name in TOKENS {
        let mut token = seed(name);
        for at in 0..token.len() {
            let bit = 1 << (at % 7);
            token[at] ^= bit;
            assert!(!web_token::run(&token), "{name}: bit {bit:#x} of byte {at}");
            token[at] ^= bit;
            assert!(!web_token::run(&token[..at]), "{name}: {at} bytes");
        }
    }
}

/// Some bytes of a seed changed, some cut out, some put in.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<Index>(), any::<u8>(), 0..3_u8), 1..6);
    let seeds: Vec<&str> = TOKENS.into_iter().chain(["keys"]).collect();
    (prop::sample::select(seeds), changes).prop_map(|(name, changes)| {
        let mut bytes = seed(name);
        for (place, value, kind) in changes {
            let place = place.index(bytes.len());
            match kind {
                0 => bytes[place] = value,
                1 => drop(bytes.remove(place)),
                _ => bytes.insert(place, value),
            }
        }
        bytes
    })
}

/// A header and claims of any kind, encoded as they should be.
fn encoded() -> impl Strategy<Value = String> {
    let json = prop_oneof![
        r#"\{("(alg|kid|crit|b64|jwk|iss|sub|aud|exp)":("(none|RS256|HS256|EdDSA|x)"|1|null|\[\]|\{\}|1e999),?){0,4}\}"#,
        "[\\[\\]{}\":,a-z0-9.]{0,40}",
    ];
    let part = json.prop_map(|text| base64(text.as_bytes()));
    (part.clone(), part, "[A-Za-z0-9_-]{0,90}").prop_map(|(head, body, tail)| format!("{head}.{body}.{tail}"))
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_damage_breaks_the_reading(bytes in damaged()) {
        web_token::run(&bytes);
    }

    #[test]
    fn no_bytes_break_the_reading(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(!web_token::run(&bytes));
    }

    #[test]
    fn nothing_without_a_key_is_believed(token in encoded()) {
        prop_assert!(!web_token::run(token.as_bytes()));
    }
}
