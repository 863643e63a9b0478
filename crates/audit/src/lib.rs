//! CloudTrail records and the sinks that keep them.
