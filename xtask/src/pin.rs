//! Pinning a published model: names, types and limits are facts and stay; prose does not.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

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

/// Constraints that the service does not hold to itself, as its own documentation shows: `IAM Policy`
/// and `Resource Policy` are the source types of its examples, and the names of attachments may have
/// wildcards. They are not pinned.
const LOOSE: [(&str, &str); 2] = [("PolicySourceType", "enum"), ("AttachmentName", "pattern")];

/// Values of an enum that the service itself spells otherwise than its model: the shape, what the
/// model says, what is seen in answers.
const CORRECTED: [(&str, &str, &str); 1] =
    [("PermissionsBoundaryAttachmentType", "PermissionsBoundaryPolicy", "Policy")];

/// The operations that are pinned of services that are not pinned whole.
const WANTED: &str = "crates/model/models/operations.txt";

/// Writes the model in `file` to `crates/model/models`, named by its service.
pub(crate) fn pin(file: &Path, root: &Path) -> Result<(), Failure> {
    let mut model: Value = serde_json::from_str(&fs::read_to_string(file)?)?;
    strip(&mut model);
    loosen(&mut model)?;
    correct(&mut model);
    let service = model.pointer("/metadata/serviceId").and_then(Value::as_str);
    let service = service.ok_or("a model without serviceId")?.to_lowercase();
    let wanted = wanted(&fs::read_to_string(root.join(WANTED))?, &service);
    if !wanted.is_empty() {
        narrow(&mut model, &wanted)?;
    }
    let path = root.join("crates/model/models").join(format!("{service}.json"));
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

/// Drops the constraints that do not hold.
fn loosen(model: &mut Value) -> Result<(), Failure> {
    let shapes = object(model, "shapes")?;
    for (name, constraint) in LOOSE {
        if let Some(shape) = shapes.get_mut(name).and_then(Value::as_object_mut) {
            shape.remove(constraint);
        }
    }
    Ok(())
}

fn correct(model: &mut Value) {
    for (shape, published, seen) in CORRECTED {
        let values = model.pointer_mut(&format!("/shapes/{shape}/enum")).and_then(Value::as_array_mut);
        for value in values.into_iter().flatten().filter(|value| *value == published) {
            *value = Value::from(seen);
        }
    }
}

/// The operations listed for `service`, in lines such as `iam:CreateUser`.
fn wanted(list: &str, service: &str) -> BTreeSet<String> {
    let lines = list.lines().filter_map(|line| line.trim().split_once(':'));
    lines.filter(|(of, _)| *of == service).map(|(_, name)| name.to_owned()).collect()
}

/// Keeps the wanted operations with the shapes they reach, and the names of the others.
fn narrow(model: &mut Value, wanted: &BTreeSet<String>) -> Result<(), Failure> {
    let operations = object(model, "operations")?;
    if let Some(unknown) = wanted.iter().find(|name| !operations.contains_key(*name)) {
        return Err(format!("the model has no operation `{unknown}`").into());
    }
    let others: Vec<String> = operations.keys().filter(|name| !wanted.contains(*name)).cloned().collect();
    operations.retain(|name, _| wanted.contains(name));
    let mut reached = BTreeSet::new();
    let mut open = references(&Value::Object(operations.clone()));
    let shapes = object(model, "shapes")?;
    while let Some(name) = open.pop() {
        if reached.insert(name.clone()) {
            open.extend(references(shapes.get(&name).ok_or("a reference to no shape")?));
        }
    }
    shapes.retain(|name, _| reached.contains(name));
    let root = model.as_object_mut().ok_or("a model that is no object")?;
    root.insert("otherOperations".to_owned(), Value::from(others));
    Ok(())
}

fn object<'a>(model: &'a mut Value, name: &str) -> Result<&'a mut Map<String, Value>, Failure> {
    let found = model.get_mut(name).and_then(Value::as_object_mut);
    found.ok_or_else(|| format!("a model without {name}").into())
}

/// The shapes that `value` refers to, wherever inside it.
fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => {
            let named = members.get("shape").and_then(Value::as_str).map(str::to_owned);
            members.values().flat_map(references).chain(named).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}
