//! ListRetirableGrants: what a principal of the caller's account may retire, on keys of any account.

use std::sync::Arc;

use trent_domain::{AccountId, GrantId, KeyArn, KeyId, Path, PathRange};
use trent_engine::{
    Audited, Context, Demand, Fault, GrantEntry, Operation, Outcome, Permit, Resource, Retirable,
    principal_tag,
};
use trent_model::kms::{ListGrantsResponse, ListRetirableGrantsRequest};

use super::shared::grants;
use super::shared::page::Page;

pub(crate) struct ListRetirableGrants;

impl Operation for ListRetirableGrants {
    const NAME: &'static str = "ListRetirableGrants";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[
        Audited::member("RetiringPrincipal"),
        Audited::member("RetiringServicePrincipal"),
        Audited::member("Limit"),
        Audited::member("Marker"),
    ];

    type Input = ListRetirableGrantsRequest;
    type Output = ListGrantsResponse;
    type Target = ();

    fn target(input: &ListRetirableGrantsRequest) -> Result<(), Fault> {
        match (&input.retiring_principal, &input.retiring_service_principal) {
            (Some(_), None) => Ok(()),
            (None, Some(_)) => Err(grants::only_for_services("RetiringServicePrincipal")),
            _ => Err(Fault::validation(
                "Either RetiringPrincipal or RetiringServicePrincipal must be specified, but not both.",
            )),
        }
    }

    fn demands<'a>(input: &'a ListRetirableGrantsRequest, (): &'a ()) -> Vec<Demand<'a>> {
        let principal = input.retiring_principal.as_deref().unwrap_or("*");
        vec![Demand::new("kms:ListRetirableGrants", Resource::Arn(principal))]
    }

    async fn execute(
        input: &ListRetirableGrantsRequest,
        _: &Permit<()>,
        context: &Context<'_>,
    ) -> Result<Outcome<ListGrantsResponse>, Fault> {
        let text = input.retiring_principal.as_deref().unwrap_or_default();
        let principal = grants::identity_of(text, context.account(), context).await?;
        let markers = context.markers(Self::NAME, principal.name());
        let page = Page::new((input.limit, input.marker.as_deref()), (50, 100), markers)?;
        let tag = principal_tag(context.records, principal.name());
        let range = PathRange::retirable(context.account(), context.region, tag);
        let found = context.records.scan::<Retirable>(&page.of(range.clone()), page.wanted()).await?;
        let name = |path: &Path| path.suffix(range.common_prefix()).unwrap_or_default().to_owned();
        let (entries, next) = page.cut(found, |(path, _)| name(path));
        let mut listed = Vec::with_capacity(entries.len());
        for (path, _) in &entries {
            // A grant may have gone since the list was read.
            if let Some(entry) = follow(&name(path), context).await? {
                listed.push(grants::listed(&entry.grant, context).await?);
            }
        }
        let truncated = Some(next.is_some());
        Ok(Outcome::read(ListGrantsResponse { grants: Some(listed), truncated, next_marker: next }))
    }
}

/// The grant that the entry `ACCOUNT.KEY.GRANT` stands for.
async fn follow(name: &str, context: &Context<'_>) -> Result<Option<Arc<GrantEntry>>, Fault> {
    let parsed = || {
        let mut parts = name.split('.');
        let account: AccountId = parts.next()?.parse().ok()?;
        let id: KeyId = parts.next()?.parse().ok()?;
        let grant: GrantId = parts.next()?.parse().ok()?;
        Some((KeyArn { region: context.region.clone(), account, id }, grant))
    };
    let Some((key, grant)) = parsed() else { return Ok(None) };
    Ok(context.records.get(&Path::grant(&key, &grant)).await?)
}
