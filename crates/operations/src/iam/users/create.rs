//! CreateUser: a new user, who may do nothing yet.

use std::collections::BTreeSet;

use trent_domain::{IdentityPolicies, User};
use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit, Resource};
use trent_model::iam::{CreateUserRequest, CreateUserResponse};

use crate::iam::shared::managed::{FoundPolicy, PolicyTarget};
use crate::iam::shared::named::{FreeName, NewName};
use crate::iam::shared::{audit, create, links, show, tags};

pub(crate) struct CreateUser;

impl Operation for CreateUser {
    const NAME: &'static str = "CreateUser";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[
        Audited::member("Path"),
        Audited::member("UserName"),
        Audited::member("PermissionsBoundary"),
        Audited::member("Tags"),
    ];

    type Input = CreateUserRequest;
    type Output = CreateUserResponse;
    type Target = (NewName<User>, Option<PolicyTarget>);

    fn target(input: &CreateUserRequest) -> Result<Self::Target, Fault> {
        let boundary = input.permissions_boundary.as_deref().map(PolicyTarget::to_bound).transpose()?;
        Ok((NewName::new(&input.user_name, input.path.as_deref())?, boundary))
    }

    fn demands<'a>(
        input: &'a CreateUserRequest,
        (name, boundary): &'a (FreeName<User>, Option<FoundPolicy>),
    ) -> Vec<Demand<'a>> {
        let given = input.tags.as_deref().unwrap_or_default();
        let create =
            Demand::new("iam:CreateUser", Resource::Arn(&name.arn)).request_tags(tags::requested(given));
        let create = match boundary {
            Some(boundary) => create.fact("iam:permissionsboundary", boundary.arn.as_str()),
            None => create,
        };
        let tag =
            || Demand::new("iam:TagUser", Resource::Arn(&name.arn)).request_tags(tags::requested(given));
        let tag = (!given.is_empty()).then(tag);
        [create].into_iter().chain(tag).collect()
    }

    async fn execute(
        input: &CreateUserRequest,
        permit: &Permit<(FreeName<User>, Option<FoundPolicy>)>,
        context: &Context<'_>,
    ) -> Result<Outcome<CreateUserResponse>, Fault> {
        let (name, boundary) = &**permit;
        let boundary = boundary.as_ref().map(FoundPolicy::managed).transpose()?;
        let user = User {
            account: context.account(),
            id: create::new_id(name, context).await?,
            name: name.name.clone(),
            path: name.path.clone(),
            created: context.now,
            tags: tags::new(input.tags.as_deref())?,
            policies: IdentityPolicies::default(),
            groups: BTreeSet::new(),
            boundary: boundary.map(|boundary| boundary.arn().to_owned()),
        };
        let mut changes = Changes::default();
        create::store(&user, name, &mut changes)?;
        if let Some(boundary) = boundary {
            links::bound(boundary, &user, &mut changes)?;
        }
        let output = CreateUserResponse { user: Some(show::user(&user)) };
        Ok(Outcome::write(output, changes).responding(audit::user(&user)))
    }
}
