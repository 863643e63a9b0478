//! GenerateDataKeyPair: a fresh key pair, in the clear and its private half as a ciphertext.

use trent_domain::{KeySpec, KeyUsage, StateRow};
use trent_engine::{
    AttestationTarget, Audited, Context, Demand, Fault, KeyTarget, Loaded, Operation, Outcome, Permit,
    Resource,
};
use trent_model::Blob;
use trent_model::kms::{GenerateDataKeyPairRequest, GenerateDataKeyPairResponse};

use super::shared::{data_key_pair, recipient, symmetric};

pub(crate) struct GenerateDataKeyPair;

impl Operation for GenerateDataKeyPair {
    const NAME: &'static str = "GenerateDataKeyPair";
    const READ_ONLY: bool = true;
    const CROSS_ACCOUNT: bool = true;
    const STATE: StateRow = StateRow::DataKeyPair;
    const USAGE: Option<KeyUsage> = Some(KeyUsage::EncryptDecrypt);
    const AUDITED: &'static [Audited] = &[
        Audited::member("KeyId"),
        Audited::member("KeyPairSpec"),
        Audited::member("EncryptionContext"),
        Audited::member("DryRun"),
    ];

    type Input = GenerateDataKeyPairRequest;
    type Output = GenerateDataKeyPairResponse;
    type Target = (KeyTarget, Option<AttestationTarget>);

    fn target(input: &GenerateDataKeyPairRequest) -> Result<Self::Target, Fault> {
        Ok((KeyTarget::for_cryptography(&input.key_id), recipient::target(input.recipient.as_ref())?))
    }

    fn demands<'a>(
        input: &'a GenerateDataKeyPairRequest,
        (key, recipient): &'a Loaded<Self>,
    ) -> Vec<Demand<'a>> {
        let demand = Demand::new("kms:GenerateDataKeyPair", Resource::Key(key))
            .context(input.encryption_context.as_ref())
            .recipient(recipient.as_ref())
            .fact("kms:encryptionalgorithm", symmetric::algorithm(None).as_str())
            .fact("kms:datakeypairspec", input.key_pair_spec.as_str());
        vec![demand]
    }

    fn makes_pair(input: &GenerateDataKeyPairRequest) -> Option<KeySpec> {
        KeySpec::from_wire(input.key_pair_spec.as_str())
    }

    async fn execute(
        input: &GenerateDataKeyPairRequest,
        permit: &Permit<Loaded<Self>>,
        context: &Context<'_>,
    ) -> Result<Outcome<GenerateDataKeyPairResponse>, Fault> {
        let (key, recipient) = &**permit;
        let pairs = symmetric::encryption_context(input.encryption_context.as_ref());
        let made = data_key_pair::generate(key, &pairs, input.key_pair_spec, context).await?;
        let delivery = recipient::deliver(made.private_key, recipient.as_ref())?;
        Ok(Outcome::read(GenerateDataKeyPairResponse {
            key_id: Some(key.entry.arn.to_string()),
            key_material_id: Some(made.material.to_string()),
            key_pair_spec: Some(input.key_pair_spec),
            private_key_ciphertext_blob: Some(Blob::from(made.ciphertext)),
            private_key_plaintext: delivery.plaintext,
            ciphertext_for_recipient: delivery.for_recipient,
            public_key: Some(Blob::from(made.public_key)),
        }))
    }
}
