//! DescribeOrganization: the organization.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit, Resource};
use trent_model::organizations::{DescribeOrganizationRequest, DescribeOrganizationResponse};

use super::shared::Org;

pub(crate) struct DescribeOrganization;

impl Operation for DescribeOrganization {
    const NAME: &'static str = "DescribeOrganization";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[];

    type Input = DescribeOrganizationRequest;
    type Output = DescribeOrganizationResponse;
    type Target = ();

    fn target(_: &DescribeOrganizationRequest) -> Result<(), Fault> {
        Ok(())
    }

    fn demands<'a>(_: &'a DescribeOrganizationRequest, (): &'a ()) -> Vec<Demand<'a>> {
        vec![Demand::new("organizations:DescribeOrganization", Resource::Any)]
    }

    async fn execute(
        _: &DescribeOrganizationRequest,
        _: &Permit<()>,
        context: &Context<'_>,
    ) -> Result<Outcome<DescribeOrganizationResponse>, Fault> {
        let organization = Some(Org::find(context).await?.shown());
        Ok(Outcome::read(DescribeOrganizationResponse { organization }))
    }
}
