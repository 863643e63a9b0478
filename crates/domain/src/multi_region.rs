//! Multi-Region keys: related keys of one id and one material, at most one in each Region.
//!
//! Each Region has a whole record, so that nobody who uses a key has to look elsewhere. What related
//! keys share says the same in every one of these records: whoever changes it writes all of them in
//! one transaction, and the others follow the one that was changed ([`Key::follow`]). Everything else
//! is each key's own matter, first of all whether it is enabled, and until when it is there.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{ImportedMaterial, Key, KeyState, MaterialRef, Region, Tags};

/// How long a new replica is `Creating`, and how long both keys are `Updating` after another one
/// became the primary. Everything was done in one transaction before, so it need not be long; but
/// clients are told of these states and wait for their end.
pub const SETTLING: SignedDuration = SignedDuration::from_millis(250);

/// In which Regions there are related keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MultiRegion {
    /// The Region of the primary key.
    pub primary: Region,
    /// The Regions of its replicas.
    pub replicas: BTreeSet<Region>,
    /// How the primary key last became it, if it was not made as one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<Move>,
}

/// A change of the primary Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// Where the primary key was before.
    pub from: Region,
    /// When it changed.
    pub at: Timestamp,
}

impl MultiRegion {
    /// A primary key that has no replicas yet.
    #[must_use]
    pub const fn of_primary(primary: Region) -> Self {
        Self { primary, replicas: BTreeSet::new(), moved: None }
    }

    /// Every Region with a related key: that of the primary, then those of the replicas in order.
    pub fn regions(&self) -> impl Iterator<Item = &Region> {
        std::iter::once(&self.primary).chain(&self.replicas)
    }

    /// Makes the replica in `to` the primary key, and the primary key a replica. Without a replica
    /// there nothing changes.
    fn move_primary(&mut self, to: &Region, now: Timestamp) {
        if self.replicas.remove(to) {
            let from = std::mem::replace(&mut self.primary, to.clone());
            self.replicas.insert(from.clone());
            self.moved = Some(Move { from, at: now });
        }
    }
}

impl Key {
    /// Whether this is the primary key of a multi-Region key.
    #[must_use]
    pub fn is_primary(&self) -> bool {
        self.multi_region.as_ref().is_some_and(|related| related.primary == self.region)
    }

    /// Whether this is a replica: others decide over what it shares with them.
    #[must_use]
    pub fn is_replica(&self) -> bool {
        self.multi_region.is_some() && !self.is_primary()
    }

    /// Whether this is a primary key with replicas.
    #[must_use]
    pub fn has_replicas(&self) -> bool {
        self.is_primary() && self.other_regions().next().is_some()
    }

    /// The Regions of the keys that this one is related to.
    pub fn other_regions(&self) -> impl Iterator<Item = &Region> {
        let all = self.multi_region.iter().flat_map(MultiRegion::regions);
        all.filter(|region| **region != self.region)
    }

    /// A replica of this key in `region`, made at `now`. Description, policy and tags are not copied,
    /// and neither is imported material, which has to be imported there as well.
    #[must_use]
    pub fn replica(&self, region: Region, now: Timestamp) -> Self {
        let mut replica = Self {
            region,
            stored_state: KeyState::Enabled,
            description: String::new(),
            created: now,
            policy: String::new(),
            tags: Tags::default(),
            materials: Vec::new(),
            deletion: None,
            deletion_window: None,
            due: None,
            ..self.clone()
        };
        replica.follow(self);
        replica
    }

    /// Takes over from a related key what both share.
    pub fn follow(&mut self, other: &Self) {
        self.multi_region.clone_from(&other.multi_region);
        self.rotation = other.rotation;
        let own = std::mem::take(&mut self.materials);
        let own = |theirs: &MaterialRef| own.iter().find(|material| material.id == theirs.id);
        self.materials = other.materials.iter().map(|theirs| theirs.as_known_by(own(theirs))).collect();
    }

    /// Notes that there is a replica in `region`.
    pub fn gain_replica(&mut self, region: Region) {
        if let Some(related) = &mut self.multi_region {
            related.replicas.insert(region);
        }
    }

    /// Notes that the replica in `region` is gone. A primary key that was only waiting for the last
    /// one to go has its own waiting period from now on.
    pub fn lose_replica(&mut self, region: &Region, now: Timestamp) {
        if let Some(related) = &mut self.multi_region {
            related.replicas.remove(region);
        }
        if !self.has_replicas() {
            self.begin_waiting(now);
        }
    }

    /// Makes the related key in `to` the primary one.
    pub fn move_primary(&mut self, to: &Region, now: Timestamp) {
        if let Some(related) = &mut self.multi_region {
            related.move_primary(to, now);
        }
    }

    /// The state that the key is in at `now` and that ends by itself, if it is in one. A clock that is
    /// set back does not bring it back for longer than it ever lasts.
    pub(crate) fn passing_state(&self, now: Timestamp) -> Option<KeyState> {
        let settles = |since: Timestamp| since <= now && now.duration_since(since) < SETTLING;
        let related = self.multi_region.as_ref()?;
        if self.is_replica() && settles(self.created) {
            return Some(KeyState::Creating);
        }
        let moved = related.moved.as_ref().filter(|moved| settles(moved.at))?;
        let concerned = self.region == related.primary || self.region == moved.from;
        concerned.then_some(KeyState::Updating)
    }
}

impl MaterialRef {
    /// This material of a related key as another one has it, which knew it as `own` until now: whether
    /// imported material is there and when it expires is each key's own matter.
    fn as_known_by(&self, own: Option<&Self>) -> Self {
        let own = own.and_then(|own| own.import.as_ref());
        let import = self.import.as_ref().map(|import| ImportedMaterial {
            present: own.is_some_and(|own| own.present),
            valid_to: own.and_then(|own| own.valid_to),
            description: import.description.clone(),
        });
        Self { import, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Deletion, Import, ImportRefusal, ImportType, KeySpec, MaterialId, Origin, RotationSchedule};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn now() -> Timestamp {
        at("2026-01-01T00:00:00Z")
    }

    fn region(name: &str) -> Region {
        name.parse().unwrap()
    }

    fn id(n: u8) -> MaterialId {
        MaterialId::from_bytes([n; 32])
    }

    /// A primary key of long ago in us-east-1.
    fn primary(origin: Origin) -> Key {
        let text = r#"{"id":"mrk-1234abcd12ab34cd56ef1234567890ab","account":"000000000000",
            "region":"us-east-1","spec":"SYMMETRIC_DEFAULT","usage":"ENCRYPT_DECRYPT","origin":"AWS_KMS",
            "manager":"CUSTOMER","state":"Enabled","description":"mine","created":"2025-01-01T00:00:00Z",
            "policy":"{}","tags":{"entries":[],"next_sequence":0},"materials":[]}"#;
        let key: Key = serde_json::from_str(text).unwrap();
        let multi_region = Some(MultiRegion::of_primary(key.region.clone()));
        Key { origin, multi_region, ..key }
    }

    /// A primary key and its replica in eu-west-1, made at [`now`].
    fn pair(origin: Origin) -> (Key, Key) {
        let mut primary = primary(origin);
        primary.materials = match origin {
            Origin::AwsKms => vec![MaterialRef::new(id(1), primary.created)],
            Origin::External => vec![imported(1)],
        };
        primary.gain_replica(region("eu-west-1"));
        let replica = primary.replica(region("eu-west-1"), now());
        (primary, replica)
    }

    fn imported(n: u8) -> MaterialRef {
        let import =
            ImportedMaterial { present: true, valid_to: None, description: Some("brought".to_owned()) };
        MaterialRef { import: Some(import), ..MaterialRef::new(id(n), now()) }
    }

    fn import(n: u8, kind: Option<ImportType>) -> Import {
        Import { id: id(n), kind, named: None, valid_to: None, description: None }
    }

    fn later() -> Timestamp {
        now() + SETTLING
    }

    #[test]
    fn a_single_region_key_is_related_to_none() {
        let key = Key { multi_region: None, ..primary(Origin::AwsKms) };
        assert!(!key.is_primary() && !key.is_replica() && !key.has_replicas());
        assert_eq!(key.other_regions().count(), 0);
    }

    #[test]
    fn a_replica_has_what_is_shared_and_nothing_of_what_is_not() {
        let (mut primary, _) = pair(Origin::AwsKms);
        primary.rotation = Some(RotationSchedule { period_days: 90, next: now() });
        primary.stored_state = KeyState::Disabled;
        primary.gain_replica(region("ap-south-1"));
        let replica = primary.replica(region("ap-south-1"), now());
        assert_eq!((replica.id, &replica.materials), (primary.id, &primary.materials));
        assert_eq!(replica.multi_region, primary.multi_region);
        assert_eq!(replica.rotation, primary.rotation);
        assert_eq!((&*replica.description, &*replica.policy), ("", ""));
        assert_eq!((replica.created, replica.stored_state), (now(), KeyState::Enabled));
        assert!(replica.is_replica() && !replica.has_replicas());
        let others: Vec<&str> = replica.other_regions().map(Region::as_str).collect();
        assert_eq!(others, ["us-east-1", "eu-west-1"]);
        // It is the primary that rotates, for all of them.
        assert_eq!((replica.next_rotation(), replica.next_due()), (None, None));
        assert_eq!(Key { stored_state: KeyState::Enabled, ..primary }.next_due(), Some(now()));
    }

    #[test]
    fn a_new_replica_is_creating_for_a_moment() {
        let (primary, replica) = pair(Origin::AwsKms);
        let almost = later() - SignedDuration::from_nanos(1);
        let states = [now(), almost, later()].map(|moment| replica.state(moment));
        assert_eq!(states, [KeyState::Creating, KeyState::Creating, KeyState::Enabled]);
        assert_eq!(primary.state(now()), KeyState::Enabled);
        // Neither does a clock that is set back make it so, nor the end of the key show less.
        assert_eq!(replica.state(now() - SignedDuration::from_nanos(1)), KeyState::Enabled);
        let mut doomed = replica;
        doomed.schedule_deletion(now(), 7);
        assert_eq!(doomed.state(now()), KeyState::PendingDeletion);
    }

    #[test]
    fn the_old_and_the_new_primary_are_updating_for_a_moment_and_no_other() {
        let (mut primary, mut first) = pair(Origin::AwsKms);
        primary.gain_replica(region("ap-south-1"));
        let mut second = primary.replica(region("ap-south-1"), primary.created);
        let moment = later();
        primary.rotation = Some(RotationSchedule { period_days: 90, next: moment });
        primary.move_primary(&region("eu-west-1"), moment);
        first.follow(&primary);
        second.follow(&primary);
        assert!(primary.is_replica() && first.is_primary() && second.is_replica());
        let states = |moment| [primary.state(moment), first.state(moment), second.state(moment)];
        assert_eq!(states(moment), [KeyState::Updating, KeyState::Updating, KeyState::Enabled]);
        assert_eq!(states(moment + SETTLING), [KeyState::Enabled; 3]);
        // The schedule goes with the primary.
        assert_eq!((primary.next_rotation(), first.next_rotation()), (None, Some(moment)));
        let before = primary.clone();
        primary.move_primary(&region("sa-east-1"), moment);
        assert_eq!(primary, before, "there is no replica");
    }

    #[test]
    fn a_primary_waits_for_its_replicas_to_go_and_then_its_own_time() {
        let (mut primary, _) = pair(Origin::AwsKms);
        primary.gain_replica(region("ap-south-1"));
        primary.schedule_deletion(now(), 9);
        assert_eq!(primary.state(later()), KeyState::PendingReplicaDeletion);
        assert_eq!((primary.deletion, primary.deletion_window), (None, Some(9)));
        assert_eq!(primary.next_due(), None);
        primary.lose_replica(&region("eu-west-1"), now());
        assert_eq!(primary.state(later()), KeyState::PendingReplicaDeletion);
        primary.lose_replica(&region("ap-south-1"), later());
        assert_eq!(primary.state(later()), KeyState::PendingDeletion);
        assert_eq!(primary.deletion, Some(Deletion::scheduled(later(), 9)));
        assert_eq!(primary.deletion_window, None);
        primary.cancel_deletion();
        assert_eq!((primary.state(later()), primary.deletion), (KeyState::Disabled, None));
    }

    #[test]
    fn a_deletion_that_was_called_off_does_not_begin_when_the_replicas_are_gone() {
        let (mut primary, _) = pair(Origin::AwsKms);
        primary.schedule_deletion(now(), 9);
        primary.cancel_deletion();
        assert_eq!((primary.state(later()), primary.deletion_window), (KeyState::Disabled, None));
        primary.lose_replica(&region("eu-west-1"), now());
        assert_eq!((primary.state(later()), primary.deletion), (KeyState::Disabled, None));
        primary.schedule_deletion(now(), 7);
        assert_eq!(primary.state(later()), KeyState::PendingDeletion);
    }

    #[test]
    fn imported_material_has_to_be_imported_in_each_region() {
        let (mut primary, mut replica) = pair(Origin::External);
        assert_eq!(replica.state(later()), KeyState::PendingImport);
        assert_eq!(replica.stored_materials().count(), 0);
        assert_eq!(replica.materials[0].import.as_ref().unwrap().description.as_deref(), Some("brought"));
        assert_eq!(replica.import(import(2, None), later()), Err(ImportRefusal::OtherMaterial));
        replica.import(import(1, None), later()).unwrap();
        assert_eq!(replica.state(later()), KeyState::Enabled);
        // Both may lose it without the other.
        primary.give_up_material(&id(1));
        let before = replica.clone();
        replica.follow(&primary);
        assert_eq!(replica, before);
        assert_eq!(primary.state(later()), KeyState::PendingImport);
    }

    #[test]
    fn new_material_comes_to_the_primary_first() {
        let (mut primary, mut replica) = pair(Origin::External);
        replica.import(import(1, None), later()).unwrap();
        for n in [1, 2] {
            let new = import(n, Some(ImportType::New));
            assert_eq!(replica.import(new, later()), Err(ImportRefusal::NotPrimary));
        }
        primary.import(import(2, Some(ImportType::New)), later()).unwrap();
        replica.follow(&primary);
        let pending = replica.pending_material().unwrap();
        assert_eq!((pending.id, pending.is_held(later())), (id(2), false));
        assert_eq!(replica.state(later()), KeyState::Enabled);
        replica.import(import(2, Some(ImportType::Existing)), later()).unwrap();
        assert!(replica.pending_material().unwrap().is_held(later()));
        // A replica that gives it up still knows of it; the primary gives it up for all.
        replica.give_up_material(&id(2));
        assert_eq!((replica.materials.len(), replica.stored_materials().count()), (2, 1));
        replica.import(import(2, None), later()).unwrap();
        primary.give_up_material(&id(2));
        replica.follow(&primary);
        assert_eq!(replica.materials.len(), 1);
        assert_eq!(replica.state(later()), KeyState::Enabled);
    }

    #[test]
    fn keys_of_one_material_are_replicated_too() {
        let (primary, _) = pair(Origin::External);
        let primary = Key { spec: KeySpec::Hmac256, ..primary };
        let mut replica = primary.replica(region("eu-west-1"), now());
        assert_eq!(replica.import(import(2, None), later()), Err(ImportRefusal::OtherMaterial));
        replica.import(import(1, None), later()).unwrap();
        assert_eq!(replica.state(later()), KeyState::Enabled);
    }

    #[test]
    fn a_record_reads_back_whole() {
        let (mut primary, _) = pair(Origin::AwsKms);
        primary.move_primary(&region("eu-west-1"), now());
        primary.deletion_window = Some(7);
        let text = serde_json::to_string(&primary).unwrap();
        assert_eq!(serde_json::from_str::<Key>(&text).unwrap(), primary);
    }
}
