//! The IAM policy language: parse, compile, evaluate, explain.
//!
//! A [`Document`] is read and compiled once ([`Document::parse`]); [`decide`] then answers a
//! [`Question`] against a [`PolicySet`] without allocating, and asks for a condition key only when a
//! statement's principals, action and resource already match. A refusal knows the service's wording
//! ([`Reason::message`]); [`explain`] says for simulators what applied, where it is
//! written and which condition keys were missing.
//!
//! Left to others: gathering a caller's policies, answering condition keys ([`Facts`]), grants
//! (which matter only when a refusal is not [`Reason::is_explicit`]), and whether the principals a
//! policy names exist ([`Document::principals`]).

mod arn;
mod caller;
mod condition;
mod document;
mod error;
mod evaluate;
mod explain;
mod json;
mod operand;
mod operator;
mod pattern;
mod position;
mod principal;
mod reason;
mod statement;
mod value_kind;
mod variable;

pub use caller::{Caller, Facts, FederatingUser, Identity, Question, Values};
pub use document::{Document, DocumentKind};
pub use error::PolicyError;
pub use evaluate::{Decision, Grounds, Outcome, PolicyRef, PolicySet, StatementRef, decide};
pub use explain::{Applied, Explanation, explain};
pub use pattern::is_like;
pub use position::{Position, Span};
pub use principal::PrincipalPattern;
pub use reason::Reason;
pub use statement::Effect;
pub use value_kind::ValueKind;
