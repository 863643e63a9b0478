//! GetAccountAuthorizationDetails: every user, group, role and managed policy, and how they hang together.

use std::sync::Arc;

use trent_engine::{
    AWS_MANAGED, Audited, Context, Demand, Fault, GroupEntry, ManagedPolicyEntry, Operation, Outcome, Permit,
    Resource, RoleEntry, UserEntry,
};
use trent_model::iam::{
    EntityType, GetAccountAuthorizationDetailsRequest, GetAccountAuthorizationDetailsResponse,
};

use crate::iam::shared::entity::Entity;
use crate::iam::shared::links::{self, Uses};
use crate::iam::shared::managed::{self, Managed};
use crate::iam::shared::page::Page;
use crate::iam::shared::{detail, list, page};

pub(crate) struct GetAccountAuthorizationDetails;

impl Operation for GetAccountAuthorizationDetails {
    const NAME: &'static str = "GetAccountAuthorizationDetails";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] =
        &[Audited::member("Filter"), Audited::member("Marker"), Audited::member("MaxItems")];

    type Input = GetAccountAuthorizationDetailsRequest;
    type Output = GetAccountAuthorizationDetailsResponse;
    type Target = ();

    fn target(_: &GetAccountAuthorizationDetailsRequest) -> Result<(), Fault> {
        Ok(())
    }

    fn demands<'a>(_: &'a GetAccountAuthorizationDetailsRequest, (): &'a ()) -> Vec<Demand<'a>> {
        vec![Demand::new("iam:GetAccountAuthorizationDetails", Resource::Any)]
    }

    async fn execute(
        input: &GetAccountAuthorizationDetailsRequest,
        _: &Permit<()>,
        context: &Context<'_>,
    ) -> Result<Outcome<GetAccountAuthorizationDetailsResponse>, Fault> {
        let wanted = input.filter.as_deref().unwrap_or_default();
        let markers = context.markers(Self::NAME, &format!("{wanted:?}"));
        let page = page::new(input.max_items, input.marker.as_deref(), markers)?;
        let mut found = Vec::new();
        for kind in KINDS.into_iter().filter(|kind| wanted.is_empty() || wanted.contains(kind)) {
            let room = page.wanted().saturating_sub(found.len());
            if room > 0 {
                found.extend(items(kind, &page, room, context).await?);
            }
        }
        let (found, marker) = page.cut(found, Item::place);
        Ok(Outcome::read(answer(&found, marker, context).await?))
    }
}

/// The order of what is told.
const KINDS: [EntityType; 5] = [
    EntityType::User,
    EntityType::Group,
    EntityType::Role,
    EntityType::LocalManagedPolicy,
    EntityType::AWSManagedPolicy,
];

/// One of what is told.
enum Item {
    User(Arc<UserEntry>),
    Group(Arc<GroupEntry>),
    Role(Arc<RoleEntry>),
    Policy(Managed, Uses),
}

impl Item {
    /// What it is called in markers.
    fn place(&self) -> String {
        let (kind, name) = match self {
            Self::User(entry) => (EntityType::User, list::marker_name(entry)),
            Self::Group(entry) => (EntityType::Group, list::marker_name(entry)),
            Self::Role(entry) => (EntityType::Role, list::marker_name(entry)),
            Self::Policy(Managed::Own(entry), _) => {
                (EntityType::LocalManagedPolicy, list::marker_name(entry))
            }
            Self::Policy(policy @ Managed::Aws(_), _) => {
                (EntityType::AWSManagedPolicy, managed::marker_name(policy))
            }
        };
        format!("{}{name}", prefix(kind))
    }
}

/// How the markers of a kind begin.
fn prefix(kind: EntityType) -> String {
    format!("{} ", KINDS.iter().position(|known| *known == kind).unwrap_or_default())
}

/// Up to `wanted` of a kind that come behind the last page.
async fn items(
    kind: EntityType,
    page: &Page<'_>,
    wanted: usize,
    context: &Context<'_>,
) -> Result<Vec<Item>, Fault> {
    let prefix = prefix(kind);
    let after = match page.after() {
        Some(after) if after.starts_with(&prefix) => after.strip_prefix(&prefix),
        Some(after) if *after > *prefix => return Ok(Vec::new()),
        _ => None,
    };
    Ok(match kind {
        EntityType::User => entries(after, wanted, context).await?.into_iter().map(Item::User).collect(),
        EntityType::Group => entries(after, wanted, context).await?.into_iter().map(Item::Group).collect(),
        EntityType::Role => entries(after, wanted, context).await?.into_iter().map(Item::Role).collect(),
        EntityType::LocalManagedPolicy => {
            let policies = entries::<ManagedPolicyEntry>(after, wanted, context).await?;
            with_uses(policies.into_iter().map(Managed::Own), context).await?
        }
        EntityType::AWSManagedPolicy => {
            let policies = AWS_MANAGED.iter().map(Managed::Aws);
            let later = policies
                .filter(|policy| after.is_none_or(|after| managed::marker_name(policy).as_str() > after));
            let mut found = with_uses(later, context).await?;
            // Of AWS's own the service tells those that somebody has.
            found.retain(|item| !matches!(item, Item::Policy(_, uses) if *uses == Uses::default()));
            found.truncate(wanted);
            found
        }
    })
}

async fn entries<E: Entity>(
    after: Option<&str>,
    wanted: usize,
    context: &Context<'_>,
) -> Result<Vec<Arc<E>>, Fault> {
    let mut found = list::behind(after, wanted, None, context).await?;
    found.truncate(wanted);
    Ok(found)
}

async fn with_uses(
    policies: impl Iterator<Item = Managed> + Send,
    context: &Context<'_>,
) -> Result<Vec<Item>, Fault> {
    let mut found = Vec::new();
    for policy in policies {
        let uses = links::uses(context.account(), &policy.id()?, context).await?;
        found.push(Item::Policy(policy, uses));
    }
    Ok(found)
}

async fn answer(
    found: &[Item],
    marker: Option<String>,
    context: &Context<'_>,
) -> Result<GetAccountAuthorizationDetailsResponse, Fault> {
    let (mut users, mut groups, mut roles, mut policies) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for item in found {
        match item {
            Item::User(entry) => users.push(detail::user(&entry.user, context).await?),
            Item::Group(entry) => groups.push(detail::group(&entry.group, context).await?),
            Item::Role(entry) => roles.push(detail::role(&entry.role, context).await?),
            Item::Policy(policy, uses) => policies.push(detail::policy(policy, *uses)),
        }
    }
    Ok(GetAccountAuthorizationDetailsResponse {
        group_detail_list: Some(groups),
        is_truncated: Some(marker.is_some()),
        marker,
        policies: Some(policies),
        role_detail_list: Some(roles),
        user_detail_list: Some(users),
    })
}
