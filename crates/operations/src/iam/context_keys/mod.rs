//! The condition keys that somebody must know to simulate policies.

mod custom;
mod principal;

pub(crate) use custom::GetContextKeysForCustomPolicy;
pub(crate) use principal::GetContextKeysForPrincipalPolicy;

use std::collections::HashSet;
use std::sync::Arc;

use trent_engine::Fault;
use trent_model::iam::GetContextKeysForPolicyResponse;
use trent_policy::Document;

use super::shared::policy;

/// The policies that an input brings along.
///
/// # Errors
/// `InvalidInput` when one is no policy.
fn given(texts: &[String]) -> Result<Vec<Arc<Document>>, Fault> {
    texts.iter().map(|text| policy::given(text)).collect()
}

/// The keys of some policies, each once and as it is first written, in the order in which they are
/// written: so the service's examples have them.
fn keys<'a>(documents: impl Iterator<Item = &'a Document>) -> GetContextKeysForPolicyResponse {
    let mut seen = HashSet::new();
    let names = documents.flat_map(Document::context_keys).filter(|name| seen.insert(name.to_lowercase()));
    let names = names.map(str::to_owned).collect();
    GetContextKeysForPolicyResponse { context_key_names: Some(names) }
}
