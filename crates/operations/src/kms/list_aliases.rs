//! ListAliases: the aliases of an account and Region, or of one key, by name.

use trent_domain::{Alias, AliasName, Path, PathRange};
use trent_engine::{
    AliasEntry, Audited, Context, Demand, Fault, KeyAlias, KeyEntry, KeyTarget, LoadedKey, Operation,
    Outcome, Permit, Resource,
};
use trent_model::kms::{AliasListEntry, ListAliasesRequest, ListAliasesResponse};

use super::shared::metadata::seconds;
use super::shared::page::Page;

pub(crate) struct ListAliases;

impl Operation for ListAliases {
    const NAME: &'static str = "ListAliases";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] =
        &[Audited::member("KeyId"), Audited::member("Limit"), Audited::member("Marker")];

    type Input = ListAliasesRequest;
    type Output = ListAliasesResponse;
    type Target = Option<KeyTarget>;

    fn target(input: &ListAliasesRequest) -> Result<Option<KeyTarget>, Fault> {
        Ok(input.key_id.as_deref().map(|key| KeyTarget::by_id(key).of_own_account()))
    }

    fn demands<'a>(_: &'a ListAliasesRequest, _: &'a Option<LoadedKey>) -> Vec<Demand<'a>> {
        vec![Demand::new("kms:ListAliases", Resource::Any)]
    }

    async fn execute(
        input: &ListAliasesRequest,
        permit: &Permit<Option<LoadedKey>>,
        context: &Context<'_>,
    ) -> Result<Outcome<ListAliasesResponse>, Fault> {
        let key = permit.as_ref();
        let markers = context.markers(Self::NAME, key.map_or("", |key| &key.entry.arn));
        let page = Page::new((input.limit, input.marker.as_deref()), (50, 100), markers)?;
        let found = match key {
            Some(key) => of_key(key, &page, context).await?,
            None => of_account(&page, context).await?,
        };
        let (aliases, next) = page.cut(found, |alias| alias.name.to_string());
        let mut shown = Vec::with_capacity(aliases.len());
        for alias in &aliases {
            if leads_to_a_key(alias, context).await? {
                shown.push(listed(alias, context));
            }
        }
        Ok(Outcome::read(ListAliasesResponse {
            aliases: Some(shown),
            truncated: Some(next.is_some()),
            next_marker: next,
        }))
    }
}

async fn of_account(page: &Page<'_>, context: &Context<'_>) -> Result<Vec<Alias>, Fault> {
    let range = behind(PathRange::aliases(context.account(), context.region), page);
    let found = context.records.scan::<AliasEntry>(&range, page.wanted()).await?;
    Ok(found.into_iter().map(|(_, entry)| entry.alias).collect())
}

async fn of_key(key: &LoadedKey, page: &Page<'_>, context: &Context<'_>) -> Result<Vec<Alias>, Fault> {
    let range = PathRange::aliases_of(context.account(), context.region, &key.entry.key.id);
    let range = behind(range, page);
    let found = context.records.scan::<KeyAlias>(&range, page.wanted()).await?;
    let mut aliases = Vec::with_capacity(found.len());
    for (path, _) in found {
        let name = path.suffix(range.common_prefix()).and_then(|name| name.parse::<AliasName>().ok());
        let Some(name) = name else { continue };
        let path = Path::alias(context.account(), context.region, &name);
        // An alias may have gone, or gone elsewhere, since the range was read.
        let entry = context.records.get::<AliasEntry>(&path).await?;
        let entry = entry.filter(|entry| entry.alias.target == key.entry.key.id);
        aliases.extend(entry.map(|entry| entry.alias.clone()));
    }
    Ok(aliases)
}

/// An alias of a key whose time is over goes with it.
async fn leads_to_a_key(alias: &Alias, context: &Context<'_>) -> Result<bool, Fault> {
    let path = Path::key(context.account(), context.region, &alias.target);
    let entry = context.records.get::<KeyEntry>(&path).await?;
    Ok(entry.is_some_and(|entry| !entry.key.is_gone(context.now)))
}

fn behind(range: PathRange, page: &Page<'_>) -> PathRange {
    match page.after() {
        Some(after) => range.after(after),
        None => range,
    }
}

fn listed(alias: &Alias, context: &Context<'_>) -> AliasListEntry {
    AliasListEntry {
        alias_name: Some(alias.name.to_string()),
        alias_arn: Some(alias.name.arn(context.account(), context.region)),
        target_key_id: Some(alias.target.to_string()),
        creation_date: Some(seconds(alias.created)),
        last_updated_date: Some(seconds(alias.updated)),
    }
}
