//! Whom grants reach, and what they permit.

use std::borrow::Cow;
use std::collections::BTreeMap;

use trent_domain::{AccountId, Grant, GrantConstraints, GrantOperation, KeyArn, PathRange};
use trent_policy::{Caller, Identity};

use super::index::GrantsFor;
use super::principal_tag;
use crate::{Records, StoreError};

/// What is asked of grants.
pub(crate) struct Wish<'a> {
    pub(crate) operation: GrantOperation,
    pub(crate) context: Option<&'a BTreeMap<String, String>>,
    pub(crate) source_arn: Option<&'a str>,
    /// What is to be granted in turn, when the operation is CreateGrant.
    pub(crate) proposal: Option<&'a Proposal<'a>>,
}

/// A grant that is asked for.
pub struct Proposal<'a> {
    /// What it would permit.
    pub operations: Cow<'a, [GrantOperation]>,
    /// Under which conditions.
    pub constraints: Cow<'a, GrantConstraints>,
}

impl Wish<'_> {
    pub(super) fn is_granted_by(&self, grant: &Grant) -> bool {
        let covers = |asked: &Proposal<'_>| grant.covers(&asked.operations, &asked.constraints);
        grant.operations.contains(&self.operation)
            && grant.constraints.admit(self.operation, self.context, self.source_arn)
            && (self.operation != GrantOperation::CreateGrant || self.proposal.is_some_and(covers))
    }
}

/// Whether a grant on `key` permits an identity of `account` what it wishes. `identity_allows` says
/// whether its own policies would: what was granted to its account needs that.
pub(crate) async fn permit(
    records: &Records,
    (caller, identity_allows): (&Caller, bool),
    key: &KeyArn,
    wish: &Wish<'_>,
) -> Result<bool, StoreError> {
    for name in names(caller) {
        if name.needs_identity && !identity_allows {
            continue;
        }
        let range = PathRange::grants_for(key, principal_tag(records, &name.text));
        if records.among(&range, |grants: &GrantsFor| grants.permit(wish)).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a caller is one of those who may retire a grant. Whose account is in that place must have
/// its identity policies allow it besides.
pub(crate) fn may_retire(caller: &Caller, identity_allows: bool, grant: &Grant) -> bool {
    let grantee = grant.operations.contains(&GrantOperation::RetireGrant).then_some(&grant.grantee);
    let parties = [grant.retiring.as_ref(), grantee];
    let named = names(caller).into_iter().any(|name| {
        let is_party = parties.iter().flatten().any(|party| party.name() == name.text);
        is_party && (identity_allows || !name.needs_identity)
    });
    named || (identity_allows && issued(caller, grant.issuer))
}

fn issued(caller: &Caller, issuer: AccountId) -> bool {
    let belongs = !matches!(caller.identity, Identity::Service { .. } | Identity::Provider { .. });
    belongs && caller.account == issuer
}

/// A name by which a grant reaches a caller.
struct Name<'a> {
    text: Cow<'a, str>,
    /// Whether it is that of the account, which stands for an identity only as far as its own
    /// policies go.
    needs_identity: bool,
}

/// All names by which grants reach a caller.
fn names(caller: &Caller) -> Vec<Name<'_>> {
    let own: [Option<&str>; 2] = match &caller.identity {
        Identity::Root | Identity::Provider { .. } => [None, None],
        Identity::User { id, .. } => [Some(id), None],
        Identity::Session { arn, role_id, .. } => [Some(role_id), Some(arn)],
        Identity::FederatedUser { arn, user } => [Some(arn), user.as_ref().map(|user| user.id.as_str())],
        Identity::Service { name } => [Some(name), None],
    };
    let own = own.into_iter().flatten().map(|text| Name { text: text.into(), needs_identity: false });
    let belongs = !matches!(caller.identity, Identity::Service { .. } | Identity::Provider { .. });
    let account = belongs.then(|| Name { text: caller.account.root_arn().into(), needs_identity: true });
    own.chain(account).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use trent_domain::{GrantId, GrantPrincipal, PathTag};
    use trent_policy::FederatingUser;

    const OWN: &str = "111122223333";
    const OTHER: &str = "444455556666";
    const USER: &str = "AIDAEXAMPLEEXAMPLE01";
    const ROLE: &str = "AROAEXAMPLEEXAMPLE01";
    const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/r/s";
    const FEDERATED: &str = "arn:aws:sts::111122223333:federated-user/f";
    const ROOT: &str = "arn:aws:iam::111122223333:root";

    fn caller(identity: Identity) -> Caller {
        Caller { account: OWN.parse().unwrap(), identity }
    }

    fn user() -> Caller {
        caller(Identity::User { arn: "arn:aws:iam::111122223333:user/u".to_owned(), id: USER.to_owned() })
    }

    fn session() -> Caller {
        caller(Identity::Session {
            arn: SESSION.to_owned(),
            role_arn: "arn:aws:iam::111122223333:role/p/r".to_owned(),
            role_id: ROLE.to_owned(),
        })
    }

    fn federated(by: Option<&str>) -> Caller {
        let user = by.map(|id| FederatingUser { arn: String::new(), id: id.to_owned() });
        caller(Identity::FederatedUser { arn: FEDERATED.to_owned(), user })
    }

    fn service() -> Caller {
        caller(Identity::Service { name: "a.amazonaws.com".to_owned() })
    }

    fn provider() -> Caller {
        caller(Identity::Provider { arn: "arn:aws:iam::111122223333:oidc-provider/p".to_owned() })
    }

    #[test]
    fn grants_reach_a_caller_by_these_names() {
        let cases: [(Caller, &[(&str, bool)]); 7] = [
            (caller(Identity::Root), &[(ROOT, true)]),
            (user(), &[(USER, false), (ROOT, true)]),
            (session(), &[(ROLE, false), (SESSION, false), (ROOT, true)]),
            (federated(Some(USER)), &[(FEDERATED, false), (USER, false), (ROOT, true)]),
            (federated(None), &[(FEDERATED, false), (ROOT, true)]),
            (service(), &[("a.amazonaws.com", false)]),
            (provider(), &[]),
        ];
        for (caller, expected) in cases {
            let names = names(&caller);
            let names: Vec<_> = names.iter().map(|name| (&*name.text, name.needs_identity)).collect();
            assert_eq!(names, expected, "{caller:?}");
        }
    }

    fn grant(grantee: &str, retiring: Option<&str>, issuer: &str, operations: &[GrantOperation]) -> Grant {
        let identity =
            |name: &str| GrantPrincipal::Identity { name: name.to_owned(), account: OWN.parse().unwrap() };
        Grant {
            id: GrantId::new([1; 16], PathTag::from_bytes([0; 16])),
            account: OTHER.parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
            key: "1234abcd-12ab-34cd-56ef-1234567890ab".parse().unwrap(),
            grantee: identity(grantee),
            retiring: retiring.map(identity),
            issuer: issuer.parse().unwrap(),
            name: None,
            operations: operations.to_vec(),
            constraints: GrantConstraints::default(),
            created: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    /// Whether a caller may retire a grant, without and with an identity policy that allows it.
    fn may(caller: &Caller, grant: &Grant) -> (bool, bool) {
        (may_retire(caller, false, grant), may_retire(caller, true, grant))
    }

    #[test]
    fn a_grant_is_retired_by_those_it_names() {
        use GrantOperation::{Encrypt, RetireGrant};
        let (never, delegated, always) = ((false, false), (false, true), (true, true));
        let retiring = |name| grant("x", Some(name), OTHER, &[RetireGrant]);
        assert_eq!(may(&user(), &retiring(USER)), always);
        assert_eq!(may(&session(), &retiring(ROLE)), always);
        assert_eq!(may(&session(), &retiring(SESSION)), always);
        assert_eq!(may(&service(), &retiring("a.amazonaws.com")), always);
        assert_eq!(may(&session(), &retiring(USER)), never);
        assert_eq!(may(&user(), &retiring(ROOT)), delegated);
        assert_eq!(may(&user(), &grant(USER, None, OTHER, &[RetireGrant])), always);
        assert_eq!(may(&user(), &grant(ROOT, None, OTHER, &[RetireGrant])), delegated);
        assert_eq!(may(&user(), &grant(USER, None, OTHER, &[Encrypt])), never);
        assert_eq!(may(&user(), &grant("x", None, OWN, &[Encrypt])), delegated);
        assert_eq!(may(&service(), &grant("x", None, OWN, &[Encrypt])), never);
        assert_eq!(may(&provider(), &grant("x", None, OWN, &[Encrypt])), never);
    }
}
