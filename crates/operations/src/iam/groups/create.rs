//! CreateGroup: a new group, without users and policies.

use trent_domain::{Group, IdentityPolicies};
use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit, Resource};
use trent_model::iam::{CreateGroupRequest, CreateGroupResponse};

use crate::iam::shared::named::{FreeName, NewName};
use crate::iam::shared::{audit, create, show};

pub(crate) struct CreateGroup;

impl Operation for CreateGroup {
    const NAME: &'static str = "CreateGroup";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[Audited::member("Path"), Audited::member("GroupName")];

    type Input = CreateGroupRequest;
    type Output = CreateGroupResponse;
    type Target = NewName<Group>;

    fn target(input: &CreateGroupRequest) -> Result<Self::Target, Fault> {
        NewName::new(&input.group_name, input.path.as_deref())
    }

    fn demands<'a>(_: &'a CreateGroupRequest, name: &'a FreeName<Group>) -> Vec<Demand<'a>> {
        vec![Demand::new("iam:CreateGroup", Resource::Arn(&name.arn))]
    }

    async fn execute(
        _: &CreateGroupRequest,
        name: &Permit<FreeName<Group>>,
        context: &Context<'_>,
    ) -> Result<Outcome<CreateGroupResponse>, Fault> {
        let group = Group {
            account: context.account(),
            id: create::new_id(name, context).await?,
            name: name.name.clone(),
            path: name.path.clone(),
            created: context.now,
            policies: IdentityPolicies::default(),
        };
        let mut changes = Changes::default();
        create::store(&group, name, &mut changes)?;
        let output = CreateGroupResponse::new(show::group(&group));
        Ok(Outcome::write(output, changes).responding(audit::group(&group)))
    }
}
