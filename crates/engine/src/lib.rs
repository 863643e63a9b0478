//! The request pipeline and its ports.
//!
//! Nothing here opens a file or a socket: what the engine needs from the world it names as a port
//! ([`Store`], [`AuditSink`], [`Clock`], [`Rng`], [`Compute`], [`IdentityProviders`]) and is handed at start. `pipeline.rs` is the
//! place to begin reading: one request, top to bottom.

mod attestation;
mod audit;
mod authenticate;
mod authorize;
mod caller;
mod catalog;
mod census;
mod clock;
mod compute;
mod directories;
mod due;
mod entries;
mod errand;
mod facts;
mod fault;
mod grants;
mod identity;
mod marker;
mod metrics;
mod multi_region;
mod operation;
mod pipeline;
mod policies;
mod records;
mod reference;
mod render;
mod rng;
mod rotation;
mod service_event;
mod services;
mod session;
mod store;
mod target;
mod throttle;
mod tokens;
mod trail;
mod usage;
mod web_identity;
mod worker;

pub use attestation::{AttestationTarget, Attesters};
pub use audit::{AuditError, AuditSink, Event, EventError, EventResource, Json, TlsDetails};
pub use authorize::{Circumstances, Demand, Fact, Permit, Resource, may_still_put_policy};
pub use caller::{Caller, Who};
pub use catalog::{Catalog, Codec, Decode, Decoded};
pub use clock::Clock;
pub use compute::{Compute, Effort, Job};
pub use directories::Directory;
pub use entries::{AliasEntry, CredentialEntry, KeyAlias, KeyEntry, draw_secret, encode};
pub use errand::Errand;
pub use fault::{Fault, WireError};
pub use grants::{
    GrantEntry, GrantName, Proposal, Retirable, count_grants, grants_of, name_path, principal_tag,
};
pub use identity::{
    AWS_MANAGED, AccountEntry, AwsManaged, GroupEntry, HeldPolicy, Holdings, Link, ManagedPolicyEntry,
    NameEntry, PolicyOrigin, Principals, ProviderEntry, RoleEntry, UserEntry, accounts, managed_policy,
};
pub use marker::Markers;
pub use metrics::{Metrics, StoreMetrics};
pub use multi_region::{Family, LoadedRelated, RelatedTarget};
pub use operation::{Audited, Context, Loaded, Operation, Outcome, Unsigned};
pub use pipeline::{Engine, Parts, Request};
pub use policies::Policies;
pub use records::{Changes, Record, Records};
pub use rng::{Rng, RngError};
pub use rotation::rotate;
pub use service_event::{ForwardedCall, ServiceEvent, ServiceFacts};
pub use services::Service;
pub use session::{Minted, Session};
pub use store::{
    Batch, Check, CommitError, Delete, Put, Revision, Store, StoreError, Stored, Watch, WatchEvent,
};
pub use target::{
    AliasTarget, BoundAlias, BoundAliasTarget, CiphertextTarget, GrantTarget, KeyTarget, LoadedAlias,
    LoadedCiphertext, LoadedGrant, LoadedKey, Place, Subject, Target,
};
pub use tokens::GrantToken;
pub use usage::{LastUse, SignedEntry, Signer, Usage, UsageEntry};
pub use web_identity::{FederationKeys, FetchError, IdentityProviders, WebIdentity};
pub use worker::Worker;
