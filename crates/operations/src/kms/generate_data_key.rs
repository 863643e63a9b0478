//! GenerateDataKey: a fresh data key, in the clear and as a ciphertext.

use trent_domain::{KeyUsage, StateRow};
use trent_engine::{
    AttestationTarget, Audited, Context, Demand, Fault, KeyTarget, Loaded, Operation, Outcome, Permit,
    Resource,
};
use trent_model::Blob;
use trent_model::kms::{GenerateDataKeyRequest, GenerateDataKeyResponse};

use super::shared::{data_key, recipient, symmetric};

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
    type Target = (KeyTarget, Option<AttestationTarget>);

    fn target(input: &GenerateDataKeyRequest) -> Result<Self::Target, Fault> {
        data_key::length(input.key_spec, input.number_of_bytes)?;
        Ok((KeyTarget::for_cryptography(&input.key_id), recipient::target(input.recipient.as_ref())?))
    }

    fn demands<'a>(input: &'a GenerateDataKeyRequest, (key, recipient): &'a Loaded<Self>) -> Vec<Demand<'a>> {
        let demand = Demand::new("kms:GenerateDataKey", Resource::Key(key))
            .context(input.encryption_context.as_ref())
            .recipient(recipient.as_ref())
            .fact("kms:encryptionalgorithm", symmetric::algorithm(None).as_str());
        vec![demand]
    }

    async fn execute(
        input: &GenerateDataKeyRequest,
        permit: &Permit<Loaded<Self>>,
        context: &Context<'_>,
    ) -> Result<Outcome<GenerateDataKeyResponse>, Fault> {
        let (key, recipient) = &**permit;
        let length = data_key::length(input.key_spec, input.number_of_bytes)?;
        symmetric::require_algorithm(key, symmetric::algorithm(None))?;
        let pairs = symmetric::encryption_context(input.encryption_context.as_ref());
        let made = data_key::generate(key, &pairs, length, context).await?;
        let delivery = recipient::deliver(made.plaintext, recipient.as_ref())?;
        Ok(Outcome::read(GenerateDataKeyResponse {
            ciphertext_blob: Some(Blob::from(made.ciphertext)),
            plaintext: delivery.plaintext,
            key_id: Some(key.entry.arn.to_string()),
            // An attested answer does not name the material.
            key_material_id: recipient.is_none().then(|| made.material.to_string()),
            ciphertext_for_recipient: delivery.for_recipient,
        }))
    }
}
