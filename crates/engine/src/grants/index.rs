//! The grants of a key in memory: by grantee to be searched, and all of them to be counted.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

use trent_domain::{EncryptionContext, Grant, GrantConstraints, GrantId, GrantOperation};

use super::{GrantEntry, Wish};
use crate::StoreError;
use crate::directories::Directory;
use crate::policies::Policies;
use crate::records::Record;

/// The grants of one key for one grantee. They are found by what a request must have for them to
/// admit it, so that tens of thousands with a context each cost no more than one.
#[derive(Default)]
pub(super) struct GrantsFor {
    grants: HashMap<GrantId, Grant>,
    places: HashMap<(GrantOperation, u64), BTreeSet<GrantId>>,
    hasher: RandomState,
}

/// What a request must have for a grant to admit it; the strictest of the grant's demands that can be
/// looked up. Only its hash is kept: what is found by it is looked at whole.
#[derive(Hash)]
enum Place<'a> {
    Anywhere,
    For(&'a str),
    Under(&'a BTreeMap<String, String>),
    With(&'a str, &'a str),
}

impl<'a> Place<'a> {
    /// Where a grant lies for one of its operations.
    fn of(constraints: &'a GrantConstraints, operation: GrantOperation) -> Self {
        let source = constraints.source_arn.as_deref().filter(|_| operation != GrantOperation::RetireGrant);
        let contexts = |context: &'a Option<EncryptionContext>| {
            context.as_ref().filter(|_| operation.has_context()).map(EncryptionContext::pairs)
        };
        if let Some(source) = source {
            return Self::For(source);
        }
        if let Some(pairs) = contexts(&constraints.context_equals) {
            return Self::Under(pairs);
        }
        let first = contexts(&constraints.context_subset).and_then(BTreeMap::first_key_value);
        first.map_or(Self::Anywhere, |(name, value)| Self::With(name, value))
    }

    /// Where grants lie that may grant a wish.
    fn all(wish: &'a Wish<'a>) -> Vec<Self> {
        const NONE: &BTreeMap<String, String> = &BTreeMap::new();
        let context = wish.context.unwrap_or(NONE);
        let mut places = vec![Self::Anywhere, Self::Under(context)];
        places.extend(wish.source_arn.map(Self::For));
        places.extend(context.iter().map(|(name, value)| Self::With(name, value)));
        places
    }
}

impl GrantsFor {
    pub(super) fn permit(&self, wish: &Wish<'_>) -> bool {
        if self.grants.is_empty() {
            return false;
        }
        let places = Place::all(wish);
        let mut found =
            places.iter().filter_map(|place| self.places.get(&(wish.operation, self.hasher.hash_one(place))));
        found
            .any(|ids| ids.iter().filter_map(|id| self.grants.get(id)).any(|grant| wish.is_granted_by(grant)))
    }

    fn places(&self, grant: &Grant) -> Vec<(GrantOperation, u64)> {
        let place = |operation| self.hasher.hash_one(Place::of(&grant.constraints, operation));
        grant.operations.iter().map(|operation| (*operation, place(*operation))).collect()
    }

    fn forget(&mut self, id: &GrantId) {
        let Some(grant) = self.grants.remove(id) else { return };
        for place in self.places(&grant) {
            if let Some(ids) = self.places.get_mut(&place) {
                ids.remove(id);
                if ids.is_empty() {
                    self.places.remove(&place);
                }
            }
        }
    }
}

impl Directory for GrantsFor {
    type Record = GrantEntry;

    fn put(&mut self, _: &str, GrantEntry { grant, .. }: GrantEntry) {
        self.forget(&grant.id);
        for place in self.places(&grant) {
            self.places.entry(place).or_default().insert(grant.id);
        }
        self.grants.insert(grant.id, grant);
    }

    fn remove(&mut self, name: &str) {
        if let Some(id) = id_in(name) {
            self.forget(&id);
        }
    }

    fn weight(&self) -> u64 {
        self.grants.len() as u64
    }
}

/// The ids of a key's grants.
#[derive(Default)]
pub(super) struct Tally(HashSet<GrantId>);

impl Tally {
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }
}

/// A record that is counted, not read.
pub(super) struct Counted;

impl Record for Counted {
    fn decode(_: &[u8], _: u64, _: &Policies) -> Result<Self, StoreError> {
        Ok(Self)
    }
}

impl Directory for Tally {
    type Record = Counted;

    fn put(&mut self, name: &str, _: Counted) {
        self.0.extend(id_in(name));
    }

    fn remove(&mut self, name: &str) {
        if let Some(id) = id_in(name) {
            self.0.remove(&id);
        }
    }

    fn weight(&self) -> u64 {
        self.0.len() as u64 / 8
    }
}

fn id_in(name: &str) -> Option<GrantId> {
    name.rsplit('/').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Proposal;
    use proptest::prelude::*;
    use trent_domain::{GrantPrincipal, PathTag};

    fn grant(number: u8, operations: Vec<GrantOperation>, constraints: GrantConstraints) -> Grant {
        Grant {
            id: GrantId::new([number; 16], PathTag::from_bytes([0; 16])),
            account: "111122223333".parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
            key: "1234abcd-12ab-34cd-56ef-1234567890ab".parse().unwrap(),
            grantee: GrantPrincipal::Service { name: "a.b.c".to_owned() },
            retiring: None,
            issuer: "111122223333".parse().unwrap(),
            name: None,
            operations,
            constraints,
            created: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    fn put(directory: &mut GrantsFor, grant: &Grant) {
        directory.put(&grant.id.to_string(), GrantEntry { grant: grant.clone(), version: 1 });
    }

    fn any_operations() -> impl Strategy<Value = Vec<GrantOperation>> {
        use GrantOperation as O;
        let few = [O::Encrypt, O::Decrypt, O::CreateGrant, O::RetireGrant, O::DescribeKey];
        prop::sample::subsequence(few.to_vec(), 1..5)
    }

    fn any_pairs() -> impl Strategy<Value = BTreeMap<String, String>> {
        prop::collection::btree_map("[ab]", "[12]", 0..3)
    }

    fn any_constraints() -> impl Strategy<Value = GrantConstraints> {
        let context = || prop::option::weighted(0.4, any_pairs().prop_map(EncryptionContext::new));
        let source = prop::option::weighted(0.2, "[xy]");
        (context(), context(), source).prop_map(|(context_equals, context_subset, source_arn)| {
            GrantConstraints { context_equals, context_subset, source_arn }
        })
    }

    proptest! {
        /// Places are a shortcut and no more: the answer is that of looking at every grant.
        #[test]
        fn the_index_finds_what_a_search_would(
            made in prop::collection::vec((any_operations(), any_constraints()), 0..8),
            changed in prop::collection::vec((0u8..8, prop::option::of((any_operations(), any_constraints()))), 0..6),
            context in prop::option::of(any_pairs()),
            source in prop::option::of("[xy]"),
            asked in (any_operations(), any_constraints()),
        ) {
            let mut directory = GrantsFor::default();
            let mut all = BTreeMap::new();
            let made = made.into_iter().enumerate().map(|(number, made)| (number as u8, Some(made)));
            for (number, made) in made.chain(changed) {
                match made {
                    Some((operations, constraints)) => {
                        let grant = grant(number, operations, constraints);
                        put(&mut directory, &grant);
                        all.insert(number, grant);
                    }
                    None => {
                        directory.remove(&grant(number, Vec::new(), GrantConstraints::default()).id.to_string());
                        all.remove(&number);
                    }
                }
            }
            prop_assert_eq!(directory.weight(), all.len() as u64);
            let proposal = Proposal { operations: asked.0.into(), constraints: std::borrow::Cow::Owned(asked.1) };
            for operation in GrantOperation::ALL {
                let wish = Wish {
                    operation: *operation,
                    context: context.as_ref(),
                    source_arn: source.as_deref(),
                    proposal: Some(&proposal),
                };
                prop_assert_eq!(directory.permit(&wish), all.values().any(|grant| wish.is_granted_by(grant)));
            }
            for grant in all.values() {
                directory.remove(&grant.id.to_string());
            }
            prop_assert!(directory.places.is_empty(), "nothing is left behind");
        }
    }

    #[test]
    fn nothing_is_granted_in_turn_unless_it_is_known_what() {
        let mut directory = GrantsFor::default();
        put(&mut directory, &grant(1, vec![GrantOperation::CreateGrant], GrantConstraints::default()));
        let wish =
            Wish { operation: GrantOperation::CreateGrant, context: None, source_arn: None, proposal: None };
        assert!(!directory.permit(&wish));
    }

    #[test]
    fn a_tally_counts_each_grant_once() {
        let mut tally = Tally::default();
        let name = |byte: &str| format!("{}/{}", "00".repeat(16), byte.repeat(32));
        for byte in ["01", "02", "01"] {
            tally.put(&name(byte), Counted);
        }
        assert_eq!(tally.count(), 2);
        tally.remove(&name("03"));
        tally.remove(&name("01"));
        assert_eq!(tally.count(), 1);
    }
}
