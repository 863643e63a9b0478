//! ImportKeyMaterial: material made elsewhere, into a key that was created to wait for it.

use jiff::Timestamp;
use trent_crypto::{ImportToken, ImportTokenError, KeyError, Material};
use trent_domain::{Import, ImportRefusal, ImportType, Key, KeySpec, LONGEST_VALIDITY, MaterialId, StateRow};
use trent_engine::{
    Audited, Context, Demand, Effort, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::kms::{
    ExpirationModelType, ImportKeyMaterialRequest, ImportKeyMaterialResponse, ImportType as WireImportType,
};

use super::shared::{audit, imports};

pub(crate) struct ImportKeyMaterial;

impl Operation for ImportKeyMaterial {
    const NAME: &'static str = "ImportKeyMaterial";
    const READ_ONLY: bool = false;
    const STATE: StateRow = StateRow::Import;
    const AUDITED: &'static [Audited] = &[
        Audited::member("KeyId"),
        Audited::member("ValidTo"),
        Audited::member("ExpirationModel"),
        Audited::member("ImportType"),
        Audited::member("KeyMaterialDescription"),
        Audited::member("KeyMaterialId"),
    ];

    type Input = ImportKeyMaterialRequest;
    type Output = ImportKeyMaterialResponse;
    type Target = KeyTarget;

    fn target(input: &ImportKeyMaterialRequest) -> Result<KeyTarget, Fault> {
        require_consistent(input)?;
        Ok(KeyTarget::by_id(&input.key_id))
    }

    fn demands<'a>(input: &'a ImportKeyMaterialRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        let mut demand = Demand::new("kms:ImportKeyMaterial", Resource::Key(key));
        if let Some(model) = input.expiration_model {
            demand = demand.fact("kms:expirationmodel", model.as_str());
        }
        if let Some(valid_to) = input.valid_to {
            demand = demand.fact("kms:validto", (valid_to.millis() / 1000).to_string());
        }
        vec![demand]
    }

    async fn execute(
        input: &ImportKeyMaterialRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<ImportKeyMaterialResponse>, Fault> {
        let entry = &key.entry;
        let valid_to = valid_to(input, context.now)?;
        require_members_of(input, &entry.key)?;
        let material = unwrap(input, &entry.key, context).await?;
        let id = material.id(&entry.key.id);
        let mut after = entry.key.clone();
        after.expire_materials(context.now);
        after.import(import(input, id, valid_to), context.now).map_err(|refusal| match refusal {
            ImportRefusal::OtherMaterial => Fault::IncorrectKeyMaterial,
            ImportRefusal::NotPrimary => Fault::NotPrimary(entry.arn.to_string()),
            ImportRefusal::Pending(pending) => Fault::PendingMaterial {
                arn: entry.arn.to_string(),
                new: id.to_string(),
                pending: pending.to_string(),
            },
        })?;
        let shown = imports::shown(&after, id);
        let response = audit::key_and_material(&entry.arn, shown.as_deref());
        let output =
            ImportKeyMaterialResponse { key_id: Some(entry.arn.to_string()), key_material_id: shown };
        let outcome = imports::outcome(output, entry, after, Some((id, &material)), context.records).await?;
        Ok(outcome.responding(response))
    }
}

/// Rules between members that hold for every key.
fn require_consistent(input: &ImportKeyMaterialRequest) -> Result<(), Fault> {
    let expires = input.expiration_model != Some(ExpirationModelType::KeyMaterialDoesNotExpire);
    match (expires, input.valid_to) {
        (true, None) => Err(Fault::validation(
            "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES",
        )),
        // The service's texts of the rest are not published.
        (false, Some(_)) => Err(Fault::validation(
            "A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE",
        )),
        _ if input.import_type == Some(WireImportType::NewKeyMaterial) && input.key_material_id.is_some() => {
            Err(Fault::validation("KeyMaterialId must not be set if the ImportType is NEW_KEY_MATERIAL"))
        }
        _ => Ok(()),
    }
}

/// Three members are for symmetric keys, which alone can have several materials.
fn require_members_of(input: &ImportKeyMaterialRequest, key: &Key) -> Result<(), Fault> {
    let given = input.import_type.is_some()
        || input.key_material_description.is_some()
        || input.key_material_id.is_some();
    if given && key.spec != KeySpec::SymmetricDefault {
        return Err(Fault::validation(
            "ImportType, KeyMaterialDescription and KeyMaterialId are only valid for symmetric encryption keys.",
        ));
    }
    Ok(())
}

/// When the material is to expire: in the future, and within a year.
fn valid_to(input: &ImportKeyMaterialRequest, now: Timestamp) -> Result<Option<Timestamp>, Fault> {
    let Some(valid_to) = input.valid_to else { return Ok(None) };
    let valid_to = Timestamp::from_millisecond(valid_to.millis()).ok();
    let valid_to = valid_to.filter(|valid_to| *valid_to > now);
    let valid_to = valid_to.ok_or_else(|| Fault::validation("ValidTo must be in the future"))?;
    if valid_to.duration_since(now) > LONGEST_VALIDITY {
        return Err(Fault::validation("ValidTo must be within 365 days"));
    }
    Ok(Some(valid_to))
}

/// The material that was sent, which takes milliseconds to unwrap, read and try.
async fn unwrap(
    input: &ImportKeyMaterialRequest,
    key: &Key,
    context: &Context<'_>,
) -> Result<Material, Fault> {
    let (keyring, now) = (context.records.keyring(), context.now.as_second());
    let token =
        ImportToken::open(keyring, &key.arn(), input.import_token.bytes(), now).map_err(
            |error| match error {
                ImportTokenError::Invalid => Fault::InvalidImportToken,
                ImportTokenError::Expired => Fault::ExpiredImportToken,
            },
        )?;
    let (spec, wrapped) = (key.spec, input.encrypted_key_material.bytes().to_vec());
    let work = move || {
        let bytes = token.unwrap(&wrapped).map_err(|error| match error {
            KeyError::Crypto(error) => error.into(),
            _ => Fault::InvalidCiphertext,
        })?;
        Material::import(spec, bytes).map_err(|_| Fault::IncorrectKeyMaterial)
    };
    context.offload(Effort::Operation, work).await?
}

fn import(input: &ImportKeyMaterialRequest, id: MaterialId, valid_to: Option<Timestamp>) -> Import {
    let kind = input.import_type.map(|kind| match kind {
        WireImportType::NewKeyMaterial => ImportType::New,
        WireImportType::ExistingKeyMaterial => ImportType::Existing,
    });
    Import {
        id,
        kind,
        named: input.key_material_id.as_deref().and_then(|named| named.parse().ok()),
        valid_to,
        description: input.key_material_description.clone(),
    }
}
