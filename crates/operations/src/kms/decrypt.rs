//! Decrypt: opens a ciphertext, which itself names the key it needs.

use trent_domain::{KeyUsage, StateRow};
use trent_engine::{
    AttestationTarget, Audited, CiphertextTarget, Context, Demand, Fault, Loaded, Operation, Outcome, Permit,
    Resource,
};
use trent_model::kms::{DecryptRequest, DecryptResponse};

use super::shared::{dry, encryption, recipient, symmetric};

pub(crate) struct Decrypt;

impl Operation for Decrypt {
    const NAME: &'static str = "Decrypt";
    const READ_ONLY: bool = true;
    const CROSS_ACCOUNT: bool = true;
    const STATE: StateRow = StateRow::Cryptographic;
    const USAGE: Option<KeyUsage> = Some(KeyUsage::EncryptDecrypt);
    const AUDITED: &'static [Audited] = &[
        Audited::member("KeyId"),
        Audited::defaulting("EncryptionAlgorithm", "\"SYMMETRIC_DEFAULT\""),
        Audited::member("EncryptionContext"),
        Audited::member("DryRun"),
    ];

    type Input = DecryptRequest;
    type Output = DecryptResponse;
    type Target = (CiphertextTarget, Option<AttestationTarget>);

    fn target(input: &DecryptRequest) -> Result<Self::Target, Fault> {
        let ignored = dry::ignores_ciphertext(input.dry_run, input.dry_run_modifiers.as_deref());
        let blob =
            dry::ciphertext(input.ciphertext_blob.as_ref(), ignored, input.key_id.as_deref(), "keyId")?;
        let ciphertext = CiphertextTarget::new(blob, input.key_id.as_deref());
        Ok((ciphertext, recipient::target(input.recipient.as_ref())?))
    }

    fn demands<'a>(input: &'a DecryptRequest, (loaded, recipient): &'a Loaded<Self>) -> Vec<Demand<'a>> {
        let demand = Demand::new("kms:Decrypt", Resource::Key(&loaded.key))
            .context(input.encryption_context.as_ref())
            .recipient(recipient.as_ref())
            .fact("kms:encryptionalgorithm", symmetric::algorithm(input.encryption_algorithm).as_str());
        vec![demand]
    }

    async fn execute(
        input: &DecryptRequest,
        permit: &Permit<Loaded<Self>>,
        context: &Context<'_>,
    ) -> Result<Outcome<DecryptResponse>, Fault> {
        let (loaded, recipient) = &**permit;
        let algorithm = symmetric::algorithm(input.encryption_algorithm);
        let pairs = symmetric::encryption_context(input.encryption_context.as_ref());
        let blob = input.ciphertext_blob.as_ref();
        let (plaintext, material) = encryption::decrypt(loaded, algorithm, &pairs, blob, context).await?;
        let delivery = recipient::deliver(plaintext, recipient.as_ref())?;
        // An attested answer does not name the material.
        let material = material.filter(|_| recipient.is_none());
        Ok(Outcome::read(DecryptResponse {
            key_id: Some(loaded.key.entry.arn.to_string()),
            plaintext: delivery.plaintext,
            encryption_algorithm: Some(algorithm),
            key_material_id: material.map(|id| id.to_string()),
            ciphertext_for_recipient: delivery.for_recipient,
        }))
    }
}
