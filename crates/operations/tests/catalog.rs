//! The catalog held against the API model.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use trent_model::kms::OPERATIONS;
use trent_model::{Kind, Operation, Shape};
use trent_operations::kms_catalog;

/// The names of operations that are still to come, one a line. The list may only shrink.
const UNIMPLEMENTED: &str = include_str!("unimplemented.txt");
/// As long as the list was when it was last shortened; lower it with the list.
const MOST_UNIMPLEMENTED: usize = 6;

fn model(name: &str) -> &'static Operation {
    OPERATIONS.iter().find(|operation| operation.name == name).unwrap()
}

#[test]
fn every_operation_of_the_model_is_listed_or_known_to_be_missing() {
    let catalog = kms_catalog();
    let unimplemented: Vec<&str> = UNIMPLEMENTED.lines().collect();
    assert_eq!(catalog.missing(), unimplemented, "implemented operations are struck from the list");
    assert!(unimplemented.len() <= MOST_UNIMPLEMENTED, "the list may only shrink");
    let mut all: Vec<&str> = catalog.names().chain(unimplemented.iter().copied()).collect();
    all.sort_unstable();
    let expected: Vec<&str> = OPERATIONS.iter().map(|operation| operation.name).collect();
    assert_eq!(all, expected);
    assert_eq!(all.len(), 56);
}

#[test]
fn the_audit_trail_shows_members_that_exist_and_are_not_secret() {
    let catalog = kms_catalog();
    for name in catalog.names() {
        let (audited, _) = catalog.audited(name).unwrap();
        for shown in audited {
            let member = model(name).input.members().iter().find(|member| member.name == shown.name);
            let member = member.unwrap_or_else(|| panic!("{name} has no member {}", shown.name));
            assert!(!is_secret(member.shape), "{name} shows {}", shown.name);
            let default = shown.default;
            assert!(
                default.is_empty() || serde_json::from_str::<serde_json::Value>(default).is_ok(),
                "{default}"
            );
        }
    }
}

/// Bytes count as secret: a ciphertext is not, but it does not belong into the trail either.
fn is_secret(shape: &Shape) -> bool {
    shape.sensitive
        || match &shape.kind {
            Kind::Blob { .. } => true,
            Kind::Structure(members) => members.iter().any(|member| is_secret(member.shape)),
            Kind::List { member, .. } => member.name == "GrantTokenType" || is_secret(member),
            Kind::Map { key, value, .. } => is_secret(key) || is_secret(value),
            _ => false,
        }
}

#[test]
fn reads_and_writes_are_told_apart_as_the_service_does() {
    let catalog = kms_catalog();
    let writes: Vec<&str> = catalog
        .names()
        .filter(|name| catalog.audited(name).is_some_and(|(_, read_only)| !read_only))
        .collect();
    assert_eq!(
        writes,
        [
            "CancelKeyDeletion",
            "CreateAlias",
            "CreateGrant",
            "CreateKey",
            "DeleteAlias",
            "DeleteImportedKeyMaterial",
            "DisableKey",
            "DisableKeyRotation",
            "EnableKey",
            "EnableKeyRotation",
            "ImportKeyMaterial",
            "PutKeyPolicy",
            "ReplicateKey",
            "RetireGrant",
            "RevokeGrant",
            "RotateKeyOnDemand",
            "ScheduleKeyDeletion",
            "TagResource",
            "UntagResource",
            "UpdateAlias",
            "UpdateKeyDescription",
            "UpdatePrimaryRegion",
        ]
    );
}
