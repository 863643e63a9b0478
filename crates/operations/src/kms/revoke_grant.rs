//! RevokeGrant: ends a grant, by whoever manages the key.

use trent_domain::Path;
use trent_engine::{
    Audited, Changes, Context, Demand, Fault, GrantEntry, KeyTarget, LoadedKey, Operation, Outcome, Permit,
    Resource,
};
use trent_model::kms::RevokeGrantRequest;

use super::shared::audit;

pub(crate) struct RevokeGrant;

impl Operation for RevokeGrant {
    const NAME: &'static str = "RevokeGrant";
    const READ_ONLY: bool = false;
    const CROSS_ACCOUNT: bool = true;
    const AUDITED: &'static [Audited] =
        &[Audited::member("KeyId"), Audited::member("GrantId"), Audited::member("DryRun")];

    type Input = RevokeGrantRequest;
    type Output = ();
    type Target = KeyTarget;

    fn target(input: &RevokeGrantRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::by_id(&input.key_id))
    }

    fn demands<'a>(_: &'a RevokeGrantRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        let demand = Demand::new("kms:RevokeGrant", Resource::Key(key));
        vec![demand.fact("kms:grantisforawsresource", "false")]
    }

    async fn execute(
        input: &RevokeGrantRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let id = input.grant_id.parse().map_err(|_| Fault::InvalidGrantId)?;
        let path = Path::grant(&key.entry.key.arn(), &id);
        let entry = context.records.get::<GrantEntry>(&path).await?;
        let entry = entry.ok_or_else(|| Fault::GrantNotFound(input.grant_id.clone()))?;
        let mut changes = Changes::default();
        changes.delete_grant(context.records, &entry)?;
        Ok(Outcome::write((), changes).responding(audit::key_id(&key.entry.arn)))
    }
}
