//! JSON values as texts, the request's facts, and policy variables.

use serde_json::{Map, Value};

/// The values of an array, or the one value.
pub(crate) fn list(value: &Value) -> std::slice::Iter<'_, Value> {
    match value {
        Value::Array(values) => values.iter(),
        Value::Null => [].iter(),
        one => std::slice::from_ref(one).iter(),
    }
}

/// A text, or the spelling of a number or truth value.
pub(crate) fn scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What is known of a request, as one policy sees it.
pub(crate) struct Facts<'a> {
    pub(crate) known: &'a Map<String, Value>,
    pub(crate) variables: bool,
    pub(crate) hides_aliases: bool,
}

impl Facts<'_> {
    /// All values of a key, whatever the case of its name.
    pub(crate) fn values(&self, key: &str) -> Vec<String> {
        self.find(key).into_iter().flat_map(list).map(scalar).collect()
    }

    fn find(&self, key: &str) -> Option<&Value> {
        let wanted = key.to_lowercase();
        if self.hides_aliases && wanted == "kms:resourcealiases" {
            return None;
        }
        self.known.iter().find(|(name, _)| name.to_lowercase() == wanted).map(|(_, value)| value)
    }

    fn variable(&self, key: &str, default: Option<&str>) -> Option<String> {
        match self.find(key) {
            Some(Value::Array(values)) if !values.is_empty() => None,
            Some(Value::String(value)) => Some(value.clone()),
            _ => default.map(str::to_owned),
        }
    }
}

/// A character of a policy's text: one that may be a wildcard, or one that is just itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Written(char),
    Meant(char),
}

impl Piece {
    pub(crate) const fn char(self) -> char {
        match self {
            Self::Written(c) | Self::Meant(c) => c,
        }
    }
}

/// Replaces the variables of a text; none when one of them has no value.
pub(crate) fn expand(text: &str, facts: &Facts<'_>) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        if facts.variables && chars[at] == '$' && chars.get(at + 1) == Some(&'{') {
            let end = closing(&chars, at + 2);
            let inner: String = chars[at + 2..end].iter().collect();
            pieces.extend(value(&inner, facts)?.chars().map(Piece::Meant));
            at = end + 1;
        } else {
            pieces.push(Piece::Written(chars[at]));
            at += 1;
        }
    }
    Some(pieces)
}

/// The same as a plain text.
pub(crate) fn expanded(text: &str, facts: &Facts<'_>) -> Option<String> {
    Some(expand(text, facts)?.into_iter().map(Piece::char).collect())
}

/// Cuts a policy's text at its colons, those within variables excepted, into at most six.
pub(crate) fn segments(text: &str, variables: bool) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut segments = vec![String::new()];
    let mut at = 0;
    while at < chars.len() {
        if variables && chars[at] == '$' && chars.get(at + 1) == Some(&'{') {
            let end = closing(&chars, at + 2);
            segments.last_mut().unwrap().extend(&chars[at..=end]);
            at = end;
        } else if chars[at] == ':' && segments.len() < 6 {
            segments.push(String::new());
        } else {
            segments.last_mut().unwrap().push(chars[at]);
        }
        at += 1;
    }
    segments
}

fn closing(chars: &[char], from: usize) -> usize {
    let mut quoted = false;
    for (at, found) in chars.iter().enumerate().skip(from) {
        match found {
            '\'' => quoted = !quoted,
            '}' if !quoted => return at,
            _ => {}
        }
    }
    panic!("a variable without end was generated")
}

fn value(inner: &str, facts: &Facts<'_>) -> Option<String> {
    if ["*", "?", "$"].contains(&inner) {
        return Some(inner.to_owned());
    }
    match inner.split_once(',') {
        Some((key, default)) => {
            let default = default.trim();
            facts.variable(key.trim(), Some(&default[1..default.len() - 1]))
        }
        None => facts.variable(inner.trim(), None),
    }
}
