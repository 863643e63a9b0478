//! What deployment tools ask about before they delete a user or role: things Trent has none of.

mod login_profile;
mod of_account;
mod of_role;
mod of_user;

pub(crate) use login_profile::LoginProfile;
pub(crate) use of_account::NoneOfAccount;
pub(crate) use of_role::ListInstanceProfilesForRole;
pub(crate) use of_user::NoneOfUser;
