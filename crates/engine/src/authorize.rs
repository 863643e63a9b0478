//! The authorizer: demands in, a [`Permit`] or a refusal out.
//!
//! Work cannot start without a permit, a permit cannot be made elsewhere, and it carries the very
//! records that were judged.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Deref;

use trent_domain::Region;
use trent_policy::{Decision, Facts, PolicySet, Question, Values};

use crate::operation::{Loaded, Operation};
use crate::target::LoadedKey;
use crate::{Caller, Fault};

/// What a demand is about.
#[derive(Clone, Copy)]
pub enum Resource<'a> {
    /// No resource: only identity policies decide.
    Any,
    /// A key.
    Key(&'a LoadedKey),
    /// An alias, by ARN: only identity policies decide.
    Alias(&'a str),
}

/// The value of a condition key that comes from the input.
pub type Fact<'a> = (&'static str, Cow<'a, str>);

/// One action on one resource that the caller must be allowed.
pub struct Demand<'a> {
    /// Such as `kms:Encrypt`.
    pub action: &'static str,
    /// On what.
    pub resource: Resource<'a>,
    /// The encryption context the input gives, for `kms:EncryptionContext:*`.
    pub context: Option<&'a BTreeMap<String, String>>,
    /// Single-valued condition keys of the input, names in lower case.
    pub facts: Vec<Fact<'a>>,
    /// `aws:TagKeys` and `aws:RequestTag/*` of the input.
    pub request_tags: Vec<(&'a str, Option<&'a str>)>,
}

impl<'a> Demand<'a> {
    /// A demand without conditions from the input.
    #[must_use]
    pub const fn new(action: &'static str, resource: Resource<'a>) -> Self {
        Self { action, resource, context: None, facts: Vec::new(), request_tags: Vec::new() }
    }

    /// Adds a condition key of the input.
    #[must_use]
    pub fn fact(mut self, key: &'static str, value: impl Into<Cow<'a, str>>) -> Self {
        self.facts.push((key, value.into()));
        self
    }

    /// Adds the encryption context; an empty one is none.
    #[must_use]
    pub fn context(mut self, context: Option<&'a BTreeMap<String, String>>) -> Self {
        self.context = context.filter(|pairs| !pairs.is_empty());
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
}

/// Grants everything that `O` demands for `input`, in its order, or refuses the first that is not
/// allowed.
///
/// # Errors
/// [`Fault::AccessDenied`] in the words of the service.
pub(crate) fn authorize<O: Operation>(
    circumstances: &Circumstances<'_>,
    input: &O::Input,
    loaded: Loaded<O>,
) -> Result<Permit<Loaded<O>>, Fault> {
    for demand in O::demands(input, &loaded) {
        judge(circumstances, &demand)?;
    }
    Ok(Permit { loaded })
}

/// Whether `policy`, were it the policy of a key, would let the caller replace it again.
#[must_use]
pub fn may_still_put_policy(
    circumstances: &Circumstances<'_>,
    policy: &trent_policy::Document,
    key_arn: &str,
) -> bool {
    let demand = Demand::new("kms:PutKeyPolicy", Resource::Any).fact("kms:policyname", "default");
    let facts = RequestFacts { circumstances, demand: &demand };
    let question = Question {
        caller: &circumstances.caller.identity,
        action: demand.action,
        resource: key_arn,
        facts: &facts,
    };
    let set = PolicySet {
        key_policy: Some(policy),
        key_account: Some(circumstances.caller.principal.account),
        ..PolicySet::default()
    };
    matches!(trent_policy::decide(&question, &set), Decision::Allow(_))
}

fn judge(circumstances: &Circumstances<'_>, demand: &Demand<'_>) -> Result<(), Fault> {
    let facts = RequestFacts { circumstances, demand };
    let (resource, policy, account) = match demand.resource {
        Resource::Any => ("*", None, None),
        Resource::Alias(arn) => (arn, None, None),
        Resource::Key(key) => {
            let entry = &key.entry;
            (&*entry.arn, Some(&*entry.policy), Some(entry.key.account))
        }
    };
    let question =
        Question { caller: &circumstances.caller.identity, action: demand.action, resource, facts: &facts };
    let set = PolicySet { key_policy: policy, key_account: account, ..PolicySet::default() };
    match trent_policy::decide(&question, &set) {
        Decision::Allow(_) => Ok(()),
        Decision::Deny(reason) => {
            let arn = &circumstances.caller.arn;
            Err(Fault::AccessDenied(reason.message(arn, demand.action, resource)))
        }
    }
}

/// Condition keys, answered when a policy asks for them.
struct RequestFacts<'a> {
    circumstances: &'a Circumstances<'a>,
    demand: &'a Demand<'a>,
}

impl Facts for RequestFacts<'_> {
    fn get(&self, key: &str) -> Option<Values<'_>> {
        match key.split_once(':') {
            Some(("kms", name)) => self.kms(key, name),
            Some(("aws", name)) => self.aws(name),
            _ => None,
        }
    }
}

impl RequestFacts<'_> {
    fn kms(&self, key: &str, name: &str) -> Option<Values<'_>> {
        if let Some(pair) = name.strip_prefix("encryptioncontext:") {
            let mut pairs = self.demand.context?.iter();
            let found = pairs.find(|(known, _)| known.eq_ignore_ascii_case(pair));
            return found.map(|(_, value)| Values::one(value.as_str()));
        }
        match name {
            "calleraccount" => Some(Values::one(self.circumstances.caller.principal.account.to_string())),
            "encryptioncontextkeys" => Some(Values::many(self.demand.context?.keys().map(String::as_str))),
            _ => self.of_input(key).or_else(|| self.of_key(name)),
        }
    }

    fn of_input(&self, key: &str) -> Option<Values<'_>> {
        let found = self.demand.facts.iter().find(|(known, _)| *known == key);
        found.map(|(_, value)| Values::one(&**value))
    }

    fn of_key(&self, name: &str) -> Option<Values<'_>> {
        let Resource::Key(loaded) = self.demand.resource else { return None };
        let key = &loaded.entry.key;
        match name {
            "keyspec" | "customermasterkeyspec" => Some(Values::one(key.spec.as_str())),
            "keyusage" | "customermasterkeyusage" => Some(Values::one(key.usage.as_str())),
            "keyorigin" => Some(Values::one(key.origin.as_str())),
            "multiregion" => Some(Values::one(if key.id.is_multi_region() { "true" } else { "false" })),
            "requestalias" => loaded.request_alias.as_ref().map(|alias| Values::one(alias.as_str())),
            _ => None,
        }
    }

    fn aws(&self, name: &str) -> Option<Values<'_>> {
        if let Some(tag) = name.strip_prefix("resourcetag/") {
            let Resource::Key(loaded) = self.demand.resource else { return None };
            let tags = loaded.entry.key.tags.entries();
            return tags
                .iter()
                .find(|entry| entry.key.eq_ignore_ascii_case(tag))
                .map(|e| Values::one(&*e.value));
        }
        if let Some(tag) = name.strip_prefix("requesttag/") {
            let found = self.demand.request_tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(tag))?;
            return found.1.map(Values::one);
        }
        match name {
            "tagkeys" if self.demand.request_tags.is_empty() => None,
            "tagkeys" => Some(Values::many(self.demand.request_tags.iter().map(|(key, _)| *key))),
            _ => self.of_connection(name),
        }
    }

    fn of_connection(&self, name: &str) -> Option<Values<'_>> {
        let Circumstances { caller, region, now } = self.circumstances;
        let account = || caller.principal.account.to_string();
        match name {
            "currenttime" => Some(Values::one(now.to_string())),
            "epochtime" => Some(Values::one(now.as_second().to_string())),
            "securetransport" => Some(Values::one(if caller.tls.is_some() { "true" } else { "false" })),
            "sourceip" => Some(Values::one(caller.source_ip.to_string())),
            "useragent" => caller.user_agent.as_deref().map(Values::one),
            "requestedregion" => Some(Values::one(region.as_str())),
            "principalarn" => Some(Values::one(&*caller.arn)),
            "principalaccount" => Some(Values::one(account())),
            "principaltype" => Some(Values::one("Account")),
            "userid" => Some(Values::one(caller.principal.user_id())),
            "resourceaccount" => match self.demand.resource {
                Resource::Key(loaded) => Some(Values::one(loaded.entry.key.account.to_string())),
                Resource::Any | Resource::Alias(_) => None,
            },
            "viaawsservice" | "principalisawsservice" => Some(Values::one("false")),
            _ => None,
        }
    }
}
