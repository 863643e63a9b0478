//! One statement: to whom, for what, on what and when it applies.

use crate::arn::ResourcePattern;
use crate::condition::{self, Condition};
use crate::document::Elements;
use crate::json::Node;
use crate::pattern::{Case, Pattern};
use crate::position::Span;
use crate::principal::{PrincipalPattern, Principals, Standing};
use crate::variable::{Variable, Variables};
use crate::{DocumentKind, Facts, PolicyError, Question, Values};

/// What a statement does where it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Permits.
    Allow,
    /// Forbids, whatever else permits.
    Deny,
}

/// A compiled statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    sid: Option<Box<str>>,
    effect: Effect,
    principals: Option<Principals>,
    actions: Actions,
    resources: Resources,
    conditions: Box<[Condition]>,
    knows_aliases: bool,
    span: Span,
}

/// A condition key that a statement mentions.
pub(crate) struct Mention<'a> {
    /// As it is written.
    pub(crate) name: &'a str,
    /// In lower case.
    pub(crate) key: &'a str,
    /// Whether the statement makes do without it.
    pub(crate) optional: bool,
}

impl<'a> Mention<'a> {
    fn of(variable: &'a Variable) -> Self {
        Self { name: variable.name(), key: variable.key(), optional: variable.has_default() }
    }
}

impl Statement {
    pub(crate) fn parse(
        node: Node,
        span: Span,
        kind: DocumentKind,
        variables: Variables,
    ) -> Result<Self, PolicyError> {
        let mut elements = Elements::of(node)?;
        let statement = Self {
            sid: elements.take("Sid").map(Node::text).transpose()?.map(Into::into),
            effect: effect(elements.take("Effect"))?,
            principals: principals(&mut elements, kind)?,
            actions: Actions::parse(&mut elements, kind)?,
            resources: Resources::parse(&mut elements, kind, variables)?,
            conditions: match elements.take("Condition") {
                Some(node) => condition::parse(node, variables)?,
                None => Box::default(),
            },
            knows_aliases: kind != DocumentKind::KeyPolicy,
            span,
        };
        elements.finish()?;
        if kind == DocumentKind::KeyPolicy {
            statement.conditions.iter().try_for_each(refuse_overly_permissive)?;
        }
        Ok(statement)
    }

    pub(crate) fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    pub(crate) const fn effect(&self) -> Effect {
        self.effect
    }

    pub(crate) const fn span(&self) -> Span {
        self.span
    }

    /// The condition keys of the resources, then those of the conditions.
    pub(crate) fn mentions(&self) -> Vec<Mention<'_>> {
        let mut mentions: Vec<Mention<'_>> =
            self.resources.variables().into_iter().map(Mention::of).collect();
        for condition in &self.conditions {
            mentions.push(Mention { name: condition.name(), key: condition.key(), optional: false });
            mentions.extend(condition.variables().into_iter().map(Mention::of));
        }
        mentions
    }

    /// Whether this is about the caller and the action, whatever the rest.
    pub(crate) fn concerns(&self, question: &Question<'_>) -> bool {
        let reaches = |principals: &Principals| match self.effect {
            Effect::Allow => principals.allowed(question.caller).is_some(),
            Effect::Deny => principals.denied(question.caller),
        };
        self.principals.as_ref().is_none_or(reaches) && self.actions.contain(question.action)
    }

    /// Whether this is about the resource, whatever the rest.
    pub(crate) fn is_about(&self, question: &Question<'_>) -> bool {
        self.resources.contain(question)
    }

    pub(crate) fn principals(&self) -> impl Iterator<Item = &PrincipalPattern> {
        self.principals.iter().flat_map(|principals| principals.patterns.iter())
    }

    /// Whether this applies, as a statement about the caller.
    pub(crate) fn applies(&self, question: &Question<'_>) -> bool {
        self.principals.is_none() && self.covers(question)
    }

    /// How the caller is named, if this applies as a statement about a resource.
    pub(crate) fn standing(&self, question: &Question<'_>) -> Option<Standing> {
        let principals = self.principals.as_ref()?;
        let standing = match self.effect {
            Effect::Allow => principals.allowed(question.caller)?,
            Effect::Deny => principals.denied(question.caller).then_some(Standing::Direct)?,
        };
        self.covers(question).then_some(standing)
    }

    /// Action, resource and conditions, the cheapest first.
    fn covers(&self, question: &Question<'_>) -> bool {
        self.actions.contain(question.action)
            && self.resources.contain(question)
            && self.conditions_hold(question.facts)
    }

    fn conditions_hold(&self, facts: &dyn Facts) -> bool {
        if self.conditions.is_empty() {
            return true;
        }
        if self.knows_aliases {
            return self.conditions.iter().all(|condition| condition.holds(facts));
        }
        let facts = WithoutAliases(facts);
        self.conditions.iter().all(|condition| condition.holds(&facts))
    }
}

fn effect(node: Option<Node>) -> Result<Effect, PolicyError> {
    match node.map(Node::text).transpose()?.as_deref() {
        Some("Allow") => Ok(Effect::Allow),
        Some("Deny") => Ok(Effect::Deny),
        _ => Err(PolicyError::Syntax("the effect must be Allow or Deny")),
    }
}

/// An element, or its complement; never both.
fn either(
    elements: &mut Elements,
    name: &str,
    complement: &str,
) -> Result<Option<(Node, bool)>, PolicyError> {
    match (elements.take(name), elements.take(complement)) {
        (Some(_), Some(_)) => Err(PolicyError::Syntax("an element and its complement exclude each other")),
        (Some(node), None) => Ok(Some((node, false))),
        (None, Some(node)) => Ok(Some((node, true))),
        (None, None) => Ok(None),
    }
}

fn principals(elements: &mut Elements, kind: DocumentKind) -> Result<Option<Principals>, PolicyError> {
    let found = either(elements, "Principal", "NotPrincipal")?;
    match (kind, found) {
        (kind, None) if kind.is_of_caller() => Ok(None),
        (kind, Some(_)) if kind.is_of_caller() => Err(PolicyError::UnwantedPrincipal),
        (_, None) => Err(PolicyError::MissingPrincipal),
        (DocumentKind::Trust, Some((_, true))) => Err(PolicyError::ProhibitedField("NotPrincipal")),
        (_, Some((node, negated))) => {
            let principals = Principals::parse(node, negated)?;
            let provider = |p: &PrincipalPattern| matches!(p, PrincipalPattern::Provider(_));
            if kind == DocumentKind::KeyPolicy && principals.patterns.iter().any(provider) {
                return Err(PolicyError::InvalidPrincipals);
            }
            if kind == DocumentKind::Trust && principals.patterns.is_empty() {
                return Err(PolicyError::MissingPrincipal);
            }
            Ok(Some(principals))
        }
    }
}

/// `Action` or `NotAction`; without either a statement applies to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Actions {
    Missing,
    Listed { negated: bool, patterns: Box<[Pattern]> },
}

impl Actions {
    fn parse(elements: &mut Elements, kind: DocumentKind) -> Result<Self, PolicyError> {
        match either(elements, "Action", "NotAction")? {
            Some((node, negated)) => {
                let texts = node.texts()?;
                let patterns: Box<[Pattern]> =
                    texts.iter().map(|text| action(text)).collect::<Result<_, _>>()?;
                if patterns.is_empty() && kind != DocumentKind::KeyPolicy {
                    return Err(PolicyError::MissingActions);
                }
                // Everything but some actions is more than assuming the role.
                if kind == DocumentKind::Trust && (negated || !texts.iter().all(|text| assumes(text))) {
                    return Err(PolicyError::NotAssumeRole);
                }
                Ok(Self::Listed { negated, patterns })
            }
            None if kind == DocumentKind::KeyPolicy => Ok(Self::Missing),
            None => Err(PolicyError::MissingActions),
        }
    }

    fn contain(&self, action: &str) -> bool {
        match self {
            Self::Missing => false,
            Self::Listed { negated, patterns } => {
                *negated != patterns.iter().any(|pattern| pattern.matches(action, &NoFacts))
            }
        }
    }
}

fn action(text: &str) -> Result<Pattern, PolicyError> {
    match text.split_once(':') {
        Some((_, name)) if name.contains(':') => Err(PolicyError::TooManyColons),
        Some((vendor, name)) if !vendor.is_empty() && !name.is_empty() => {
            Pattern::parse(text, Variables::Literal, Case::Insensitive)
        }
        None if text == "*" => Pattern::parse(text, Variables::Literal, Case::Insensitive),
        _ => Err(PolicyError::MissingVendor),
    }
}

/// Whether an action of a trust policy is one that assuming a role takes.
fn assumes(text: &str) -> bool {
    const ACTIONS: [&str; 6] = [
        "sts:AssumeRole",
        "sts:AssumeRoleWithSAML",
        "sts:AssumeRoleWithWebIdentity",
        "sts:TagSession",
        "sts:SetSourceIdentity",
        "sts:SetContext",
    ];
    let of_sts = text.get(..4).is_some_and(|vendor| vendor.eq_ignore_ascii_case("sts:"));
    of_sts && action(text).is_ok_and(|p| ACTIONS.iter().any(|known| p.matches(known, &NoFacts)))
}

/// `Resource` or `NotResource`; without either a statement applies to nothing, save in a trust
/// policy, where there is but one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Resources {
    Missing,
    Implied,
    Listed { negated: bool, patterns: Box<[ResourcePattern]> },
}

impl Resources {
    fn parse(elements: &mut Elements, kind: DocumentKind, variables: Variables) -> Result<Self, PolicyError> {
        match (either(elements, "Resource", "NotResource")?, kind) {
            (Some(_), DocumentKind::Trust) => Err(PolicyError::ProhibitedField("Resource")),
            (None, DocumentKind::Trust) => Ok(Self::Implied),
            (None, DocumentKind::KeyPolicy) => Ok(Self::Missing),
            (None, _) => Err(PolicyError::MissingResources),
            (Some((node, negated)), _) => {
                let parse = |text: &String| ResourcePattern::parse(text, variables);
                let patterns: Box<[_]> = node.texts()?.iter().map(parse).collect::<Result<_, _>>()?;
                if patterns.is_empty() && kind.is_of_caller() {
                    return Err(PolicyError::MissingResources);
                }
                Ok(Self::Listed { negated, patterns })
            }
        }
    }

    fn variables(&self) -> Vec<&Variable> {
        match self {
            Self::Missing | Self::Implied => Vec::new(),
            Self::Listed { patterns, .. } => patterns.iter().flat_map(ResourcePattern::variables).collect(),
        }
    }

    fn contain(&self, question: &Question<'_>) -> bool {
        match self {
            Self::Missing => false,
            Self::Implied => true,
            Self::Listed { negated, patterns } => {
                *negated != patterns.iter().any(|p| p.matches(question.resource, question.facts))
            }
        }
    }
}

/// Under `ForAllValues` a request that does not give the key at all would satisfy the condition,
/// which is never what is meant of a key with one value.
fn refuse_overly_permissive(condition: &Condition) -> Result<(), PolicyError> {
    let what = match condition.key() {
        key if key.starts_with("kms:encryptioncontext:") => "encryption context",
        key if key.starts_with("aws:requesttag/") => "tag",
        _ => return Ok(()),
    };
    if condition.is_for_all() { Err(PolicyError::OverlyPermissive(what)) } else { Ok(()) }
}

/// For patterns that have no variables.
struct NoFacts;

impl Facts for NoFacts {
    fn get(&self, _: &str) -> Option<Values<'_>> {
        None
    }
}

/// A key policy cannot see the aliases of its key.
struct WithoutAliases<'a>(&'a dyn Facts);

impl Facts for WithoutAliases<'_> {
    fn get(&self, key: &str) -> Option<Values<'_>> {
        if key == "kms:resourcealiases" { None } else { self.0.get(key) }
    }
}
