//! Imported material on its way into the store and out of it.

use trent_crypto::Material;
use trent_domain::{Key, KeySpec, MaterialId, Path};
use trent_engine::{Changes, Fault, KeyEntry, Records};

/// What makes `after` of the key of `entry`: its record, and the records of materials that went or,
/// if it is `imported`, came. Which of them lie in the store, the key's record says.
///
/// # Errors
/// When a record cannot be rendered or read.
pub(crate) async fn changes(
    entry: &KeyEntry,
    after: &Key,
    imported: Option<(MaterialId, &Material)>,
    records: &Records,
) -> Result<Changes, Fault> {
    let mut changes = Changes::default();
    let before = &entry.key;
    if before == after {
        return Ok(changes);
    }
    changes.replace_key(entry, after.clone())?;
    let stored = |key: &Key, id: &MaterialId| key.stored_materials().any(|stored| stored == *id);
    for gone in before.stored_materials().filter(|id| !stored(after, id)) {
        entry.delete_material(&gone, records, &mut changes).await?;
    }
    if let Some((id, material)) = imported.filter(|(id, _)| !stored(before, id)) {
        let path = Path::material(before.account, &before.region, &before.id, &id);
        changes.create(path, material.to_record());
    }
    Ok(changes)
}

/// The id of a material as answers show it: of symmetric keys only.
pub(crate) fn shown(key: &Key, id: MaterialId) -> Option<String> {
    (key.spec == KeySpec::SymmetricDefault).then(|| id.to_string())
}
