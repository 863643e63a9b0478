//! The operations of the Organizations API: accounts.
//!
//! There is one organization. The account that was there first manages it and makes the others.

mod account_target;
mod close_account;
mod create_account;
mod create_organization;
mod describe_account;
mod describe_create_account_status;
mod describe_organization;
mod list_accounts;
mod list_create_account_status;
mod list_parents;
mod list_roots;
mod list_service_access;
mod list_tags_for_resource;
mod seed_account;
mod shared;
mod tag_resource;
mod tags;
mod untag_resource;

pub(crate) use close_account::CloseAccount;
pub(crate) use create_account::CreateAccount;
pub(crate) use create_organization::CreateOrganization;
pub(crate) use describe_account::DescribeAccount;
pub(crate) use describe_create_account_status::DescribeCreateAccountStatus;
pub(crate) use describe_organization::DescribeOrganization;
pub(crate) use list_accounts::ListAccounts;
pub(crate) use list_create_account_status::ListCreateAccountStatus;
pub(crate) use list_parents::ListParents;
pub(crate) use list_roots::ListRoots;
pub(crate) use list_service_access::ListAWSServiceAccessForOrganization;
pub(crate) use list_tags_for_resource::ListTagsForResource;
pub use seed_account::AccountSeed;
pub(crate) use seed_account::SeedAccount;
pub(crate) use tag_resource::TagResource;
pub(crate) use untag_resource::UntagResource;
