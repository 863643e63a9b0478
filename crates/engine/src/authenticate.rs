//! From a signed request to a [`Caller`].

use std::sync::Arc;

use jiff::Timestamp;
use trent_domain::{
    AccountId, AccountStatus, CredentialStatus, IdKind, Owner, OwnerKind, Path, PrincipalKind, Region,
    UniqueId,
};
use trent_sigv4::{RequestParts, SecretAccessKey};

use crate::caller::Who;
use crate::entries::{CredentialEntry, SigningKeys};
use crate::identity::{AccountEntry, RoleEntry, UserEntry};
use crate::services::Service;
use crate::session::{OpenSessions, SessionEntry};
use crate::trail::Trail;
use crate::{Caller, Clock, Fault, Records, Request, Rng, RngError};

/// Judges signatures.
pub(crate) struct Authenticator {
    regions: Vec<Region>,
    /// Where services that have one place for all Regions are.
    global: Region,
    sessions: OpenSessions,
    /// Stands in for access keys that do not exist, so that they cost as much as wrong signatures.
    decoy: SigningKeys,
}

impl Authenticator {
    /// An authenticator for a server of `regions`.
    pub(crate) fn new(regions: Vec<Region>, rng: &dyn Rng) -> Result<Self, RngError> {
        let mut secret = [0; 20];
        rng.fill(&mut secret)?;
        Ok(Self {
            regions,
            global: Service::global_region().ok_or(RngError)?,
            sessions: OpenSessions::default(),
            decoy: SigningKeys::new(SecretAccessKey::from(hex::encode(secret))),
        })
    }

    /// The Region that a request without a signature is taken up in.
    pub(crate) fn home(&self) -> &Region {
        self.regions.first().unwrap_or(&self.global)
    }

    /// The caller and Region of a request to `service`, if its signature proves them.
    pub(crate) async fn authenticate(
        &self,
        request: &Request,
        service: &Service,
        records: &Records,
        clock: &dyn Clock,
        trail: &mut Trail,
    ) -> Result<(Caller, Region), Fault> {
        let unverified = trent_sigv4::parse(&parts(request))?;
        trail.claimed(unverified.access_key_id());
        let region = |name: &str| service.region(name, &self.regions, &self.global);
        let signed = unverified
            .check_time(clock.wall(), service.skew)?
            .check_scope(|name| region(name).is_some(), service.name)?;
        let region = region(signed.scope().region).cloned();
        let claim = Claim { access_key_id: signed.access_key_id(), token: signed.session_token() };
        let found = self.find(&claim, records).await?;
        let key = found.as_ref().map_or(&self.decoy, Found::keys).key(&signed.scope());
        let verdict = signed.verify(&key);
        let (Some(found), Some(region)) = (found, region) else { return Err(Fault::UnrecognizedClient) };
        verdict?;
        found.require_current(clock.now())?;
        found.require_admitted(service)?;
        require_open(found.account(), records).await?;
        Ok((found.caller(request, trail.user_agent()), region))
    }

    /// What the access key proves; `None` when there is no such key, it may not be used, or its
    /// principal is gone.
    async fn find(&self, claim: &Claim<'_>, records: &Records) -> Result<Option<Found>, Fault> {
        match claim.token {
            // An access key that lasts is used without a token; with one another key is meant.
            Some(token) => {
                let Some(session) = self.sessions.open(claim.access_key_id, token, records.keyring()) else {
                    return Ok(None);
                };
                let who = acting(&session, records).await?;
                Ok(who.map(|who| Found::Session(session, who)))
            }
            None => {
                let Some(path) = Path::credential(claim.access_key_id) else { return Ok(None) };
                let found = records.get::<CredentialEntry>(&path).await?;
                let active =
                    |entry: &Arc<CredentialEntry>| entry.credential.status == CredentialStatus::Active;
                let Some(entry) = found.filter(active) else { return Ok(None) };
                let who = owner(&entry, records).await?;
                Ok(who.map(|who| Found::Key(entry, who)))
            }
        }
    }
}

/// What a request says it was signed with.
struct Claim<'a> {
    access_key_id: &'a str,
    token: Option<&'a str>,
}

/// Credentials whose principal exists, before the signature is judged.
enum Found {
    Key(Arc<CredentialEntry>, Arc<Who>),
    Session(Arc<SessionEntry>, Arc<Who>),
}

impl Found {
    fn keys(&self) -> &SigningKeys {
        match self {
            Self::Key(entry, _) => &entry.keys,
            Self::Session(entry, _) => &entry.keys,
        }
    }

    /// Whether the session is still on.
    fn require_current(&self, now: Timestamp) -> Result<(), Fault> {
        match self {
            Self::Session(entry, _) if now >= entry.session.expires => Err(Fault::ExpiredToken),
            _ => Ok(()),
        }
    }

    /// A session of GetSessionToken or GetFederationToken does not open IAM, unless a second factor
    /// was shown: whoever has but the token shall not make themselves at home.
    fn require_admitted(&self, service: &Service) -> Result<(), Fault> {
        let Self::Session(entry, who) = self else { return Ok(()) };
        let lesser = !matches!(who.principal.kind, PrincipalKind::Session { .. });
        if service.name == "iam" && lesser && entry.session.mfa.is_none() {
            return Err(Fault::UnrecognizedClient);
        }
        Ok(())
    }

    fn account(&self) -> AccountId {
        match self {
            Self::Key(_, who) | Self::Session(_, who) => who.principal.account,
        }
    }

    fn caller(self, request: &Request, user_agent: Option<Arc<str>>) -> Caller {
        let (who, access_key_id, session) = match self {
            Self::Key(entry, who) => (who, Arc::clone(&entry.access_key_id), None),
            Self::Session(entry, who) => {
                (who, Arc::clone(&entry.access_key_id), Some(Arc::clone(&entry.session)))
            }
        };
        Caller {
            who,
            session,
            web_identity: None,
            access_key_id,
            source_ip: request.peer,
            secure: request.secure,
            user_agent,
        }
    }
}

/// Refuses everybody from an account that was closed.
async fn require_open(account: AccountId, records: &Records) -> Result<(), Fault> {
    let entry = records.get::<AccountEntry>(&Path::account(account)).await?;
    match entry.map(|entry| entry.account.status) {
        Some(AccountStatus::Suspended) => Err(Fault::UnrecognizedClient),
        // A store that was made before accounts had records has none of its first account.
        Some(AccountStatus::Active) | None => Ok(()),
    }
}

/// Whose an access key is; `None` when the user is gone.
async fn owner(entry: &CredentialEntry, records: &Records) -> Result<Option<Arc<Who>>, Fault> {
    match entry.credential.owner {
        Owner { kind: OwnerKind::Root, .. } => Ok(entry.root.clone()),
        Owner { account, kind: OwnerKind::User { id } } => user(account, &id, records).await,
    }
}

/// Who acts in a session; `None` when its role or user is gone.
async fn acting(entry: &SessionEntry, records: &Records) -> Result<Option<Arc<Who>>, Fault> {
    let principal = &*entry.who.principal;
    let exists = match &principal.kind {
        PrincipalKind::Root | PrincipalKind::FederatedUser { user: None, .. } => true,
        // A user is called what it is called now.
        PrincipalKind::User { id, .. } => return user(principal.account, id, records).await,
        PrincipalKind::Session { role_id, .. } => {
            let path = entity(principal.account, role_id, IdKind::Role);
            match path {
                Some(path) => records.get::<RoleEntry>(&path).await?.is_some(),
                None => false,
            }
        }
        PrincipalKind::FederatedUser { user: Some(behind), .. } => {
            user(principal.account, &behind.id, records).await?.is_some()
        }
        PrincipalKind::WebIdentity { .. } => false,
    };
    Ok(exists.then(|| Arc::clone(&entry.who)))
}

async fn user(account: AccountId, id: &UniqueId, records: &Records) -> Result<Option<Arc<Who>>, Fault> {
    let Some(path) = entity(account, id, IdKind::User) else { return Ok(None) };
    Ok(records.get::<UserEntry>(&path).await?.map(|entry| Arc::clone(&entry.who)))
}

/// Where an identity lies, if the id is one of its kind.
fn entity(account: AccountId, id: &UniqueId, kind: IdKind) -> Option<Path> {
    (id.kind() == kind).then(|| Path::entity(account, id))
}

fn parts(request: &Request) -> RequestParts<'_> {
    let uri = &request.head.uri;
    RequestParts {
        method: request.head.method.as_str(),
        path: uri.path(),
        query: uri.query().unwrap_or_default(),
        headers: &request.head.headers,
        authority: uri.authority().map(http::uri::Authority::as_str),
        body: &request.body,
    }
}
