//! ReEncrypt: from one key or context to another, without the plaintext leaving.

use trent_domain::{KeyUsage, StateRow};
use trent_engine::{
    Audited, CiphertextTarget, Context, Demand, Fault, KeyTarget, LoadedCiphertext, LoadedKey, Operation,
    Outcome, Permit, Resource,
};
use trent_model::Blob;
use trent_model::kms::{ReEncryptRequest, ReEncryptResponse};

use super::shared::{dry, encryption, symmetric};

pub(crate) struct ReEncrypt;

impl Operation for ReEncrypt {
    const NAME: &'static str = "ReEncrypt";
    const READ_ONLY: bool = true;
    const CROSS_ACCOUNT: bool = true;
    const STATE: StateRow = StateRow::Cryptographic;
    const USAGE: Option<KeyUsage> = Some(KeyUsage::EncryptDecrypt);
    const AUDITED: &'static [Audited] = &[
        Audited::member("SourceKeyId"),
        Audited::defaulting("SourceEncryptionAlgorithm", "\"SYMMETRIC_DEFAULT\""),
        Audited::member("SourceEncryptionContext"),
        Audited::member("DestinationKeyId"),
        Audited::defaulting("DestinationEncryptionAlgorithm", "\"SYMMETRIC_DEFAULT\""),
        Audited::member("DestinationEncryptionContext"),
        Audited::member("DryRun"),
    ];

    type Input = ReEncryptRequest;
    type Output = ReEncryptResponse;
    type Target = (CiphertextTarget, KeyTarget);

    fn target(input: &ReEncryptRequest) -> Result<Self::Target, Fault> {
        let ignored = dry::ignores_ciphertext(input.dry_run, input.dry_run_modifiers.as_deref());
        let source_key = input.source_key_id.as_deref();
        let blob = dry::ciphertext(input.ciphertext_blob.as_ref(), ignored, source_key, "sourceKeyId")?;
        let source = CiphertextTarget::new(blob, source_key).asked_for("ReEncryptFrom");
        let destination = KeyTarget::for_cryptography(&input.destination_key_id).asked_for("ReEncryptTo");
        Ok((source, destination))
    }

    fn demands<'a>(
        input: &'a ReEncryptRequest,
        (source, destination): &'a (LoadedCiphertext, LoadedKey),
    ) -> Vec<Demand<'a>> {
        let same = source.key.entry.arn == destination.entry.arn;
        let same = if same { "true" } else { "false" };
        let from = Demand::new("kms:ReEncryptFrom", Resource::Key(&source.key))
            .context(input.source_encryption_context.as_ref())
            .fact("kms:encryptionalgorithm", symmetric::algorithm(input.source_encryption_algorithm).as_str())
            .fact("kms:reencryptonsamekey", same);
        let to = Demand::new("kms:ReEncryptTo", Resource::Key(destination))
            .context(input.destination_encryption_context.as_ref())
            .fact(
                "kms:encryptionalgorithm",
                symmetric::algorithm(input.destination_encryption_algorithm).as_str(),
            )
            .fact("kms:reencryptonsamekey", same);
        vec![from, to]
    }

    async fn execute(
        input: &ReEncryptRequest,
        permit: &Permit<(LoadedCiphertext, LoadedKey)>,
        context: &Context<'_>,
    ) -> Result<Outcome<ReEncryptResponse>, Fault> {
        let (source, destination) = &**permit;
        let source_algorithm = symmetric::algorithm(input.source_encryption_algorithm);
        let destination_algorithm = symmetric::algorithm(input.destination_encryption_algorithm);
        // The destination is refused before the source is opened.
        symmetric::require_algorithm(destination, destination_algorithm)?;
        let from = symmetric::encryption_context(input.source_encryption_context.as_ref());
        let to = symmetric::encryption_context(input.destination_encryption_context.as_ref());
        let blob = input.ciphertext_blob.as_ref();
        let (plaintext, old) = encryption::decrypt(source, source_algorithm, &from, blob, context).await?;
        let (ciphertext, new) =
            encryption::encrypt(destination, destination_algorithm, &to, plaintext.expose(), context).await?;
        Ok(Outcome::read(ReEncryptResponse {
            ciphertext_blob: Some(Blob::from(ciphertext)),
            source_key_id: Some(source.key.entry.arn.to_string()),
            key_id: Some(destination.entry.arn.to_string()),
            source_encryption_algorithm: Some(source_algorithm),
            destination_encryption_algorithm: Some(destination_algorithm),
            source_key_material_id: old.map(|id| id.to_string()),
            destination_key_material_id: new.map(|id| id.to_string()),
        }))
    }
}
