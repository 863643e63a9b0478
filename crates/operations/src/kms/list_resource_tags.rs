//! ListResourceTags: the tags of a key, oldest first.

use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::kms::{ListResourceTagsRequest, ListResourceTagsResponse, Tag};

use super::shared::page::Page;

pub(crate) struct ListResourceTags;

impl Operation for ListResourceTags {
    const NAME: &'static str = "ListResourceTags";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] =
        &[Audited::member("KeyId"), Audited::member("Limit"), Audited::member("Marker")];

    type Input = ListResourceTagsRequest;
    type Output = ListResourceTagsResponse;
    type Target = KeyTarget;

    fn target(input: &ListResourceTagsRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::by_id(&input.key_id))
    }

    fn demands<'a>(_: &'a ListResourceTagsRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        vec![Demand::new("kms:ListResourceTags", Resource::Key(key))]
    }

    async fn execute(
        input: &ListResourceTagsRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<ListResourceTagsResponse>, Fault> {
        let markers = context.markers(Self::NAME, &key.entry.arn);
        let page = Page::new((input.limit, input.marker.as_deref()), (50, 50), markers)?;
        let after: Option<u64> = page.after().and_then(|sequence| sequence.parse().ok());
        let entries = key.entry.key.tags.entries().iter();
        let rest = entries.filter(|entry| after.is_none_or(|after| entry.sequence > after));
        let found = rest.take(page.wanted()).collect();
        let (entries, next) = page.cut(found, |entry| entry.sequence.to_string());
        let tag = |entry: &trent_domain::TagEntry| Tag {
            tag_key: entry.key.clone(),
            tag_value: entry.value.clone(),
        };
        Ok(Outcome::read(ListResourceTagsResponse {
            tags: Some(entries.into_iter().map(tag).collect()),
            truncated: Some(next.is_some()),
            next_marker: next,
        }))
    }
}
