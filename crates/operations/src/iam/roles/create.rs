//! CreateRole: a new role, which may do nothing yet, and a policy that says who may assume it.

use trent_domain::{IdentityPolicies, Role};
use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit, Resource};
use trent_model::iam::{CreateRoleRequest, CreateRoleResponse};

use crate::iam::shared::managed::{FoundPolicy, PolicyTarget};
use crate::iam::shared::named::{FreeName, NewName};
use crate::iam::shared::{audit, create, links, show, tags, trust};

/// How long sessions may last unless the role says otherwise, in seconds.
const MAX_SESSION: u32 = 3600;

pub(crate) struct CreateRole;

impl Operation for CreateRole {
    const NAME: &'static str = "CreateRole";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[
        Audited::member("Path"),
        Audited::member("RoleName"),
        Audited::member("AssumeRolePolicyDocument"),
        Audited::member("Description"),
        Audited::member("MaxSessionDuration"),
        Audited::member("PermissionsBoundary"),
        Audited::member("Tags"),
    ];

    type Input = CreateRoleRequest;
    type Output = CreateRoleResponse;
    type Target = (NewName<Role>, Option<PolicyTarget>);

    fn target(input: &CreateRoleRequest) -> Result<Self::Target, Fault> {
        let boundary = input.permissions_boundary.as_deref().map(PolicyTarget::to_bound).transpose()?;
        Ok((NewName::new(&input.role_name, input.path.as_deref())?, boundary))
    }

    fn demands<'a>(
        input: &'a CreateRoleRequest,
        (name, boundary): &'a (FreeName<Role>, Option<FoundPolicy>),
    ) -> Vec<Demand<'a>> {
        let given = input.tags.as_deref().unwrap_or_default();
        let demand =
            |action| Demand::new(action, Resource::Arn(&name.arn)).request_tags(tags::requested(given));
        let create = match boundary {
            Some(boundary) => demand("iam:CreateRole").fact("iam:permissionsboundary", boundary.arn.as_str()),
            None => demand("iam:CreateRole"),
        };
        let tag = (!given.is_empty()).then(|| demand("iam:TagRole"));
        [create].into_iter().chain(tag).collect()
    }

    async fn execute(
        input: &CreateRoleRequest,
        permit: &Permit<(FreeName<Role>, Option<FoundPolicy>)>,
        context: &Context<'_>,
    ) -> Result<Outcome<CreateRoleResponse>, Fault> {
        let (name, boundary) = &**permit;
        let boundary = boundary.as_ref().map(FoundPolicy::managed).transpose()?;
        let asked = input.max_session_duration.and_then(|seconds| u32::try_from(seconds).ok());
        let role = Role {
            account: context.account(),
            id: create::new_id(name, context).await?,
            name: name.name.clone(),
            path: name.path.clone(),
            created: context.now,
            description: input.description.clone(),
            trust_policy: trust::check(&input.assume_role_policy_document, context).await?,
            max_session: asked.unwrap_or(MAX_SESSION),
            tags: tags::new(input.tags.as_deref())?,
            policies: IdentityPolicies::default(),
            boundary: boundary.map(|boundary| boundary.arn().to_owned()),
        };
        let mut changes = Changes::default();
        create::store(&role, name, &mut changes)?;
        if let Some(boundary) = boundary {
            links::bound(boundary, &role, &mut changes)?;
        }
        let trust = &input.assume_role_policy_document;
        let output = CreateRoleResponse { role: show::role(&role, trust) };
        Ok(Outcome::write(output, changes).responding(audit::role(&role, trust)))
    }
}
