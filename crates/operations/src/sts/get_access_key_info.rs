//! GetAccessKeyInfo: the account of an access key.

use trent_domain::Path;
use trent_engine::{Audited, Context, CredentialEntry, Demand, Fault, Operation, Outcome, Permit, Resource};
use trent_model::sts::{GetAccessKeyInfoRequest, GetAccessKeyInfoResponse};

pub(crate) struct GetAccessKeyInfo;

impl Operation for GetAccessKeyInfo {
    const NAME: &'static str = "GetAccessKeyInfo";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[Audited::member("AccessKeyId")];

    type Input = GetAccessKeyInfoRequest;
    type Output = GetAccessKeyInfoResponse;
    type Target = ();

    fn target(_: &GetAccessKeyInfoRequest) -> Result<(), Fault> {
        Ok(())
    }

    fn demands<'a>(_: &'a GetAccessKeyInfoRequest, (): &'a ()) -> Vec<Demand<'a>> {
        vec![Demand::new("sts:GetAccessKeyInfo", Resource::Any)]
    }

    /// The keys of sessions are not kept anywhere; their account cannot be told from them.
    async fn execute(
        input: &GetAccessKeyInfoRequest,
        _: &Permit<()>,
        context: &Context<'_>,
    ) -> Result<Outcome<GetAccessKeyInfoResponse>, Fault> {
        let found = match Path::credential(&input.access_key_id) {
            Some(path) => context.records.get::<CredentialEntry>(&path).await?,
            None => None,
        };
        let found = found.ok_or_else(|| {
            Fault::validation(format!("Invalid value for parameter: {}", input.access_key_id))
        })?;
        let account = found.credential.owner.account.to_string();
        Ok(Outcome::read(GetAccessKeyInfoResponse { account: Some(account) }))
    }
}
