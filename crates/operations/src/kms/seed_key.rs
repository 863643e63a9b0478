//! SeedKey: a key with an id and material that were chosen, and with all that belongs to it, at once.
//!
//! Not an operation of the API: nothing that comes by a socket reaches it. On a key that is there
//! already it adds what is missing and changes nothing else.

use std::sync::Arc;

use serde_json::json;
use trent_crypto::Material;
use trent_domain::{
    AliasName, Import, Key, KeyId, KeySpec, KeyState, MaterialRef, Origin, Path, RotationSchedule,
};
use trent_engine::{
    AliasEntry, AliasTarget, Audited, Changes, Context, Demand, Fault, Json, KeyEntry, Operation, Outcome,
    Permit, Resource, count_grants,
};
use trent_model::kms::{CreateGrantRequest, CreateKeyRequest};

use super::create_key;
use super::shared::new_key::{Kind, Wishes, furnish};
use super::shared::{aliases, imports, policy};
use super::{CreateGrant, CreateKey, create_grant};

/// A key as it is to be.
#[derive(Debug)]
pub struct KeySeed {
    /// Its id.
    pub id: KeyId,
    /// What CreateKey would be asked.
    pub create: CreateKeyRequest,
    /// Its material; without any a key of the origin `AWS_KMS` gets some of Trent's making.
    pub material: Option<Material>,
    /// Whether it may be used.
    pub enabled: bool,
    /// After how many days it is rotated, if it is.
    pub rotation_days: Option<u16>,
    /// Its aliases.
    pub aliases: Vec<AliasName>,
    /// What CreateGrant would be asked. Each has a name, by which it is found again.
    pub grants: Vec<CreateGrantRequest>,
}

impl KeySeed {
    /// What the audit trail shows of it.
    pub(crate) fn shown(&self) -> Option<Json> {
        let Kind { spec, usage, origin, .. } = create_key::kind(&self.create).ok()?;
        let shown = json!({
            "keyId": self.id.to_string(),
            "keySpec": spec.as_str(),
            "keyUsage": usage.as_str(),
            "origin": origin.as_str(),
            "materialGiven": self.material.is_some(),
            "aliases": self.aliases.iter().map(AliasName::as_str).collect::<Vec<_>>(),
        });
        Some(Json(shown.to_string()))
    }
}

/// Makes a key, or adds to it what is missing. Answers what of it is other than it was to be.
pub(crate) struct SeedKey;

impl Operation for SeedKey {
    const NAME: &'static str = "SeedKey";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[];

    type Input = KeySeed;
    type Output = Vec<&'static str>;
    type Target = ();

    fn target(seed: &KeySeed) -> Result<(), Fault> {
        let kind = CreateKey::target(&seed.create)?;
        // A second primary key of the same id could be there, in another Region.
        if kind.related.is_some() || seed.id.is_multi_region() {
            return Err(Fault::Unsupported("multi-Region keys cannot be seeded yet".to_owned()));
        }
        seed.aliases.iter().try_for_each(|alias| AliasTarget::new(alias.as_str()).map(drop))?;
        seed.grants.iter().try_for_each(|grant| CreateGrant::target(grant).map(drop))
    }

    fn demands<'a>(_: &'a KeySeed, (): &'a ()) -> Vec<Demand<'a>> {
        // A key's own policy has no say in this: it may shut out whoever seeds it.
        vec![Demand::new("kms:CreateKey", Resource::Any)]
    }

    async fn execute(
        seed: &KeySeed,
        _: &Permit<()>,
        context: &Context<'_>,
    ) -> Result<Outcome<Vec<&'static str>>, Fault> {
        let path = Path::key(context.account(), context.region, &seed.id);
        match context.records.get::<KeyEntry>(&path).await? {
            None => create(seed, context).await,
            Some(entry) => complete(seed, &entry, context).await,
        }
    }
}

async fn create(seed: &KeySeed, context: &Context<'_>) -> Result<Outcome<Vec<&'static str>>, Fault> {
    let kind = create_key::kind(&seed.create)?;
    let made = match (&seed.material, kind.origin) {
        (None, Origin::AwsKms) => Some(create_key::generate(kind.spec, context).await?),
        _ => None,
    };
    let material = seed.material.as_ref().or(made.as_ref());
    let key = new_key(seed, kind, material, context).await?;
    let (account, arn) = (key.account, key.arn().to_string());
    let mut changes = Changes::default();
    if let Some(material) = material {
        let path = Path::material(account, &key.region, &key.id, &material.id(&key.id));
        changes.create(path, material.to_record());
    }
    belongings(seed, &key, context, &mut changes).await?;
    changes.create_key(key)?;
    let mut outcome = Outcome::write(Vec::new(), changes);
    outcome.created = Some((account, arn));
    Ok(outcome)
}

async fn new_key(
    seed: &KeySeed,
    kind: Kind,
    material: Option<&Material>,
    context: &Context<'_>,
) -> Result<Key, Fault> {
    let mut key = create_key::record(kind, context)?;
    key.id = seed.id;
    let wishes = Wishes { bypass: Some(true), ..create_key::wishes(&seed.create) };
    furnish(&mut key, wishes, context).await?;
    if !seed.enabled {
        key.stored_state = KeyState::Disabled;
    }
    if let Some(days) = seed.rotation_days {
        require_rotatable(&key)?;
        key.rotation = Some(RotationSchedule::starting(context.now, days));
    }
    if let Some(material) = material {
        take_in(&mut key, material, context)?;
    }
    Ok(key)
}

fn require_rotatable(key: &Key) -> Result<(), Fault> {
    if key.spec == KeySpec::SymmetricDefault && key.origin == Origin::AwsKms {
        return Ok(());
    }
    Err(Fault::validation("only symmetric encryption keys of the origin AWS_KMS are rotated by themselves"))
}

/// Gives its first material to a key.
fn take_in(key: &mut Key, material: &Material, context: &Context<'_>) -> Result<(), Fault> {
    let id = material.id(&key.id);
    if key.origin == Origin::AwsKms {
        key.materials.push(MaterialRef::new(id, context.now));
        return Ok(());
    }
    let import = Import { id, kind: None, named: None, valid_to: None, description: None };
    key.import(import, context.now).map_err(|error| Fault::Internal(error.to_string()))
}

/// Adds what is missing of a key that is there.
async fn complete(
    seed: &KeySeed,
    entry: &Arc<KeyEntry>,
    context: &Context<'_>,
) -> Result<Outcome<Vec<&'static str>>, Fault> {
    let stored = &entry.key;
    require_same(seed, stored, context)?;
    if stored.deletion.is_some() {
        return Ok(Outcome::read(vec!["deletion"]));
    }
    let mut after = stored.clone();
    let given = seed.create.tags.as_deref().unwrap_or_default();
    let missing = given.iter().filter(|tag| stored.tags.get(&tag.tag_key).is_none());
    let missing = missing.map(|tag| (tag.tag_key.clone(), tag.tag_value.clone()));
    after.tags.set(&missing.collect::<Vec<_>>())?;
    let imported = seed.material.as_ref().filter(|_| stored.materials.is_empty());
    if let Some(material) = imported {
        take_in(&mut after, material, context)?;
    }
    let imported = imported.map(|material| (material.id(&stored.id), material));
    let mut outcome = imports::outcome(Vec::new(), entry, after, imported, context.records).await?;
    let moved = belongings(seed, stored, context, &mut outcome.changes).await?;
    // What is added must not be added to a key that is deleted meanwhile.
    outcome.changes.require(entry.path(), entry.version);
    outcome.output = differences(seed, stored, moved, context).await?;
    Ok(outcome)
}

/// A key is what its id says for good: other material under the same id is another key.
fn require_same(seed: &KeySeed, stored: &Key, context: &Context<'_>) -> Result<(), Fault> {
    let id = &seed.id;
    if stored.is_gone(context.now) {
        return Err(Fault::validation(format!("the key `{id}` is just being deleted")));
    }
    let Kind { spec, usage, origin, .. } = create_key::kind(&seed.create)?;
    let facts = [
        ("spec", stored.spec.as_str(), spec.as_str()),
        ("usage", stored.usage.as_str(), usage.as_str()),
        ("origin", stored.origin.as_str(), origin.as_str()),
    ];
    if let Some((what, found, given)) = facts.into_iter().find(|(_, found, given)| found != given) {
        return Err(Fault::validation(format!(
            "the key `{id}` is there already, with the {what} {found} and not {given}"
        )));
    }
    let first = stored.materials.first().map(|material| material.id);
    let waits = stored.origin == Origin::External && first.is_none();
    match &seed.material {
        Some(material) if !waits && first != Some(material.id(&stored.id)) => {
            Err(Fault::validation(format!("the key `{id}` is there already, with other material")))
        }
        _ => Ok(()),
    }
}

/// Adds the aliases and grants that are missing; answers whether an alias points elsewhere.
async fn belongings(
    seed: &KeySeed,
    key: &Key,
    context: &Context<'_>,
    changes: &mut Changes,
) -> Result<bool, Fault> {
    let (mut new, mut moved) = (0, false);
    for name in &seed.aliases {
        let path = Path::alias(key.account, &key.region, name);
        match context.records.get::<AliasEntry>(&path).await? {
            Some(found) => moved |= found.alias.target != key.id,
            None => {
                aliases::create(name, key.id, context, changes)?;
                new += 1;
            }
        }
    }
    if new > 0 {
        aliases::require_room(&key.id, new, context).await?;
    }
    grants(seed, key, context, changes).await?;
    Ok(moved)
}

async fn grants(
    seed: &KeySeed,
    key: &Key,
    context: &Context<'_>,
    changes: &mut Changes,
) -> Result<(), Fault> {
    let mut new = 0;
    for asked in &seed.grants {
        let grant = create_grant::draft(asked, key, context).await?;
        if create_grant::find_again(&grant, context).await?.is_none() {
            changes.create_grant(context.records, &grant)?;
            new += 1;
        }
    }
    let most = context.quotas.grants_per_key;
    if new > 0 && count_grants(context.records, &key.arn()).await? + new > most {
        return Err(create_grant::full(most));
    }
    Ok(())
}

/// What of a key is other than it was to be, and stays so: whoever changed it meant to.
async fn differences(
    seed: &KeySeed,
    stored: &Key,
    moved: bool,
    context: &Context<'_>,
) -> Result<Vec<&'static str>, Fault> {
    let create = &seed.create;
    let text = create.policy.clone().unwrap_or_else(|| policy::default_policy(stored.account));
    let policy = policy::check(&text, true, &stored.arn(), context).await?;
    let given = create.tags.as_deref().unwrap_or_default();
    let retagged = |tag: &&trent_model::kms::Tag| {
        stored.tags.get(&tag.tag_key).is_some_and(|value| value != tag.tag_value)
    };
    let rotation = stored.rotation.map(|schedule| schedule.period_days);
    let facts = [
        ("description", stored.description != create.description.as_deref().unwrap_or_default()),
        ("policy", stored.policy != policy),
        ("tags", given.iter().any(|tag| retagged(&tag))),
        ("state", (stored.stored_state == KeyState::Disabled) == seed.enabled),
        ("rotation", rotation != seed.rotation_days),
        ("aliases", moved),
    ];
    Ok(facts.into_iter().filter(|(_, differs)| *differs).map(|(what, _)| what).collect())
}
