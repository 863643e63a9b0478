//! UpdateAccessKey: switches an access key off, or on again.

use trent_domain::{Credential, CredentialStatus};
use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::{StatusType, UpdateAccessKeyRequest};

use super::shared;
use crate::iam::shared::caller::{FoundOwner, OwnerTarget};

pub(crate) struct UpdateAccessKey;

impl Operation for UpdateAccessKey {
    const NAME: &'static str = "UpdateAccessKey";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] =
        &[Audited::member("UserName"), Audited::member("AccessKeyId"), Audited::member("Status")];

    type Input = UpdateAccessKeyRequest;
    type Output = ();
    type Target = OwnerTarget;

    fn target(input: &UpdateAccessKeyRequest) -> Result<OwnerTarget, Fault> {
        Ok(OwnerTarget::new(input.user_name.as_deref()))
    }

    fn demands<'a>(_: &'a UpdateAccessKeyRequest, owner: &'a FoundOwner) -> Vec<Demand<'a>> {
        vec![owner.demand("iam:UpdateAccessKey")]
    }

    async fn execute(
        input: &UpdateAccessKeyRequest,
        found: &Permit<FoundOwner>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let status = match input.status {
            StatusType::Active => CredentialStatus::Active,
            StatusType::Inactive => CredentialStatus::Inactive,
            StatusType::Expired => {
                return Err(Fault::validation("The status of an access key can be Active or Inactive."));
            }
        };
        let (path, entry) = shared::find(&input.access_key_id, &found.owner()?, context).await?;
        let mut changes = Changes::default();
        if entry.credential.status != status {
            let credential = Credential { status, ..entry.credential.clone() };
            changes.replace(path, entry.version, entry.to_record_as(&credential)?);
        }
        Ok(Outcome::write((), changes))
    }
}
