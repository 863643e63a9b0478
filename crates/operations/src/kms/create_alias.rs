//! CreateAlias: a new name for a key.

use trent_domain::{Alias, Path, StateRow};
use trent_engine::{
    AliasTarget, Audited, Changes, Context, Demand, Fault, KeyAlias, KeyTarget, LoadedAlias, LoadedKey,
    Operation, Outcome, Permit, Resource, encode,
};
use trent_model::kms::CreateAliasRequest;

use super::shared::{aliases, audit};

pub(crate) struct CreateAlias;

impl Operation for CreateAlias {
    const NAME: &'static str = "CreateAlias";
    const READ_ONLY: bool = false;
    const STATE: StateRow = StateRow::NotPendingDeletion;
    const AUDITED: &'static [Audited] = &[Audited::member("AliasName"), Audited::member("TargetKeyId")];

    type Input = CreateAliasRequest;
    type Output = ();
    type Target = (AliasTarget, KeyTarget);

    fn target(input: &CreateAliasRequest) -> Result<Self::Target, Fault> {
        Ok((AliasTarget::new(&input.alias_name)?, KeyTarget::by_id(&input.target_key_id)))
    }

    fn demands<'a>(_: &'a CreateAliasRequest, (alias, key): &'a (LoadedAlias, LoadedKey)) -> Vec<Demand<'a>> {
        vec![
            Demand::new("kms:CreateAlias", Resource::Alias(&alias.arn)),
            Demand::new("kms:CreateAlias", Resource::Key(key)),
        ]
    }

    async fn execute(
        _: &CreateAliasRequest,
        permit: &Permit<(LoadedAlias, LoadedKey)>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let (alias, key) = &**permit;
        if alias.entry.is_some() {
            return Err(Fault::AliasExists(alias.arn.clone()));
        }
        let (account, region, target) = (context.account(), context.region, key.entry.key.id);
        aliases::require_room(key, context).await?;
        let record = Alias { name: alias.name.clone(), target, created: context.now, updated: context.now };
        let mut changes = Changes::default();
        changes.create(alias.path.clone(), encode(&record)?);
        changes.create(Path::key_alias(account, region, &target, &alias.name), encode(&KeyAlias::default())?);
        Ok(Outcome::write((), changes).responding(audit::key_id(&key.entry.arn)))
    }
}
