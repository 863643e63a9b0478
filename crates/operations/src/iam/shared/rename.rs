//! Targets: users and groups that are to get another name or path.

use trent_engine::{Changes, Fault, LoadedKey, Place, Subject, Target};

use super::entity::{Entity, Stored as _};
use super::named::{Found, FreeName, Named, NewName, parse_name, parse_path};

/// A user or group by name, and what it is to be called.
pub(crate) struct RenameTarget<E> {
    pub(crate) entity: Named<E>,
    pub(crate) name: Option<String>,
    pub(crate) path: Option<String>,
}

/// A user or group, and the name that it is to have.
pub(crate) struct Renamed<E: Entity> {
    /// What is to be renamed.
    pub(crate) found: Found<E>,
    /// The new name and path, of which either may be the old one; `None` when there is nobody to be
    /// renamed.
    pub(crate) new: Option<FreeName<E::Stored>>,
}

impl<E: Entity> Target for RenameTarget<E> {
    type Loaded = Renamed<E>;

    async fn load(&self, place: &Place<'_>) -> Result<Renamed<E>, Fault> {
        let name = self.name.as_deref().map(parse_name).transpose()?;
        let path = parse_path(self.path.as_deref())?;
        let found = self.entity.load(place).await?;
        let new = match found.stored() {
            Ok(stored) => {
                let name = name.unwrap_or_else(|| stored.name().clone());
                let path = path.unwrap_or_else(|| stored.path().clone());
                Some(NewName::of(name, path).load(place).await?)
            }
            Err(_) => None,
        };
        Ok(Renamed { found, new })
    }
}

impl<E: Entity> Subject for Renamed<E> {
    fn keys<'a>(&'a self, _: &mut dyn FnMut(&'a LoadedKey)) {}

    fn verify(&self) -> Result<(), Fault> {
        self.found.verify()
    }

    fn require(&self, changes: &mut Changes) {
        self.found.require(changes);
        // Another letter case is no other name, and one check of a record is enough.
        if let Some(new) = self.new.as_ref().filter(|new| !self.found.is_called(new)) {
            new.require(changes);
        }
    }
}
