//! Pages of lists.

use trent_domain::PathRange;
use trent_engine::{Fault, Markers};

/// Where a page begins and how much fits on it.
pub(crate) struct Page<'a> {
    limit: usize,
    markers: Markers<'a>,
    after: Option<String>,
}

impl<'a> Page<'a> {
    /// The page a request asks for: its `Limit`, or `default` items, at most `max`; from its
    /// `Marker`, or the start. A limit above the list's own maximum is lowered to it: what the
    /// service does between that maximum and the shape's 1,000 is not published.
    ///
    /// # Errors
    /// A marker that this list did not make.
    pub(crate) fn new(
        (limit, marker): (Option<i32>, Option<&str>),
        (default, max): (usize, usize),
        markers: Markers<'a>,
    ) -> Result<Self, Fault> {
        let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(default).clamp(1, max);
        let after = marker.map(|marker| markers.read(marker)).transpose()?;
        Ok(Self { limit, markers, after })
    }

    /// What the item before the first of this page was called.
    pub(crate) fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// The part of a range that this page begins.
    pub(crate) fn of(&self, range: PathRange) -> PathRange {
        match &self.after {
            Some(after) => range.after(after),
            None => range,
        }
    }

    /// How many items to look for: one more than the page holds tells whether there is another.
    pub(crate) const fn wanted(&self) -> usize {
        self.limit + 1
    }

    /// The items of this page, and the marker of the next if there is one. `name` is what an item
    /// is called in markers.
    pub(crate) fn cut<T>(self, mut found: Vec<T>, name: impl Fn(&T) -> String) -> (Vec<T>, Option<String>) {
        let more = found.len() > self.limit;
        found.truncate(self.limit);
        let next = found.last().filter(|_| more).map(|last| self.markers.make(&name(last)));
        (found, next)
    }
}
