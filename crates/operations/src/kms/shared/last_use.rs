//! When a key was last used.

use std::ops::Deref;

use jiff::Timestamp;
use trent_domain::{Key, Path};
use trent_engine::{
    Demand, Fault, KeyEntry, KeyTarget, LoadedKey, Place, Records, Resource, Subject, Target, UsageEntry,
};

/// The last use of a key.
///
/// # Errors
/// When records cannot be read.
pub(crate) async fn find(entry: &KeyEntry, records: &Records) -> Result<Option<UsageEntry>, Fault> {
    let Key { account, region, id, .. } = &entry.key;
    Ok(UsageEntry::find(&entry.arn, &Path::usage(*account, region, id), records).await?)
}

/// A key by id or ARN, to be put out of use: policies may ask for how long nobody used it.
pub(crate) struct IdleTarget(KeyTarget);

impl IdleTarget {
    pub(crate) fn by_id(text: &str) -> Self {
        Self(KeyTarget::by_id(text))
    }
}

/// A key, and for how many days nobody used it.
pub(crate) struct IdleKey {
    key: LoadedKey,
    days: i64,
}

impl Deref for IdleKey {
    type Target = LoadedKey;

    fn deref(&self) -> &LoadedKey {
        &self.key
    }
}

impl IdleKey {
    /// A demand on the key.
    pub(crate) fn demand(&self, action: &'static str) -> Demand<'_> {
        let demand = Demand::new(action, Resource::Key(&self.key));
        demand.fact("kms:trailingdayswithoutkeyusage", self.days.to_string())
    }
}

impl Target for IdleTarget {
    type Loaded = IdleKey;

    async fn load(&self, place: &Place<'_>) -> Result<IdleKey, Fault> {
        let key = self.0.load(place).await?;
        let record = &key.entry.key;
        let last = find(&key.entry, place.records).await?;
        let since = last.map_or(record.created, |last| last.time);
        Ok(IdleKey { days: whole_days(since, place.now), key })
    }
}

impl Subject for IdleKey {
    fn keys<'a>(&'a self, visit: &mut dyn FnMut(&'a LoadedKey)) {
        visit(&self.key);
    }
}

/// A clock that was set back must not make a key look as if it will be used.
fn whole_days(since: Timestamp, now: Timestamp) -> i64 {
    const DAY: i64 = 86_400;
    (now.duration_since(since).as_secs() / DAY).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_when_they_are_over() {
        let at = |second| Timestamp::from_second(second).unwrap();
        for (second, days) in [(0, 0), (86_399, 0), (86_400, 1), (10 * 86_400 - 1, 9), (-86_401, 0)] {
            assert_eq!(whole_days(at(0), at(second)), days, "{second}");
        }
    }
}
