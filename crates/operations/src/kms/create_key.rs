//! CreateKey: a new key, with material of Trent's own making or waiting for an import.

use trent_crypto::Material;
use trent_domain::{
    AccountId, Key, KeyId, KeyManager, KeySpec, KeyState, KeyUsage, MaterialRef, MultiRegion, Origin,
    PARTITION, Path, Tags,
};
use trent_engine::{
    Audited, Changes, Context, Demand, Effort, Fault, LoadedKey, Operation, Outcome, Permit, Place, Resource,
    Subject, Target,
};
use trent_model::kms::{self, CreateKeyRequest, CreateKeyResponse, MultiRegionKeyType};

use super::shared::new_key::{self, Kind, Wishes};
use super::shared::{at_work, audit, metadata};

pub(crate) struct CreateKey;

impl Operation for CreateKey {
    const NAME: &'static str = "CreateKey";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[
        Audited::member("Policy"),
        Audited::defaulting("Description", "\"\""),
        Audited::defaulting("KeyUsage", "\"ENCRYPT_DECRYPT\""),
        Audited::defaulting("CustomerMasterKeySpec", "\"SYMMETRIC_DEFAULT\""),
        Audited::defaulting("KeySpec", "\"SYMMETRIC_DEFAULT\""),
        Audited::defaulting("Origin", "\"AWS_KMS\""),
        Audited::member("CustomKeyStoreId"),
        Audited::member("XksKeyId"),
        Audited::defaulting("BypassPolicyLockoutSafetyCheck", "false"),
        Audited::defaulting("Tags", "[]"),
        Audited::defaulting("MultiRegion", "false"),
    ];

    type Input = CreateKeyRequest;
    type Output = CreateKeyResponse;
    type Target = Kind;

    fn target(input: &CreateKeyRequest) -> Result<Kind, Fault> {
        let kind = kind(input)?;
        if input.custom_key_store_id.is_some() || input.xks_key_id.is_some() {
            return Err(Fault::CustomKeyStoreNotFound);
        }
        Ok(kind)
    }

    fn demands<'a>(input: &'a CreateKeyRequest, place: &'a NewKey) -> Vec<Demand<'a>> {
        let mut demands = new_key::demands(place.kind, wishes(input), None);
        // The service synchronizes related keys in a role that it makes when the first one is made.
        if place.kind.related.is_some() {
            let role = Demand::new("iam:CreateServiceLinkedRole", Resource::Arn(&place.service_role));
            demands.push(role.fact("iam:awsservicename", SYNCHRONIZER));
        }
        demands
    }

    async fn execute(
        input: &CreateKeyRequest,
        place: &Permit<NewKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<CreateKeyResponse>, Fault> {
        let mut key = record(place.kind, context)?;
        new_key::furnish(&mut key, wishes(input), context).await?;
        let mut changes = Changes::default();
        if key.origin == Origin::AwsKms {
            let material = generate(key.spec, context).await?;
            let id = material.id(&key.id);
            changes.create(Path::material(key.account, &key.region, &key.id, &id), material.to_record());
            key.materials.push(MaterialRef::new(id, context.now));
        }
        changes.create_key(key.clone())?;

        let key_metadata = metadata::of(&key, context.now)?;
        let response = audit::key_metadata(&key, &key_metadata)?;
        let output = CreateKeyResponse { key_metadata: Some(key_metadata) };
        let mut outcome = Outcome::write(output, changes).responding(response);
        outcome.created = Some((key.account, key.arn().to_string()));
        Ok(outcome)
    }
}

/// The service that related keys are synchronized by.
const SYNCHRONIZER: &str = "mrk.kms.amazonaws.com";

/// A key that is to be made, and the role in which the service would synchronize it.
pub(crate) struct NewKey {
    kind: Kind,
    service_role: String,
}

impl Target for Kind {
    type Loaded = NewKey;

    async fn load(&self, place: &Place<'_>) -> Result<NewKey, Fault> {
        Ok(NewKey { kind: *self, service_role: service_role(place.account()) })
    }
}

impl Subject for NewKey {
    fn keys<'a>(&'a self, _: &mut dyn FnMut(&'a LoadedKey)) {}
}

fn service_role(account: AccountId) -> String {
    format!(
        "arn:{PARTITION}:iam::{account}:role/aws-service-role/{SYNCHRONIZER}/\
         AWSServiceRoleForKeyManagementServiceMultiRegionKeys"
    )
}

pub(super) fn wishes(input: &CreateKeyRequest) -> Wishes<'_> {
    Wishes {
        policy: input.policy.as_deref(),
        bypass: input.bypass_policy_lockout_safety_check,
        description: input.description.as_deref(),
        tags: input.tags.as_deref().unwrap_or_default(),
    }
}

/// The record of a key of this kind, with no more in it than that.
pub(super) fn record(kind: Kind, context: &Context<'_>) -> Result<Key, Fault> {
    let region = context.region.clone();
    let (id, multi_region) = match kind.related {
        None => (KeyId::single_region(context.random()?), None),
        Some(_) => (KeyId::multi_region(context.random()?), Some(MultiRegion::of_primary(region.clone()))),
    };
    Ok(Key {
        id,
        account: context.account(),
        region,
        spec: kind.spec,
        usage: kind.usage,
        origin: kind.origin,
        manager: KeyManager::Customer,
        // A key without its material is PendingImport all the same.
        stored_state: KeyState::Enabled,
        description: String::new(),
        created: context.now,
        policy: String::new(),
        tags: Tags::default(),
        materials: Vec::new(),
        rotation: None,
        deletion: None,
        deletion_window: None,
        multi_region,
        due: None,
    })
}

/// Which of its two members says what spec a key is to have.
fn spec(input: &CreateKeyRequest) -> Result<KeySpec, Fault> {
    let name = match (input.key_spec, input.customer_master_key_spec) {
        (Some(_), Some(_)) => {
            return Err(Fault::validation(
                "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec \
                 is deprecated.",
            ));
        }
        (Some(spec), None) => spec.as_str(),
        (None, Some(spec)) => spec.as_str(),
        (None, None) => return Ok(KeySpec::SymmetricDefault),
    };
    at_work::known(name, KeySpec::from_wire)
}

/// What kind of key an input asks for: spec, usage and origin have to go together.
pub(super) fn kind(input: &CreateKeyRequest) -> Result<Kind, Fault> {
    let spec = spec(input)?;
    let usage = match input.key_usage {
        Some(usage) => at_work::known(usage.as_str(), KeyUsage::from_wire)?,
        None if spec == KeySpec::SymmetricDefault => KeyUsage::EncryptDecrypt,
        None => {
            return Err(Fault::validation(
                "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
            ));
        }
    };
    if !spec.allows(usage) {
        let (usage, spec) = (usage.as_str(), spec.as_str());
        return Err(Fault::validation(format!("KeyUsage {usage} is not compatible with KeySpec {spec}")));
    }
    let related = (input.multi_region == Some(true)).then_some(MultiRegionKeyType::Primary);
    Ok(Kind { spec, usage, origin: origin(input, spec)?, related })
}

/// Where the material is to come from. Custom key stores are still to come.
fn origin(input: &CreateKeyRequest, spec: KeySpec) -> Result<Origin, Fault> {
    match input.origin {
        None | Some(kms::OriginType::AwsKms) => Ok(Origin::AwsKms),
        Some(kms::OriginType::External) if spec.is_importable() => Ok(Origin::External),
        // The service's text is not published.
        Some(kms::OriginType::External) => {
            let spec = spec.as_str();
            Err(Fault::Unsupported(format!("KeySpec {spec} is not valid for Origin EXTERNAL.")))
        }
        Some(origin) => Err(unsupported(&format!("Origin {}", origin.as_str()))),
    }
}

fn unsupported(what: &str) -> Fault {
    Fault::Unsupported(format!("{what} is not supported by this version of Trent."))
}

/// New material: for RSA that takes up to seconds and is done elsewhere.
pub(super) async fn generate(spec: KeySpec, context: &Context<'_>) -> Result<Material, Fault> {
    if spec.modulus_length().is_some() {
        Ok(context.offload(Effort::Generation, move || Material::generate(spec)).await??)
    } else {
        Ok(Material::generate(spec)?)
    }
}
