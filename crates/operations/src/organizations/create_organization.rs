//! CreateOrganization: there is one already.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit, Resource};
use trent_model::organizations::{CreateOrganizationRequest, CreateOrganizationResponse};

use super::shared::Org;

pub(crate) struct CreateOrganization;

impl Operation for CreateOrganization {
    const NAME: &'static str = "CreateOrganization";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[Audited::member("FeatureSet")];

    type Input = CreateOrganizationRequest;
    type Output = CreateOrganizationResponse;
    type Target = ();

    fn target(_: &CreateOrganizationRequest) -> Result<(), Fault> {
        Ok(())
    }

    fn demands<'a>(_: &'a CreateOrganizationRequest, (): &'a ()) -> Vec<Demand<'a>> {
        vec![Demand::new("organizations:CreateOrganization", Resource::Any)]
    }

    async fn execute(
        _: &CreateOrganizationRequest,
        _: &Permit<()>,
        context: &Context<'_>,
    ) -> Result<Outcome<CreateOrganizationResponse>, Fault> {
        Org::find(context).await?;
        Err(Fault::named(
            "AlreadyInOrganizationException",
            400,
            "The provided account is already a member of an organization.",
        ))
    }
}
