//! Encapsulate: a new shared secret, and the ciphertext that carries it.

use trent_domain::{KeyUsage, StateRow};
use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::Blob;
use trent_model::kms::{EncapsulateRequest, EncapsulateResponse};

use super::shared::{at_work, symmetric};

pub(crate) struct Encapsulate;

impl Operation for Encapsulate {
    const NAME: &'static str = "Encapsulate";
    const READ_ONLY: bool = true;
    const CROSS_ACCOUNT: bool = true;
    const STATE: StateRow = StateRow::Cryptographic;
    const USAGE: Option<KeyUsage> = Some(KeyUsage::EncapsulateDecapsulate);
    const AUDITED: &'static [Audited] =
        &[Audited::member("KeyId"), Audited::member("EncapsulationAlgorithm"), Audited::member("DryRun")];

    type Input = EncapsulateRequest;
    type Output = EncapsulateResponse;
    type Target = KeyTarget;

    fn target(input: &EncapsulateRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::for_cryptography(&input.key_id))
    }

    fn demands<'a>(_: &'a EncapsulateRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        vec![Demand::new("kms:Encapsulate", Resource::Key(key))]
    }

    async fn execute(
        input: &EncapsulateRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<EncapsulateResponse>, Fault> {
        let algorithm = input.encapsulation_algorithm;
        let material = at_work::material(key, context).await?;
        let made = material.encapsulate();
        let (secret, ciphertext) = made.map_err(|error| at_work::refusal(error, algorithm.as_str(), key))?;
        Ok(Outcome::read(EncapsulateResponse {
            key_id: Some(key.entry.arn.to_string()),
            encapsulation_algorithm: Some(algorithm),
            shared_secret: Some(symmetric::secret_blob(secret)),
            shared_secret_ciphertext_blob: Some(Blob::from(ciphertext)),
        }))
    }
}
