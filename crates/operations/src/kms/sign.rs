//! Sign: a signature over a message, a digest or an external μ.

use trent_crypto::{Material, SecretBytes};
use trent_domain::{KeyUsage, SigningAlgorithm, StateRow};
use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::Blob;
use trent_model::kms::{SignRequest, SignResponse};

use super::shared::{at_work, signing};

pub(crate) struct Sign;

impl Operation for Sign {
    const NAME: &'static str = "Sign";
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

    type Input = SignRequest;
    type Output = SignResponse;
    type Target = KeyTarget;

    fn target(input: &SignRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::for_cryptography(&input.key_id))
    }

    fn demands<'a>(input: &'a SignRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        let demand = Demand::new("kms:Sign", Resource::Key(key));
        vec![signing::facts(demand, input.signing_algorithm, input.message_type)]
    }

    async fn execute(
        input: &SignRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<SignResponse>, Fault> {
        let algorithm = at_work::known(input.signing_algorithm.as_str(), SigningAlgorithm::from_wire)?;
        let message_type = signing::message_type(input.message_type)?;
        let message = SecretBytes::from(input.message.expose().to_vec());
        let material = at_work::material(key, context).await?;
        let work = move |material: &Material| material.sign(algorithm, message_type, message.expose());
        let signature = at_work::privately(material, context, work).await?;
        let signature = signature.map_err(|error| at_work::refusal(error, algorithm.as_str(), key))?;
        Ok(Outcome::read(SignResponse {
            key_id: Some(key.entry.arn.to_string()),
            signature: Some(Blob::from(signature)),
            signing_algorithm: Some(input.signing_algorithm),
        }))
    }
}
