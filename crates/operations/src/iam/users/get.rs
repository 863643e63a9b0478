//! GetUser: a user, or the caller.

use trent_domain::Path;
use trent_engine::{AccountEntry, Audited, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::{self, GetUserRequest, GetUserResponse};

use crate::iam::shared::caller::{FoundOwner, OwnerTarget};
use crate::iam::shared::show;

pub(crate) struct GetUser;

impl Operation for GetUser {
    const NAME: &'static str = "GetUser";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[Audited::member("UserName")];

    type Input = GetUserRequest;
    type Output = GetUserResponse;
    type Target = OwnerTarget;

    fn target(input: &GetUserRequest) -> Result<OwnerTarget, Fault> {
        Ok(OwnerTarget::new(input.user_name.as_deref()))
    }

    fn demands<'a>(_: &'a GetUserRequest, owner: &'a FoundOwner) -> Vec<Demand<'a>> {
        vec![owner.demand("iam:GetUser")]
    }

    async fn execute(
        _: &GetUserRequest,
        owner: &Permit<FoundOwner>,
        context: &Context<'_>,
    ) -> Result<Outcome<GetUserResponse>, Fault> {
        let user = match owner.user() {
            Some(user) => show::user(user.stored()?),
            None => root(context).await?,
        };
        Ok(Outcome::read(GetUserResponse { user }))
    }
}

/// The root user, who has neither name nor path.
async fn root(context: &Context<'_>) -> Result<iam::User, Fault> {
    let account = context.account();
    let entry = context.records.get::<AccountEntry>(&Path::account(account)).await?;
    let created = entry.map_or(context.now, |entry| entry.account.created);
    Ok(iam::User {
        arn: account.root_arn(),
        create_date: show::seconds(created),
        password_last_used: None,
        path: String::new(),
        permissions_boundary: None,
        tags: None,
        user_id: account.to_string(),
        user_name: String::new(),
    })
}
