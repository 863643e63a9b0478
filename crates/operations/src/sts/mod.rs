//! The operations of the STS API: who is asking, and credentials that end.

mod assume_role;
mod assume_role_with_web_identity;
mod decode_authorization_message;
mod get_access_key_info;
mod get_caller_identity;
mod get_federation_token;
mod get_session_token;
mod role;
mod role_session;
mod shared;
mod tags;
mod web_claims;

pub(crate) use assume_role::AssumeRole;
pub(crate) use assume_role_with_web_identity::AssumeRoleWithWebIdentity;
pub(crate) use decode_authorization_message::DecodeAuthorizationMessage;
pub(crate) use get_access_key_info::GetAccessKeyInfo;
pub(crate) use get_caller_identity::GetCallerIdentity;
pub(crate) use get_federation_token::GetFederationToken;
pub(crate) use get_session_token::GetSessionToken;
