use super::*;

fn regions() -> Vec<Region> {
    vec!["us-east-1".parse().unwrap(), "eu-west-1".parse().unwrap()]
}

fn refusal(text: &str) -> String {
    parse(text, &regions()).err().map(|refusal| refusal.to_string()).unwrap_or_default()
}

const KEY: &str = "accounts:\n  - keys:\n      - id: 11111111-2222-3333-4444-555555555555\n";

#[test]
fn what_is_not_understood_is_refused_with_its_place() {
    for (text, expected) in [
        ("", "the file is empty"),
        ("accounts: [", "line 1"),
        ("accounts: 1\n", "line 1, column 11"),
        ("colour: 1\n", "line 1, column 1: there is no `colour` here, but `accounts`"),
        ("accounts:\n  - users:\n      - nam: x\n", "line 3, column 9: there is no `nam` here"),
        ("accounts:\n  - users:\n      - path: /x/\n", "`name` is missing"),
        ("accounts:\n  - id: '12'\n", "line 2, column 9: an account id has twelve digits"),
        ("accounts:\n  - id: '000000000001'\n    email: nowhere\n", "line 2, column 5: 1 validation error"),
        ("accounts: []\naccounts: []\n", "line 2, column 1: this is here twice"),
        ("accounts: []\n---\naccounts: []\n", "only one document"),
        ("accounts:\n  - access_keys:\n      - {id: a-b, secret: c}\n", "line 3, column 9: an access key id"),
        ("accounts:\n  - access_keys:\n      - {id: ASIAX, secret: c}\n", "those of sessions"),
        ("accounts:\n  - access_keys:\n      - {id: AKIAX, secret: a b}\n", "line 3, column 9: a secret"),
    ] {
        let refusal = refusal(text);
        assert!(refusal.contains(expected), "{text}: {refusal}");
    }
}

#[test]
fn what_is_wrong_with_a_key_is_told_at_its_place() {
    for (more, expected) in [
        ("enabled: maybe", "line 4, column 18"),
        (
            "key_spec: RSA_1024",
            "line 3, column 9: 1 validation error detected: Value 'RSA_1024' at 'keySpec'",
        ),
        ("region: mars-1", "line 4, column 17: this Region is not served"),
        ("multi_region: true", "line 4, column 23: multi-Region keys cannot be seeded yet"),
        ("rotation_period_in_days: 7", "line 4, column 34: a rotation period has 90 to 2560 days"),
        ("aliases: [app]", "line 4, column 19: an alias begins"),
        ("aliases: [alias/a, alias/a]", "line 3, column 9: the alias `alias/a` is here twice"),
        ("aliases: [alias/aws/s3]", "line 4, column 19: an alias begins"),
        ("policy: [1]", "line 4"),
        ("material: {hex: '00', base64: 'AA=='}", "line 4, column 19: material is one of"),
        ("material: {hex: '0'}", "line 4, column 19: this is not hexadecimal"),
        ("material: {base64: '='}", "line 4, column 19: this is not Base64"),
        ("material: {hex: '00'}", "line 4, column 19: material for SYMMETRIC_DEFAULT is 32 bytes"),
        ("material: {pem: 'x'}", "line 4, column 19: this is no PEM"),
        ("grants: [{name: a, grantee_principal: x, operations: [Fly]}]", "line 4, column 18: "),
    ] {
        let refusal = refusal(&format!("{KEY}        {more}\n"));
        assert!(refusal.contains(expected), "{more}: {refusal}");
    }
    assert_eq!(
        refusal(&KEY.replace("1111-", "111G-")),
        "line 3, column 13: a key id is a UUID in lower case"
    );
    assert_eq!(
        refusal(&KEY.replace("id: 1", "id: mrk-1")),
        "line 3, column 13: a key id is a UUID in lower case"
    );
}

#[test]
fn no_refusal_shows_what_may_be_a_secret() {
    const SECRET: &str = "00112233445566778899aabbccddeeff";
    for text in [
        format!("{KEY}        enabled: {SECRET}\n"),
        format!("{KEY}        enabled: '{SECRET}'\n"),
        format!("{KEY}        material: {SECRET}\n"),
        format!("{KEY}        material: {{hex: [{SECRET}]}}\n"),
        format!("{KEY}        material: {{hex: {{{SECRET}: 1}}}}\n"),
        format!("{KEY}        material: {{hex: x{SECRET}}}\n"),
        format!("{KEY}        material: {{hex: {SECRET}, hex: {SECRET}}}\n"),
        format!("{KEY}        material: {{pem: \"{SECRET}\"}}\n"),
        format!("{KEY}        rotation_period_in_days: {SECRET}\n"),
        format!("{KEY}        rotation_period_in_days: '{SECRET}'\n"),
        format!("{KEY}        tags: {SECRET}\n"),
        format!("{KEY}        aliases: ['{SECRET}']\n"),
        format!("{KEY}        multi_region: {SECRET}\n"),
        format!("{KEY}        material: {{hex: {SECRET}\n"),
        format!("{KEY}        material: {{hex: *{SECRET}}}\n"),
        format!("{KEY}        material: {{hex: !x {SECRET}}}\n"),
        format!("{KEY}      {SECRET}: : -\n"),
        format!("accounts:\n  - access_keys:\n      - {{id: AKIA, secret: '{SECRET} {SECRET}'}}\n"),
        format!("accounts:\n  - access_keys:\n      - {{id: '{SECRET}/', secret: a}}\n"),
        format!("accounts:\n  - access_keys:\n      - {{id: AKIA, secret: [{SECRET}]}}\n"),
        format!("accounts: {SECRET}\n"),
    ] {
        let refusal = refusal(&text);
        assert!(!refusal.is_empty(), "{text}");
        assert!(!refusal.contains(SECRET) && !refusal.contains('\n'), "{text}: {refusal}");
    }
}

#[test]
fn what_is_understood_is_taken_apart() {
    let material = format!("material: {{hex: \"{}\"}}", "00 ".repeat(32));
    let text = format!(
        "{KEY}        {material}
        aliases: [alias/a]
  - id: 000000000001
    users:
      - name: u
        access_keys: [{{id: test, secret: test}}]
    roles: [{{name: r, trust_policy: {{Version: 2012-10-17}}}}]
"
    );
    let steps = parse(&text, &regions()).unwrap();
    let kinds = steps.iter().map(|step| match &step.act {
        Act::Account(_) => "account",
        Act::Policy(_) => "policy",
        Act::Group(_) => "group",
        Act::User(_) => "user",
        Act::Role(_) => "role",
        Act::AccessKey(_) => "access key",
        Act::Key(_) => "key",
    });
    assert_eq!(kinds.collect::<Vec<_>>(), ["account", "user", "access key", "role", "key"]);
    assert_eq!(steps[4].account, None);
    assert_eq!(steps[1].account, Some("000000000001".parse().unwrap()));
}

#[test]
fn secrets_are_taken_from_files_that_are_trusted_with_them() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("seed.yaml");
    let secret = format!("{KEY}        material: {{hex: \"{}\"}}\n", "00".repeat(32));
    let read = |text: &str, mode: u32, trust: Trust| {
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        Seed::read(&file, trust, &regions()).err().map(|failure| failure.to_string()).unwrap_or_default()
    };
    assert_eq!(read(KEY, 0o644, Trust::Public), "");
    assert!(read(&secret, 0o600, Trust::Public).contains("line 3, column 9: key material and secret"));
    assert!(read(&secret, 0o644, Trust::Guarded).contains("everybody can read it"));
    assert_eq!(read(&secret, 0o640, Trust::Guarded), "");
    assert_eq!(read(&secret, 0o644, Trust::Test), "");
    assert!(
        read("accounts: 1", 0o600, Trust::Test)
            .starts_with(&format!("the seed `{}`: line 1", file.display()))
    );
    std::fs::remove_file(&file).unwrap();
    assert!(Seed::read(&file, Trust::Test, &regions()).is_err());
}
