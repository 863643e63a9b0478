//! The authorizer: demands in, a [`Permit`] or a refusal out.
//!
//! Work cannot start without a permit, a permit cannot be made elsewhere, and it carries the very
//! records that were judged.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Deref;

use trent_crypto::Attestation;
use trent_domain::{AccountId, Grant, GrantOperation, Key, KeyArn, Organization, PathRange, Region, Tags};
use trent_policy::{Decision, Document, PolicySet, Question, Reason};

use crate::entries::KeyAlias;
use crate::facts::{RESOURCE_ALIASES, RequestFacts};
use crate::grants::{self, Proposal, Wish};
use crate::identity::{Own, RoleEntry, organization};
use crate::operation::{Context, Loaded, Operation};
use crate::target::LoadedKey;
use crate::{Caller, Fault, Records};

/// What a demand is about.
#[derive(Clone, Copy)]
pub enum Resource<'a> {
    /// No resource: only identity policies decide.
    Any,
    /// A key.
    Key(&'a LoadedKey),
    /// An alias, by ARN: only identity policies decide.
    Alias(&'a str),
    /// Anything else with an ARN and no policy of its own: only identity policies decide.
    Arn(&'a str),
    /// A role that is to be assumed: its trust policy decides with the caller's own.
    Role(&'a RoleEntry),
}

impl<'a> Resource<'a> {
    /// What policies call it.
    fn arn(self) -> &'a str {
        match self {
            Self::Any => "*",
            Self::Key(key) => &key.entry.arn,
            Self::Alias(arn) | Self::Arn(arn) => arn,
            Self::Role(role) => &role.arn,
        }
    }

    /// Whose it is, when that matters.
    pub(crate) fn account(self) -> Option<AccountId> {
        match self {
            Self::Key(key) => Some(key.entry.key.account),
            Self::Role(role) => Some(role.role.account),
            Self::Any | Self::Alias(_) | Self::Arn(_) => None,
        }
    }

    /// What it has to say itself.
    fn policies(self, cross_account: bool) -> PolicySet<'a> {
        let policy = match self {
            Self::Key(key) => Some(&*key.entry.policy),
            Self::Role(role) => Some(&*role.trust),
            Self::Any | Self::Alias(_) | Self::Arn(_) => None,
        };
        PolicySet { key_policy: policy, key_account: self.account(), cross_account, ..PolicySet::default() }
    }
}

/// The value of a condition key that comes from the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact<'a> {
    /// Of a single-valued key.
    One(Cow<'a, str>),
    /// Of a multi-valued key.
    Many(Vec<Cow<'a, str>>),
}

/// One action on one resource that the caller must be allowed.
pub struct Demand<'a> {
    /// Such as `kms:Encrypt`.
    pub action: &'static str,
    /// On what.
    pub resource: Resource<'a>,
    /// The encryption context the input gives, for `kms:EncryptionContext:*`.
    pub context: Option<&'a BTreeMap<String, String>>,
    /// Condition keys of the input, names in lower case.
    pub facts: Vec<(Cow<'a, str>, Fact<'a>)>,
    /// `aws:TagKeys` and `aws:RequestTag/*` of the input.
    pub request_tags: Vec<(&'a str, Option<&'a str>)>,
    /// `aws:ResourceTag/*` of a resource that is not a key.
    pub resource_tags: Option<&'a Tags>,
    /// The grant that CreateGrant is to make: a grant may permit that within its own limits.
    pub proposal: Option<Proposal<'a>>,
    /// The grant that RetireGrant is to retire: it says itself who may.
    pub retired: Option<&'a Grant>,
    /// Who the answer is for, for `kms:RecipientAttestation:*`.
    pub recipient: Option<&'a Attestation>,
    /// Where it is to be done, when that is not the Region of the request.
    pub region: Option<&'a str>,
    /// A noun and a name that refusals call the resource, where they do not say its ARN.
    pub called: Option<(&'static str, &'a str)>,
}

impl<'a> Demand<'a> {
    /// A demand without conditions from the input.
    #[must_use]
    pub const fn new(action: &'static str, resource: Resource<'a>) -> Self {
        Self {
            action,
            resource,
            context: None,
            facts: Vec::new(),
            request_tags: Vec::new(),
            resource_tags: None,
            proposal: None,
            retired: None,
            recipient: None,
            region: None,
            called: None,
        }
    }

    /// Says that it is to be done in another Region than that of the request.
    #[must_use]
    pub const fn in_region(mut self, region: &'a str) -> Self {
        self.region = Some(region);
        self
    }

    /// What the resource has to say itself; key policies have no say in who retires a grant.
    fn policies(&self, cross_account: bool) -> PolicySet<'a> {
        match self.retired {
            None => self.resource.policies(cross_account),
            Some(_) => PolicySet::default(),
        }
    }

    /// Adds a condition key of the input; its name is in lower case.
    #[must_use]
    pub fn fact(mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) -> Self {
        self.facts.push((key.into(), Fact::One(value.into())));
        self
    }

    /// Adds a multi-valued condition key of the input; its name is in lower case.
    #[must_use]
    pub fn facts<T: Into<Cow<'a, str>>>(
        mut self,
        key: impl Into<Cow<'a, str>>,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        self.facts.push((key.into(), Fact::Many(values.into_iter().map(Into::into).collect())));
        self
    }

    /// Says which grant is to be made.
    #[must_use]
    pub fn proposing(mut self, proposal: Proposal<'a>) -> Self {
        self.proposal = Some(proposal);
        self
    }

    /// Says which grant is to be retired.
    #[must_use]
    pub const fn retiring(mut self, grant: &'a Grant) -> Self {
        self.retired = Some(grant);
        self
    }

    /// Adds the tags of a resource that is not a key.
    #[must_use]
    pub const fn resource_tags(mut self, tags: &'a Tags) -> Self {
        self.resource_tags = Some(tags);
        self
    }

    /// Adds the encryption context; an empty one is none.
    #[must_use]
    pub fn context(mut self, context: Option<&'a BTreeMap<String, String>>) -> Self {
        self.context = context.filter(|pairs| !pairs.is_empty());
        self
    }

    /// Says what refusals call the resource, such as `role` and its name.
    #[must_use]
    pub const fn called(mut self, noun: &'static str, name: &'a str) -> Self {
        self.called = Some((noun, name));
        self
    }

    /// What a refusal calls the resource. Where there is none, STS does not speak of one, and neither
    /// does KMS when a key that is to be made would be tagged.
    fn spoken(&self) -> Cow<'a, str> {
        match (self.called, self.resource) {
            (Some((noun, name)), _) => format!("{noun} {name}").into(),
            (None, Resource::Any) if self.action.starts_with("sts:") || self.action == "kms:TagResource" => {
                "".into()
            }
            (None, resource) => resource.arn().into(),
        }
    }

    /// Adds the attested recipient of the answer.
    #[must_use]
    pub fn recipient(mut self, recipient: Option<&'a Attestation>) -> Self {
        self.recipient = recipient;
        self
    }

    /// Adds tags that the input sets, or (without values) removes.
    #[must_use]
    pub fn request_tags(mut self, tags: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Self {
        self.request_tags.extend(tags);
        self
    }
}

/// Proof that every demand of an operation was granted, holding what was judged.
pub struct Permit<T> {
    loaded: T,
}

impl<T> Deref for Permit<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.loaded
    }
}

/// When and where a request is judged.
#[derive(Clone, Copy)]
pub struct Circumstances<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// The Region of the request.
    pub region: &'a Region,
    /// Trent's time.
    pub now: jiff::Timestamp,
    /// Where policies lie.
    pub records: &'a Records,
}

/// Grants everything that `O` demands for `input`, in its order, or refuses the first that is not
/// allowed.
///
/// # Errors
/// [`Fault::AccessDenied`] in the words of the service.
pub(crate) async fn authorize<O: Operation>(
    circumstances: &Circumstances<'_>,
    input: &O::Input,
    loaded: Loaded<O>,
) -> Result<Permit<Loaded<O>>, Fault> {
    let demands = O::demands(input, &loaded);
    if !demands.is_empty() {
        let own = Own::gather(circumstances.caller, circumstances.records).await?;
        for demand in &demands {
            judge(circumstances, &own, demand, O::CROSS_ACCOUNT).await?;
        }
    }
    drop(demands);
    Ok(Permit { loaded })
}

/// Whether `policy`, were it the policy of a key of the caller's account, would let the caller
/// replace it again.
///
/// # Errors
/// When the caller's own policies cannot be read.
pub async fn may_still_put_policy(
    context: &Context<'_>,
    policy: &Document,
    key: &KeyArn,
) -> Result<bool, Fault> {
    let circumstances = context.circumstances();
    let own = Own::gather(context.caller, context.records).await?;
    let arn = key.to_string();
    let demand = Demand::new("kms:PutKeyPolicy", Resource::Any).fact("kms:policyname", "default");
    let demand = demand.in_region(key.region.as_str());
    let organization = organization_for(&circumstances, &own, Some(policy)).await?;
    let facts = RequestFacts::new(&circumstances, &own, &demand).within(organization);
    let question =
        Question { caller: &context.caller.identity, action: demand.action, resource: &arn, facts: &facts };
    let resource =
        PolicySet { key_policy: Some(policy), key_account: Some(context.account()), ..PolicySet::default() };
    Ok(matches!(trent_policy::decide(&question, &own.with(resource)), Decision::Allow(_)))
}

/// Whether one demand is allowed. What policies refuse without a word may still be granted.
async fn judge(
    circumstances: &Circumstances<'_>,
    own: &Own,
    demand: &Demand<'_>,
    cross_account: bool,
) -> Result<(), Fault> {
    let policies = demand.policies(cross_account);
    let asked = Asked {
        aliases: aliases(circumstances, own, demand).await?,
        organization: organization_for(circumstances, own, policies.key_policy).await?,
    };
    let decision = decide(circumstances, own, (demand, policies), asked);
    if let Some(grant) = demand.retired {
        return judge_retirement(circumstances.caller, demand, grant, &decision);
    }
    match decision {
        Decision::Allow(_) => Ok(()),
        Decision::Deny(reason) if is_granted(circumstances, demand, &reason).await? => Ok(()),
        Decision::Deny(reason) => Err(refusal(circumstances.caller, demand, &reason)),
    }
}

/// What was looked up because a policy asks for it.
struct Asked {
    aliases: Option<Vec<String>>,
    organization: Option<Organization>,
}

/// What policies say.
fn decide(
    circumstances: &Circumstances<'_>,
    own: &Own,
    (demand, policies): (&Demand<'_>, PolicySet<'_>),
    asked: Asked,
) -> Decision {
    let plain = RequestFacts::new(circumstances, own, demand).within(asked.organization);
    let for_caller = asked.aliases.map(|aliases| plain.with_aliases(aliases));
    let facts = plain.and(for_caller.as_ref());
    let question = Question {
        caller: &circumstances.caller.identity,
        action: demand.action,
        resource: demand.resource.arn(),
        facts: &facts,
    };
    trent_policy::decide(&question, &own.with(policies))
}

/// Whether a grant on the key permits what no policy does. An explicit deny beats all grants.
async fn is_granted(
    circumstances: &Circumstances<'_>,
    demand: &Demand<'_>,
    reason: &Reason,
) -> Result<bool, Fault> {
    let Resource::Key(key) = demand.resource else { return Ok(false) };
    let Some(operation) = GrantOperation::from_action(demand.action) else { return Ok(false) };
    if reason.is_explicit() {
        return Ok(false);
    }
    // `aws:SourceArn` of requests that a service makes; none reaches this server yet.
    let source_arn = None;
    let wish = Wish { operation, context: demand.context, source_arn, proposal: demand.proposal.as_ref() };
    let caller = (&circumstances.caller.identity, reason.identity_allows());
    Ok(grants::permit(circumstances.records, caller, &key.entry.key.arn(), &wish).await?)
}

/// A grant says who may retire it; the caller's own policies may forbid it, and must allow it where
/// only the caller's account is named.
fn judge_retirement(
    caller: &Caller,
    demand: &Demand<'_>,
    grant: &Grant,
    decision: &Decision,
) -> Result<(), Fault> {
    let (allows, forbids) = match decision {
        Decision::Allow(_) => (true, None),
        Decision::Deny(reason) => (false, Some(reason).filter(|reason| reason.is_explicit())),
    };
    match forbids {
        Some(reason) => Err(refusal(caller, demand, reason)),
        None if grants::may_retire(&caller.identity, allows, grant) => Ok(()),
        None => Err(refusal(caller, demand, unless_foreign(caller, demand, &Reason::NO_RESOURCE_POLICY))),
    }
}

/// The organization, when a policy asks for it.
async fn organization_for(
    circumstances: &Circumstances<'_>,
    own: &Own,
    policy: Option<&Document>,
) -> Result<Option<Organization>, Fault> {
    if !own.documents().chain(policy).any(organization::asked_for) {
        return Ok(None);
    }
    Ok(circumstances.records.organization().await?)
}

/// The aliases of the key, when a policy of the caller's asks for them. A key with more than that
/// is one such policies do not allow.
async fn aliases(
    circumstances: &Circumstances<'_>,
    own: &Own,
    demand: &Demand<'_>,
) -> Result<Option<Vec<String>>, Fault> {
    const MOST: usize = 50;
    let Resource::Key(key) = demand.resource else { return Ok(None) };
    if !own.documents().any(|document| document.asks_for(RESOURCE_ALIASES)) {
        return Ok(None);
    }
    let Key { account, region, id, .. } = &key.entry.key;
    let range = PathRange::aliases_of(*account, region, id);
    let found = circumstances.records.scan::<KeyAlias>(&range, MOST + 1).await?;
    if found.len() > MOST {
        let (caller, reason) = (circumstances.caller, &Reason::NO_IDENTITY_POLICY);
        return Err(refusal(caller, demand, unless_foreign(caller, demand, reason)));
    }
    let names = found.iter().filter_map(|(path, _)| path.suffix(range.common_prefix()));
    Ok(Some(names.map(str::to_owned).collect()))
}

/// Why not, unless the resource is another account's: whether that exists is not told.
fn unless_foreign<'a>(caller: &Caller, demand: &Demand<'_>, reason: &'a Reason) -> &'a Reason {
    let foreign = demand.resource.account().is_some_and(|owner| owner != caller.principal.account);
    if foreign { &Reason::UNREACHABLE } else { reason }
}

/// A refusal in the words of the service.
fn refusal(caller: &Caller, demand: &Demand<'_>, reason: &Reason) -> Fault {
    let Demand { action, resource, .. } = demand;
    Fault::AccessDenied(match resource {
        Resource::Key(key) if key.by_ciphertext => reason.message_about_ciphertext(&caller.arn, action),
        Resource::Role(_) if caller.access_key_id.is_empty() => format!("Not authorized to perform {action}"),
        // Why is not told: the trust policy may be another account's.
        Resource::Role(role) => {
            format!("User: {} is not authorized to perform: {action} on resource: {}", caller.arn, role.arn)
        }
        _ => reason.message(&caller.arn, action, &demand.spoken()),
    })
}
