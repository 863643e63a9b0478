//! The published table of operations, held against the catalog, the model and the other tables.

use std::collections::BTreeSet;

use trent_domain::GrantOperation;
use trent_model::Operation;
use trent_model::kms::OPERATIONS;
use trent_operations::kms_catalog;

const TABLE: &str = include_str!("../operations.txt");
const PERMISSIONS: &str = include_str!("../permissions.txt");
const IDENTIFIERS: &str = include_str!("../identifiers.txt");

/// One permission that an operation takes.
pub(crate) struct Row {
    pub(crate) operation: &'static str,
    /// What policies call it, without `kms:`.
    pub(crate) action: &'static str,
    pub(crate) resource: &'static str,
    cross: &'static str,
    named: &'static str,
    grant: &'static str,
    dry: &'static str,
    /// Condition keys and groups of them.
    pub(crate) conditions: Vec<&'static str>,
}

/// The lines of a table as words, without the comments on top.
pub(crate) fn lines(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let lines = table.lines().skip_while(|line| line.starts_with('#')).take_while(|line| !line.is_empty());
    lines.map(|line| line.split_whitespace().collect())
}

/// The table.
pub(crate) fn rows() -> Vec<Row> {
    lines(TABLE)
        .map(|words| {
            let [operation, action, resource, cross, named, grant, dry] = words[..7] else {
                panic!("too few words: {words:?}")
            };
            Row { operation, action, resource, cross, named, grant, dry, conditions: words[7..].to_vec() }
        })
        .collect()
}

/// The rows of operations that there are.
pub(crate) fn implemented() -> Vec<Row> {
    let catalog = kms_catalog();
    let there: BTreeSet<_> = catalog.names().collect();
    rows().into_iter().filter(|row| there.contains(row.operation)).collect()
}

fn model(name: &str) -> &'static Operation {
    OPERATIONS.iter().find(|operation| operation.name == name).unwrap()
}

fn has(operation: &str, member: &str) -> bool {
    model(operation).input.members().iter().any(|found| found.name == member)
}

#[test]
fn every_operation_of_the_model_has_its_rows() {
    let named: BTreeSet<_> = rows().iter().map(|row| row.operation).collect();
    let known: BTreeSet<_> = OPERATIONS.iter().map(|operation| operation.name).collect();
    assert_eq!(named, known);
    for row in rows() {
        assert!(matches!(row.resource, "key" | "replica" | "alias" | "principal" | "*"), "{}", row.action);
    }
}

#[test]
fn the_model_has_the_members_that_go_with_a_row() {
    for Row { operation, action, grant, dry, .. } in rows() {
        assert_eq!(has(operation, "DryRun"), dry == "yes", "{operation}");
        assert_eq!(has(operation, "GrantTokens"), grant == "t", "{operation}");
        let granted = GrantOperation::from_action(&format!("kms:{action}")).is_some();
        assert_eq!(granted, grant != "no", "{action}");
    }
}

#[test]
fn operations_cross_accounts_as_published() {
    let catalog = kms_catalog();
    for Row { operation, cross, .. } in implemented() {
        assert_eq!(catalog.crosses_accounts(operation), cross == "yes", "{operation}");
    }
}

/// What the other tables have found out by asking.
#[test]
fn identifiers_are_taken_as_published() {
    let rows = implemented();
    let row = |operation, alias| rows.iter().find(|row| row.operation == operation && row.named == alias);
    for line in lines(IDENTIFIERS) {
        let (operation, member) = (line[0], line[1]);
        let [key_arn, alias_name, alias_arn] = [4, 6, 8].map(|place| (line[place], line[place + 1]));
        let crosses = |(_, others): (&str, &str)| others.starts_with('+');
        let expected = match member {
            "AliasName" => row(operation, "A").map(|_| (false, false, false)),
            _ => ["k", "a"].into_iter().find_map(|named| row(operation, named)).map(|row| {
                let (any, cross) = (row.named == "a", row.cross == "yes");
                (cross, any, any && cross)
            }),
        };
        let found = (crosses(key_arn), alias_name.0.starts_with('+'), crosses(alias_arn));
        if member != "AliasName" {
            assert_eq!(Some(found), expected, "{operation} {member}");
        }
        assert!(expected.is_some(), "{operation} has no row for its {member}");
    }
}

/// A key policy has a say in what is asked on a key, and in nothing else. Who retires a grant, the
/// grant says.
#[test]
fn key_policies_decide_about_keys() {
    for line in PERMISSIONS.lines() {
        let (operation, rest) = line.split_once(':').unwrap();
        let needed: Vec<_> = rest.split_once("needs ").unwrap().1.split(' ').collect();
        let rows = implemented().into_iter().filter(|row| {
            row.operation == operation && row.resource == "key" && row.operation != "RetireGrant"
        });
        let asked: Vec<_> = rows.map(|row| format!("kms:{}", row.action)).collect();
        let asked = if asked.is_empty() { vec!["none".to_owned()] } else { asked };
        assert_eq!(needed, asked, "{operation}");
    }
}
