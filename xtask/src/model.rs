//! The published form of an API model, as far as it is used.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::Failure;

/// A model.
#[derive(Deserialize)]
pub(crate) struct Model {
    pub(crate) metadata: Metadata,
    pub(crate) operations: BTreeMap<String, Operation>,
    /// The operations that are not pinned, by name.
    #[serde(rename = "otherOperations", default)]
    pub(crate) others: Vec<String>,
    pub(crate) shapes: BTreeMap<String, Shape>,
}

#[derive(Deserialize)]
pub(crate) struct Metadata {
    pub(crate) protocol: Protocol,
}

/// What a service speaks.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Protocol {
    Json,
    Query,
}

#[derive(Deserialize)]
pub(crate) struct Operation {
    pub(crate) input: Option<Reference>,
    pub(crate) output: Option<Reference>,
    #[serde(default)]
    pub(crate) errors: Vec<Reference>,
}

/// A reference to a shape. What could change a name on the wire stops the deserializer, so that a
/// new model that uses it cannot go unnoticed: none does.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reference {
    pub(crate) shape: String,
    #[serde(rename = "resultWrapper")]
    pub(crate) wrapper: Option<String>,
    #[serde(rename = "deprecated")]
    _deprecated: Option<bool>,
    #[serde(rename = "deprecatedSince")]
    _deprecated_since: Option<String>,
}

#[derive(Deserialize, Default)]
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
    /// The model in `text`. Operations without an input get one without members.
    pub(crate) fn read(text: &str) -> Result<Self, Failure> {
        let mut model: Self = serde_json::from_str(text)?;
        for (name, operation) in model.operations.iter_mut().filter(|(_, o)| o.input.is_none()) {
            let shape = format!("{name}Request");
            let empty = Shape { kind: "structure".to_owned(), ..Shape::default() };
            if model.shapes.insert(shape.clone(), empty).is_some() {
                return Err(format!("`{shape}` is not the input of its operation").into());
            }
            operation.input =
                Some(Reference { shape, wrapper: None, _deprecated: None, _deprecated_since: None });
        }
        Ok(model)
    }

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
