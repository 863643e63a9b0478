//! Giving a key new material.

use jiff::Timestamp;
use trent_crypto::Material;
use trent_domain::{Key, MaterialId, MaterialRef, MaterialState, Origin, Rotation, RotationType};

use crate::Fault;
use crate::multi_region::Family;
use crate::records::{Changes, Records};
use crate::service_event::ServiceEvent;

/// Lists the changes that rotate a key at `now`, and with it those it is related to, and the events
/// that tell of it. A key of Trent's own gets material that is made here; one with imported material
/// takes what is pending.
///
/// # Errors
/// When material cannot be made, or none is pending that every related key has.
pub async fn rotate(
    family: &Family,
    kind: RotationType,
    now: Timestamp,
    records: &Records,
    changes: &mut Changes,
) -> Result<Vec<ServiceEvent>, Fault> {
    let entry = family.own();
    let mut key = entry.key.clone();
    let rotation = Rotation { kind, date: now };
    let current = match key.origin {
        Origin::AwsKms => generate(family, &mut key, rotation, changes)?,
        Origin::External => {
            let ready = family.pending_state(now) == MaterialState::PendingRotation;
            let promoted = if ready { promote(&mut key, rotation) } else { None };
            promoted.ok_or_else(|| Fault::NothingToRotate(entry.arn.to_string()))?
        }
    };
    if kind == RotationType::Automatic {
        key.rotation = key.rotation.map(|schedule| schedule.after(now));
    }
    let synchronized = family.replace(key, records, changes).await?;
    Ok(std::iter::once(ServiceEvent::rotated(entry, kind, &current)).chain(synchronized).collect())
}

fn generate(
    family: &Family,
    key: &mut Key,
    rotation: Rotation,
    changes: &mut Changes,
) -> Result<MaterialId, Fault> {
    let material = Material::generate(key.spec)?;
    let id = material.id(&key.id);
    family.create_material(&id, &material, changes);
    key.materials.push(MaterialRef { rotation: Some(rotation), ..MaterialRef::new(id, rotation.date) });
    Ok(id)
}

/// Material that has expired is not rotated to, even if it was not removed yet.
fn promote(key: &mut Key, rotation: Rotation) -> Option<MaterialId> {
    let held = |material: &&mut MaterialRef| material.pending && material.is_held(rotation.date);
    let pending = key.materials.last_mut().filter(held)?;
    pending.pending = false;
    pending.rotation = Some(rotation);
    Some(pending.id)
}
