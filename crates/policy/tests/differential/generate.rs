//! Cases from a seed: small worlds in which names, values and patterns often meet.

use serde_json::{Map, Value, json};

use crate::conditions;
use crate::naive::Case;

pub(crate) const OWNER: &str = "111111111111";
const OTHER: &str = "222222222222";
const KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/1234abcd";
const ROLE: &str = "arn:aws:iam::111111111111:role/path/R";

/// A small generator of random numbers (splitmix64), the same everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % limit
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// The kinds of policy that differ in what they may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Key,
    Trust,
    Identity,
}

/// Several requests against one set of policies.
pub(crate) fn cases(random: &mut Random, requests: usize) -> Vec<Case> {
    let trust = random.chance(12);
    let caller = caller(random, trust);
    let facts = conditions::facts(random);
    let world = World { caller: &caller, facts: &facts };
    let with_resource = trust || random.chance(85);
    let kind = if trust { Kind::Trust } else { Kind::Key };
    let resource_policy = with_resource.then(|| world.policy(random, kind));
    let count = *random.pick(&[0, 1, 1, 1, 2]);
    let identity = (0..count).map(|_| world.policy(random, Kind::Identity)).collect();
    let boundary = random.chance(25).then(|| world.policy(random, Kind::Identity));
    let session = random.chance(25).then(|| {
        let count = *random.pick(&[0, 1, 1, 2]);
        (0..count).map(|_| world.policy(random, Kind::Identity)).collect()
    });
    let case = Case {
        resource_policy,
        trust,
        identity,
        boundary,
        session,
        owner: (with_resource || random.chance(10)).then_some(OWNER),
        crosses: random.chance(80),
        action: "",
        resource: String::new(),
        caller: caller.clone(),
        facts: facts.clone(),
    };
    (0..requests).map(|turn| request(random, &case, turn)).collect()
}

fn request(random: &mut Random, case: &Case, turn: usize) -> Case {
    let mut case = case.clone();
    case.action = *if case.trust {
        random.pick(&["sts:AssumeRole", "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:TagSession"])
    } else {
        random.pick(&["kms:Encrypt", "kms:Encrypt", "kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom"])
    };
    case.resource = match (case.trust, case.resource_policy.is_some()) {
        (true, _) => ROLE.to_owned(),
        (false, true) if random.chance(85) => KEY.to_owned(),
        (false, true) => format!("{KEY}-2"),
        (false, false) => {
            let odd = [
                "*",
                KEY,
                "arn:aws:kms:us-east-1:111111111111:alias/é*x",
                "arn:aws:kms:eu-west-1:111111111111:a:b/c",
            ];
            (*random.pick(&odd)).to_owned()
        }
    };
    // The first request meets the facts the policies were written for; later ones may not.
    if turn > 0 && random.chance(70) {
        conditions::disturb(random, &mut case.facts);
    }
    case
}

fn caller(random: &mut Random, trust: bool) -> Value {
    let account = if random.chance(22) { OTHER } else { OWNER };
    let user = |name: &str, id: &str| json!({"type": "user", "account": account, "arn": format!("arn:aws:iam::{account}:user/{name}"), "id": id});
    match random.below(if trust { 105 } else { 95 }) {
        0..35 => user("team/alice", "AIDAALICEALICEALICE01"),
        35..40 => user("team/Alice", "AIDAALICEALICEALICE02"),
        40..65 => json!({
            "type": "session", "account": account,
            "arn": format!("arn:aws:sts::{account}:assumed-role/R/S"),
            "role_arn": format!("arn:aws:iam::{account}:role/path/R"), "role_id": "AROARRRRRRRRRRRRRRR01",
        }),
        65..75 => json!({"type": "root", "account": account}),
        75..90 => {
            let alice = user("team/alice", "AIDAALICEALICEALICE01");
            let user = if random.chance(70) { alice } else { Value::Null };
            let arn = format!("arn:aws:sts::{account}:federated-user/F");
            json!({"type": "federated", "account": account, "arn": arn, "user": user})
        }
        90..95 => json!({"type": "service", "account": account, "name": "backup.amazonaws.com"}),
        _ => {
            json!({"type": "provider", "account": account, "arn": "arn:aws:iam::111111111111:oidc-provider/h/p"})
        }
    }
}

/// What the policies of a case are written about.
struct World<'a> {
    caller: &'a Value,
    facts: &'a Map<String, Value>,
}

impl World<'_> {
    fn policy(&self, random: &mut Random, kind: Kind) -> Value {
        let version = *random.pick(&[
            Some("2012-10-17"),
            Some("2012-10-17"),
            Some("2012-10-17"),
            Some("2008-10-17"),
            None,
        ]);
        let variables = version == Some("2012-10-17");
        let count = *random.pick(&[1, 1, 2, 2, 3, 4]);
        let statements: Vec<Value> = (0..count).map(|_| self.statement(random, kind, variables)).collect();
        let mut policy = Map::new();
        if let Some(version) = version {
            policy.insert("Version".to_owned(), json!(version));
        }
        let alone = statements.len() == 1 && random.chance(50);
        policy.insert("Statement".to_owned(), if alone { statements[0].clone() } else { json!(statements) });
        Value::Object(policy)
    }

    fn statement(&self, random: &mut Random, kind: Kind, variables: bool) -> Value {
        let deny = random.chance(18);
        let mut statement = Map::new();
        statement.insert("Effect".to_owned(), json!(if deny { "Deny" } else { "Allow" }));
        if kind != Kind::Identity {
            let negated = kind == Kind::Key && random.chance(if deny { 30 } else { 5 });
            let (name, principal) = self.principal(random, kind, negated);
            statement.insert(name.to_owned(), principal);
        }
        if kind != Kind::Key || !random.chance(2) {
            let (name, actions) = actions(random, kind);
            statement.insert(name.to_owned(), actions);
        }
        if kind != Kind::Trust && (kind == Kind::Identity || !random.chance(2)) {
            let name = if random.chance(8) { "NotResource" } else { "Resource" };
            statement.insert(name.to_owned(), resources(random, variables));
        }
        if random.chance(if deny { 60 } else { 40 }) {
            let block = conditions::block(random, self.facts, kind, variables);
            statement.insert("Condition".to_owned(), block);
        }
        Value::Object(statement)
    }

    fn principal(&self, random: &mut Random, kind: Kind, negated: bool) -> (&'static str, Value) {
        let name = if negated { "NotPrincipal" } else { "Principal" };
        if random.chance(if negated { 4 } else { 10 }) {
            return (name, json!("*"));
        }
        let count = if negated { 1 + random.below(5) } else { 1 + random.below(2) };
        let mut entries = Map::new();
        for _ in 0..count {
            let (kind, entry) = self.principal_name(random, kind);
            let list = entries.entry(kind).or_insert_with(|| json!([]));
            list.as_array_mut().unwrap().push(entry);
        }
        for list in entries.values_mut() {
            if list.as_array().unwrap().len() == 1 && random.chance(60) {
                *list = list[0].clone();
            }
        }
        (name, Value::Object(entries))
    }

    /// A name of the caller's more often than not.
    fn principal_name(&self, random: &mut Random, kind: Kind) -> (&'static str, Value) {
        let own: Vec<&Value> = ["arn", "id", "role_arn", "role_id"]
            .into_iter()
            .map(|name| &self.caller[name])
            .chain([&self.caller["user"]["arn"], &self.caller["user"]["id"]])
            .filter(|value| value.is_string())
            .collect();
        let account = self.caller["account"].as_str().unwrap();
        match (self.caller["type"].as_str().unwrap(), random.below(100)) {
            ("service", 0..60) => ("Service", self.caller["name"].clone()),
            ("provider", 0..60) if kind == Kind::Trust => ("Federated", self.caller["arn"].clone()),
            ("user" | "session" | "federated", 0..50) => ("AWS", (*random.pick(&own)).clone()),
            (_, 50..62) => ("AWS", json!(format!("arn:aws:iam::{account}:root"))),
            (_, 62..69) => ("AWS", json!(account)),
            (_, 69..72) => ("AWS", json!(account.parse::<u64>().unwrap())),
            _ => stranger(random),
        }
    }
}

fn stranger(random: &mut Random) -> (&'static str, Value) {
    let names = [
        "arn:aws:iam::111111111111:root",
        "222222222222",
        "333333333333",
        "arn:aws:iam::111111111111:user/team/alice",
        "arn:aws:iam::111111111111:user/team/ALICE",
        "arn:aws:iam::111111111111:user/alice",
        "arn:aws:iam::222222222222:user/team/alice",
        "arn:aws:iam::111111111111:role/R",
        "arn:aws:iam::111111111111:role/path/R",
        "arn:aws:sts::111111111111:assumed-role/R/S2",
        "arn:aws:sts::111111111111:assumed-role/R/S",
        "arn:aws:sts::111111111111:federated-user/F",
        "AROARRRRRRRRRRRRRRR01",
        "AIDAALICEALICEALICE01",
        "AIDAALICEALICEALICE02",
    ];
    match random.below(20) {
        0 => ("Service", json!("backup.amazonaws.com")),
        1 => ("Service", json!("s3.amazonaws.com")),
        _ => ("AWS", json!(random.pick(&names))),
    }
}

fn actions(random: &mut Random, kind: Kind) -> (&'static str, Value) {
    const KMS: &[&str] = &[
        "kms:*",
        "kms:*",
        "kms:*",
        "*",
        "*:*",
        "KMS:Encrypt",
        "kms:encrypt",
        "kms:Enc*",
        "kms:?ncrypt",
        "k?s:*",
        "kms:*crypt",
        "kms:Decrypt",
        "kms:Re*From",
        "kms:ReEncrypt*",
        "kms:*n*y*t*",
        "iam:*",
        "kms:Encrypt?",
        "km:*",
    ];
    const TRUST: &[&str] = &[
        "sts:AssumeRole",
        "sts:AssumeRole*",
        "sts:*",
        "STS:assumerole",
        "sts:AssumeRoleWithWebIdentity",
        "sts:TagSession",
    ];
    let from = if kind == Kind::Trust { TRUST } else { KMS };
    let negated = kind != Kind::Trust && random.chance(8);
    let name = if negated { "NotAction" } else { "Action" };
    let count = 1 + random.below(2);
    let list: Vec<&str> = (0..count).map(|_| *random.pick(from)).collect();
    let alone = list.len() == 1 && random.chance(60);
    (name, if alone { json!(list[0]) } else { json!(list) })
}

fn resources(random: &mut Random, variables: bool) -> Value {
    const ALWAYS: &[&str] = &[
        "*",
        "*",
        "*",
        "*",
        "*",
        "*",
        KEY,
        "arn:aws:kms:*:111111111111:key/*",
        "arn:aws:kms:us-east-?:*:key/1234*",
        "arn:aws:kms:us-*-1:111111111111:*",
        "arn:aws:kms:us*:key/1234abcd",
        "arn:aws:kms",
        "arn:aws:kms:us-east-1",
        "arn:aws:kms:*",
        "arn:aws:kms:us-east-1:1*:k*",
        "arn:aws:kms:us-east-1:111111111111:KEY/1234abcd",
        "arn:aws:kms:us-east-1:1?1:key/*",
        "arn:aws:kms:*:*:alias/?[*]x",
        "arn:aws:kms:*:*:alias/é?x",
        "arn:aws:kms:*:*:a*c",
        "arn:a*s:kms:u*1:*1:k*d",
        "arn:*:kms:*:*:key/1234abcd",
        "arn:aws:kms:*east-1:111111111111:key/1234abcd",
        "arn:aws:s3:::bucket/*",
        "arn:aws:kms:*:b/c",
        "arn:aws:kms:*:a:b/c",
        "arn:aws:kms:e*1:a:b/c",
        "arn:a*:kms:*:a:b*",
    ];
    const SUBSTITUTED: &[&str] = &[
        "arn:aws:kms:*:*:key/${aws:PrincipalTag/key}",
        "arn:aws:kms:*:*:key/${AWS:principaltag/KEY, '1234abcd'}",
        "arn:aws:kms:*:*:${aws:username, 'key/1234abcd'}",
        "arn:aws:kms:*:*:alias/é${*}x",
        "arn:aws:kms:*:*:alias/é${?}x",
        "arn:aws:kms:*:*:key/${aws:TagKeys, '1234abcd'}",
        "arn:aws:kms:*:*:key/1234${aws:PrincipalTag/team, '*'}*",
    ];
    let count = 1 + random.below(2);
    let mut one = || {
        let from = if random.chance(15) && variables { SUBSTITUTED } else { ALWAYS };
        *random.pick(from)
    };
    let list: Vec<&str> = (0..count).map(|_| one()).collect();
    let alone = list.len() == 1 && random.chance(60);
    if alone { json!(list[0]) } else { json!(list) }
}
