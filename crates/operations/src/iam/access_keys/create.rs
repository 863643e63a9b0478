//! CreateAccessKey: the one answer that a secret access key is ever in.

use trent_domain::{Credential, CredentialStatus, access_key_id};
use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit, draw_secret};
use trent_model::SecretText;
use trent_model::iam::{AccessKey, CreateAccessKeyRequest, CreateAccessKeyResponse, StatusType};

use super::shared;
use crate::iam::shared::caller::{FoundOwner, OwnerTarget};
use crate::iam::shared::{audit, show};

pub(crate) struct CreateAccessKey;

impl Operation for CreateAccessKey {
    const NAME: &'static str = "CreateAccessKey";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[Audited::member("UserName")];

    type Input = CreateAccessKeyRequest;
    type Output = CreateAccessKeyResponse;
    type Target = OwnerTarget;

    fn target(input: &CreateAccessKeyRequest) -> Result<OwnerTarget, Fault> {
        Ok(OwnerTarget::new(input.user_name.as_deref()))
    }

    fn demands<'a>(_: &'a CreateAccessKeyRequest, owner: &'a FoundOwner) -> Vec<Demand<'a>> {
        vec![owner.demand("iam:CreateAccessKey")]
    }

    async fn execute(
        _: &CreateAccessKeyRequest,
        found: &Permit<FoundOwner>,
        context: &Context<'_>,
    ) -> Result<Outcome<CreateAccessKeyResponse>, Fault> {
        let (owner, user_name) = (found.owner()?, found.user_name()?);
        let mut changes = Changes::default();
        shared::require_room(found, context, &mut changes).await?;
        let credential = Credential {
            access_key_id: access_key_id(false, context.random()?),
            owner,
            status: CredentialStatus::Active,
            created: context.now,
        };
        let secret = SecretText::from(draw_secret()?.to_string());
        shared::store(&credential, &secret, &mut changes)?;
        let response = audit::access_key(&credential, user_name.as_deref());
        let key = AccessKey {
            access_key_id: credential.access_key_id,
            create_date: Some(show::seconds(credential.created)),
            secret_access_key: secret,
            status: StatusType::Active,
            user_name: user_name.unwrap_or_default(),
        };
        Ok(Outcome::write(CreateAccessKeyResponse::new(key), changes).responding(response))
    }
}
