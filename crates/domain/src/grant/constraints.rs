//! Conditions under which a grant permits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::GrantOperation;
use crate::EncryptionContext;

/// The most pairs an encryption context of a constraint may have.
pub const MAX_CONSTRAINT_PAIRS: usize = 8;
/// The most characters the names and values of an encryption context of a constraint may have.
pub const MAX_CONSTRAINT_CHARS: usize = 384;

/// The constraints of a grant; all that are there must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantConstraints {
    /// The encryption context of the request must be this one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub context_equals: Option<EncryptionContext>,
    /// The encryption context of the request must have these pairs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub context_subset: Option<EncryptionContext>,
    /// The request must be made for this resource.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source_arn: Option<String>,
}

impl GrantConstraints {
    /// Whether a request for `operation` with this encryption context, made for this resource,
    /// meets the constraints. An empty context and none are the same.
    #[must_use]
    pub fn admit(
        &self,
        operation: GrantOperation,
        context: Option<&BTreeMap<String, String>>,
        source_arn: Option<&str>,
    ) -> bool {
        let source = self.source_arn.as_deref();
        let source_is_right =
            source.is_none() || source == source_arn || operation == GrantOperation::RetireGrant;
        source_is_right && (!operation.has_context() || self.admit_context(context))
    }

    fn admit_context(&self, context: Option<&BTreeMap<String, String>>) -> bool {
        const NONE: &BTreeMap<String, String> = &BTreeMap::new();
        let context = context.unwrap_or(NONE);
        self.context_equals.as_ref().is_none_or(|all| all.pairs() == context)
            && self.context_subset.as_ref().is_none_or(|some| has_all(context, some))
    }

    /// Whether `other` is as strict or stricter: whatever it admits, these constraints admit, too.
    #[must_use]
    pub fn contain(&self, other: &Self) -> bool {
        let equals = self.context_equals.is_none() || self.context_equals == other.context_equals;
        let subset = self.context_subset.as_ref().is_none_or(|some| {
            let mut promised = [&other.context_equals, &other.context_subset].into_iter().flatten();
            some.is_empty() || promised.any(|context| has_all(context.pairs(), some))
        });
        let source = self.source_arn.is_none() || self.source_arn == other.source_arn;
        equals && subset && source
    }

    /// The encryption contexts.
    pub fn contexts(&self) -> impl Iterator<Item = &EncryptionContext> {
        [&self.context_equals, &self.context_subset].into_iter().flatten()
    }

    /// Whether each encryption context is within its limits.
    #[must_use]
    pub fn are_within_limits(&self) -> bool {
        self.contexts().map(EncryptionContext::pairs).all(|pairs| {
            let chars: usize = pairs.iter().map(|(n, v)| n.chars().count() + v.chars().count()).sum();
            pairs.len() <= MAX_CONSTRAINT_PAIRS && chars <= MAX_CONSTRAINT_CHARS
        })
    }
}

fn has_all(context: &BTreeMap<String, String>, wanted: &EncryptionContext) -> bool {
    wanted.pairs().iter().all(|(name, value)| context.get(name) == Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Pairs = BTreeMap<String, String>;

    fn pairs(list: &[(&str, &str)]) -> Pairs {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn equals(list: &[(&str, &str)]) -> GrantConstraints {
        let context_equals = Some(EncryptionContext::new(pairs(list)));
        GrantConstraints { context_equals, ..GrantConstraints::default() }
    }

    fn subset(list: &[(&str, &str)]) -> GrantConstraints {
        let context_subset = Some(EncryptionContext::new(pairs(list)));
        GrantConstraints { context_subset, ..GrantConstraints::default() }
    }

    fn source(arn: &str) -> GrantConstraints {
        GrantConstraints { source_arn: Some(arn.to_owned()), ..GrantConstraints::default() }
    }

    #[test]
    fn contexts_are_compared_to_the_letter() {
        let admits = |c: &GrantConstraints, list: &[(&str, &str)]| {
            c.admit(GrantOperation::Decrypt, Some(&pairs(list)), None)
        };
        let (all, some) = (equals(&[("a", "1"), ("b", "2")]), subset(&[("a", "1")]));
        assert!(admits(&all, &[("b", "2"), ("a", "1")]) && admits(&some, &[("a", "1"), ("b", "2")]));
        for wrong in [&[("a", "1")][..], &[("A", "1"), ("b", "2")], &[("a", "1"), ("b", "2"), ("c", "")]] {
            assert!(!admits(&all, wrong), "{wrong:?}");
        }
        for wrong in [&[][..], &[("a", "2")], &[("A", "1")]] {
            assert!(!admits(&some, wrong), "{wrong:?}");
        }
        assert!(!all.admit(GrantOperation::Encrypt, None, None));
        assert!(equals(&[]).admit(GrantOperation::Encrypt, None, None));
        assert!(!admits(&equals(&[]), &[("a", "1")]));
    }

    #[test]
    fn some_operations_have_no_context() {
        for operation in [GrantOperation::DescribeKey, GrantOperation::RetireGrant] {
            assert!(equals(&[("a", "1")]).admit(operation, None, None), "{operation:?}");
        }
    }

    #[test]
    fn a_source_counts_for_all_but_retiring() {
        let bound = source("arn:aws:s3:::a");
        for operation in GrantOperation::ALL {
            let retiring = *operation == GrantOperation::RetireGrant;
            assert_eq!(bound.admit(*operation, None, None), retiring, "{operation:?}");
            assert_eq!(bound.admit(*operation, None, Some("arn:aws:s3:::b")), retiring, "{operation:?}");
            assert!(bound.admit(*operation, None, Some("arn:aws:s3:::a")), "{operation:?}");
        }
    }

    #[test]
    fn limits_are_inclusive() {
        let many = |n: usize| (0..n).map(|i| (i.to_string(), String::new())).collect::<Pairs>();
        let of = |pairs| GrantConstraints {
            context_subset: Some(EncryptionContext::new(pairs)),
            ..GrantConstraints::default()
        };
        assert!(of(many(8)).are_within_limits() && !of(many(9)).are_within_limits());
        let long = |n: usize| Pairs::from([("é".to_owned(), "é".repeat(n - 1))]);
        assert!(of(long(384)).are_within_limits() && !of(long(385)).are_within_limits());
    }

    fn any_pairs() -> impl Strategy<Value = Pairs> {
        prop::collection::btree_map("[ab]", "[12]", 0..3)
    }

    fn any_constraints() -> impl Strategy<Value = GrantConstraints> {
        let context = || prop::option::of(any_pairs().prop_map(EncryptionContext::new));
        let source = prop::option::of("[xy]");
        (context(), context(), source).prop_map(|(context_equals, context_subset, source_arn)| {
            GrantConstraints { context_equals, context_subset, source_arn }
        })
    }

    proptest! {
        /// The law behind grants made under grants.
        #[test]
        fn what_is_contained_admits_no_more(
            parent in any_constraints(),
            child in any_constraints(),
            context in any_pairs(),
            source in prop::option::of("[xy]"),
        ) {
            prop_assume!(parent.contain(&child));
            for operation in GrantOperation::ALL {
                if child.admit(*operation, Some(&context), source.as_deref()) {
                    prop_assert!(parent.admit(*operation, Some(&context), source.as_deref()));
                }
            }
        }

        #[test]
        fn everything_contains_itself_and_whatever_adds_to_it(
            parent in any_constraints(),
            more in any_pairs(),
        ) {
            prop_assert!(parent.contain(&parent));
            let mut child = parent.clone();
            let mut wider = more;
            wider.extend(parent.context_subset.iter().flat_map(|some| some.pairs().clone()));
            child.context_subset = Some(EncryptionContext::new(wider.clone()));
            prop_assert!(parent.contain(&child));
            if parent.context_equals.is_none() {
                let equal = Some(EncryptionContext::new(wider));
                let child = GrantConstraints { context_equals: equal, context_subset: None, ..parent.clone() };
                prop_assert!(parent.contain(&child));
            }
        }
    }

    #[test]
    fn equality_never_becomes_a_subset() {
        assert!(!equals(&[("a", "1")]).contain(&subset(&[("a", "1")])));
        assert!(subset(&[("a", "1")]).contain(&equals(&[("a", "1"), ("b", "2")])));
        assert!(!subset(&[("a", "1"), ("b", "2")]).contain(&subset(&[("a", "1")])));
        assert!(!subset(&[("a", "1")]).contain(&GrantConstraints::default()));
    }
}
