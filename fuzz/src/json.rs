//! Any body as the input of any operation: parsed, checked, shown to the audit trail. What is shown
//! is always one JSON object.

/// The first byte chooses the operation, the rest is the body.
pub(crate) fn run(data: &[u8]) {
    let Some((choice, body)) = data.split_first() else { return };
    let Ok(mut value) = trent_model::parse(body) else { return };
    let operations = trent_model::kms::OPERATIONS;
    let shape = operations[usize::from(*choice) % operations.len()].input;
    if trent_model::check(shape, &mut value).is_ok() {
        let allowed = shape.members().iter().map(|member| (member.name, ""));
        let shown = trent_model::audited(shape, &value, allowed);
        assert!(serde_json::from_str::<serde_json::Map<_, _>>(&shown).is_ok(), "{shown}");
    }
}
