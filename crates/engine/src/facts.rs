//! Condition keys, answered when a policy asks for them.

use std::borrow::Cow;

use trent_domain::{AccountId, Arn, Organization};
use trent_policy::{Facts, Values};

use crate::attestation;
use crate::authorize::{Circumstances, Demand, Fact, Resource};
use crate::identity::{Own, find_tag};

/// What is known of one demand.
#[derive(Clone, Copy)]
pub(crate) struct RequestFacts<'a> {
    circumstances: &'a Circumstances<'a>,
    own: &'a Own,
    demand: &'a Demand<'a>,
    /// Looked up only when a policy asks for it.
    organization: Option<Organization>,
    for_caller: Option<&'a CallerFacts<'a>>,
}

/// What only the caller's own policies are answered: the aliases of the key.
pub(crate) struct CallerFacts<'a> {
    request: RequestFacts<'a>,
    aliases: Vec<String>,
}

impl Facts for CallerFacts<'_> {
    fn get(&self, key: &str) -> Option<Values<'_>> {
        match key {
            RESOURCE_ALIASES => Some(Values::many(self.aliases.iter().map(String::as_str))),
            _ => self.request.get(key),
        }
    }
}

/// The names of a key's aliases; only identity policies, boundaries and session policies know it.
pub(crate) const RESOURCE_ALIASES: &str = "kms:resourcealiases";

/// What has no condition keys of the service: neither a key nor a store of keys is asked for it.
const OF_NO_RESOURCE: [&str; 4] =
    ["kms:GenerateRandom", "kms:ListAliases", "kms:ListKeys", "kms:ListRetirableGrants"];

impl<'a> RequestFacts<'a> {
    pub(crate) const fn new(
        circumstances: &'a Circumstances<'a>,
        own: &'a Own,
        demand: &'a Demand<'a>,
    ) -> Self {
        Self { circumstances, own, demand, organization: None, for_caller: None }
    }

    /// With the organization that all accounts belong to.
    pub(crate) const fn within(self, organization: Option<Organization>) -> Self {
        Self { organization, ..self }
    }

    /// With the aliases of the key, for the caller's own policies.
    pub(crate) const fn with_aliases(self, aliases: Vec<String>) -> CallerFacts<'a> {
        CallerFacts { request: self, aliases }
    }

    /// With more for the caller's own policies.
    pub(crate) const fn and(self, for_caller: Option<&'a CallerFacts<'a>>) -> Self {
        Self { for_caller, ..self }
    }
}

impl Facts for RequestFacts<'_> {
    fn get(&self, key: &str) -> Option<Values<'_>> {
        match key.split_once(':') {
            Some(("kms", name)) => self.kms(key, name),
            Some(("aws", name)) => self.aws(key, name),
            Some(("iam", name)) if name.starts_with("resourcetag/") => self.aws(key, name),
            _ => self.of_input(key).or_else(|| self.of_federation(key)),
        }
    }

    fn own(&self) -> Option<&dyn Facts> {
        self.for_caller.map(|facts| facts as &dyn Facts)
    }
}

impl RequestFacts<'_> {
    fn kms(&self, key: &str, name: &str) -> Option<Values<'_>> {
        if let Some(pair) = name.strip_prefix("encryptioncontext:") {
            let mut pairs = self.demand.context?.iter();
            let found = pairs.find(|(known, _)| known.eq_ignore_ascii_case(pair));
            return found.map(|(_, value)| Values::one(value.as_str()));
        }
        if let Some(measurement) = name.strip_prefix("recipientattestation:") {
            return attestation::measurement(self.demand.recipient?, measurement).map(Values::one);
        }
        match name {
            "calleraccount" if OF_NO_RESOURCE.contains(&self.demand.action) => None,
            "calleraccount" => Some(Values::one(self.circumstances.caller.principal.account.to_string())),
            "encryptioncontextkeys" => Some(Values::many(self.demand.context?.keys().map(String::as_str))),
            _ => self.of_input(key).or_else(|| self.of_key(name)),
        }
    }

    fn of_input(&self, key: &str) -> Option<Values<'_>> {
        let (_, fact) = self.demand.facts.iter().find(|(known, _)| *known == key)?;
        Some(match fact {
            Fact::One(value) => Values::one(&**value),
            Fact::Many(values) => Values::many(values.iter().map(|value| Cow::Borrowed(&**value))),
        })
    }

    /// What an identity provider says of the caller, or said when its session began.
    fn of_federation(&self, key: &str) -> Option<Values<'_>> {
        let caller = self.circumstances.caller;
        let session = caller.session.as_ref().map(|session| &session.federation);
        caller.web_identity.as_ref().map(|identity| &identity.keys).or(session)?.get(key)
    }

    fn of_key(&self, name: &str) -> Option<Values<'_>> {
        // Who retires a grant is a matter of the grant: only the key's tags and aliases are known then.
        let (Resource::Key(loaded), None) = (self.demand.resource, self.demand.retired) else { return None };
        let key = &loaded.entry.key;
        match name {
            "keyspec" | "customermasterkeyspec" => Some(Values::one(key.spec.as_str())),
            "keyusage" | "customermasterkeyusage" => Some(Values::one(key.usage.as_str())),
            "keyorigin" => Some(Values::one(key.origin.as_str())),
            "multiregion" => Some(Values::one(told(key.multi_region.is_some()))),
            "multiregionkeytype" if key.is_primary() => Some(Values::one("PRIMARY")),
            "multiregionkeytype" if key.is_replica() => Some(Values::one("REPLICA")),
            "requestalias" => loaded.request_alias.as_ref().map(|alias| Values::one(alias.as_str())),
            _ => None,
        }
    }

    fn aws(&self, key: &str, name: &str) -> Option<Values<'_>> {
        if let Some((kind, tag)) = name.split_once('/') {
            let found = match kind {
                "resourcetag" => self.resource_tag(tag),
                "requesttag" => self.request_tag(tag),
                "principaltag" => self.principal_tag(tag),
                _ => None,
            };
            return found.map(Values::one);
        }
        match name {
            "tagkeys" if self.demand.request_tags.is_empty() => self.of_input(key),
            "tagkeys" => Some(Values::many(self.demand.request_tags.iter().map(|(key, _)| *key))),
            _ => self
                .of_connection(name)
                .or_else(|| self.of_principal(name))
                .or_else(|| self.of_resource(name))
                .or_else(|| self.of_input(key)),
        }
    }

    /// What is about to be made has the tags it is to be made with.
    fn resource_tag(&self, tag: &str) -> Option<&str> {
        match self.demand.resource {
            Resource::Key(loaded) => find_tag(&loaded.entry.key.tags, tag),
            Resource::Role(role) => find_tag(&role.role.tags, tag),
            Resource::Any => self.request_tag(tag),
            Resource::Alias(_) | Resource::Arn(_) => find_tag(self.demand.resource_tags?, tag),
        }
    }

    fn request_tag(&self, tag: &str) -> Option<&str> {
        self.demand.request_tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(tag))?.1
    }

    /// The tags of a session lie over those of its role.
    fn principal_tag(&self, tag: &str) -> Option<&str> {
        let session = self.circumstances.caller.session.as_ref();
        session.and_then(|session| session.tag(tag)).or_else(|| self.own.tag(tag))
    }

    fn of_connection(&self, name: &str) -> Option<Values<'_>> {
        let Circumstances { caller, region, now, .. } = self.circumstances;
        match name {
            "currenttime" => Some(Values::one(now.to_string())),
            "epochtime" => Some(Values::one(now.as_second().to_string())),
            "securetransport" => Some(Values::one(told(caller.secure))),
            // A listener for both families sees IPv4 peers as mapped addresses.
            "sourceip" => Some(Values::one(caller.source_ip.to_canonical().to_string())),
            "useragent" => caller.user_agent.as_deref().map(Values::one),
            "requestedregion" => Some(Values::one(self.demand.region.unwrap_or(region.as_str()))),
            "viaawsservice" | "principalisawsservice" => Some(Values::one("false")),
            _ => None,
        }
    }

    fn of_resource(&self, name: &str) -> Option<Values<'_>> {
        let owner = self.owner()?;
        match name {
            "resourceaccount" => Some(Values::one(owner.to_string())),
            "resourceorgid" => Some(Values::one(self.organization?.id())),
            "resourceorgpaths" => Some(Values::many([self.organization?.path()])),
            _ => None,
        }
    }

    /// Whose the resource is. What is yet to be made, and lists, are the caller's account's; the
    /// policies of AWS are nobody's.
    fn owner(&self) -> Option<AccountId> {
        match self.demand.resource {
            Resource::Key(_) | Resource::Role(_) => self.demand.resource.account(),
            Resource::Alias(arn) | Resource::Arn(arn) => Arn::parse(arn).ok()?.account.parse().ok(),
            Resource::Any => Some(self.circumstances.caller.principal.account),
        }
    }

    fn of_principal(&self, name: &str) -> Option<Values<'_>> {
        let caller = self.circumstances.caller;
        match name {
            "principalarn" => Some(Values::one(&*caller.policy_arn)),
            "principalaccount" => Some(Values::one(caller.principal.account.to_string())),
            "principaltype" => Some(Values::one(caller.principal.type_name())),
            "userid" => Some(Values::one(caller.user_id.as_str())),
            "username" => caller.principal.user_name().map(Values::one),
            "principalorgid" => Some(Values::one(self.organization?.id())),
            "principalorgpaths" => Some(Values::many([self.organization?.path()])),
            _ => self.of_session(name),
        }
    }

    /// Keys that only temporary credentials have.
    fn of_session(&self, name: &str) -> Option<Values<'_>> {
        let session = self.circumstances.caller.session.as_deref()?;
        match name {
            "tokenissuetime" => Some(Values::one(session.issued.to_string())),
            "multifactorauthpresent" => Some(Values::one(told(session.mfa.is_some()))),
            "multifactorauthage" => {
                let age = self.circumstances.now.duration_since(session.mfa?);
                Some(Values::one(age.as_secs().to_string()))
            }
            "sourceidentity" => session.source_identity.as_deref().map(Values::one),
            "federatedprovider" => session.provider.as_deref().map(Values::one),
            _ => None,
        }
    }
}

const fn told(fact: bool) -> &'static str {
    if fact { "true" } else { "false" }
}
