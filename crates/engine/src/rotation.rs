//! Giving a key new material.

use jiff::Timestamp;
use trent_crypto::Material;
use trent_domain::{Key, MaterialId, MaterialRef, Origin, Path, Rotation, RotationType};

use crate::Fault;
use crate::entries::KeyEntry;
use crate::records::Changes;
use crate::service_event::ServiceEvent;

/// Lists the changes that rotate `entry` at `now`, and the event that tells of it. A key of Trent's
/// own gets material that is made here; one with imported material takes what is pending.
///
/// # Errors
/// When material cannot be made, or none is pending.
pub fn rotate(
    entry: &KeyEntry,
    kind: RotationType,
    now: Timestamp,
    changes: &mut Changes,
) -> Result<ServiceEvent, Fault> {
    let mut key = entry.key.clone();
    let rotation = Rotation { kind, date: now };
    let current = match key.origin {
        Origin::AwsKms => generate(&mut key, rotation, now, changes)?,
        Origin::External => promote(&mut key, rotation, now).ok_or_else(|| nothing_pending(entry))?,
    };
    if kind == RotationType::Automatic {
        key.rotation = key.rotation.map(|schedule| schedule.after(now));
    }
    changes.replace_key(entry, key)?;
    Ok(ServiceEvent::rotated(entry, kind, &current))
}

fn generate(
    key: &mut Key,
    rotation: Rotation,
    now: Timestamp,
    changes: &mut Changes,
) -> Result<MaterialId, Fault> {
    let material = Material::generate(key.spec)?;
    let id = material.id(&key.id);
    changes.create(Path::material(key.account, &key.region, &key.id, &id), material.to_record());
    key.materials.push(MaterialRef { rotation: Some(rotation), ..MaterialRef::new(id, now) });
    Ok(id)
}

/// Material that has expired is not rotated to, even if it was not removed yet.
fn promote(key: &mut Key, rotation: Rotation, now: Timestamp) -> Option<MaterialId> {
    let pending = key.materials.last_mut().filter(|material| material.pending && material.is_held(now))?;
    pending.pending = false;
    pending.rotation = Some(rotation);
    Some(pending.id)
}

fn nothing_pending(entry: &KeyEntry) -> Fault {
    Fault::NothingToRotate(entry.arn.to_string())
}
