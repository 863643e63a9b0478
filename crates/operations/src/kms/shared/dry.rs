//! Dry runs of operations on ciphertexts, which may leave the ciphertext out.

use trent_engine::Fault;
use trent_model::Blob;
use trent_model::kms::DryRunModifierType;

/// Whether a dry run asks about permission alone.
pub(crate) fn ignores_ciphertext(dry_run: Option<bool>, modifiers: Option<&[DryRunModifierType]>) -> bool {
    let modifiers = modifiers.unwrap_or_default();
    dry_run == Some(true) && modifiers.contains(&DryRunModifierType::IgnoreCiphertext)
}

/// The ciphertext to work on: `None` only for a dry run that ignores it, which must then name its
/// key in `key_member`. The model marks the blob optional for that one case.
///
/// # Errors
/// A missing blob or key, worded as any missing member.
pub(crate) fn ciphertext<'a>(
    blob: Option<&'a Blob>,
    ignored: bool,
    key_id: Option<&str>,
    key_member: &str,
) -> Result<Option<&'a [u8]>, Fault> {
    match (blob, ignored) {
        (_, true) if key_id.is_none() => Err(missing(key_member)),
        (_, true) => Ok(None),
        (Some(blob), false) => Ok(Some(blob.bytes())),
        (None, false) => Err(missing("ciphertextBlob")),
    }
}

fn missing(member: &str) -> Fault {
    Fault::validation(format!(
        "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
    ))
}
