//! RetireGrant: ends a grant, by one of those whom the grant itself lets do so.

use trent_engine::{
    Audited, Changes, Context, Demand, Fault, GrantTarget, KeyTarget, LoadedGrant, Operation, Outcome,
    Permit, Resource,
};
use trent_model::kms::RetireGrantRequest;

use super::shared::{audit, grants};

pub(crate) struct RetireGrant;

impl Operation for RetireGrant {
    const NAME: &'static str = "RetireGrant";
    const READ_ONLY: bool = false;
    const CROSS_ACCOUNT: bool = true;
    const AUDITED: &'static [Audited] = &[];

    type Input = RetireGrantRequest;
    type Output = ();
    type Target = GrantTarget;

    fn target(input: &RetireGrantRequest) -> Result<GrantTarget, Fault> {
        match (&input.grant_token, &input.key_id, &input.grant_id) {
            (Some(token), None, None) => Ok(GrantTarget::by_token(token)),
            (None, Some(key), Some(grant)) => GrantTarget::by_id(KeyTarget::by_id(key), grant),
            // The service's text is not published.
            _ => Err(Fault::validation(
                "Either GrantToken or both KeyId and GrantId must be specified, but nothing else.",
            )),
        }
    }

    fn demands<'a>(_: &'a RetireGrantRequest, loaded: &'a LoadedGrant) -> Vec<Demand<'a>> {
        let grant = &loaded.entry.grant;
        let constraints = &grant.constraints;
        let (equals, subset) = (constraints.context_equals.as_ref(), constraints.context_subset.as_ref());
        let demand = Demand::new("kms:RetireGrant", Resource::Key(&loaded.key))
            .context(equals.or(subset).map(|context| context.pairs()))
            .facts("kms:grantconstrainttype", grants::constraint_types(equals.is_some(), subset.is_some()))
            .retiring(grant);
        vec![demand]
    }

    async fn execute(
        _: &RetireGrantRequest,
        loaded: &Permit<LoadedGrant>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let mut changes = Changes::default();
        changes.delete_grant(context.records, &loaded.entry)?;
        let outcome = Outcome::write((), changes).responding(audit::key_id(&loaded.key.entry.arn));
        Ok(outcome.adding(audit::grant_id(&loaded.entry.grant)))
    }
}
