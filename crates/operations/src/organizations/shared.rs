//! The organization and its accounts, and how the API shows them.

use std::sync::Arc;

use trent_domain::{Account, AccountStatus, Organization, Path};
use trent_engine::{AccountEntry, Context, Fault};
use trent_model::organizations::{
    self as wire, AccountJoinedMethod, AccountState, CreateAccountState, CreateAccountStatus,
    OrganizationFeatureSet, Root,
};

use crate::kms::shared::metadata::seconds;
use crate::kms::shared::page::Page;

/// How many items a page has, unless told otherwise and at most.
const PAGE: (usize, usize) = (20, 20);

/// The organization: all that is to know of it follows from the account that manages it.
pub(crate) struct Org {
    organization: Organization,
    management: Account,
}

impl Org {
    /// The organization.
    ///
    /// # Errors
    /// When records cannot be read, or no account manages the others.
    pub(crate) async fn find(context: &Context<'_>) -> Result<Self, Fault> {
        let organization = context.records.organization().await?.ok_or_else(|| {
            Fault::named(
                "AWSOrganizationsNotInUseException",
                400,
                "Your account is not a member of an organization.",
            )
        })?;
        let entry = account(&organization.management.to_string(), context).await?;
        Ok(Self { organization, management: entry.account.clone() })
    }

    /// As [`Org::find`], for those who manage it only.
    ///
    /// # Errors
    /// `AccessDeniedException` from every other account.
    pub(crate) async fn managed(context: &Context<'_>) -> Result<Self, Fault> {
        let org = Self::find(context).await?;
        if org.management.id == context.account() { Ok(org) } else { Err(not_yours()) }
    }

    /// The account that manages it.
    pub(crate) const fn management(&self) -> &Account {
        &self.management
    }

    /// The organization, as the API shows it.
    pub(crate) fn shown(&self) -> wire::Organization {
        let Self { organization, management } = self;
        wire::Organization {
            arn: Some(organization.arn()),
            available_policy_types: Some(Vec::new()),
            feature_set: Some(OrganizationFeatureSet::All),
            id: Some(organization.id()),
            master_account_arn: Some(self.account_arn(management)),
            master_account_email: Some(management.email.clone().into()),
            master_account_id: Some(management.id.to_string()),
        }
    }

    /// Its root, under which all accounts are.
    pub(crate) fn root(&self) -> Root {
        let id = self.organization.root_id();
        Root {
            arn: Some(self.organization.arn_of("root", &id)),
            id: Some(id),
            name: Some("Root".to_owned()),
            policy_types: Some(Vec::new()),
        }
    }

    fn account_arn(&self, account: &Account) -> String {
        self.organization.arn_of("account", &account.id.to_string())
    }

    /// An account of it, as the API shows it.
    pub(crate) fn account(&self, account: &Account) -> wire::Account {
        let (state, status) = match account.status {
            AccountStatus::Active => (AccountState::Active, wire::AccountStatus::Active),
            AccountStatus::Suspended => (AccountState::Suspended, wire::AccountStatus::Suspended),
        };
        let joined =
            if account.management { AccountJoinedMethod::Invited } else { AccountJoinedMethod::Created };
        wire::Account {
            arn: Some(self.account_arn(account)),
            email: Some(account.email.clone().into()),
            id: Some(account.id.to_string()),
            joined_method: Some(joined),
            joined_timestamp: Some(seconds(account.created)),
            name: Some(account.name.clone().into()),
            paths: None,
            state: Some(state),
            status: Some(status),
        }
    }
}

/// The account with this number.
///
/// # Errors
/// `AccountNotFoundException`.
pub(crate) async fn account(number: &str, context: &Context<'_>) -> Result<Arc<AccountEntry>, Fault> {
    let found = match number.parse() {
        Ok(id) => context.records.get::<AccountEntry>(&Path::account(id)).await?,
        Err(_) => None,
    };
    found.ok_or_else(no_account)
}

/// The refusal of an account that there is not.
pub(crate) fn no_account() -> Fault {
    Fault::named("AccountNotFoundException", 400, "You specified an account that doesn't exist.")
}

/// Every account.
///
/// # Errors
/// When records cannot be read.
pub(crate) async fn accounts(context: &Context<'_>) -> Result<Vec<Account>, Fault> {
    Ok(trent_engine::accounts(context.records).await?)
}

/// The accounts on a page, and the token of the next.
///
/// # Errors
/// A token that this list did not make.
pub(crate) fn page<'a>(
    operation: &str,
    asked: (Option<i32>, Option<&str>),
    accounts: impl Iterator<Item = &'a Account>,
    context: &Context<'_>,
) -> Result<(Vec<&'a Account>, Option<String>), Fault> {
    let page = Page::new(asked, PAGE, context.markers(operation, "")).map_err(|_| invalid("NextToken"))?;
    let after = page.after().map(str::to_owned);
    let later = |account: &&Account| after.as_ref().is_none_or(|after| account.id.to_string() > *after);
    let found = accounts.filter(later).take(page.wanted()).collect();
    Ok(page.cut(found, |account| account.id.to_string()))
}

/// What became of the making of an account: it is made when the answer is given. Its request is
/// named after the account, so that nothing has to be kept of it.
pub(crate) fn made(account: &Account) -> CreateAccountStatus {
    CreateAccountStatus {
        account_id: Some(account.id.to_string()),
        account_name: Some(account.name.clone().into()),
        completed_timestamp: Some(seconds(account.created)),
        failure_reason: None,
        gov_cloud_account_id: None,
        id: Some(format!("car-{}", account.id)),
        requested_timestamp: Some(seconds(account.created)),
        state: Some(CreateAccountState::Succeeded),
    }
}

/// A refusal of those who do not manage the organization.
pub(crate) fn not_yours() -> Fault {
    Fault::AccessDenied("You don't have permissions to access this resource.".to_owned())
}

/// Refuses a token for a further page of a list that has but one.
///
/// # Errors
/// When there is one.
pub(crate) fn first_page(token: Option<&str>) -> Result<(), Fault> {
    token.map_or(Ok(()), |_| Err(invalid("NextToken")))
}

/// A member with a value that it cannot have.
pub(crate) fn invalid(member: &str) -> Fault {
    Fault::named("InvalidInputException", 400, format!("You provided an invalid value for {member}."))
}
