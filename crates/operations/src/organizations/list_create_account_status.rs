//! ListCreateAccountStatus: the accounts that were made here.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit, Resource};
use trent_model::organizations::{
    CreateAccountState, ListCreateAccountStatusRequest, ListCreateAccountStatusResponse,
};

use super::shared::{self, Org};

pub(crate) struct ListCreateAccountStatus;

impl Operation for ListCreateAccountStatus {
    const NAME: &'static str = "ListCreateAccountStatus";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] =
        &[Audited::member("States"), Audited::member("MaxResults"), Audited::member("NextToken")];

    type Input = ListCreateAccountStatusRequest;
    type Output = ListCreateAccountStatusResponse;
    type Target = ();

    fn target(_: &ListCreateAccountStatusRequest) -> Result<(), Fault> {
        Ok(())
    }

    fn demands<'a>(_: &'a ListCreateAccountStatusRequest, (): &'a ()) -> Vec<Demand<'a>> {
        vec![Demand::new("organizations:ListCreateAccountStatus", Resource::Any)]
    }

    async fn execute(
        input: &ListCreateAccountStatusRequest,
        _: &Permit<()>,
        context: &Context<'_>,
    ) -> Result<Outcome<ListCreateAccountStatusResponse>, Fault> {
        Org::managed(context).await?;
        let all = shared::accounts(context).await?;
        let wanted =
            input.states.as_ref().is_none_or(|states| states.contains(&CreateAccountState::Succeeded));
        let made = all.iter().filter(|account| wanted && !account.management);
        let asked = (input.max_results, input.next_token.as_deref());
        let (found, next_token) = shared::page(Self::NAME, asked, made, context)?;
        let create_account_statuses = Some(found.into_iter().map(shared::made).collect());
        Ok(Outcome::read(ListCreateAccountStatusResponse { create_account_statuses, next_token }))
    }
}
