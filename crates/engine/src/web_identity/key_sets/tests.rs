//! A provider that counts how often it is asked, under a clock that tests move.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use tokio::sync::Semaphore;

use super::*;

const ISSUER: &str = "https://i.example/realm";

#[derive(Default)]
struct Seconds(AtomicU64);

impl Clock for Seconds {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn wall(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

/// What a provider answers, and how often it was asked for its keys.
struct Provider {
    discovery: String,
    keys: Mutex<Result<String, FetchError>>,
    asked: AtomicUsize,
    /// Answers are given while there are permits.
    gate: Semaphore,
}

impl Provider {
    fn answer(&self, answer: Result<&str, FetchError>) {
        *self.keys.lock().unwrap() = answer.map(keys);
    }
}

#[async_trait]
impl IdentityProviders for Provider {
    fn admits(&self, url: &str) -> bool {
        url.starts_with("https://")
    }

    async fn fetch(&self, url: &str, most: usize) -> Result<Vec<u8>, FetchError> {
        drop(self.gate.acquire().await.unwrap());
        if url == "https://i.example/realm/.well-known/openid-configuration" {
            assert_eq!(most, MOST_DISCOVERY);
            return Ok(self.discovery.clone().into_bytes());
        }
        assert_eq!((url, most), ("https://keys.example/", MOST_KEYS));
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.keys.lock().unwrap().clone().map(String::into_bytes)
    }
}

/// A key set with keys of these ids.
fn keys(ids: &str) -> String {
    let x = URL_SAFE_NO_PAD.encode([7; 32]);
    let key = |id: &str| format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"{id}","x":"{x}"}}"#);
    format!(r#"{{"keys":[{}]}}"#, ids.split(' ').map(key).collect::<Vec<_>>().join(","))
}

/// A token that names a key; nobody looks at its signature here.
fn token(key: &str) -> String {
    let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"EdDSA","kid":"{key}"}}"#));
    format!("{header}.{}.", URL_SAFE_NO_PAD.encode(format!(r#"{{"iss":"{ISSUER}"}}"#)))
}

struct World {
    provider: Arc<Provider>,
    clock: Arc<Seconds>,
    sets: Arc<KeySets>,
}

impl World {
    fn new() -> Self {
        Self::discovered(&format!(r#"{{"issuer":"{ISSUER}","jwks_uri":"https://keys.example/"}}"#))
    }

    fn discovered(discovery: &str) -> Self {
        let provider = Arc::new(Provider {
            discovery: discovery.to_owned(),
            keys: Mutex::new(Ok(keys("a b"))),
            asked: AtomicUsize::new(0),
            gate: Semaphore::new(100),
        });
        let clock = Arc::new(Seconds(AtomicU64::new(1_000_000)));
        let sets = Arc::new(KeySets::new(provider.clone(), clock.clone()));
        Self { provider, clock, sets }
    }

    /// Whether a token's key is found, and else the error's name.
    async fn ask(&self, key: &str) -> Result<(), &'static str> {
        let token = token(key);
        let token = UnverifiedWebToken::parse(&token).unwrap();
        let found = self.sets.with_key_of(&token).await.map_err(|fault| fault.wire().code)?;
        assert!(found.has_key_of(&token));
        Ok(())
    }

    fn pass(&self, time: Duration) {
        self.clock.0.fetch_add(time.as_secs(), Ordering::SeqCst);
    }

    fn asked(&self) -> usize {
        self.provider.asked.load(Ordering::SeqCst)
    }
}

const SECOND: Duration = Duration::from_secs(1);
const INVALID: Result<(), &str> = Err("InvalidIdentityToken");
const UNREACHABLE: Result<(), &str> = Err("IDPCommunicationError");

fn away() -> FetchError {
    FetchError::Unreachable("a test says so".to_owned())
}

fn broken() -> FetchError {
    FetchError::Unusable("a test says so".to_owned())
}

#[tokio::test]
async fn keys_are_fetched_once_an_hour() {
    let world = World::new();
    for key in ["a", "b", "a"] {
        assert_eq!(world.ask(key).await, Ok(()));
    }
    world.pass(FRESH - SECOND);
    assert_eq!(world.ask("a").await, Ok(()));
    assert_eq!(world.asked(), 1);
    world.pass(SECOND);
    world.provider.answer(Ok("a"));
    assert_eq!(world.ask("a").await, Ok(()));
    assert_eq!(world.asked(), 2);
    // What the provider has withdrawn is not believed any more.
    assert_eq!(world.ask("b").await, INVALID);
}

#[tokio::test]
async fn a_new_key_is_fetched_and_a_made_up_one_costs_nothing() {
    let world = World::new();
    assert_eq!(world.ask("a").await, Ok(()));
    world.provider.answer(Ok("a c"));
    for made_up in 0..100 {
        assert_eq!(world.ask(&made_up.to_string()).await, INVALID);
    }
    assert_eq!(world.asked(), 1);
    world.pass(PAUSE - SECOND);
    assert_eq!(world.ask("c").await, INVALID);
    world.pass(SECOND);
    assert_eq!(world.ask("c").await, Ok(()));
    assert_eq!(world.asked(), 2);
    assert_eq!(world.ask("made up").await, INVALID);
    assert_eq!(world.asked(), 2);
}

#[tokio::test]
async fn keys_outlast_their_provider_for_a_day() {
    let world = World::new();
    assert_eq!(world.ask("a").await, Ok(()));
    world.provider.answer(Err(away()));
    world.pass(FRESH);
    assert_eq!(world.ask("a").await, Ok(()));
    assert_eq!(world.ask("c").await, UNREACHABLE);
    assert_eq!(world.asked(), 2);
    world.provider.answer(Err(broken()));
    world.pass(USABLE - FRESH - SECOND);
    assert_eq!(world.ask("a").await, Ok(()));
    world.pass(SECOND);
    assert_eq!(world.ask("a").await, INVALID);
    world.pass(PAUSE);
    world.provider.answer(Ok("a"));
    assert_eq!(world.ask("a").await, Ok(()));
}

#[tokio::test]
async fn a_provider_that_is_away_is_left_alone_for_a_while() {
    let world = World::new();
    world.provider.answer(Err(away()));
    for _ in 0..3 {
        assert_eq!(world.ask("a").await, UNREACHABLE);
    }
    assert_eq!(world.asked(), 1);
    world.pass(PAUSE);
    world.provider.answer(Ok("a"));
    assert_eq!(world.ask("a").await, Ok(()));
}

#[tokio::test]
async fn those_who_need_the_same_keys_share_one_fetch() {
    let world = World::new();
    assert_eq!(world.ask("a").await, Ok(()));
    world.provider.answer(Ok("a c"));
    world.pass(PAUSE);
    let closed = world.provider.gate.acquire_many(100).await.unwrap();
    let waiting: Vec<_> = (0..50)
        .map(|_| {
            let sets = Arc::clone(&world.sets);
            tokio::spawn(async move {
                let token = token("c");
                sets.with_key_of(&UnverifiedWebToken::parse(&token).unwrap()).await.map(drop)
            })
        })
        .collect();
    tokio::task::yield_now().await;
    // Whose key is known does not wait for them, even when it is time to fetch keys anew.
    assert_eq!(world.ask("a").await, Ok(()));
    world.pass(FRESH);
    assert_eq!(world.ask("a").await, Ok(()));
    assert!(waiting.iter().all(|one| !one.is_finished()));
    drop(closed);
    for one in waiting {
        assert_eq!(one.await.unwrap(), Ok(()));
    }
    assert_eq!(world.asked(), 2);
}

#[tokio::test]
async fn a_provider_must_be_who_it_says() {
    for discovery in [
        r#"{"issuer":"https://other.example","jwks_uri":"https://keys.example/"}"#,
        r#"{"issuer":"https://i.example/realm/","jwks_uri":"https://keys.example/"}"#,
        r#"{"issuer":"https://i.example/realm","jwks_uri":"http://keys.example/"}"#,
        r#"{"issuer":"https://i.example/realm"}"#,
        r#"{"jwks_uri":"https://keys.example/"}"#,
        "[]",
        "",
    ] {
        let world = World::discovered(discovery);
        assert_eq!(world.ask("a").await, INVALID, "{discovery}");
        assert_eq!(world.asked(), 0);
    }
    let world = World::new();
    *world.provider.keys.lock().unwrap() = Ok(r#"{"keys":[]}"#.to_owned());
    assert_eq!(world.ask("a").await, INVALID);
}
