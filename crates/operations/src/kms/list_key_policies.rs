//! ListKeyPolicies: the names of a key's policies. There is one.

use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::kms::{ListKeyPoliciesRequest, ListKeyPoliciesResponse};

use super::shared::page::Page;
use super::shared::policy;

pub(crate) struct ListKeyPolicies;

impl Operation for ListKeyPolicies {
    const NAME: &'static str = "ListKeyPolicies";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] =
        &[Audited::member("KeyId"), Audited::member("Limit"), Audited::member("Marker")];

    type Input = ListKeyPoliciesRequest;
    type Output = ListKeyPoliciesResponse;
    type Target = KeyTarget;

    fn target(input: &ListKeyPoliciesRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::by_id(&input.key_id))
    }

    fn demands<'a>(_: &'a ListKeyPoliciesRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        vec![Demand::new("kms:ListKeyPolicies", Resource::Key(key))]
    }

    async fn execute(
        input: &ListKeyPoliciesRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<ListKeyPoliciesResponse>, Fault> {
        let markers = context.markers(Self::NAME, &key.entry.arn);
        let page = Page::new((input.limit, input.marker.as_deref()), (100, 1000), markers)?;
        let all = [policy::DEFAULT_NAME.to_owned()];
        let rest = all.into_iter().filter(|name| page.after().is_none_or(|after| name.as_str() > after));
        let found = rest.take(page.wanted()).collect();
        let (names, next) = page.cut(found, String::clone);
        Ok(Outcome::read(ListKeyPoliciesResponse {
            policy_names: Some(names),
            truncated: Some(next.is_some()),
            next_marker: next,
        }))
    }
}
