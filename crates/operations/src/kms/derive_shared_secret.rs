//! DeriveSharedSecret: what a key and another side's public key have in common.

use trent_domain::{KeyUsage, StateRow};
use trent_engine::{
    AttestationTarget, Audited, Context, Demand, Fault, KeyTarget, Loaded, Operation, Outcome, Permit,
    Resource,
};
use trent_model::kms::{DeriveSharedSecretRequest, DeriveSharedSecretResponse, OriginType};

use super::shared::{at_work, recipient};

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
    type Target = (KeyTarget, Option<AttestationTarget>);

    fn target(input: &DeriveSharedSecretRequest) -> Result<Self::Target, Fault> {
        Ok((KeyTarget::for_cryptography(&input.key_id), recipient::target(input.recipient.as_ref())?))
    }

    fn demands<'a>(
        input: &'a DeriveSharedSecretRequest,
        (key, recipient): &'a Loaded<Self>,
    ) -> Vec<Demand<'a>> {
        let demand = Demand::new("kms:DeriveSharedSecret", Resource::Key(key));
        let demand = demand.fact("kms:keyagreementalgorithm", input.key_agreement_algorithm.as_str());
        vec![demand.recipient(recipient.as_ref())]
    }

    async fn execute(
        input: &DeriveSharedSecretRequest,
        permit: &Permit<Loaded<Self>>,
        context: &Context<'_>,
    ) -> Result<Outcome<DeriveSharedSecretResponse>, Fault> {
        let (key, recipient) = &**permit;
        let algorithm = input.key_agreement_algorithm;
        let material = at_work::material(key, context).await?;
        let secret = material.derive_shared_secret(input.public_key.bytes());
        let secret = secret.map_err(|error| at_work::refusal(error, algorithm.as_str(), key))?;
        let delivery = recipient::deliver(secret, recipient.as_ref())?;
        Ok(Outcome::read(DeriveSharedSecretResponse {
            key_id: Some(key.entry.arn.to_string()),
            shared_secret: delivery.plaintext,
            ciphertext_for_recipient: delivery.for_recipient,
            key_agreement_algorithm: Some(algorithm),
            key_origin: OriginType::from_wire(key.entry.key.origin.as_str()),
        }))
    }
}
