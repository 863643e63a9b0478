//! SeedAccount: an account with a number that was chosen.
//!
//! Not an operation of the API: nothing that comes by a socket reaches it.

use trent_domain::{Account, AccountId, AccountStatus, Path, Tags};
use trent_engine::{AccountEntry, Audited, Context, Demand, Fault, Operation, Outcome, Permit, Resource};

use super::create_account::{self, ROLE};
use super::shared::{self, Org};

/// An account as it is to be.
#[derive(Debug)]
pub struct AccountSeed {
    /// Its number.
    pub id: AccountId,
    /// Its name; that of an account that is there is left alone.
    pub name: String,
    /// Its address, which no other account has.
    pub email: String,
}

/// Makes an account as CreateAccount does, unless it is there.
pub(crate) struct SeedAccount;

impl Operation for SeedAccount {
    const NAME: &'static str = "SeedAccount";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[];

    type Input = AccountSeed;
    type Output = ();
    type Target = ();

    fn target(_: &AccountSeed) -> Result<(), Fault> {
        Ok(())
    }

    fn demands<'a>(_: &'a AccountSeed, (): &'a ()) -> Vec<Demand<'a>> {
        vec![Demand::new("organizations:CreateAccount", Resource::Any)]
    }

    async fn execute(
        seed: &AccountSeed,
        _: &Permit<()>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let AccountSeed { id, name, email } = seed;
        if let Some(found) = context.records.get::<AccountEntry>(&Path::account(*id)).await? {
            return match found.account.status {
                AccountStatus::Active => Ok(Outcome::read(())),
                AccountStatus::Suspended => Err(Fault::validation(format!("the account {id} is closed"))),
            };
        }
        let known = shared::accounts(context).await?;
        if let Some(other) = known.iter().find(|other| other.email.eq_ignore_ascii_case(email)) {
            let other = other.id;
            return Err(Fault::validation(format!("the address of the account {id} is that of {other}")));
        }
        let account = Account {
            id: *id,
            name: name.clone(),
            email: email.clone(),
            status: AccountStatus::Active,
            created: context.now,
            management: false,
            tags: Tags::default(),
        };
        let org = Org::managed(context).await?;
        Ok(Outcome::write((), create_account::make(&account, ROLE, &org, context)?))
    }
}
