//! The tags of sessions.

use std::collections::{BTreeMap, BTreeSet};

use trent_engine::{Fault, Session};
use trent_model::sts::Tag;

/// The most tags a session has, inherited ones counted.
const MOST: usize = 50;

/// The tags of an input as the conditions of policies see them.
pub(crate) fn requested(given: Option<&[Tag]>) -> impl Iterator<Item = (&str, Option<&str>)> {
    given.into_iter().flatten().map(|tag| (tag.key.as_str(), Some(tag.value.as_str())))
}

/// The tags that the sessions begun from this one inherit.
pub(crate) fn inherited(from: Option<&Session>) -> BTreeMap<String, String> {
    let Some(from) = from else { return BTreeMap::new() };
    let passed = from.tags.iter().filter(|(key, _)| from.transitive_tags.contains(*key));
    passed.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Gives a session the tags of an input beside those it inherits, which cannot be set again.
///
/// # Errors
/// Repeated or reserved keys, transitive ones that are not set, or too many.
pub(crate) fn set(
    session: &mut Session,
    inherited: &BTreeMap<String, String>,
    given: Option<&[Tag]>,
    transitive: &[String],
) -> Result<(), Fault> {
    let given = given.unwrap_or_default();
    let mut seen = BTreeSet::new();
    for Tag { key, .. } in given {
        if key.to_lowercase().starts_with("aws:") {
            return Err(invalid("Tag keys beginning with aws: are reserved for system use."));
        }
        if inherited.keys().any(|known| known.to_lowercase() == key.to_lowercase()) {
            return Err(invalid(
                "One of the specified transitive tag keys can't be set because it conflicts with a transitive \
                 tag key from the calling session.",
            ));
        }
        if !seen.insert(key.to_lowercase()) {
            return Err(invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive."));
        }
    }
    if !transitive.iter().all(|key| given.iter().any(|tag| tag.key == *key)) {
        return Err(invalid("The specified transitive tag key must be included in the requested tags."));
    }
    let mut tags = inherited.clone();
    tags.extend(given.iter().map(|tag| (tag.key.clone(), tag.value.clone())));
    if tags.len() > MOST {
        return Err(Fault::validation(format!("A session has at most {MOST} tags.")));
    }
    session.transitive_tags = inherited.keys().chain(transitive).cloned().collect();
    session.tags = tags;
    Ok(())
}

fn invalid(message: &str) -> Fault {
    Fault::named("InvalidParameterValue", 400, message)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use trent_domain::{AccountId, Principal, PrincipalKind};

    use super::*;

    fn session() -> Session {
        let principal = Principal { account: AccountId::from_number(1).unwrap(), kind: PrincipalKind::Root };
        Session::new(principal, Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH)
    }

    fn tag(key: &str, value: &str) -> Tag {
        Tag { key: key.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn transitive_tags_go_on_and_cannot_be_set_again() {
        let mut first = session();
        let given = [tag("team", "a"), tag("job", "1")];
        set(&mut first, &BTreeMap::new(), Some(&given), &["team".to_owned()]).unwrap();
        let passed = inherited(Some(&first));
        assert_eq!(passed, BTreeMap::from([("team".to_owned(), "a".to_owned())]));
        let mut second = session();
        assert!(set(&mut second, &passed, Some(&[tag("TEAM", "b")]), &[]).is_err());
        set(&mut second, &passed, Some(&[tag("job", "2")]), &[]).unwrap();
        assert_eq!(inherited(Some(&second)), passed);
        assert_eq!(second.tags.len(), 2);
    }

    #[test]
    fn tags_are_checked() {
        let refused = |given: &[Tag], transitive: &[String]| {
            set(&mut session(), &BTreeMap::new(), Some(given), transitive).is_err()
        };
        assert!(refused(&[tag("a", ""), tag("A", "")], &[]));
        assert!(refused(&[tag("Aws:a", "")], &[]));
        assert!(refused(&[tag("a", "")], &["b".to_owned()]));
        assert!(!refused(&[tag("a", "")], &["a".to_owned()]));
    }
}
