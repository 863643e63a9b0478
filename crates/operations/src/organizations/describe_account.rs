//! DescribeAccount: an account.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit, Resource};
use trent_model::organizations::{DescribeAccountRequest, DescribeAccountResponse};

use super::shared::{self, Org};

pub(crate) struct DescribeAccount;

impl Operation for DescribeAccount {
    const NAME: &'static str = "DescribeAccount";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[Audited::member("AccountId")];

    type Input = DescribeAccountRequest;
    type Output = DescribeAccountResponse;
    type Target = ();

    fn target(_: &DescribeAccountRequest) -> Result<(), Fault> {
        Ok(())
    }

    fn demands<'a>(_: &'a DescribeAccountRequest, (): &'a ()) -> Vec<Demand<'a>> {
        vec![Demand::new("organizations:DescribeAccount", Resource::Any)]
    }

    async fn execute(
        input: &DescribeAccountRequest,
        _: &Permit<()>,
        context: &Context<'_>,
    ) -> Result<Outcome<DescribeAccountResponse>, Fault> {
        let org = Org::managed(context).await?;
        let entry = shared::account(&input.account_id, context).await?;
        Ok(Outcome::read(DescribeAccountResponse { account: Some(org.account(&entry.account)) }))
    }
}
