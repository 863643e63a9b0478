//! ListGrants: the grants of a key, or those for one principal.

use trent_domain::{KeyArn, Path, PathRange};
use trent_engine::{
    Audited, Context, Demand, Fault, GrantEntry, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
    principal_tag,
};
use trent_model::kms::{ListGrantsRequest, ListGrantsResponse};

use super::shared::grants;
use super::shared::page::Page;

pub(crate) struct ListGrants;

impl Operation for ListGrants {
    const NAME: &'static str = "ListGrants";
    const READ_ONLY: bool = true;
    const CROSS_ACCOUNT: bool = true;
    const AUDITED: &'static [Audited] = &[
        Audited::member("KeyId"),
        Audited::member("GrantId"),
        Audited::member("GranteePrincipal"),
        Audited::member("GranteeServicePrincipal"),
        Audited::member("Limit"),
        Audited::member("Marker"),
    ];

    type Input = ListGrantsRequest;
    type Output = ListGrantsResponse;
    type Target = KeyTarget;

    fn target(input: &ListGrantsRequest) -> Result<KeyTarget, Fault> {
        if input.grantee_service_principal.is_some() {
            return Err(grants::only_for_services("GranteeServicePrincipal"));
        }
        Ok(KeyTarget::by_id(&input.key_id))
    }

    fn demands<'a>(_: &'a ListGrantsRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        let demand = Demand::new("kms:ListGrants", Resource::Key(key));
        vec![demand.fact("kms:grantisforawsresource", "false")]
    }

    async fn execute(
        input: &ListGrantsRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<ListGrantsResponse>, Fault> {
        let arn = key.entry.key.arn();
        let filter = format!("{arn} {:?} {:?}", input.grant_id, input.grantee_principal);
        let markers = context.markers(Self::NAME, &filter);
        let page = Page::new((input.limit, input.marker.as_deref()), (50, 100), markers)?;
        let (found, prefix) = find(input, &arn, &page, context).await?;
        let (entries, next) =
            page.cut(found, |(path, _)| path.suffix(&prefix).unwrap_or_default().to_owned());
        let mut listed = Vec::with_capacity(entries.len());
        for (_, entry) in &entries {
            listed.push(grants::listed(&entry.grant, context).await?);
        }
        let truncated = Some(next.is_some());
        Ok(Outcome::read(ListGrantsResponse { grants: Some(listed), truncated, next_marker: next }))
    }
}

/// What is asked for, and the common prefix of where it lies.
async fn find(
    input: &ListGrantsRequest,
    key: &KeyArn,
    page: &Page<'_>,
    context: &Context<'_>,
) -> Result<(Vec<(Path, GrantEntry)>, String), Fault> {
    let range = match &input.grantee_principal {
        Some(text) => {
            let grantee = grants::identity(text, context).await?;
            PathRange::grants_for(key, principal_tag(context.records, grantee.name()))
        }
        None => PathRange::grants(key),
    };
    let prefix = range.common_prefix().to_owned();
    let found = match &input.grant_id {
        Some(id) => {
            let id = id.parse().map_err(|_| Fault::InvalidGrantId)?;
            let path = Path::grant(key, &id);
            let entry = context.records.fetch(&path).await?;
            entry
                .into_iter()
                .map(|entry| (path.clone(), entry))
                .filter(|(p, _)| range.contains(p.as_str()))
                .collect()
        }
        None => context.records.scan(&page.of(range), page.wanted()).await?,
    };
    Ok((found, prefix))
}
