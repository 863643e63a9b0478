//! DeleteImportedKeyMaterial: takes material out of a key, which waits for it from then on.

use trent_domain::{Key, KeySpec, MaterialId, StateRow};
use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::kms::{DeleteImportedKeyMaterialRequest, DeleteImportedKeyMaterialResponse};

use super::shared::{audit, imports};

pub(crate) struct DeleteImportedKeyMaterial;

impl Operation for DeleteImportedKeyMaterial {
    const NAME: &'static str = "DeleteImportedKeyMaterial";
    const READ_ONLY: bool = false;
    const STATE: StateRow = StateRow::DeleteImported;
    const AUDITED: &'static [Audited] = &[Audited::member("KeyId"), Audited::member("KeyMaterialId")];

    type Input = DeleteImportedKeyMaterialRequest;
    type Output = DeleteImportedKeyMaterialResponse;
    type Target = KeyTarget;

    fn target(input: &DeleteImportedKeyMaterialRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::by_id(&input.key_id))
    }

    fn demands<'a>(_: &'a DeleteImportedKeyMaterialRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        vec![Demand::new("kms:DeleteImportedKeyMaterial", Resource::Key(key))]
    }

    async fn execute(
        input: &DeleteImportedKeyMaterialRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<DeleteImportedKeyMaterialResponse>, Fault> {
        let entry = &key.entry;
        let id = material(input, &entry.key)?;
        let mut after = entry.key.clone();
        if let Some(id) = &id {
            after.give_up_material(id);
        }
        let shown = id.and_then(|id| imports::shown(&after, id));
        let response = audit::key_and_material(&entry.arn, shown.as_deref());
        let output =
            DeleteImportedKeyMaterialResponse { key_id: Some(entry.arn.to_string()), key_material_id: shown };
        Ok(imports::outcome(output, entry, after, None, context.records).await?.responding(response))
    }
}

/// The material that is meant: the current one unless another is named. A key that never had one has
/// none to delete, which is no error. The service's texts are not published.
fn material(input: &DeleteImportedKeyMaterialRequest, key: &Key) -> Result<Option<MaterialId>, Fault> {
    let Some(named) = &input.key_material_id else { return Ok(key.current_material()) };
    if key.spec != KeySpec::SymmetricDefault {
        return Err(Fault::validation("KeyMaterialId is only valid for symmetric encryption keys."));
    }
    let known = key.materials.iter().map(|material| material.id).find(|id| id.to_string() == *named);
    known.map(Some).ok_or_else(|| Fault::MaterialNotFound(named.clone()))
}
