//! Policy documents: the text, read and compiled once.

use std::collections::HashSet;

use crate::json::Node;
use crate::position::{Cursor, Span};
use crate::principal::{PrincipalPattern, Standing};
use crate::statement::{Effect, Statement};
use crate::variable::Variables;
use crate::{PolicyError, Question};

/// More than any policy may have: what the API's field takes, in its longest encoding.
const MAX_BYTES: usize = 2 * 131_072;

/// The kinds of policy document. They speak one language but not all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    /// A key policy: has principals; a statement without actions or resources is without effect.
    KeyPolicy,
    /// A role's trust policy: has principals and no resources.
    Trust,
    /// Whatever hangs on an identity: has no principals.
    Identity,
    /// A managed policy, attached or as a boundary: an identity policy in the language of 2012.
    Managed,
    /// A policy that limits one session: as an identity policy.
    Session,
}

impl DocumentKind {
    /// Whether this is a policy of the caller's, not of a resource.
    pub(crate) const fn is_of_caller(self) -> bool {
        matches!(self, Self::Identity | Self::Managed | Self::Session)
    }
}

/// A parsed policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    id: Option<Box<str>>,
    statements: Box<[Statement]>,
    /// The condition keys that are mentioned, in lower case, each once.
    keys: Box<[Box<str>]>,
}

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    /// When the text is no policy of this kind.
    pub fn parse(text: &str, kind: DocumentKind) -> Result<Self, PolicyError> {
        Self::read(text, kind).map_err(|error| error.worded(kind))
    }

    fn read(text: &str, kind: DocumentKind) -> Result<Self, PolicyError> {
        if text.len() > MAX_BYTES {
            return Err(PolicyError::Syntax("the document is too large"));
        }
        let mut elements = Elements::of(Node::parse(text)?)?;
        let variables = version(elements.take("Version"))?;
        if kind == DocumentKind::Managed && variables == Variables::Literal {
            return Err(PolicyError::OldVersion);
        }
        let id = elements.take("Id").map(Node::text).transpose()?;
        if id.is_some() && kind.is_of_caller() {
            return Err(PolicyError::ProhibitedField("Id"));
        }
        let statements = elements.take("Statement").ok_or(PolicyError::Syntax("there is no statement"))?;
        elements.finish()?;
        let statements: Box<[Statement]> = spanned(text, statements)
            .into_iter()
            .map(|(node, span)| Statement::parse(node, span, kind, variables))
            .collect::<Result<_, _>>()?;
        check_statements(&statements, kind)?;
        Ok(Self { id: id.map(Into::into), keys: mentioned(&statements), statements })
    }

    /// `Id`.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Every principal named.
    pub fn principals(&self) -> impl Iterator<Item = &PrincipalPattern> {
        self.statements.iter().flat_map(Statement::principals)
    }

    /// How many statements there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.statements.len()
    }

    /// Whether there are no statements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// `Sid` of a statement.
    #[must_use]
    pub fn sid(&self, index: usize) -> Option<&str> {
        self.statements.get(index)?.sid()
    }

    /// Whether a condition or a variable asks for this key, which is given in lower case.
    #[must_use]
    pub fn asks_for(&self, key: &str) -> bool {
        self.keys.iter().any(|known| **known == *key)
    }

    /// Whether a statement is about the resource that is asked about, whatever else it says.
    #[must_use]
    pub fn covers(&self, question: &Question<'_>) -> bool {
        self.statements.iter().any(|statement| statement.is_about(question))
    }

    /// Every condition key that this mentions, in conditions and in variables, each once and as it is
    /// first written.
    #[must_use]
    pub fn context_keys(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        let mentions = self.statements.iter().flat_map(Statement::mentions);
        mentions.filter(|mention| seen.insert(mention.key)).map(|mention| mention.name).collect()
    }

    /// How much there is to look at when all of this is explained: statements, and what they mention.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.statements.iter().map(|statement| 1 + statement.mentions().len()).sum()
    }

    pub(crate) fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// What this says about a question, as a policy of the caller's.
    pub(crate) fn verdict(&self, question: &Question<'_>) -> Verdict {
        let mut verdict = Verdict::default();
        for (index, statement) in self.statements.iter().enumerate() {
            match statement.effect() {
                Effect::Allow if verdict.allow.is_some() => {}
                Effect::Allow if statement.applies(question) => verdict.allow = Some(index),
                Effect::Deny if statement.applies(question) => {
                    verdict.deny = Some(index);
                    return verdict;
                }
                Effect::Allow | Effect::Deny => {}
            }
        }
        verdict
    }

    /// What this says about a question, as the policy of the resource.
    pub(crate) fn resource_verdict(&self, question: &Question<'_>) -> ResourceVerdict {
        let mut verdict = ResourceVerdict::default();
        for (index, statement) in self.statements.iter().enumerate() {
            match statement.standing(question) {
                Some(_) if statement.effect() == Effect::Deny => {
                    verdict.deny = Some(index);
                    return verdict;
                }
                Some(standing) => verdict.allow(standing, index),
                None => {}
            }
        }
        verdict
    }
}

/// The statements of a caller's policy that decide.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) allow: Option<usize>,
    pub(crate) deny: Option<usize>,
}

/// The statements of a resource's policy that decide.
#[derive(Debug, Default)]
pub(crate) struct ResourceVerdict {
    /// The best Allow that names more than the caller's account.
    pub(crate) named: Option<(Standing, usize)>,
    /// The first Allow that names the caller's account.
    pub(crate) delegated: Option<usize>,
    pub(crate) deny: Option<usize>,
}

impl ResourceVerdict {
    fn allow(&mut self, standing: Standing, index: usize) {
        if standing == Standing::Delegated {
            self.delegated.get_or_insert(index);
        } else if self.named.is_none_or(|(best, _)| best < standing) {
            self.named = Some((standing, index));
        }
    }
}

/// The members of an object, each to be taken once and none to be left.
pub(crate) struct Elements(Vec<(String, Node)>);

impl Elements {
    pub(crate) fn of(node: Node) -> Result<Self, PolicyError> {
        node.object().map(Self)
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<Node> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.swap_remove(at).1)
    }

    pub(crate) fn finish(self) -> Result<(), PolicyError> {
        match self.0.first() {
            Some((name, _)) => Err(PolicyError::UnknownElement(crate::error::excerpt(name))),
            None => Ok(()),
        }
    }
}

fn version(node: Option<Node>) -> Result<Variables, PolicyError> {
    match node.map(Node::text).transpose()?.as_deref() {
        Some("2012-10-17") => Ok(Variables::Substituted),
        Some("2008-10-17") | None => Ok(Variables::Literal),
        Some(_) => Err(PolicyError::Syntax("the version must be 2012-10-17 or 2008-10-17")),
    }
}

/// Each statement with where it stands: from what is before it to its end.
fn spanned(text: &str, statements: Node) -> Vec<(Node, Span)> {
    let mut cursor = Cursor::new(text);
    let (nodes, mut start) = match statements {
        Node::Array(nodes, start) => (nodes, cursor.advance(start)),
        single @ (Node::Object(..) | Node::Text(_)) => {
            let start = if let Node::Object(_, range) = &single { range.start } else { 0 };
            (vec![single], cursor.advance(start))
        }
    };
    let mut spanned = Vec::with_capacity(nodes.len());
    for node in nodes {
        let end = if let Node::Object(_, range) = &node { cursor.advance(range.end) } else { start };
        spanned.push((node, Span { start, end }));
        start = end;
    }
    spanned
}

fn mentioned(statements: &[Statement]) -> Box<[Box<str>]> {
    let mut keys: Vec<Box<str>> = Vec::new();
    for mention in statements.iter().flat_map(Statement::mentions) {
        if !keys.iter().any(|known| **known == *mention.key) {
            keys.push(mention.key.into());
        }
    }
    keys.into()
}

fn check_statements(statements: &[Statement], kind: DocumentKind) -> Result<(), PolicyError> {
    match kind {
        DocumentKind::KeyPolicy => Ok(()),
        DocumentKind::Trust if statements.is_empty() => Err(PolicyError::NoStatement),
        DocumentKind::Trust => Ok(()),
        _ if statements.is_empty() => Err(PolicyError::Malformed),
        _ => check_sids(statements),
    }
}

fn check_sids(statements: &[Statement]) -> Result<(), PolicyError> {
    let mut seen = HashSet::new();
    for sid in statements.iter().filter_map(Statement::sid) {
        if !sid.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(PolicyError::InvalidSid);
        }
        if !sid.is_empty() && !seen.insert(sid) {
            return Err(PolicyError::RepeatedSid);
        }
    }
    Ok(())
}
