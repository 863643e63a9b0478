//! The patterns of text shapes.

use std::sync::OnceLock;

use regex_lite::Regex;

/// A pattern of the model, compiled when it is first needed.
///
/// Patterns hold for the whole text, and their classes mean ASCII, as on the service's side.
#[derive(Debug)]
pub struct Pattern {
    text: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// The pattern that the model writes as `text`.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        Self { text, compiled: OnceLock::new() }
    }

    /// The text, as messages quote it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        self.text
    }

    /// Whether all of `text` matches. A pattern that does not compile matches nothing; a test
    /// rules that out.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text))
    }

    fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(&self.whole()).ok()).as_ref()
    }

    /// The pattern for the whole text, in the library's syntax: `\uXXXX` becomes `\x{XXXX}`.
    fn whole(&self) -> String {
        let mut out = String::from("^(?:");
        let mut rest = self.text;
        while let Some((before, after)) = rest.split_once("\\u") {
            let (digits, behind) = after.split_at_checked(4).unwrap_or((after, ""));
            out.push_str(before);
            out.push_str(&format!("\\x{{{digits}}}"));
            rest = behind;
        }
        out.push_str(rest);
        out.push_str(")$");
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, Shape, kms};

    fn visit(shape: &'static Shape, seen: &mut Vec<&'static str>) {
        match &shape.kind {
            Kind::Structure(members) => members.iter().for_each(|member| visit(member.shape, seen)),
            Kind::List { member, .. } => visit(member, seen),
            Kind::Map { key, value, .. } => [key, value].into_iter().for_each(|shape| visit(shape, seen)),
            Kind::Text { pattern: Some(pattern), .. } => {
                assert!(pattern.regex().is_some(), "{}", pattern.as_str());
                seen.push(pattern.as_str());
            }
            _ => {}
        }
    }

    #[test]
    fn every_pattern_of_the_model_compiles() {
        let mut seen = Vec::new();
        kms::OPERATIONS.iter().for_each(|operation| visit(operation.input, &mut seen));
        assert!(seen.len() > 20, "{}", seen.len());
    }

    #[test]
    fn patterns_hold_for_the_whole_text() {
        let policy = Pattern::new(r"[\u0009\u000A\u000D\u0020-\u00FF]+");
        assert!(policy.matches("{\n\t\"é\"}") && !policy.matches("x\u{100}") && !policy.matches(""));
        let word = Pattern::new(r"[\w]+");
        assert!(word.matches("default_1") && !word.matches("a b") && !word.matches("é"));
        let alternatives = Pattern::new("^a$|^b$");
        assert!(alternatives.matches("b") && !alternatives.matches("ab") && !alternatives.matches("a\n"));
    }
}
