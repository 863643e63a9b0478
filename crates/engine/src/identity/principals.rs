//! How the principals of policies and grants are kept and shown.
//!
//! Users and roles are kept by unique id, so that whoever is made later under an old name gets
//! nothing; they are shown by ARN again, or by their bare id once they are gone. In a policy only
//! the principals are rewritten: the rest of the text is the author's.

use std::ops::Range;

use trent_domain::{AccountId, Arn, IamName, IdKind, PARTITION, Path, PathRange, UniqueId};

use super::{AccountEntry, NameEntry, RoleEntry, UserEntry};
use crate::{Fault, Records};

/// How many accounts are read at a time when an id is looked for in all of them.
const BATCH: usize = 100;

/// Looks principals up.
#[derive(Clone, Copy)]
pub struct Principals<'a> {
    records: &'a Records,
    account: AccountId,
}

impl<'a> Principals<'a> {
    /// Principals as something that belongs to `account` names them. That account exists.
    #[must_use]
    pub const fn new(records: &'a Records, account: AccountId) -> Self {
        Self { records, account }
    }

    /// The form in which a principal is kept; `None` when it does not exist, or is nothing that a
    /// policy or grant may name.
    ///
    /// # Errors
    /// When records cannot be read.
    pub async fn stored(&self, text: &str) -> Result<Option<String>, Fault> {
        if text == "*" {
            return Ok(Some(text.to_owned()));
        }
        if let Ok(account) = text.parse::<AccountId>() {
            return self.account_root(account).await;
        }
        if let Ok(id) = text.parse::<UniqueId>() {
            return Ok(self.arn_of(&id).await?.map(|_| text.to_owned()));
        }
        match Arn::parse(text) {
            Ok(arn) if arn.partition == PARTITION && arn.region.is_empty() => {
                self.stored_arn(text, &arn).await
            }
            Ok(_) => Ok(None),
            Err(_) => Ok(is_service(text).then(|| text.to_owned())),
        }
    }

    /// What a kept principal is shown as: the ARN it has now, or itself when it is gone.
    ///
    /// # Errors
    /// When records cannot be read.
    pub async fn shown(&self, stored: &str) -> Result<String, Fault> {
        match stored.parse::<UniqueId>() {
            Ok(id) => Ok(self.arn_of(&id).await?.unwrap_or_else(|| stored.to_owned())),
            Err(_) => Ok(stored.to_owned()),
        }
    }

    /// A policy with its principals as they are kept; `None` when one of them does not exist. The
    /// text is a policy that was parsed.
    ///
    /// # Errors
    /// When records cannot be read.
    pub async fn stored_policy(&self, text: &str) -> Result<Option<String>, Fault> {
        let mut rewriting = Rewriting::of(text);
        for principal in spans(text) {
            match self.stored(&principal.text).await? {
                Some(stored) => rewriting.replace(&principal, &stored),
                None => return Ok(None),
            }
        }
        Ok(Some(rewriting.finish()))
    }

    /// A kept policy with its principals as they are shown.
    ///
    /// # Errors
    /// When records cannot be read.
    pub async fn shown_policy(&self, text: &str) -> Result<String, Fault> {
        let mut rewriting = Rewriting::of(text);
        for principal in spans(text) {
            rewriting.replace(&principal, &self.shown(&principal.text).await?);
        }
        Ok(rewriting.finish())
    }

    /// The ARN of a user or role that exists, in whatever account.
    ///
    /// # Errors
    /// When records cannot be read.
    pub async fn arn_of(&self, id: &UniqueId) -> Result<Option<String>, Fault> {
        if let Some(arn) = self.arn_in(self.account, id).await? {
            return Ok(Some(arn));
        }
        let mut range = PathRange::accounts();
        loop {
            let accounts = self.records.scan::<AccountEntry>(&range, BATCH).await?;
            for (_, entry) in accounts.iter().filter(|(_, entry)| entry.account.id != self.account) {
                if let Some(arn) = self.arn_in(entry.account.id, id).await? {
                    return Ok(Some(arn));
                }
            }
            match accounts.last() {
                Some((_, last)) if accounts.len() == BATCH => {
                    range = range.after(&last.account.id.to_string())
                }
                _ => return Ok(None),
            }
        }
    }

    /// Whether there is such an account.
    ///
    /// # Errors
    /// When records cannot be read.
    pub async fn account_exists(&self, account: AccountId) -> Result<bool, Fault> {
        let known = account == self.account;
        Ok(known || self.records.get::<AccountEntry>(&Path::account(account)).await?.is_some())
    }

    async fn account_root(&self, account: AccountId) -> Result<Option<String>, Fault> {
        Ok(self.account_exists(account).await?.then(|| account.root_arn()))
    }

    async fn arn_in(&self, account: AccountId, id: &UniqueId) -> Result<Option<String>, Fault> {
        let path = Path::entity(account, id);
        Ok(match id.kind() {
            IdKind::User => self.records.get::<UserEntry>(&path).await?.map(|entry| entry.user.arn()),
            IdKind::Role => self.records.get::<RoleEntry>(&path).await?.map(|entry| entry.arn.to_string()),
            IdKind::Group | IdKind::Policy => None,
        })
    }

    async fn stored_arn(&self, text: &str, arn: &Arn<'_>) -> Result<Option<String>, Fault> {
        let Ok(account) = arn.account.parse::<AccountId>() else { return Ok(None) };
        match (arn.service, arn.resource.split_once('/').unwrap_or((arn.resource, ""))) {
            ("iam", ("root", "")) => self.account_root(account).await,
            ("iam", ("user", name)) => self.id_of(account, IdKind::User, name, text).await,
            ("iam", ("role", name)) => self.id_of(account, IdKind::Role, name, text).await,
            ("iam", ("oidc-provider", _)) | ("sts", ("assumed-role" | "federated-user", _)) => {
                Ok(self.account_exists(account).await?.then(|| text.to_owned()))
            }
            _ => Ok(None),
        }
    }

    /// The id of the user or role whose ARN is exactly `arn`; `named` is its path and name.
    async fn id_of(
        &self,
        account: AccountId,
        kind: IdKind,
        named: &str,
        arn: &str,
    ) -> Result<Option<String>, Fault> {
        let name = named.rsplit_once('/').map_or(named, |(_, name)| name);
        let Ok(name) = name.parse::<IamName>() else { return Ok(None) };
        let Some(entry) = self.records.get::<NameEntry>(&Path::entity_name(account, kind, &name)).await?
        else {
            return Ok(None);
        };
        let found = self.arn_in(account, &entry.id).await?;
        Ok(found.filter(|found| found == arn).map(|_| entry.id.to_string()))
    }
}

/// The form of the name of a service, such as `backup.amazonaws.com`.
fn is_service(text: &str) -> bool {
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    text.contains('.') && text.bytes().all(legal)
}

/// A principal in the text of a policy.
struct Span {
    /// Where its literal is, quotes included.
    at: Range<usize>,
    text: String,
}

/// A text in which some literals are replaced, in order.
struct Rewriting<'a> {
    text: &'a str,
    done: usize,
    out: String,
}

impl<'a> Rewriting<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, done: 0, out: String::with_capacity(text.len()) }
    }

    fn replace(&mut self, span: &Span, by: &str) {
        if span.text == by {
            return;
        }
        self.out.push_str(self.text.get(self.done..span.at.start).unwrap_or_default());
        self.out.push_str(&serde_json::Value::from(by).to_string());
        self.done = span.at.end;
    }

    fn finish(mut self) -> String {
        self.out.push_str(self.text.get(self.done..).unwrap_or_default());
        self.out
    }
}

/// An object or array that is open, and for an object the member that is being read.
enum Open {
    Object { key: Option<String>, at_key: bool },
    Array,
}

/// The values of `AWS` in the principals of a policy's statements. The text is JSON that was read
/// before; of any other text nothing is found, or something that no policy has.
fn spans(text: &str) -> Vec<Span> {
    let mut open = Vec::new();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&byte) = text.as_bytes().get(at) {
        at += 1;
        match byte {
            b'{' => open.push(Open::Object { key: None, at_key: true }),
            b'[' => open.push(Open::Array),
            b'}' | b']' => drop(open.pop()),
            b',' => expect_key(open.last_mut(), true),
            b':' => expect_key(open.last_mut(), false),
            b'"' => {
                let literal = (at - 1)..end_of_string(text.as_bytes(), at);
                at = literal.end;
                let decoded = text.get(literal.clone()).and_then(|text| serde_json::from_str(text).ok());
                let decoded: String = decoded.unwrap_or_default();
                if let Some(Open::Object { key, at_key: true }) = open.last_mut() {
                    *key = Some(decoded);
                } else if names_principal(&open) {
                    found.push(Span { at: literal, text: decoded });
                }
            }
            _ => {}
        }
    }
    found
}

const fn expect_key(open: Option<&mut Open>, expected: bool) {
    if let Some(Open::Object { at_key, .. }) = open {
        *at_key = expected;
    }
}

/// Where the string that starts before `at` ends, behind its quote.
fn end_of_string(text: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

fn names_principal(open: &[Open]) -> bool {
    let mut keys = open.iter().filter_map(|open| match open {
        Open::Object { key, .. } => Some(key.as_deref().unwrap_or_default()),
        Open::Array => None,
    });
    let path = [keys.next(), keys.next(), keys.next(), keys.next()];
    matches!(path, [Some("Statement"), Some("Principal" | "NotPrincipal"), Some("AWS"), None])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(text: &str) -> Vec<String> {
        spans(text).into_iter().map(|span| span.text).collect()
    }

    #[test]
    fn only_principals_are_found() {
        let text = r#"{"Id":"AWS","Statement":[{"Principal":{"AWS":["a","b"],"Service":"s"},"Action":["x"],
            "Condition":{"StringEquals":{"AWS":"c"}}},{"NotPrincipal":{"AWS" : "d\\\"}"},"Resource":"AWS"},
            {"Principal":"*"},{"\u0050rincipal":{"A\u0057S":"e"}}]}"#;
        assert_eq!(found(text), ["a", "b", "d\\\"}", "e"]);
        assert_eq!(found(r#"{"Statement":{"Principal":{"AWS":"only"}}}"#), ["only"]);
        assert_eq!(found(r#"{"Statement":{"Condition":{"Principal":{"AWS":"no"}}}}"#), [""; 0]);
    }

    #[test]
    fn the_rest_of_the_text_is_left_alone() {
        let text = "{\n \"Statement\" : {\"Principal\":{\"AWS\" : [\"\\u0061\", \"b\"] }} }\n";
        let mut rewriting = Rewriting::of(text);
        for span in spans(text) {
            let by = if span.text == "b" { "new \"b\"" } else { "a" };
            rewriting.replace(&span, by);
        }
        assert_eq!(
            rewriting.finish(),
            "{\n \"Statement\" : {\"Principal\":{\"AWS\" : [\"\\u0061\", \"new \\\"b\\\"\"] }} }\n"
        );
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in any::<String>()) {
            let _ = spans(&text);
        }

        #[test]
        fn nothing_is_lost(text in r#"[\[\]{}:," \\a"AWSPrincipalStatement]{0,80}"#) {
            let mut rewriting = Rewriting::of(&text);
            for span in spans(&text) {
                let same = span.text.clone();
                rewriting.replace(&span, &same);
            }
            prop_assert_eq!(rewriting.finish(), text);
        }

        #[test]
        fn every_principal_of_a_policy_is_found(
            names in proptest::collection::vec("[a-z\"\\\\é]{0,6}", 0..5),
            alone in any::<bool>(),
        ) {
            let aws = match names.as_slice() {
                [one] if alone => serde_json::json!(one),
                many => serde_json::json!(many),
            };
            let policy = serde_json::json!({"Statement": [{"Action": "AWS", "Principal": {"AWS": aws}}]});
            prop_assert_eq!(found(&policy.to_string()), names.clone());
            prop_assert_eq!(found(&serde_json::to_string_pretty(&policy).unwrap()), names);
        }
    }
}
