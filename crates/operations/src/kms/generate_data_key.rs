//! GenerateDataKey: a fresh data key, in the clear and as a ciphertext.

use trent_domain::{KeyUsage, StateRow};
use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::Blob;
use trent_model::kms::{GenerateDataKeyRequest, GenerateDataKeyResponse};

use super::shared::{data_key, symmetric};

pub(crate) struct GenerateDataKey;

impl Operation for GenerateDataKey {
    const NAME: &'static str = "GenerateDataKey";
    const READ_ONLY: bool = true;
    const CROSS_ACCOUNT: bool = true;
    const STATE: StateRow = StateRow::Cryptographic;
    const USAGE: Option<KeyUsage> = Some(KeyUsage::EncryptDecrypt);
    const AUDITED: &'static [Audited] = &[
        Audited::member("KeyId"),
        Audited::member("KeySpec"),
        Audited::member("NumberOfBytes"),
        Audited::member("EncryptionContext"),
        Audited::member("DryRun"),
    ];

    type Input = GenerateDataKeyRequest;
    type Output = GenerateDataKeyResponse;
    type Target = KeyTarget;

    fn target(input: &GenerateDataKeyRequest) -> Result<KeyTarget, Fault> {
        symmetric::refuse_recipient(input.recipient.as_ref())?;
        data_key::length(input.key_spec, input.number_of_bytes)?;
        Ok(KeyTarget::for_cryptography(&input.key_id))
    }

    fn demands<'a>(input: &'a GenerateDataKeyRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        let demand = Demand::new("kms:GenerateDataKey", Resource::Key(key))
            .context(input.encryption_context.as_ref())
            .fact("kms:encryptionalgorithm", symmetric::algorithm(None).as_str());
        vec![demand]
    }

    fn dry_run(input: &GenerateDataKeyRequest) -> bool {
        input.dry_run == Some(true)
    }

    fn grant_tokens(input: &GenerateDataKeyRequest) -> &[String] {
        input.grant_tokens.as_deref().unwrap_or_default()
    }

    async fn execute(
        input: &GenerateDataKeyRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<GenerateDataKeyResponse>, Fault> {
        let length = data_key::length(input.key_spec, input.number_of_bytes)?;
        symmetric::require_algorithm(key, symmetric::algorithm(None))?;
        let pairs = symmetric::encryption_context(input.encryption_context.as_ref());
        let made = data_key::generate(key, &pairs, length, context).await?;
        Ok(Outcome::read(GenerateDataKeyResponse {
            ciphertext_blob: Some(Blob::from(made.ciphertext)),
            plaintext: Some(symmetric::secret_blob(made.plaintext)),
            key_id: Some(key.entry.arn.to_string()),
            key_material_id: Some(made.material.to_string()),
            ciphertext_for_recipient: None,
        }))
    }
}
