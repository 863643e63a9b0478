//! Condition blocks, and the facts they are about.

use serde_json::{Map, Value, json};

use crate::generate::{Kind, Random};

/// Keys by the kind of their values, in a case of letters that policies vary.
const KEYS: &[(&str, &str)] = &[
    ("aws:PrincipalTag/team", "text"),
    ("aws:PrincipalTag/key", "text"),
    ("aws:username", "text"),
    ("kms:EncryptionContext:App", "text"),
    ("aws:RequestTag/é", "text"),
    ("aws:TagKeys", "many"),
    ("kms:ResourceAliases", "many"),
    ("kms:RotationPeriodInDays", "number"),
    ("aws:CurrentTime", "date"),
    ("aws:SecureTransport", "bool"),
    ("aws:SourceIp", "address"),
    ("aws:PrincipalArn", "arn"),
    ("aws:Blob", "binary"),
];

const TEXTS: &[&str] = &[
    "red",
    "Red",
    "RED",
    "re*d",
    "r?d",
    "*",
    "?",
    "",
    "é",
    "É",
    "ΑΣ",
    "ας",
    "ασ",
    "ß",
    "ẞ",
    "SS",
    "İ",
    "i",
    "日本",
    "a}b",
    "$",
    "a'b",
    "1234abcd",
    "key/1234abcd",
    "${aws:username}",
    "team-red",
    "true",
    "7",
];
const NUMBERS: &[&str] = &[
    "7",
    "7.0",
    "07",
    "+7",
    "-0",
    "0",
    "0.0",
    "10",
    "9",
    "3.14",
    "3.140",
    "-2.5",
    "-10",
    "123456789012345678901",
];
const DATES: &[&str] = &[
    "2024-06-30",
    "2024-06-30T00:00:00Z",
    "2024-06-30T02:00:00+02:00",
    "2024-06-29T23:00:00-01:00",
    "2024-06",
    "1719705600",
    "1719705600.5",
    "2024-06-30T00:00:00.500Z",
    "2024-02-29T12:00Z",
    "1969-12-31T23:59:59Z",
    "-1",
    "-1.5",
    "-1.25",
    "0",
    "2024-06-30T00:00:00",
];
const BOOLS: &[&str] = &["true", "false", "True", "FALSE"];
const NETWORKS: &[&str] = &[
    "10.0.0.0/8",
    "10.1.2.3",
    "10.1.2.0/24",
    "0.0.0.0/0",
    "10.1.2.3/31",
    "2001:db8::/32",
    "2001:DB8::1",
    "::/0",
    "192.0.2.0/25",
];
const ADDRESSES: &[&str] =
    &["10.1.2.3", "10.1.2.4", "192.0.2.127", "192.0.2.128", "2001:db8::1", "2001:db9::", "::ffff:10.1.2.3"];
const ARNS: &[&str] = &[
    "arn:aws:iam::111111111111:role/path/R",
    "arn:aws:iam::111111111111:user/team/alice",
    "arn:aws:iam::222222222222:role/R",
    "arn:aws:s:r:1:a:b:z",
    "arn:aws:iam::111111111111:role/*",
];
const ARN_PATTERNS: &[&str] = &[
    "arn:aws:iam::111111111111:role/*",
    "arn:aws:iam::*:role/R",
    "arn:*:iam::1?1111111111:*/R",
    "arn:aws:iam:*:role/*",
    "*",
    "arn:aws:s:r:1:a*z",
    "arn:aws:IAM::111111111111:role/path/R",
    "arn:aws:iam::111111111111:role/path/R",
];
const BINARIES: &[&str] = &["QQ==", "QUI=", "", "QUJD"];

/// The facts of a request.
pub(crate) fn facts(random: &mut Random) -> Map<String, Value> {
    let mut facts = Map::new();
    for (key, kind) in KEYS {
        if random.chance(72) {
            facts.insert((*key).to_owned(), fact(random, kind));
        }
    }
    facts
}

/// Takes facts away or gives them other values.
pub(crate) fn disturb(random: &mut Random, facts: &mut Map<String, Value>) {
    for (key, kind) in KEYS {
        match random.below(10) {
            0 => drop(facts.remove(*key)),
            1..3 => drop(facts.insert((*key).to_owned(), fact(random, kind))),
            _ => {}
        }
    }
}

/// Some keys always have several values; any may.
fn fact(random: &mut Random, kind: &str) -> Value {
    if kind == "many" || random.chance(25) {
        let count = *random.pick(&[0, 1, 1, 2, 2, 3]);
        return json!((0..count).map(|_| single(random, kind)).collect::<Vec<_>>());
    }
    json!(single(random, kind))
}

fn single(random: &mut Random, kind: &str) -> &'static str {
    const ODD: &[&str] = &["", "soon", "1e3", ".5", "1.", "10.0.0", "QQ", "arn:aws", "yes"];
    let from = match kind {
        // None of its kind.
        _ if random.chance(4) => ODD,
        "number" => NUMBERS,
        "date" => DATES,
        "bool" => BOOLS,
        "address" => ADDRESSES,
        "arn" => ARNS,
        "binary" => BINARIES,
        _ => TEXTS,
    };
    let value: &&str = random.pick(from);
    value
}

/// A `Condition` block.
pub(crate) fn block(random: &mut Random, facts: &Map<String, Value>, kind: Kind, variables: bool) -> Value {
    let mut block = Map::new();
    for _ in 0..*random.pick(&[1, 1, 1, 2]) {
        // The later ones have more operators to themselves.
        let first = *random.pick(&[0, 0, 7]);
        let (key, values) = *random.pick(&KEYS[first..]);
        let for_all = !(kind == Kind::Key && (key.starts_with("kms:Enc") || key.starts_with("aws:Req")));
        let operator = operator(random, values, for_all);
        let count = *random.pick(&[1, 1, 1, 2, 3, 0]);
        let operands: Vec<Value> =
            (0..count).map(|_| operand(random, &operator, facts.get(key), variables)).collect();
        let alone = operands.len() == 1 && random.chance(60);
        let operands = if alone { operands[0].clone() } else { json!(operands) };
        let keys = block.entry(operator).or_insert_with(|| json!({}));
        keys.as_object_mut().unwrap().insert(spell(random, key), operands);
    }
    Value::Object(block)
}

/// A key in this or that case.
fn spell(random: &mut Random, key: &str) -> String {
    match random.below(4) {
        0 => key.to_lowercase(),
        1 => key.to_uppercase(),
        _ => key.to_owned(),
    }
}

/// An operator: mostly one that suits the values of the key.
fn operator(random: &mut Random, values: &str, for_all: bool) -> String {
    const TEXT: &[&str] = &[
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
    ];
    const ORDER: &[&str] =
        &["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"];
    const ARN: &[&str] = &["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"];
    let values = if random.chance(10) {
        *random.pick(&["text", "number", "date", "bool", "address", "arn", "binary"])
    } else {
        values
    };
    let name = match values {
        _ if random.chance(6) => return "Null".to_owned(),
        "number" => format!("Numeric{}", random.pick(ORDER)),
        "date" => format!("Date{}", random.pick(ORDER)),
        "bool" => "Bool".to_owned(),
        "binary" => "BinaryEquals".to_owned(),
        "address" => (*random.pick(&["IpAddress", "NotIpAddress"])).to_owned(),
        "arn" => (*random.pick(ARN)).to_owned(),
        _ => (*random.pick(TEXT)).to_owned(),
    };
    let sets = if for_all { &["", "", "ForAnyValue:", "ForAllValues:"][..] } else { &["", "ForAnyValue:"] };
    let rare = if values == "many" { 75 } else { 45 };
    let set = if random.chance(rare) { *random.pick(sets) } else { "" };
    format!("{set}{name}{}", if random.chance(25) { "IfExists" } else { "" })
}

/// A value of the policy: often one that the request has, or something like it.
fn operand(random: &mut Random, operator: &str, fact: Option<&Value>, variables: bool) -> Value {
    let name = operator.trim_start_matches("ForAnyValue:").trim_start_matches("ForAllValues:");
    let known = match fact {
        Some(Value::Array(values)) if !values.is_empty() => random.pick(values).as_str(),
        Some(Value::String(value)) => Some(value.as_str()),
        _ => None,
    };
    if name.starts_with("Numeric") && random.chance(20) {
        return random.pick(&[json!(7), json!(-10), json!(3.5), json!(0)]).clone();
    }
    if name == "Null" || (name.starts_with("Bool") && random.chance(30)) {
        return random.pick(&[json!(true), json!(false), json!("true"), json!("false")]).clone();
    }
    match name {
        _ if name.starts_with("Numeric") => choose(random, known, NUMBERS),
        _ if name.starts_with("Date") => choose(random, known, DATES),
        _ if name.starts_with("Bool") && variables && random.chance(10) => json!("${aws:username, 'true'}"),
        _ if name.starts_with("Bool") => choose(random, known, BOOLS),
        _ if name.starts_with("Binary") => choose(random, known, BINARIES),
        _ if name.contains("IpAddress") => json!(random.pick(NETWORKS)),
        _ if name.starts_with("Arn") && random.chance(60) => json!(random.pick(ARN_PATTERNS)),
        _ => text(random, known, variables),
    }
}

/// One of a list, the request's own if it is there.
fn choose(random: &mut Random, known: Option<&str>, from: &[&str]) -> Value {
    match known.filter(|known| from.contains(known)) {
        Some(known) if random.chance(50) => json!(known),
        _ => json!(random.pick(from)),
    }
}

fn text(random: &mut Random, known: Option<&str>, variables: bool) -> Value {
    let base = match known {
        Some(known) if random.chance(65) => known,
        _ => random.pick(TEXTS),
    };
    let base = if variables { base.replace("${", "${$}{") } else { base.to_owned() };
    let tricks = if variables { 14 } else { 9 };
    json!(match random.below(tricks) {
        0..4 => base,
        4 => base.to_uppercase(),
        5 => base.to_lowercase(),
        6 => format!("{base}*"),
        7 => "*?*".to_owned(),
        8 => format!("?{}", base.chars().skip(1).collect::<String>()).replace("?{", "?"),
        9 => base.replace('*', "${*}").replace('?', "${?}"),
        10 => "${aws:username}".to_owned(),
        11 => "${AWS:PrincipalTag/TEAM, 're*d'}".to_owned(),
        12 => "*${aws:PrincipalTag/team,'a}b'}*".to_owned(),
        _ => "${aws:TagKeys, 'red'}".to_owned(),
    })
}
