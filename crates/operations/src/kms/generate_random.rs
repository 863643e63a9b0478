//! GenerateRandom: random bytes, of no key.

use trent_crypto::SecretBytes;
use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit, Resource};
use trent_model::kms::{GenerateRandomRequest, GenerateRandomResponse};

use super::shared::symmetric;

pub(crate) struct GenerateRandom;

impl Operation for GenerateRandom {
    const NAME: &'static str = "GenerateRandom";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[];

    type Input = GenerateRandomRequest;
    type Output = GenerateRandomResponse;
    type Target = ();

    fn target(input: &GenerateRandomRequest) -> Result<(), Fault> {
        symmetric::refuse_recipient(input.recipient.as_ref())?;
        match input.custom_key_store_id {
            Some(_) => Err(Fault::CustomKeyStoreNotFound),
            None => length(input).map(|_| ()),
        }
    }

    fn demands<'a>(_: &'a GenerateRandomRequest, (): &'a ()) -> Vec<Demand<'a>> {
        vec![Demand::new("kms:GenerateRandom", Resource::Any)]
    }

    async fn execute(
        input: &GenerateRandomRequest,
        _: &Permit<()>,
        _: &Context<'_>,
    ) -> Result<Outcome<GenerateRandomResponse>, Fault> {
        let bytes = SecretBytes::random(length(input)?)?;
        let plaintext = Some(symmetric::secret_blob(bytes));
        Ok(Outcome::read(GenerateRandomResponse { plaintext, ciphertext_for_recipient: None }))
    }
}

/// The model marks the length optional; the service does not.
fn length(input: &GenerateRandomRequest) -> Result<usize, Fault> {
    let length = input.number_of_bytes.and_then(|bytes| usize::try_from(bytes).ok());
    length.ok_or_else(|| Fault::validation("NumberOfBytes is required."))
}
