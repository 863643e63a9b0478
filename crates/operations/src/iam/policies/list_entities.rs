//! ListEntitiesForPolicy: the users, roles and groups that have a managed policy, or are bounded by it.

use std::collections::BTreeSet;

use trent_domain::{IdKind, Path, PathRange, UniqueId};
use trent_engine::{
    Audited, Context, Demand, Fault, GroupEntry, Operation, Outcome, Permit, RoleEntry, UserEntry,
};
use trent_model::iam::{
    EntityType, ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse, PolicyGroup, PolicyRole,
    PolicyUsageType, PolicyUser,
};

use crate::iam::shared::entity::{Entity, Stored};
use crate::iam::shared::managed::{FoundPolicy, PolicyTarget};
use crate::iam::shared::{links, list, page};

pub(crate) struct ListEntitiesForPolicy;

impl Operation for ListEntitiesForPolicy {
    const NAME: &'static str = "ListEntitiesForPolicy";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[
        Audited::member("PolicyArn"),
        Audited::member("EntityFilter"),
        Audited::member("PathPrefix"),
        Audited::member("PolicyUsageFilter"),
        Audited::member("Marker"),
        Audited::member("MaxItems"),
    ];

    type Input = ListEntitiesForPolicyRequest;
    type Output = ListEntitiesForPolicyResponse;
    type Target = PolicyTarget;

    fn target(input: &ListEntitiesForPolicyRequest) -> Result<PolicyTarget, Fault> {
        PolicyTarget::new(&input.policy_arn)
    }

    fn demands<'a>(_: &'a ListEntitiesForPolicyRequest, policy: &'a FoundPolicy) -> Vec<Demand<'a>> {
        vec![policy.demand("iam:ListEntitiesForPolicy")]
    }

    async fn execute(
        input: &ListEntitiesForPolicyRequest,
        policy: &Permit<FoundPolicy>,
        context: &Context<'_>,
    ) -> Result<Outcome<ListEntitiesForPolicyResponse>, Fault> {
        let page =
            page::new(input.max_items, input.marker.as_deref(), context.markers(Self::NAME, &filter(input)))?;
        let mut found = Vec::new();
        for id in users_of(&policy.managed()?.id()?, input, context).await? {
            found.extend(holder(&id, input.path_prefix.as_deref(), context).await?);
        }
        found.sort_by_cached_key(place);
        let (found, marker) = page::cut(page, found, place);
        Ok(Outcome::read(answer(&found, marker)))
    }
}

/// One that has the policy.
struct HasPolicy {
    id: UniqueId,
    name: String,
}

/// The ids of those that have the policy in the way the request asks about.
async fn users_of(
    policy: &UniqueId,
    input: &ListEntitiesForPolicyRequest,
    context: &Context<'_>,
) -> Result<BTreeSet<UniqueId>, Fault> {
    let mut ids = BTreeSet::new();
    for suffix in links::suffixes(PathRange::uses(context.account(), policy), context).await? {
        let (bounds, rest) = match suffix.strip_prefix("boundary/") {
            Some(rest) => (true, rest),
            None => (false, suffix.as_str()),
        };
        let meant = match input.policy_usage_filter {
            Some(PolicyUsageType::PermissionsPolicy) => !bounds,
            Some(PolicyUsageType::PermissionsBoundary) => bounds,
            None => true,
        };
        let id = rest.split_once('/').and_then(|(_, id)| id.parse::<UniqueId>().ok());
        ids.extend(id.filter(|id| meant && is_of(id.kind(), input.entity_filter)));
    }
    Ok(ids)
}

const fn is_of(kind: IdKind, filter: Option<EntityType>) -> bool {
    match filter {
        None => true,
        Some(EntityType::User) => matches!(kind, IdKind::User),
        Some(EntityType::Role) => matches!(kind, IdKind::Role),
        Some(EntityType::Group) => matches!(kind, IdKind::Group),
        Some(EntityType::LocalManagedPolicy | EntityType::AWSManagedPolicy) => false,
    }
}

async fn holder(
    id: &UniqueId,
    prefix: Option<&str>,
    context: &Context<'_>,
) -> Result<Option<HasPolicy>, Fault> {
    match id.kind() {
        IdKind::User => read::<UserEntry>(id, prefix, context).await,
        IdKind::Role => read::<RoleEntry>(id, prefix, context).await,
        IdKind::Group => read::<GroupEntry>(id, prefix, context).await,
        IdKind::Policy => Ok(None),
    }
}

async fn read<E: Entity>(
    id: &UniqueId,
    prefix: Option<&str>,
    context: &Context<'_>,
) -> Result<Option<HasPolicy>, Fault> {
    let entry = context.records.get::<E>(&Path::entity(context.account(), id)).await?;
    let entry = entry.filter(|entry| list::is_under(entry.stored(), prefix));
    Ok(entry.map(|entry| HasPolicy { id: *id, name: entry.stored().name().to_string() }))
}

/// What one is called in markers.
fn place(has: &HasPolicy) -> String {
    format!("{} {}", has.id.kind().as_str(), has.name.to_ascii_lowercase())
}

fn answer(found: &[HasPolicy], marker: Option<String>) -> ListEntitiesForPolicyResponse {
    let of = |kind| found.iter().filter(move |has| has.id.kind() == kind);
    let told = |has: &HasPolicy| (Some(has.id.to_string()), Some(has.name.clone()));
    let users = of(IdKind::User).map(told).map(|(user_id, user_name)| PolicyUser { user_id, user_name });
    let roles = of(IdKind::Role).map(told).map(|(role_id, role_name)| PolicyRole { role_id, role_name });
    let groups =
        of(IdKind::Group).map(told).map(|(group_id, group_name)| PolicyGroup { group_id, group_name });
    ListEntitiesForPolicyResponse {
        is_truncated: Some(marker.is_some()),
        marker,
        policy_groups: Some(groups.collect()),
        policy_roles: Some(roles.collect()),
        policy_users: Some(users.collect()),
    }
}

/// What the markers of a request are good for.
fn filter(input: &ListEntitiesForPolicyRequest) -> String {
    let ListEntitiesForPolicyRequest { policy_arn, entity_filter, path_prefix, policy_usage_filter, .. } =
        input;
    format!("{policy_arn} {entity_filter:?} {path_prefix:?} {policy_usage_filter:?}")
}
