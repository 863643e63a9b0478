//! UpdateAlias: points an alias at another key.

use trent_domain::{Alias, Path, StateRow};
use trent_engine::{
    Audited, BoundAlias, BoundAliasTarget, Changes, Context, Demand, Fault, KeyAlias, KeyTarget, LoadedKey,
    Operation, Outcome, Permit, Resource, encode,
};
use trent_model::kms::UpdateAliasRequest;

use super::shared::{aliases, audit};

pub(crate) struct UpdateAlias;

impl Operation for UpdateAlias {
    const NAME: &'static str = "UpdateAlias";
    const READ_ONLY: bool = false;
    const STATE: StateRow = StateRow::NotPendingDeletion;
    const AUDITED: &'static [Audited] = &[Audited::member("AliasName"), Audited::member("TargetKeyId")];

    type Input = UpdateAliasRequest;
    type Output = ();
    type Target = (BoundAliasTarget, KeyTarget);

    fn target(input: &UpdateAliasRequest) -> Result<Self::Target, Fault> {
        Ok((BoundAliasTarget::new(&input.alias_name)?, KeyTarget::by_id(&input.target_key_id)))
    }

    fn demands<'a>(_: &'a UpdateAliasRequest, (bound, key): &'a (BoundAlias, LoadedKey)) -> Vec<Demand<'a>> {
        vec![
            Demand::new("kms:UpdateAlias", Resource::Alias(&bound.alias.arn)),
            Demand::new("kms:UpdateAlias", Resource::Key(&bound.key)),
            Demand::new("kms:UpdateAlias", Resource::Key(key)),
        ]
    }

    async fn execute(
        _: &UpdateAliasRequest,
        permit: &Permit<(BoundAlias, LoadedKey)>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let (bound, key) = &**permit;
        let (old, new) = (bound.key.entry.key.id, key.entry.key.id);
        let record = Alias { target: new, updated: context.now, ..bound.entry.alias.clone() };
        let mut changes = Changes::default();
        changes.replace(bound.alias.path.clone(), bound.entry.version, encode(&record)?);
        if old != new {
            aliases::require_room(&new, 1, context).await?;
            aliases::unlist(bound, context, &mut changes).await?;
            let path = Path::key_alias(context.account(), context.region, &new, &bound.alias.name);
            changes.create(path, encode(&KeyAlias::default())?);
        }
        Ok(Outcome::write((), changes).responding(audit::key_id(&key.entry.arn)))
    }
}
