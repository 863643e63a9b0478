//! Thousands of bodies that no client would send, through the whole pipeline.
//!
//! Bodies are made from the model: of a good one, members are dropped, doubled, swapped for values
//! of other types and sizes, or bytes of its text are changed. Whatever they are, the answer is one
//! of the documented errors, never a fault of ours, and nothing is changed by a refused request.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};
use trent_engine::Store as _;
use trent_model::kms::OPERATIONS;
use trent_model::{Kind, Shape};
use trent_operations::kms_catalog;
use trent_testkit::Trent;

/// A value for `shape` that may or may not satisfy its constraints.
fn value(shape: &'static Shape) -> BoxedStrategy<Value> {
    let wrong = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|n| json!(n)),
        ".{0,20}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!([[[[]]]])),
        (0_usize..9000).prop_map(|n| Value::from("A".repeat(n))),
    ];
    prop_oneof![4 => right(shape), 1 => wrong].boxed()
}

fn right(shape: &'static Shape) -> BoxedStrategy<Value> {
    match &shape.kind {
        Kind::Structure(_) => object(shape).prop_map(Value::Object).boxed(),
        Kind::List { member, .. } => {
            prop::collection::vec(value(member), 0..4).prop_map(Value::Array).boxed()
        }
        Kind::Map { .. } => {
            prop::collection::btree_map(".{0,5}", ".{0,5}", 0..4).prop_map(|m| json!(m)).boxed()
        }
        Kind::Enum(names) => prop::sample::select(*names).prop_map(Value::from).boxed(),
        Kind::Blob { .. } => "[A-Za-z0-9+/]{0,20}={0,2}".prop_map(Value::from).boxed(),
        Kind::Integer { .. } => (-2_i64..1100).prop_map(Value::from).boxed(),
        Kind::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        Kind::Timestamp => any::<f64>().prop_map(|n| json!(n)).boxed(),
        Kind::Text { .. } => prop_oneof![
            Just(Value::from("KEY")),
            Just(Value::from("alias/known")),
            Just(Value::from("alias/unknown")),
            Just(Value::from("default")),
            "[ -~]{0,30}".prop_map(Value::from),
            "(arn:aws:kms:us-east-1:)?[a-z0-9:/-]{0,40}".prop_map(Value::from),
        ]
        .boxed(),
    }
}

fn object(shape: &'static Shape) -> BoxedStrategy<Map<String, Value>> {
    let members: Vec<_> = shape
        .members()
        .iter()
        .map(|member| {
            let weight = if member.required { 0.9 } else { 0.2 };
            prop::option::weighted(weight, value(member.shape))
                .prop_map(|value| (member.name.to_owned(), value))
        })
        .collect();
    members.prop_map(|members| members.into_iter().filter_map(|(n, v)| Some((n, v?))).collect()).boxed()
}

/// An operation, a body for it, and what is done to the body's bytes.
fn request() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let catalog = kms_catalog();
    let listed = OPERATIONS.iter().filter(|operation| catalog.names().any(|name| name == operation.name));
    let operation = prop::sample::select(listed.collect::<Vec<_>>());
    operation.prop_flat_map(|operation| {
        let damage = prop::option::weighted(0.2, (any::<prop::sample::Index>(), any::<u8>()));
        (Just(operation.name), object(operation.input), damage).prop_map(|(name, body, damage)| {
            let mut bytes = Value::Object(body).to_string().into_bytes();
            if let Some((place, byte)) = damage {
                *place.get_mut(bytes.as_mut_slice()) = byte;
            }
            (name, bytes)
        })
    })
}

#[tokio::test]
async fn no_body_provokes_a_fault_of_ours_or_changes_what_it_may_not() {
    const CASES: usize = 10_000;
    let trent = Trent::start().await.unwrap();
    let key = trent.create_key().await.unwrap();
    trent.call("CreateAlias", &json!({ "AliasName": "alias/known", "TargetKeyId": key })).await.unwrap();
    let mut runner = TestRunner::new(Config::default());
    let strategy = request();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut before = trent.store.revision().await.unwrap();
    for _ in 0..CASES {
        let (operation, body) = strategy.new_tree(&mut runner).unwrap().current();
        let body = String::from_utf8_lossy(&body).replace("\"KEY\"", &format!("\"{key}\""));
        let answer = trent.call_raw(operation, body.clone().into_bytes()).await.unwrap();
        assert!(answer.status == 200 || answer.status == 400, "{operation} {body}: {answer:?}");
        *seen.entry(answer.error().unwrap_or("ok").to_owned()).or_default() += 1;
        let after = trent.store.revision().await.unwrap();
        assert!(
            answer.status == 200 || after == before,
            "{operation} {body} was refused and changed something"
        );
        before = after;
    }
    println!("{seen:?}");
    // The mutants must reach every stage of the pipeline, or they prove nothing.
    for reached in ["ok", "SerializationException", "ValidationException", "NotFoundException"] {
        assert!(seen.contains_key(reached), "{reached} was never seen: {seen:?}");
    }
}
