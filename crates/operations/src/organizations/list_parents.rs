//! ListParents: what an account is under, which is the one root.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::organizations::{ListParentsRequest, ListParentsResponse, Parent, ParentType};

use super::account_target::{AccountTarget, FoundAccount};
use super::shared::{self, Org};

pub(crate) struct ListParents;

impl Operation for ListParents {
    const NAME: &'static str = "ListParents";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[Audited::member("ChildId")];

    type Input = ListParentsRequest;
    type Output = ListParentsResponse;
    type Target = AccountTarget;

    fn target(input: &ListParentsRequest) -> Result<AccountTarget, Fault> {
        shared::first_page(input.next_token.as_deref())?;
        Ok(AccountTarget::child(&input.child_id))
    }

    fn demands<'a>(_: &'a ListParentsRequest, account: &'a FoundAccount) -> Vec<Demand<'a>> {
        vec![account.demand("organizations:ListParents")]
    }

    async fn execute(
        _: &ListParentsRequest,
        found: &Permit<FoundAccount>,
        context: &Context<'_>,
    ) -> Result<Outcome<ListParentsResponse>, Fault> {
        let root = Org::managed(context).await?.root();
        found.entry()?;
        let parents = Some(vec![Parent { id: root.id, r#type: Some(ParentType::Root) }]);
        Ok(Outcome::read(ListParentsResponse { parents, next_token: None }))
    }
}
