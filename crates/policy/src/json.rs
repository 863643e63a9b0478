//! A strict JSON reader for policies.
//!
//! A general reader keeps the last of two members with one name, turns long numbers into floating
//! point and follows any depth. In a policy each of these would change who may do what, so the
//! structure is read here; only the spelling of texts and numbers is left to `serde_json`.

use std::collections::HashSet;
use std::ops::Range;

use crate::PolicyError;

/// A policy nests seven deep at most.
const MAX_DEPTH: usize = 12;

/// A JSON value. Numbers and booleans are texts: policies compare them as such.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Text(String),
    /// With where it begins, after its bracket.
    Array(Vec<Node>, usize),
    /// With where it begins and ends, after its brackets.
    Object(Vec<(String, Node)>, Range<usize>),
}

impl Node {
    /// Reads one document.
    pub(crate) fn parse(text: &str) -> Result<Self, PolicyError> {
        let mut reader = Reader { rest: text, length: text.len() };
        let node = reader.value(0)?;
        reader.skip_space();
        if reader.rest.is_empty() { Ok(node) } else { Err(syntax("text after the end of the document")) }
    }

    /// The text of a scalar.
    pub(crate) fn text(self) -> Result<String, PolicyError> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Array(..) | Self::Object(..) => Err(shape("a single value is expected")),
        }
    }

    /// The members of an object.
    pub(crate) fn object(self) -> Result<Vec<(String, Node)>, PolicyError> {
        match self {
            Self::Object(members, _) => Ok(members),
            Self::Text(_) | Self::Array(..) => Err(shape("an object is expected")),
        }
    }

    /// The values of an array, or the one value that stands for an array of one.
    pub(crate) fn one_or_many(self) -> Vec<Node> {
        match self {
            Self::Array(nodes, _) => nodes,
            single => vec![single],
        }
    }

    /// A text or an array of texts.
    pub(crate) fn texts(self) -> Result<Vec<String>, PolicyError> {
        self.one_or_many().into_iter().map(Self::text).collect()
    }
}

const fn syntax(what: &'static str) -> PolicyError {
    PolicyError::Json(what)
}

const fn shape(what: &'static str) -> PolicyError {
    PolicyError::Syntax(what)
}

struct Reader<'a> {
    rest: &'a str,
    length: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Node, PolicyError> {
        if depth > MAX_DEPTH {
            return Err(syntax("the document is nested too deeply"));
        }
        self.skip_space();
        match self.rest.bytes().next() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Node::Text),
            _ => self.word().map(Node::Text),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Node, PolicyError> {
        let mut members = Vec::new();
        self.skip_space();
        let start = self.offset() + 1;
        self.items('{', '}', |reader| {
            reader.skip_space();
            let name = reader.string()?;
            reader.expect(':')?;
            members.push((name, reader.value(depth + 1)?));
            Ok(())
        })?;
        let names: HashSet<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
        if names.len() == members.len() {
            Ok(Node::Object(members, start..self.offset()))
        } else {
            Err(syntax("a repeated element"))
        }
    }

    fn array(&mut self, depth: usize) -> Result<Node, PolicyError> {
        let mut nodes = Vec::new();
        self.skip_space();
        let start = self.offset() + 1;
        self.items('[', ']', |reader| {
            nodes.push(reader.value(depth + 1)?);
            Ok(())
        })?;
        Ok(Node::Array(nodes, start))
    }

    /// Comma-separated items between two brackets.
    fn items(
        &mut self,
        open: char,
        close: char,
        mut item: impl FnMut(&mut Self) -> Result<(), PolicyError>,
    ) -> Result<(), PolicyError> {
        self.expect(open)?;
        if self.eat(close) {
            return Ok(());
        }
        loop {
            item(self)?;
            if self.eat(close) {
                return Ok(());
            }
            self.expect(',')?;
        }
    }

    fn string(&mut self) -> Result<String, PolicyError> {
        let invalid = || syntax("a malformed text");
        let inner = self.rest.strip_prefix('"').ok_or_else(|| syntax("a quoted text is expected"))?;
        let mut escaped = false;
        let end = inner.bytes().position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        let length = end.ok_or_else(invalid)? + 2;
        serde_json::from_str(self.take(length)).map_err(|_| invalid())
    }

    /// `true`, `false` or a number.
    fn word(&mut self) -> Result<String, PolicyError> {
        let end = self.rest.find([',', ']', '}', ' ', '\t', '\r', '\n']).unwrap_or(self.rest.len());
        let word = self.take(end);
        let known =
            matches!(word, "true" | "false") || serde_json::from_str::<serde_json::Number>(word).is_ok();
        if known { Ok(word.to_owned()) } else { Err(syntax("a value is expected")) }
    }

    const fn offset(&self) -> usize {
        self.length - self.rest.len()
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }

    fn eat(&mut self, wanted: char) -> bool {
        self.skip_space();
        let rest = self.rest.strip_prefix(wanted);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, wanted: char) -> Result<(), PolicyError> {
        if self.eat(wanted) { Ok(()) } else { Err(syntax("a bracket, colon or comma is missing")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_and_booleans_keep_their_spelling() {
        let node = Node::parse(" [1.50, 12345678901234567890123, true, \"a\\u00e9\\\"\"] ").unwrap();
        assert_eq!(node.texts().unwrap(), ["1.50", "12345678901234567890123", "true", "aé\""]);
    }

    #[test]
    fn what_is_not_strict_json_is_refused() {
        for bad in [
            "",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "{\"a\" 1}",
            "[1 2]",
            "null",
            "nul",
            "01",
            "'a'",
            "\"a",
            "\"\\x\"",
            "{a:1}",
            "[] []",
            "\"\\\"",
            "{\"a\":1,\"a\":2}",
            "{\"a\":1,\"\\u0061\":2}",
            "\u{a0}1",
            "[",
            "]",
        ] {
            assert!(Node::parse(bad).is_err(), "{bad}");
        }
        assert!(Node::parse(&"[".repeat(100_000)).is_err());
    }

    proptest! {
        #[test]
        fn agrees_with_serde_json_on_what_is_json(text in r#"[\[\]{}:,"\\a1 .e-]{0,12}"#) {
            let ours = Node::parse(&text).is_ok();
            let theirs = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            // Ours is stricter about repeated members only.
            prop_assert!(theirs || !ours, "accepted what is not JSON");
            let repeated = matches!(Node::parse(&text), Err(PolicyError::Json("a repeated element")));
            prop_assert!(ours || !theirs || repeated, "refused what is JSON");
        }

        #[test]
        fn no_text_breaks_the_reader(text in any::<String>()) {
            let _ = Node::parse(&text);
        }
    }
}
