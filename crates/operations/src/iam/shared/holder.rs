//! Targets: a user, group or role by ARN.

use trent_domain::{AccountId, Arn, IamName, IdKind, PARTITION};
use trent_engine::{
    Changes, Context, Demand, Fault, GroupEntry, Holdings, LoadedKey, Place, RoleEntry, Subject, Target,
    UserEntry,
};

use super::fault;
use super::named::{Found, Named};

/// The ARN of a user, group or role.
#[derive(Clone)]
pub(crate) struct HolderArn {
    /// As it was given.
    pub(crate) text: String,
    /// The account it names.
    pub(crate) account: AccountId,
    /// What it names there.
    pub(crate) kind: IdKind,
    /// The name, without its path.
    pub(crate) name: IamName,
}

impl HolderArn {
    /// Takes an ARN apart.
    ///
    /// # Errors
    /// `InvalidInput` when it names nobody who can have policies.
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        Self::read(text).ok_or_else(|| {
            fault::invalid_input(format!(
                "Invalid Entity Arn: {text} does not clearly define entity type and name."
            ))
        })
    }

    fn read(text: &str) -> Option<Self> {
        let arn = Arn::parse(text).ok()?;
        let of_iam = arn.partition == PARTITION && arn.service == "iam" && arn.region.is_empty();
        let (kind, named) = arn.resource.split_once('/').filter(|_| of_iam)?;
        let kind = [IdKind::User, IdKind::Group, IdKind::Role].into_iter().find(|k| k.as_str() == kind)?;
        let name = named.rsplit('/').next()?.parse().ok()?;
        Some(Self { text: text.to_owned(), account: arn.account.parse().ok()?, kind, name })
    }
}

/// A user, group or role of the caller's account, by ARN.
pub(crate) struct HolderTarget(HolderArn);

impl HolderTarget {
    /// The one with this ARN.
    ///
    /// # Errors
    /// As [`HolderArn::parse`].
    pub(crate) fn by_arn(text: &str) -> Result<Self, Fault> {
        HolderArn::parse(text).map(Self)
    }
}

/// A user, group or role that was looked for by ARN.
pub(crate) struct FoundHolder {
    /// The ARN.
    pub(crate) arn: HolderArn,
    /// What was found.
    pub(crate) found: Holder,
}

/// One of the three.
pub(crate) enum Holder {
    /// A user.
    User(Found<UserEntry>),
    /// A group.
    Group(Found<GroupEntry>),
    /// A role.
    Role(Found<RoleEntry>),
}

impl FoundHolder {
    /// The demand for `action` on it. Refusals call it by the ARN it was named by.
    pub(crate) fn demand(&self, action: &'static str) -> Demand<'_> {
        let demand = match &self.found {
            Holder::User(user) => user.demand(action),
            Holder::Group(group) => group.demand(action),
            Holder::Role(role) => role.demand(action),
        };
        Demand { called: None, ..demand }
    }

    /// Its policies: a user's with those of its groups.
    ///
    /// # Errors
    /// `NoSuchEntity`, or when records cannot be read.
    pub(crate) async fn holdings(&self, context: &Context<'_>) -> Result<Holdings, Fault> {
        match &self.found {
            Holder::User(user) => Holdings::of_user(user.entry()?, context.records).await,
            Holder::Group(group) => Holdings::of_group(group.entry()?, context.records).await,
            Holder::Role(role) => Holdings::of_role(role.entry()?, context.records).await,
        }
    }
}

impl Target for HolderTarget {
    type Loaded = FoundHolder;

    async fn load(&self, place: &Place<'_>) -> Result<FoundHolder, Fault> {
        let HolderArn { text, account, kind, name } = &self.0;
        if *account != place.account() {
            return Err(fault::invalid_input(format!(
                "Invalid Policy Source Arn: caller's account {} does not have access to policies in account \
                 {account}",
                place.account()
            )));
        }
        let found = match kind {
            IdKind::User => Holder::User(Named::new(name.as_str()).load(place).await?.only_at(text)),
            IdKind::Role => Holder::Role(Named::new(name.as_str()).load(place).await?.only_at(text)),
            IdKind::Group | IdKind::Policy => {
                Holder::Group(Named::new(name.as_str()).load(place).await?.only_at(text))
            }
        };
        Ok(FoundHolder { arn: self.0.clone(), found })
    }
}

impl Subject for FoundHolder {
    fn keys<'a>(&'a self, _: &mut dyn FnMut(&'a LoadedKey)) {}

    fn verify(&self) -> Result<(), Fault> {
        match &self.found {
            Holder::User(user) => user.verify(),
            Holder::Group(group) => group.verify(),
            Holder::Role(role) => role.verify(),
        }
    }

    /// Whoever asks for it changes nothing.
    fn require(&self, _: &mut Changes) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_users_groups_and_roles_have_policies() {
        let read = |text: &str| HolderArn::read(text).map(|arn| (arn.kind, arn.name.to_string()));
        assert_eq!(read("arn:aws:iam::000000000001:user/a/b/C"), Some((IdKind::User, "C".to_owned())));
        assert_eq!(read("arn:aws:iam::000000000001:group/g"), Some((IdKind::Group, "g".to_owned())));
        assert_eq!(read("arn:aws:iam::000000000001:role/r"), Some((IdKind::Role, "r".to_owned())));
        for bad in [
            "arn:aws:iam::000000000001:root",
            "arn:aws:iam::000000000001:user/",
            "arn:aws:iam::000000000001:policy/p",
            "arn:aws:iam::1:user/a",
            "arn:aws:iam:us-east-1:000000000001:user/a",
            "arn:aws:sts::000000000001:assumed-role/r/s",
            "arn:other:iam::000000000001:user/a",
            "user/a",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
