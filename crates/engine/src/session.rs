//! Temporary credentials. None is stored: the session token itself is the record, sealed with the
//! store's keys to its access key, so that it opens here and nowhere else and cannot be altered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use trent_crypto::{Keyring, SecretBytes};
use trent_domain::Principal;
use trent_policy::Document;
use trent_sigv4::SecretAccessKey;
use zeroize::Zeroizing;

use crate::caller::Who;
use crate::entries::{SigningKeys, draw_secret};
use crate::{Fault, FederationKeys, Policies, Records};

/// How many opened tokens are kept.
const KEPT: usize = 10_000;

/// The longest token that is made: it travels in a header.
const MAX_TOKEN: usize = 8192;

/// What a session is sealed as: its format, should it ever change.
const VERSION: u64 = 1;

/// A session: everything its token says but the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Who acts in it: the root user or a user themselves, a session of a role, a federated user.
    pub principal: Principal,
    /// When it was begun.
    pub issued: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// Inline session policies; with the managed ones they bound what the session may do, unless
    /// there are none of either.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
    /// ARNs of managed session policies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policy_arns: Vec<String>,
    /// Session tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Keys of the tags that sessions begun from this one inherit.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub transitive_tags: BTreeSet<String>,
    /// `aws:SourceIdentity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_identity: Option<String>,
    /// `aws:FederatedProvider`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// What its policies may ask of the token it was begun with.
    #[serde(default, skip_serializing_if = "FederationKeys::is_empty")]
    pub federation: FederationKeys,
    /// When a second factor was shown, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfa: Option<Timestamp>,
}

impl Session {
    /// A session without policies, tags or any other extra.
    #[must_use]
    pub fn new(principal: Principal, issued: Timestamp, expires: Timestamp) -> Self {
        Self {
            principal,
            issued,
            expires,
            policies: Vec::new(),
            policy_arns: Vec::new(),
            tags: BTreeMap::new(),
            transitive_tags: BTreeSet::new(),
            source_identity: None,
            provider: None,
            federation: FederationKeys::default(),
            mfa: None,
        }
    }

    /// Temporary credentials for this session. The bytes are for the access key id and come from
    /// the port for identifiers; the secret does not. See also [`crate::Context::mint`].
    ///
    /// # Errors
    /// When randomness fails, or the token would be too large to travel.
    pub fn mint(&self, random: [u8; 16], records: &Records) -> Result<Minted, Fault> {
        mint(self, random, records.keyring())
    }

    /// A tag, whatever its letter case.
    #[must_use]
    pub fn tag(&self, key: &str) -> Option<&str> {
        let found = self.tags.iter().find(|(known, _)| known.eq_ignore_ascii_case(key));
        found.map(|(_, value)| value.as_str())
    }
}

/// Temporary credentials as they are given out, once.
pub struct Minted {
    /// `ASIA…`.
    pub access_key_id: String,
    /// The secret.
    pub secret: Zeroizing<String>,
    /// The token that goes with them.
    pub token: String,
}

/// What is sealed.
#[derive(Serialize)]
struct TokenOut<'a> {
    secret: &'a str,
    session: &'a Session,
}

#[derive(Deserialize)]
struct TokenIn {
    secret: String,
    session: Session,
}

fn mint(session: &Session, random: [u8; 16], keyring: &Keyring) -> Result<Minted, Fault> {
    let access_key_id = trent_domain::access_key_id(true, random);
    let secret = draw_secret()?;
    let token = TokenOut { secret: &secret, session };
    let plaintext = serde_json::to_vec(&token).map_err(|error| Fault::Internal(error.to_string()))?;
    let sealed = keyring.seal(&place(&access_key_id), VERSION, SecretBytes::from(plaintext).expose())?;
    let token = STANDARD.encode(sealed);
    if token.len() > MAX_TOKEN {
        return Err(Fault::Named {
            code: "PackedPolicyTooLarge",
            status: 400,
            message: "The session policies and tags together are too large.".to_owned(),
        });
    }
    Ok(Minted { access_key_id, secret, token })
}

/// A session that was opened, ready to judge signatures.
pub(crate) struct SessionEntry {
    pub(crate) session: Arc<Session>,
    pub(crate) who: Arc<Who>,
    pub(crate) access_key_id: Arc<str>,
    pub(crate) keys: SigningKeys,
    token: Box<str>,
}

/// The tokens that were opened lately, by access key.
pub(crate) struct OpenSessions(Cache<String, Arc<SessionEntry>>);

impl Default for OpenSessions {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl OpenSessions {
    /// The session of an access key and its token; `None` unless they were made here, for each
    /// other.
    pub(crate) fn open(
        &self,
        access_key_id: &str,
        token: &str,
        keyring: &Keyring,
    ) -> Option<Arc<SessionEntry>> {
        // The token is no secret of ours: the caller sends it with every request.
        if let Some(found) = self.0.get(access_key_id).filter(|found| *found.token == *token) {
            return Some(found);
        }
        let entry = Arc::new(open(access_key_id, token, keyring)?);
        self.0.insert(access_key_id.to_owned(), Arc::clone(&entry));
        Some(entry)
    }
}

fn open(access_key_id: &str, token: &str, keyring: &Keyring) -> Option<SessionEntry> {
    if token.len() > MAX_TOKEN {
        return None;
    }
    let sealed = STANDARD.decode(token).ok()?;
    let plaintext = keyring.open_record(&place(access_key_id), VERSION, &sealed).ok()?;
    let TokenIn { secret, session } = serde_json::from_slice(plaintext.expose()).ok()?;
    Some(SessionEntry {
        who: Arc::new(Who::new(session.principal.clone())),
        session: Arc::new(session),
        access_key_id: access_key_id.into(),
        keys: SigningKeys::new(SecretAccessKey::from(secret)),
        token: token.into(),
    })
}

/// What a token is bound to. No record lies there.
fn place(access_key_id: &str) -> String {
    format!("/session/{access_key_id}")
}

/// The inline policies of a session, parsed.
pub(crate) fn documents(session: &Session, policies: &Policies) -> Result<Vec<Arc<Document>>, Fault> {
    let parsed = session.policies.iter().map(|text| policies.identity(text));
    parsed.collect::<Result<_, _>>().map_err(|error| Fault::Internal(error.to_string()))
}
