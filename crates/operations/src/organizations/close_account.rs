//! CloseAccount: an account that may not be used any more. Its keys stay.

use trent_domain::{Account, AccountStatus, Path};
use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit, encode};
use trent_model::organizations::CloseAccountRequest;

use super::account_target::{AccountTarget, FoundAccount};
use super::shared::Org;

pub(crate) struct CloseAccount;

impl Operation for CloseAccount {
    const NAME: &'static str = "CloseAccount";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[Audited::member("AccountId")];

    type Input = CloseAccountRequest;
    type Output = ();
    type Target = AccountTarget;

    fn target(input: &CloseAccountRequest) -> Result<AccountTarget, Fault> {
        Ok(AccountTarget::new(&input.account_id))
    }

    fn demands<'a>(_: &'a CloseAccountRequest, account: &'a FoundAccount) -> Vec<Demand<'a>> {
        vec![account.demand("organizations:CloseAccount")]
    }

    async fn execute(
        _: &CloseAccountRequest,
        found: &Permit<FoundAccount>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        Org::managed(context).await?;
        let entry = found.entry()?;
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
