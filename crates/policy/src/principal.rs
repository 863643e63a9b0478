//! Principals: how policies name them, and which of a caller's names a statement used.

use trent_domain::{AccountId, Arn, PARTITION};

use crate::PolicyError;
use crate::caller::{Caller, Identity};
use crate::error::excerpt;
use crate::json::Node;

/// A principal as a policy names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrincipalPattern {
    /// `*`.
    Anyone,
    /// An account, by its number or by the ARN of its root.
    Account(AccountId),
    /// A user, by ARN.
    User(String),
    /// A role, by ARN.
    Role(String),
    /// One session of a role, by ARN.
    Session(String),
    /// A federated user, by ARN.
    FederatedUser(String),
    /// A user or role by its unique id, as policies are kept so that a later namesake gets nothing.
    UniqueId(String),
    /// A service, by name.
    Service(String),
    /// An identity provider, by ARN; in trust policies.
    Provider(String),
}

/// Which of a caller's names was used. What a permission survives depends on it; later ones survive
/// more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// The caller's account: its identity policies have to agree.
    Delegated,
    /// The role of a session, or the user a federated user stands for.
    Indirect,
    /// The caller itself, or everyone.
    Direct,
}

impl PrincipalPattern {
    /// What this name is to a caller.
    pub(crate) fn standing(&self, caller: &Caller) -> Option<Standing> {
        match self {
            Self::Anyone => Some(Standing::Direct),
            Self::Account(account) => (*account == caller.account).then(|| caller.identity.as_account())?,
            Self::UniqueId(id) => caller.identity.by_id(id),
            Self::User(arn)
            | Self::Role(arn)
            | Self::Session(arn)
            | Self::FederatedUser(arn)
            | Self::Provider(arn) => caller.identity.by_arn(arn),
            Self::Service(name) => caller.identity.by_service(name),
        }
    }

    /// What this name gives a caller. Everyone is everyone with an identity: whoever is only vouched
    /// for by a provider must be trusted through the provider, by name.
    fn gives(&self, caller: &Caller) -> Option<Standing> {
        match (self, &caller.identity) {
            (Self::Anyone, Identity::Provider { .. }) => None,
            _ => self.standing(caller),
        }
    }

    /// A value of `AWS`.
    fn aws(text: String) -> Result<Self, PolicyError> {
        if text == "*" {
            return Ok(Self::Anyone);
        }
        if let Ok(account) = text.parse() {
            return Ok(Self::Account(account));
        }
        if is_unique_id(&text) {
            return Ok(Self::UniqueId(text));
        }
        let (account, resource) = identity_arn(&text).ok_or(PolicyError::InvalidPrincipals)?;
        let service = text.split(':').nth(2);
        match (service, resource) {
            (Some("iam"), ("root", "")) => Ok(Self::Account(account)),
            (Some("iam"), ("user", name)) if !name.is_empty() => Ok(Self::User(text)),
            (Some("iam"), ("role", name)) if !name.is_empty() => Ok(Self::Role(text)),
            (Some("sts"), ("assumed-role", name)) if is_session(name) => Ok(Self::Session(text)),
            (Some("sts"), ("federated-user", name)) if !name.is_empty() => Ok(Self::FederatedUser(text)),
            _ => Err(PolicyError::InvalidPrincipals),
        }
    }

    fn service(name: String) -> Result<Self, PolicyError> {
        let valid = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        if name.contains('.') && name.bytes().all(valid) {
            Ok(Self::Service(name))
        } else {
            Err(PolicyError::InvalidPrincipals)
        }
    }

    fn provider(text: String) -> Result<Self, PolicyError> {
        match identity_arn(&text) {
            Some((_, ("oidc-provider" | "saml-provider", name))) if !name.is_empty() => {
                Ok(Self::Provider(text))
            }
            _ => Err(PolicyError::InvalidPrincipals),
        }
    }
}

fn is_unique_id(text: &str) -> bool {
    let prefixed = text.starts_with("AIDA") || text.starts_with("AROA");
    prefixed && text.len() >= 16 && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

fn is_session(name: &str) -> bool {
    name.split_once('/').is_some_and(|(role, session)| !role.is_empty() && !session.is_empty())
}

/// The account, and the resource cut at its first slash, of the ARN of a principal.
fn identity_arn(text: &str) -> Option<(AccountId, (&str, &str))> {
    let arn = Arn::parse(text).ok()?;
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '*' | '?');
    let valid = arn.partition == PARTITION && arn.region.is_empty() && text.chars().all(plain);
    let resource = arn.resource.split_once('/').unwrap_or((arn.resource, ""));
    valid.then(|| Some((arn.account.parse().ok()?, resource)))?
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Principals {
    pub(crate) negated: bool,
    pub(crate) patterns: Box<[PrincipalPattern]>,
}

impl Principals {
    pub(crate) fn parse(node: Node, negated: bool) -> Result<Self, PolicyError> {
        let patterns = match node {
            Node::Text(text) if text == "*" => Box::from([PrincipalPattern::Anyone]),
            Node::Object(members, _) => {
                let lists: Vec<Vec<_>> = members.into_iter().map(of_type).collect::<Result<_, _>>()?;
                lists.into_iter().flatten().collect()
            }
            Node::Text(text) => return Err(invalid("STAR", &text)),
            Node::Array(..) => return Err(PolicyError::InvalidPrincipals),
        };
        Ok(Self { negated, patterns })
    }

    /// What an Allow for these principals is to a caller. One for everybody but some reaches only
    /// callers of whom no name is among them.
    pub(crate) fn allowed(&self, caller: &Caller) -> Option<Standing> {
        if self.negated {
            let named = self.patterns.iter().any(|pattern| pattern.standing(caller).is_some());
            return (!named).then_some(Standing::Direct);
        }
        self.patterns.iter().filter_map(|pattern| pattern.gives(caller)).max()
    }

    /// Whether a Deny for these principals reaches a caller. To be exempt from one for everybody but
    /// some, a caller must be named on every level it has: a session with its role and its account.
    pub(crate) fn denied(&self, caller: &Caller) -> bool {
        let listed = |level: Standing| self.patterns.iter().any(|p| p.standing(caller) == Some(level));
        if self.negated {
            !self.patterns.contains(&PrincipalPattern::Anyone)
                && !caller.identity.levels().iter().all(|level| listed(*level))
        } else {
            self.patterns.iter().any(|pattern| pattern.standing(caller).is_some())
        }
    }
}

fn of_type((kind, node): (String, Node)) -> Result<Vec<PrincipalPattern>, PolicyError> {
    let parse = match kind.as_str() {
        "AWS" => PrincipalPattern::aws,
        "Service" => PrincipalPattern::service,
        "Federated" => PrincipalPattern::provider,
        _ => return Err(invalid(&kind, "")),
    };
    let pattern = |text: String| parse(text.clone()).map_err(|_| invalid(&kind, &text));
    node.texts()?.into_iter().map(pattern).collect()
}

fn invalid(kind: &str, name: &str) -> PolicyError {
    PolicyError::InvalidPrincipal { kind: excerpt(&kind.to_uppercase()), name: excerpt(name) }
}

impl Identity {
    /// What the name of the account is to one of its identities.
    const fn as_account(&self) -> Option<Standing> {
        match self {
            Self::Root => Some(Standing::Direct),
            Self::User { .. } | Self::Session { .. } | Self::FederatedUser { .. } => {
                Some(Standing::Delegated)
            }
            Self::Service { .. } | Self::Provider { .. } => None,
        }
    }

    fn by_arn(&self, named: &str) -> Option<Standing> {
        match self {
            Self::User { arn, .. } | Self::Provider { arn } => (arn == named).then_some(Standing::Direct),
            Self::Session { arn, role_arn, .. } => direct_or_indirect(named, arn, Some(role_arn)),
            Self::FederatedUser { arn, user } => {
                direct_or_indirect(named, arn, user.as_ref().map(|user| &user.arn))
            }
            Self::Root | Self::Service { .. } => None,
        }
    }

    fn by_id(&self, named: &str) -> Option<Standing> {
        match self {
            Self::User { id, .. } => (id == named).then_some(Standing::Direct),
            Self::Session { role_id, .. } => (role_id == named).then_some(Standing::Indirect),
            Self::FederatedUser { user: Some(user), .. } => (user.id == named).then_some(Standing::Indirect),
            Self::FederatedUser { .. } | Self::Root | Self::Service { .. } | Self::Provider { .. } => None,
        }
    }

    fn by_service(&self, named: &str) -> Option<Standing> {
        match self {
            Self::Service { name } => (name == named).then_some(Standing::Direct),
            _ => None,
        }
    }

    /// The levels on which this identity can be named.
    const fn levels(&self) -> &'static [Standing] {
        match self {
            Self::Root | Self::Service { .. } | Self::Provider { .. } => &[Standing::Direct],
            Self::User { .. } | Self::FederatedUser { user: None, .. } => {
                &[Standing::Direct, Standing::Delegated]
            }
            Self::Session { .. } | Self::FederatedUser { user: Some(_), .. } => {
                &[Standing::Direct, Standing::Indirect, Standing::Delegated]
            }
        }
    }
}

fn direct_or_indirect(named: &str, direct: &String, indirect: Option<&String>) -> Option<Standing> {
    if named == direct {
        return Some(Standing::Direct);
    }
    indirect.is_some_and(|arn| arn == named).then_some(Standing::Indirect)
}
