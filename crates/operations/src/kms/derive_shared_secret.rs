//! DeriveSharedSecret: what a key and another side's public key have in common.

use trent_domain::{KeyUsage, StateRow};
use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::kms::{DeriveSharedSecretRequest, DeriveSharedSecretResponse, OriginType};

use super::shared::{at_work, symmetric};

pub(crate) struct DeriveSharedSecret;

impl Operation for DeriveSharedSecret {
    const NAME: &'static str = "DeriveSharedSecret";
    const READ_ONLY: bool = true;
    const CROSS_ACCOUNT: bool = true;
    const STATE: StateRow = StateRow::Cryptographic;
    const USAGE: Option<KeyUsage> = Some(KeyUsage::KeyAgreement);
    const AUDITED: &'static [Audited] =
        &[Audited::member("KeyId"), Audited::member("KeyAgreementAlgorithm"), Audited::member("DryRun")];

    type Input = DeriveSharedSecretRequest;
    type Output = DeriveSharedSecretResponse;
    type Target = KeyTarget;

    fn target(input: &DeriveSharedSecretRequest) -> Result<KeyTarget, Fault> {
        symmetric::refuse_recipient(input.recipient.as_ref())?;
        Ok(KeyTarget::for_cryptography(&input.key_id))
    }

    fn demands<'a>(input: &'a DeriveSharedSecretRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        let demand = Demand::new("kms:DeriveSharedSecret", Resource::Key(key));
        vec![demand.fact("kms:keyagreementalgorithm", input.key_agreement_algorithm.as_str())]
    }

    fn dry_run(input: &DeriveSharedSecretRequest) -> bool {
        input.dry_run == Some(true)
    }

    fn grant_tokens(input: &DeriveSharedSecretRequest) -> &[String] {
        input.grant_tokens.as_deref().unwrap_or_default()
    }

    async fn execute(
        input: &DeriveSharedSecretRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<DeriveSharedSecretResponse>, Fault> {
        let algorithm = input.key_agreement_algorithm;
        let material = at_work::material(key, context).await?;
        let secret = material.derive_shared_secret(input.public_key.bytes());
        let secret = secret.map_err(|error| at_work::refusal(error, algorithm.as_str(), key))?;
        Ok(Outcome::read(DeriveSharedSecretResponse {
            key_id: Some(key.entry.arn.to_string()),
            shared_secret: Some(symmetric::secret_blob(secret)),
            ciphertext_for_recipient: None,
            key_agreement_algorithm: Some(algorithm),
            key_origin: OriginType::from_wire(key.entry.key.origin.as_str()),
        }))
    }
}
