//! DescribeAccount: an account.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::organizations::{DescribeAccountRequest, DescribeAccountResponse};

use super::account_target::{AccountTarget, FoundAccount};
use super::shared::Org;

pub(crate) struct DescribeAccount;

impl Operation for DescribeAccount {
    const NAME: &'static str = "DescribeAccount";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[Audited::member("AccountId")];

    type Input = DescribeAccountRequest;
    type Output = DescribeAccountResponse;
    type Target = AccountTarget;

    fn target(input: &DescribeAccountRequest) -> Result<AccountTarget, Fault> {
        Ok(AccountTarget::new(&input.account_id))
    }

    fn demands<'a>(_: &'a DescribeAccountRequest, account: &'a FoundAccount) -> Vec<Demand<'a>> {
        vec![account.demand("organizations:DescribeAccount")]
    }

    async fn execute(
        _: &DescribeAccountRequest,
        found: &Permit<FoundAccount>,
        context: &Context<'_>,
    ) -> Result<Outcome<DescribeAccountResponse>, Fault> {
        let org = Org::managed(context).await?;
        let entry = found.entry()?;
        Ok(Outcome::read(DescribeAccountResponse { account: Some(org.account(&entry.account)) }))
    }
}
