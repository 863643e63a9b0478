//! ListPolicies: the managed policies of the account, then those of AWS, each by name.

use trent_engine::{
    AWS_MANAGED, Audited, Context, Demand, Fault, ManagedPolicyEntry, Operation, Outcome, Permit, Resource,
};
use trent_model::iam::{self, ListPoliciesRequest, ListPoliciesResponse, PolicyScopeType, PolicyUsageType};

use crate::iam::shared::links::{self, Uses};
use crate::iam::shared::list;
use crate::iam::shared::managed::{Managed, marker_name};
use crate::iam::shared::{page, show};

pub(crate) struct ListPolicies;

impl Operation for ListPolicies {
    const NAME: &'static str = "ListPolicies";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[
        Audited::member("Scope"),
        Audited::member("OnlyAttached"),
        Audited::member("PathPrefix"),
        Audited::member("PolicyUsageFilter"),
        Audited::member("Marker"),
        Audited::member("MaxItems"),
    ];

    type Input = ListPoliciesRequest;
    type Output = ListPoliciesResponse;
    type Target = ();

    fn target(_: &ListPoliciesRequest) -> Result<(), Fault> {
        Ok(())
    }

    fn demands<'a>(input: &'a ListPoliciesRequest, (): &'a ()) -> Vec<Demand<'a>> {
        let prefix = input.path_prefix.as_deref().unwrap_or("/");
        vec![Demand::new("iam:ListPolicies", Resource::Any).called("policy path", prefix)]
    }

    async fn execute(
        input: &ListPoliciesRequest,
        _: &Permit<()>,
        context: &Context<'_>,
    ) -> Result<Outcome<ListPoliciesResponse>, Fault> {
        let page =
            page::new(input.max_items, input.marker.as_deref(), context.markers(Self::NAME, &filter(input)))?;
        let mut found = Vec::new();
        for policy in candidates(input, context).await? {
            if page.after().is_some_and(|after| place(&policy).as_str() <= after) {
                continue;
            }
            let uses = links::uses(context.account(), &policy.id()?, context).await?;
            if is_wanted(input, uses) {
                found.push((policy, uses));
            }
            if found.len() == page.wanted() {
                break;
            }
        }
        let (found, marker) = page.cut(found, |(policy, _)| place(policy));
        let shown: Vec<iam::Policy> =
            found.iter().map(|(policy, uses)| show::listed_policy(policy, *uses)).collect();
        Ok(Outcome::read(ListPoliciesResponse {
            is_truncated: Some(marker.is_some()),
            marker,
            policies: Some(shown),
        }))
    }
}

/// All that the scope and the path of the request admit, in the order of [`place`].
async fn candidates(input: &ListPoliciesRequest, context: &Context<'_>) -> Result<Vec<Managed>, Fault> {
    let (scope, prefix) = (input.scope.unwrap_or(PolicyScopeType::All), input.path_prefix.as_deref());
    let mut policies = Vec::new();
    if scope != PolicyScopeType::Aws {
        let own = list::all::<ManagedPolicyEntry>(prefix, context).await?;
        policies.extend(own.into_iter().map(Managed::Own));
    }
    if scope != PolicyScopeType::Local && prefix.is_none_or(|prefix| prefix == "/") {
        policies.extend(AWS_MANAGED.iter().map(Managed::Aws));
    }
    policies.sort_by_cached_key(place);
    Ok(policies)
}

/// What a policy is called in markers.
fn place(policy: &Managed) -> String {
    let rank = match policy {
        Managed::Own(_) => 0,
        Managed::Aws(_) => 1,
    };
    format!("{rank} {}", marker_name(policy))
}

fn is_wanted(input: &ListPoliciesRequest, uses: Uses) -> bool {
    let attached = input.only_attached != Some(true) || uses != Uses::default();
    attached
        && match input.policy_usage_filter {
            Some(PolicyUsageType::PermissionsPolicy) => uses.attached > 0,
            Some(PolicyUsageType::PermissionsBoundary) => uses.bounding > 0,
            None => true,
        }
}

/// What the markers of a request are good for.
fn filter(input: &ListPoliciesRequest) -> String {
    let ListPoliciesRequest { scope, only_attached, path_prefix, policy_usage_filter, .. } = input;
    format!("{scope:?} {only_attached:?} {path_prefix:?} {policy_usage_filter:?}")
}
