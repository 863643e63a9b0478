//! How requests name keys: the four forms of a key identifier.

use trent_domain::{AccountId, AliasName, Arn, KeyId, PARTITION, Region};

use crate::Fault;

/// Which forms of identifier an operation takes, and how it refuses the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forms {
    /// Key id or key ARN; an alias is refused by name.
    KeyOnly,
    /// All four forms.
    Any,
    /// All four forms; these operations do not declare `InvalidArnException`.
    AnyCryptographic,
}

/// A key identifier, understood but not looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Named {
    /// A key, by id or ARN.
    Key(KeyId),
    /// An alias, by name or ARN.
    Alias(AliasName),
}

/// A key identifier and the account it is to be looked up in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// The account of the ARN, or the caller's.
    pub(crate) account: AccountId,
    /// What it names.
    pub(crate) named: Named,
}

impl Reference {
    /// Understands `text` as a caller of `account` in `region` means it.
    ///
    /// # Errors
    /// The refusals of malformed and out-of-place identifiers. Whether the key exists is not
    /// looked at here.
    pub(crate) fn parse(
        text: &str,
        forms: Forms,
        account: AccountId,
        region: &Region,
    ) -> Result<Self, Fault> {
        let reference = if text.starts_with("arn:") {
            parse_arn(text, forms, region)?
        } else if text.starts_with(AliasName::PREFIX) {
            let alias = text.parse().map_err(|_| {
                Fault::AliasNotFound(format!("arn:{PARTITION}:kms:{region}:{account}:{text}"))
            })?;
            Self { account, named: Named::Alias(alias) }
        } else {
            let id = text.parse().map_err(|_| Fault::InvalidKeyId(text.to_owned()))?;
            Self { account, named: Named::Key(id) }
        };
        match (forms, &reference.named) {
            (Forms::KeyOnly, Named::Alias(_)) => Err(Fault::AliasNotSupported),
            _ => Ok(reference),
        }
    }
}

fn parse_arn(text: &str, forms: Forms, here: &Region) -> Result<Reference, Fault> {
    // The service's text for a malformed ARN is not published; operations that do not declare
    // InvalidArnException answer as for any other text that names nothing.
    let malformed = || match forms {
        Forms::AnyCryptographic => Fault::InvalidKeyId(text.to_owned()),
        Forms::KeyOnly | Forms::Any => Fault::MalformedArn(text.to_owned()),
    };
    let arn = Arn::parse(text).map_err(|_| malformed())?;
    let region: Region = arn.region.parse().map_err(|_| malformed())?;
    let account: AccountId = arn.account.parse().map_err(|_| malformed())?;
    if arn.partition != PARTITION || arn.service != "kms" {
        return Err(malformed());
    }
    if region != *here {
        return Err(Fault::OtherRegion(arn.region.to_owned()));
    }
    let named = match arn.resource.strip_prefix("key/") {
        Some(id) => Named::Key(id.parse().map_err(|_| Fault::InvalidKeyId(text.to_owned()))?),
        None => Named::Alias(arn.resource.parse().map_err(|_| malformed())?),
    };
    Ok(Reference { account, named })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

    fn parse(text: &str, forms: Forms) -> Result<Reference, Fault> {
        Reference::parse(text, forms, "000000000000".parse().unwrap(), &"us-east-1".parse().unwrap())
    }

    #[test]
    fn four_forms_are_understood() {
        let other = "111122223333".parse::<AccountId>().unwrap();
        let key = parse(&format!("arn:aws:kms:us-east-1:111122223333:key/{ID}"), Forms::KeyOnly).unwrap();
        assert_eq!(key, Reference { account: other, named: Named::Key(ID.parse().unwrap()) });
        let alias = parse("arn:aws:kms:us-east-1:111122223333:alias/a:b", Forms::Any).unwrap();
        assert_eq!(alias, Reference { account: other, named: Named::Alias("alias/a:b".parse().unwrap()) });
        assert!(matches!(parse(ID, Forms::KeyOnly).unwrap().named, Named::Key(_)));
        assert!(matches!(parse("alias/a", Forms::AnyCryptographic).unwrap().named, Named::Alias(_)));
    }

    #[test]
    fn refusals_are_those_of_the_service() {
        let code = |text: &str, forms| parse(text, forms).unwrap_err().wire();
        let of = |text: &str, forms| (code(text, forms).code, code(text, forms).message.unwrap());
        let not_found = "NotFoundException";
        assert_eq!(of("fake", Forms::Any), (not_found, "Invalid keyId 'fake'".to_owned()));
        assert_eq!(of("mrk-fake", Forms::Any), (not_found, "Invalid keyId 'mrk-fake'".to_owned()));
        assert_eq!(
            of("alias/a", Forms::KeyOnly),
            ("InvalidArnException", "Key Aliases are not supported for this operation.".to_owned())
        );
        assert_eq!(
            of(&format!("arn:aws:kms:eu-west-1:000000000000:key/{ID}"), Forms::Any),
            (not_found, "Invalid arn eu-west-1".to_owned())
        );
        assert_eq!(code("arn:aws:s3:us-east-1:000000000000:key/x", Forms::Any).code, "InvalidArnException");
        assert_eq!(code("arn:aws:s3", Forms::AnyCryptographic).code, not_found);
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "(arn:|alias/|)(aws:kms:us-east-1:000000000000:)?.{0,40}") {
            for forms in [Forms::KeyOnly, Forms::Any, Forms::AnyCryptographic] {
                let _ = parse(&text, forms);
            }
        }
    }
}
