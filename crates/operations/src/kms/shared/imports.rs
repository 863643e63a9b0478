//! Imported material on its way into the store and out of it.

use std::sync::Arc;

use trent_crypto::Material;
use trent_domain::{Key, KeySpec, MaterialId, Path};
use trent_engine::{Changes, Family, Fault, KeyEntry, Outcome, Records};

/// The outcome of making `after` of the key of `entry`, which related keys follow: records of
/// materials go with what the keys no longer have, and come if one was `imported`. Which of them lie
/// in the store, the records of the keys say.
///
/// # Errors
/// When a record cannot be rendered or read.
pub(crate) async fn outcome<T>(
    output: T,
    entry: &Arc<KeyEntry>,
    after: Key,
    imported: Option<(MaterialId, &Material)>,
    records: &Records,
) -> Result<Outcome<T>, Fault> {
    let mut changes = Changes::default();
    let synchronized = Family::of(entry, records).await?.replace(after, records, &mut changes).await?;
    let key = &entry.key;
    if let Some((id, material)) = imported.filter(|(id, _)| !key.stored_materials().any(|known| known == *id))
    {
        changes.create(Path::material(key.account, &key.region, &key.id, &id), material.to_record());
    }
    let mut outcome = Outcome::write(output, changes);
    outcome.service.extend(synchronized);
    Ok(outcome)
}

/// The id of a material as answers show it: of symmetric keys only.
pub(crate) fn shown(key: &Key, id: MaterialId) -> Option<String> {
    (key.spec == KeySpec::SymmetricDefault).then(|| id.to_string())
}
