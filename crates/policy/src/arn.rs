//! Patterns of ARNs, compared segment by segment: in conditions a `*` does not cross one of the first
//! five colons; in `Resource` it does where it ends its segment.

use std::ops::ControlFlow;

use crate::error::excerpt;
use crate::pattern::{Case, Pattern};
use crate::variable::{Template, Variable, Variables};
use crate::{Facts, PolicyError};

/// What `Resource` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ResourcePattern {
    /// `*`.
    Anything,
    /// An ARN, and which of its segments end in a star.
    Arn { segments: Segments, open: [bool; 6] },
}

impl ResourcePattern {
    /// Variables are known after the fifth colon only, and the service is no wildcard. An ARN that
    /// is cut short after the service has stars for what is missing.
    pub(crate) fn parse(text: &str, variables: Variables) -> Result<Self, PolicyError> {
        if text == "*" {
            return Ok(Self::Anything);
        }
        let invalid = || PolicyError::InvalidResource(excerpt(text));
        let segments = completed(text, variables).ok_or_else(invalid)?;
        let [arn, partition, service, region, account, last] = segments;
        let head_has_variable = variables == Variables::Substituted
            && [partition, service, region, account].iter().any(|s| s.contains("${"));
        if arn != "arn"
            || service.is_empty()
            || service.contains(['*', '?'])
            || head_has_variable
            || last.is_empty()
        {
            return Err(invalid());
        }
        let open = segments.map(|segment| segment.ends_with('*'));
        Ok(Self::Arn { segments: Segments::parse(segments, variables)?, open })
    }

    pub(crate) fn variables(&self) -> Vec<&Variable> {
        match self {
            Self::Anything => Vec::new(),
            Self::Arn { segments, .. } => segments.variables(),
        }
    }

    pub(crate) fn matches(&self, resource: &str, facts: &dyn Facts) -> bool {
        match self {
            Self::Anything => true,
            Self::Arn { segments, open } => segments.match_openly(open, resource, facts),
        }
    }
}

/// What `ArnLike` and its kin compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ArnPattern {
    /// Six segments.
    Segments(Segments),
    /// A variable that may hold a whole ARN; it has no wildcards.
    Exactly(Template),
    /// No ARN, so like none.
    Nothing,
}

impl ArnPattern {
    pub(crate) fn parse(text: &str, variables: Variables) -> Result<Self, PolicyError> {
        if let Some(segments) = split(text, variables) {
            return Segments::parse(segments, variables).map(Self::Segments);
        }
        let template = Template::parse(text, variables)?;
        let wild = crate::variable::tokens(text, variables)?
            .iter()
            .any(|token| matches!(token, crate::variable::Token::Plain(text) if text.contains(['*', '?'])));
        Ok(if wild { Self::Nothing } else { Self::Exactly(template) })
    }

    pub(crate) fn variables(&self) -> Vec<&Variable> {
        match self {
            Self::Segments(segments) => segments.variables(),
            Self::Exactly(template) => template.variables(),
            Self::Nothing => Vec::new(),
        }
    }

    pub(crate) fn matches(&self, arn: &str, facts: &dyn Facts) -> bool {
        match self {
            Self::Segments(segments) => segments.matches(arn, facts),
            Self::Exactly(template) => template.resolve(facts).is_some_and(|text| text == arn),
            Self::Nothing => false,
        }
    }
}

/// Patterns of the six segments of an ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segments {
    patterns: Box<[Pattern; 6]>,
    /// The whole, when nothing in it varies: most resources are named outright.
    literal: Option<Box<str>>,
}

impl Segments {
    fn parse(segments: [&str; 6], variables: Variables) -> Result<Self, PolicyError> {
        let patterns: Vec<Pattern> = segments
            .into_iter()
            .map(|segment| Pattern::parse(segment, variables, Case::Sensitive))
            .collect::<Result<_, _>>()?;
        let patterns: [Pattern; 6] =
            patterns.try_into().map_err(|_| PolicyError::Syntax("an ARN has six segments"))?;
        let literal: Option<Vec<&str>> = patterns.iter().map(Pattern::literal).collect();
        let literal = literal.map(|segments| segments.join(":").into());
        Ok(Self { patterns: Box::new(patterns), literal })
    }

    fn variables(&self) -> Vec<&Variable> {
        self.patterns.iter().flat_map(Pattern::variables).collect()
    }

    fn matches(&self, arn: &str, facts: &dyn Facts) -> bool {
        if let Some(literal) = &self.literal {
            return **literal == *arn;
        }
        let mut parts = arn.splitn(6, ':');
        self.patterns.iter().all(|pattern| parts.next().is_some_and(|part| pattern.matches(part, facts)))
    }

    /// As `matches`, but the star that ends an open segment may stand for further segments.
    fn match_openly(&self, open: &[bool; 6], arn: &str, facts: &dyn Facts) -> bool {
        if self.matches(arn, facts) {
            return true;
        }
        // Without colons to spare, no star can have any.
        if !open.iter().take(5).any(|open| *open) || arn.matches(':').count() < 6 {
            return false;
        }
        let [a, b, c, d, e, f] = &*self.patterns;
        let [oa, ob, oc, od, oe, of] = *open;
        let patterns = [(a, oa), (b, ob), (c, oc), (d, od), (e, oe), (f, of)];
        matches!(open_match(&patterns, arn, facts), ControlFlow::Break(true))
    }
}

/// The rest of the patterns against the rest of an ARN. Breaks with `false` when moving an earlier
/// star further cannot help any more: a later one has already tried everything that follows.
fn open_match(patterns: &[(&Pattern, bool)], text: &str, facts: &dyn Facts) -> ControlFlow<bool> {
    match patterns {
        [] => ControlFlow::Continue(()),
        [(last, _)] if last.matches(text, facts) => ControlFlow::Break(true),
        [_] => ControlFlow::Continue(()),
        [(first, open), others @ ..] => {
            let Some((segment, mut rest)) = text.split_once(':') else { return ControlFlow::Continue(()) };
            if !first.matches(segment, facts) {
                return ControlFlow::Continue(());
            }
            loop {
                open_match(others, rest, facts)?;
                match rest.split_once(':') {
                    _ if !open => return ControlFlow::Continue(()),
                    Some((_, later)) => rest = later,
                    None => return ControlFlow::Break(false),
                }
            }
        }
    }
}

/// Cuts an ARN into its segments; those after the service may be missing.
fn completed(text: &str, variables: Variables) -> Option<[&str; 6]> {
    if let Some(segments) = split(text, variables) {
        return Some(segments);
    }
    let mut segments = ["*"; 6];
    let mut rest = Some(text);
    for (place, segment) in segments.iter_mut().enumerate() {
        let Some(remaining) = rest else { return (place > 2).then_some(segments) };
        let at = colon(remaining, variables);
        *segment = remaining.get(..at.unwrap_or(remaining.len()))?;
        rest = at.and_then(|at| remaining.get(at + 1..));
    }
    None
}

/// Cuts at the first five colons outside of variables.
fn split(text: &str, variables: Variables) -> Option<[&str; 6]> {
    let mut segments = [""; 6];
    let mut rest = text;
    let (last, head) = segments.split_last_mut()?;
    for segment in head {
        let at = colon(rest, variables)?;
        *segment = rest.get(..at)?;
        rest = rest.get(at + 1..)?;
    }
    *last = rest;
    Some(segments)
}

fn colon(text: &str, variables: Variables) -> Option<usize> {
    let (mut inside, mut quoted) = (false, false);
    let mut previous = 0;
    text.bytes().position(|byte| {
        let opens = variables == Variables::Substituted && previous == b'$' && byte == b'{';
        quoted ^= inside && byte == b'\'';
        inside = (inside || opens) && (byte != b'}' || quoted);
        previous = byte;
        byte == b':' && !inside
    })
}
