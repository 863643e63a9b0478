//! Where each record lives: readable paths in one ordered space.
//!
//! ```text
//! /ACCOUNT/REGION/key/KEY                    key record
//! /ACCOUNT/REGION/material/KEY/MATERIAL      one key material
//! /ACCOUNT/REGION/alias/alias/NAME           alias record
//! /ACCOUNT/REGION/key-alias/KEY/alias/NAME   the aliases of a key, by key
//! /ACCOUNT/REGION/grant/KEY/GRANTEE/GRANT    grant record; the id of a grant ends in its GRANTEE
//! /ACCOUNT/REGION/grant-name/KEY/TAG         the grant that was made with a name and the same all else
//! /ACCOUNT/REGION/retirable/PRINCIPAL/KEYACCOUNT.KEY.GRANT
//!                                            the grants that a principal may retire
//! /ACCOUNT/REGION/usage/KEY                  when a key was last used
//! /due/TIME/ACCOUNT/REGION/KEY               what is to be done to a key, by time
//! /untold/EVENT                              something the audit trail is still to be told of
//! /credential/ACCESS-KEY-ID                  access key
//! /account/ACCOUNT                           account record
//! /iam/ACCOUNT/KIND/ID                       user, role, group or managed policy
//! /iam/ACCOUNT/KIND-name/NAME                its id; the name in lower case
//! /iam/ACCOUNT/provider/HOST/PATH            OpenID Connect provider
//! /iam/ACCOUNT/member/GROUP/USER             the users of a group
//! /iam/ACCOUNT/attached/POLICY/KIND/ID       who has a managed policy
//! /iam/ACCOUNT/attached/POLICY/boundary/KIND/ID   who has it as boundary
//! /iam/ACCOUNT/access-key/OWNER/ACCESS-KEY-ID     the access keys of a user, or of root
//! /iam/ACCOUNT/last-signed/ID                when an access key or role, by id, last signed a request
//! ```
//! KIND is `user`, `role`, `group` or `policy`. Identities belong to no Region.
//! A path is authenticated with the record it holds, so a record cannot be moved to another one.

use std::fmt;

use jiff::Timestamp;

use crate::{
    AccountId, AliasName, GrantId, IamName, IdKind, KeyArn, KeyId, MaterialId, Owner, PathTag, Region,
    UniqueId,
};

const DUE: &str = "/due/";
const UNTOLD: &str = "/untold/";

/// An entry of the index of what is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// From when on.
    pub time: Timestamp,
    /// To which key.
    pub key: KeyArn,
}

/// The place of one record.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(String);

impl Path {
    /// The record of a key.
    #[must_use]
    pub fn key(account: AccountId, region: &Region, id: &KeyId) -> Self {
        Self(format!("/{account}/{region}/key/{id}"))
    }

    /// One material of a key.
    #[must_use]
    pub fn material(account: AccountId, region: &Region, key: &KeyId, material: &MaterialId) -> Self {
        Self(format!("/{account}/{region}/material/{key}/{material}"))
    }

    /// The record of an alias.
    #[must_use]
    pub fn alias(account: AccountId, region: &Region, name: &AliasName) -> Self {
        Self(format!("/{account}/{region}/alias/{name}"))
    }

    /// The entry that lists an alias under its key.
    #[must_use]
    pub fn key_alias(account: AccountId, region: &Region, key: &KeyId, name: &AliasName) -> Self {
        Self(format!("/{account}/{region}/key-alias/{key}/{name}"))
    }

    /// The record of a grant.
    #[must_use]
    pub fn grant(key: &KeyArn, id: &GrantId) -> Self {
        let KeyArn { region, account, id: key } = key;
        Self(format!("/{account}/{region}/grant/{key}/{}/{id}", id.grantee()))
    }

    /// The entry that finds a grant again by its name and all else it was made with, `tag`.
    #[must_use]
    pub fn grant_name(key: &KeyArn, tag: PathTag) -> Self {
        let KeyArn { region, account, id: key } = key;
        Self(format!("/{account}/{region}/grant-name/{key}/{tag}"))
    }

    /// The entry that lists a grant under the principal, of `account`, who may retire it.
    #[must_use]
    pub fn retirable(account: AccountId, principal: PathTag, key: &KeyArn, grant: &GrantId) -> Self {
        Self(format!("/{account}/{}/retirable/{principal}/{}.{}.{grant}", key.region, key.account, key.id))
    }

    /// The record of when a key was last used.
    #[must_use]
    pub fn usage(account: AccountId, region: &Region, key: &KeyId) -> Self {
        Self(format!("/{account}/{region}/usage/{key}"))
    }

    /// The entry that lists a key under the time at which something is to be done to it. All times
    /// have the same number of digits, so the order of paths is that of time.
    #[must_use]
    pub fn due(due: &Due) -> Self {
        let KeyArn { account, region, id } = &due.key;
        Self(format!("{DUE}{:.9}/{account}/{region}/{id}", due.time))
    }

    /// What an entry of [`Path::due`] says; `None` when the path is not one.
    #[must_use]
    pub fn as_due(&self) -> Option<Due> {
        let mut parts = self.0.strip_prefix(DUE)?.split('/');
        let time = parts.next()?.parse().ok()?;
        let (account, region, id) = (parts.next()?, parts.next()?, parts.next()?);
        let key =
            KeyArn { account: account.parse().ok()?, region: region.parse().ok()?, id: id.parse().ok()? };
        parts.next().is_none().then_some(Due { time, key })
    }

    /// The record of an access key. The id is the caller's text and is not trusted: bytes that a
    /// path gives a meaning to are never part of a valid one, so such an id has no path.
    #[must_use]
    pub fn credential(access_key_id: &str) -> Option<Self> {
        let legal = !access_key_id.is_empty()
            && access_key_id.len() <= 128
            && access_key_id.bytes().all(|b| b.is_ascii_alphanumeric());
        legal.then(|| Self(format!("/credential/{access_key_id}")))
    }

    /// The record of an account.
    #[must_use]
    pub fn account(account: AccountId) -> Self {
        Self(format!("/account/{account}"))
    }

    /// The record of a user, role, group or managed policy.
    #[must_use]
    pub fn entity(account: AccountId, id: &UniqueId) -> Self {
        Self(format!("/iam/{account}/{}/{id}", id.kind().as_str()))
    }

    /// The entry that says whose a name is.
    #[must_use]
    pub fn entity_name(account: AccountId, kind: IdKind, name: &IamName) -> Self {
        Self(format!("/iam/{account}/{}-name/{}", kind.as_str(), name.folded()))
    }

    /// The record of an OpenID Connect provider, by its URL without the scheme.
    #[must_use]
    pub fn provider(account: AccountId, url: &str) -> Self {
        Self(format!("/iam/{account}/provider/{url}"))
    }

    /// The entry that lists a user under a group.
    #[must_use]
    pub fn member(account: AccountId, group: &UniqueId, user: &UniqueId) -> Self {
        Self(format!("/iam/{account}/member/{group}/{user}"))
    }

    /// The entry that lists a user, role or group under a managed policy that it has.
    #[must_use]
    pub fn attached(account: AccountId, policy: &UniqueId, to: &UniqueId) -> Self {
        Self(format!("/iam/{account}/attached/{policy}/{}/{to}", to.kind().as_str()))
    }

    /// The entry that lists a user or role under the managed policy that bounds it.
    #[must_use]
    pub fn bounded(account: AccountId, policy: &UniqueId, to: &UniqueId) -> Self {
        Self(format!("/iam/{account}/attached/{policy}/boundary/{}/{to}", to.kind().as_str()))
    }

    /// The entry that lists an access key under its owner.
    #[must_use]
    pub fn access_key(owner: &Owner, access_key_id: &str) -> Self {
        Self(format!("/iam/{}/access-key/{}/{access_key_id}", owner.account, owner.id()))
    }

    /// The note that the audit trail is still to be told of something, by the id of the event.
    #[must_use]
    pub fn untold(event: &str) -> Self {
        Self(format!("{UNTOLD}{event}"))
    }

    /// The record of when an access key or role, by id, last signed a request.
    #[must_use]
    pub fn last_signed(account: AccountId, id: &str) -> Self {
        Self(format!("/iam/{account}/last-signed/{id}"))
    }

    /// A path of the store's own bookkeeping, such as `/meta/format`.
    #[must_use]
    pub fn meta(name: &'static str) -> Self {
        Self(format!("/meta/{name}"))
    }

    /// A path read back from a store.
    #[must_use]
    pub const fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What follows `prefix`, when the path starts with it.
    #[must_use]
    pub fn suffix<'a>(&'a self, prefix: &str) -> Option<&'a str> {
        self.0.strip_prefix(prefix)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Path({})", self.0)
    }
}

/// All paths with a common prefix that follow `after`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathRange {
    prefix: String,
    after: Option<String>,
}

impl PathRange {
    /// The keys of an account and Region.
    #[must_use]
    pub fn keys(account: AccountId, region: &Region) -> Self {
        Self::prefix(format!("/{account}/{region}/key/"))
    }

    /// The aliases of an account and Region.
    #[must_use]
    pub fn aliases(account: AccountId, region: &Region) -> Self {
        Self::prefix(format!("/{account}/{region}/alias/"))
    }

    /// The aliases that point at one key.
    #[must_use]
    pub fn aliases_of(account: AccountId, region: &Region, key: &KeyId) -> Self {
        Self::prefix(format!("/{account}/{region}/key-alias/{key}/"))
    }

    /// The grants of a key.
    #[must_use]
    pub fn grants(key: &KeyArn) -> Self {
        Self::prefix(format!("/{}/{}/grant/{}/", key.account, key.region, key.id))
    }

    /// The grants of a key for one grantee.
    #[must_use]
    pub fn grants_for(key: &KeyArn, grantee: PathTag) -> Self {
        Self::prefix(format!("/{}/{}/grant/{}/{grantee}/", key.account, key.region, key.id))
    }

    /// The names of a key's grants.
    #[must_use]
    pub fn grant_names(key: &KeyArn) -> Self {
        Self::prefix(format!("/{}/{}/grant-name/{}/", key.account, key.region, key.id))
    }

    /// What a principal of `account` may retire.
    #[must_use]
    pub fn retirable(account: AccountId, region: &Region, principal: PathTag) -> Self {
        Self::prefix(format!("/{account}/{region}/retirable/{principal}/"))
    }

    /// Every account.
    #[must_use]
    pub fn accounts() -> Self {
        Self::prefix("/account/".to_owned())
    }

    /// The users, roles, groups or managed policies of an account, by id.
    #[must_use]
    pub fn entities(account: AccountId, kind: IdKind) -> Self {
        Self::prefix(format!("/iam/{account}/{}/", kind.as_str()))
    }

    /// The names of the users, roles, groups or managed policies of an account.
    #[must_use]
    pub fn entity_names(account: AccountId, kind: IdKind) -> Self {
        Self::prefix(format!("/iam/{account}/{}-name/", kind.as_str()))
    }

    /// The OpenID Connect providers of an account.
    #[must_use]
    pub fn providers(account: AccountId) -> Self {
        Self::prefix(format!("/iam/{account}/provider/"))
    }

    /// The users of a group.
    #[must_use]
    pub fn members(account: AccountId, group: &UniqueId) -> Self {
        Self::prefix(format!("/iam/{account}/member/{group}/"))
    }

    /// The users, roles or groups that have a managed policy.
    #[must_use]
    pub fn attached(account: AccountId, policy: &UniqueId, kind: IdKind) -> Self {
        Self::prefix(format!("/iam/{account}/attached/{policy}/{}/", kind.as_str()))
    }

    /// The users or roles that a managed policy bounds.
    #[must_use]
    pub fn bounded(account: AccountId, policy: &UniqueId, kind: IdKind) -> Self {
        Self::prefix(format!("/iam/{account}/attached/{policy}/boundary/{}/", kind.as_str()))
    }

    /// All that have a managed policy, as boundary or otherwise.
    #[must_use]
    pub fn uses(account: AccountId, policy: &UniqueId) -> Self {
        Self::prefix(format!("/iam/{account}/attached/{policy}/"))
    }

    /// The access keys of a user, or of the root user.
    #[must_use]
    pub fn access_keys(owner: &Owner) -> Self {
        Self::prefix(format!("/iam/{}/access-key/{}/", owner.account, owner.id()))
    }

    /// What is due, in the order of time.
    #[must_use]
    pub fn due() -> Self {
        Self::prefix(DUE.to_owned())
    }

    /// What the audit trail is still to be told of.
    #[must_use]
    pub fn untold() -> Self {
        Self::prefix(UNTOLD.to_owned())
    }

    /// Every access key.
    #[must_use]
    pub fn credentials() -> Self {
        Self::prefix("/credential/".to_owned())
    }

    /// Everything.
    #[must_use]
    pub fn all() -> Self {
        Self::prefix("/".to_owned())
    }

    fn prefix(prefix: String) -> Self {
        Self { prefix, after: None }
    }

    /// The part of the range behind the path that ends in `suffix`; that path itself need not
    /// exist any more, so a listing goes on where it stopped whatever was deleted meanwhile.
    #[must_use]
    pub fn after(mut self, suffix: &str) -> Self {
        self.after = Some(format!("{}{suffix}", self.prefix));
        self
    }

    /// The common prefix.
    #[must_use]
    pub fn common_prefix(&self) -> &str {
        &self.prefix
    }

    /// The path the range starts behind, if it does not start with the prefix.
    #[must_use]
    pub fn start_after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// The first text behind every path with the prefix: the prefix with its last byte raised.
    /// Prefixes end in `/`, so the last byte can always be raised within ASCII.
    #[must_use]
    pub fn end(&self) -> String {
        let mut end = self.prefix.clone();
        end.pop();
        end.push('0'); // the byte after `/`
        end
    }

    /// Whether `path` lies in the range.
    #[must_use]
    pub fn contains(&self, path: &str) -> bool {
        path.starts_with(&self.prefix) && self.after.as_deref().is_none_or(|after| path > after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_covers_its_prefix_and_no_more() {
        let range = PathRange::credentials();
        assert_eq!(range.end(), "/credential0");
        assert!(range.contains("/credential/AKIA") && !range.contains("/credential0"));
        let rest = range.after("AKIA");
        assert!(!rest.contains("/credential/AKIA") && rest.contains("/credential/AKIB"));
    }

    #[test]
    fn identities_lie_where_the_page_says() {
        let account = AccountId::from_number(7).unwrap();
        let user: UniqueId = "AIDAAAAAAAAAAAAAAAAAA".parse().unwrap();
        let policy: UniqueId = "ANPAAAAAAAAAAAAAAAAAA".parse().unwrap();
        let name = "Alice".parse().unwrap();
        let at = |path: Path| path.as_str().to_owned();
        assert_eq!(at(Path::entity(account, &user)), format!("/iam/000000000007/user/{user}"));
        assert_eq!(at(Path::entity_name(account, IdKind::User, &name)), "/iam/000000000007/user-name/alice");
        let attached = at(Path::attached(account, &policy, &user));
        assert_eq!(attached, format!("/iam/000000000007/attached/{policy}/user/{user}"));
        assert!(PathRange::attached(account, &policy, IdKind::User).contains(&attached));
        let bounded = at(Path::bounded(account, &policy, &user));
        assert!(PathRange::bounded(account, &policy, IdKind::User).contains(&bounded));
        assert!(!PathRange::attached(account, &policy, IdKind::User).contains(&bounded));
        let key = at(Path::access_key(&Owner::root(account), "AKIA"));
        assert_eq!(key, "/iam/000000000007/access-key/000000000007/AKIA");
        assert!(PathRange::access_keys(&Owner::root(account)).contains(&key));
    }

    #[test]
    fn what_is_due_is_in_the_order_of_time() {
        let id = KeyId::single_region([7; 16]);
        let key =
            KeyArn { region: "us-east-1".parse().unwrap(), account: AccountId::from_number(1).unwrap(), id };
        let path = |time: &str| Path::due(&Due { time: time.parse().unwrap(), key: key.clone() });
        let first = path("2026-01-01T00:00:00Z");
        assert_eq!(
            first.as_str(),
            format!("/due/2026-01-01T00:00:00.000000000Z/000000000001/us-east-1/{id}")
        );
        let second = path("2026-01-01T00:00:00.000000001Z");
        assert!(first < second && second < path("2026-01-01T00:00:02Z"));
        let due = second.as_due().unwrap();
        assert_eq!((due.time.as_nanosecond() % 1000, due.key), (1, key.clone()));
        for bad in ["/due/", "/due/x/000000000001/us-east-1/y", "/credential/AKIA"] {
            assert_eq!(Path::from_stored(bad.to_owned()).as_due(), None, "{bad}");
        }
        assert_eq!(path("9999-12-30T22:00:00.9Z").as_due().map(|due| due.key), Some(key));
    }

    #[test]
    fn an_access_key_id_cannot_leave_its_place() {
        for bad in ["", "../x", "a/b", "a%2f", &"A".repeat(129)] {
            assert_eq!(Path::credential(bad), None, "{bad}");
        }
    }
}
