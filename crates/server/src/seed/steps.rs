//! A seed file taken apart into steps: one for each thing it names, in an order in which each finds
//! what it refers to.

use std::collections::HashSet;

use serde_saphyr::Spanned;
use trent_domain::{AccountId, AliasName, KeyId, KeySpec, Region};
use trent_operations::seed::{AccessKeySeed, AccountSeed, KeySeed};

use super::format::{self, AccessKey, Account, Group, ManagedPolicy, Role, User};
use super::refusal::{Place, Refusal};
use super::{input, material};

/// One thing of a file.
pub(super) struct Step {
    pub(super) place: Place,
    /// Whose it is; the server's own account when it is `None`.
    pub(super) account: Option<AccountId>,
    pub(super) act: Act,
}

pub(super) enum Act {
    Account(AccountSeed),
    Policy(ManagedPolicy),
    Group(Group),
    User(Box<User>),
    Role(Box<Role>),
    AccessKey(AccessKeySeed),
    Key(Box<Key>),
}

/// A key, and where it is to be.
pub(super) struct Key {
    pub(super) region: Region,
    pub(super) seed: KeySeed,
}

/// The steps of a file, for a server of these Regions.
pub(super) fn of(file: format::File, regions: &[Region]) -> Result<Vec<Step>, Refusal> {
    let mut sorted = Sorted::default();
    for account in file.accounts {
        sorted.account(account, regions)?;
    }
    let Sorted { accounts, policies, groups, users, access_keys, roles, keys } = sorted;
    require_distinct_aliases(&keys)?;
    Ok([accounts, policies, groups, users, access_keys, roles, keys].into_iter().flatten().collect())
}

/// An alias that points elsewhere already is left as it is, so two in one file would not be noticed.
fn require_distinct_aliases(keys: &[Step]) -> Result<(), Refusal> {
    let mut seen = HashSet::new();
    for step in keys {
        let Act::Key(key) = &step.act else { continue };
        let mut aliases = key.seed.aliases.iter();
        if let Some(twice) = aliases.find(|alias| !seen.insert((step.account, &key.region, *alias))) {
            return Err(Refusal::at(step.place, format!("the alias `{twice}` is here twice")));
        }
    }
    Ok(())
}

/// Steps by what they make. Users come before roles, whose trust policies name them; keys, whose
/// policies name both, come last.
#[derive(Default)]
struct Sorted {
    accounts: Vec<Step>,
    policies: Vec<Step>,
    groups: Vec<Step>,
    users: Vec<Step>,
    access_keys: Vec<Step>,
    roles: Vec<Step>,
    keys: Vec<Step>,
}

impl Sorted {
    fn account(&mut self, given: Spanned<Account>, regions: &[Region]) -> Result<(), Refusal> {
        let place = Place::from(given.referenced);
        let Account { id, name, email, access_keys, policies, groups, users, roles, keys } = given.value;
        let account = id.as_ref().map(account_id).transpose()?;
        if let Some(id) = account {
            let name = name.unwrap_or_else(|| id.to_string());
            let email = email.unwrap_or_else(|| format!("{id}@trent.localhost"));
            input::create_account(&name, &email).map_err(|reason| Refusal::at(place, reason))?;
            self.accounts.push(Step {
                place,
                account: None,
                act: Act::Account(AccountSeed { id, name, email }),
            });
        }
        let step = |place: serde_saphyr::Location, act| Step { place: place.into(), account, act };
        for key in access_keys {
            self.access_keys.push(step(key.referenced, access_key(None, key)?));
        }
        self.policies
            .extend(policies.into_iter().map(|given| step(given.referenced, Act::Policy(given.value))));
        self.groups.extend(groups.into_iter().map(|given| step(given.referenced, Act::Group(given.value))));
        for mut user in users {
            for key in std::mem::take(&mut user.value.access_keys) {
                self.access_keys.push(step(key.referenced, access_key(Some(&user.value.name), key)?));
            }
            self.users.push(step(user.referenced, Act::User(Box::new(user.value))));
        }
        self.roles
            .extend(roles.into_iter().map(|given| step(given.referenced, Act::Role(Box::new(given.value)))));
        for given in keys {
            self.keys.push(step(given.referenced, Act::Key(Box::new(key(given, regions)?))));
        }
        Ok(())
    }
}

fn account_id(text: &Spanned<String>) -> Result<AccountId, Refusal> {
    text.value.parse().map_err(|_| Refusal::at(text.referenced, "an account id has twelve digits"))
}

/// Ids that begin like those of sessions would be taken for one.
fn access_key(user: Option<&str>, given: Spanned<AccessKey>) -> Result<Act, Refusal> {
    const LONGEST: usize = 128;
    let place = given.referenced;
    let AccessKey { id, secret } = given.value;
    if id.is_empty() || id.len() > LONGEST || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(Refusal::at(place, "an access key id has 1 to 128 letters and digits"));
    }
    if id.starts_with("ASIA") {
        return Err(Refusal::at(place, "access key ids that begin with ASIA are those of sessions"));
    }
    let secret = secret.0;
    let legal = |b: u8| b.is_ascii_graphic();
    if secret.expose().is_empty() || secret.expose().len() > LONGEST || !secret.expose().bytes().all(legal) {
        return Err(Refusal::at(
            place,
            "a secret access key has 1 to 128 characters of ASCII without spaces",
        ));
    }
    Ok(Act::AccessKey(AccessKeySeed { user: user.map(str::to_owned), id, secret }))
}

fn key(given: Spanned<format::Key>, regions: &[Region]) -> Result<Key, Refusal> {
    let place = Place::from(given.referenced);
    let key = given.value;
    let create = input::create_key(&key).map_err(|reason| Refusal::at(place, reason))?;
    let spec = key.key_spec.as_deref().map_or(Some(KeySpec::SymmetricDefault), KeySpec::from_wire);
    let spec = spec.ok_or_else(|| Refusal::at(place, "there are no such keys yet"))?;
    let material = match &key.material {
        Some(given) => {
            let read = material::read(&given.value, spec);
            Some(read.map_err(|reason| Refusal::at(given.referenced, reason))?)
        }
        None => None,
    };
    let region = region(key.region.as_ref(), place, regions)?;
    let seed = KeySeed {
        id: key_id(&key)?,
        create,
        material,
        enabled: key.enabled,
        rotation_days: key.rotation_period_in_days.as_ref().map(rotation).transpose()?,
        aliases: key.aliases.iter().map(alias).collect::<Result<_, _>>()?,
        grants: key.grants.iter().map(|given| grant(&key.id.value, given)).collect::<Result<_, _>>()?,
    };
    Ok(Key { region, seed })
}

fn key_id(key: &format::Key) -> Result<KeyId, Refusal> {
    if let Some(asked) = key.multi_region.as_ref().filter(|asked| asked.value) {
        return Err(Refusal::at(asked.referenced, "multi-Region keys cannot be seeded yet"));
    }
    let id = key.id.value.parse::<KeyId>().ok().filter(|id| !id.is_multi_region());
    id.ok_or_else(|| Refusal::at(key.id.referenced, "a key id is a UUID in lower case"))
}

fn region(given: Option<&Spanned<String>>, place: Place, regions: &[Region]) -> Result<Region, Refusal> {
    let Some(given) = given else {
        return regions.first().cloned().ok_or_else(|| Refusal::at(place, "no Region is served"));
    };
    let found = regions.iter().find(|region| region.as_str() == given.value);
    found.cloned().ok_or_else(|| Refusal::at(given.referenced, "this Region is not served: see --region"))
}

/// The bounds are EnableKeyRotation's.
fn rotation(days: &Spanned<u16>) -> Result<u16, Refusal> {
    match days.value {
        legal @ 90..=2560 => Ok(legal),
        _ => Err(Refusal::at(days.referenced, "a rotation period has 90 to 2560 days")),
    }
}

fn alias(name: &Spanned<String>) -> Result<AliasName, Refusal> {
    let parsed = name.value.parse::<AliasName>().ok().filter(|alias| !alias.is_reserved());
    parsed.ok_or_else(|| {
        Refusal::at(name.referenced, "an alias begins with `alias/`, and not with `alias/aws/`")
    })
}

fn grant(key: &str, given: &Spanned<format::Grant>) -> Result<trent_model::kms::CreateGrantRequest, Refusal> {
    input::create_grant(key, &given.value).map_err(|reason| Refusal::at(given.referenced, reason))
}
