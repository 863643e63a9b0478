//! Sessions of roles, however they were asked for: how long they last, what they are called, and how
//! they begin.

use serde_json::{Map, Value, json};
use trent_domain::{Principal, PrincipalKind, Role};
use trent_engine::{Context, Fault, Session};
use trent_model::sts::{AssumedRoleUser, Credentials};

use super::shared::{self, HOUR};

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
