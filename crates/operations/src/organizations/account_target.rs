//! An account that an input names.

use std::sync::Arc;

use trent_domain::{AccountId, Path, Tags};
use trent_engine::{
    AccountEntry, Changes, Demand, Fault, LoadedKey, Outcome, Place, Resource, Subject, Target, encode,
};

use super::shared::no_account;

/// An account, by number. That there is none is told to those who manage the organization.
pub(crate) struct AccountTarget {
    number: Option<AccountId>,
    missing: fn() -> Fault,
}

/// An account, or that there is none.
pub(crate) struct FoundAccount {
    arn: Option<String>,
    entry: Option<Arc<AccountEntry>>,
    missing: fn() -> Fault,
}

impl AccountTarget {
    /// One that is asked for as such.
    pub(crate) fn new(number: &str) -> Self {
        Self { number: number.parse().ok(), missing: no_account }
    }

    /// One that is below something else.
    pub(crate) fn child(number: &str) -> Self {
        Self { number: number.parse().ok(), missing: no_child }
    }

    /// One that has tags. Of all that may be tagged there are only accounts and the root, of which no
    /// tags are kept.
    pub(crate) fn tagged(number: &str) -> Self {
        Self { number: number.parse().ok(), missing: no_target }
    }
}

fn no_child() -> Fault {
    Fault::named("ChildNotFoundException", 400, "You specified a child that doesn't exist.")
}

fn no_target() -> Fault {
    Fault::named("TargetNotFoundException", 400, "You specified a target that doesn't exist.")
}

impl Target for AccountTarget {
    type Loaded = FoundAccount;

    async fn load(&self, place: &Place<'_>) -> Result<FoundAccount, Fault> {
        let missing = self.missing;
        let Some(number) = self.number else { return Ok(FoundAccount { arn: None, entry: None, missing }) };
        let entry = place.records.get::<AccountEntry>(&Path::account(number)).await?;
        let organization = place.records.organization().await?;
        let arn = organization.map(|organization| organization.arn_of("account", &number.to_string()));
        Ok(FoundAccount { arn, entry, missing })
    }
}

impl Subject for FoundAccount {
    fn keys<'a>(&'a self, _: &mut dyn FnMut(&'a LoadedKey)) {}
}

impl FoundAccount {
    /// The account.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn entry(&self) -> Result<&AccountEntry, Fault> {
        self.entry.as_deref().ok_or_else(self.missing)
    }

    /// A demand on it.
    pub(crate) fn demand(&self, action: &'static str) -> Demand<'_> {
        let demand = Demand::new(action, self.arn.as_deref().map_or(Resource::Any, Resource::Arn));
        match &self.entry {
            Some(entry) => demand.resource_tags(&entry.account.tags),
            None => demand,
        }
    }

    /// The outcome of changing its tags.
    ///
    /// # Errors
    /// Those of `change`.
    pub(crate) fn retag(
        &self,
        change: impl FnOnce(&mut Tags) -> Result<(), Fault>,
    ) -> Result<Outcome<()>, Fault> {
        let entry = self.entry()?;
        let mut account = entry.account.clone();
        change(&mut account.tags)?;
        let mut changes = Changes::default();
        if account != entry.account {
            changes.replace(Path::account(account.id), entry.version, encode(&account)?);
        }
        Ok(Outcome::write((), changes))
    }
}
