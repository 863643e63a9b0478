//! Targets: users, groups and roles by name, and names that are to be taken.
//!
//! What is missing is told only to those who may ask for it: loading notes the absence, and
//! [`Subject::verify`], which comes after the authorizer, refuses.

use std::marker::PhantomData;
use std::sync::Arc;

use trent_domain::{IamName, IamPath, Path, entity_arn};
use trent_engine::{
    Changes, Demand, Fault, LoadedKey, NameEntry, Place, Resource, RoleEntry, Subject, Target, UserEntry,
};

use super::entity::{Entity, Stored};
use super::fault;

/// A user, group or role by name.
pub(crate) struct Named<E> {
    name: String,
    kind: PhantomData<fn() -> E>,
}

impl<E: Entity> Named<E> {
    /// The one that the caller's account calls `name`, in whatever letter case.
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), kind: PhantomData }
    }
}

/// A user by name.
pub(crate) type UserTarget = Named<UserEntry>;
/// A role by name.
pub(crate) type RoleTarget = Named<RoleEntry>;

/// A user, group or role that was looked for.
pub(crate) struct Found<E> {
    name: String,
    /// The ARN that it has, or would have.
    pub(crate) arn: String,
    entry: Option<Arc<E>>,
    /// The name's entry and its version, when it is known by name.
    listed: Option<(Path, u64)>,
}

impl<E: Entity> Found<E> {
    /// One that was reached by id.
    pub(crate) fn by_id(entry: Arc<E>) -> Self {
        let stored = entry.stored();
        let (name, arn) = (stored.name().to_string(), stored.arn());
        Self { name, arn, entry: Some(entry), listed: None }
    }

    /// What is in memory of it.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub(crate) fn entry(&self) -> Result<&Arc<E>, Fault> {
        self.entry.as_ref().ok_or_else(|| fault::no_such_entity::<E::Stored>(&self.name))
    }

    /// Its record.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub(crate) fn stored(&self) -> Result<&E::Stored, Fault> {
        self.entry().map(|entry| entry.stored())
    }

    /// The demand for `action` on it, with its tags.
    pub(crate) fn demand(&self, action: &'static str) -> Demand<'_> {
        let demand = Demand::new(action, Resource::Arn(&self.arn)).called(E::Stored::NOUN, &self.name);
        match self.entry.as_ref().and_then(|entry| entry.stored().tags()) {
            Some(tags) => demand.resource_tags(tags),
            None => demand,
        }
    }

    /// As [`Found::demand`], with the permissions boundary it has for `iam:PermissionsBoundary`.
    pub(crate) fn bounded_demand(&self, action: &'static str) -> Demand<'_> {
        let demand = self.demand(action);
        match self.entry.as_ref().and_then(|entry| entry.stored().boundary()) {
            Some(boundary) => demand.fact("iam:permissionsboundary", boundary),
            None => demand,
        }
    }

    /// This if it has that very ARN, path and all; else what is not there.
    pub(crate) fn only_at(mut self, arn: &str) -> Self {
        if self.arn != arn {
            self.entry = None;
            arn.clone_into(&mut self.arn);
        }
        self
    }

    /// Whether `name` is one of the spellings of the name it has.
    pub(crate) fn is_called(&self, name: &FreeName<E::Stored>) -> bool {
        self.listed.as_ref().is_some_and(|(path, _)| *path == name.listing)
    }

    /// Takes its name off the list, for it is about to go or to be called otherwise.
    pub(crate) fn unlist(&self, changes: &mut Changes) {
        if let Some((path, version)) = &self.listed {
            changes.delete(path.clone(), *version);
        }
    }
}

impl<E: Entity> Target for Named<E> {
    type Loaded = Found<E>;

    async fn load(&self, place: &Place<'_>) -> Result<Found<E>, Fault> {
        let Ok(name) = self.name.parse::<IamName>() else {
            return Err(fault::no_such_entity::<E::Stored>(&self.name));
        };
        let (account, kind) = (place.account(), E::Stored::KIND);
        let path = Path::entity_name(account, kind, &name);
        let listed = place.records.get::<NameEntry>(&path).await?;
        let entry = match &listed {
            Some(listed) => place.records.get::<E>(&Path::entity(account, &listed.id)).await?,
            None => None,
        };
        let arn = match &entry {
            Some(entry) => entry.stored().arn(),
            None => entity_arn(account, kind, &IamPath::default(), name.as_str()),
        };
        let listed = listed.map(|listed| (path, listed.version));
        Ok(Found { name: self.name.clone(), arn, entry, listed })
    }
}

impl<E: Entity> Subject for Found<E> {
    fn keys<'a>(&'a self, _: &mut dyn FnMut(&'a LoadedKey)) {}

    fn verify(&self) -> Result<(), Fault> {
        self.entry().map(|_| ())
    }

    fn require(&self, changes: &mut Changes) {
        if let Some((path, version)) = &self.listed {
            changes.require(path.clone(), *version);
        }
        if let Some(entry) = &self.entry {
            changes.require(entry.stored().place(), entry.version());
        }
    }
}

/// A name that a new user, group, role or managed policy is to have.
pub(crate) struct NewName<S> {
    name: IamName,
    path: IamPath,
    kind: PhantomData<fn() -> S>,
}

impl<S: Stored> NewName<S> {
    /// The name, under a path or the default one.
    ///
    /// # Errors
    /// What the model's patterns should not have let pass.
    pub(crate) fn new(name: &str, path: Option<&str>) -> Result<Self, Fault> {
        Ok(Self::of(parse_name(name)?, parse_path(path)?.unwrap_or_default()))
    }

    /// The name, under a path.
    pub(crate) const fn of(name: IamName, path: IamPath) -> Self {
        Self { name, path, kind: PhantomData }
    }
}

/// A name, and whether it is free.
pub(crate) struct FreeName<S> {
    /// The name.
    pub(crate) name: IamName,
    /// The path to go with it.
    pub(crate) path: IamPath,
    /// The ARN that whoever gets it will have.
    pub(crate) arn: String,
    /// Where the name is listed.
    pub(crate) listing: Path,
    taken: Option<u64>,
    kind: PhantomData<fn() -> S>,
}

impl<S: Stored> FreeName<S> {
    /// Refuses a name that is taken.
    ///
    /// # Errors
    /// `EntityAlreadyExists`.
    pub(crate) fn require_free(&self) -> Result<(), Fault> {
        if self.taken.is_some() { Err(fault::exists::<S>(self.name.as_str())) } else { Ok(()) }
    }
}

impl<S: Stored> Target for NewName<S> {
    type Loaded = FreeName<S>;

    async fn load(&self, place: &Place<'_>) -> Result<FreeName<S>, Fault> {
        let account = place.account();
        let listing = Path::entity_name(account, S::KIND, &self.name);
        let taken = place.records.get::<NameEntry>(&listing).await?.map(|entry| entry.version);
        let (name, path) = (self.name.clone(), self.path.clone());
        let arn = entity_arn(account, S::KIND, &path, name.as_str());
        Ok(FreeName { name, path, arn, listing, taken, kind: PhantomData })
    }
}

impl<S: Stored> Subject for FreeName<S> {
    fn keys<'a>(&'a self, _: &mut dyn FnMut(&'a LoadedKey)) {}

    fn require(&self, changes: &mut Changes) {
        changes.require(self.listing.clone(), self.taken.unwrap_or_default());
    }
}

/// A name of an input.
///
/// # Errors
/// What the model's pattern should not have let pass.
pub(crate) fn parse_name(text: &str) -> Result<IamName, Fault> {
    text.parse().map_err(|_| {
        Fault::validation("The specified value for the name is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-")
    })
}

/// A path of an input, if it has one.
///
/// # Errors
/// A path with other characters, or without a slash at either end.
pub(crate) fn parse_path(text: Option<&str>) -> Result<Option<IamPath>, Fault> {
    let path = text.map(str::parse).transpose();
    path.map_err(|_| {
        Fault::validation("The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.")
    })
}
