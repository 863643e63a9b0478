//! The record of a KMS key: everything about it but its material.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Deletion, KeyArn, KeyId, KeySpec, KeyState, KeyUsage, MaterialId, MaterialRef, MultiRegion,
    Region, RotationSchedule, Tags,
};

/// Where the key material comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Origin {
    /// Made by the service.
    #[serde(rename = "AWS_KMS")]
    AwsKms,
    /// Made elsewhere and imported.
    #[serde(rename = "EXTERNAL")]
    External,
}

impl Origin {
    /// The name of this origin on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AwsKms => "AWS_KMS",
            Self::External => "EXTERNAL",
        }
    }
}

/// Who manages a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeyManager {
    /// The customer.
    #[serde(rename = "CUSTOMER")]
    Customer,
}

impl KeyManager {
    /// The name of this manager on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "CUSTOMER",
        }
    }
}

/// The stored record of a key. The material itself lies in records of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// The key's identifier, never reused.
    pub id: KeyId,
    /// The account that owns it.
    pub account: AccountId,
    /// The Region it lives in.
    pub region: Region,
    /// Kind of material.
    pub spec: KeySpec,
    /// What it may be used for.
    pub usage: KeyUsage,
    /// Where the material comes from.
    pub origin: Origin,
    /// Who manages it.
    pub manager: KeyManager,
    /// The state that was last asked for: Enabled, Disabled or a pending deletion. Which state the
    /// key is in at a moment, [`Key::state`] tells.
    #[serde(rename = "state")]
    pub stored_state: KeyState,
    /// 0 to 8192 characters.
    pub description: String,
    /// When the key was made.
    pub created: Timestamp,
    /// The `default` key policy, as it was given.
    pub policy: String,
    /// Tags in insertion order.
    pub tags: Tags,
    /// Every material, oldest first. The last one that is not pending is current; one that is
    /// pending stands behind it. None while a key waits for its first import.
    pub materials: Vec<MaterialRef>,
    /// When new material is made by itself, if ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotation: Option<RotationSchedule>,
    /// When the key is to be deleted, while it is pending deletion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Deletion>,
    /// How many days it will wait for its deletion once its last replica is gone, while it is
    /// pending replica deletion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_window: Option<u16>,
    /// Its related keys, if it is a multi-Region key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multi_region: Option<MultiRegion>,
    /// The time under which the key stands in the index of what is due; the engine keeps both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

impl Key {
    /// The key's ARN.
    #[must_use]
    pub fn arn(&self) -> KeyArn {
        KeyArn { region: self.region.clone(), account: self.account, id: self.id }
    }

    /// The state of the key at `now`: a fact of the record and the time, whatever was already done
    /// about it.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> KeyState {
        let passing = self.passing_state(now).filter(|_| !self.is_pending_deletion());
        if let Some(passing) = passing {
            return passing;
        }
        match self.stored_state {
            KeyState::Enabled | KeyState::Disabled | KeyState::PendingImport if self.lacks_material(now) => {
                KeyState::PendingImport
            }
            // Keys that waited for their first import were stored so once.
            KeyState::PendingImport => KeyState::Enabled,
            stored => stored,
        }
    }

    /// Whether the key is no more at `now`. What is left of it in the store may still be there.
    #[must_use]
    pub fn is_gone(&self, now: Timestamp) -> bool {
        self.deletion.is_some_and(|deletion| deletion.begun || deletion.date <= now)
    }

    /// When something is next to be done to the key without anybody asking.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        let deletion = self.deletion.map(|deletion| deletion.date);
        let rotation = self.next_rotation();
        let expiry = self.materials.iter().filter_map(MaterialRef::expiry).min();
        [deletion, rotation, expiry].into_iter().flatten().min()
    }

    /// The material that new ciphertexts are made with.
    #[must_use]
    pub fn current(&self) -> Option<&MaterialRef> {
        self.materials.iter().rev().find(|material| !material.pending)
    }

    /// The id of the material that new ciphertexts are made with.
    #[must_use]
    pub fn current_material(&self) -> Option<MaterialId> {
        self.current().map(|material| material.id)
    }

    /// The material that waits for a rotation on demand.
    #[must_use]
    pub fn pending_material(&self) -> Option<&MaterialRef> {
        self.materials.last().filter(|material| material.pending)
    }

    /// Whether material that belongs to the key for good is not there at `now`: never imported,
    /// deleted or expired. A single missing one makes the whole key wait.
    fn lacks_material(&self, now: Timestamp) -> bool {
        self.origin == Origin::External
            && (self.current().is_none()
                || self.materials.iter().any(|material| !material.pending && !material.is_held(now)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ImportedMaterial, RotationType};

    /// What the version before rotation, deletion and import stored.
    const BEFORE: &str = r#"{"id":"1234abcd-12ab-34cd-56ef-1234567890ab","account":"000000000000",
        "region":"us-east-1","spec":"SYMMETRIC_DEFAULT","usage":"ENCRYPT_DECRYPT","origin":"AWS_KMS",
        "manager":"CUSTOMER","state":"Enabled","description":"","created":"2026-01-01T00:00:00Z",
        "policy":"{}","tags":{"entries":[],"next_sequence":0},"materials":[{"id":
        "5994b5392ada617bd07ed6a8599d2054713e6b4f9a86044777232a752c48f007","created":"2026-01-01T00:00:00Z"}]}"#;

    fn key(origin: Origin, materials: Vec<MaterialRef>) -> Key {
        Key { origin, materials, ..serde_json::from_str(BEFORE).unwrap() }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn imported(n: u8, valid_to: Option<&str>, present: bool, pending: bool) -> MaterialRef {
        let import = ImportedMaterial { present, valid_to: valid_to.map(at), description: None };
        let made = MaterialRef::new(MaterialId::from_bytes([n; 32]), at("2026-01-01T00:00:00Z"));
        MaterialRef { import: Some(import), pending, ..made }
    }

    #[test]
    fn a_record_of_the_version_before_still_reads() {
        let key: Key = serde_json::from_str(BEFORE).unwrap();
        let now = at("2030-01-01T00:00:00Z");
        assert_eq!(key.state(now), KeyState::Enabled);
        assert_eq!((key.rotation, key.deletion, key.next_due()), (None, None, None));
        assert_eq!((&key.multi_region, key.deletion_window), (&None, None));
        assert_eq!(key.current().unwrap().rotation, None);
        assert_eq!(key.current_material(), Some(key.materials[0].id));
        let waiting = BEFORE.replace("AWS_KMS", "EXTERNAL").replace("Enabled", "PendingImport");
        let waiting = Key { materials: Vec::new(), ..serde_json::from_str(&waiting).unwrap() };
        assert_eq!(waiting.state(now), KeyState::PendingImport);
        // It is the import alone that such a key waits for.
        let come = Key { materials: vec![imported(1, None, true, false)], ..waiting };
        assert_eq!(come.state(now), KeyState::Enabled);
    }

    #[test]
    fn a_record_reads_back_whole() {
        let mut key = key(Origin::External, vec![imported(1, Some("2027-01-01T00:00:00Z"), true, false)]);
        let date = at("2026-02-01T00:00:00Z");
        key.materials[0].rotation = Some(crate::Rotation { kind: RotationType::OnDemand, date });
        key.rotation = Some(RotationSchedule { period_days: 90, next: date });
        key.deletion = Some(Deletion { date, begun: true });
        key.due = Some(date);
        let text = serde_json::to_string(&key).unwrap();
        assert_eq!(serde_json::from_str::<Key>(&text).unwrap(), key);
    }

    #[test]
    fn one_missing_material_makes_the_whole_key_wait() {
        let (before, after) = (at("2026-06-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
        let expiring = imported(1, Some("2027-01-01T00:00:00Z"), true, false);
        let lasting = imported(2, None, true, false);
        let mut key = key(Origin::External, vec![expiring.clone(), lasting]);
        assert_eq!((key.state(before), key.state(after)), (KeyState::Enabled, KeyState::PendingImport));
        assert_eq!(key.next_due(), Some(after));
        key.stored_state = KeyState::Disabled;
        assert_eq!((key.state(before), key.state(after)), (KeyState::Disabled, KeyState::PendingImport));
        key.stored_state = KeyState::PendingDeletion;
        assert_eq!(key.state(after), KeyState::PendingDeletion);
        // Pending material is not the key's yet; deleted material is not waited for twice.
        key.stored_state = KeyState::Enabled;
        key.materials[0] = imported(1, None, true, false);
        key.materials.push(MaterialRef { pending: true, ..expiring });
        assert_eq!(key.state(after), KeyState::Enabled);
        assert_eq!(key.current_material(), Some(key.materials[1].id));
        assert_eq!(key.pending_material(), key.materials.last());
        key.materials[0] = imported(1, Some("2026-02-01T00:00:00Z"), false, false);
        assert_eq!((key.state(before), key.next_due()), (KeyState::PendingImport, Some(after)));
    }

    #[test]
    fn what_is_due_first_counts_and_only_when_it_can_happen() {
        let mut key = key(Origin::AwsKms, vec![]);
        let (first, second) = (at("2026-02-01T00:00:00Z"), at("2026-03-01T00:00:00Z"));
        key.rotation = Some(RotationSchedule { period_days: 90, next: first });
        assert_eq!(key.next_due(), Some(first));
        key.stored_state = KeyState::Disabled;
        assert_eq!(key.next_due(), None);
        key.stored_state = KeyState::PendingDeletion;
        key.deletion = Some(Deletion { date: second, begun: false });
        assert_eq!(key.next_due(), Some(second));
        assert!(!key.is_gone(first) && key.is_gone(second));
        // What has begun is not undone by a clock that is set back.
        key.deletion = Some(Deletion { date: second, begun: true });
        assert!(key.is_gone(first));
    }
}
