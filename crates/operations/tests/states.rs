//! Which operation a key bears in which state: the catalog held against a table under review.
//!
//! `states.txt` is the published table of key states, for the operations there are. `ok` lets the
//! operation through; any other word names the refusal, whose error and text `refusal` knows.

#![expect(clippy::panic, reason = "a test fails by panicking")]

use trent_domain::{KeyState, Origin};
use trent_engine::{Fault, WireError};
use trent_operations::kms_catalog;

const TABLE: &str = include_str!("states.txt");
const ORIGIN: &str = " origin is EXTERNAL which is not valid for this operation.";
const ARN: &str = "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn refusal(word: &str) -> (&'static str, &'static str) {
    match word {
        "disabled" => ("DisabledException", " is disabled."),
        "origin" => ("UnsupportedOperationException", ORIGIN),
        "deletion" => ("KMSInvalidStateException", " is pending deletion."),
        "not-deletion" => ("KMSInvalidStateException", " is not pending deletion."),
        "import" => ("KMSInvalidStateException", " is pending import."),
        "unavailable" => ("KMSInvalidStateException", " is unavailable."),
        "creating" => ("KMSInvalidStateException", " is creating."),
        "updating" => ("KMSInvalidStateException", " is updating."),
        other => panic!("`{other}` is no refusal"),
    }
}

#[test]
fn every_cell_of_the_table_holds() {
    let catalog = kms_catalog();
    let mut lines = TABLE.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let head = lines.next().unwrap();
    let states: Vec<&str> = KeyState::ALL.iter().map(|state| state.as_str()).collect();
    assert_eq!(head[1..], states);
    let mut operations = Vec::new();
    for line in lines {
        let row = catalog.state_row(line[0]).unwrap_or_else(|| panic!("no operation {}", line[0]));
        for (state, word) in KeyState::ALL.into_iter().zip(&line[1..]) {
            match row.check(state, Origin::External) {
                Ok(()) => assert_eq!(*word, "ok", "{} {}", line[0], state.as_str()),
                Err(refused) => {
                    let (code, tail) = refusal(word);
                    let message = Some(format!("{ARN}{tail}"));
                    let fault = Fault::refused(ARN, refused, Origin::External);
                    assert_eq!(fault.wire(), WireError { status: 400, code, message });
                }
            }
        }
        operations.push(line[0]);
    }
    assert_eq!(operations, catalog.names().collect::<Vec<_>>(), "every operation has a row");
}
