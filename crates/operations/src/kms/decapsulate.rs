//! Decapsulate: the shared secret that a ciphertext carries.

use trent_domain::{KeyUsage, StateRow};
use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::kms::{DecapsulateRequest, DecapsulateResponse};

use super::shared::{at_work, symmetric};

pub(crate) struct Decapsulate;

impl Operation for Decapsulate {
    const NAME: &'static str = "Decapsulate";
    const READ_ONLY: bool = true;
    const CROSS_ACCOUNT: bool = true;
    const STATE: StateRow = StateRow::Cryptographic;
    const USAGE: Option<KeyUsage> = Some(KeyUsage::EncapsulateDecapsulate);
    const AUDITED: &'static [Audited] =
        &[Audited::member("KeyId"), Audited::member("EncapsulationAlgorithm"), Audited::member("DryRun")];

    type Input = DecapsulateRequest;
    type Output = DecapsulateResponse;
    type Target = KeyTarget;

    fn target(input: &DecapsulateRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::for_cryptography(&input.key_id))
    }

    fn demands<'a>(_: &'a DecapsulateRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        vec![Demand::new("kms:Decapsulate", Resource::Key(key))]
    }

    async fn execute(
        input: &DecapsulateRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<DecapsulateResponse>, Fault> {
        let algorithm = input.encapsulation_algorithm;
        let material = at_work::material(key, context).await?;
        let secret = material.decapsulate(input.shared_secret_ciphertext_blob.bytes());
        let secret = secret.map_err(|error| at_work::refusal(error, algorithm.as_str(), key))?;
        Ok(Outcome::read(DecapsulateResponse {
            key_id: Some(key.entry.arn.to_string()),
            encapsulation_algorithm: Some(algorithm),
            shared_secret: Some(symmetric::secret_blob(secret)),
        }))
    }
}
