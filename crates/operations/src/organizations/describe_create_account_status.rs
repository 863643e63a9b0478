//! DescribeCreateAccountStatus: what became of the making of an account.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit, Resource};
use trent_model::organizations::{DescribeCreateAccountStatusRequest, DescribeCreateAccountStatusResponse};

use super::shared::{self, Org};

pub(crate) struct DescribeCreateAccountStatus;

impl Operation for DescribeCreateAccountStatus {
    const NAME: &'static str = "DescribeCreateAccountStatus";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[Audited::member("CreateAccountRequestId")];

    type Input = DescribeCreateAccountStatusRequest;
    type Output = DescribeCreateAccountStatusResponse;
    type Target = ();

    fn target(_: &DescribeCreateAccountStatusRequest) -> Result<(), Fault> {
        Ok(())
    }

    fn demands<'a>(_: &'a DescribeCreateAccountStatusRequest, (): &'a ()) -> Vec<Demand<'a>> {
        vec![Demand::new("organizations:DescribeCreateAccountStatus", Resource::Any)]
    }

    async fn execute(
        input: &DescribeCreateAccountStatusRequest,
        _: &Permit<()>,
        context: &Context<'_>,
    ) -> Result<Outcome<DescribeCreateAccountStatusResponse>, Fault> {
        Org::managed(context).await?;
        let missing = || {
            Fault::named(
                "CreateAccountStatusNotFoundException",
                400,
                "We can't find a create account request with the CreateAccountRequestId that you specified.",
            )
        };
        let number = input.create_account_request_id.strip_prefix("car-").ok_or_else(missing)?;
        let entry = shared::account(number, context).await.map_err(|_| missing())?;
        if entry.account.management {
            return Err(missing());
        }
        let create_account_status = Some(shared::made(&entry.account));
        Ok(Outcome::read(DescribeCreateAccountStatusResponse { create_account_status }))
    }
}
