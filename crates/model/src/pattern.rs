//! The patterns of text shapes.

use std::borrow::Cow;
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
        let text = if self.text.contains("\\p") { plain(text) } else { Cow::Borrowed(text) };
        self.regex().is_some_and(|regex| regex.is_match(&text))
    }

    fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(&self.whole()).ok()).as_ref()
    }

    /// The pattern for the whole text, in the library's syntax: `\uXXXX` becomes `\x{XXXX}`, and
    /// the classes of Unicode become the characters that stand for them, see [`plain`].
    fn whole(&self) -> String {
        // One model of STS writes the planes above the first as if escapes could have more digits.
        let text = self.text.replace(r"\u10000-\u10FFFF", r"\x{10000}-\x{10FFFF}");
        let text = text.replace(r"\p{L}", "A-Za-z").replace(r"\p{N}", "0-9").replace(r"\p{Z}", " ");
        let mut out = String::from("^(?:");
        let mut rest = text.as_str();
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

/// The text with one ASCII letter for all letters beyond ASCII, one digit for all numbers and one
/// space for all separators: the library has no classes of Unicode, and tags are all that needs
/// them. The vowel signs of some scripts count as letters here, without which their words could not
/// be written.
fn plain(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let stand_in = |letter: char| match letter {
        _ if letter.is_ascii() => letter,
        _ if letter.is_alphabetic() => 'a',
        _ if letter.is_numeric() => '0',
        _ if letter.is_whitespace() && !letter.is_control() => ' ',
        other => other,
    };
    Cow::Owned(text.chars().map(stand_in).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, Shape, iam, kms, organizations, sts};

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
    fn every_pattern_of_the_models_compiles() {
        let mut seen = Vec::new();
        for operations in [kms::OPERATIONS, iam::OPERATIONS, sts::OPERATIONS, organizations::OPERATIONS] {
            operations.iter().for_each(|operation| visit(operation.input, &mut seen));
        }
        assert!(seen.len() > 20, "{}", seen.len());
    }

    #[test]
    fn classes_of_unicode_hold_beyond_ascii() {
        let tag = Pattern::new(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+");
        for good in ["a-B 9@", "Größe", "部署", "हिंदी", "Ⅷ½", "a\u{a0}b", "\u{3000}"] {
            assert!(tag.matches(good), "{good}");
        }
        for bad in ["", "a\tb", "a\u{85}b", "a!", "\u{1F511}", "é,", "\u{200B}"] {
            assert!(!tag.matches(bad), "{bad:?}");
        }
        let arn = Pattern::new(r"[\u0020-\u007E\uE000-\uFFFD\u10000-\u10FFFF]+");
        assert!(arn.matches("a\u{1F511}") && !arn.matches("\u{1000}"));
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
