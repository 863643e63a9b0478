//! CloseAccount: an account that may not be used any more. Its keys stay.

use trent_domain::{Account, AccountStatus, Path};
use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit, Resource, encode};
use trent_model::organizations::CloseAccountRequest;

use super::shared::{self, Org};

pub(crate) struct CloseAccount;

impl Operation for CloseAccount {
    const NAME: &'static str = "CloseAccount";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[Audited::member("AccountId")];

    type Input = CloseAccountRequest;
    type Output = ();
    type Target = ();

    fn target(_: &CloseAccountRequest) -> Result<(), Fault> {
        Ok(())
    }

    fn demands<'a>(_: &'a CloseAccountRequest, (): &'a ()) -> Vec<Demand<'a>> {
        vec![Demand::new("organizations:CloseAccount", Resource::Any)]
    }

    async fn execute(
        input: &CloseAccountRequest,
        _: &Permit<()>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        Org::managed(context).await?;
        let entry = shared::account(&input.account_id, context).await?;
        let account = &entry.account;
        if account.management {
            return Err(Fault::named(
                "ConstraintViolationException",
                400,
                "You cannot close the management account of an organization.",
            ));
        }
        if account.status == AccountStatus::Suspended {
            return Err(Fault::named("AccountAlreadyClosedException", 400, "The account is already closed."));
        }
        let closed = Account { status: AccountStatus::Suspended, ..account.clone() };
        let mut changes = Changes::default();
        changes.replace(Path::account(account.id), entry.version, encode(&closed)?);
        Ok(Outcome::write((), changes))
    }
}
