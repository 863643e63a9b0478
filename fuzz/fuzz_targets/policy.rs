//! Any text as a policy of any kind, and the same text as everything a request says.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use trent_policy::{
    Caller, Document, DocumentKind, Facts, Identity, PolicySet, Question, Values, decide, explain,
};

/// Every condition key has the same value, single or not by the length of its name.
struct Echo<'a>(&'a str);

impl Facts for Echo<'_> {
    fn get(&self, key: &str) -> Option<Values<'_>> {
        match key.len() % 3 {
            0 => None,
            1 => Some(Values::one(self.0)),
            _ => Some(Values::many(self.0.split(','))),
        }
    }
}

fuzz_target!(|input: (&str, &str, bool)| {
    let (text, value, root) = input;
    let Some(account) = trent_domain::AccountId::from_number(111_111_111_111) else { return };
    let user = Identity::User { arn: "arn:aws:iam::111111111111:user/a".to_owned(), id: value.to_owned() };
    let caller = Caller { account, identity: if root { Identity::Root } else { user } };
    let question = Question { caller: &caller, action: "kms:Encrypt", resource: value, facts: &Echo(value) };
    for kind in [DocumentKind::KeyPolicy, DocumentKind::Trust] {
        if let Ok(document) = Document::parse(text, kind) {
            let set = PolicySet { key_policy: Some(&document), ..PolicySet::default() };
            let _ = (decide(&question, &set), explain(&question, &set));
        }
    }
    if let Ok(document) = Document::parse(text, DocumentKind::Identity) {
        let identity = [Arc::new(document)];
        let set = PolicySet { identity: &identity, session: Some(&identity), ..PolicySet::default() };
        let _ = (decide(&question, &set), explain(&question, &set));
    }
});
