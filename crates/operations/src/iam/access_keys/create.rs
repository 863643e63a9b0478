//! CreateAccessKey: the one answer that a secret access key is ever in.

use trent_domain::{Credential, CredentialStatus, Path, access_key_id};
use trent_engine::{
    Audited, Changes, Context, CredentialEntry, Demand, Fault, Operation, Outcome, Permit, draw_secret,
};
use trent_model::SecretText;
use trent_model::iam::{AccessKey, CreateAccessKeyRequest, CreateAccessKeyResponse, StatusType};

use super::shared;
use crate::iam::shared::caller::{FoundOwner, OwnerTarget};
use crate::iam::shared::{audit, fault, links, show, update};

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
        // The owner must not be deleted meanwhile, nor get too many keys at once.
        match found.user() {
            Some(user) => update::touch(&**user.entry()?, &mut changes)?,
            None => shared::touch_account(owner.account, context, &mut changes).await?,
        }
        if shared::ids(&owner, context).await?.len() >= shared::MOST {
            return Err(fault::quota("AccessKeysPerUser", shared::MOST));
        }
        let credential = Credential {
            access_key_id: access_key_id(false, context.random()?),
            owner,
            status: CredentialStatus::Active,
            created: context.now,
        };
        let secret = SecretText::from(draw_secret()?.to_string());
        store(&credential, &secret, &mut changes)?;
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

fn store(credential: &Credential, secret: &SecretText, changes: &mut Changes) -> Result<(), Fault> {
    let id = &credential.access_key_id;
    let path = Path::credential(id).ok_or_else(|| Fault::Internal(format!("`{id}` has no path")))?;
    let entry = CredentialEntry::new(credential.clone(), secret.expose().to_owned().into());
    changes.create(path, entry.to_record()?);
    links::list(Path::access_key(&credential.owner, id), changes)
}
