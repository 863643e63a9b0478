//! Keeping the process's memory to itself.

use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};

/// What could be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hardening {
    /// No core dumps, and no other process of the same user may read this one's memory.
    pub undumpable: bool,
    /// No page is written to swap.
    pub locked: bool,
}

/// Forbids core dumps and tracing, and locks all memory, present and to come, where the limit on
/// locked memory leaves room for all of it. Secrets are small but the buffers they pass through are
/// many, so all of the memory is locked, page by page as it is touched.
#[must_use]
pub fn harden_process() -> Hardening {
    let no_core = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).is_ok();
    let undumpable = set_dumpable_behavior(DumpableBehavior::NotDumpable).is_ok() && no_core;
    // With a finite limit a locked process dies of allocations that fail, sooner or later.
    let unlimited = getrlimit(Resource::Memlock).current.is_none();
    let flags = MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT;
    Hardening { undumpable, locked: unlimited && mlockall(flags).is_ok() }
}
