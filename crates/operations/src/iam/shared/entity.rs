//! What users, groups, roles and managed policies have in common.

use serde::Serialize;
use trent_domain::{
    AccountId, Group, IamName, IamPath, IdKind, IdentityPolicies, ManagedPolicy, Path, Role, Tags, UniqueId,
    User,
};
use trent_engine::{GroupEntry, ManagedPolicyEntry, Record, RoleEntry, UserEntry};

/// The stored record of something that has a name in its account.
pub(crate) trait Stored: Clone + PartialEq + Serialize + Send + Sync + 'static {
    /// What it is.
    const KIND: IdKind;
    /// What messages call it, with a small letter.
    const NOUN: &'static str;
    /// What inputs call its name.
    const MEMBER: &'static str;
    /// How many an account may have, and what the API calls that quota.
    const QUOTA: (usize, &'static str);

    /// The account it belongs to.
    fn account(&self) -> AccountId;
    /// Its unique id.
    fn id(&self) -> &UniqueId;
    /// Its name.
    fn name(&self) -> &IamName;
    /// Gives it another name.
    fn rename(&mut self, name: IamName);
    /// Its path.
    fn path(&self) -> &IamPath;
    /// Gives it another path.
    fn refile(&mut self, path: IamPath);
    /// Its ARN.
    fn arn(&self) -> String;
    /// Where its record lies.
    fn place(&self) -> Path {
        Path::entity(self.account(), self.id())
    }
    /// Its tags, if its kind has any.
    fn tags(&self) -> Option<&Tags> {
        None
    }
    /// Its permissions boundary, if its kind has one and one is set.
    fn boundary(&self) -> Option<&str> {
        None
    }
}

/// Something that has tags.
pub(crate) trait Tagged: Stored {
    /// Its tags, to be changed.
    fn tags_mut(&mut self) -> &mut Tags;
}

/// Something that has policies: a user, group or role.
pub(crate) trait Holder: Stored {
    /// How many bytes its inline policies may have together, white space not counted.
    const INLINE_BYTES: usize;
    /// What the API calls the quota of attached policies.
    const ATTACHED_QUOTA: &'static str;

    /// Its policies.
    fn policies(&self) -> &IdentityPolicies;
    /// Its policies, to be changed.
    fn policies_mut(&mut self) -> &mut IdentityPolicies;
}

/// Something that a permissions boundary can be set for: a user or role.
pub(crate) trait Bounded: Holder {
    /// Its permissions boundary, to be changed.
    fn boundary_mut(&mut self) -> &mut Option<String>;
}

/// A record in memory.
pub(crate) trait Entity: Record {
    /// The record.
    type Stored: Stored;

    /// The record.
    fn stored(&self) -> &Self::Stored;
    /// Its version.
    fn version(&self) -> u64;
}

macro_rules! stored {
    ($record:ident, $kind:ident, $noun:literal, $member:literal, $quota:expr $(, $extra:item)*) => {
        impl Stored for $record {
            const KIND: IdKind = IdKind::$kind;
            const NOUN: &'static str = $noun;
            const MEMBER: &'static str = $member;
            const QUOTA: (usize, &'static str) = $quota;

            fn account(&self) -> AccountId {
                self.account
            }
            fn id(&self) -> &UniqueId {
                &self.id
            }
            fn name(&self) -> &IamName {
                &self.name
            }
            fn rename(&mut self, name: IamName) {
                self.name = name;
            }
            fn path(&self) -> &IamPath {
                &self.path
            }
            fn refile(&mut self, path: IamPath) {
                self.path = path;
            }
            fn arn(&self) -> String {
                $record::arn(self)
            }
            $($extra)*
        }
    };
}

stored!(
    User,
    User,
    "user",
    "UserName",
    (5000, "UsersPerAccount"),
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    },
    fn boundary(&self) -> Option<&str> {
        self.boundary.as_deref()
    }
);
stored!(
    Role,
    Role,
    "role",
    "RoleName",
    (1000, "RolesPerAccount"),
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    },
    fn boundary(&self) -> Option<&str> {
        self.boundary.as_deref()
    }
);
stored!(Group, Group, "group", "GroupName", (300, "GroupsPerAccount"));
stored!(
    ManagedPolicy,
    Policy,
    "policy",
    "PolicyName",
    (1500, "PoliciesPerAccount"),
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }
);

macro_rules! tagged {
    ($($record:ident),+) => {$(
        impl Tagged for $record {
            fn tags_mut(&mut self) -> &mut Tags {
                &mut self.tags
            }
        }
    )+};
}
tagged!(User, Role, ManagedPolicy);

macro_rules! holder {
    ($($record:ident: $bytes:literal, $quota:literal);+) => {$(
        impl Holder for $record {
            const INLINE_BYTES: usize = $bytes;
            const ATTACHED_QUOTA: &'static str = $quota;

            fn policies(&self) -> &IdentityPolicies {
                &self.policies
            }
            fn policies_mut(&mut self) -> &mut IdentityPolicies {
                &mut self.policies
            }
        }
    )+};
}
holder!(
    User: 2048, "PoliciesPerUser";
    Group: 5120, "PoliciesPerGroup";
    Role: 10240, "PoliciesPerRole"
);

macro_rules! bounded {
    ($($record:ident),+) => {$(
        impl Bounded for $record {
            fn boundary_mut(&mut self) -> &mut Option<String> {
                &mut self.boundary
            }
        }
    )+};
}
bounded!(User, Role);

macro_rules! entity {
    ($($entry:ident, $record:ident, $member:ident);+) => {$(
        impl Entity for $entry {
            type Stored = $record;

            fn stored(&self) -> &$record {
                &self.$member
            }
            fn version(&self) -> u64 {
                self.version
            }
        }
    )+};
}
entity!(
    UserEntry, User, user;
    GroupEntry, Group, group;
    RoleEntry, Role, role;
    ManagedPolicyEntry, ManagedPolicy, policy
);
