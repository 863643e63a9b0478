//! Encrypt: up to 4,096 bytes under a key.

use trent_domain::{KeyUsage, StateRow};
use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::Blob;
use trent_model::kms::{EncryptRequest, EncryptResponse};

use super::shared::{encryption, symmetric};

pub(crate) struct Encrypt;

impl Operation for Encrypt {
    const NAME: &'static str = "Encrypt";
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

    type Input = EncryptRequest;
    type Output = EncryptResponse;
    type Target = KeyTarget;

    fn target(input: &EncryptRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::for_cryptography(&input.key_id))
    }

    fn demands<'a>(input: &'a EncryptRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        let demand = Demand::new("kms:Encrypt", Resource::Key(key))
            .context(input.encryption_context.as_ref())
            .fact("kms:encryptionalgorithm", symmetric::algorithm(input.encryption_algorithm).as_str());
        vec![demand]
    }

    async fn execute(
        input: &EncryptRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<EncryptResponse>, Fault> {
        let algorithm = symmetric::algorithm(input.encryption_algorithm);
        let pairs = symmetric::encryption_context(input.encryption_context.as_ref());
        let plaintext = input.plaintext.expose();
        let (ciphertext, _) = encryption::encrypt(key, algorithm, &pairs, plaintext, context).await?;
        Ok(Outcome::read(EncryptResponse {
            ciphertext_blob: Some(Blob::from(ciphertext)),
            key_id: Some(key.entry.arn.to_string()),
            encryption_algorithm: Some(algorithm),
        }))
    }
}
