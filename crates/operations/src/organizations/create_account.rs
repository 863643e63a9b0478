//! CreateAccount: a new account with its root user, and a role that opens it to the account that
//! made it.

use serde_json::json;
use trent_domain::{
    Account, AccountId, AccountStatus, IamName, IamPath, IdKind, IdentityPolicies, Path, Role, Tags, UniqueId,
};
use trent_engine::{
    Audited, AwsManaged, Changes, Context, Demand, Fault, Json, Link, NameEntry, Operation, Outcome, Permit,
    Resource, encode,
};
use trent_model::organizations::{
    CreateAccountFailureReason, CreateAccountRequest, CreateAccountResponse, CreateAccountState,
    CreateAccountStatus,
};

use super::shared::{self, Org};
use crate::kms::shared::metadata::seconds;

/// The role of a new account, unless it is to be called otherwise.
pub(super) const ROLE: &str = "OrganizationAccountAccessRole";
/// What that role may do.
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
/// One more than the highest account number.
const NUMBERS: u64 = 1_000_000_000_000;

pub(crate) struct CreateAccount;

impl Operation for CreateAccount {
    const NAME: &'static str = "CreateAccount";
    const READ_ONLY: bool = false;
    // Name and address are sensitive in the model.
    const AUDITED: &'static [Audited] =
        &[Audited::member("RoleName"), Audited::member("IamUserAccessToBilling"), Audited::member("Tags")];

    type Input = CreateAccountRequest;
    type Output = CreateAccountResponse;
    type Target = ();

    fn target(_: &CreateAccountRequest) -> Result<(), Fault> {
        Ok(())
    }

    fn demands<'a>(input: &'a CreateAccountRequest, (): &'a ()) -> Vec<Demand<'a>> {
        let tags = input.tags.as_deref().unwrap_or_default();
        let create = Demand::new("organizations:CreateAccount", Resource::Any);
        let create = create.request_tags(super::tags::requested(tags));
        let tag = Demand::new("organizations:TagResource", Resource::Any);
        let tag = (!tags.is_empty()).then(|| tag.request_tags(super::tags::requested(tags)));
        [create].into_iter().chain(tag).collect()
    }

    async fn execute(
        input: &CreateAccountRequest,
        _: &Permit<()>,
        context: &Context<'_>,
    ) -> Result<Outcome<CreateAccountResponse>, Fault> {
        let org = Org::managed(context).await?;
        let email = input.email.expose();
        let mut tags = Tags::default();
        super::tags::set(&mut tags, input.tags.as_deref().unwrap_or_default())?;
        let known = shared::accounts(context).await?;
        if known.iter().any(|account| account.email.eq_ignore_ascii_case(email)) {
            return Ok(Outcome::read(answer(taken(input, context)?)));
        }
        let account = Account {
            id: draw(&known, context)?,
            name: input.account_name.expose().to_owned(),
            email: email.to_owned(),
            status: AccountStatus::Active,
            created: context.now,
            management: false,
            tags,
        };
        let changes = make(&account, input.role_name.as_deref().unwrap_or(ROLE), &org, context)?;
        let recorded = json!({ "createAccountStatus": {
            "id": format!("car-{}", account.id),
            "accountId": account.id.to_string(),
            "state": CreateAccountState::Succeeded.as_str(),
        }});
        Ok(Outcome::write(answer(shared::made(&account)), changes).responding(Json(recorded.to_string())))
    }
}

const fn answer(status: CreateAccountStatus) -> CreateAccountResponse {
    CreateAccountResponse { create_account_status: Some(status) }
}

/// A number that no account has. Should another request draw the same one now, one of the two
/// starts over.
fn draw(known: &[Account], context: &Context<'_>) -> Result<AccountId, Fault> {
    let number = u64::from_be_bytes(context.random()?) % NUMBERS;
    let drawn =
        AccountId::from_number(number).ok_or_else(|| Fault::Internal("a number is too large".to_owned()))?;
    if known.iter().any(|account| account.id == drawn) { Err(Fault::Contention) } else { Ok(drawn) }
}

/// Makes an account, with the role `role` that opens it to the account that manages it.
pub(super) fn make(
    account: &Account,
    role: &str,
    org: &Org,
    context: &Context<'_>,
) -> Result<Changes, Fault> {
    let mut changes = Changes::default();
    changes.create(Path::account(account.id), encode(account)?);
    let role = role.parse().map_err(|_| shared::invalid("RoleName"))?;
    open(account, role, org.management().id, context, &mut changes)?;
    Ok(changes)
}

/// Makes the role that lets the managing account in.
fn open(
    account: &Account,
    name: IamName,
    management: AccountId,
    context: &Context<'_>,
    changes: &mut Changes,
) -> Result<(), Fault> {
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": { "AWS": management.root_arn() },
        "Action": "sts:AssumeRole",
    }]});
    let policies =
        IdentityPolicies { attached: vec![ADMINISTRATOR.to_owned()], ..IdentityPolicies::default() };
    let role = Role {
        account: account.id,
        id: UniqueId::from_random(IdKind::Role, context.random()?),
        name,
        path: IamPath::default(),
        created: context.now,
        description: None,
        trust_policy: trust.to_string(),
        max_session: 3600,
        tags: Tags::default(),
        policies,
        boundary: None,
    };
    changes.create(Path::entity(account.id, &role.id), encode(&role)?);
    let listing = Path::entity_name(account.id, IdKind::Role, &role.name);
    changes.create(listing, encode(&NameEntry::of(role.id))?);
    let administrator = AwsManaged::by_arn(ADMINISTRATOR).and_then(AwsManaged::id);
    let administrator = administrator.ok_or_else(|| Fault::Internal("a policy is missing".to_owned()))?;
    changes.create(Path::attached(account.id, &administrator, &role.id), encode(&Link::default())?);
    Ok(())
}

/// The outcome when the address is another account's: a failure that the answer tells and nothing
/// keeps.
fn taken(input: &CreateAccountRequest, context: &Context<'_>) -> Result<CreateAccountStatus, Fault> {
    Ok(CreateAccountStatus {
        account_id: None,
        account_name: Some(input.account_name.expose().to_owned().into()),
        completed_timestamp: Some(seconds(context.now)),
        failure_reason: Some(CreateAccountFailureReason::EmailAlreadyExists),
        gov_cloud_account_id: None,
        id: Some(format!("car-{:032x}", u128::from_be_bytes(context.random()?))),
        requested_timestamp: Some(seconds(context.now)),
        state: Some(CreateAccountState::Failed),
    })
}
