//! ListAccounts: all accounts, by number.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit, Resource};
use trent_model::organizations::{ListAccountsRequest, ListAccountsResponse};

use super::shared::{self, Org};

pub(crate) struct ListAccounts;

impl Operation for ListAccounts {
    const NAME: &'static str = "ListAccounts";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[Audited::member("MaxResults"), Audited::member("NextToken")];

    type Input = ListAccountsRequest;
    type Output = ListAccountsResponse;
    type Target = ();

    fn target(_: &ListAccountsRequest) -> Result<(), Fault> {
        Ok(())
    }

    fn demands<'a>(_: &'a ListAccountsRequest, (): &'a ()) -> Vec<Demand<'a>> {
        vec![Demand::new("organizations:ListAccounts", Resource::Any)]
    }

    async fn execute(
        input: &ListAccountsRequest,
        _: &Permit<()>,
        context: &Context<'_>,
    ) -> Result<Outcome<ListAccountsResponse>, Fault> {
        let org = Org::managed(context).await?;
        let all = shared::accounts(context).await?;
        let asked = (input.max_results, input.next_token.as_deref());
        let (found, next_token) = shared::page(Self::NAME, asked, all.iter(), context)?;
        let accounts = Some(found.into_iter().map(|account| org.account(account)).collect());
        Ok(Outcome::read(ListAccountsResponse { accounts, next_token }))
    }
}
