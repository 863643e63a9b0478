//! Verify: whether a signature is one of a message by a key; it answers yes or an error.

use trent_domain::{KeyUsage, SigningAlgorithm, StateRow};
use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::kms::{VerifyRequest, VerifyResponse};

use super::shared::{at_work, signing};

pub(crate) struct Verify;

impl Operation for Verify {
    const NAME: &'static str = "Verify";
    const READ_ONLY: bool = true;
    const CROSS_ACCOUNT: bool = true;
    const STATE: StateRow = StateRow::Cryptographic;
    const USAGE: Option<KeyUsage> = Some(KeyUsage::SignVerify);
    const AUDITED: &'static [Audited] = &[
        Audited::member("KeyId"),
        Audited::defaulting("MessageType", "\"RAW\""),
        Audited::member("SigningAlgorithm"),
        Audited::member("DryRun"),
    ];

    type Input = VerifyRequest;
    type Output = VerifyResponse;
    type Target = KeyTarget;

    fn target(input: &VerifyRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::for_cryptography(&input.key_id))
    }

    fn demands<'a>(input: &'a VerifyRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        let demand = Demand::new("kms:Verify", Resource::Key(key));
        vec![signing::facts(demand, input.signing_algorithm, input.message_type)]
    }

    async fn execute(
        input: &VerifyRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<VerifyResponse>, Fault> {
        let algorithm = at_work::known(input.signing_algorithm.as_str(), SigningAlgorithm::from_wire)?;
        let message_type = signing::message_type(input.message_type)?;
        let (message, signature) = (input.message.expose(), input.signature.bytes());
        let material = at_work::material(key, context).await?;
        let verified = material.verify(algorithm, message_type, message, signature);
        verified.map_err(|error| at_work::refusal(error, algorithm.as_str(), key))?;
        Ok(Outcome::read(VerifyResponse {
            key_id: Some(key.entry.arn.to_string()),
            signature_valid: Some(true),
            signing_algorithm: Some(input.signing_algorithm),
        }))
    }
}
