//! Any body as the form of any operation of the Query protocol: read along the shape of the input,
//! checked, shown to the audit trail. What is shown is always one JSON object.

/// The first byte chooses the operation, the rest is the body.
pub(crate) fn run(data: &[u8]) {
    let Some((choice, body)) = data.split_first() else { return };
    let _ = trent_model::query::asked(body);
    let mut operations = trent_model::iam::OPERATIONS.iter().chain(trent_model::sts::OPERATIONS).cycle();
    let Some(shape) = operations.nth(usize::from(*choice)).map(|operation| operation.input) else { return };
    let Ok(mut value) = trent_model::query::parse(shape, body) else { return };
    if trent_model::check(shape, &mut value).is_ok() {
        let allowed = shape.members().iter().map(|member| (member.name, ""));
        let shown = trent_model::audited(shape, &value, allowed);
        assert!(serde_json::from_str::<serde_json::Map<_, _>>(&shown).is_ok(), "{shown}");
    }
}
