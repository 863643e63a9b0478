//! Sessions of roles, however they were asked for: who may have one, how long they last, what they are
//! called, and how they begin.

use serde_json::{Map, Value, json};
use trent_domain::{Principal, PrincipalKind, Role};
use trent_engine::{Context, Demand, Fault, Resource, RoleEntry, Session};
use trent_model::sts::{AssumedRoleUser, Credentials};

use super::shared::{self, HOUR};

/// What is asked of a role, in whatever way.
pub(crate) struct Asked<'a> {
    /// The role.
    pub(crate) role: &'a RoleEntry,
    /// What the session is to be called.
    pub(crate) session_name: &'a str,
    /// The session's tags: those that are asked for, and those that are passed on.
    pub(crate) tags: Vec<(&'a str, Option<&'a str>)>,
    /// The keys of those that sessions begun from this one inherit.
    pub(crate) transitive: &'a [String],
    /// The source identity, asked for or passed on.
    pub(crate) source_identity: Option<&'a str>,
    /// What somebody else's role may want to hear.
    pub(crate) external_id: Option<&'a str>,
}

impl<'a> Asked<'a> {
    /// What the caller must be allowed to `assume` the role. Tags and a source identity are asked for
    /// by actions of their own.
    pub(crate) fn demands(&self, assume: &'static str) -> Vec<Demand<'a>> {
        let tag = (!self.tags.is_empty()).then_some("sts:TagSession");
        let identify = self.source_identity.map(|_| "sts:SetSourceIdentity");
        [assume].into_iter().chain(tag).chain(identify).map(|action| self.demand(action)).collect()
    }

    fn demand(&self, action: &'static str) -> Demand<'a> {
        let mut demand = Demand::new(action, Resource::Role(self.role))
            .fact("sts:rolesessionname", self.session_name)
            .request_tags(self.tags.iter().copied());
        if let Some(id) = self.external_id {
            demand = demand.fact("sts:externalid", id);
        }
        if let Some(identity) = self.source_identity {
            demand = demand.fact("sts:sourceidentity", identity);
        }
        if !self.transitive.is_empty() {
            demand = demand.facts("sts:transitivetagkeys", self.transitive.iter().map(String::as_str));
        }
        demand
    }
}

/// How long a session of `role` lasts, in seconds.
///
/// # Errors
/// When that is longer than sessions of the role may.
pub(crate) fn duration(asked: Option<i32>, role: &Role) -> Result<i32, Fault> {
    let asked = asked.unwrap_or(HOUR);
    if i64::from(asked) > i64::from(role.max_session) {
        return Err(Fault::validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    Ok(asked)
}

/// A session of a role that begins now.
pub(crate) fn new(role: &Role, session_name: &str, seconds: i32, context: &Context<'_>) -> Session {
    let kind = PrincipalKind::Session {
        role_id: role.id,
        role_name: role.name.clone(),
        role_path: role.path.clone(),
        session_name: session_name.to_owned(),
    };
    let principal = Principal { account: role.account, kind };
    Session::new(principal, context.now, shared::end(context.now, seconds))
}

/// What the session of a role comes to.
pub(crate) struct Begun {
    /// Who acts in it.
    pub(crate) user: AssumedRoleUser,
    /// Its credentials.
    pub(crate) credentials: Credentials,
    /// `responseElements` of the audit trail.
    pub(crate) recorded: Map<String, Value>,
}

/// Makes the credentials of a role's session.
///
/// # Errors
/// As [`Context::mint`].
pub(crate) fn begin(session: &Session, context: &Context<'_>) -> Result<Begun, Fault> {
    let minted = context.mint(session)?;
    let (arn, id) = (session.principal.arn(), session.principal.user_id());
    let mut recorded = Map::new();
    recorded.insert("credentials".to_owned(), shared::recorded(&minted, session));
    recorded.insert("assumedRoleUser".to_owned(), json!({ "assumedRoleId": id, "arn": arn }));
    if let Some(identity) = &session.source_identity {
        recorded.insert("sourceIdentity".to_owned(), json!(identity));
    }
    Ok(Begun {
        user: AssumedRoleUser { arn, assumed_role_id: id },
        credentials: shared::credentials(minted, session),
        recorded,
    })
}
