//! ReplicateKey: a related key in another Region, with the id and the material of its primary key.

use serde_json::json;
use trent_domain::{Key, Origin, Path, Region, StateRow};
use trent_engine::{
    Audited, Changes, Context, Demand, Family, Fault, ForwardedCall, Json, KeyTarget, LoadedKey, Operation,
    Outcome, Permit, Resource,
};
use trent_model::kms::{KeyMetadata, MultiRegionKeyType, ReplicateKeyRequest, ReplicateKeyResponse, Tag};

use super::shared::new_key::{self, Kind, Wishes};
use super::shared::{audit, metadata, multi_region};

pub(crate) struct ReplicateKey;

impl Operation for ReplicateKey {
    const NAME: &'static str = "ReplicateKey";
    const READ_ONLY: bool = false;
    const STATE: StateRow = StateRow::Replicate;
    const AUDITED: &'static [Audited] = &[
        Audited::member("KeyId"),
        Audited::member("ReplicaRegion"),
        Audited::member("Policy"),
        Audited::defaulting("BypassPolicyLockoutSafetyCheck", "false"),
        Audited::defaulting("Description", "\"\""),
        Audited::member("Tags"),
    ];

    type Input = ReplicateKeyRequest;
    type Output = ReplicateKeyResponse;
    type Target = KeyTarget;

    fn target(input: &ReplicateKeyRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::by_id(&input.key_id))
    }

    fn demands<'a>(input: &'a ReplicateKeyRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        let Key { spec, usage, origin, .. } = key.entry.key;
        let kind = Kind { spec, usage, origin, related: Some(MultiRegionKeyType::Replica) };
        let region = input.replica_region.as_str();
        let replicate = Demand::new("kms:ReplicateKey", Resource::Key(key)).fact("kms:replicaregion", region);
        let mut demands = vec![replicate];
        demands.extend(new_key::demands(kind, wishes(input), Some(region)));
        demands
    }

    /// One is the service's own trial, before anything is made.
    fn charged_elsewhere(input: &ReplicateKeyRequest) -> Option<(&str, &'static str, usize)> {
        Some((&input.replica_region, "CreateKey", 2))
    }

    async fn execute(
        input: &ReplicateKeyRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<ReplicateKeyResponse>, Fault> {
        let entry = &key.entry;
        multi_region::require_primary(entry)?;
        let region = region(input, context)?;
        let mut primary = entry.key.clone();
        primary.gain_replica(region.clone());
        let mut replica = primary.replica(region.clone(), context.now);
        let arn = replica.arn().to_string();
        if region == primary.region || entry.key.other_regions().any(|other| *other == region) {
            return Err(Fault::ReplicaExists(arn));
        }
        new_key::furnish(&mut replica, wishes(input), context).await?;

        let mut changes = Changes::default();
        // The trail is told of the new relation by the records of this call, in both Regions.
        let _ =
            Family::of(entry, context.records).await?.replace(primary, context.records, &mut changes).await?;
        copy_materials(key, &replica, context, &mut changes).await?;
        changes.create_key(replica.clone())?;
        outcome(input, &replica, changes, context).await
    }
}

/// The Region of the replica, which this server must serve.
fn region(input: &ReplicateKeyRequest, context: &Context<'_>) -> Result<Region, Fault> {
    let named = &input.replica_region;
    let region = context.regions.iter().find(|region| region.as_str() == named);
    // The service's text is not published.
    let unknown = || Fault::validation(format!("The ReplicaRegion {named} is not valid."));
    region.cloned().ok_or_else(unknown)
}

fn wishes(input: &ReplicateKeyRequest) -> Wishes<'_> {
    Wishes {
        policy: input.policy.as_deref(),
        bypass: input.bypass_policy_lockout_safety_check,
        description: input.description.as_deref(),
        tags: input.tags.as_deref().unwrap_or_default(),
    }
}

/// Lists the changes that give a replica every material that was made here; its owner imports others.
async fn copy_materials(
    primary: &LoadedKey,
    replica: &Key,
    context: &Context<'_>,
    changes: &mut Changes,
) -> Result<(), Fault> {
    if replica.origin == Origin::External {
        return Ok(());
    }
    for id in replica.materials.iter().map(|material| material.id) {
        let missing = || Fault::Internal(format!("{} lacks a key material", primary.entry.arn));
        let material = primary.entry.material(&id, context.records).await?.ok_or_else(missing)?;
        let path = Path::material(replica.account, &replica.region, &replica.id, &id);
        changes.create(path, material.to_record());
    }
    Ok(())
}

async fn outcome(
    input: &ReplicateKeyRequest,
    replica: &Key,
    changes: Changes,
    context: &Context<'_>,
) -> Result<Outcome<ReplicateKeyResponse>, Fault> {
    let shown = metadata::of(replica, context.now)?;
    let policy = context.principals().shown_policy(&replica.policy).await?;
    let response = audit::replica(replica, &shown, &policy)?;
    let created = creation(input, replica, &shown)?;
    let tags = replica.tags.entries().iter().map(|tag| Tag::new(tag.key.clone(), tag.value.clone()));
    let output = ReplicateKeyResponse {
        replica_key_metadata: Some(shown),
        replica_policy: Some(policy),
        replica_tags: Some(tags.collect()),
    };
    let mut outcome = Outcome::write(output, changes).responding(response);
    outcome.forwarded.push(created);
    Ok(outcome)
}

/// The CreateKey that the trail of the replica's Region is told of. What its parameters look like is
/// not published; these are those of a CreateKey that says all of it.
fn creation(input: &ReplicateKeyRequest, replica: &Key, shown: &KeyMetadata) -> Result<ForwardedCall, Fault> {
    let tags = replica.tags.entries().iter().map(|tag| json!({ "tagKey": tag.key, "tagValue": tag.value }));
    let mut parameters = json!({
        "keySpec": replica.spec.as_str(),
        "keyUsage": replica.usage.as_str(),
        "origin": replica.origin.as_str(),
        "description": replica.description,
        "bypassPolicyLockoutSafetyCheck": input.bypass_policy_lockout_safety_check == Some(true),
        "multiRegion": true,
        "tags": tags.collect::<Vec<_>>(),
    });
    if let (Some(policy), Some(members)) = (&input.policy, parameters.as_object_mut()) {
        members.insert("policy".to_owned(), json!(policy));
    }
    Ok(ForwardedCall {
        name: "CreateKey",
        region: replica.region.clone(),
        parameters: Json(parameters.to_string()),
        response: audit::key_metadata(replica, shown)?,
        resource: Some(replica.arn().to_string().into()),
    })
}
