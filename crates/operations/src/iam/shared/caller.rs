//! Targets: whoever an input names, or else the caller itself.

use trent_domain::{AccountId, Owner, Path, PrincipalKind};
use trent_engine::{Changes, Demand, Fault, LoadedKey, Place, Resource, Subject, Target, UserEntry};

use super::named::{Found, UserTarget};

/// A user by name, or the caller.
pub(crate) struct OwnerTarget(Option<String>);

impl OwnerTarget {
    /// The user called `name`; without a name the caller, who must be a user or root.
    pub(crate) fn new(name: Option<&str>) -> Self {
        Self(name.map(str::to_owned))
    }
}

/// A user, or the root user.
pub(crate) struct FoundOwner {
    account: AccountId,
    root_arn: String,
    user: Option<Found<UserEntry>>,
}

impl FoundOwner {
    /// The user; `None` when it is root.
    pub(crate) const fn user(&self) -> Option<&Found<UserEntry>> {
        self.user.as_ref()
    }

    /// The user's name; `None` when it is root.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub(crate) fn user_name(&self) -> Result<Option<String>, Fault> {
        self.user.as_ref().map(|user| Ok(user.stored()?.name.to_string())).transpose()
    }

    /// Whose access keys are meant.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub(crate) fn owner(&self) -> Result<Owner, Fault> {
        match &self.user {
            Some(user) => Ok(Owner::user(self.account, user.stored()?.id)),
            None => Ok(Owner::root(self.account)),
        }
    }

    /// The demand for `action` on the user.
    pub(crate) fn demand(&self, action: &'static str) -> Demand<'_> {
        match &self.user {
            Some(user) => user.demand(action),
            None => Demand::new(action, Resource::Arn(&self.root_arn)),
        }
    }
}

impl Target for OwnerTarget {
    type Loaded = FoundOwner;

    async fn load(&self, place: &Place<'_>) -> Result<FoundOwner, Fault> {
        let account = place.account();
        let user = match (&self.0, &place.caller.principal.kind) {
            (Some(name), _) => Some(UserTarget::new(name).load(place).await?),
            (None, PrincipalKind::Root) => None,
            (None, PrincipalKind::User { id, .. }) => {
                let entry = place.records.get::<UserEntry>(&Path::entity(account, id)).await?;
                // It was there a moment ago, when its signature was judged.
                Some(Found::by_id(entry.ok_or(Fault::UnrecognizedClient)?))
            }
            (None, _) => {
                return Err(Fault::validation(
                    "Must specify userName when calling with non-User credentials",
                ));
            }
        };
        Ok(FoundOwner { account, root_arn: account.root_arn(), user })
    }
}

impl Subject for FoundOwner {
    fn keys<'a>(&'a self, _: &mut dyn FnMut(&'a LoadedKey)) {}

    fn verify(&self) -> Result<(), Fault> {
        self.user.as_ref().map_or(Ok(()), Subject::verify)
    }

    fn require(&self, changes: &mut Changes) {
        self.user.iter().for_each(|user| user.require(changes));
    }
}
