//! The decision: which policies have to agree, and who has the last word.
//!
//! ```text
//!  an explicit Deny anywhere                                     → no
//!  the key is the caller's account's:
//!    the key policy names the caller, or everyone                → yes
//!    it names the caller's role (or federating user)             → if boundary and session agree
//!    it names the caller's account                               → if identity, boundary, session agree
//!  the key is another account's (and the operation may cross):
//!    the key policy names any of these                           → if identity, boundary, session agree
//!  there is no resource with a policy                            → if identity, boundary, session agree
//!  the resource trusts its owner (only simulators ask that)      → if identity, boundary, session agree
//!  otherwise                                                     → no
//! ```

use std::sync::Arc;

use trent_domain::AccountId;

use crate::document::{ResourceVerdict, Verdict};
use crate::principal::Standing;
use crate::reason::{Cause, Reason};
use crate::{Document, Question};

/// The policies that apply.
#[derive(Clone, Copy, Default)]
pub struct PolicySet<'a> {
    /// The policy of the resource: a key policy, or the trust policy of a role.
    pub key_policy: Option<&'a Document>,
    /// The account that owns the resource; none when the caller's own.
    pub key_account: Option<AccountId>,
    /// Whether the operation may be used on a resource of another account.
    pub cross_account: bool,
    /// Whether the owner's identities need nothing of the resource's policy: so it is with every
    /// service but KMS, and but for who may assume a role.
    pub trusts_owner: bool,
    /// The caller's identity policies: its own and those of its groups, or those of the role.
    pub identity: &'a [Arc<Document>],
    /// The permissions boundary, when the caller has one.
    pub boundary: Option<&'a Document>,
    /// The session policies, when the session was made with any; they count as one.
    pub session: Option<&'a [Arc<Document>]>,
}

/// A policy of a [`PolicySet`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyRef {
    /// The policy of the resource.
    Resource,
    /// One of the identity policies, by its place.
    Identity(usize),
    /// The permissions boundary.
    Boundary,
    /// One of the session policies, by its place.
    Session(usize),
}

/// A statement of a [`PolicySet`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StatementRef {
    /// In which policy.
    pub policy: PolicyRef,
    /// Its place there.
    pub index: usize,
}

/// What a permission rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grounds {
    /// A statement of the resource's policy that names the caller.
    Resource(StatementRef),
    /// A statement of the resource's policy, and one of an identity policy (none for the root user).
    Both(StatementRef, Option<StatementRef>),
    /// A statement of an identity policy alone (none for the root user).
    Identity(Option<StatementRef>),
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Allowed.
    Allow(Grounds),
    /// Denied.
    Deny(Reason),
}

/// The answer in a word, as simulators give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Allowed.
    Allowed,
    /// A statement denies.
    ExplicitDeny,
    /// Nothing allows.
    ImplicitDeny,
}

impl Outcome {
    /// `allowed`, `explicitDeny` or `implicitDeny`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::ExplicitDeny => "explicitDeny",
            Self::ImplicitDeny => "implicitDeny",
        }
    }
}

impl Decision {
    /// This in a word.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Allow(_) => Outcome::Allowed,
            Self::Deny(reason) if reason.is_explicit() => Outcome::ExplicitDeny,
            Self::Deny(_) => Outcome::ImplicitDeny,
        }
    }
}

/// Decides.
#[must_use]
pub fn decide(question: &Question<'_>, set: &PolicySet<'_>) -> Decision {
    let resource = set.key_policy.map(|policy| policy.resource_verdict(question)).unwrap_or_default();
    let own = Own::of(&Question { facts: question.facts.own().unwrap_or(question.facts), ..*question }, set);
    let foreign = set.key_account.is_some_and(|owner| owner != question.caller.account)
        && question.caller.identity.has_policies();
    let judgement = Judgement { set, resource, own, foreign };
    match judgement.denied().map_or_else(|| judgement.allowed(), Err) {
        Ok(grounds) => Decision::Allow(grounds),
        Err((cause, at)) => {
            let cause = if foreign { Cause::Unreachable } else { cause };
            Decision::Deny(Reason { cause, at, identity_allows: judgement.own.agree().is_ok() })
        }
    }
}

/// Why not, and the statement that says so.
type Refusal = (Cause, Option<StatementRef>);

/// What the caller's own policies say.
struct Own {
    identity: Voice,
    boundary: Voice,
    session: Voice,
}

/// What one or several policies of one kind say.
#[derive(Clone, Copy)]
enum Voice {
    /// There are none, and none is needed.
    Absent,
    /// None of them speaks of this.
    Silent,
    /// One allows, and none denies.
    Allow(StatementRef),
    /// One denies.
    Deny(StatementRef),
}

impl Own {
    fn of(question: &Question<'_>, set: &PolicySet<'_>) -> Self {
        let absent = if question.caller.identity.is_root() { Voice::Absent } else { Voice::Silent };
        Self {
            identity: Voice::of_all(question, set.identity, PolicyRef::Identity, absent),
            boundary: set.boundary.map_or(Voice::Absent, |boundary| {
                Voice::Silent.heed(&boundary.verdict(question), PolicyRef::Boundary)
            }),
            session: set.session.map_or(Voice::Absent, |session| {
                Voice::of_all(question, session, PolicyRef::Session, Voice::Silent)
            }),
        }
    }

    /// Whether identity policies, boundary and session policies all allow.
    fn agree(&self) -> Result<Option<StatementRef>, Refusal> {
        let grounds = self.identity.or_refuse(Cause::NoIdentityPolicy)?;
        self.limits_agree().map(|()| grounds)
    }

    /// Whether boundary and session policies allow.
    fn limits_agree(&self) -> Result<(), Refusal> {
        self.boundary.or_refuse(Cause::NoBoundary)?;
        self.session.or_refuse(Cause::NoSessionPolicy).map(drop)
    }
}

impl Voice {
    fn of_all(
        question: &Question<'_>,
        policies: &[Arc<Document>],
        name: fn(usize) -> PolicyRef,
        silence: Self,
    ) -> Self {
        let each = policies.iter().enumerate();
        each.fold(silence, |voice, (place, policy)| voice.heed(&policy.verdict(question), name(place)))
    }

    /// This, after a further policy was asked.
    fn heed(self, verdict: &Verdict, policy: PolicyRef) -> Self {
        let at = |index| StatementRef { policy, index };
        match (self, verdict.deny, verdict.allow) {
            (Self::Deny(_), _, _) => self,
            (_, Some(index), _) => Self::Deny(at(index)),
            (Self::Silent | Self::Absent, None, Some(index)) => Self::Allow(at(index)),
            (_, None, _) => self,
        }
    }

    const fn or_refuse(self, cause: Cause) -> Result<Option<StatementRef>, Refusal> {
        match self {
            Self::Absent => Ok(None),
            Self::Allow(at) => Ok(Some(at)),
            Self::Silent => Err((cause, None)),
            Self::Deny(at) => Err((cause, Some(at))),
        }
    }

    const fn denial(self) -> Option<StatementRef> {
        match self {
            Self::Deny(at) => Some(at),
            Self::Absent | Self::Silent | Self::Allow(_) => None,
        }
    }
}

/// Everything that was said, to be weighed.
struct Judgement<'a> {
    set: &'a PolicySet<'a>,
    resource: ResourceVerdict,
    own: Own,
    foreign: bool,
}

impl Judgement<'_> {
    /// An explicit Deny, wherever it is.
    fn denied(&self) -> Option<Refusal> {
        let resource = self.resource.deny.map(of_resource);
        let denials = [
            (Cause::DeniedByResource, resource),
            (Cause::DeniedByIdentity, self.own.identity.denial()),
            (Cause::DeniedByBoundary, self.own.boundary.denial()),
            (Cause::DeniedBySession, self.own.session.denial()),
        ];
        denials.into_iter().find(|(_, at)| at.is_some())
    }

    fn allowed(&self) -> Result<Grounds, Refusal> {
        if self.foreign {
            return self.allowed_across();
        }
        if self.set.key_policy.is_none() {
            return self.own.agree().map(Grounds::Identity);
        }
        match (self.resource.named, self.resource.delegated) {
            (Some((Standing::Direct, index)), _) => Ok(Grounds::Resource(of_resource(index))),
            // What delegation could add is bound by the same limits, and by more.
            (Some((_, index)), _) => self.own.limits_agree().map(|()| Grounds::Resource(of_resource(index))),
            (None, Some(index)) => self.own.agree().map(|own| Grounds::Both(of_resource(index), own)),
            (None, None) if self.set.trusts_owner => self.own.agree().map(Grounds::Identity),
            (None, None) => Err((Cause::NoResourcePolicy, None)),
        }
    }

    fn allowed_across(&self) -> Result<Grounds, Refusal> {
        let named = self.resource.named.map(|(_, index)| index).or(self.resource.delegated);
        match named {
            Some(index) if self.set.cross_account => {
                self.own.agree().map(|own| Grounds::Both(of_resource(index), own))
            }
            _ => Err((Cause::NoResourcePolicy, None)),
        }
    }
}

const fn of_resource(index: usize) -> StatementRef {
    StatementRef { policy: PolicyRef::Resource, index }
}
