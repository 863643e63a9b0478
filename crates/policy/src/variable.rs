//! Policy variables: `${aws:username}`, `${key, 'default'}`, and the escapes `${*}`, `${?}`, `${$}`.

use std::borrow::Cow;

use crate::error::excerpt;
use crate::{Facts, PolicyError, Values};

/// Whether `${…}` means anything: it does since version 2012-10-17.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variables {
    /// Plain text.
    Literal,
    /// A reference to a condition key.
    Substituted,
}

/// A reference to a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable {
    name: Box<str>,
    key: Box<str>,
    default: Option<Box<str>>,
}

impl Variable {
    /// The condition key as it is written.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The condition key in lower case.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    pub(crate) const fn has_default(&self) -> bool {
        self.default.is_some()
    }

    /// The value now; none when the key is absent or has several values, and there is no default.
    pub(crate) fn resolve<'a>(&'a self, facts: &'a dyn Facts) -> Option<Cow<'a, str>> {
        match facts.get(&self.key) {
            Some(Values::One(value)) => Some(value),
            Some(Values::Many(values)) if !values.is_empty() => None,
            Some(Values::Many(_)) | None => self.default.as_deref().map(Cow::Borrowed),
        }
    }
}

/// A stretch of a text as it is written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// Text, whose wildcards (where there are any) count.
    Plain(&'a str),
    /// One of `*`, `?`, `$`, meaning itself.
    Escaped(&'a str),
    /// A variable.
    Variable(Variable),
}

/// Takes a text apart.
pub(crate) fn tokens(text: &str, variables: Variables) -> Result<Vec<Token<'_>>, PolicyError> {
    if variables == Variables::Literal {
        return Ok(vec![Token::Plain(text)]);
    }
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (inner, tail) = inner(after).ok_or_else(|| PolicyError::InvalidVariable(excerpt(text)))?;
        tokens.extend((!before.is_empty()).then_some(Token::Plain(before)));
        tokens.push(reference(inner).ok_or_else(|| PolicyError::InvalidVariable(excerpt(text)))?);
        rest = tail;
    }
    tokens.extend((!rest.is_empty()).then_some(Token::Plain(rest)));
    Ok(tokens)
}

/// What stands before the closing brace, and what follows it; braces in quotes do not close.
fn inner(text: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let end = text.bytes().position(|byte| {
        quoted ^= byte == b'\'';
        byte == b'}' && !quoted
    })?;
    Some((text.get(..end)?, text.get(end + 1..)?))
}

fn reference(inner: &str) -> Option<Token<'_>> {
    if matches!(inner, "*" | "?" | "$") {
        return Some(Token::Escaped(inner));
    }
    let (key, default) = match inner.split_once(',') {
        Some((key, default)) => (key, Some(quoted(default.trim())?)),
        None => (inner, None),
    };
    let key = key.trim();
    let valid = key.contains(':') && !key.contains(['\'', '{', '$']);
    valid.then(|| {
        let lower = key.to_lowercase().into();
        Token::Variable(Variable { name: key.into(), key: lower, default: default.map(Into::into) })
    })
}

fn quoted(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    (!inner.contains('\'')).then_some(inner)
}

/// A text without wildcards, perhaps with variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Template {
    /// Always the same.
    Literal(Box<str>),
    /// Put together anew for each request; `Ok` is text.
    Composed(Box<[Result<Box<str>, Variable>]>),
}

impl Template {
    pub(crate) fn parse(text: &str, variables: Variables) -> Result<Self, PolicyError> {
        let pieces: Vec<_> = tokens(text, variables)?
            .into_iter()
            .map(|token| match token {
                Token::Plain(text) | Token::Escaped(text) => Ok(text.into()),
                Token::Variable(variable) => Err(variable),
            })
            .collect();
        if pieces.iter().any(Result::is_err) {
            return Ok(Self::Composed(pieces.into()));
        }
        let literal: String = pieces.into_iter().filter_map(Result::ok).collect::<Vec<Box<str>>>().concat();
        Ok(Self::Literal(literal.into()))
    }

    pub(crate) fn variables(&self) -> Vec<&Variable> {
        match self {
            Self::Literal(_) => Vec::new(),
            Self::Composed(pieces) => pieces.iter().filter_map(|piece| piece.as_ref().err()).collect(),
        }
    }

    /// The text now, or none when a variable has no value.
    pub(crate) fn resolve<'a>(&'a self, facts: &dyn Facts) -> Option<Cow<'a, str>> {
        match self {
            Self::Literal(text) => Some(Cow::Borrowed(text)),
            Self::Composed(pieces) => {
                let mut text = String::new();
                for piece in pieces {
                    match piece {
                        Ok(literal) => text.push_str(literal),
                        Err(variable) => text.push_str(&variable.resolve(facts)?),
                    }
                }
                Some(Cow::Owned(text))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_variables_are_refused_and_literal_before_2012() {
        for bad in
            ["${", "${}", "a${aws:x", "${name}", "${aws:x,}", "${aws:x, text}", "${aws:x, 'a}", "${${aws:x}}"]
        {
            assert!(tokens(bad, Variables::Substituted).is_err(), "{bad}");
            assert_eq!(tokens(bad, Variables::Literal).unwrap(), [Token::Plain(bad)]);
        }
    }

    #[test]
    fn a_default_may_hold_a_brace() {
        let variable = Variable { name: "aws:X".into(), key: "aws:x".into(), default: Some("a}b".into()) };
        let expected = [Token::Plain("p"), Token::Variable(variable), Token::Escaped("*")];
        assert_eq!(tokens("p${aws:X, 'a}b'}${*}", Variables::Substituted).unwrap(), expected);
    }
}
