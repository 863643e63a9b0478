//! The operations a server has, by name, with their types forgotten.

use std::collections::BTreeMap;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use trent_domain::StateRow;

use crate::operation::{Audited, Operation};
use crate::pipeline::{Engine, Signed};
use crate::trail::Trail;
use crate::{Fault, Json};

/// How an operation's input and answer look on the wire. The engine does not know the protocol:
/// whoever lists an operation says how it is spoken.
pub struct Codec<I, O> {
    /// Reads and checks an input, and renders what of it is on the allow-list.
    pub decode: Decode<I>,
    /// Writes an answer.
    pub encode: fn(&O) -> Vec<u8>,
}

/// Reads a body as an input of type `I`.
pub type Decode<I> = fn(&[u8], &'static [Audited]) -> Result<Decoded<I>, Fault>;

/// An input, and what of it is the same for every operation.
pub struct Decoded<I> {
    /// The input.
    pub input: I,
    /// Whether the caller only wants to know if it would work.
    pub dry_run: bool,
    /// The grant tokens sent along.
    pub grant_tokens: Vec<String>,
    /// `requestParameters` of the audit record.
    pub shown: Option<Json>,
}

pub(crate) type Answer<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, Fault>> + Send + 'a>>;

/// An operation as the pipeline meets it.
pub(crate) trait Handler: Send + Sync {
    fn read_only(&self) -> bool;
    fn audited(&self) -> &'static [Audited];
    fn state(&self) -> StateRow;
    fn unsigned(&self) -> bool;
    fn cross_account(&self) -> bool;
    fn handle<'a>(&'a self, engine: &'a Engine, signed: Signed<'a>, trail: &'a mut Trail) -> Answer<'a>;
}

struct Typed<O: Operation> {
    codec: Codec<O::Input, O::Output>,
    operation: PhantomData<fn() -> O>,
}

impl<O: Operation> Handler for Typed<O> {
    fn read_only(&self) -> bool {
        O::READ_ONLY
    }

    fn audited(&self) -> &'static [Audited] {
        O::AUDITED
    }

    fn state(&self) -> StateRow {
        O::STATE
    }

    fn unsigned(&self) -> bool {
        O::UNSIGNED
    }

    fn cross_account(&self) -> bool {
        O::CROSS_ACCOUNT
    }

    fn handle<'a>(&'a self, engine: &'a Engine, signed: Signed<'a>, trail: &'a mut Trail) -> Answer<'a> {
        Box::pin(engine.perform::<O>(&self.codec, signed, trail))
    }
}

/// The operations of one service.
#[derive(Default)]
pub struct Catalog {
    handlers: BTreeMap<&'static str, Box<dyn Handler>>,
    /// Names the API has and this catalog has not.
    missing: Vec<&'static str>,
}

/// What a name stands for.
pub(crate) enum Found<'a> {
    Operation(&'static str, &'a dyn Handler),
    Missing(&'static str),
    Unknown,
}

impl Catalog {
    /// Lists an operation.
    #[must_use]
    pub fn with<O: Operation>(mut self, codec: Codec<O::Input, O::Output>) -> Self {
        let handler = Typed::<O> { codec, operation: PhantomData };
        self.handlers.insert(O::NAME, Box::new(handler));
        self
    }

    /// Tells which names the API has; those not listed answer that they are not supported.
    #[must_use]
    pub fn of_api(mut self, names: impl IntoIterator<Item = &'static str>) -> Self {
        self.missing = names.into_iter().filter(|name| !self.handlers.contains_key(name)).collect();
        self
    }

    /// The names of the operations listed.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.handlers.keys().copied()
    }

    /// The names of the API that are not listed.
    #[must_use]
    pub fn missing(&self) -> &[&'static str] {
        &self.missing
    }

    /// What the audit trail shows of an operation's input, and whether it counts as read-only.
    #[must_use]
    pub fn audited(&self, name: &str) -> Option<(&'static [Audited], bool)> {
        self.handlers.get(name).map(|handler| (handler.audited(), handler.read_only()))
    }

    /// The row of the key-state table that an operation's keys are held against.
    #[must_use]
    pub fn state_row(&self, name: &str) -> Option<StateRow> {
        self.handlers.get(name).map(|handler| handler.state())
    }

    /// Whether the operation of this name, in whatever letter case, may be used on a resource of
    /// another account.
    #[must_use]
    pub fn crosses_accounts(&self, name: &str) -> bool {
        let mut named = self.handlers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.any(|(_, handler)| handler.cross_account())
    }

    pub(crate) fn find(&self, name: &str) -> Found<'_> {
        if let Some((name, handler)) = self.handlers.get_key_value(name) {
            return Found::Operation(name, &**handler);
        }
        let missing = self.missing.iter().find(|missing| **missing == name);
        missing.map_or(Found::Unknown, |name| Found::Missing(name))
    }
}
