//! Patterns with `*` (any run of characters) and `?` (any one character).
//!
//! A pattern is cut at its stars. The first stretch must begin the text, the last must end what is
//! left, and those between are looked for from left to right, each at its first occurrence, which
//! leaves most for the next: no backtracking, so no pattern takes more than one pass over the text
//! (a stretch with `?` in it looks at most its own length ahead at each position).

use crate::variable::{Token, Variable, Variables, tokens};
use crate::{Facts, PolicyError};

/// One element of a stretch.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Atom {
    Text(Box<str>),
    AnyChar,
    Variable(Variable),
}

/// A pattern: stretches between stars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    stretches: Box<[Box<[Atom]>]>,
    has_variables: bool,
    case: Case,
}

/// Whether the case of ASCII letters counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    /// `a` is not `A`.
    Sensitive,
    /// `a` is `A`.
    Insensitive,
}

/// Whether the whole of `text` is of `pattern`, in which `*` stands for any run of characters, `?` for
/// any one, and everything else for itself.
#[must_use]
pub fn is_like(pattern: &str, text: &str) -> bool {
    let pattern = Pattern::parse(pattern, Variables::Literal, Case::Sensitive);
    pattern.is_ok_and(|pattern| pattern.matches_text(text).is_some())
}

impl Pattern {
    pub(crate) fn parse(text: &str, variables: Variables, case: Case) -> Result<Self, PolicyError> {
        let mut builder = Builder::default();
        for token in tokens(text, variables)? {
            match token {
                Token::Plain(text) => builder.plain(text),
                Token::Escaped(text) => builder.text.push_str(text),
                Token::Variable(variable) => builder.atom(Atom::Variable(variable)),
            }
        }
        builder.star();
        let has_variables =
            builder.stretches.iter().flat_map(|s| s.iter()).any(|a| matches!(a, Atom::Variable(_)));
        Ok(Self { stretches: builder.stretches.into(), has_variables, case })
    }

    /// The text that alone is of this pattern, when there is but one.
    pub(crate) fn literal(&self) -> Option<&str> {
        match (&*self.stretches, self.case) {
            ([only], Case::Sensitive) => match &**only {
                [] => Some(""),
                [Atom::Text(text)] => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    pub(crate) fn variables(&self) -> Vec<&Variable> {
        let atoms = self.stretches.iter().flat_map(|stretch| stretch.iter());
        atoms
            .filter_map(|atom| if let Atom::Variable(variable) = atom { Some(variable) } else { None })
            .collect()
    }

    /// Whether the whole of `text` is of this pattern. A variable without a value is of none.
    pub(crate) fn matches(&self, text: &str, facts: &dyn Facts) -> bool {
        if self.has_variables {
            return self.resolve(facts).is_some_and(|pattern| pattern.matches_text(text).is_some());
        }
        self.matches_text(text).is_some()
    }

    /// The pattern with the values of its variables in their places, where they are text: a value
    /// of `*` is a star, not a wildcard.
    fn resolve(&self, facts: &dyn Facts) -> Option<Self> {
        let stretches: Option<Box<[_]>> = self
            .stretches
            .iter()
            .map(|stretch| stretch.iter().map(|atom| atom.resolve(facts)).collect())
            .collect();
        Some(Self { stretches: stretches?, has_variables: false, case: self.case })
    }

    fn matches_text(&self, text: &str) -> Option<()> {
        let (first, others) = self.stretches.split_first()?;
        let rest = self.strip_prefix(text, first)?;
        let Some((last, middle)) = others.split_last() else {
            return rest.is_empty().then_some(());
        };
        let rest = self.strip_suffix(rest, last)?;
        middle.iter().try_fold(rest, |rest, stretch| self.after(rest, stretch)).map(drop)
    }

    fn strip_prefix<'t>(&self, text: &'t str, stretch: &[Atom]) -> Option<&'t str> {
        stretch.iter().try_fold(text, |text, atom| match atom {
            Atom::Text(literal) => {
                let (head, tail) = text.split_at_checked(literal.len())?;
                self.same(head, literal).then_some(tail)
            }
            Atom::AnyChar => skip(text.chars()),
            Atom::Variable(_) => None,
        })
    }

    fn strip_suffix<'t>(&self, text: &'t str, stretch: &[Atom]) -> Option<&'t str> {
        stretch.iter().rev().try_fold(text, |text, atom| match atom {
            Atom::Text(literal) => {
                let (head, tail) = text.split_at_checked(text.len().checked_sub(literal.len())?)?;
                self.same(tail, literal).then_some(head)
            }
            Atom::AnyChar => {
                let mut chars = text.chars();
                chars.next_back().map(|_| chars.as_str())
            }
            Atom::Variable(_) => None,
        })
    }

    /// What follows the first occurrence of `stretch`.
    fn after<'t>(&self, text: &'t str, stretch: &[Atom]) -> Option<&'t str> {
        if let ([Atom::Text(literal)], Case::Sensitive) = (stretch, self.case) {
            return text.split_once(&**literal).map(|(_, after)| after);
        }
        let mut starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        starts.find_map(|at| self.strip_prefix(text.get(at..)?, stretch))
    }

    fn same(&self, text: &str, literal: &str) -> bool {
        match self.case {
            Case::Sensitive => text == literal,
            Case::Insensitive => text.eq_ignore_ascii_case(literal),
        }
    }
}

impl Atom {
    fn resolve(&self, facts: &dyn Facts) -> Option<Self> {
        match self {
            Self::Variable(variable) => Some(Self::Text(variable.resolve(facts)?.into())),
            Self::Text(_) | Self::AnyChar => Some(self.clone()),
        }
    }
}

fn skip(mut chars: std::str::Chars<'_>) -> Option<&str> {
    chars.next().map(|_| chars.as_str())
}

/// A pattern in the making.
#[derive(Default)]
struct Builder {
    stretches: Vec<Box<[Atom]>>,
    stretch: Vec<Atom>,
    text: String,
}

impl Builder {
    fn plain(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '*' => self.star(),
                '?' => self.atom(Atom::AnyChar),
                other => self.text.push(other),
            }
        }
    }

    fn atom(&mut self, atom: Atom) {
        self.end_text();
        self.stretch.push(atom);
    }

    fn star(&mut self) {
        self.end_text();
        self.stretches.push(std::mem::take(&mut self.stretch).into());
    }

    fn end_text(&mut self) {
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text).into();
            self.stretch.push(Atom::Text(text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Nothing;

    impl Facts for Nothing {
        fn get(&self, _: &str) -> Option<crate::Values<'_>> {
            None
        }
    }

    fn matches(pattern: &str, text: &str, case: Case) -> bool {
        Pattern::parse(pattern, Variables::Literal, case).unwrap().matches(text, &Nothing)
    }

    /// The definition, in exponential time.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, _) => text.is_empty(),
            (Some(('*', rest)), _) => (0..=text.len()).any(|skip| naive(rest, &text[skip..])),
            (Some(_), None) => false,
            (Some((wanted, rest)), Some((found, others))) => {
                (*wanted == '?' || wanted == found) && naive(rest, others)
            }
        }
    }

    #[test]
    fn a_pattern_of_its_own_knows_wildcards_and_nothing_else() {
        for (pattern, text, expected) in [
            ("a*c", "abbc", true),
            ("a*c", "ac", true),
            ("ab*ba", "aba", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*", "", true),
            ("?*", "", false),
            ("A", "a", false),
            ("${aws:username}", "${aws:username}", true),
            ("${aws:username}", "*", false),
        ] {
            assert_eq!(is_like(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_hostile_pattern_is_answered_at_once() {
        let pattern = "*a?".repeat(5_000);
        assert!(!matches(&pattern, &"a".repeat(8_000), Case::Sensitive));
        assert!(!matches(&"*ab".repeat(10_000), &"a".repeat(100_000), Case::Insensitive));
    }

    #[test]
    fn prefix_and_suffix_do_not_share_text() {
        assert!(!matches("ab*ba", "aba", Case::Sensitive));
        assert!(matches("ab*ba", "abba", Case::Sensitive));
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(pattern in "[ab?*é]{0,8}", text in "[abé]{0,10}") {
            let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
            prop_assert_eq!(matches(&pattern, &text, Case::Sensitive), naive(&p, &t));
        }

        #[test]
        fn without_case_agrees_with_the_definition_in_lower_case(pattern in "[aAb?*é]{0,8}", text in "[aAbBé]{0,10}") {
            let lower = |s: &str| s.to_ascii_lowercase().chars().collect::<Vec<char>>();
            prop_assert_eq!(matches(&pattern, &text, Case::Insensitive), naive(&lower(&pattern), &lower(&text)));
        }
    }
}
