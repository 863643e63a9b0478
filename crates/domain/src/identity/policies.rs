//! The policies that hang on an identity.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The identity policies of a user, group or role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityPolicies {
    /// The inline policies: name to text.
    pub inline: BTreeMap<String, String>,
    /// The ARNs of the managed policies, in the order they were attached.
    pub attached: Vec<String>,
}

impl IdentityPolicies {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inline.is_empty() && self.attached.is_empty()
    }

    /// The size that the limits on inline policies count: white space is free.
    #[must_use]
    pub fn inline_size(&self) -> usize {
        let counted = |text: &String| text.chars().filter(|c| !c.is_whitespace()).count();
        self.inline.values().map(counted).sum()
    }
}
