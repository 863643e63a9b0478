//! The condition keys of a simulation: those that the input gives, and those that say who calls.

use std::borrow::Cow;
use std::collections::BTreeMap;

use trent_engine::Fault;
use trent_model::iam::{ContextEntry, ContextKeyTypeEnum};
use trent_policy::{Facts, ValueKind, Values};

use crate::iam::shared::fault;

/// Condition keys in lower case, and their values.
pub(super) struct SimulatedFacts(BTreeMap<String, Values<'static>>);

impl SimulatedFacts {
    /// What follows from the caller, and over it what the input gives: who says `aws:PrincipalArn`
    /// means it.
    ///
    /// # Errors
    /// `InvalidInput` when an entry is not what it says it is.
    pub(super) fn new(caller: Vec<(String, String)>, entries: &[ContextEntry]) -> Result<Self, Fault> {
        let caller = caller.into_iter().map(|(key, value)| (key, Values::one(value)));
        let mut facts: BTreeMap<_, _> = caller.collect();
        for entry in entries {
            let (key, values) = read(entry)?;
            facts.insert(key, values);
        }
        Ok(Self(facts))
    }
}

impl Facts for SimulatedFacts {
    fn get(&self, key: &str) -> Option<Values<'_>> {
        self.0.get(key).cloned()
    }
}

/// The key and the values of an entry. One that does not say what kind of values it has has text.
fn read(entry: &ContextEntry) -> Result<(String, Values<'static>), Fault> {
    let name = entry.context_key_name.as_deref().unwrap_or_default();
    if !name.split_once(':').is_some_and(|(vendor, key)| !vendor.is_empty() && !key.is_empty()) {
        return Err(fault::invalid_input(format!("Invalid context key name: {name}")));
    }
    let (kind, many) = kind(entry.context_key_type.unwrap_or(ContextKeyTypeEnum::String));
    let values = entry.context_key_values.as_deref().unwrap_or_default();
    if let Some(value) = values.iter().find(|value| !kind.admits(value)) {
        return Err(fault::invalid_input(format!("Invalid value for context key {name}: {value}")));
    }
    let values = match values {
        values if many => Values::Many(values.iter().cloned().map(Cow::Owned).collect()),
        [value] => Values::one(value.clone()),
        _ => return Err(fault::invalid_input(format!("Context key {name} must have exactly one value."))),
    };
    Ok((name.to_lowercase(), values))
}

/// What values of a type are, and whether there may be any number of them.
const fn kind(of: ContextKeyTypeEnum) -> (ValueKind, bool) {
    match of {
        ContextKeyTypeEnum::String => (ValueKind::Text, false),
        ContextKeyTypeEnum::StringList => (ValueKind::Text, true),
        ContextKeyTypeEnum::Numeric => (ValueKind::Number, false),
        ContextKeyTypeEnum::NumericList => (ValueKind::Number, true),
        ContextKeyTypeEnum::Boolean => (ValueKind::Bool, false),
        ContextKeyTypeEnum::BooleanList => (ValueKind::Bool, true),
        ContextKeyTypeEnum::Ip => (ValueKind::Address, false),
        ContextKeyTypeEnum::IpList => (ValueKind::Address, true),
        ContextKeyTypeEnum::Binary => (ValueKind::Binary, false),
        ContextKeyTypeEnum::BinaryList => (ValueKind::Binary, true),
        ContextKeyTypeEnum::Date => (ValueKind::Date, false),
        ContextKeyTypeEnum::DateList => (ValueKind::Date, true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, of: Option<ContextKeyTypeEnum>, values: &[&str]) -> ContextEntry {
        ContextEntry {
            context_key_name: Some(name.to_owned()),
            context_key_type: of,
            context_key_values: Some(values.iter().map(|value| (*value).to_owned()).collect()),
        }
    }

    #[test]
    fn what_the_input_says_lies_over_what_the_caller_is() {
        let caller = vec![
            ("aws:username".to_owned(), "alice".to_owned()),
            ("aws:principaltype".to_owned(), "User".to_owned()),
        ];
        let list = Some(ContextKeyTypeEnum::StringList);
        let entries = [entry("AWS:UserName", None, &["bob"]), entry("aws:TagKeys", list, &["a", "b"])];
        let facts = SimulatedFacts::new(caller, &entries).unwrap();
        assert_eq!(facts.get("aws:username"), Some(Values::one("bob")));
        assert_eq!(facts.get("aws:principaltype"), Some(Values::one("User")));
        assert_eq!(facts.get("aws:tagkeys"), Some(Values::many(["a", "b"])));
        assert_eq!(facts.get("aws:currenttime"), None);
    }

    #[test]
    fn entries_must_be_what_they_say() {
        use ContextKeyTypeEnum::{Boolean, Date, Ip, Numeric, NumericList, String};
        let bad = [
            entry("nocolon", None, &["a"]),
            entry("aws:x", Some(String), &["a", "b"]),
            entry("aws:x", Some(String), &[]),
            entry("aws:x", Some(Numeric), &["one"]),
            entry("aws:x", Some(NumericList), &["1", "one"]),
            entry("aws:x", Some(Boolean), &["yes"]),
            entry("aws:x", Some(Ip), &["10.0.0.0/8"]),
            entry("aws:x", Some(Date), &["today"]),
        ];
        for entry in bad {
            assert!(read(&entry).is_err(), "{entry:?}");
        }
        let (key, values) = read(&entry("aws:x", Some(NumericList), &[])).unwrap();
        assert_eq!((key.as_str(), values), ("aws:x", Values::many([""; 0])));
    }
}
