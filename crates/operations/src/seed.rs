//! What a server puts into its own store with ids, material and secrets that were chosen. These are
//! operations like all others, but in no catalog: nothing that comes by a socket reaches them.

use serde_json::json;
use trent_engine::{Engine, Errand, Json, WireError};

pub use crate::iam::access_keys::AccessKeySeed;
use crate::iam::access_keys::SeedAccessKey;
pub use crate::kms::KeySeed;
use crate::kms::SeedKey;
pub use crate::organizations::AccountSeed;
use crate::organizations::SeedAccount;

/// Makes an account, unless it is there.
///
/// # Errors
/// What it contradicts.
pub async fn account(engine: &Engine, errand: &Errand<'_>, seed: &AccountSeed) -> Result<(), WireError> {
    let shown = json!({ "accountId": seed.id.to_string() });
    engine.run_typed::<SeedAccount>(errand, seed, Some(Json(shown.to_string()))).await
}

/// Makes an access key, unless it is there.
///
/// # Errors
/// What it contradicts.
pub async fn access_key(engine: &Engine, errand: &Errand<'_>, seed: &AccessKeySeed) -> Result<(), WireError> {
    let shown = json!({ "accessKeyId": seed.id, "userName": seed.user });
    engine.run_typed::<SeedAccessKey>(errand, seed, Some(Json(shown.to_string()))).await
}

/// Makes a key, or adds what it lacks. Answers what of it is other than it was to be, and stays so.
///
/// # Errors
/// What it contradicts.
pub async fn key(
    engine: &Engine,
    errand: &Errand<'_>,
    seed: &KeySeed,
) -> Result<Vec<&'static str>, WireError> {
    engine.run_typed::<SeedKey>(errand, seed, seed.shown()).await
}
