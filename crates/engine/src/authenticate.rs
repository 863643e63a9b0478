//! From a signed request to a [`Caller`].

use std::sync::Arc;

use jiff::SignedDuration;
use trent_domain::{AccountId, Credential, CredentialStatus, Owner, Path, Region};
use trent_sigv4::{RequestParts, SecretAccessKey};

use crate::entries::{CredentialEntry, Known};
use crate::trail::Trail;
use crate::{Caller, Clock, Fault, Records, Request, Rng, RngError};

/// How far a KMS request's time may be off, either way.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Judges signatures.
pub(crate) struct Authenticator {
    regions: Vec<Region>,
    /// Stands in for access keys that do not exist, so that they cost as much as wrong signatures.
    decoy: CredentialEntry,
}

impl Authenticator {
    /// An authenticator for a server of `regions`.
    pub(crate) fn new(regions: Vec<Region>, rng: &dyn Rng, clock: &dyn Clock) -> Result<Self, RngError> {
        let mut secret = [0; 20];
        rng.fill(&mut secret)?;
        let account = AccountId::from_number(0).ok_or(RngError)?;
        let credential = Credential {
            access_key_id: String::new(),
            owner: Owner::root(account),
            status: CredentialStatus::Inactive,
            created: clock.wall(),
        };
        Ok(Self {
            regions,
            decoy: CredentialEntry::new(credential, SecretAccessKey::from(hex::encode(secret))),
        })
    }

    /// The caller and Region of a request to `service`, if its signature proves them.
    pub(crate) async fn authenticate(
        &self,
        request: &Request,
        service: &str,
        records: &Records,
        clock: &dyn Clock,
        trail: &mut Trail,
    ) -> Result<(Caller, Region), Fault> {
        let uri = &request.head.uri;
        let parts = RequestParts {
            method: request.head.method.as_str(),
            path: uri.path(),
            query: uri.query().unwrap_or_default(),
            headers: &request.head.headers,
            authority: uri.authority().map(http::uri::Authority::as_str),
            body: &request.body,
        };
        let unverified = trent_sigv4::parse(&parts)?;
        trail.claimed(unverified.access_key_id());
        let signed = unverified
            .check_time(clock.wall(), SKEW)?
            .check_scope(|region| self.region(region).is_some(), service)?;
        let region = self.region(signed.scope().region).cloned();
        let found = find(signed.access_key_id(), records).await?;
        let usable = found.as_ref().filter(|entry| is_usable(entry, signed.session_token()));
        let key = usable.map_or(&self.decoy, |entry| entry).signing_key(&signed.scope());
        let verdict = signed.verify(&key);
        match (usable, usable.and_then(|entry| entry.known.as_ref()), region) {
            (Some(entry), Some(known), Some(region)) => {
                verdict?;
                Ok((caller(entry, known, request, trail.user_agent()), region))
            }
            _ => Err(Fault::UnrecognizedClient),
        }
    }

    fn region(&self, name: &str) -> Option<&Region> {
        self.regions.iter().find(|region| region.as_str() == name)
    }
}

async fn find(access_key_id: &str, records: &Records) -> Result<Option<Arc<CredentialEntry>>, Fault> {
    match Path::credential(access_key_id) {
        Some(path) => Ok(records.get(&path).await?),
        None => Ok(None),
    }
}

/// Long-term access keys are used without a token; a request that brings one means another key.
fn is_usable(entry: &CredentialEntry, token: Option<&str>) -> bool {
    entry.credential.status == CredentialStatus::Active && token.is_none()
}

fn caller(entry: &CredentialEntry, known: &Known, request: &Request, user_agent: Option<Arc<str>>) -> Caller {
    Caller {
        principal: known.principal.clone(),
        arn: Arc::clone(&known.arn),
        access_key_id: Arc::clone(&entry.access_key_id),
        identity: known.identity.clone(),
        source_ip: request.peer,
        tls: request.tls,
        user_agent,
    }
}
