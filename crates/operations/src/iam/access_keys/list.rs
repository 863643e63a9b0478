//! ListAccessKeys: the access keys of a user, without their secrets.

use trent_domain::{CredentialStatus, Path};
use trent_engine::{Audited, Context, CredentialEntry, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::{AccessKeyMetadata, ListAccessKeysRequest, ListAccessKeysResponse, StatusType};

use super::shared;
use crate::iam::shared::caller::{FoundOwner, OwnerTarget};
use crate::iam::shared::{page, show};

pub(crate) struct ListAccessKeys;

impl Operation for ListAccessKeys {
    const NAME: &'static str = "ListAccessKeys";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] =
        &[Audited::member("UserName"), Audited::member("Marker"), Audited::member("MaxItems")];

    type Input = ListAccessKeysRequest;
    type Output = ListAccessKeysResponse;
    type Target = OwnerTarget;

    fn target(input: &ListAccessKeysRequest) -> Result<OwnerTarget, Fault> {
        Ok(OwnerTarget::new(input.user_name.as_deref()))
    }

    fn demands<'a>(_: &'a ListAccessKeysRequest, owner: &'a FoundOwner) -> Vec<Demand<'a>> {
        vec![owner.demand("iam:ListAccessKeys")]
    }

    async fn execute(
        input: &ListAccessKeysRequest,
        found: &Permit<FoundOwner>,
        context: &Context<'_>,
    ) -> Result<Outcome<ListAccessKeysResponse>, Fault> {
        let (owner, user_name) = (found.owner()?, found.user_name()?);
        let markers = context.markers(Self::NAME, &owner.id());
        let page = page::new(input.max_items, input.marker.as_deref(), markers)?;
        let (ids, marker) = page::cut(page, shared::ids(&owner, context).await?, Clone::clone);
        let mut keys = Vec::with_capacity(ids.len());
        for id in &ids {
            let Some(path) = Path::credential(id) else { continue };
            let entry = context.records.get::<CredentialEntry>(&path).await?;
            keys.extend(entry.map(|entry| listed(&entry, user_name.clone())));
        }
        Ok(Outcome::read(ListAccessKeysResponse {
            access_key_metadata: keys,
            is_truncated: Some(marker.is_some()),
            marker,
        }))
    }
}

fn listed(entry: &CredentialEntry, user_name: Option<String>) -> AccessKeyMetadata {
    let credential = &entry.credential;
    AccessKeyMetadata {
        access_key_id: Some(credential.access_key_id.clone()),
        create_date: Some(show::seconds(credential.created)),
        status: Some(match credential.status {
            CredentialStatus::Active => StatusType::Active,
            CredentialStatus::Inactive => StatusType::Inactive,
        }),
        user_name,
    }
}
