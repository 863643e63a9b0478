//! CreateKey: a new key, with material of Trent's own making or waiting for an import.

use trent_crypto::Material;
use trent_domain::{Key, KeyId, KeyManager, KeySpec, KeyState, KeyUsage, MaterialRef, Origin, Path, Tags};
use trent_engine::{Audited, Changes, Context, Demand, Effort, Fault, Operation, Outcome, Permit, Resource};
use trent_model::kms::{self, CreateKeyRequest, CreateKeyResponse};

use super::shared::{at_work, audit, metadata, policy, tags};

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
    type Target = ();

    fn target(input: &CreateKeyRequest) -> Result<(), Fault> {
        require_supported(input)
    }

    fn demands<'a>(input: &'a CreateKeyRequest, (): &'a ()) -> Vec<Demand<'a>> {
        let tags = input.tags.as_deref().unwrap_or_default();
        let create = Demand::new("kms:CreateKey", Resource::Any)
            .fact("kms:multiregion", "false")
            .request_tags(tags::requested(tags));
        // What does not go together was refused when the targets were asked for.
        let create = match kind(input) {
            Ok(Kind { spec, usage, origin }) => create
                .fact("kms:keyspec", spec.as_str())
                .fact("kms:keyusage", usage.as_str())
                .fact("kms:keyorigin", origin.as_str()),
            Err(_) => create,
        };
        let create = policy::bypass_fact(create, input.bypass_policy_lockout_safety_check);
        let mut demands = vec![create];
        if !tags.is_empty() {
            let tag = Demand::new("kms:TagResource", Resource::Any);
            demands.push(tag.request_tags(tags::requested(tags)));
        }
        demands
    }

    async fn execute(
        input: &CreateKeyRequest,
        _: &Permit<()>,
        context: &Context<'_>,
    ) -> Result<Outcome<CreateKeyResponse>, Fault> {
        let kind = kind(input)?;
        let material = match kind.origin {
            Origin::AwsKms => Some(generate(kind.spec, context).await?),
            Origin::External => None,
        };
        let mut key = record(input, &kind, material.as_ref(), context)?;
        let (arn, id) = (key.arn().to_string(), key.id);
        let bypass = input.bypass_policy_lockout_safety_check == Some(true);
        key.policy = policy::check(&key.policy, bypass, &arn, context).await?;

        let mut changes = Changes::default();
        changes.create_key(key.clone())?;
        if let Some(material) = &material {
            let path = Path::material(key.account, &key.region, &id, &material.id(&id));
            changes.create(path, material.to_record());
        }

        let key_metadata = metadata::of(&key, context.now)?;
        let response = audit::key_metadata(&key, &key_metadata)?;
        let output = CreateKeyResponse { key_metadata: Some(key_metadata) };
        let mut outcome = Outcome::write(output, changes).responding(response);
        outcome.created = Some((key.account, arn));
        Ok(outcome)
    }
}

fn record(
    input: &CreateKeyRequest,
    kind: &Kind,
    material: Option<&Material>,
    context: &Context<'_>,
) -> Result<Key, Fault> {
    let id = KeyId::single_region(context.random()?);
    let mut tags = Tags::default();
    tags::set(&mut tags, input.tags.as_deref().unwrap_or_default())?;
    let policy = input.policy.clone().unwrap_or_else(|| policy::default_policy(context.account()));
    Ok(Key {
        id,
        account: context.account(),
        region: context.region.clone(),
        spec: kind.spec,
        usage: kind.usage,
        origin: kind.origin,
        manager: KeyManager::Customer,
        // A key without its material is PendingImport all the same.
        stored_state: KeyState::Enabled,
        description: input.description.clone().unwrap_or_default(),
        created: context.now,
        policy,
        tags,
        materials: material
            .map(|material| MaterialRef::new(material.id(&id), context.now))
            .into_iter()
            .collect(),
        rotation: None,
        deletion: None,
        due: None,
    })
}

/// What kind of key an input asks for.
struct Kind {
    spec: KeySpec,
    usage: KeyUsage,
    origin: Origin,
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

/// Spec, usage and origin, which have to go together.
fn kind(input: &CreateKeyRequest) -> Result<Kind, Fault> {
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
    Ok(Kind { spec, usage, origin: origin(input, spec)? })
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

/// Refuses what no key of this version can be.
fn require_supported(input: &CreateKeyRequest) -> Result<(), Fault> {
    kind(input)?;
    if input.custom_key_store_id.is_some() || input.xks_key_id.is_some() {
        return Err(Fault::CustomKeyStoreNotFound);
    }
    if input.multi_region == Some(true) {
        return Err(unsupported("MultiRegion"));
    }
    Ok(())
}

fn unsupported(what: &str) -> Fault {
    Fault::Unsupported(format!("{what} is not supported by this version of Trent."))
}

/// New material: for RSA that takes up to seconds and is done elsewhere.
async fn generate(spec: KeySpec, context: &Context<'_>) -> Result<Material, Fault> {
    if spec.modulus_length().is_some() {
        Ok(context.offload(Effort::Generation, move || Material::generate(spec)).await??)
    } else {
        Ok(Material::generate(spec)?)
    }
}
