//! The laws of imported material: what may be imported over what, and what becomes of the key.
//!
//! A symmetric key may get several materials in its life, each with an id that is a function of key
//! and material. All other keys get one. Material belongs to the key for good when it was the first or
//! was rotated to; until then it is pending and can be given up without a trace.

use jiff::{SignedDuration, Timestamp};

use crate::{ImportedMaterial, Key, KeySpec, KeyState, MaterialId, MaterialRef};

/// How long imported material may live, when it is not to live for ever.
pub const LONGEST_VALIDITY: SignedDuration = SignedDuration::from_hours(365 * 24);

/// Which material an import claims to bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportType {
    /// One that the key never had.
    New,
    /// One that the key had or has.
    Existing,
}

/// Material that was unwrapped and read, on its way into a key.
#[derive(Debug, Clone)]
pub struct Import {
    /// What it is called in this key.
    pub id: MaterialId,
    /// What it is said to be, if anything is said.
    pub kind: Option<ImportType>,
    /// Which material it is said to be, if anything is said.
    pub named: Option<MaterialId>,
    /// When it expires, if ever.
    pub valid_to: Option<Timestamp>,
    /// A new description, if there is one.
    pub description: Option<String>,
}

/// Why an import is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImportRefusal {
    /// It is not the material it has to be.
    #[error("it is not the material it has to be")]
    OtherMaterial,
    /// There is new material already, which has to be rotated to first.
    #[error("the material {0} is pending rotation")]
    Pending(MaterialId),
    /// New material comes to the primary key first.
    #[error("new material has to be imported into the primary key")]
    NotPrimary,
}

impl Key {
    /// Takes material in at `now`.
    ///
    /// # Errors
    /// [`ImportRefusal`]; the key is as it was then.
    pub fn import(&mut self, import: Import, now: Timestamp) -> Result<(), ImportRefusal> {
        let known = self.materials.iter().position(|material| material.id == import.id);
        if import.named.is_some_and(|named| named != import.id) {
            return Err(ImportRefusal::OtherMaterial);
        }
        let kind = import.kind.unwrap_or(match self.materials.is_empty() {
            true => ImportType::New,
            false => ImportType::Existing,
        });
        match (kind, known) {
            (ImportType::New, _) if self.is_replica() => return Err(ImportRefusal::NotPrimary),
            (ImportType::Existing, Some(place)) => self.import_again(place, import),
            (ImportType::New, None) => self.import_new(import, now)?,
            (ImportType::Existing, None) | (ImportType::New, Some(_)) => {
                return Err(ImportRefusal::OtherMaterial);
            }
        }
        if self.stored_state == KeyState::PendingImport {
            self.stored_state = KeyState::Enabled;
        }
        Ok(())
    }

    fn import_again(&mut self, place: usize, import: Import) {
        let Some(material) = self.materials.get_mut(place) else { return };
        let kept = material.import.take().and_then(|import| import.description);
        material.import = Some(ImportedMaterial {
            present: true,
            valid_to: import.valid_to,
            description: import.description.or(kept),
        });
    }

    fn import_new(&mut self, import: Import, now: Timestamp) -> Result<(), ImportRefusal> {
        let first = self.materials.is_empty();
        if !first && self.spec != KeySpec::SymmetricDefault {
            return Err(ImportRefusal::OtherMaterial);
        }
        if let Some(pending) = self.pending_material() {
            return Err(ImportRefusal::Pending(pending.id));
        }
        let imported =
            ImportedMaterial { present: true, valid_to: import.valid_to, description: import.description };
        self.materials.push(MaterialRef {
            pending: !first,
            import: Some(imported),
            ..MaterialRef::new(import.id, now)
        });
        Ok(())
    }

    /// Gives up imported material, by request or because it has expired. What belongs to the key for
    /// good is remembered, and the key waits for it; what was pending is forgotten, unless it is the
    /// primary key's as well.
    pub fn give_up_material(&mut self, id: &MaterialId) {
        let forgets = !self.is_replica();
        self.materials.retain(|material| !(forgets && material.pending && material.id == *id));
        for material in self.materials.iter_mut().filter(|material| material.id == *id) {
            if let Some(import) = &mut material.import {
                import.present = false;
                import.valid_to = None;
            }
        }
    }

    /// Gives up every material that has expired at `now`.
    pub fn expire_materials(&mut self, now: Timestamp) {
        let expired = |material: &&MaterialRef| material.expiry().is_some_and(|expiry| expiry <= now);
        let expired: Vec<_> = self.materials.iter().filter(expired).map(|material| material.id).collect();
        expired.iter().for_each(|id| self.give_up_material(id));
    }

    /// The materials whose bytes lie in the store.
    pub fn stored_materials(&self) -> impl Iterator<Item = MaterialId> {
        let stored = |material: &&MaterialRef| material.import.as_ref().is_none_or(|import| import.present);
        self.materials.iter().filter(stored).map(|material| material.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Origin, Rotation, RotationType};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn now() -> Timestamp {
        at("2026-01-01T00:00:00Z")
    }

    fn id(n: u8) -> MaterialId {
        MaterialId::from_bytes([n; 32])
    }

    fn key(spec: &str) -> Key {
        let text = r#"{"id":"1234abcd-12ab-34cd-56ef-1234567890ab","account":"000000000000",
            "region":"us-east-1","spec":"SPEC","usage":"ENCRYPT_DECRYPT","origin":"EXTERNAL",
            "manager":"CUSTOMER","state":"Enabled","description":"","created":"2026-01-01T00:00:00Z",
            "policy":"{}","tags":{"entries":[],"next_sequence":0},"materials":[]}"#;
        let key: Key = serde_json::from_str(&text.replace("SPEC", spec)).unwrap();
        assert_eq!(key.origin, Origin::External);
        key
    }

    fn import(n: u8) -> Import {
        Import { id: id(n), kind: None, named: None, valid_to: None, description: None }
    }

    fn new(n: u8) -> Import {
        Import { kind: Some(ImportType::New), ..import(n) }
    }

    #[test]
    fn the_first_material_is_current_and_the_next_waits_for_a_rotation() {
        let mut key = key("SYMMETRIC_DEFAULT");
        key.import(import(1), now()).unwrap();
        assert_eq!((key.state(now()), key.current_material()), (KeyState::Enabled, Some(id(1))));
        // Unless it is called new, other material is not what it has to be.
        assert_eq!(key.import(import(2), now()), Err(ImportRefusal::OtherMaterial));
        key.import(new(2), now()).unwrap();
        assert_eq!((key.current_material(), key.pending_material().unwrap().id), (Some(id(1)), id(2)));
        assert_eq!(key.import(new(3), now()), Err(ImportRefusal::Pending(id(2))));
        assert_eq!(key.import(new(2), now()), Err(ImportRefusal::OtherMaterial));
        assert_eq!(key.import(new(1), now()), Err(ImportRefusal::OtherMaterial));
        key.import(import(2), now()).unwrap();
        assert_eq!(key.materials.len(), 2);
    }

    #[test]
    fn a_first_import_that_claims_to_exist_is_refused() {
        let mut key = key("SYMMETRIC_DEFAULT");
        let existing = Import { kind: Some(ImportType::Existing), ..import(1) };
        assert_eq!(key.import(existing, now()), Err(ImportRefusal::OtherMaterial));
    }

    #[test]
    fn other_keys_have_one_material_for_life() {
        let mut key = key("HMAC_256");
        key.import(import(1), now()).unwrap();
        key.give_up_material(&id(1));
        assert_eq!(key.state(now()), KeyState::PendingImport);
        for other in [import(2), new(2)] {
            assert_eq!(key.import(other, now()), Err(ImportRefusal::OtherMaterial));
        }
        key.import(import(1), now()).unwrap();
        assert_eq!(key.state(now()), KeyState::Enabled);
    }

    #[test]
    fn a_material_must_be_the_one_it_is_named() {
        let mut key = key("SYMMETRIC_DEFAULT");
        key.import(import(1), now()).unwrap();
        let named = |n| Import { named: Some(id(n)), ..import(1) };
        assert_eq!(key.import(named(2), now()), Err(ImportRefusal::OtherMaterial));
        key.import(named(1), now()).unwrap();
    }

    #[test]
    fn importing_again_changes_the_expiry_and_keeps_the_description() {
        let mut key = key("SYMMETRIC_DEFAULT");
        let valid_to = Some(at("2026-02-01T00:00:00Z"));
        let description = Some("mine".to_owned());
        key.import(Import { valid_to, description: description.clone(), ..import(1) }, now()).unwrap();
        assert_eq!(key.materials[0].expiry(), valid_to);
        key.import(import(1), now()).unwrap();
        let imported = key.materials[0].import.as_ref().unwrap();
        assert_eq!((imported.valid_to, &imported.description), (None, &description));
    }

    #[test]
    fn material_that_expires_is_given_up_and_waited_for() {
        let mut key = key("SYMMETRIC_DEFAULT");
        let (valid_to, later) = (Some(at("2026-02-01T00:00:00Z")), at("2026-02-01T00:00:00Z"));
        key.import(Import { valid_to, ..import(1) }, now()).unwrap();
        key.import(Import { valid_to, ..new(2) }, now()).unwrap();
        key.expire_materials(at("2026-01-31T23:59:59Z"));
        assert_eq!(key.stored_materials().collect::<Vec<_>>(), [id(1), id(2)]);
        key.expire_materials(later);
        assert_eq!(key.stored_materials().count(), 0);
        // The pending one is forgotten; the other is the key's for good, and its id is still shown.
        assert_eq!((key.materials.len(), key.current_material()), (1, Some(id(1))));
        assert_eq!(key.state(now()), KeyState::PendingImport);
        key.import(import(1), later).unwrap();
        assert_eq!(key.state(later), KeyState::Enabled);
    }

    #[test]
    fn what_was_rotated_to_is_missed_as_much_as_the_first() {
        let mut key = key("SYMMETRIC_DEFAULT");
        key.import(import(1), now()).unwrap();
        key.import(new(2), now()).unwrap();
        key.materials[1].pending = false;
        key.materials[1].rotation = Some(Rotation { kind: RotationType::OnDemand, date: now() });
        key.give_up_material(&id(1));
        assert_eq!((key.state(now()), key.current_material()), (KeyState::PendingImport, Some(id(2))));
        assert_eq!(key.stored_materials().collect::<Vec<_>>(), [id(2)]);
    }
}
