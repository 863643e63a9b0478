//! Any body as the input of any operation: parsed, checked, shown to the audit trail.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((choice, body)) = data.split_first() else { return };
    let Ok(mut value) = trent_model::parse(body) else { return };
    let operations = trent_model::kms::OPERATIONS;
    let shape = operations[usize::from(*choice) % operations.len()].input;
    if trent_model::check(shape, &mut value).is_ok() {
        let allowed = shape.members().iter().map(|member| (member.name, ""));
        let shown = trent_model::audited(shape, &value, allowed);
        assert!(serde_json::from_str::<serde_json::Value>(&shown).is_ok());
    }
});
