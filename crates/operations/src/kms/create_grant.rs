//! CreateGrant: lets a principal use a key, beside all policies.

use std::borrow::Cow;

use trent_domain::{Grant, GrantConstraints, GrantId, GrantPrincipal, Key, KeySpec, Path, StateRow};
use trent_engine::{
    Audited, Changes, Context, Demand, Fault, GrantEntry, GrantName, GrantToken, KeyTarget, LoadedKey,
    Operation, Outcome, Permit, Proposal, Resource, count_grants, name_path, principal_tag,
};
use trent_model::kms::{CreateGrantRequest, CreateGrantResponse};

use super::shared::{audit, grants};

pub(crate) struct CreateGrant;

impl Operation for CreateGrant {
    const NAME: &'static str = "CreateGrant";
    const READ_ONLY: bool = false;
    const CROSS_ACCOUNT: bool = true;
    const STATE: StateRow = StateRow::Grantable;
    const AUDITED: &'static [Audited] = &[
        Audited::member("KeyId"),
        Audited::member("GranteePrincipal"),
        Audited::member("GranteeServicePrincipal"),
        Audited::member("RetiringPrincipal"),
        Audited::member("RetiringServicePrincipal"),
        Audited::member("Operations"),
        Audited::member("Constraints"),
        Audited::member("Name"),
        Audited::member("DryRun"),
    ];

    type Input = CreateGrantRequest;
    type Output = CreateGrantResponse;
    type Target = KeyTarget;

    fn target(input: &CreateGrantRequest) -> Result<KeyTarget, Fault> {
        require_one_grantee(input)?;
        if input.operations.is_empty() {
            return Err(Fault::validation(
                "1 validation error detected: Value '[]' at 'operations' failed to satisfy constraint: Member \
                 must have length greater than or equal to 1",
            ));
        }
        grants::constraints(input.constraints.as_ref())?;
        Ok(KeyTarget::by_id(&input.key_id))
    }

    fn demands<'a>(input: &'a CreateGrantRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        let given = input.constraints.as_ref();
        // Pairs of the constraint stand in for an encryption context; so does its kind.
        let equals = given.and_then(|given| given.encryption_context_equals.as_ref());
        let subset = given.and_then(|given| given.encryption_context_subset.as_ref());
        let proposal = Proposal {
            operations: grants::operations(input).into(),
            constraints: Cow::Owned(grants::constraints(given).unwrap_or_default()),
        };
        let named = [
            ("kms:granteeprincipal", &input.grantee_principal),
            ("kms:granteeserviceprincipal", &input.grantee_service_principal),
            ("kms:retiringprincipal", &input.retiring_principal),
            ("kms:retiringserviceprincipal", &input.retiring_service_principal),
        ];
        let demand = Demand::new("kms:CreateGrant", Resource::Key(key))
            .context(equals.or(subset))
            .facts("kms:grantoperations", input.operations.iter().map(|o| o.as_str()))
            .facts("kms:grantconstrainttype", grants::constraint_types(equals.is_some(), subset.is_some()))
            .fact("kms:grantisforawsresource", "false")
            .proposing(proposal);
        let source = given.and_then(|given| given.source_arn.as_deref());
        let demand = source.into_iter().fold(demand, |d, arn| d.fact("kms:grantconstraintsourcearn", arn));
        let named = named.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?)));
        vec![named.fold(demand, |demand, (key, value)| demand.fact(key, value))]
    }

    async fn execute(
        input: &CreateGrantRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<CreateGrantResponse>, Fault> {
        let grant = draft(input, &key.entry.key, context).await?;
        if let Some(found) = find_again(&grant, context).await? {
            return answer(&found.grant, Changes::default(), context);
        }
        // Two requests at the same moment may pass the limit by one: an exact count would make every
        // grant a change of the same record.
        let most = context.quotas.grants_per_key;
        if count_grants(context.records, &grant.key_arn()).await? >= most {
            return Err(full(most));
        }
        let mut changes = Changes::default();
        changes.create_grant(context.records, &grant)?;
        answer(&grant, changes, context)
    }
}

/// The refusal of a grant too many.
pub(super) fn full(most: usize) -> Fault {
    Fault::LimitExceeded(format!("The key already has the maximum number of grants, {most}."))
}

fn answer(
    grant: &Grant,
    changes: Changes,
    context: &Context<'_>,
) -> Result<Outcome<CreateGrantResponse>, Fault> {
    let output = CreateGrantResponse {
        grant_id: Some(grant.id.to_string()),
        grant_token: Some(GrantToken::make(context.records, grant)?),
    };
    Ok(Outcome::write(output, changes).responding(audit::grant_on_key(grant)))
}

/// The grant that was made with the same name and the same all else.
pub(super) async fn find_again(
    grant: &Grant,
    context: &Context<'_>,
) -> Result<Option<std::sync::Arc<GrantEntry>>, Fault> {
    let Some(path) = name_path(context.records, grant)? else { return Ok(None) };
    let Some(named) = context.records.get::<GrantName>(&path).await? else { return Ok(None) };
    Ok(context.records.get(&Path::grant(&grant.key_arn(), &named.id)).await?)
}

/// The grant that is asked for.
pub(super) async fn draft(
    input: &CreateGrantRequest,
    key: &Key,
    context: &Context<'_>,
) -> Result<Grant, Fault> {
    let constraints = grants::constraints(input.constraints.as_ref())?;
    require_fit(input, key, &constraints)?;
    let identity = (input.grantee_principal.as_deref(), input.grantee_service_principal.as_deref());
    let grantee = principal(identity, context).await?.ok_or_else(|| one_grantee("neither"))?;
    let retiring = (input.retiring_principal.as_deref(), input.retiring_service_principal.as_deref());
    Ok(Grant {
        id: GrantId::new(context.random()?, principal_tag(context.records, grantee.name())),
        account: key.account,
        region: key.region.clone(),
        key: key.id,
        grantee,
        retiring: principal(retiring, context).await?,
        issuer: context.account(),
        name: input.name.clone(),
        operations: grants::operations(input),
        constraints,
        created: context.now,
    })
}

async fn principal(
    (identity, service): (Option<&str>, Option<&str>),
    context: &Context<'_>,
) -> Result<Option<GrantPrincipal>, Fault> {
    match (identity, service) {
        (Some(text), _) => grants::identity(text, context).await.map(Some),
        (None, Some(name)) => Ok(Some(GrantPrincipal::Service { name: name.to_owned() })),
        (None, None) => Ok(None),
    }
}

/// What is granted must be something the key can do.
fn require_fit(input: &CreateGrantRequest, key: &Key, constraints: &GrantConstraints) -> Result<(), Fault> {
    let (spec, usage) = (key.spec, key.usage);
    if let Some(wrong) = grants::operations(input).iter().find(|operation| !operation.is_for(spec, usage)) {
        let (operation, spec, usage) = (wrong.as_str(), spec.as_str(), usage.as_str());
        return Err(Fault::validation(format!(
            "Operation {operation} is not supported by a key with KeySpec {spec} and KeyUsage {usage}."
        )));
    }
    if spec != KeySpec::SymmetricDefault && constraints.contexts().next().is_some() {
        return Err(Fault::validation(
            "Encryption context constraints are supported only for symmetric encryption keys.",
        ));
    }
    Ok(())
}

/// The rules between the members that name principals. The service's texts are not published.
fn require_one_grantee(input: &CreateGrantRequest) -> Result<(), Fault> {
    let service = input.grantee_service_principal.is_some();
    match (input.grantee_principal.is_some(), service) {
        (true, true) => return Err(one_grantee("both")),
        (false, false) => return Err(one_grantee("neither")),
        _ => {}
    }
    let retiring = (input.retiring_principal.is_some(), input.retiring_service_principal.is_some());
    if retiring == (true, true) {
        return Err(Fault::validation(
            "RetiringPrincipal and RetiringServicePrincipal cannot be specified together.",
        ));
    }
    let source = input.constraints.as_ref().is_some_and(|constraints| constraints.source_arn.is_some());
    if service && (!source || retiring == (false, false)) {
        return Err(Fault::validation(
            "GranteeServicePrincipal requires a SourceArn constraint and a RetiringPrincipal or \
             RetiringServicePrincipal.",
        ));
    }
    Ok(())
}

fn one_grantee(given: &str) -> Fault {
    Fault::validation(format!(
        "Either GranteePrincipal or GranteeServicePrincipal must be specified, but {given} was."
    ))
}
