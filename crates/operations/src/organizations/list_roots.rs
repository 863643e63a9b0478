//! ListRoots: the one root.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit, Resource};
use trent_model::organizations::{ListRootsRequest, ListRootsResponse};

use super::shared::Org;

pub(crate) struct ListRoots;

impl Operation for ListRoots {
    const NAME: &'static str = "ListRoots";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[];

    type Input = ListRootsRequest;
    type Output = ListRootsResponse;
    type Target = ();

    fn target(_: &ListRootsRequest) -> Result<(), Fault> {
        Ok(())
    }

    fn demands<'a>(_: &'a ListRootsRequest, (): &'a ()) -> Vec<Demand<'a>> {
        vec![Demand::new("organizations:ListRoots", Resource::Any)]
    }

    async fn execute(
        _: &ListRootsRequest,
        _: &Permit<()>,
        context: &Context<'_>,
    ) -> Result<Outcome<ListRootsResponse>, Fault> {
        let roots = Some(vec![Org::managed(context).await?.root()]);
        Ok(Outcome::read(ListRootsResponse { roots, next_token: None }))
    }
}
