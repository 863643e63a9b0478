//! GenerateMac: the tag of a message.

use trent_domain::{KeyUsage, MacAlgorithm, StateRow};
use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::Blob;
use trent_model::kms::{GenerateMacRequest, GenerateMacResponse};

use super::shared::at_work;

pub(crate) struct GenerateMac;

impl Operation for GenerateMac {
    const NAME: &'static str = "GenerateMac";
    const READ_ONLY: bool = true;
    const CROSS_ACCOUNT: bool = true;
    const STATE: StateRow = StateRow::Cryptographic;
    const USAGE: Option<KeyUsage> = Some(KeyUsage::GenerateVerifyMac);
    const AUDITED: &'static [Audited] =
        &[Audited::member("KeyId"), Audited::member("MacAlgorithm"), Audited::member("DryRun")];

    type Input = GenerateMacRequest;
    type Output = GenerateMacResponse;
    type Target = KeyTarget;

    fn target(input: &GenerateMacRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::for_cryptography(&input.key_id))
    }

    fn demands<'a>(input: &'a GenerateMacRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        let demand = Demand::new("kms:GenerateMac", Resource::Key(key));
        vec![demand.fact("kms:macalgorithm", input.mac_algorithm.as_str())]
    }

    async fn execute(
        input: &GenerateMacRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<GenerateMacResponse>, Fault> {
        let algorithm = at_work::known(input.mac_algorithm.as_str(), MacAlgorithm::from_wire)?;
        let material = at_work::material(key, context).await?;
        let mac = material.mac(algorithm, input.message.expose());
        let mac = mac.map_err(|error| at_work::refusal(error, algorithm.as_str(), key))?;
        Ok(Outcome::read(GenerateMacResponse {
            key_id: Some(key.entry.arn.to_string()),
            mac: Some(Blob::from(mac.as_ref().to_vec())),
            mac_algorithm: Some(input.mac_algorithm),
        }))
    }
}
