//! GetAccessKeyLastUsed: whose an access key is, and the last request that was signed with it.

use std::sync::Arc;

use trent_domain::{OwnerKind, Path};
use trent_engine::{
    Audited, Context, CredentialEntry, Demand, Fault, LoadedKey, Operation, Outcome, Permit, Place, Resource,
    Signer, Subject, Target, UserEntry,
};
use trent_model::iam::{AccessKeyLastUsed, GetAccessKeyLastUsedRequest, GetAccessKeyLastUsedResponse};

use crate::iam::shared::{fault, show};

/// What the service says of keys that were never used.
const UNKNOWN: &str = "N/A";

pub(crate) struct GetAccessKeyLastUsed;

/// An access key of the caller's account, by id.
pub(crate) struct KeyTarget(String);

/// The owner of an access key.
pub(crate) struct KeyOwner {
    arn: String,
    user_name: Option<String>,
    signer: Signer,
}

impl Target for KeyTarget {
    type Loaded = KeyOwner;

    async fn load(&self, place: &Place<'_>) -> Result<KeyOwner, Fault> {
        let missing = || fault::no_such_access_key(&self.0);
        let path = Path::credential(&self.0).ok_or_else(missing)?;
        let entry = place.records.get::<CredentialEntry>(&path).await?;
        let entry = entry.filter(|entry| entry.credential.owner.account == place.account());
        let entry = entry.ok_or_else(missing)?;
        let owner = entry.credential.owner;
        let signer = Signer::AccessKey(owner.account, Arc::clone(&entry.access_key_id));
        match owner.kind {
            OwnerKind::Root => Ok(KeyOwner { arn: owner.account.root_arn(), user_name: None, signer }),
            OwnerKind::User { id } => {
                let user = place.records.get::<UserEntry>(&Path::entity(owner.account, &id)).await?;
                let user = &user.ok_or_else(missing)?.user;
                Ok(KeyOwner { arn: user.arn(), user_name: Some(user.name.to_string()), signer })
            }
        }
    }
}

impl Subject for KeyOwner {
    fn keys<'a>(&'a self, _: &mut dyn FnMut(&'a LoadedKey)) {}
}

impl Operation for GetAccessKeyLastUsed {
    const NAME: &'static str = "GetAccessKeyLastUsed";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[Audited::member("AccessKeyId")];

    type Input = GetAccessKeyLastUsedRequest;
    type Output = GetAccessKeyLastUsedResponse;
    type Target = KeyTarget;

    fn target(input: &GetAccessKeyLastUsedRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget(input.access_key_id.clone()))
    }

    fn demands<'a>(_: &'a GetAccessKeyLastUsedRequest, owner: &'a KeyOwner) -> Vec<Demand<'a>> {
        vec![Demand::new("iam:GetAccessKeyLastUsed", Resource::Arn(&owner.arn))]
    }

    async fn execute(
        _: &GetAccessKeyLastUsedRequest,
        owner: &Permit<KeyOwner>,
        context: &Context<'_>,
    ) -> Result<Outcome<GetAccessKeyLastUsedResponse>, Fault> {
        let last_used = match owner.signer.last_signed(context.records).await? {
            Some(last) => AccessKeyLastUsed {
                last_used_date: Some(show::seconds(last.time)),
                service_name: last.service,
                region: last.region,
            },
            None => AccessKeyLastUsed::new(UNKNOWN.to_owned(), UNKNOWN.to_owned()),
        };
        Ok(Outcome::read(GetAccessKeyLastUsedResponse {
            access_key_last_used: Some(last_used),
            user_name: owner.user_name.clone(),
        }))
    }
}
