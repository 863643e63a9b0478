//! Keys in the making: what CreateKey and ReplicateKey have in common.

use trent_domain::{Key, KeySpec, KeyUsage, Origin};
use trent_engine::{Context, Demand, Fault, Resource};
use trent_model::kms::{MultiRegionKeyType, Tag};

use super::{policy, quota, tags};

/// What is settled about a key before anybody is asked whether it may be made.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) spec: KeySpec,
    pub(crate) usage: KeyUsage,
    pub(crate) origin: Origin,
    /// `None` of a key of a single Region.
    pub(crate) related: Option<MultiRegionKeyType>,
}

/// What a request says of a new key besides.
#[derive(Clone, Copy)]
pub(crate) struct Wishes<'a> {
    pub(crate) policy: Option<&'a str>,
    pub(crate) bypass: Option<bool>,
    pub(crate) description: Option<&'a str>,
    pub(crate) tags: &'a [Tag],
}

/// What the caller must be allowed to make a key in the Region of the request, or in `region`.
pub(crate) fn demands<'a>(kind: Kind, wishes: Wishes<'a>, region: Option<&'a str>) -> Vec<Demand<'a>> {
    let create = Demand::new("kms:CreateKey", Resource::Any)
        .fact("kms:keyspec", kind.spec.as_str())
        .fact("kms:keyusage", kind.usage.as_str())
        .fact("kms:keyorigin", kind.origin.as_str())
        .fact("kms:multiregion", kind.related.is_some().to_string());
    let create = match kind.related {
        Some(related) => create.fact("kms:multiregionkeytype", related.as_str()),
        None => create,
    };
    let mut demands = vec![policy::bypass_fact(create, wishes.bypass)];
    if !wishes.tags.is_empty() {
        demands.push(Demand::new("kms:TagResource", Resource::Any));
    }
    for demand in &mut demands {
        demand.region = region;
        demand.request_tags.extend(tags::requested(wishes.tags));
    }
    demands
}

/// Gives a new key, which may be in another Region than that of the request, what the request wishes.
///
/// # Errors
/// Tags or a policy that are refused, or when there are as many keys as there may be.
pub(crate) async fn furnish(key: &mut Key, wishes: Wishes<'_>, context: &Context<'_>) -> Result<(), Fault> {
    quota::require_room_for_key(&key.region, context).await?;
    tags::set(&mut key.tags, wishes.tags)?;
    key.description = wishes.description.unwrap_or_default().to_owned();
    let default = || policy::default_policy(key.account);
    let policy = wishes.policy.map_or_else(default, str::to_owned);
    let bypass = wishes.bypass == Some(true);
    key.policy = policy::check(&policy, bypass, &key.arn(), context).await?;
    Ok(())
}
