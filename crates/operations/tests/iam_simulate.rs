//! The policy simulator: what it tells, in which form, and what it must not know.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use trent_domain::AccountId;
use trent_testkit::{ACCOUNT, Credentials, Trent};

const OTHER: &str = "222222222222";
const READER: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}}"#;

fn account() -> AccountId {
    ACCOUNT.parse().unwrap()
}

/// A form: members in pairs, each value percent-encoded.
fn form(action: &str, members: &[(&str, &str)]) -> String {
    let mut form = format!("Version=2010-05-08&Action={action}");
    for (name, value) in members {
        form.push_str(&format!("&{name}="));
        for byte in value.bytes() {
            match byte {
                b if b.is_ascii_alphanumeric() => form.push(char::from(b)),
                b => form.push_str(&format!("%{b:02X}")),
            }
        }
    }
    form
}

async fn ask(trent: &Trent, who: &Credentials, action: &str, members: &[(&str, &str)]) -> (u16, String) {
    let request = trent.form(who, "iam", &form(action, members)).unwrap();
    let response = trent.handle(request).await;
    (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
}

async fn told(trent: &Trent, action: &str, members: &[(&str, &str)]) -> String {
    let (status, body) = ask(trent, &Credentials::root(), action, members).await;
    assert_eq!(status, 200, "{body}");
    body
}

async fn refused(trent: &Trent, action: &str, members: &[(&str, &str)]) -> String {
    let (status, body) = ask(trent, &Credentials::root(), action, members).await;
    assert_eq!(status, 400, "{body}");
    assert!(body.contains("<Code>InvalidInput</Code>"), "{body}");
    body
}

/// What stands between the first `<tag>` and its end.
fn inside<'a>(body: &'a str, tag: &str) -> &'a str {
    let from = body.split_once(&format!("<{tag}>")).map(|(_, rest)| rest);
    from.and_then(|rest| rest.split_once(&format!("</{tag}>"))).map(|(inside, _)| inside).unwrap_or_default()
}

/// Every `<tag>` of a body, in order.
fn all<'a>(body: &'a str, tag: &str) -> Vec<&'a str> {
    let (start, end) = (format!("<{tag}>"), format!("</{tag}>"));
    body.split(&start).skip(1).filter_map(|part| part.split_once(&end)).map(|(inside, _)| inside).collect()
}

/// What one policy says of one action, in a word.
async fn custom(trent: &Trent, policy: &str, action: &str, more: &[(&str, &str)]) -> String {
    let members = [&[("PolicyInputList.member.1", policy), ("ActionNames.member.1", action)], more].concat();
    let body = told(trent, "SimulateCustomPolicy", &members).await;
    inside(&body, "EvalDecision").to_owned()
}

#[tokio::test]
async fn an_action_gets_one_result_with_one_for_each_resource() {
    let trent = Trent::start().await.unwrap();
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"kms:*","Resource":"*"},
        {"Effect":"Deny","Action":"kms:*","Resource":"arn:aws:kms:*:*:key/bad"}]}"#;
    let members = [
        ("PolicyInputList.member.1", policy),
        ("ActionNames.member.1", "kms:Decrypt"),
        ("ResourceArns.member.1", "arn:aws:kms:us-east-1:000000000000:key/good"),
        ("ResourceArns.member.2", "arn:aws:kms:us-east-1:000000000000:key/bad"),
    ];
    let body = told(&trent, "SimulateCustomPolicy", &members).await;
    assert_eq!(all(&body, "EvalDecision"), ["explicitDeny"]);
    assert_eq!(all(&body, "EvalResourceDecision"), ["allowed", "explicitDeny"]);
    assert!(
        body.contains("<EvalResourceName>arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}<"),
        "{body}"
    );
    assert!(
        body.contains("<EvalDecisionDetails/>")
            || body.contains("<EvalDecisionDetails></EvalDecisionDetails>")
    );
    // The statement that denies on top, then those of each resource.
    assert_eq!(all(&body, "SourcePolicyId"), ["PolicyInputList.1"; 3]);
    assert_eq!(all(&body, "SourcePolicyType"), ["IAM Policy"; 3]);
    let start = all(&body, "StartPosition");
    assert!(start.iter().all(|position| position.contains("<Line>")), "{body}");
    assert_eq!(start.iter().filter(|position| position.contains("<Line>2</Line>")).count(), 2, "{body}");
    assert!(inside(&body, "MatchedStatements").contains("<Line>3</Line>"), "{body}");
}

#[tokio::test]
async fn whoever_names_no_resource_is_told_less() {
    let trent = Trent::start().await.unwrap();
    let members = [("PolicyInputList.member.1", READER), ("ActionNames.member.1", "kms:Decrypt")];
    let body = told(&trent, "SimulateCustomPolicy", &members).await;
    assert_eq!(all(&body, "EvalDecision"), ["allowed"]);
    for absent in ["EvalDecisionDetails", "ResourceSpecificResults", "PermissionsBoundary", "Organizations"] {
        assert!(!body.contains(absent), "{absent}: {body}");
    }
    assert!(body.contains("<IsTruncated>false</IsTruncated>"));
}

#[tokio::test]
async fn nothing_of_the_real_request_counts() {
    let trent = Trent::start().await.unwrap();
    for key in ["aws:CurrentTime", "aws:SourceIp", "aws:username", "aws:PrincipalArn", "aws:SecureTransport"]
    {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"Null":{{"{key}":"true"}}}}}}}}"#
        );
        let members = [("PolicyInputList.member.1", &*policy), ("ActionNames.member.1", "kms:Decrypt")];
        let body = told(&trent, "SimulateCustomPolicy", &members).await;
        assert_eq!(all(&body, "EvalDecision"), ["allowed"], "{key}");
        assert_eq!(inside(&body, "MissingContextValues"), format!("<member>{key}</member>"));
    }
}

#[tokio::test]
async fn a_custom_caller_is_what_its_arn_says_and_no_more() {
    let trent = Trent::start().await.unwrap();
    let tag = |user: &mut trent_domain::User| user.tags.set(&[("team".to_owned(), "x".to_owned())]).unwrap();
    let (user, _) = trent.user(account(), "alice", tag).await.unwrap();
    let when = |condition: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{condition}}}}}"#
        )
    };
    let caller = [("CallerArn", &*user.arn())];
    for (condition, expected) in [
        (r#"{"StringEquals":{"aws:username":"alice"}}"#, "allowed"),
        (r#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::000000000000:user/alice"}}"#, "allowed"),
        (r#"{"StringEquals":{"aws:PrincipalType":"User","kms:CallerAccount":"000000000000"}}"#, "allowed"),
        // Whoever may only simulate policies of its own does not learn about users.
        (r#"{"StringEquals":{"aws:PrincipalTag/team":"x"}}"#, "implicitDeny"),
        (r#"{"Null":{"aws:userid":"false"}}"#, "implicitDeny"),
    ] {
        assert_eq!(custom(&trent, &when(condition), "kms:Decrypt", &caller).await, expected, "{condition}");
        // The policies of the user itself may be simulated by those who may ask about the user.
        let members = [
            ("PolicySourceArn", &*user.arn()),
            ("PolicyInputList.member.1", &*when(condition)),
            ("ActionNames.member.1", "kms:Decrypt"),
        ];
        let body = told(&trent, "SimulatePrincipalPolicy", &members).await;
        assert_eq!(all(&body, "EvalDecision"), ["allowed"], "{condition}");
        let other = [&members[..], &[("CallerArn", "arn:aws:iam::000000000000:user/bob")]].concat();
        let body = told(&trent, "SimulatePrincipalPolicy", &other).await;
        let same = condition.contains("PrincipalType");
        assert_eq!(
            all(&body, "EvalDecision"),
            [if same { "allowed" } else { "implicitDeny" }],
            "{condition}"
        );
    }
}

#[tokio::test]
async fn context_entries_of_every_type_count() {
    let trent = Trent::start().await.unwrap();
    let cases = [
        ("StringEquals", "a", "string", "a"),
        ("ForAnyValue:StringEquals", "b", "stringList", "b"),
        ("NumericLessThan", "10", "numeric", "9.5"),
        ("ForAllValues:NumericLessThan", "10", "numericList", "1"),
        ("Bool", "true", "boolean", "true"),
        ("ForAnyValue:Bool", "true", "booleanList", "true"),
        ("IpAddress", "10.0.0.0/8", "ip", "10.1.2.3"),
        ("ForAnyValue:IpAddress", "10.0.0.0/8", "ipList", "10.1.2.3"),
        ("BinaryEquals", "QUI=", "binary", "QUI="),
        ("ForAnyValue:BinaryEquals", "QUI=", "binaryList", "QUI="),
        ("DateLessThan", "2030-01-01T00:00:00Z", "date", "2029-12-31T23:59:59Z"),
        ("ForAnyValue:DateLessThan", "2030-01-01T00:00:00Z", "dateList", "2029-12-31"),
    ];
    for (operator, operand, kind, value) in cases {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"{operator}":{{"x:Key":"{operand}"}}}}}}}}"#
        );
        let entry = [
            ("ContextEntries.member.1.ContextKeyName", "X:key"),
            ("ContextEntries.member.1.ContextKeyType", kind),
            ("ContextEntries.member.1.ContextKeyValues.member.1", value),
        ];
        assert_eq!(custom(&trent, &policy, "kms:Decrypt", &entry).await, "allowed", "{operator}");
        let none = custom(&trent, &policy, "kms:Decrypt", &[]).await;
        assert_eq!(none, if operator.starts_with("ForAll") { "allowed" } else { "implicitDeny" });
    }
}

#[tokio::test]
async fn the_policies_of_somebody_are_told_by_name() {
    let trent = Trent::start().await.unwrap();
    let statement = |action: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#
        )
    };
    let group = trent.group(account(), "Team", &statement("kms:Sign")).await.unwrap();
    let managed = trent.managed_policy(account(), "Managed", &statement("kms:Verify")).await.unwrap();
    let (user, _) = trent
        .user(account(), "alice", |user| {
            user.policies.inline.insert("own".to_owned(), statement("kms:Encrypt"));
            user.policies.attached.push(managed.arn());
            user.policies.attached.push("arn:aws:iam::aws:policy/IAMReadOnlyAccess".to_owned());
            user.groups.insert(group.id);
            user.boundary = Some("arn:aws:iam::aws:policy/AWSKeyManagementServicePowerUser".to_owned());
        })
        .await
        .unwrap();
    let unbounded = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let simulate = async |action: &str, more: &[(&str, &str)]| {
        let arn = user.arn();
        let members = [&[("PolicySourceArn", &*arn), ("ActionNames.member.1", action)], more].concat();
        told(&trent, "SimulatePrincipalPolicy", &members).await
    };
    let wide = [("PermissionsBoundaryPolicyInputList.member.1", unbounded)];
    for (action, source) in [
        ("kms:Encrypt", "user_alice_own"),
        ("kms:Sign", "group_Team_p"),
        ("kms:Verify", "Managed"),
        ("iam:SimulateCustomPolicy", "IAMReadOnlyAccess"),
    ] {
        let body = simulate(action, &wide).await;
        assert_eq!(all(&body, "EvalDecision"), ["allowed"], "{action}");
        assert!(body.contains("<AllowedByPermissionsBoundary>true<"), "{body}");
        assert_eq!(all(&body, "SourcePolicyId"), [source]);
        // The boundary the user has is narrower, and none of its statements is listed.
        let body = simulate(action, &[]).await;
        assert_eq!(all(&body, "EvalDecision"), ["implicitDeny"], "{action}");
        assert!(body.contains("<AllowedByPermissionsBoundary>false<"), "{body}");
        assert_eq!(all(&body, "SourcePolicyId"), [""; 0]);
    }
    let excluded = [
        ("PolicyExclusionList.member.1.PolicyType", "permission-boundary"),
        ("PolicyExclusionList.member.2.InlinePolicyIdentifier.PolicyName", "own"),
        ("PolicyExclusionList.member.2.InlinePolicyIdentifier.AttachmentType", "user"),
        ("PolicyExclusionList.member.2.InlinePolicyIdentifier.AttachmentName", "al*"),
    ];
    assert_eq!(all(&simulate("kms:Verify", &excluded).await, "EvalDecision"), ["allowed"]);
    assert_eq!(all(&simulate("kms:Encrypt", &excluded).await, "EvalDecision"), ["implicitDeny"]);
}

#[tokio::test]
async fn roles_and_groups_are_simulated_too() {
    let trent = Trent::start().await.unwrap();
    let mine = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*",
        "Condition":{"StringEquals":{"aws:PrincipalTag/Team":"x","aws:PrincipalType":"AssumedRole"}}}}"#;
    let role = trent
        .role(account(), "r", |role| {
            role.policies.inline.insert("p".to_owned(), mine.to_owned());
            role.tags.set(&[("team".to_owned(), "x".to_owned())]).unwrap();
        })
        .await
        .unwrap();
    let group = trent.group(account(), "g", READER).await.unwrap();
    for (arn, source) in [(role.arn(), "role_r_p"), (group.arn(), "group_g_p")] {
        let members = [("PolicySourceArn", &*arn), ("ActionNames.member.1", "kms:Decrypt")];
        let body = told(&trent, "SimulatePrincipalPolicy", &members).await;
        assert_eq!(all(&body, "EvalDecision"), ["allowed"], "{arn}");
        assert_eq!(all(&body, "SourcePolicyId"), [source]);
        let policy = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#;
        let with = [&members[..], &[("ResourcePolicy", policy)]].concat();
        let body = refused(&trent, "SimulatePrincipalPolicy", &with).await;
        assert!(body.contains("Invalid caller - Caller must be an IAM user in this context."), "{body}");
    }
}

/// As in the documentation of both simulations.
#[tokio::test]
async fn a_resource_policy_decides_with_the_others() {
    let trent = Trent::start().await.unwrap();
    let iam_only =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*"}}"#;
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:user/arnav"},"Action":["s3:List*","s3:Put*"],"Resource":"arn:aws:s3:::mary/*"}}"#;
    let simulate = async |owner: &str| {
        let members = [
            ("PolicyInputList.member.1", iam_only),
            ("PermissionsBoundaryPolicyInputList.member.1", iam_only),
            ("ResourcePolicy", policy),
            ("ResourceOwner", owner),
            ("CallerArn", "arn:aws:iam::444455556666:user/arnav"),
            ("ActionNames.member.1", "s3:PutObject"),
            ("ResourceArns.member.1", "arn:aws:s3:::mary/Test"),
        ];
        told(&trent, "SimulateCustomPolicy", &members).await
    };
    let body = simulate("arn:aws:iam::444455556666:root").await;
    assert_eq!(
        (inside(&body, "EvalDecision"), inside(&body, "EvalResourceDecision")),
        ("allowed", "allowed")
    );
    assert_eq!(all(&body, "SourcePolicyType"), ["Resource Policy"; 2]);
    assert!(!body.contains("<entry>"), "{body}");

    let body = simulate("arn:aws:iam::123456789012:root").await;
    assert_eq!(inside(&body, "EvalDecision"), "implicitDeny");
    let details = all(&body, "EvalDecisionDetails");
    assert_eq!(details.len(), 2, "{body}");
    for told in details {
        for (key, value) in [
            ("IAM Policy", "implicitDeny"),
            ("Resource Policy", "allowed"),
            ("Permissions Boundary Policy", "implicitDeny"),
        ] {
            assert!(told.contains(&format!("<key>{key}</key><value>{value}</value>")), "{told}");
        }
    }
    // Who would allow is told of the resource, not on top.
    assert_eq!(all(&body, "SourcePolicyId"), ["ResourcePolicy"]);
    assert!(inside(&body, "ResourceSpecificResults").contains("<SourcePolicyId>ResourcePolicy<"), "{body}");
}

#[tokio::test]
async fn key_policies_are_simulated_as_those_of_keys() {
    let trent = Trent::start().await.unwrap();
    let alice = "arn:aws:iam::000000000000:user/alice";
    let naming = |principal: &str| {
        format!(
            r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"*","Resource":"*"}}}}"#
        )
    };
    let simulate = async |action: &str, principal: &str, key: &str| {
        let policy = naming(principal);
        let more = [("ResourcePolicy", &*policy), ("CallerArn", alice), ("ResourceArns.member.1", key)];
        let all = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
        custom(&trent, all, action, &more).await
    };
    let (own, foreign) =
        ("arn:aws:kms:us-east-1:000000000000:key/k", "arn:aws:kms:us-east-1:222222222222:key/k");
    assert_eq!(simulate("kms:Decrypt", "000000000000", own).await, "allowed");
    // A key trusts nobody but those its policy names; a bucket trusts its owner.
    assert_eq!(simulate("kms:Decrypt", OTHER, own).await, "implicitDeny");
    assert_eq!(simulate("s3:GetObject", OTHER, own).await, "allowed");
    // Not every operation can be used on another account's key.
    assert_eq!(simulate("kms:Decrypt", "000000000000", foreign).await, "allowed");
    assert_eq!(simulate("KMS:reencryptfrom", "000000000000", foreign).await, "allowed");
    assert_eq!(simulate("kms:DisableKey", "000000000000", foreign).await, "implicitDeny");
    assert_eq!(simulate("kms:DisableKey", "000000000000", own).await, "allowed");
}

#[tokio::test]
async fn service_control_policies_come_before_all() {
    let trent = Trent::start().await.unwrap();
    let full = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let deny = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"kms:Sign","Resource":"*"}}"#;
    let level = "OrderedOrganizationPolicyInputList.member";
    let root = format!("{level}.1.ServiceControlPolicyInputList.member.1");
    let (first, second) = (
        format!("{level}.2.ServiceControlPolicyInputList.member.1"),
        format!("{level}.2.ServiceControlPolicyInputList.member.2"),
    );
    let simulate = async |action: &str, at_root: &str| {
        let members = [
            ("PolicyInputList.member.1", full),
            ("ActionNames.member.1", action),
            ("ResourceArns.member.1", "arn:aws:kms:us-east-1:000000000000:key/k"),
            (&*root, at_root),
            (&*first, full),
            (&*second, deny),
        ];
        told(&trent, "SimulateCustomPolicy", &members).await
    };
    for (action, at_root, expected, allowed) in [
        ("kms:Decrypt", full, "allowed", "true"),
        ("kms:Sign", full, "explicitDeny", "false"),
        ("kms:Encrypt", READER, "implicitDeny", "false"),
    ] {
        let body = simulate(action, at_root).await;
        assert_eq!(inside(&body, "EvalDecision"), expected);
        assert_eq!(inside(&body, "AllowedByOrganizations"), allowed);
        assert_eq!(body.contains("EvalDecisionDetails"), allowed == "true");
        assert_eq!(body.contains("SourcePolicyId"), allowed == "true");
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let trent = Trent::start().await.unwrap();
    let asked = [("PolicyInputList.member.1", READER), ("ActionNames.member.1", "kms:Decrypt")];
    let anyone =
        r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"arn:aws:s3:::a"}}"#;
    let user = ("CallerArn", "arn:aws:iam::000000000000:user/a");
    for (more, message) in [
        (vec![("ActionNames.member.2", "Decrypt")], "Invalid Action Name: Decrypt"),
        (vec![("ActionNames.member.2", "kms:*")], "Invalid Action Name: kms:*"),
        (vec![("ResourceArns.member.1", "key")], "Invalid Resource Arn: key"),
        (
            vec![("CallerArn", "arn:aws:sts::000000000000:assumed-role/r/s")],
            "Invalid Entity Arn: arn:aws:sts::000000000000:assumed-role/r/s does not clearly define entity type and name.",
        ),
        (
            vec![("ResourceOwner", "123456789012")],
            "&apos;123456789012&apos; is not a valid as a Resource Owner.",
        ),
        (vec![("ResourcePolicy", anyone)], "Caller must be an IAM user"),
        (vec![("ResourcePolicy", anyone), user], "not applicable to resource *"),
        (vec![("ResourcePolicy", READER), user], "principal"),
        (vec![("PolicyInputList.member.2", "{}")], "Syntax errors in policy."),
        (
            vec![
                ("PermissionsBoundaryPolicyInputList.member.1", READER),
                ("PermissionsBoundaryPolicyInputList.member.2", READER),
            ],
            "Only one permissions boundary",
        ),
    ] {
        let body = refused(&trent, "SimulateCustomPolicy", &[&asked[..], &more].concat()).await;
        assert!(
            body.contains(message) || body.contains(&message.replace("&apos;", "'")),
            "{message}: {body}"
        );
    }
    let other = format!("arn:aws:iam::{OTHER}:user/a");
    let members = [("PolicySourceArn", &*other), ("ActionNames.member.1", "kms:*")];
    let body = refused(&trent, "SimulatePrincipalPolicy", &members).await;
    assert!(body.contains("does not have access to policies in account 222222222222"), "{body}");
}

#[tokio::test]
async fn who_is_not_there_is_told_to_those_who_may_ask() {
    let trent = Trent::start().await.unwrap();
    let may = |action: &str, on: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"iam:{action}","Resource":"{on}"}}}}"#
        )
    };
    let (alice, path) = ("arn:aws:iam::000000000000:user/alice", "arn:aws:iam::000000000000:user/p/bob");
    let grant = may("*Principal*", alice);
    let (_, signer) = trent
        .user(account(), "alice", |user| {
            user.policies.inline.insert("p".to_owned(), grant.clone());
        })
        .await
        .unwrap();
    trent.user(account(), "bob", |_| {}).await.unwrap();
    for action in ["SimulatePrincipalPolicy", "GetContextKeysForPrincipalPolicy"] {
        let about = |arn| [("PolicySourceArn", arn), ("ActionNames.member.1", "kms:Decrypt")];
        let members =
            |arn| if action.starts_with("Get") { about(arn)[..1].to_vec() } else { about(arn).to_vec() };
        assert_eq!(ask(&trent, &signer, action, &members(alice)).await.0, 200);
        let (status, body) = ask(&trent, &signer, action, &members(path)).await;
        assert_eq!(status, 403);
        assert!(body.contains(&format!("iam:{action} on resource: {path}")), "{body}");
        // Bob is there, but not at this path.
        let (status, body) = ask(&trent, &Credentials::root(), action, &members(path)).await;
        assert_eq!(status, 404);
        assert!(body.contains("The user with name bob cannot be found."), "{body}");
    }
    for action in ["SimulateCustomPolicy", "GetContextKeysForCustomPolicy"] {
        let policy = [("PolicyInputList.member.1", READER), ("ActionNames.member.1", "kms:Decrypt")];
        let members = if action.starts_with("Get") { &policy[..1] } else { &policy[..] };
        let (status, body) = ask(&trent, &signer, action, members).await;
        assert_eq!(status, 403, "{body}");
    }
}

#[tokio::test]
async fn results_come_in_pages() {
    let trent = Trent::start().await.unwrap();
    let names: Vec<String> = (1..=5).map(|n| format!("ActionNames.member.{n}")).collect();
    let actions = ["kms:Sign", "kms:Decrypt", "kms:Sign", "kms:Verify", "kms:Encrypt"];
    let mut members = vec![("PolicyInputList.member.1", READER), ("MaxItems", "2")];
    members.extend(names.iter().map(String::as_str).zip(actions));
    let mut seen = Vec::new();
    let mut marker = None::<String>;
    loop {
        let last = marker.take();
        let mut page = members.clone();
        page.extend(last.as_deref().map(|marker| ("Marker", marker)));
        let body = told(&trent, "SimulateCustomPolicy", &page).await;
        seen.extend(all(&body, "EvalActionName").into_iter().map(str::to_owned));
        assert_eq!(body.contains("<IsTruncated>true<"), body.contains("<Marker>"));
        if !body.contains("<Marker>") {
            break;
        }
        // A marker is good for the request that earned it.
        let next = inside(&body, "Marker").to_owned();
        let mut other = members.clone();
        other.extend([("CallerArn", "arn:aws:iam::000000000000:user/a"), ("Marker", &next)]);
        let (status, body) = ask(&trent, &Credentials::root(), "SimulateCustomPolicy", &other).await;
        assert!(status == 400 && body.contains("Invalid Marker."), "{body}");
        marker = Some(next);
    }
    assert_eq!(seen, actions);
}

#[tokio::test]
async fn a_page_costs_no_more_than_it_may() {
    let trent = Trent::start().await.unwrap();
    let statement = r#"{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}"#;
    let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, [statement; 1000].join(","));
    let names = |list: &str, count| (1..=count).map(|n| format!("{list}.member.{n}")).collect::<Vec<_>>();
    let (actions, resources) = (names("ActionNames", 3), names("ResourceArns", 251));
    let simulate = async |count: usize| {
        let mut members = vec![("PolicyInputList.member.1", &*policy)];
        members.extend(actions.iter().map(|name| (&**name, "kms:Sign")));
        members.extend(resources.iter().take(count).map(|name| (&**name, "arn:aws:kms:::key/k")));
        ask(&trent, &Credentials::root(), "SimulateCustomPolicy", &members).await
    };
    let (_, body) = simulate(83).await;
    assert_eq!(all(&body, "EvalActionName").len(), 3);
    let (_, body) = simulate(84).await;
    assert_eq!((all(&body, "EvalActionName").len(), inside(&body, "IsTruncated")), (2, "true"));
    assert_eq!(simulate(250).await.0, 200);
    assert_eq!(simulate(251).await.0, 400);
}

#[tokio::test]
async fn context_keys_are_told_once_and_as_written() {
    let trent = Trent::start().await.unwrap();
    // As in the service's documentation.
    let first = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"arn:aws:dynamodb:us-west-2:123456789012:table/${aws:username}","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2015-08-16T12:00:00Z"}}}}"#;
    let second = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"AWS:UserName":"a"},"Bool":{"aws:SecureTransport":"true"}}}}"#;
    let keys = |body: &str| all(inside(body, "ContextKeyNames"), "member").join(" ");
    let members = [("PolicyInputList.member.1", first), ("PolicyInputList.member.2", second)];
    let body = told(&trent, "GetContextKeysForCustomPolicy", &members).await;
    assert_eq!(keys(&body), "aws:username aws:CurrentTime aws:SecureTransport");
    refused(&trent, "GetContextKeysForCustomPolicy", &[("PolicyInputList.member.1", "[]")]).await;

    let group = trent.group(account(), "g", second).await.unwrap();
    let (user, _) = trent
        .user(account(), "alice", |user| {
            user.groups.insert(group.id);
        })
        .await
        .unwrap();
    for arn in [user.arn(), group.arn()] {
        let body = told(&trent, "GetContextKeysForPrincipalPolicy", &[("PolicySourceArn", &arn)]).await;
        assert_eq!(keys(&body), "AWS:UserName aws:SecureTransport");
        let with = [("PolicySourceArn", &*arn), ("PolicyInputList.member.1", first)];
        let body = told(&trent, "GetContextKeysForPrincipalPolicy", &with).await;
        assert_eq!(keys(&body), "AWS:UserName aws:SecureTransport aws:CurrentTime");
    }
}

#[tokio::test]
async fn the_details_of_an_account_come_in_pages_of_all_kinds() {
    let trent = Trent::start().await.unwrap();
    let team = trent.group(account(), "team", READER).await.unwrap();
    trent.managed_policy(account(), "own", READER).await.unwrap();
    let edit = |user: &mut trent_domain::User| {
        user.groups.insert(team.id);
        user.policies.inline.insert("p".to_owned(), READER.to_owned());
    };
    trent.user(account(), "alice", edit).await.unwrap();
    trent.user(account(), "Bob", |_| {}).await.unwrap();
    trent.role(account(), "r", |_| {}).await.unwrap();
    let attach = [("RoleName", "r"), ("PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess")];
    told(&trent, "AttachRolePolicy", &attach).await;

    let whole = told(&trent, "GetAccountAuthorizationDetails", &[]).await;
    assert_eq!(all(inside(&whole, "UserDetailList"), "UserName"), ["alice", "Bob"]);
    assert_eq!(all(inside(&whole, "GroupDetailList"), "GroupName"), ["team"]);
    assert_eq!(all(inside(&whole, "RoleDetailList"), "RoleName"), ["r"]);
    // Of the policies of AWS those that somebody has.
    assert_eq!(all(inside(&whole, "Policies"), "PolicyName"), ["own", "ReadOnlyAccess"]);
    assert!(inside(&whole, "GroupList").contains("<member>team</member>"), "{whole}");
    assert!(inside(&whole, "UserPolicyList").contains("%7B%22Version%22%3A"), "{whole}");
    assert!(inside(&whole, "RoleDetailList").contains("<AssumeRolePolicyDocument>%7B"), "{whole}");
    assert!(inside(&whole, "PolicyVersionList").contains("<IsDefaultVersion>true<"), "{whole}");

    let names = |body: &str| {
        let mut found = all(body, "UserName").iter().map(|n| format!("user {n}")).collect::<Vec<_>>();
        found.extend(all(body, "GroupName").iter().map(|n| format!("group {n}")));
        found.extend(all(body, "RoleName").iter().map(|n| format!("role {n}")));
        found.extend(all(inside(body, "Policies"), "PolicyName").iter().map(|n| format!("policy {n}")));
        found
    };
    let mut seen = Vec::new();
    let mut marker = None::<String>;
    loop {
        let last = marker.take();
        let mut members = vec![("MaxItems", "1")];
        members.extend(last.as_deref().map(|marker| ("Marker", marker)));
        let body = told(&trent, "GetAccountAuthorizationDetails", &members).await;
        let found = names(&body);
        assert_eq!(found.len(), 1, "{body}");
        seen.extend(found);
        if !body.contains("<Marker>") {
            break;
        }
        marker = Some(inside(&body, "Marker").to_owned());
    }
    assert_eq!(
        seen,
        ["user alice", "user Bob", "group team", "role r", "policy own", "policy ReadOnlyAccess"]
    );

    for (filter, expected) in [
        ("Role", vec!["role r"]),
        ("LocalManagedPolicy", vec!["policy own"]),
        ("AWSManagedPolicy", vec!["policy ReadOnlyAccess"]),
    ] {
        let body = told(&trent, "GetAccountAuthorizationDetails", &[("Filter.member.1", filter)]).await;
        assert_eq!(names(&body), expected);
    }
}
