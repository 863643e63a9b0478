//! Identifiers and Amazon Resource Names.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The only partition Trent names its resources in.
pub const PARTITION: &str = "aws";

/// Why a text is not one of the identifiers of this module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid {what}")]
pub struct InvalidArn {
    /// The kind of identifier that was expected.
    pub what: &'static str,
    /// The text that was given.
    pub text: String,
}

impl InvalidArn {
    pub(crate) fn new(what: &'static str, text: &str) -> Self {
        Self { what, text: text.to_owned() }
    }
}

/// A 12-digit account number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(u64);

impl AccountId {
    const LIMIT: u64 = 1_000_000_000_000;

    /// The account whose decimal digits spell `number`; `None` from 10^12 upwards.
    #[must_use]
    pub const fn from_number(number: u64) -> Option<Self> {
        if number < Self::LIMIT { Some(Self(number)) } else { None }
    }

    /// The account number as an integer below 10^12.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The ARN that stands for the whole account in a policy, and for its root user as a caller.
    #[must_use]
    pub fn root_arn(self) -> String {
        format!("arn:{PARTITION}:iam::{self}:root")
    }
}

impl FromStr for AccountId {
    type Err = InvalidArn;

    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        let digits = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
        let number = digits.then(|| text.parse().ok()).flatten();
        number.map(Self).ok_or_else(|| InvalidArn::new("account id", text))
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012}", self.0)
    }
}

/// A Region name such as `us-east-1`; cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(Arc<str>);

impl Region {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Region {
    type Err = InvalidArn;

    /// The shape of a Region in the API model: `^([a-z]+-){2,3}\d+$`, at most 32 characters.
    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        let parts: Vec<&str> = text.split('-').collect();
        let valid = text.len() <= 32
            && matches!(parts.len(), 3 | 4)
            && parts.split_last().is_some_and(|(number, words)| {
                !number.is_empty()
                    && number.bytes().all(|b| b.is_ascii_digit())
                    && words.iter().all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase()))
            });
        if valid { Ok(Self(text.into())) } else { Err(InvalidArn::new("Region", text)) }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The identifier of a KMS key: a UUID, or `mrk-` and 32 hexadecimal digits for a multi-Region key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId {
    bytes: [u8; 16],
    multi_region: bool,
}

impl KeyId {
    /// A single-Region key id from 16 random bytes (the version and variant bits of a random UUID
    /// are set here, as RFC 9562 §5.4 asks).
    #[must_use]
    pub const fn single_region(mut bytes: [u8; 16]) -> Self {
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        Self { bytes, multi_region: false }
    }

    /// A multi-Region key id from 16 random bytes.
    #[must_use]
    pub const fn multi_region(bytes: [u8; 16]) -> Self {
        Self { bytes, multi_region: true }
    }

    /// The id with exactly these bytes, as a ciphertext header names it.
    #[must_use]
    pub const fn from_raw(bytes: [u8; 16], multi_region: bool) -> Self {
        Self { bytes, multi_region }
    }

    /// The 16 bytes that the text form spells in hexadecimal.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.bytes
    }

    /// Whether this is an `mrk-` id.
    #[must_use]
    pub const fn is_multi_region(&self) -> bool {
        self.multi_region
    }
}

impl FromStr for KeyId {
    type Err = InvalidArn;

    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        let parsed = match text.strip_prefix("mrk-") {
            Some(digits) => parse_hex(digits.bytes()).map(|bytes| Self { bytes, multi_region: true }),
            None => parse_uuid(text).map(|bytes| Self { bytes, multi_region: false }),
        };
        parsed.ok_or_else(|| InvalidArn::new("key id", text))
    }
}

/// The bytes of a lower-case `8-4-4-4-12` UUID.
fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    const DASHES: [usize; 4] = [8, 13, 18, 23];
    let dashed = text.len() == 36 && DASHES.iter().all(|&i| text.as_bytes().get(i) == Some(&b'-'));
    let digits = text.bytes().enumerate().filter(|(i, _)| !DASHES.contains(i)).map(|(_, b)| b);
    if dashed { parse_hex(digits) } else { None }
}

/// Exactly `2 * N` lower-case hexadecimal digits.
fn parse_hex<const N: usize>(mut digits: impl Iterator<Item = u8>) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    for byte in &mut bytes {
        *byte = (nibble(digits.next()?)? << 4) | nibble(digits.next()?)?;
    }
    digits.next().is_none().then_some(bytes)
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = Digits::of(&self.bytes);
        let digits = digits.as_str();
        if self.multi_region {
            f.write_str("mrk-")?;
            return f.write_str(digits);
        }
        for (i, part) in [0..8, 8..12, 12..16, 16..20, 20..32].into_iter().enumerate() {
            f.write_str(if i == 0 { "" } else { "-" })?;
            f.write_str(digits.get(part).unwrap_or_default())?;
        }
        Ok(())
    }
}

/// Lower-case hexadecimal digits, two a byte. Ids are spelled for every request, and byte by byte
/// through the formatter would take ten times as long.
struct Digits<const N: usize>([[u8; 2]; N]);

impl<const N: usize> Digits<N> {
    fn of(bytes: &[u8; N]) -> Self {
        const fn digit(nibble: u8) -> u8 {
            if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }
        }
        Self(bytes.map(|byte| [digit(byte >> 4), digit(byte & 15)]))
    }

    fn as_str(&self) -> &str {
        // Digits are ASCII, so this cannot fail.
        std::str::from_utf8(self.0.as_flattened()).unwrap_or_default()
    }
}

/// The identifier of one key material: 32 bytes, 64 lower-case hexadecimal digits in text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MaterialId([u8; 32]);

impl MaterialId {
    /// The id with exactly these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The raw bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for MaterialId {
    type Err = InvalidArn;

    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        parse_hex(text.bytes()).map(Self).ok_or_else(|| InvalidArn::new("key material id", text))
    }
}

impl fmt::Display for MaterialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Digits::of(&self.0).as_str())
    }
}

/// Stands for a name in paths: 16 bytes that only the keys of the store derive from it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathTag([u8; 16]);

impl PathTag {
    /// The tag with exactly these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl FromStr for PathTag {
    type Err = InvalidArn;

    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        parse_hex(text.bytes()).map(Self).ok_or_else(|| InvalidArn::new("path tag", text))
    }
}

impl fmt::Display for PathTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Digits::of(&self.0).as_str())
    }
}

/// The identifier of a grant: 64 lower-case hexadecimal digits, of which the last half is the tag of
/// the grantee, so that the id alone says where the record lies.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GrantId {
    unique: [u8; 16],
    grantee: PathTag,
}

impl GrantId {
    /// The id of a grant for a grantee, from 16 random bytes.
    #[must_use]
    pub const fn new(unique: [u8; 16], grantee: PathTag) -> Self {
        Self { unique, grantee }
    }

    /// The tag of the grantee.
    #[must_use]
    pub const fn grantee(&self) -> PathTag {
        self.grantee
    }
}

impl FromStr for GrantId {
    type Err = InvalidArn;

    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        let halves = text.split_at_checked(32);
        let id = halves.and_then(|(unique, grantee)| {
            Some(Self { unique: parse_hex(unique.bytes())?, grantee: grantee.parse().ok()? })
        });
        id.ok_or_else(|| InvalidArn::new("grant id", text))
    }
}

impl fmt::Display for GrantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Digits::of(&self.unique).as_str())?;
        self.grantee.fmt(f)
    }
}

/// The six colon-separated parts of any ARN, borrowed from its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws` and its siblings.
    pub partition: &'a str,
    /// `kms`, `iam`, …
    pub service: &'a str,
    /// May be empty, as for IAM.
    pub region: &'a str,
    /// May be empty.
    pub account: &'a str,
    /// All that follows the fifth colon, further colons included.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Splits a text into the parts of an ARN; none of them is checked.
    ///
    /// # Errors
    /// When the text does not start with `arn:` or has fewer than six parts.
    pub fn parse(text: &'a str) -> Result<Self, InvalidArn> {
        let mut parts = text.splitn(6, ':');
        let arn = (|| {
            (parts.next()? == "arn").then_some(())?;
            Some(Self {
                partition: parts.next()?,
                service: parts.next()?,
                region: parts.next()?,
                account: parts.next()?,
                resource: parts.next()?,
            })
        })();
        arn.ok_or_else(|| InvalidArn::new("ARN", text))
    }
}

/// The ARN of a KMS key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyArn {
    /// The Region the key lives in.
    pub region: Region,
    /// The account that owns the key.
    pub account: AccountId,
    /// The key's own identifier.
    pub id: KeyId,
}

impl fmt::Display for KeyArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "arn:{PARTITION}:kms:{}:{}:key/{}", self.region, self.account, self.id)
    }
}

/// Debug as Display, and serde as the text form, for the identifiers of this module.
macro_rules! textual {
    ($($name:ident),+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )+};
}
textual!(AccountId, Region, KeyId, MaterialId, PathTag, GrantId, KeyArn);

macro_rules! parsed {
    ($($name:ident),+) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}
parsed!(AccountId, Region, KeyId, MaterialId, GrantId);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accounts_keep_their_leading_zeros() {
        let account: AccountId = "000000000001".parse().unwrap();
        assert_eq!(account.number(), 1);
        assert_eq!(account.root_arn(), "arn:aws:iam::000000000001:root");
        for bad in ["", "1", "00000000000a", "0000000000001", "+00000000001"] {
            assert!(bad.parse::<AccountId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn regions_follow_the_models_pattern() {
        for good in ["us-east-1", "us-gov-west-1", "ap-southeast-12"] {
            assert_eq!(good.parse::<Region>().unwrap().as_str(), good);
        }
        for bad in
            ["", "us", "us-1", "us-east-", "US-east-1", "us-east-1-", "us--1", "a-b-c-d-1", "us-east-x"]
        {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
    }

    #[test]
    fn key_ids_have_two_forms_and_no_third() {
        for good in ["1234abcd-12ab-34cd-56ef-1234567890ab", "mrk-1234abcd12ab34cd56ef1234567890ab"] {
            assert_eq!(good.parse::<KeyId>().unwrap().to_string(), good);
        }
        for bad in [
            "",
            "mrk-",
            "mrk-fake-key-id",
            "1234abcd12ab34cd56ef1234567890ab",
            "1234ABCD-12ab-34cd-56ef-1234567890ab",
            "1234abcd-12ab-34cd-56ef-1234567890ab0",
            "1234abcd-12ab-34cd-56ef-1234567890é",
        ] {
            assert!(bad.parse::<KeyId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_arn_keeps_colons_of_its_resource() {
        let arn = Arn::parse("arn:aws:kms:us-east-1:000000000000:alias/a:b").unwrap();
        assert_eq!((arn.service, arn.resource), ("kms", "alias/a:b"));
        assert!(Arn::parse("arn:aws:kms:us-east-1:000000000000").is_err());
        assert!(Arn::parse("urn:aws:kms:us-east-1:000000000000:x").is_err());
    }

    proptest! {
        #[test]
        fn every_random_id_reads_back(bytes: [u8; 16], raw: [u8; 32], multi_region: bool) {
            for id in [KeyId::single_region(bytes), KeyId::from_raw(bytes, multi_region)] {
                prop_assert_eq!(id.to_string().parse::<KeyId>().unwrap(), id);
            }
            let material = MaterialId::from_bytes(raw);
            prop_assert_eq!(material.to_string().parse::<MaterialId>().unwrap(), material);
            let grant = GrantId::new(bytes, PathTag::from_bytes(bytes));
            prop_assert_eq!(grant.to_string().parse::<GrantId>().unwrap(), grant);
            prop_assert!(grant.to_string().ends_with(&grant.grantee().to_string()));
        }

        #[test]
        fn no_text_breaks_a_parser(text in ".{0,60}") {
            let _ = (text.parse::<KeyId>(), text.parse::<Region>(), text.parse::<AccountId>(), Arn::parse(&text));
            prop_assert!(text.parse::<GrantId>().is_err());
        }
    }
}
