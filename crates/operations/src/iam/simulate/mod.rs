//! The policy simulator: what policies say about a request that nobody makes.
//!
//! The very evaluator that judges requests is asked, about a caller and under condition keys that
//! the input makes up: of the real request nothing is known to it. As with the service, grants are
//! none of its business, and the policy of a resource counts only when the input brings it along.

mod caller;
mod custom;
mod exclusions;
mod facts;
mod organization;
mod principal;
mod result;
mod run;
mod simulation;
mod template;

pub(crate) use custom::SimulateCustomPolicy;
pub(crate) use principal::SimulatePrincipalPolicy;
