//! The caller that a simulation makes up, and the condition keys that follow from who it is.

use trent_domain::{AccountId, IdKind, Tags};
use trent_engine::Fault;
use trent_policy::{Caller, Identity};

use crate::iam::shared::holder::{FoundHolder, Holder, HolderArn};

/// A made-up caller.
pub(super) struct SimulatedCaller {
    /// As policies see it.
    pub(super) caller: Caller,
    /// Whether it is a user.
    pub(super) is_user: bool,
    /// Condition keys in lower case, and their values.
    pub(super) facts: Vec<(String, String)>,
}

impl SimulatedCaller {
    /// Somebody of an account of whom no more is said.
    pub(super) const fn nobody(account: AccountId) -> Self {
        let identity = Identity::User { arn: String::new(), id: String::new() };
        Self { caller: Caller { account, identity }, is_user: false, facts: Vec::new() }
    }

    /// Whoever has this ARN, of whom no more is known: it need not exist, and the answer does not
    /// tell whether it does.
    pub(super) fn named(arn: &HolderArn) -> Self {
        let HolderArn { text, account, kind, name } = arn;
        let fact = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let number = account.to_string();
        let mut facts = vec![fact("aws:principalaccount", &number), fact("kms:calleraccount", &number)];
        let mut identity = Identity::User { arn: text.clone(), id: String::new() };
        match kind {
            IdKind::User => facts.extend([
                fact("aws:principalarn", text),
                fact("aws:principaltype", "User"),
                fact("aws:username", name.as_str()),
            ]),
            IdKind::Role => {
                facts.extend([fact("aws:principalarn", text), fact("aws:principaltype", "AssumedRole")]);
                let role_arn = text.clone();
                identity = Identity::Session { arn: String::new(), role_arn, role_id: String::new() };
            }
            // No request comes from a group, so nothing else can be said of who makes it.
            IdKind::Group | IdKind::Policy => {}
        }
        let caller = Caller { account: *account, identity };
        Self { caller, is_user: *kind == IdKind::User, facts }
    }

    /// Somebody who exists, and whom the real caller may simulate: its unique id and tags count, too.
    /// `aws:userid` of a role's session is not known, for it has the name of the session in it.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub(super) fn existing(holder: &FoundHolder) -> Result<Self, Fault> {
        let mut simulated = Self::named(&holder.arn);
        match (&holder.found, &mut simulated.caller.identity) {
            (Holder::User(user), Identity::User { id, .. }) => {
                let user = user.stored()?;
                *id = user.id.to_string();
                simulated.facts.push(("aws:userid".to_owned(), user.id.to_string()));
                simulated.facts.extend(principal_tags(&user.tags));
            }
            (Holder::Role(role), Identity::Session { role_id, .. }) => {
                let role = role.stored()?;
                *role_id = role.id.to_string();
                simulated.facts.extend(principal_tags(&role.tags));
            }
            _ => {}
        }
        Ok(simulated)
    }
}

fn principal_tags(tags: &Tags) -> impl Iterator<Item = (String, String)> {
    let key = |key: &str| format!("aws:principaltag/{}", key.to_lowercase());
    tags.entries().iter().map(move |tag| (key(&tag.key), tag.value.clone()))
}
