//! VerifyMac: whether a tag is the one of a message; it answers yes or an error.

use trent_domain::{KeyUsage, MacAlgorithm, StateRow};
use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::kms::{VerifyMacRequest, VerifyMacResponse};

use super::shared::at_work;

pub(crate) struct VerifyMac;

impl Operation for VerifyMac {
    const NAME: &'static str = "VerifyMac";
    const READ_ONLY: bool = true;
    const CROSS_ACCOUNT: bool = true;
    const STATE: StateRow = StateRow::Cryptographic;
    const USAGE: Option<KeyUsage> = Some(KeyUsage::GenerateVerifyMac);
    const AUDITED: &'static [Audited] =
        &[Audited::member("KeyId"), Audited::member("MacAlgorithm"), Audited::member("DryRun")];

    type Input = VerifyMacRequest;
    type Output = VerifyMacResponse;
    type Target = KeyTarget;

    fn target(input: &VerifyMacRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::for_cryptography(&input.key_id))
    }

    fn demands<'a>(input: &'a VerifyMacRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        let demand = Demand::new("kms:VerifyMac", Resource::Key(key));
        vec![demand.fact("kms:macalgorithm", input.mac_algorithm.as_str())]
    }

    async fn execute(
        input: &VerifyMacRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<VerifyMacResponse>, Fault> {
        let algorithm = at_work::known(input.mac_algorithm.as_str(), MacAlgorithm::from_wire)?;
        let material = at_work::material(key, context).await?;
        let verified = material.verify_mac(algorithm, input.message.expose(), input.mac.bytes());
        verified.map_err(|error| at_work::refusal(error, algorithm.as_str(), key))?;
        Ok(Outcome::read(VerifyMacResponse {
            key_id: Some(key.entry.arn.to_string()),
            mac_valid: Some(true),
            mac_algorithm: Some(input.mac_algorithm),
        }))
    }
}
