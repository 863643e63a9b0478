//! GetPublicKey: the public half of an asymmetric key.

use trent_domain::StateRow;
use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::Blob;
use trent_model::kms::{GetPublicKeyRequest, GetPublicKeyResponse};

use super::shared::{at_work, metadata};

pub(crate) struct GetPublicKey;

impl Operation for GetPublicKey {
    const NAME: &'static str = "GetPublicKey";
    const READ_ONLY: bool = true;
    const CROSS_ACCOUNT: bool = true;
    const STATE: StateRow = StateRow::PublicKey;
    const AUDITED: &'static [Audited] = &[Audited::member("KeyId")];

    type Input = GetPublicKeyRequest;
    type Output = GetPublicKeyResponse;
    type Target = KeyTarget;

    fn target(input: &GetPublicKeyRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::by_any_name(&input.key_id))
    }

    fn demands<'a>(_: &'a GetPublicKeyRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        vec![Demand::new("kms:GetPublicKey", Resource::Key(key))]
    }

    async fn execute(
        _: &GetPublicKeyRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<GetPublicKeyResponse>, Fault> {
        let record = &key.entry.key;
        if !record.spec.is_asymmetric() {
            return Err(no_public_key(key));
        }
        let material = at_work::material(key, context).await?;
        let public_key = material.public_key_der().ok_or_else(|| no_public_key(key))?.to_vec();
        let shown = metadata::of(record, context.now)?;
        Ok(Outcome::read(GetPublicKeyResponse {
            key_id: Some(key.entry.arn.to_string()),
            public_key: Some(Blob::from(public_key)),
            customer_master_key_spec: shown.customer_master_key_spec,
            key_spec: shown.key_spec,
            key_usage: shown.key_usage,
            encapsulation_algorithms: shown.encapsulation_algorithms,
            encryption_algorithms: shown.encryption_algorithms,
            key_agreement_algorithms: shown.key_agreement_algorithms,
            signing_algorithms: shown.signing_algorithms,
        }))
    }
}

/// The service's text is not published.
fn no_public_key(key: &LoadedKey) -> Fault {
    let (arn, spec) = (&key.entry.arn, key.entry.key.spec.as_str());
    Fault::Unsupported(format!("{arn} key spec is {spec} which is not valid for GetPublicKey."))
}
