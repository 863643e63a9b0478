//! GenerateDataKeyWithoutPlaintext: a fresh data key, as a ciphertext only.

use trent_domain::{KeyUsage, StateRow};
use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::Blob;
use trent_model::kms::{GenerateDataKeyWithoutPlaintextRequest, GenerateDataKeyWithoutPlaintextResponse};

use super::shared::{data_key, symmetric};

pub(crate) struct GenerateDataKeyWithoutPlaintext;

impl Operation for GenerateDataKeyWithoutPlaintext {
    const NAME: &'static str = "GenerateDataKeyWithoutPlaintext";
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

    type Input = GenerateDataKeyWithoutPlaintextRequest;
    type Output = GenerateDataKeyWithoutPlaintextResponse;
    type Target = KeyTarget;

    fn target(input: &GenerateDataKeyWithoutPlaintextRequest) -> Result<KeyTarget, Fault> {
        data_key::length(input.key_spec, input.number_of_bytes)?;
        Ok(KeyTarget::for_cryptography(&input.key_id))
    }

    fn demands<'a>(input: &'a GenerateDataKeyWithoutPlaintextRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        let demand = Demand::new("kms:GenerateDataKeyWithoutPlaintext", Resource::Key(key))
            .context(input.encryption_context.as_ref())
            .fact("kms:encryptionalgorithm", symmetric::algorithm(None).as_str());
        vec![demand]
    }

    async fn execute(
        input: &GenerateDataKeyWithoutPlaintextRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<GenerateDataKeyWithoutPlaintextResponse>, Fault> {
        let length = data_key::length(input.key_spec, input.number_of_bytes)?;
        symmetric::require_algorithm(key, symmetric::algorithm(None))?;
        let pairs = symmetric::encryption_context(input.encryption_context.as_ref());
        let made = data_key::generate(key, &pairs, length, context).await?;
        Ok(Outcome::read(GenerateDataKeyWithoutPlaintextResponse {
            ciphertext_blob: Some(Blob::from(made.ciphertext)),
            key_id: Some(key.entry.arn.to_string()),
            key_material_id: Some(made.material.to_string()),
        }))
    }
}
