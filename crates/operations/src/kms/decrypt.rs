//! Decrypt: opens a ciphertext, which itself names the key it needs.

use trent_domain::{KeyUsage, StateRow};
use trent_engine::{
    Audited, CiphertextTarget, Context, Demand, Fault, LoadedCiphertext, Operation, Outcome, Permit, Resource,
};
use trent_model::kms::{DecryptRequest, DecryptResponse};

use super::shared::{dry, encryption, symmetric};

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
    type Target = CiphertextTarget;

    fn target(input: &DecryptRequest) -> Result<CiphertextTarget, Fault> {
        symmetric::refuse_recipient(input.recipient.as_ref())?;
        let ignored = dry::ignores_ciphertext(input.dry_run, input.dry_run_modifiers.as_deref());
        let blob =
            dry::ciphertext(input.ciphertext_blob.as_ref(), ignored, input.key_id.as_deref(), "keyId")?;
        Ok(CiphertextTarget::new(blob, input.key_id.as_deref()))
    }

    fn demands<'a>(input: &'a DecryptRequest, loaded: &'a LoadedCiphertext) -> Vec<Demand<'a>> {
        let demand = Demand::new("kms:Decrypt", Resource::Key(&loaded.key))
            .context(input.encryption_context.as_ref())
            .fact("kms:encryptionalgorithm", symmetric::algorithm(input.encryption_algorithm).as_str());
        vec![demand]
    }

    fn dry_run(input: &DecryptRequest) -> bool {
        input.dry_run == Some(true)
    }

    fn grant_tokens(input: &DecryptRequest) -> &[String] {
        input.grant_tokens.as_deref().unwrap_or_default()
    }

    async fn execute(
        input: &DecryptRequest,
        loaded: &Permit<LoadedCiphertext>,
        context: &Context<'_>,
    ) -> Result<Outcome<DecryptResponse>, Fault> {
        let algorithm = symmetric::algorithm(input.encryption_algorithm);
        let pairs = symmetric::encryption_context(input.encryption_context.as_ref());
        let blob = input.ciphertext_blob.as_ref();
        let (plaintext, material) = encryption::decrypt(loaded, algorithm, &pairs, blob, context).await?;
        Ok(Outcome::read(DecryptResponse {
            key_id: Some(loaded.key.entry.arn.to_string()),
            plaintext: Some(symmetric::secret_blob(plaintext)),
            encryption_algorithm: Some(algorithm),
            key_material_id: material.map(|id| id.to_string()),
            ciphertext_for_recipient: None,
        }))
    }
}
