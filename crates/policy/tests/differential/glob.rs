//! Wildcards by a table: which prefix of the pattern matches which prefix of the text.

use crate::text::{Facts, Piece, expand, segments};

/// One position of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    This(char),
    One { colons: bool },
    Many { colons: bool },
}

/// The steps of a text whose wildcards count and which has no variables.
pub(crate) fn plain(text: &str) -> Vec<Step> {
    text.chars().map(|c| step(Piece::Written(c), true)).collect()
}

/// The steps of an expanded text.
pub(crate) fn steps(pieces: &[Piece]) -> Vec<Step> {
    pieces.iter().map(|piece| step(*piece, true)).collect()
}

const fn step(piece: Piece, colons: bool) -> Step {
    match piece {
        Piece::Written('*') => Step::Many { colons },
        Piece::Written('?') => Step::One { colons },
        Piece::Written(c) | Piece::Meant(c) => Step::This(c),
    }
}

pub(crate) fn matches(steps: &[Step], text: &str, fold: bool) -> bool {
    let mut reached = vec![true];
    reached.extend(text.chars().map(|_| false));
    for step in steps {
        reached = advance(&reached, *step, text, fold);
    }
    reached.last() == Some(&true)
}

/// Which prefixes of `text` are matched after one more step.
fn advance(before: &[bool], step: Step, text: &str, fold: bool) -> Vec<bool> {
    let mut after = vec![false; before.len()];
    after[0] = before[0] && matches!(step, Step::Many { .. });
    for (at, found) in text.chars().enumerate() {
        after[at + 1] = match step {
            Step::This(wanted) => before[at] && same(wanted, found, fold),
            Step::One { colons } => before[at] && (colons || found != ':'),
            Step::Many { colons } => before[at + 1] || (after[at] && (colons || found != ':')),
        };
    }
    after
}

const fn same(wanted: char, found: char, fold: bool) -> bool {
    if fold { wanted.eq_ignore_ascii_case(&found) } else { wanted == found }
}

/// `Resource`: an ARN that is cut short is completed by stars; a wildcard stays in its segment, but
/// for a star at the end of one.
pub(crate) fn resource(pattern: &str, resource: &str, facts: &Facts<'_>) -> bool {
    if pattern == "*" {
        return true;
    }
    let mut parts = segments(pattern, facts.variables);
    while parts.len() < 6 {
        parts.push("*".to_owned());
    }
    let mut all = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        let Some(pieces) = expand(part, facts) else { return false };
        let last = pieces.len().wrapping_sub(1);
        let each = pieces.iter().enumerate();
        all.extend(each.map(|(at, piece)| {
            let ends_segment = at == last && *piece == Piece::Written('*');
            step(*piece, place == 5 || ends_segment)
        }));
        if place < 5 {
            all.push(Step::This(':'));
        }
    }
    matches(&all, resource, false)
}
