//! Anything in the place of an identity provider's token or of its keys: nothing panics, and whatever
//! is believed says what the holder of a key signed.

use trent_crypto::{UnverifiedWebToken, WebKeySet, WebTokenError};

/// The keys of the seeds; who has the other halves signed nothing else with them.
const KEYS: &[u8] = include_bytes!("../seeds/web_token/keys");

/// Takes `data` for a token, and for a key set; answers whether the token was believed.
pub(crate) fn run(data: &[u8]) -> bool {
    let keys = WebKeySet::parse(KEYS).expect("the keys of the seeds");
    let others = WebKeySet::parse(data);
    let Ok(text) = std::str::from_utf8(data) else { return false };
    let Ok(token) = UnverifiedWebToken::parse(text) else { return false };
    assert!(others.is_err(), "nothing is both");
    let claims = match token.verify(&keys) {
        Ok(claims) => claims,
        Err(error) => {
            assert_eq!(error == WebTokenError::UnknownKey, !keys.has_key_of(&token));
            return false;
        }
    };
    assert_eq!(
        (token.issuer(), claims.issuer.as_str()),
        ("https://issuer.example", "https://issuer.example")
    );
    assert_eq!((claims.subject.as_str(), claims.audience.len()), ("seed", 2));
    assert_eq!((claims.authorized_party.as_deref(), claims.expires - claims.issued), (Some("a"), 3600));
    true
}
