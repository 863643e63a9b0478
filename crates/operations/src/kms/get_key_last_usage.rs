//! GetKeyLastUsage: the last successful use of a key, and the audit event that tells of it.

use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource, UsageEntry,
};
use trent_model::kms::{
    GetKeyLastUsageRequest, GetKeyLastUsageResponse, KeyLastUsageData, KeyLastUsageTrackingOperation,
};

use super::shared::{at_work, last_use, metadata::seconds};

pub(crate) struct GetKeyLastUsage;

impl Operation for GetKeyLastUsage {
    const NAME: &'static str = "GetKeyLastUsage";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[Audited::member("KeyId")];

    type Input = GetKeyLastUsageRequest;
    type Output = GetKeyLastUsageResponse;
    type Target = KeyTarget;

    fn target(input: &GetKeyLastUsageRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::by_id(&input.key_id))
    }

    fn demands<'a>(_: &'a GetKeyLastUsageRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        vec![Demand::new("kms:GetKeyLastUsage", Resource::Key(key))]
    }

    async fn execute(
        _: &GetKeyLastUsageRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<GetKeyLastUsageResponse>, Fault> {
        let record = &key.entry.key;
        let last = last_use::find(&key.entry, context.records).await?;
        Ok(Outcome::read(GetKeyLastUsageResponse {
            key_id: Some(record.id.to_string()),
            key_last_usage: Some(shown(last)?),
            // Uses are noted from a key's first day on.
            tracking_start_date: Some(seconds(record.created)),
            key_creation_date: Some(seconds(record.created)),
        }))
    }
}

/// Empty for a key that was never used.
fn shown(last: Option<UsageEntry>) -> Result<KeyLastUsageData, Fault> {
    let Some(last) = last else { return Ok(KeyLastUsageData::default()) };
    Ok(KeyLastUsageData {
        operation: Some(at_work::known(&last.operation, KeyLastUsageTrackingOperation::from_wire)?),
        timestamp: Some(seconds(last.time)),
        cloud_trail_event_id: Some(last.event),
        kms_request_id: Some(last.request),
    })
}
