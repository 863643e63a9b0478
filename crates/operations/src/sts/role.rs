//! Targets: a role that is to be assumed, by ARN, in whatever account.

use std::collections::BTreeMap;
use std::sync::Arc;

use trent_domain::{AccountId, AccountStatus, Arn, IamName, IdKind, PARTITION, Path};
use trent_engine::{AccountEntry, Changes, Fault, LoadedKey, NameEntry, Place, RoleEntry, Subject, Target};

use super::tags;

/// A role by ARN.
pub(crate) struct RoleByArn {
    arn: String,
    account: AccountId,
    name: IamName,
}

impl RoleByArn {
    /// The role with this ARN.
    ///
    /// # Errors
    /// `ValidationError` when it is not the ARN of a role.
    pub(crate) fn new(arn: &str) -> Result<Self, Fault> {
        Self::parse(arn).ok_or_else(|| Fault::validation(format!("{arn} is invalid")))
    }

    fn parse(text: &str) -> Option<Self> {
        let arn = Arn::parse(text).ok()?;
        let of_role = arn.partition == PARTITION && arn.service == "iam" && arn.region.is_empty();
        let named = arn.resource.strip_prefix("role/").filter(|_| of_role)?;
        let name = named.rsplit_once('/').map_or(named, |(_, name)| name);
        Some(Self { arn: text.to_owned(), account: arn.account.parse().ok()?, name: name.parse().ok()? })
    }
}

/// A role that exists, and what its session will have from the caller's.
pub(crate) struct Assumed {
    /// The role.
    pub(crate) entry: Arc<RoleEntry>,
    /// Tags that the caller's session passes on.
    pub(crate) inherited: BTreeMap<String, String>,
    /// The source identity that it passes on.
    pub(crate) source_identity: Option<String>,
}

impl Target for RoleByArn {
    type Loaded = Assumed;

    /// Whether there is such a role is not told: a missing one is refused as a forbidden one is.
    async fn load(&self, place: &Place<'_>) -> Result<Assumed, Fault> {
        let entry = self.load_role(place).await?;
        let session = place.caller.session.as_deref();
        Ok(Assumed {
            entry,
            inherited: tags::inherited(session),
            source_identity: session.and_then(|session| session.source_identity.clone()),
        })
    }
}

impl RoleByArn {
    /// The account of the role.
    pub(crate) const fn account(&self) -> AccountId {
        self.account
    }

    /// The role.
    ///
    /// # Errors
    /// The refusal of a forbidden one, when there is none.
    pub(crate) async fn load_role(&self, place: &Place<'_>) -> Result<Arc<RoleEntry>, Fault> {
        let missing = || {
            let (caller, action) = (&place.caller.arn, place.operation);
            Fault::AccessDenied(match place.caller.access_key_id.is_empty() {
                true => format!("Not authorized to perform sts:{action}"),
                false => format!(
                    "User: {caller} is not authorized to perform: sts:{action} on resource: {}",
                    self.arn
                ),
            })
        };
        self.find(place).await?.ok_or_else(missing)
    }

    async fn find(&self, place: &Place<'_>) -> Result<Option<Arc<RoleEntry>>, Fault> {
        let account = place.records.get::<AccountEntry>(&Path::account(self.account)).await?;
        if account.is_some_and(|entry| entry.account.status == AccountStatus::Suspended) {
            return Ok(None);
        }
        let path = Path::entity_name(self.account, IdKind::Role, &self.name);
        let Some(named) = place.records.get::<NameEntry>(&path).await? else { return Ok(None) };
        let found = place.records.get::<RoleEntry>(&Path::entity(self.account, &named.id)).await?;
        Ok(found.filter(|entry| *entry.arn == *self.arn))
    }
}

impl Subject for Assumed {
    fn keys<'a>(&'a self, _: &mut dyn FnMut(&'a LoadedKey)) {}

    fn require(&self, changes: &mut Changes) {
        let role = &self.entry.role;
        changes.require(Path::entity(role.account, &role.id), self.entry.version);
    }
}
