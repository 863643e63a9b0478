//! GetAccountSummary: how much there is of everything, and how much there may be.

use std::collections::BTreeMap;

use trent_domain::{Group, ManagedPolicy, Owner, PathRange, Role, User};
use trent_engine::Audited;
use trent_engine::{
    Context, Demand, Fault, ManagedPolicyEntry, Operation, Outcome, Permit, ProviderEntry, Resource,
};
use trent_model::iam::{GetAccountSummaryRequest, GetAccountSummaryResponse};

use crate::iam::shared::entity::{Holder, Stored};
use crate::iam::shared::{links, list};

pub(crate) struct GetAccountSummary;

impl Operation for GetAccountSummary {
    const NAME: &'static str = "GetAccountSummary";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[];

    type Input = GetAccountSummaryRequest;
    type Output = GetAccountSummaryResponse;
    type Target = ();

    fn target(_: &GetAccountSummaryRequest) -> Result<(), Fault> {
        Ok(())
    }

    fn demands<'a>(_: &'a GetAccountSummaryRequest, (): &'a ()) -> Vec<Demand<'a>> {
        vec![Demand::new("iam:GetAccountSummary", Resource::Any)]
    }

    async fn execute(
        _: &GetAccountSummaryRequest,
        _: &Permit<()>,
        context: &Context<'_>,
    ) -> Result<Outcome<GetAccountSummaryResponse>, Fault> {
        let told = quotas().into_iter().chain(counts(context).await?);
        let map: BTreeMap<String, i32> =
            told.map(|(name, number)| (name.to_owned(), i32::try_from(number).unwrap_or(i32::MAX))).collect();
        Ok(Outcome::read(GetAccountSummaryResponse { summary_map: Some(map) }))
    }
}

fn quotas() -> [(&'static str, usize); 15] {
    [
        ("UsersQuota", User::QUOTA.0),
        ("GroupsQuota", Group::QUOTA.0),
        ("RolesQuota", Role::QUOTA.0),
        ("PoliciesQuota", ManagedPolicy::QUOTA.0),
        ("UserPolicySizeQuota", User::INLINE_BYTES),
        ("GroupPolicySizeQuota", Group::INLINE_BYTES),
        ("RolePolicySizeQuota", Role::INLINE_BYTES),
        ("PolicySizeQuota", 6144),
        ("AssumeRolePolicySizeQuota", 2048),
        ("VersionsPerPolicyQuota", ManagedPolicy::MAX_VERSIONS),
        ("GroupsPerUserQuota", 10),
        ("AccessKeysPerUserQuota", 2),
        ("AttachedPoliciesPerUserQuota", 10),
        ("AttachedPoliciesPerGroupQuota", 10),
        ("AttachedPoliciesPerRoleQuota", 10),
    ]
}

async fn counts(context: &Context<'_>) -> Result<[(&'static str, usize); 10], Fault> {
    let keys = links::suffixes(PathRange::access_keys(&Owner::root(context.account())), context).await?;
    let policies = list::all::<ManagedPolicyEntry>(None, context).await?;
    let providers = PathRange::providers(context.account());
    Ok([
        ("Users", list::count::<User>(context).await?),
        ("Groups", list::count::<Group>(context).await?),
        ("Roles", list::count::<Role>(context).await?),
        ("Policies", policies.len()),
        ("PolicyVersionsInUse", policies.iter().map(|entry| entry.policy.versions.len()).sum()),
        ("Providers", context.records.scan::<ProviderEntry>(&providers, 1000).await?.len()),
        ("AccountAccessKeysPresent", usize::from(!keys.is_empty())),
        ("AccountMFAEnabled", 0),
        ("MFADevices", 0),
        ("MFADevicesInUse", 0),
    ])
}
