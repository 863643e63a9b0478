//! UpdatePrimaryRegion: a replica becomes the primary key, and the primary key a replica.

use serde_json::json;
use trent_domain::StateRow;
use trent_engine::{
    Audited, Changes, Context, Demand, Family, Fault, ForwardedCall, Json, KeyEntry, LoadedRelated,
    Operation, Outcome, Permit, RelatedTarget, Resource,
};
use trent_model::kms::UpdatePrimaryRegionRequest;

use super::shared::{audit, multi_region};

pub(crate) struct UpdatePrimaryRegion;

impl Operation for UpdatePrimaryRegion {
    const NAME: &'static str = "UpdatePrimaryRegion";
    const READ_ONLY: bool = false;
    const STATE: StateRow = StateRow::UpdatePrimary;
    const AUDITED: &'static [Audited] = &[Audited::member("KeyId"), Audited::member("PrimaryRegion")];

    type Input = UpdatePrimaryRegionRequest;
    type Output = ();
    type Target = RelatedTarget;

    fn target(input: &UpdatePrimaryRegionRequest) -> Result<RelatedTarget, Fault> {
        Ok(RelatedTarget::new(&input.key_id, &input.primary_region))
    }

    fn demands<'a>(input: &'a UpdatePrimaryRegionRequest, keys: &'a LoadedRelated) -> Vec<Demand<'a>> {
        let region = input.primary_region.as_str();
        let on = |key| {
            Demand::new("kms:UpdatePrimaryRegion", Resource::Key(key)).fact("kms:primaryregion", region)
        };
        let mut demands = vec![on(&keys.key)];
        demands.extend(keys.relative.as_ref().map(|relative| on(relative).in_region(region)));
        demands
    }

    fn charged_elsewhere(input: &UpdatePrimaryRegionRequest) -> Option<(&str, &'static str, usize)> {
        Some((&input.primary_region, Self::NAME, 1))
    }

    async fn execute(
        input: &UpdatePrimaryRegionRequest,
        keys: &Permit<LoadedRelated>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let entry = &keys.key.entry;
        multi_region::require_primary(entry)?;
        let none = || Fault::NoReplica { arn: entry.arn.to_string(), region: input.primary_region.clone() };
        let next = &keys.relative.as_ref().ok_or_else(none)?.entry;
        let mut key = entry.key.clone();
        key.move_primary(&next.key.region, context.now);
        let mut changes = Changes::default();
        // The trail is told of it by the records of this call, in both Regions.
        let _ = Family::of(entry, context.records).await?.replace(key, context.records, &mut changes).await?;
        let mut outcome = Outcome::write((), changes).responding(audit::key_id(&entry.arn));
        outcome.forwarded.push(in_new_region(next));
        Ok(outcome)
    }
}

/// The record of the call in the Region of the new primary key. It does not name the one before.
fn in_new_region(primary: &KeyEntry) -> ForwardedCall {
    let region = primary.key.region.clone();
    let parameters = json!({ "keyId": &*primary.arn, "primaryRegion": region.as_str() });
    ForwardedCall {
        name: UpdatePrimaryRegion::NAME,
        region,
        parameters: Json(parameters.to_string()),
        response: audit::key_id(&primary.arn),
        resource: None,
    }
}
