//! ListKeys: the keys of an account and Region, by id.

use trent_domain::PathRange;
use trent_engine::{Audited, Context, Demand, Fault, KeyEntry, Operation, Outcome, Permit, Resource};
use trent_model::kms::{KeyListEntry, ListKeysRequest, ListKeysResponse, ResourceOwnerType};

use super::shared::page::Page;

pub(crate) struct ListKeys;

impl Operation for ListKeys {
    const NAME: &'static str = "ListKeys";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] =
        &[Audited::member("Limit"), Audited::member("Marker"), Audited::member("ResourceOwners")];

    type Input = ListKeysRequest;
    type Output = ListKeysResponse;
    type Target = ();

    fn target(_: &ListKeysRequest) -> Result<(), Fault> {
        Ok(())
    }

    fn demands<'a>(_: &'a ListKeysRequest, (): &'a ()) -> Vec<Demand<'a>> {
        vec![Demand::new("kms:ListKeys", Resource::Any)]
    }

    async fn execute(
        input: &ListKeysRequest,
        _: &Permit<()>,
        context: &Context<'_>,
    ) -> Result<Outcome<ListKeysResponse>, Fault> {
        let owners = owners(input);
        let markers = context.markers(Self::NAME, &owners);
        let page = Page::new((input.limit, input.marker.as_deref()), (100, 1000), markers)?;
        let mut range = PathRange::keys(context.account(), context.region);
        if let Some(after) = page.after() {
            range = range.after(after);
        }
        // No keys of other accounts are shared with this one.
        let found = if owners.contains(ResourceOwnerType::Itself.as_str()) {
            context.records.scan::<KeyEntry>(&range, page.wanted()).await?
        } else {
            Vec::new()
        };
        let (keys, next) = page.cut(found, |(_, entry)| entry.key.id.to_string());
        let listed = |(_, entry): (_, KeyEntry)| KeyListEntry {
            key_id: Some(entry.key.id.to_string()),
            key_arn: Some(entry.arn.to_string()),
        };
        Ok(Outcome::read(ListKeysResponse {
            // A page may be short: what is at its end is listed no more.
            keys: Some(
                keys.into_iter().filter(|(_, entry)| !entry.key.is_gone(context.now)).map(listed).collect(),
            ),
            truncated: Some(next.is_some()),
            next_marker: next,
        }))
    }
}

/// Whose keys are asked for, one's own unless the input says otherwise; a marker is good for the
/// same owners only.
fn owners(input: &ListKeysRequest) -> String {
    let given = input.resource_owners.as_deref().unwrap_or(&[ResourceOwnerType::Itself]);
    let mut names: Vec<&str> = given.iter().map(|owner| owner.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.join(",")
}
