//! Every operation with every single permission, held against a table.
//!
//! For each operation and each action, a new key gets a policy that grants the account that action
//! alone, and another key one that grants all but that action. `permissions.txt` says which single
//! actions let the operation through, and which it cannot do without.

use serde_json::json;
use trent_operations::kms_catalog;
use trent_testkit::{REGION, Trent};

use crate::cases::{AWAY, furnish, input, policy};

const TABLE: &str = include_str!("../permissions.txt");

/// Every action of the operations there are.
fn actions() -> Vec<String> {
    let catalog = kms_catalog();
    let names = catalog.names().filter(|name| *name != "ReEncrypt").chain(["ReEncryptFrom", "ReEncryptTo"]);
    names.map(|name| format!("kms:{name}")).collect()
}

/// Whether `operation` is let through on a new key under `policy`; any other refusal is a mistake.
async fn allowed(trent: &Trent, number: &mut usize, operation: &str, policy: &str) -> bool {
    *number += 1;
    let fixture = furnish(trent, *number, operation, policy, json!({})).await;
    let answer = trent.call(operation, &input(operation, &fixture)).await.unwrap();
    match answer.error() {
        None => true,
        Some("AccessDeniedException") => {
            let message = answer.message().unwrap_or_default();
            assert!(message.contains("is not authorized to perform: kms:"), "{message}");
            false
        }
        Some(other) => panic!("{operation}: {other} {:?}", answer.message()),
    }
}

#[tokio::test]
async fn each_operation_takes_its_permissions_and_no_others() {
    let trent = Trent::start_in(&[REGION, AWAY]).await.unwrap();
    let (catalog, actions, mut number) = (kms_catalog(), actions(), 0);
    let mut table = String::new();
    for operation in catalog.names() {
        let (mut alone, mut needed) = (Vec::new(), Vec::new());
        for action in &actions {
            if allowed(&trent, &mut number, operation, &policy(&[("Allow", action)])).await {
                alone.push(action.as_str());
            }
            let all_but = policy(&[("Allow", "kms:*"), ("Deny", action)]);
            if !allowed(&trent, &mut number, operation, &all_but).await {
                needed.push(action.as_str());
            }
        }
        let alone = if alone.len() == actions.len() { vec!["any"] } else { alone };
        let list = |names: Vec<&str>| if names.is_empty() { "none".to_owned() } else { names.join(" ") };
        table.push_str(&format!("{operation}: alone {}; needs {}\n", list(alone), list(needed)));
    }
    assert_eq!(table, TABLE, "the table under review differs:\n{table}");
}
