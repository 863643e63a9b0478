//! GenerateDataKeyPairWithoutPlaintext: a fresh key pair, its private half as a ciphertext only.

use trent_domain::{KeySpec, KeyUsage, StateRow};
use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::Blob;
use trent_model::kms::{
    GenerateDataKeyPairWithoutPlaintextRequest, GenerateDataKeyPairWithoutPlaintextResponse,
};

use super::shared::{data_key_pair, symmetric};

pub(crate) struct GenerateDataKeyPairWithoutPlaintext;

impl Operation for GenerateDataKeyPairWithoutPlaintext {
    const NAME: &'static str = "GenerateDataKeyPairWithoutPlaintext";
    const READ_ONLY: bool = true;
    const CROSS_ACCOUNT: bool = true;
    const STATE: StateRow = StateRow::DataKeyPair;
    const USAGE: Option<KeyUsage> = Some(KeyUsage::EncryptDecrypt);
    const AUDITED: &'static [Audited] = &[
        Audited::member("KeyId"),
        Audited::member("KeyPairSpec"),
        Audited::member("EncryptionContext"),
        Audited::member("DryRun"),
    ];

    type Input = GenerateDataKeyPairWithoutPlaintextRequest;
    type Output = GenerateDataKeyPairWithoutPlaintextResponse;
    type Target = KeyTarget;

    fn target(input: &GenerateDataKeyPairWithoutPlaintextRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::for_cryptography(&input.key_id))
    }

    fn demands<'a>(
        input: &'a GenerateDataKeyPairWithoutPlaintextRequest,
        key: &'a LoadedKey,
    ) -> Vec<Demand<'a>> {
        let demand = Demand::new("kms:GenerateDataKeyPairWithoutPlaintext", Resource::Key(key))
            .context(input.encryption_context.as_ref())
            .fact("kms:encryptionalgorithm", symmetric::algorithm(None).as_str())
            .fact("kms:datakeypairspec", input.key_pair_spec.as_str());
        vec![demand]
    }

    fn makes_pair(input: &GenerateDataKeyPairWithoutPlaintextRequest) -> Option<KeySpec> {
        KeySpec::from_wire(input.key_pair_spec.as_str())
    }

    async fn execute(
        input: &GenerateDataKeyPairWithoutPlaintextRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<GenerateDataKeyPairWithoutPlaintextResponse>, Fault> {
        let pairs = symmetric::encryption_context(input.encryption_context.as_ref());
        let made = data_key_pair::generate(key, &pairs, input.key_pair_spec, context).await?;
        Ok(Outcome::read(GenerateDataKeyPairWithoutPlaintextResponse {
            key_id: Some(key.entry.arn.to_string()),
            key_material_id: Some(made.material.to_string()),
            key_pair_spec: Some(input.key_pair_spec),
            private_key_ciphertext_blob: Some(Blob::from(made.ciphertext)),
            public_key: Some(Blob::from(made.public_key)),
        }))
    }
}
