//! OpenID Connect providers.

mod add_client;
mod create;
mod delete;
mod get;
mod list;
mod list_tags;
mod remove_client;
mod tag;
mod thumbprints;
mod untag;

pub(crate) use add_client::AddClientIDToOpenIDConnectProvider;
pub(crate) use create::CreateOpenIDConnectProvider;
pub(crate) use delete::DeleteOpenIDConnectProvider;
pub(crate) use get::GetOpenIDConnectProvider;
pub(crate) use list::ListOpenIDConnectProviders;
pub(crate) use list_tags::ListOpenIDConnectProviderTags;
pub(crate) use remove_client::RemoveClientIDFromOpenIDConnectProvider;
pub(crate) use tag::TagOpenIDConnectProvider;
pub(crate) use thumbprints::UpdateOpenIDConnectProviderThumbprint;
pub(crate) use untag::UntagOpenIDConnectProvider;
