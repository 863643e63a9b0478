//! Pinning a published model: names, types and limits are facts and stay; prose does not.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::Failure;

/// Members of a model that are prose, or that nothing here depends on.
const DROPPED: [&str; 7] = [
    "documentation",
    "deprecatedMessage",
    "examples",
    "smithy.rules#endpointRuleSet",
    "uid",
    "serviceAbbreviation",
    "auth",
];

/// Writes the model in `file` to `crates/model/models`, named by its service.
pub(crate) fn pin(file: &Path, root: &Path) -> Result<(), Failure> {
    let mut model: Value = serde_json::from_str(&fs::read_to_string(file)?)?;
    strip(&mut model);
    let service =
        model.pointer("/metadata/serviceId").and_then(Value::as_str).ok_or("a model without serviceId")?;
    let path = root.join("crates/model/models").join(format!("{}.json", service.to_lowercase()));
    fs::write(path, format!("{model:#}\n"))?;
    Ok(())
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(members) => {
            // A member of a shape may well be called like one of these; it is an object then.
            members.retain(|name, value| !DROPPED.contains(&name.as_str()) || value.is_object());
            members.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}
