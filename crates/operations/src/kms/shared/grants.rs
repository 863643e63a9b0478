//! Grants on the wire: how they are asked for, and how they are shown.

use trent_domain::{
    AccountId, Arn, EncryptionContext, Grant, GrantConstraints, GrantOperation, GrantPrincipal,
    MAX_CONSTRAINT_CHARS, MAX_CONSTRAINT_PAIRS,
};
use trent_engine::{Context, Fault, Principals};
use trent_model::kms::{self, CreateGrantRequest, GrantListEntry};

use super::metadata::seconds;

/// The operations that are to be granted, each once.
pub(crate) fn operations(input: &CreateGrantRequest) -> Vec<GrantOperation> {
    let mut operations = Vec::with_capacity(input.operations.len());
    for operation in input.operations.iter().filter_map(|o| GrantOperation::from_wire(o.as_str())) {
        if !operations.contains(&operation) {
            operations.push(operation);
        }
    }
    operations
}

/// The constraints that are asked for.
///
/// # Errors
/// When an encryption context is beyond its limits.
pub(crate) fn constraints(given: Option<&kms::GrantConstraints>) -> Result<GrantConstraints, Fault> {
    let Some(given) = given else { return Ok(GrantConstraints::default()) };
    let constraints = GrantConstraints {
        context_equals: given.encryption_context_equals.clone().map(EncryptionContext::new),
        context_subset: given.encryption_context_subset.clone().map(EncryptionContext::new),
        source_arn: given.source_arn.clone(),
    };
    if constraints.are_within_limits() {
        return Ok(constraints);
    }
    Err(Fault::validation(format!(
        "An encryption context constraint can have at most {MAX_CONSTRAINT_PAIRS} pairs and \
         {MAX_CONSTRAINT_CHARS} characters."
    )))
}

/// `kms:GrantConstraintType`.
pub(crate) fn constraint_types(equals: bool, subset: bool) -> Vec<&'static str> {
    let types = [(equals, "EncryptionContextEquals"), (subset, "EncryptionContextSubset")];
    types.into_iter().filter(|(given, _)| *given).map(|(_, name)| name).collect()
}

/// The principal that a caller calls `text`, as it is kept.
///
/// # Errors
/// [`Fault::InvalidPrincipal`] when there is none, or it is nobody whom a grant may name.
pub(crate) async fn identity(text: &str, context: &Context<'_>) -> Result<GrantPrincipal, Fault> {
    let invalid = || Fault::InvalidPrincipal(text.to_owned());
    let account = account_of(text).ok_or_else(invalid)?;
    let principals = Principals::new(context.records, context.account());
    let name = principals.stored(text).await?.ok_or_else(invalid)?;
    Ok(GrantPrincipal::Identity { name, account })
}

/// As [`identity`], for a principal that must be one of `account`.
///
/// # Errors
/// As [`identity`].
pub(crate) async fn identity_of(
    text: &str,
    account: AccountId,
    context: &Context<'_>,
) -> Result<GrantPrincipal, Fault> {
    match identity(text, context).await? {
        GrantPrincipal::Identity { account: its, .. } if its != account => {
            Err(Fault::InvalidPrincipal(text.to_owned()))
        }
        found => Ok(found),
    }
}

/// The account that an identity belongs to, or is; `None` for all that is no identity.
fn account_of(text: &str) -> Option<AccountId> {
    if let Ok(account) = text.parse() {
        return Some(account);
    }
    let arn = Arn::parse(text).ok()?;
    let kind = arn.resource.split('/').next()?;
    let identity = match arn.service {
        "iam" => matches!(kind, "root" | "user" | "role"),
        "sts" => matches!(kind, "assumed-role" | "federated-user"),
        _ => false,
    };
    identity.then(|| arn.account.parse().ok())?
}

/// The refusal of a filter that only services may use, and none is a caller here.
pub(crate) fn only_for_services(member: &str) -> Fault {
    Fault::AccessDenied(format!("{member} can be used by service principals only."))
}

/// A grant in a list.
///
/// # Errors
/// When the model does not know a name the domain uses, or a principal cannot be looked up.
pub(crate) async fn listed(grant: &Grant, context: &Context<'_>) -> Result<GrantListEntry, Fault> {
    let (grantee_principal, grantee_service_principal) = shown(Some(&grant.grantee), context).await?;
    let (retiring_principal, retiring_service_principal) = shown(grant.retiring.as_ref(), context).await?;
    let known = |operation: &GrantOperation| kms::GrantOperation::from_wire(operation.as_str());
    Ok(GrantListEntry {
        key_id: Some(grant.key_arn().to_string()),
        grant_id: Some(grant.id.to_string()),
        name: grant.name.clone(),
        creation_date: Some(seconds(grant.created)),
        grantee_principal,
        grantee_service_principal,
        retiring_principal,
        retiring_service_principal,
        issuing_account: Some(grant.issuer.root_arn()),
        operations: Some(grant.operations.iter().filter_map(known).collect()),
        constraints: shown_constraints(&grant.constraints),
    })
}

/// A principal in the member for identities or in the one for services.
async fn shown(
    principal: Option<&GrantPrincipal>,
    context: &Context<'_>,
) -> Result<(Option<String>, Option<String>), Fault> {
    Ok(match principal {
        Some(GrantPrincipal::Identity { name, account }) => {
            (Some(Principals::new(context.records, *account).shown(name).await?), None)
        }
        Some(GrantPrincipal::Service { name }) => (None, Some(name.clone())),
        None => (None, None),
    })
}

fn shown_constraints(constraints: &GrantConstraints) -> Option<kms::GrantConstraints> {
    let pairs = |context: &Option<EncryptionContext>| context.as_ref().map(|context| context.pairs().clone());
    (*constraints != GrantConstraints::default()).then(|| kms::GrantConstraints {
        encryption_context_equals: pairs(&constraints.context_equals),
        encryption_context_subset: pairs(&constraints.context_subset),
        source_arn: constraints.source_arn.clone(),
    })
}
