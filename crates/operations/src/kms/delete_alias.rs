//! DeleteAlias: takes a name away from its key, whatever state the key is in.

use trent_engine::{
    Audited, BoundAlias, BoundAliasTarget, Changes, Context, Demand, Fault, Operation, Outcome, Permit,
    Resource,
};
use trent_model::kms::DeleteAliasRequest;

use super::shared::{aliases, audit};

pub(crate) struct DeleteAlias;

impl Operation for DeleteAlias {
    const NAME: &'static str = "DeleteAlias";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[Audited::member("AliasName")];

    type Input = DeleteAliasRequest;
    type Output = ();
    type Target = BoundAliasTarget;

    fn target(input: &DeleteAliasRequest) -> Result<BoundAliasTarget, Fault> {
        BoundAliasTarget::new(&input.alias_name)
    }

    fn demands<'a>(_: &'a DeleteAliasRequest, bound: &'a BoundAlias) -> Vec<Demand<'a>> {
        vec![
            Demand::new("kms:DeleteAlias", Resource::Alias(&bound.alias.arn)),
            Demand::new("kms:DeleteAlias", Resource::Key(&bound.key)),
        ]
    }

    async fn execute(
        _: &DeleteAliasRequest,
        bound: &Permit<BoundAlias>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let mut changes = Changes::default();
        changes.delete(bound.alias.path.clone(), bound.entry.version);
        aliases::unlist(bound, context, &mut changes).await?;
        Ok(Outcome::write((), changes).responding(audit::key_id(&bound.key.entry.arn)))
    }
}
