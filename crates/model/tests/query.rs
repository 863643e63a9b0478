//! The vectors of the Query protocol. The client suite holds the same files against an SDK's own
//! serializer and parser (`clients/test_query_vectors.py`), so what agrees with them speaks as it does.
#![expect(clippy::unwrap_used, reason = "helpers of tests panic as tests do")]

use std::collections::{BTreeMap, BTreeSet};

use trent_model::query::{Asked, Call, asked, encode, parse};
use trent_model::{SecretText, Timestamp, check, iam, sts};

/// The files of one kind: their names, and their sections by name.
fn vectors(kind: &str) -> Vec<(String, BTreeMap<String, String>)> {
    let directory = format!("{}/tests/query", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(directory).unwrap().map(|file| file.unwrap().path());
    let named = files.map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path));
    named
        .filter_map(|(name, path)| Some((name.strip_prefix(kind)?.strip_prefix('-')?.to_owned(), path)))
        .map(|(name, path)| (name, sections(&std::fs::read_to_string(path).unwrap())))
        .collect()
}

fn sections(text: &str) -> BTreeMap<String, String> {
    let parts = text.split("== ").skip(1).map(|part| part.split_once('\n').unwrap());
    parts.map(|(name, text)| (name.to_owned(), text.trim_matches('\n').to_owned())).collect()
}

#[test]
fn requests_of_an_sdk_read_as_what_it_was_given() {
    let vectors = vectors("request");
    assert!(vectors.len() >= 5);
    for (name, sections) in vectors {
        let (service, operation) = sections["operation"].split_once(' ').unwrap();
        let (operations, version) = match service {
            "iam" => (iam::OPERATIONS, "2010-05-08"),
            "sts" => (sts::OPERATIONS, "2011-06-15"),
            other => panic!("{other}"),
        };
        let form = sections["form"].as_bytes();
        let expected = Asked { action: Some(operation.into()), version: Some(version.into()) };
        assert_eq!(asked(form), Ok(expected), "{name}");
        let shape = operations.iter().find(|known| known.name == operation).unwrap().input;
        let mut read = parse(shape, form).unwrap();
        let mut given = trent_model::parse(sections["input"].as_bytes()).unwrap();
        assert_eq!(check(shape, &mut read), check(shape, &mut given), "{name}");
        assert!(read == given, "{name}");
    }
}

#[test]
fn answers_are_what_an_sdk_reads() {
    let answers = answers();
    let vectors = vectors("answer");
    let names: BTreeSet<_> = vectors.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, answers.keys().copied().collect());
    for (name, sections) in &vectors {
        assert_eq!(answers[name.as_str()], sections["result"], "{name}");
    }
}

fn answers() -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("get-user", written::<iam::GetUserRequest>(&user())),
        ("list-users", written::<iam::ListUsersRequest>(&iam::ListUsersResponse::new(Vec::new()))),
        ("create-access-key", written::<iam::CreateAccessKeyRequest>(&access_key())),
        ("get-account-summary", written::<iam::GetAccountSummaryRequest>(&summary())),
        ("simulate", written::<iam::SimulatePrincipalPolicyRequest>(&simulation())),
        ("assume-role", written::<sts::AssumeRoleRequest>(&session())),
    ])
}

fn written<I: Call>(answer: &I::Answer) -> String {
    String::from_utf8(encode::<I>(answer)).unwrap()
}

/// The start of 2026 and a bit.
const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_250);

fn user() -> iam::GetUserResponse {
    iam::GetUserResponse::new(iam::User {
        tags: Some(vec![iam::Tag::new("<k> & \"é\"".into(), " a\r\nb\t\u{1F511} ".into())]),
        permissions_boundary: Some(iam::AttachedPermissionsBoundary {
            permissions_boundary_arn: Some("arn:aws:iam::111122223333:policy/p".into()),
            permissions_boundary_type: Some(iam::PermissionsBoundaryAttachmentType::Policy),
        }),
        ..iam::User::new(
            "arn:aws:iam::111122223333:user/bob".into(),
            NOW,
            "/".into(),
            "AIDAEXAMPLE".into(),
            "bob".into(),
        )
    })
}

fn access_key() -> iam::CreateAccessKeyResponse {
    let secret = SecretText::from("a/b+c".to_owned());
    let key = iam::AccessKey::new("AKIAEXAMPLE".into(), secret, iam::StatusType::Active, "bob".into());
    iam::CreateAccessKeyResponse::new(iam::AccessKey { create_date: Some(NOW), ..key })
}

fn summary() -> iam::GetAccountSummaryResponse {
    let map = BTreeMap::from([("Users".into(), 2), ("AccountMFAEnabled".into(), 0)]);
    iam::GetAccountSummaryResponse { summary_map: Some(map) }
}

fn simulation() -> iam::SimulatePolicyResponse {
    let denied = iam::PolicyEvaluationDecisionType::ExplicitDeny;
    let statement = iam::Statement {
        source_policy_id: Some("user_bob_p".into()),
        source_policy_type: Some("IAM Policy".into()),
        start_position: Some(iam::Position { line: Some(1), column: Some(17) }),
        end_position: None,
    };
    let result = iam::EvaluationResult {
        eval_decision_details: Some(BTreeMap::from([("user_bob_p".into(), denied)])),
        eval_resource_name: Some("*".into()),
        matched_statements: Some(vec![statement]),
        missing_context_values: Some(vec!["aws:x".into(), "aws:y".into()]),
        ..iam::EvaluationResult::new("kms:Decrypt".into(), denied)
    };
    let second = iam::EvaluationResult::new("kms:Sign".into(), iam::PolicyEvaluationDecisionType::Allowed);
    iam::SimulatePolicyResponse {
        evaluation_results: Some(vec![result, second]),
        is_truncated: Some(true),
        marker: Some("m==".into()),
    }
}

fn session() -> sts::AssumeRoleResponse {
    let secret = SecretText::from("s".to_owned());
    sts::AssumeRoleResponse {
        assumed_role_user: Some(sts::AssumedRoleUser::new(
            "arn:aws:sts::111122223333:assumed-role/r/s".into(),
            "AROAEXAMPLE:s".into(),
        )),
        credentials: Some(sts::Credentials::new("ASIAEXAMPLE".into(), NOW, secret, "t/+=".into())),
        packed_policy_size: Some(6),
        ..Default::default()
    }
}
