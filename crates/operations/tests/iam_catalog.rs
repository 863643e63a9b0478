//! The catalog of IAM held against the API model.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use trent_model::iam::{OPERATIONS, OTHERS};
use trent_model::{Kind, Operation, Shape};
use trent_operations::iam_catalog;

fn model(name: &str) -> &'static Operation {
    OPERATIONS.iter().find(|operation| operation.name == name).unwrap()
}

#[test]
fn every_operation_is_one_of_the_model() {
    let catalog = iam_catalog();
    let mut all: Vec<&str> = catalog.names().chain(catalog.missing().iter().copied()).collect();
    all.sort_unstable();
    let pinned = OPERATIONS.iter().map(|operation| operation.name);
    let mut expected: Vec<&str> = pinned.chain(OTHERS.iter().copied()).collect();
    expected.sort_unstable();
    assert_eq!(all, expected);
}

#[test]
fn the_audit_trail_shows_members_that_exist_and_are_not_secret() {
    let catalog = iam_catalog();
    for name in catalog.names() {
        let (audited, _) = catalog.audited(name).unwrap();
        for shown in audited {
            let member = model(name).input.members().iter().find(|member| member.name == shown.name);
            let member = member.unwrap_or_else(|| panic!("{name} has no member {}", shown.name));
            assert!(!is_secret(member.shape), "{name} shows {}", shown.name);
        }
    }
}

fn is_secret(shape: &Shape) -> bool {
    shape.sensitive
        || match &shape.kind {
            Kind::Blob { .. } => true,
            Kind::Structure(members) => members.iter().any(|member| is_secret(member.shape)),
            Kind::List { member, .. } => is_secret(member),
            Kind::Map { key, value, .. } => is_secret(key) || is_secret(value),
            _ => false,
        }
}

#[test]
fn reads_are_told_from_writes() {
    let catalog = iam_catalog();
    for name in catalog.names() {
        let (_, read_only) = catalog.audited(name).unwrap();
        let reads = ["Get", "List", "Simulate"].iter().any(|verb| name.starts_with(verb));
        assert_eq!(read_only, reads, "{name}");
    }
}
