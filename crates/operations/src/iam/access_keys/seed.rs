//! SeedAccessKey: an access key with an id and a secret that were chosen.
//!
//! Not an operation of the API: nothing that comes by a socket reaches it.

use trent_domain::{Credential, CredentialStatus, Path};
use trent_engine::{Audited, Changes, Context, CredentialEntry, Demand, Fault, Operation, Outcome, Permit};
use trent_model::SecretText;

use super::shared;
use crate::iam::shared::caller::{FoundOwner, OwnerTarget};

/// An access key as it is to be.
#[derive(Debug)]
pub struct AccessKeySeed {
    /// The user whose it is; `None` for the root user.
    pub user: Option<String>,
    /// Its id: letters and digits.
    pub id: String,
    /// Its secret.
    pub secret: SecretText,
}

/// Makes an access key, unless it is there.
pub(crate) struct SeedAccessKey;

impl Operation for SeedAccessKey {
    const NAME: &'static str = "SeedAccessKey";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[];

    type Input = AccessKeySeed;
    type Output = ();
    type Target = OwnerTarget;

    fn target(seed: &AccessKeySeed) -> Result<OwnerTarget, Fault> {
        Ok(OwnerTarget::new(seed.user.as_deref()))
    }

    fn demands<'a>(_: &'a AccessKeySeed, owner: &'a FoundOwner) -> Vec<Demand<'a>> {
        vec![owner.demand("iam:CreateAccessKey")]
    }

    async fn execute(
        seed: &AccessKeySeed,
        found: &Permit<FoundOwner>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let (owner, id) = (found.owner()?, &seed.id);
        let path = Path::credential(id)
            .ok_or_else(|| Fault::validation("an access key id is made of letters and digits"))?;
        if let Some(stored) = context.records.get::<CredentialEntry>(&path).await? {
            if stored.credential.owner != owner {
                return Err(Fault::validation(format!("the access key `{id}` belongs to somebody else")));
            }
            if !stored.has_secret(seed.secret.expose()) {
                return Err(Fault::validation(format!(
                    "the access key `{id}` is there already, with another secret"
                )));
            }
            return Ok(Outcome::read(()));
        }
        let mut changes = Changes::default();
        shared::require_room(found, context, &mut changes).await?;
        let status = CredentialStatus::Active;
        let credential = Credential { access_key_id: id.clone(), owner, status, created: context.now };
        shared::store(&credential, &seed.secret, &mut changes)?;
        Ok(Outcome::write((), changes))
    }
}
