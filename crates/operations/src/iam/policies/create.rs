//! CreatePolicy: a new managed policy, which nobody has yet.

use trent_domain::ManagedPolicy;
use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit, Resource};
use trent_model::iam::{self, CreatePolicyRequest, CreatePolicyResponse};

use crate::iam::shared::named::{FreeName, NewName};
use crate::iam::shared::{audit, create, policy, show, tags};

pub(crate) struct CreatePolicy;

impl Operation for CreatePolicy {
    const NAME: &'static str = "CreatePolicy";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[
        Audited::member("PolicyName"),
        Audited::member("Path"),
        Audited::member("PolicyDocument"),
        Audited::member("Description"),
        Audited::member("Tags"),
    ];

    type Input = CreatePolicyRequest;
    type Output = CreatePolicyResponse;
    type Target = NewName<ManagedPolicy>;

    fn target(input: &CreatePolicyRequest) -> Result<Self::Target, Fault> {
        NewName::new(&input.policy_name, input.path.as_deref())
    }

    fn demands<'a>(input: &'a CreatePolicyRequest, name: &'a FreeName<ManagedPolicy>) -> Vec<Demand<'a>> {
        let given = input.tags.as_deref().unwrap_or_default();
        let demand = |action| {
            let demand = Demand::new(action, Resource::Arn(&name.arn)).called("policy", &input.policy_name);
            demand.request_tags(tags::requested(given))
        };
        let tag = (!given.is_empty()).then(|| demand("iam:TagPolicy"));
        [demand("iam:CreatePolicy")].into_iter().chain(tag).collect()
    }

    async fn execute(
        input: &CreatePolicyRequest,
        name: &Permit<FreeName<ManagedPolicy>>,
        context: &Context<'_>,
    ) -> Result<Outcome<CreatePolicyResponse>, Fault> {
        policy::check_managed(&input.policy_document, context)?;
        let mut new = ManagedPolicy {
            account: context.account(),
            id: create::new_id(name, context).await?,
            name: name.name.clone(),
            path: name.path.clone(),
            created: context.now,
            updated: context.now,
            description: input.description.clone(),
            tags: tags::new(input.tags.as_deref())?,
            versions: Vec::new(),
            default_version: 1,
            next_version: 1,
        };
        new.add_version(input.policy_document.clone(), true, context.now);
        let mut changes = Changes::default();
        create::store(&new, name, &mut changes)?;
        let shown = iam::Policy { tags: tags::shown_if_any(&new.tags), ..show::new_policy(&new) };
        let output = CreatePolicyResponse { policy: Some(shown) };
        Ok(Outcome::write(output, changes).responding(audit::policy(&new)))
    }
}
