//! GetParametersForImport: a wrapping key for one import, and the token that goes with it.
//!
//! Nothing is stored. The token holds the private wrapping key, sealed; see `trent_crypto::WrappingKey`.

use trent_crypto::WrappingKey;
use trent_domain::{StateRow, WrappingAlgorithm, WrappingKeySpec};
use trent_engine::{
    Audited, Context, Demand, Effort, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::kms::{GetParametersForImportRequest, GetParametersForImportResponse};
use trent_model::{Blob, SecretBlob, Timestamp};

use super::shared::at_work;

/// How long a token lives.
const VALIDITY_SECONDS: i64 = 24 * 60 * 60;

pub(crate) struct GetParametersForImport;

impl Operation for GetParametersForImport {
    const NAME: &'static str = "GetParametersForImport";
    const READ_ONLY: bool = true;
    const STATE: StateRow = StateRow::ImportParameters;
    const AUDITED: &'static [Audited] =
        &[Audited::member("KeyId"), Audited::member("WrappingAlgorithm"), Audited::member("WrappingKeySpec")];

    type Input = GetParametersForImportRequest;
    type Output = GetParametersForImportResponse;
    type Target = KeyTarget;

    fn target(input: &GetParametersForImportRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::by_id(&input.key_id))
    }

    fn demands<'a>(input: &'a GetParametersForImportRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        let demand = Demand::new("kms:GetParametersForImport", Resource::Key(key))
            .fact("kms:wrappingalgorithm", input.wrapping_algorithm.as_str())
            .fact("kms:wrappingkeyspec", input.wrapping_key_spec.as_str());
        vec![demand]
    }

    async fn execute(
        input: &GetParametersForImportRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<GetParametersForImportResponse>, Fault> {
        let record = &key.entry.key;
        let spec = at_work::known(input.wrapping_key_spec.as_str(), WrappingKeySpec::from_wire)?;
        let algorithm = algorithm(input)?;
        if !algorithm.wraps(record.spec, spec) {
            return Err(unfit(record.spec.as_str(), input));
        }
        let wrapping =
            context.offload(Effort::Generation, move || WrappingKey::generate(spec, algorithm)).await??;
        let valid_to = context.now.as_second().saturating_add(VALIDITY_SECONDS);
        let token = wrapping.to_token(context.records.keyring(), &record.arn(), valid_to)?;
        Ok(Outcome::read(GetParametersForImportResponse {
            import_token: Some(Blob::from(token)),
            key_id: Some(key.entry.arn.to_string()),
            parameters_valid_to: Some(Timestamp::from_millis(valid_to.saturating_mul(1000))),
            public_key: Some(SecretBlob::from(wrapping.public_key_der().to_vec())),
        }))
    }
}

/// The service stopped taking RSAES_PKCS1_V1_5 in 2023; its text is not published.
fn algorithm(input: &GetParametersForImportRequest) -> Result<WrappingAlgorithm, Fault> {
    let name = input.wrapping_algorithm.as_str();
    WrappingAlgorithm::from_wire(name)
        .ok_or_else(|| Fault::Unsupported(format!("WrappingAlgorithm {name} is not supported.")))
}

/// The service's text is not published.
fn unfit(spec: &str, input: &GetParametersForImportRequest) -> Fault {
    let (algorithm, wrapping) = (input.wrapping_algorithm.as_str(), input.wrapping_key_spec.as_str());
    Fault::Unsupported(format!(
        "WrappingAlgorithm {algorithm} with WrappingKeySpec {wrapping} cannot wrap key material of KeySpec \
         {spec}."
    ))
}
