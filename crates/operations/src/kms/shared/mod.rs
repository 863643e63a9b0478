//! What several operations have in common.

pub(crate) mod aliases;
pub(crate) mod at_work;
pub(crate) mod audit;
pub(crate) mod data_key;
pub(crate) mod data_key_pair;
pub(crate) mod dry;
pub(crate) mod encryption;
pub(crate) mod grants;
pub(crate) mod imports;
pub(crate) mod last_use;
pub(crate) mod metadata;
pub(crate) mod multi_region;
pub(crate) mod new_key;
pub(crate) mod page;
pub(crate) mod policy;
pub(crate) mod quota;
pub(crate) mod recipient;
pub(crate) mod signing;
pub(crate) mod symmetric;
pub(crate) mod tags;
pub(crate) mod update;
