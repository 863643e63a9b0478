//! CreateAlias: a new name for a key.

use trent_domain::StateRow;
use trent_engine::{
    AliasTarget, Audited, Changes, Context, Demand, Fault, KeyTarget, LoadedAlias, LoadedKey, Operation,
    Outcome, Permit, Resource,
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
        let target = key.entry.key.id;
        aliases::require_room(&target, 1, context).await?;
        let mut changes = Changes::default();
        aliases::create(&alias.name, target, context, &mut changes)?;
        Ok(Outcome::write((), changes).responding(audit::key_id(&key.entry.arn)))
    }
}
