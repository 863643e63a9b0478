//! Where things stand in a policy's text, as simulators tell it.

/// A place in a text; both numbers count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character of the line.
    pub column: usize,
}

/// A stretch of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Where it begins. As in the service's own examples that is after the brace of a statement that
    /// stands alone, and after what is before a statement in a list.
    pub start: Position,
    /// The place after its end.
    pub end: Position,
}

/// Turns ascending offsets into positions, in one pass.
pub(crate) struct Cursor<'a> {
    rest: &'a str,
    offset: usize,
    position: Position,
}

impl<'a> Cursor<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { rest: text, offset: 0, position: Position { line: 1, column: 1 } }
    }

    pub(crate) fn advance(&mut self, offset: usize) -> Position {
        let length = offset.saturating_sub(self.offset);
        let Some((passed, rest)) = self.rest.split_at_checked(length) else { return self.position };
        for character in passed.chars() {
            if character == '\n' {
                self.position = Position { line: self.position.line + 1, column: 1 };
            } else {
                self.position.column += 1;
            }
        }
        self.rest = rest;
        self.offset = offset;
        self.position
    }
}
