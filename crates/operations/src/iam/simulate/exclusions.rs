//! Policies that a simulation is to leave out, to see what were without them.

use trent_domain::{Arn, IdKind, PARTITION};
use trent_engine::{Fault, HeldPolicy, PolicyOrigin};
use trent_model::iam::{AttachmentType, PolicyIdentifier, PolicyIdentifierPolicyType};
use trent_policy::is_like;

use crate::iam::shared::fault;

/// What is left out.
pub(super) struct Exclusions<'a>(Vec<Exclusion<'a>>);

enum Exclusion<'a> {
    Type(PolicyIdentifierPolicyType),
    Managed(&'a str),
    Inline { kind: IdKind, holder: &'a str, name: &'a str },
}

impl<'a> Exclusions<'a> {
    /// What the input names.
    ///
    /// # Errors
    /// `InvalidInput` when it names something in more than one way, or not as it can be named.
    pub(super) fn read(given: &'a [PolicyIdentifier]) -> Result<Self, Fault> {
        given.iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a policy is left out.
    pub(super) fn hide(&self, held: &HeldPolicy) -> bool {
        self.0.iter().any(|exclusion| match (exclusion, &held.origin) {
            (Exclusion::Type(PolicyIdentifierPolicyType::Inline), PolicyOrigin::Inline { .. }) => true,
            (Exclusion::Type(PolicyIdentifierPolicyType::AwsManaged), PolicyOrigin::Managed(arn)) => {
                is_of_aws(arn)
            }
            (Exclusion::Type(PolicyIdentifierPolicyType::UserManaged), PolicyOrigin::Managed(arn)) => {
                !is_of_aws(arn)
            }
            (Exclusion::Managed(pattern), PolicyOrigin::Managed(arn)) => is_like(pattern, arn),
            (
                Exclusion::Inline { kind, holder, name },
                PolicyOrigin::Inline { kind: held, holder: whose, name: called },
            ) => kind == held && name == called && is_like(holder, whose),
            _ => false,
        })
    }

    /// Whether the permissions boundary is left out.
    pub(super) fn hide_boundary(&self) -> bool {
        let bounds = |one: &Exclusion<'_>| {
            matches!(one, Exclusion::Type(PolicyIdentifierPolicyType::PermissionBoundary))
        };
        self.0.iter().any(bounds)
    }
}

fn read(given: &PolicyIdentifier) -> Result<Exclusion<'_>, Fault> {
    match (&given.policy_type, &given.policy_arn, &given.inline_policy_identifier) {
        (Some(of), None, None) => Ok(Exclusion::Type(*of)),
        (None, Some(arn), None) if is_arn_pattern(arn) => Ok(Exclusion::Managed(arn)),
        (None, Some(arn), None) => Err(fault::invalid_input(format!("ARN {arn} is not valid."))),
        (None, None, Some(inline)) if is_pattern(&inline.attachment_name) => Ok(Exclusion::Inline {
            kind: match inline.attachment_type {
                AttachmentType::User => IdKind::User,
                AttachmentType::Group => IdKind::Group,
                AttachmentType::Role => IdKind::Role,
            },
            holder: &inline.attachment_name,
            name: &inline.policy_name,
        }),
        (None, None, Some(inline)) => {
            Err(fault::invalid_input(format!("Invalid attachment name: {}", inline.attachment_name)))
        }
        _ => Err(fault::invalid_input(
            "Exactly one of PolicyType, PolicyArn and InlinePolicyIdentifier must be specified.",
        )),
    }
}

fn is_of_aws(arn: &str) -> bool {
    Arn::parse(arn).is_ok_and(|arn| arn.account == "aws")
}

/// The ARN of a managed policy, with wildcards in its name at most.
fn is_arn_pattern(text: &str) -> bool {
    let Ok(arn) = Arn::parse(text) else { return false };
    let of_iam = arn.partition == PARTITION && arn.service == "iam" && arn.region.is_empty();
    let named = arn.resource.strip_prefix("policy/").is_some_and(|name| !name.is_empty() && is_pattern(name));
    of_iam && named && !arn.account.contains(['*', '?'])
}

fn is_pattern(text: &str) -> bool {
    text.matches('*').count() <= 1
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use trent_model::iam::InlinePolicyIdentifierType;
    use trent_policy::{Document, DocumentKind};

    use super::*;

    fn held(origin: PolicyOrigin) -> HeldPolicy {
        let text = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
        HeldPolicy { origin, document: Arc::new(Document::parse(text, DocumentKind::Identity).unwrap()) }
    }

    fn inline(kind: IdKind, holder: &str) -> HeldPolicy {
        held(PolicyOrigin::Inline { kind, holder: holder.to_owned(), name: "p".to_owned() })
    }

    fn nothing() -> PolicyIdentifier {
        PolicyIdentifier { inline_policy_identifier: None, policy_arn: None, policy_type: None }
    }

    #[test]
    fn policies_are_left_out_by_type_arn_and_name() {
        let aws = held(PolicyOrigin::Managed("arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()));
        let own = held(PolicyOrigin::Managed("arn:aws:iam::000000000001:policy/x/own".to_owned()));
        let (user, group) = (inline(IdKind::User, "alice"), inline(IdKind::Group, "alice"));
        let hidden = |one: PolicyIdentifier| {
            let given = [one];
            let exclusions = Exclusions::read(&given).unwrap();
            [&aws, &own, &user, &group].map(|held| exclusions.hide(held))
        };
        let of_type = |of| PolicyIdentifier { policy_type: Some(of), ..nothing() };
        let by_arn = |arn: &str| PolicyIdentifier { policy_arn: Some(arn.to_owned()), ..nothing() };
        assert_eq!(hidden(of_type(PolicyIdentifierPolicyType::Inline)), [false, false, true, true]);
        assert_eq!(hidden(of_type(PolicyIdentifierPolicyType::AwsManaged)), [true, false, false, false]);
        assert_eq!(hidden(of_type(PolicyIdentifierPolicyType::UserManaged)), [false, true, false, false]);
        assert_eq!(hidden(of_type(PolicyIdentifierPolicyType::Scp)), [false; 4]);
        assert_eq!(hidden(by_arn("arn:aws:iam::aws:policy/Read*")), [true, false, false, false]);
        assert_eq!(hidden(by_arn("arn:aws:iam::000000000001:policy/x/ow?")), [false, true, false, false]);
        let named = InlinePolicyIdentifierType {
            attachment_name: "al*".to_owned(),
            attachment_type: AttachmentType::User,
            policy_name: "p".to_owned(),
        };
        let named = PolicyIdentifier { inline_policy_identifier: Some(named), ..nothing() };
        assert_eq!(hidden(named), [false, false, true, false]);
    }

    #[test]
    fn the_boundary_is_left_out_by_type_only() {
        let of = |of| [PolicyIdentifier { policy_type: Some(of), ..nothing() }];
        let bounds = of(PolicyIdentifierPolicyType::PermissionBoundary);
        assert!(Exclusions::read(&bounds).unwrap().hide_boundary());
        assert!(!Exclusions::read(&of(PolicyIdentifierPolicyType::Inline)).unwrap().hide_boundary());
    }

    #[test]
    fn what_cannot_name_a_policy_is_refused() {
        let by_arn = |arn: &str| PolicyIdentifier { policy_arn: Some(arn.to_owned()), ..nothing() };
        let both = PolicyIdentifier {
            policy_type: Some(PolicyIdentifierPolicyType::Inline),
            ..by_arn("arn:aws:iam::aws:policy/a")
        };
        for bad in [
            nothing(),
            both,
            by_arn("policy/with-a-long-name"),
            by_arn("arn:aws:iam::*:policy/name"),
            by_arn("arn:aws:iam::aws:policy/*name*"),
            by_arn("arn:aws:iam::aws:user/some-name"),
        ] {
            assert!(Exclusions::read(&[bad]).is_err());
        }
    }
}
