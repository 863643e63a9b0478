//! ListAWSServiceAccessForOrganization: no service acts in the accounts of the organization.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit, Resource};
use trent_model::organizations::{
    ListAWSServiceAccessForOrganizationRequest, ListAWSServiceAccessForOrganizationResponse,
};

use super::shared::Org;

pub(crate) struct ListAWSServiceAccessForOrganization;

impl Operation for ListAWSServiceAccessForOrganization {
    const NAME: &'static str = "ListAWSServiceAccessForOrganization";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[];

    type Input = ListAWSServiceAccessForOrganizationRequest;
    type Output = ListAWSServiceAccessForOrganizationResponse;
    type Target = ();

    fn target(_: &ListAWSServiceAccessForOrganizationRequest) -> Result<(), Fault> {
        Ok(())
    }

    fn demands<'a>(_: &'a ListAWSServiceAccessForOrganizationRequest, (): &'a ()) -> Vec<Demand<'a>> {
        vec![Demand::new("organizations:ListAWSServiceAccessForOrganization", Resource::Any)]
    }

    async fn execute(
        _: &ListAWSServiceAccessForOrganizationRequest,
        _: &Permit<()>,
        context: &Context<'_>,
    ) -> Result<Outcome<ListAWSServiceAccessForOrganizationResponse>, Fault> {
        Org::managed(context).await?;
        Ok(Outcome::read(ListAWSServiceAccessForOrganizationResponse {
            enabled_service_principals: Some(Vec::new()),
            next_token: None,
        }))
    }
}
