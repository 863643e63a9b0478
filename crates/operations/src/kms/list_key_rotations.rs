//! ListKeyRotations: a key's materials and how each became current.

use jiff::Timestamp;
use trent_domain::{Key, MaterialRef, MaterialState, StateRow};
use trent_engine::{
    Audited, Context, Demand, Family, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::kms::{
    ExpirationModelType, ImportState, IncludeKeyMaterial, KeyMaterialState, ListKeyRotationsRequest,
    ListKeyRotationsResponse, RotationType, RotationsListEntry,
};

use super::shared::metadata::{named, seconds};
use super::shared::page::Page;

pub(crate) struct ListKeyRotations;

impl Operation for ListKeyRotations {
    const NAME: &'static str = "ListKeyRotations";
    const READ_ONLY: bool = true;
    const STATE: StateRow = StateRow::ListRotations;
    const AUDITED: &'static [Audited] = &[
        Audited::member("KeyId"),
        Audited::member("IncludeKeyMaterial"),
        Audited::member("Limit"),
        Audited::member("Marker"),
    ];

    type Input = ListKeyRotationsRequest;
    type Output = ListKeyRotationsResponse;
    type Target = KeyTarget;

    fn target(input: &ListKeyRotationsRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::by_id(&input.key_id))
    }

    fn demands<'a>(_: &'a ListKeyRotationsRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        vec![Demand::new("kms:ListKeyRotations", Resource::Key(key))]
    }

    async fn execute(
        input: &ListKeyRotationsRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<ListKeyRotationsResponse>, Fault> {
        let record = &key.entry.key;
        if !record.has_rotations() {
            return Err(Fault::NotRotatable);
        }
        let all = input.include_key_material == Some(IncludeKeyMaterial::AllKeyMaterial);
        let markers = context.markers(Self::NAME, &format!("{}\n{all}", key.entry.arn));
        let page = Page::new((input.limit, input.marker.as_deref()), (100, 1000), markers)?;
        let pending = Family::of(&key.entry, context.records).await?.pending_state(context.now);
        let listed = record.material_states(pending);
        let listed = listed.filter(|(material, _)| all || material.rotation.is_some());
        let found = behind(listed, page.after()).take(page.wanted()).collect();
        let (found, next) = page.cut(found, |(material, _)| material.id.to_string());
        let entries = found.into_iter().map(|(material, state)| entry(record, material, state, context.now));
        Ok(Outcome::read(ListKeyRotationsResponse {
            rotations: Some(entries.collect::<Result<_, _>>()?),
            truncated: Some(next.is_some()),
            next_marker: next,
        }))
    }
}

type Standing<'a> = (&'a MaterialRef, MaterialState);

/// What follows the material that is called `after`; materials are never taken off a key while it
/// lasts, but for pending ones, and those are last.
fn behind<'a>(
    listed: impl Iterator<Item = Standing<'a>>,
    after: Option<&str>,
) -> impl Iterator<Item = Standing<'a>> {
    let after = after.map(str::to_owned);
    let mut passed = after.is_none();
    listed.filter(move |(material, _)| {
        let here = passed;
        passed = passed || after.as_deref() == Some(material.id.to_string().as_str());
        here
    })
}

fn entry(
    key: &Key,
    material: &MaterialRef,
    state: MaterialState,
    now: Timestamp,
) -> Result<RotationsListEntry, Fault> {
    let kind = material.rotation.map(|rotation| named(rotation.kind.as_str(), RotationType::from_wire));
    let entry = RotationsListEntry {
        key_id: Some(key.id.to_string()),
        key_material_id: Some(material.id.to_string()),
        key_material_state: Some(named(state.as_str(), KeyMaterialState::from_wire)?),
        rotation_date: material.rotation.map(|rotation| seconds(rotation.date)),
        rotation_type: kind.transpose()?,
        ..RotationsListEntry::default()
    };
    Ok(with_import(entry, material, now))
}

/// What is shown of imported material besides. Material that is not there has no expiration model.
fn with_import(entry: RotationsListEntry, material: &MaterialRef, now: Timestamp) -> RotationsListEntry {
    let Some(import) = &material.import else { return entry };
    let (state, model) = match (material.is_held(now), import.valid_to) {
        (true, Some(_)) => (ImportState::Imported, Some(ExpirationModelType::KeyMaterialExpires)),
        (true, None) => (ImportState::Imported, Some(ExpirationModelType::KeyMaterialDoesNotExpire)),
        (false, _) => (ImportState::PendingImport, None),
    };
    RotationsListEntry {
        key_material_description: import.description.clone(),
        import_state: Some(state),
        valid_to: import.valid_to.filter(|_| model.is_some()).map(seconds),
        expiration_model: model,
        ..entry
    }
}
