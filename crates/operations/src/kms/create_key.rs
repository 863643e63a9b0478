//! CreateKey: a new key with material of Trent's own making.

use trent_crypto::Material;
use trent_domain::{Key, KeyId, KeyManager, KeySpec, KeyState, KeyUsage, MaterialRef, Origin, Path, Tags};
use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit, Resource, encode};
use trent_model::kms::{self, CreateKeyRequest, CreateKeyResponse};

use super::shared::{audit, metadata, policy, tags};

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
            .fact("kms:keyspec", KeySpec::SymmetricDefault.as_str())
            .fact("kms:keyusage", KeyUsage::EncryptDecrypt.as_str())
            .fact("kms:keyorigin", Origin::AwsKms.as_str())
            .fact("kms:multiregion", "false")
            .request_tags(tags::requested(tags));
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
        let material = Material::generate(KeySpec::SymmetricDefault)?;
        let key = record(input, &material, context)?;
        let (arn, id) = (key.arn().to_string(), key.id);
        let bypass = input.bypass_policy_lockout_safety_check == Some(true);
        policy::check(&key.policy, bypass, &arn, context)?;

        let mut changes = Changes::default();
        changes.create(Path::key(key.account, &key.region, &id), encode(&key)?);
        let path = Path::material(key.account, &key.region, &id, &material.id(&id));
        changes.create(path, material.to_record());

        let key_metadata = metadata::of(&key)?;
        let response = audit::key_metadata(&key, &key_metadata)?;
        let output = CreateKeyResponse { key_metadata: Some(key_metadata) };
        let mut outcome = Outcome::write(output, changes).responding(response);
        outcome.created = Some((key.account, arn));
        Ok(outcome)
    }
}

fn record(input: &CreateKeyRequest, material: &Material, context: &Context<'_>) -> Result<Key, Fault> {
    let id = KeyId::single_region(context.random()?);
    let mut tags = Tags::default();
    tags::set(&mut tags, input.tags.as_deref().unwrap_or_default())?;
    let policy = input.policy.clone().unwrap_or_else(|| policy::default_policy(context.account()));
    Ok(Key {
        id,
        account: context.account(),
        region: context.region.clone(),
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsage::EncryptDecrypt,
        origin: Origin::AwsKms,
        manager: KeyManager::Customer,
        state: KeyState::Enabled,
        description: input.description.clone().unwrap_or_default(),
        created: context.now,
        policy,
        tags,
        materials: vec![MaterialRef { id: material.id(&id), created: context.now }],
    })
}

/// Refuses what no key of this version can be.
fn require_supported(input: &CreateKeyRequest) -> Result<(), Fault> {
    if input.key_spec.is_some() && input.customer_master_key_spec.is_some() {
        return Err(Fault::validation(
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is \
             deprecated.",
        ));
    }
    let spec = input.key_spec.map(kms::KeySpec::as_str);
    let spec = spec.or_else(|| input.customer_master_key_spec.map(kms::CustomerMasterKeySpec::as_str));
    let spec = spec.unwrap_or(KeySpec::SymmetricDefault.as_str());
    if spec != KeySpec::SymmetricDefault.as_str() {
        return Err(unsupported(&format!("KeySpec {spec}")));
    }
    match input.key_usage {
        None | Some(kms::KeyUsageType::EncryptDecrypt) => {}
        Some(usage) => {
            let usage = usage.as_str();
            return Err(Fault::validation(format!("KeyUsage {usage} is not compatible with KeySpec {spec}")));
        }
    }
    match input.origin {
        None | Some(kms::OriginType::AwsKms) => {}
        Some(origin) => return Err(unsupported(&format!("Origin {}", origin.as_str()))),
    }
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
