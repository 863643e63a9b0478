//! One file per API operation, and the catalog that lists them.
