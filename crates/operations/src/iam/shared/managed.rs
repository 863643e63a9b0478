//! Targets: managed policies by ARN.

use std::sync::Arc;

use trent_domain::{AccountId, Arn, IamPath, IdentityPolicies, ManagedPolicy, UniqueId};
use trent_engine::{
    AwsManaged, Changes, Context, Demand, Fault, LoadedKey, ManagedPolicyEntry, Place, Records, Resource,
    Subject, Target, encode, managed_policy,
};
use trent_model::iam::AttachedPolicy;

use super::entity::Stored as _;
use super::fault;

/// A managed policy by ARN: one of the caller's account, or one of AWS's own.
pub(crate) struct PolicyTarget {
    arn: String,
    missing: Missing,
}

/// How the absence of a policy is worded.
type Missing = fn(&str) -> Fault;

impl PolicyTarget {
    /// The managed policy with this ARN.
    ///
    /// # Errors
    /// `ValidationError` when it is no ARN.
    pub(crate) fn new(arn: &str) -> Result<Self, Fault> {
        Self::or_else(arn, fault::no_such_policy)
    }

    /// A managed policy that is to be attached.
    ///
    /// # Errors
    /// As [`PolicyTarget::new`].
    pub(crate) fn to_attach(arn: &str) -> Result<Self, Fault> {
        Self::or_else(arn, |arn| fault::no_such(format!("Policy {arn} does not exist or is not attachable.")))
    }

    /// A managed policy that is to be a permissions boundary.
    ///
    /// # Errors
    /// As [`PolicyTarget::new`].
    pub(crate) fn to_bound(arn: &str) -> Result<Self, Fault> {
        Self::or_else(arn, |arn| {
            fault::no_such(format!("Scope ARN: {arn} does not exist or is not attachable."))
        })
    }

    fn or_else(arn: &str, missing: Missing) -> Result<Self, Fault> {
        match Arn::parse(arn) {
            Ok(_) => Ok(Self { arn: arn.to_owned(), missing }),
            Err(_) => Err(Fault::validation(format!("ARN {arn} is not valid."))),
        }
    }
}

/// A managed policy that exists.
#[derive(Clone)]
pub(crate) enum Managed {
    /// One of the account's.
    Own(Arc<ManagedPolicyEntry>),
    /// One of AWS's, which every account finds there.
    Aws(&'static AwsManaged),
}

impl Managed {
    /// The one with this ARN, as `account` sees it.
    ///
    /// # Errors
    /// When records cannot be read.
    pub(crate) async fn find(
        arn: &str,
        account: AccountId,
        records: &Records,
    ) -> Result<Option<Self>, Fault> {
        match AwsManaged::by_arn(arn) {
            Some(aws) => Ok(Some(Self::Aws(aws))),
            None => Ok(managed_policy(records, account, arn).await?.map(Self::Own)),
        }
    }

    /// Its ARN.
    pub(crate) fn arn(&self) -> &str {
        match self {
            Self::Own(entry) => &entry.arn,
            Self::Aws(aws) => aws.arn,
        }
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Own(entry) => entry.policy.name.as_str(),
            Self::Aws(aws) => aws.name,
        }
    }

    /// Its path; those of AWS that there are lie at the top.
    pub(crate) fn path(&self) -> IamPath {
        match self {
            Self::Own(entry) => entry.policy.path.clone(),
            Self::Aws(_) => IamPath::default(),
        }
    }

    /// As the policy of somebody it is attached to.
    pub(crate) fn as_attached(&self) -> AttachedPolicy {
        AttachedPolicy { policy_arn: Some(self.arn().to_owned()), policy_name: Some(self.name().to_owned()) }
    }

    /// Its unique id.
    ///
    /// # Errors
    /// When a constant is malformed, which a test rules out.
    pub(crate) fn id(&self) -> Result<UniqueId, Fault> {
        match self {
            Self::Own(entry) => Ok(entry.policy.id),
            Self::Aws(aws) => aws.id().ok_or_else(|| Fault::Internal(format!("{} has no id", aws.arn))),
        }
    }
}

/// A managed policy that was looked for.
pub(crate) struct FoundPolicy {
    /// The ARN it was looked for by.
    pub(crate) arn: String,
    found: Option<Managed>,
    missing: Missing,
}

impl FoundPolicy {
    /// What was found.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub(crate) fn managed(&self) -> Result<&Managed, Fault> {
        self.found.as_ref().ok_or_else(|| (self.missing)(&self.arn))
    }

    /// One of the account's own, for only those can be changed.
    ///
    /// # Errors
    /// `NoSuchEntity`, or `AccessDenied` for one of AWS's.
    pub(crate) fn own(&self) -> Result<&ManagedPolicyEntry, Fault> {
        match self.managed()? {
            Managed::Own(entry) => Ok(entry),
            Managed::Aws(_) => Err(Fault::AccessDenied("Policy is outside your own account.".to_owned())),
        }
    }

    /// The demand for `action` on it, with its tags.
    pub(crate) fn demand(&self, action: &'static str) -> Demand<'_> {
        let demand = Demand::new(action, Resource::Arn(&self.arn)).called("policy", &self.arn);
        match &self.found {
            Some(Managed::Own(entry)) => demand.resource_tags(&entry.policy.tags),
            _ => demand,
        }
    }
}

/// Changes the record of one of the account's policies.
///
/// # Errors
/// Those of `change`, and those of [`FoundPolicy::own`].
pub(crate) fn change(
    found: &FoundPolicy,
    changes: &mut Changes,
    change: impl FnOnce(&mut ManagedPolicy) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let entry = found.own()?;
    let mut policy = entry.policy.clone();
    change(&mut policy)?;
    if policy != entry.policy {
        changes.replace(policy.place(), entry.version, encode(&policy)?);
    }
    Ok(())
}

impl Target for PolicyTarget {
    type Loaded = FoundPolicy;

    async fn load(&self, place: &Place<'_>) -> Result<FoundPolicy, Fault> {
        let found = Managed::find(&self.arn, place.account(), place.records).await?;
        Ok(FoundPolicy { arn: self.arn.clone(), found, missing: self.missing })
    }
}

impl Subject for FoundPolicy {
    fn keys<'a>(&'a self, _: &mut dyn FnMut(&'a LoadedKey)) {}

    fn verify(&self) -> Result<(), Fault> {
        self.managed().map(|_| ())
    }

    fn require(&self, changes: &mut Changes) {
        if let Some(Managed::Own(entry)) = &self.found {
            changes.require(entry.policy.place(), entry.version);
        }
    }
}

/// The managed policies that somebody has.
///
/// # Errors
/// When records cannot be read.
pub(crate) async fn held(policies: &IdentityPolicies, context: &Context<'_>) -> Result<Vec<Managed>, Fault> {
    let mut held = Vec::with_capacity(policies.attached.len());
    for arn in &policies.attached {
        held.extend(Managed::find(arn, context.account(), context.records).await?);
    }
    held.sort_by_cached_key(marker_name);
    Ok(held)
}

/// As [`held`], as the API shows them.
///
/// # Errors
/// As [`held`].
pub(crate) async fn attached(
    policies: &IdentityPolicies,
    context: &Context<'_>,
) -> Result<Vec<AttachedPolicy>, Fault> {
    Ok(held(policies, context).await?.iter().map(Managed::as_attached).collect())
}

/// What a policy is called in markers. One of the account's may have the name of one of AWS's.
pub(crate) fn marker_name(policy: &Managed) -> String {
    let whose = match policy {
        Managed::Own(_) => "own",
        Managed::Aws(_) => "aws",
    };
    format!("{} {whose}", policy.name().to_ascii_lowercase())
}
