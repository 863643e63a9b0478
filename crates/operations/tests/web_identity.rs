//! Whom an identity provider vouches for, from their token to what their session may do.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::{Value, json};
use trent_domain::{AccountId, PrincipalKind, Role};
use trent_engine::Clock as _;
use trent_testkit::{ACCOUNT, Credentials, Issuer, Trent};

const URL: &str = "https://i.example/Realm";
const PROVIDER: &str = "arn:aws:iam::000000000000:oidc-provider/i.example/Realm";
const DENIED: (u16, &str) = (403, "AccessDenied");
const INVALID: (u16, &str) = (400, "InvalidIdentityToken");

struct World {
    trent: Trent,
    issuer: Issuer,
}

fn account() -> AccountId {
    ACCOUNT.parse().unwrap()
}

/// A text as a form has it.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// What stands in the first element of that name.
fn element<'a>(body: &'a str, name: &str) -> &'a str {
    let rest = body.split_once(&format!("<{name}>")).unwrap_or(("", "")).1;
    rest.split_once(&format!("</{name}>")).unwrap_or(("", "")).0
}

fn trust(more: &Value) -> String {
    let mut statement = json!({
        "Effect": "Allow",
        "Principal": { "Federated": PROVIDER },
        "Action": "sts:AssumeRoleWithWebIdentity",
    });
    statement.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "Version": "2012-10-17", "Statement": statement }).to_string()
}

fn arn(role: &Role) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{}", role.name)
}

impl World {
    /// A Trent that knows an issuer, for the audience `trent`.
    async fn new() -> Self {
        let world = Self { trent: Trent::start().await.unwrap(), issuer: Issuer::new(URL).unwrap() };
        world.trent.issuers.publish(&world.issuer);
        let url = encoded(URL);
        world.iam(&format!("CreateOpenIDConnectProvider&Url={url}&ClientIDList.member.1=trent")).await;
        world
    }

    async fn iam(&self, form: &str) {
        let form = format!("Version=2010-05-08&Action={form}");
        let request = self.trent.form(&Credentials::root(), "iam", &form).unwrap();
        assert_eq!(self.trent.handle(request).await.status(), 200, "{form}");
    }

    /// A role that may do what `policy` says.
    async fn role(&self, name: &str, trust: String, policy: &Value) -> Role {
        let policy = json!({ "Version": "2012-10-17", "Statement": policy }).to_string();
        let furnish = |role: &mut Role| {
            role.trust_policy = trust;
            role.policies.inline.insert("p".to_owned(), policy);
        };
        self.trent.role(account(), name, furnish).await.unwrap()
    }

    fn now(&self) -> i64 {
        self.trent.clock.wall().as_second()
    }

    fn claims(&self) -> Value {
        let now = self.now();
        json!({ "iss": URL, "sub": "repo:a/b", "aud": "trent", "iat": now, "exp": now + 300 })
    }

    fn token(&self, claims: &Value) -> String {
        self.issuer.token(claims).unwrap()
    }

    /// Status and body of the answer to somebody with a token.
    async fn assume(&self, role: &str, token: &str, more: &str) -> (u16, String) {
        let (role, token) = (encoded(role), encoded(token));
        let form = format!(
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleSessionName=ci&RoleArn={role}\
             &WebIdentityToken={token}{more}"
        );
        let response = self.trent.handle(self.trent.unsigned_form(&form).unwrap()).await;
        (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
    }

    async fn credentials(&self, role: &str, claims: &Value) -> Credentials {
        let (status, body) = self.assume(role, &self.token(claims), "").await;
        assert_eq!(status, 200, "{body}");
        let text = |name| element(&body, name).to_owned();
        Credentials {
            access_key_id: text("AccessKeyId"),
            secret: text("SecretAccessKey"),
            token: Some(text("SessionToken")),
        }
    }

    /// Status, code and message of a refusal.
    async fn refusal(&self, role: &str, claims: &Value) -> (u16, String, String) {
        self.refused(role, &self.token(claims), "").await
    }

    async fn refused(&self, role: &str, token: &str, more: &str) -> (u16, String, String) {
        let (status, body) = self.assume(role, token, more).await;
        (status, element(&body, "Code").to_owned(), element(&body, "Message").to_owned())
    }

    async fn may_list(&self, credentials: &Credentials) -> bool {
        self.trent.call_as(credentials, "ListKeys", &json!({})).await.unwrap().status == 200
    }
}

fn list_keys(condition: &Value) -> Value {
    json!({ "Effect": "Allow", "Action": "kms:ListKeys", "Resource": "*", "Condition": condition })
}

#[tokio::test]
async fn a_token_opens_a_role() {
    let world = World::new().await;
    let condition = json!({ "StringEquals": {
        "i.example/Realm:sub": "repo:a/b",
        "i.example/realm:aud": "trent",
        "sts:RoleSessionName": "ci",
    }});
    let session = json!({ "StringEquals": {
        "aws:FederatedProvider": PROVIDER,
        "i.example/realm:sub": "repo:a/b",
    }});
    let role = world.role("ci", trust(&json!({ "Condition": condition })), &list_keys(&session)).await;
    let (status, body) = world.assume(&arn(&role), &world.token(&world.claims()), "").await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(element(&body, "SubjectFromWebIdentityToken"), "repo:a/b");
    assert_eq!(element(&body, "Provider"), PROVIDER);
    assert_eq!(element(&body, "Audience"), "trent");
    assert_eq!(element(&body, "Arn"), format!("arn:aws:sts::{ACCOUNT}:assumed-role/ci/ci"));
    let credentials = world.credentials(&arn(&role), &world.claims()).await;
    assert!(world.may_list(&credentials).await);
    assert_eq!(
        world.trent.call_as(&credentials, "ListAliases", &json!({})).await.unwrap().error(),
        Some("AccessDeniedException")
    );
}

#[tokio::test]
async fn the_trail_knows_who_came_and_not_their_token() {
    let world = World::new().await;
    let role = world.role("ci", trust(&json!({})), &list_keys(&json!({}))).await;
    world.trent.audit.take();
    let token = world.token(&world.claims());
    let (_, body) = world.assume(&arn(&role), &token, "").await;
    let event = world.trent.audit.take().remove(0);
    assert_eq!(
        (event.name, event.source, event.read_only),
        ("AssumeRoleWithWebIdentity", "sts.amazonaws.com", true)
    );
    let principal = event.principal.as_deref().unwrap();
    assert_eq!(principal.account, account());
    assert_eq!(principal.user_id(), format!("{PROVIDER}:trent:repo:a/b"));
    assert!(matches!(&principal.kind, PrincipalKind::WebIdentity { provider, .. } if provider == PROVIDER));
    let response: Value = serde_json::from_str(&event.response.as_ref().unwrap().0).unwrap();
    assert_eq!(response["subjectFromWebIdentityToken"], "repo:a/b");
    assert_eq!((&response["provider"], &response["audience"]), (&json!(PROVIDER), &json!("trent")));
    assert_eq!(response["credentials"]["accessKeyId"], element(&body, "AccessKeyId"));
    let told = format!("{event:?}");
    assert!(!told.contains(&token) && !told.contains(element(&body, "SecretAccessKey")));
    assert!(!told.contains(element(&body, "SessionToken")));

    let credentials = world.credentials(&arn(&role), &world.claims()).await;
    assert!(world.may_list(&credentials).await);
    let event = world.trent.audit.take().pop().unwrap();
    assert_eq!(event.session.unwrap().provider.as_deref(), Some(PROVIDER));

    // A token that is not believed is nobody's, and one that is not let in is its subject's.
    world.refused(&arn(&role), "x.y.z", "").await;
    assert_eq!(world.trent.audit.take().remove(0).principal, None);
    world.refusal("arn:aws:iam::000000000000:role/none", &world.claims()).await;
    let event = world.trent.audit.take().remove(0);
    assert!(event.principal.is_some() && event.error.unwrap().code == "AccessDenied");
}

#[tokio::test]
async fn tokens_are_refused_in_the_words_of_the_service() {
    let world = World::new().await;
    let role = arn(&world.role("ci", trust(&json!({})), &list_keys(&json!({}))).await);
    let now = world.now();
    let with = |name: &str, value: Value| {
        let mut claims = world.claims();
        claims[name] = value;
        claims
    };
    let not_yet = format!("Token not yet valid: current date/time {now} must not be before {}", now + 61);
    let expired =
        format!("Token expired: current date/time {now} must be before the expiration date/time {now}");
    for (claims, (status, code), message) in [
        (with("aud", json!("other")), INVALID, "Incorrect token audience"),
        (with("aud", json!([])), INVALID, "Invalid claim: aud"),
        (with("azp", json!("other")), INVALID, "Incorrect token audience"),
        (with("sub", Value::Null), INVALID, "Missing a required claim: sub"),
        (with("exp", json!(now)), (400, "ExpiredTokenException"), expired.as_str()),
        (with("iat", json!(now + 61)), INVALID, not_yet.as_str()),
        (with("nbf", json!(now + 61)), INVALID, not_yet.as_str()),
        (
            with("iss", json!("https://i.example/realm")),
            INVALID,
            "No OpenIDConnect provider found in your account for https://i.example/realm",
        ),
        (
            with("iss", json!("http://i.example/Realm")),
            INVALID,
            "No OpenIDConnect provider found in your account for http://i.example/Realm",
        ),
    ] {
        assert_eq!(world.refusal(&role, &claims).await, (status, code.to_owned(), message.to_owned()));
    }
    let token = world.token(&world.claims());
    let stranger = Issuer::new(URL).unwrap().token(&world.claims()).unwrap();
    assert_eq!(world.refused(&role, &stranger, "").await.2, "Token signature invalid");
    let not_a_token =
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)";
    for text in ["nonsense", "a.b.c", &token[1..]] {
        let (status, code, message) = world.refused(&role, text, "").await;
        assert_eq!(((status, code.as_str()), message.as_str()), (INVALID, not_a_token));
    }
    assert_eq!(world.refused(&role, &token, "&ProviderId=www.amazon.com").await.1, INVALID.1);
    assert_eq!(
        world.refused("arn:aws:iam::1:role/short", &token, "").await,
        (400, "ValidationError".to_owned(), "arn:aws:iam::1:role/short is invalid".to_owned())
    );
    assert_eq!(world.refused(&role, "x", "").await.1, "ValidationError");
    assert_eq!(world.refused(&role, &token, "&DurationSeconds=3601").await.1, "ValidationError");
    assert_eq!(world.refused(&role, &token, "&Policy=%7B%7D").await.1, "MalformedPolicyDocument");
}

#[tokio::test]
async fn only_those_whom_the_role_trusts_get_in() {
    let world = World::new().await;
    let condition = |key: &str, value: &str| json!({ "Condition": { "StringEquals": { key: value } } });
    let principal = |principal: Value| json!({ "Principal": principal });
    for (name, trust) in [
        ("subject", trust(&condition("i.example/Realm:sub", "repo:a/c"))),
        ("audience", trust(&condition("i.example/Realm:aud", "other"))),
        ("other-provider", trust(&condition("j.example:sub", "repo:a/b"))),
        ("everyone", trust(&principal(json!("*")))),
        ("account", trust(&principal(json!({ "AWS": ACCOUNT })))),
        ("action", trust(&json!({ "Action": "sts:AssumeRole" }))),
    ] {
        let role = world.role(name, trust, &list_keys(&json!({}))).await;
        let (status, code, message) = world.refusal(&arn(&role), &world.claims()).await;
        assert_eq!((status, code.as_str()), DENIED, "{name}");
        assert_eq!(message, "Not authorized to perform sts:AssumeRoleWithWebIdentity");
    }
    let missing = world.refusal("arn:aws:iam::000000000000:role/none", &world.claims()).await;
    assert_eq!(missing.2, "Not authorized to perform sts:AssumeRoleWithWebIdentity");
}

#[tokio::test]
async fn a_provider_vouches_in_its_own_account_only() {
    let world = World::new().await;
    let other: AccountId = "111111111111".parse().unwrap();
    world.trent.account(other).await.unwrap();
    let furnish = |role: &mut Role| role.trust_policy = trust(&json!({}));
    world.trent.role(other, "ci", furnish).await.unwrap();
    let role = "arn:aws:iam::111111111111:role/ci";
    let message = world.refusal(role, &world.claims()).await.2;
    assert_eq!(message, format!("No OpenIDConnect provider found in your account for {URL}"));
    // Nobody was asked for the keys of an issuer that the account has not registered.
    assert_eq!(world.trent.issuers.fetches(), 0);
}

#[tokio::test]
async fn what_a_token_asks_to_set_must_be_allowed() {
    let world = World::new().await;
    let mut claims = world.claims();
    claims["https://aws.amazon.com/tags"] = json!({
        "principal_tags": { "Project": ["Pegasus"] },
        "transitive_tag_keys": ["Project"],
    });
    claims["https://aws.amazon.com/source_identity"] = json!("alice");
    let gate = list_keys(&json!({ "StringEquals": {
        "aws:PrincipalTag/project": "Pegasus",
        "aws:SourceIdentity": "alice",
    }}));
    let actions = |more: &[&str]| {
        let all: Vec<_> = ["sts:AssumeRoleWithWebIdentity"].iter().chain(more).collect();
        json!({ "Action": all })
    };
    let role = world.role("neither", trust(&actions(&[])), &gate).await;
    assert_eq!(world.refusal(&arn(&role), &claims).await.2, "Not authorized to perform sts:TagSession");
    let role = world.role("tags", trust(&actions(&["sts:TagSession"])), &gate).await;
    assert_eq!(
        world.refusal(&arn(&role), &claims).await.2,
        "Not authorized to perform sts:SetSourceIdentity"
    );

    let mut all = actions(&["sts:TagSession", "sts:SetSourceIdentity"]);
    all["Condition"] = json!({
        "StringEquals": { "aws:RequestTag/Project": "Pegasus", "sts:SourceIdentity": "alice" },
        "ForAllValues:StringEquals": { "sts:TransitiveTagKeys": ["Project"], "aws:TagKeys": ["Project"] },
    });
    let role = world.role("both", trust(&all), &gate).await;
    let credentials = world.credentials(&arn(&role), &claims).await;
    assert!(world.may_list(&credentials).await);
    world.trent.audit.take();
    let (_, body) = world.assume(&arn(&role), &world.token(&claims), "").await;
    assert_eq!(element(&body, "SourceIdentity"), "alice");
    let event = world.trent.audit.take().remove(0);
    assert!(event.response.unwrap().0.contains(r#""sourceIdentity":"alice""#));
    let parameters: Value = serde_json::from_str(&event.parameters.unwrap().0).unwrap();
    let expected = json!({
        "roleArn": arn(&role),
        "roleSessionName": "ci",
        "sourceIdentity": "alice",
        "principalTags": { "Project": "Pegasus" },
        "transitiveTagKeys": ["Project"],
    });
    assert_eq!(parameters, expected);

    claims["https://aws.amazon.com/tags"]["principal_tags"]["Project"] = json!(["Other"]);
    assert_eq!(world.refusal(&arn(&role), &claims).await.1, "AccessDenied");
    claims["https://aws.amazon.com/tags"] = json!([]);
    assert_eq!(world.refusal(&arn(&role), &claims).await.1, "InvalidIdentityToken");
}

#[tokio::test]
async fn what_is_taken_away_is_gone_at_once() {
    let world = World::new().await;
    let role = world.role("ci", trust(&json!({})), &list_keys(&json!({}))).await;
    let credentials = world.credentials(&arn(&role), &world.claims()).await;
    let provider = format!("&OpenIDConnectProviderArn={}", encoded(PROVIDER));
    world.iam(&format!("RemoveClientIDFromOpenIDConnectProvider{provider}&ClientID=trent")).await;
    assert_eq!(world.refusal(&arn(&role), &world.claims()).await.2, "Incorrect token audience");
    world.iam(&format!("AddClientIDToOpenIDConnectProvider{provider}&ClientID=trent")).await;
    world.credentials(&arn(&role), &world.claims()).await;
    world.iam(&format!("DeleteOpenIDConnectProvider{provider}")).await;
    assert!(
        world.refusal(&arn(&role), &world.claims()).await.2.starts_with("No OpenIDConnect provider found")
    );
    // Sessions are their role's, and end with it.
    assert!(world.may_list(&credentials).await);
    world.trent.remove_role(&role).await.unwrap();
    assert!(!world.may_list(&credentials).await);
}

#[tokio::test]
async fn a_signature_changes_nothing() {
    let world = World::new().await;
    let role = world.role("ci", trust(&json!({})), &list_keys(&json!({}))).await;
    let (arn, token) = (encoded(&arn(&role)), encoded(&world.token(&world.claims())));
    let form = format!(
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleSessionName=ci&RoleArn={arn}&WebIdentityToken={token}"
    );
    world.trent.audit.take();
    let request = world.trent.form(&Credentials::root(), "sts", &form).unwrap();
    assert_eq!(world.trent.handle(request).await.status(), 200);
    let principal = world.trent.audit.take().remove(0).principal.unwrap();
    assert!(matches!(principal.kind, PrincipalKind::WebIdentity { .. }));
    let nobody = Credentials { secret: "wrong".to_owned(), ..Credentials::root() };
    let request = world.trent.form(&nobody, "sts", &form).unwrap();
    assert_eq!(world.trent.handle(request).await.status(), 403);
}
