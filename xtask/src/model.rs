//! The published form of an API model, as far as it is used.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// A model.
#[derive(Deserialize)]
pub(crate) struct Model {
    pub(crate) operations: BTreeMap<String, Operation>,
    pub(crate) shapes: BTreeMap<String, Shape>,
}

#[derive(Deserialize)]
pub(crate) struct Operation {
    pub(crate) input: Option<Reference>,
    pub(crate) output: Option<Reference>,
    #[serde(default)]
    pub(crate) errors: Vec<Reference>,
}

#[derive(Deserialize)]
pub(crate) struct Reference {
    pub(crate) shape: String,
}

#[derive(Deserialize)]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) members: BTreeMap<String, Reference>,
    #[serde(default)]
    pub(crate) required: BTreeSet<String>,
    pub(crate) member: Option<Reference>,
    pub(crate) key: Option<Reference>,
    pub(crate) value: Option<Reference>,
    #[serde(rename = "enum", default)]
    pub(crate) values: Vec<String>,
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
    pub(crate) pattern: Option<String>,
    #[serde(default)]
    pub(crate) sensitive: bool,
}

impl Model {
    /// All shapes that `start` needs, itself included.
    pub(crate) fn reach(&self, start: &str, into: &mut BTreeSet<String>) {
        if !into.insert(start.to_owned()) {
            return;
        }
        let Some(shape) = self.shapes.get(start) else { return };
        let inner = shape.members.values().chain(&shape.member).chain(&shape.key).chain(&shape.value);
        inner.for_each(|reference| self.reach(&reference.shape, into));
    }
}
