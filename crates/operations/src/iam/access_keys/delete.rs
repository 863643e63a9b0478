//! DeleteAccessKey: nobody signs with it again.

use std::sync::Arc;

use trent_domain::Path;
use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit, Signer};
use trent_model::iam::DeleteAccessKeyRequest;

use super::shared;
use crate::iam::shared::caller::{FoundOwner, OwnerTarget};
use crate::iam::shared::links;

pub(crate) struct DeleteAccessKey;

impl Operation for DeleteAccessKey {
    const NAME: &'static str = "DeleteAccessKey";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[Audited::member("UserName"), Audited::member("AccessKeyId")];

    type Input = DeleteAccessKeyRequest;
    type Output = ();
    type Target = OwnerTarget;

    fn target(input: &DeleteAccessKeyRequest) -> Result<OwnerTarget, Fault> {
        Ok(OwnerTarget::new(input.user_name.as_deref()))
    }

    fn demands<'a>(_: &'a DeleteAccessKeyRequest, owner: &'a FoundOwner) -> Vec<Demand<'a>> {
        vec![owner.demand("iam:DeleteAccessKey")]
    }

    async fn execute(
        input: &DeleteAccessKeyRequest,
        found: &Permit<FoundOwner>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let owner = found.owner()?;
        let (path, entry) = shared::find(&input.access_key_id, &owner, context).await?;
        let mut changes = Changes::default();
        changes.delete(path, entry.version);
        links::unlist(Path::access_key(&owner, &input.access_key_id), context, &mut changes).await?;
        let signer = Signer::AccessKey(owner.account, Arc::clone(&entry.access_key_id));
        signer.forget(context.records, &mut changes).await?;
        Ok(Outcome::write((), changes))
    }
}
