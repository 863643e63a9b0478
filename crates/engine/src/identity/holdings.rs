//! The identity policies of somebody with where they come from, for those who show or simulate them.

use std::sync::Arc;

use trent_domain::{AccountId, IdKind};
use trent_policy::Document;

use super::own::{Collect, Gathering, Origin};
use super::{GroupEntry, RoleEntry, UserEntry};
use crate::{Fault, Records};

/// What somebody is allowed by identity policies, and what bounds it: gathered as for a request.
pub struct Holdings {
    /// The policies, in the order in which they are asked.
    pub identity: Vec<HeldPolicy>,
    /// The permissions boundary.
    pub boundary: Option<Arc<Document>>,
}

/// An identity policy of somebody.
pub struct HeldPolicy {
    /// Where it hangs.
    pub origin: PolicyOrigin,
    /// What it says.
    pub document: Arc<Document>,
}

/// Where an identity policy hangs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyOrigin {
    /// On its holder.
    Inline {
        /// Whether that is a user, a group or a role.
        kind: IdKind,
        /// What the holder is called.
        holder: String,
        /// What the policy is called.
        name: String,
    },
    /// A managed policy, by ARN.
    Managed(String),
}

impl Holdings {
    /// Those of a user, of its groups too.
    ///
    /// # Errors
    /// When records cannot be read, or a policy is deleted meanwhile.
    pub async fn of_user(entry: &UserEntry, records: &Records) -> Result<Self, Fault> {
        let gathering = gathering(entry.user.account, records);
        let mut identity = Vec::new();
        gathering.of_user(entry, &mut identity).await?;
        Ok(Self { identity, boundary: gathering.boundary(entry.user.boundary.as_deref()).await? })
    }

    /// Those of a group.
    ///
    /// # Errors
    /// As [`Holdings::of_user`].
    pub async fn of_group(entry: &GroupEntry, records: &Records) -> Result<Self, Fault> {
        let mut identity = Vec::new();
        gathering(entry.group.account, records).of_group(entry, &mut identity).await?;
        Ok(Self { identity, boundary: None })
    }

    /// Those of a role.
    ///
    /// # Errors
    /// As [`Holdings::of_user`].
    pub async fn of_role(entry: &RoleEntry, records: &Records) -> Result<Self, Fault> {
        let gathering = gathering(entry.role.account, records);
        let mut identity = Vec::new();
        gathering.of_role(entry, &mut identity).await?;
        Ok(Self { identity, boundary: gathering.boundary(entry.role.boundary.as_deref()).await? })
    }
}

const fn gathering(account: AccountId, records: &Records) -> Gathering<'_> {
    Gathering { records, account }
}

impl Collect for Vec<HeldPolicy> {
    fn take(&mut self, origin: Origin<'_>, document: Arc<Document>) {
        let origin = match origin {
            Origin::Inline { kind, holder, name } => {
                PolicyOrigin::Inline { kind, holder: holder.to_string(), name: name.to_owned() }
            }
            Origin::Managed(arn) => PolicyOrigin::Managed(arn.to_owned()),
        };
        self.push(HeldPolicy { origin, document });
    }
}
