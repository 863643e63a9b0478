//! DescribeKey: what a key is, and in which state.

use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::kms::{DescribeKeyRequest, DescribeKeyResponse};

use super::shared::metadata;

/// It declares no error for grant tokens, so one that names no grant is passed over.
pub(crate) struct DescribeKey;

impl Operation for DescribeKey {
    const NAME: &'static str = "DescribeKey";
    const READ_ONLY: bool = true;
    const CROSS_ACCOUNT: bool = true;
    // It does not declare the refusal.
    const CHECKS_GRANT_TOKENS: bool = false;
    const AUDITED: &'static [Audited] = &[Audited::member("KeyId")];

    type Input = DescribeKeyRequest;
    type Output = DescribeKeyResponse;
    type Target = KeyTarget;

    fn target(input: &DescribeKeyRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::by_any_name(&input.key_id))
    }

    fn demands<'a>(_: &'a DescribeKeyRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        vec![Demand::new("kms:DescribeKey", Resource::Key(key))]
    }

    async fn execute(
        _: &DescribeKeyRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<DescribeKeyResponse>, Fault> {
        let key_metadata = Some(metadata::of(&key.entry.key, context.now)?);
        Ok(Outcome::read(DescribeKeyResponse { key_metadata }))
    }
}
