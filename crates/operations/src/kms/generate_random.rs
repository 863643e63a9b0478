//! GenerateRandom: random bytes, of no key.

use trent_crypto::SecretBytes;
use trent_engine::{
    AttestationTarget, Audited, Context, Demand, Fault, Loaded, Operation, Outcome, Permit, Resource,
};
use trent_model::kms::{GenerateRandomRequest, GenerateRandomResponse};

use super::shared::recipient;

pub(crate) struct GenerateRandom;

impl Operation for GenerateRandom {
    const NAME: &'static str = "GenerateRandom";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[];

    type Input = GenerateRandomRequest;
    type Output = GenerateRandomResponse;
    type Target = Option<AttestationTarget>;

    fn target(input: &GenerateRandomRequest) -> Result<Self::Target, Fault> {
        if input.custom_key_store_id.is_some() {
            return Err(Fault::CustomKeyStoreNotFound);
        }
        length(input)?;
        recipient::target(input.recipient.as_ref())
    }

    fn demands<'a>(_: &'a GenerateRandomRequest, recipient: &'a Loaded<Self>) -> Vec<Demand<'a>> {
        vec![Demand::new("kms:GenerateRandom", Resource::Any).recipient(recipient.as_ref())]
    }

    async fn execute(
        input: &GenerateRandomRequest,
        recipient: &Permit<Loaded<Self>>,
        _: &Context<'_>,
    ) -> Result<Outcome<GenerateRandomResponse>, Fault> {
        let bytes = SecretBytes::random(length(input)?)?;
        let delivery = recipient::deliver(bytes, recipient.as_ref())?;
        Ok(Outcome::read(GenerateRandomResponse {
            plaintext: delivery.plaintext,
            ciphertext_for_recipient: delivery.for_recipient,
        }))
    }
}

/// The model marks the length optional; the service does not.
fn length(input: &GenerateRandomRequest) -> Result<usize, Fault> {
    let length = input.number_of_bytes.and_then(|bytes| usize::try_from(bytes).ok());
    length.ok_or_else(|| Fault::validation("NumberOfBytes is required."))
}
