//! How many records lie under a prefix: enough to tell whether there is room for one more.
//!
//! A range is counted in the store when it is first asked about. From then on each change that the
//! store's watch tells, whatever it was, is taken for one record more. So what is known is never too
//! small, and the store is asked again only when the range might be full: a range far from its limit
//! costs nothing, and one that is full is not counted twice while nothing in it changes.
//!
//! Nothing of this is written down, so there is nothing that a crash could leave wrong, and several
//! nodes need not agree on anything. A counter in the store would have to change with each creation,
//! and all of them would conflict. The price: requests that are on their way at the same moment do not
//! see each other, and may together pass a limit by as many as they are.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use trent_domain::{Path, PathRange};

use crate::StoreError;
use crate::records::Records;

/// What is known of the ranges of one store.
#[derive(Default)]
pub(crate) struct Census(Mutex<HashMap<String, Tally>>);

/// What is known of one range.
#[derive(Clone, Copy, Default)]
struct Tally {
    /// How many records were there when it was last counted.
    counted: Option<usize>,
    /// How many changes were told by the time that counting began.
    then: usize,
    /// How many changes were told by now.
    told: usize,
}

impl Tally {
    /// The most records there can be.
    fn at_most(self) -> Option<usize> {
        self.counted.map(|counted| counted.saturating_add(self.told - self.then))
    }

    /// Whether fewer than `limit` are there; `None` when that takes counting.
    fn has_room(self, limit: usize) -> Option<bool> {
        match self.at_most()? {
            at_most if at_most < limit => Some(true),
            _ if self.told == self.then => Some(false),
            _ => None,
        }
    }
}

impl Census {
    /// A record was written or removed.
    pub(crate) fn changed(&self, path: &Path) {
        let prefix = path.as_str().rfind('/').and_then(|slash| path.as_str().get(..=slash));
        self.with(|tallies| {
            if let Some(tally) = prefix.and_then(|prefix| tallies.get_mut(prefix)) {
                tally.told += 1;
            }
        });
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.with(HashMap::clear);
    }

    /// What is known of a range before it is counted, and from when on its changes are told.
    fn look(&self, prefix: &str) -> Tally {
        self.with(|tallies| *tallies.entry(prefix.to_owned()).or_default())
    }

    /// A range was counted, after `then` changes of it had been told.
    fn counted(&self, prefix: &str, counted: usize, then: usize) {
        self.with(|tallies| {
            // Not there: everything was forgotten meanwhile. Newer: somebody counted later.
            if let Some(tally) = tallies.get_mut(prefix)
                && (tally.counted.is_none() || tally.then <= then)
            {
                (tally.counted, tally.then) = (Some(counted), then);
            }
        });
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<String, Tally>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Records {
    /// Whether a range, of records that lie directly under its prefix, has fewer than `limit`.
    ///
    /// # Errors
    /// When they cannot be counted.
    pub async fn has_room(&self, range: &PathRange, limit: usize) -> Result<bool, StoreError> {
        let tally = self.census().look(range.common_prefix());
        if let Some(known) = tally.has_room(limit) {
            return Ok(known);
        }
        let counted = self.count(range).await?;
        self.census().counted(range.common_prefix(), counted, tally.told);
        Ok(counted < limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PREFIX: &str = "/000000000000/us-east-1/key/";

    fn change(census: &Census, name: &str) {
        census.changed(&Path::from_stored(format!("{PREFIX}{name}")));
    }

    fn has_room(census: &Census, limit: usize) -> Option<bool> {
        census.look(PREFIX).has_room(limit)
    }

    #[test]
    fn a_range_is_counted_only_when_it_might_be_full() {
        let census = Census::default();
        assert_eq!(has_room(&census, 5), None);
        census.counted(PREFIX, 2, 0);
        assert_eq!((has_room(&census, 3), has_room(&census, 2)), (Some(true), Some(false)));
        change(&census, "a");
        assert_eq!((has_room(&census, 4), has_room(&census, 3)), (Some(true), None));
        // It was a change of one that was there.
        census.counted(PREFIX, 2, 1);
        assert_eq!(has_room(&census, 3), Some(true));
    }

    #[test]
    fn a_change_while_it_is_counted_is_not_lost() {
        let census = Census::default();
        let then = census.look(PREFIX).told;
        change(&census, "a");
        census.counted(PREFIX, 2, then);
        assert_eq!(has_room(&census, 3), None);
        // Nor does an older count take the place of a newer one.
        census.counted(PREFIX, 3, then + 1);
        census.counted(PREFIX, 0, then);
        assert_eq!(has_room(&census, 3), Some(false));
    }

    #[test]
    fn other_ranges_do_not_matter_and_what_is_forgotten_is_counted_again() {
        let census = Census::default();
        census.counted(PREFIX, 0, 0);
        assert_eq!(has_room(&census, 1), None, "nobody had asked");
        census.counted(PREFIX, 0, 0);
        for other in ["/000000000000/us-east-1/keys", "/000000000000/us-east-1/key/a/b", "/due/x", ""] {
            census.changed(&Path::from_stored(other.to_owned()));
        }
        assert_eq!(has_room(&census, 1), Some(true));
        census.clear();
        assert_eq!(has_room(&census, 1), None);
    }
}
