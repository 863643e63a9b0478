//! The syntax of attestation documents: COSE_Sign1 (RFC 9052 §4.2) around a CBOR map.
//!
//! Every rule of the published specification is held here, and nothing is believed yet. Members that
//! the specification does not have are passed over: they are signed like the others, and the service
//! has added some before.

use std::collections::BTreeMap;
use std::time::Duration;

use coset::cbor::de::from_reader_with_recursion_limit;
use coset::cbor::value::Value;
use coset::{
    CborSerializable as _, CoseSign1, Header, HeaderBuilder, TaggedCborSerializable as _, iana::Algorithm,
};

use super::{AttestationError, AttestedPlatform};

/// Twice what the largest legal parts of a document come to.
const MAX_DOCUMENT: usize = 32 * 1024;
/// A payload is a map of lists and maps.
const MAX_DEPTH: usize = 8;
const MAX_BLOB: usize = 1024;
const MAX_EXTRA: usize = 512;
/// Longer chains are refused by the certificate library anyway.
const MAX_CHAIN: usize = 7;
const SIGNATURE: usize = 96;

/// The first byte of tag 18, which may stand before the array.
const TAG_18: u8 = 0xd2;

/// A document whose form is right.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) module_id: String,
    pub(super) platform: AttestedPlatform,
    /// When it was made, since 1970.
    pub(super) timestamp: Duration,
    pub(super) pcrs: BTreeMap<u8, Vec<u8>>,
    /// The leaf certificate, DER.
    pub(super) certificate: Vec<u8>,
    /// The root and the intermediates, each the issuer of the next, DER. Never empty.
    pub(super) chain: Vec<Vec<u8>>,
    pub(super) public_key: Option<Vec<u8>>,
    /// What is signed: the Sig_structure of RFC 9052 §4.4.
    pub(super) signed: Vec<u8>,
    /// r and s, 48 bytes each.
    pub(super) signature: Vec<u8>,
}

impl Document {
    /// Reads a document.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, AttestationError> {
        if bytes.len() > MAX_DOCUMENT {
            return Err(malformed("it is too long"));
        }
        let sign1 = envelope(bytes)?;
        let mut payload = Payload::parse(sign1.payload.as_deref().unwrap_or_default())?;
        let (platform, pcrs) = payload.pcrs()?;
        let document = Self {
            module_id: payload.module_id()?,
            platform,
            timestamp: payload.timestamp()?,
            pcrs,
            certificate: payload.certificate()?,
            chain: payload.chain()?,
            public_key: payload.blob("public_key", MAX_BLOB)?.filter(|key| !key.is_empty()),
            signed: sign1.tbs_data(&[]),
            signature: sign1.signature,
        };
        payload.digest()?;
        // Nobody here asks for these, but a document that has them has them right.
        payload.blob("user_data", MAX_EXTRA)?;
        payload.blob("nonce", MAX_EXTRA)?;
        Ok(document)
    }
}

const fn malformed(what: &'static str) -> AttestationError {
    AttestationError::Malformed(what)
}

fn envelope(bytes: &[u8]) -> Result<CoseSign1, AttestationError> {
    let tagged = bytes.first() == Some(&TAG_18);
    let read = if tagged { CoseSign1::from_tagged_slice(bytes) } else { CoseSign1::from_slice(bytes) };
    let sign1 = read.map_err(|_| malformed("it is not COSE_Sign1"))?;
    let es384 = HeaderBuilder::new().algorithm(Algorithm::ES384).build();
    if sign1.protected.header != es384 || sign1.unprotected != Header::default() {
        return Err(malformed("its headers are not those of ES384 alone"));
    }
    if sign1.signature.len() != SIGNATURE {
        return Err(malformed("its signature has the wrong length"));
    }
    Ok(sign1)
}

/// The members of the payload; each is taken out once.
struct Payload(BTreeMap<String, Value>);

impl Payload {
    fn parse(mut bytes: &[u8]) -> Result<Self, AttestationError> {
        let wrong = || malformed("its payload is not a map of distinct names");
        let value = from_reader_with_recursion_limit(&mut bytes, MAX_DEPTH).map_err(|_| wrong())?;
        let Value::Map(pairs) = value else { return Err(wrong()) };
        let mut members = BTreeMap::new();
        for (name, member) in pairs {
            let Value::Text(name) = name else { return Err(wrong()) };
            if members.insert(name, member).is_some() {
                return Err(wrong());
            }
        }
        // `bytes` is now what follows the map.
        if bytes.is_empty() { Ok(Self(members)) } else { Err(wrong()) }
    }

    /// A member; those that are null are not there, which is how the hypervisor leaves them out.
    fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    fn module_id(&mut self) -> Result<String, AttestationError> {
        match self.take("module_id") {
            Some(Value::Text(id)) if !id.is_empty() => Ok(id),
            _ => Err(malformed("module_id")),
        }
    }

    fn digest(&mut self) -> Result<(), AttestationError> {
        match self.take("digest") {
            Some(Value::Text(name)) if name == "SHA384" => Ok(()),
            _ => Err(malformed("digest")),
        }
    }

    fn timestamp(&mut self) -> Result<Duration, AttestationError> {
        let milliseconds = match self.take("timestamp") {
            Some(Value::Integer(number)) => u64::try_from(number).unwrap_or(0),
            _ => 0,
        };
        if milliseconds == 0 {
            return Err(malformed("timestamp"));
        }
        Ok(Duration::from_millis(milliseconds))
    }

    /// Which of the two maps of registers there is says what made the document.
    fn pcrs(&mut self) -> Result<(AttestedPlatform, BTreeMap<u8, Vec<u8>>), AttestationError> {
        let (value, platform, registers) = match (self.take("pcrs"), self.take("nitrotpm_pcrs")) {
            (Some(value), None) => (value, AttestedPlatform::Enclave, 32),
            (None, Some(value)) => (value, AttestedPlatform::NitroTpm, 24),
            _ => return Err(malformed("pcrs")),
        };
        let Value::Map(pairs) = value else { return Err(malformed("pcrs")) };
        let mut pcrs = BTreeMap::new();
        for pair in pairs {
            let (index, value) = register(pair, registers).ok_or(malformed("pcrs"))?;
            if pcrs.insert(index, value).is_some() {
                return Err(malformed("pcrs"));
            }
        }
        if pcrs.is_empty() { Err(malformed("pcrs")) } else { Ok((platform, pcrs)) }
    }

    fn certificate(&mut self) -> Result<Vec<u8>, AttestationError> {
        match self.blob("certificate", MAX_BLOB)? {
            Some(certificate) if !certificate.is_empty() => Ok(certificate),
            _ => Err(malformed("certificate")),
        }
    }

    fn chain(&mut self) -> Result<Vec<Vec<u8>>, AttestationError> {
        let Some(Value::Array(values)) = self.take("cabundle") else { return Err(malformed("cabundle")) };
        if values.is_empty() || values.len() > MAX_CHAIN {
            return Err(malformed("cabundle"));
        }
        let certificates = values.into_iter().map(|value| match value {
            Value::Bytes(bytes) if (1..=MAX_BLOB).contains(&bytes.len()) => Ok(bytes),
            _ => Err(malformed("cabundle")),
        });
        certificates.collect()
    }

    fn blob(&mut self, name: &'static str, max: usize) -> Result<Option<Vec<u8>>, AttestationError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bytes(bytes)) if bytes.len() <= max => Ok(Some(bytes)),
            Some(_) => Err(malformed(name)),
        }
    }
}

fn register((index, value): (Value, Value), registers: u8) -> Option<(u8, Vec<u8>)> {
    let index = u8::try_from(index.into_integer().ok()?).ok().filter(|index| *index < registers)?;
    let value = value.into_bytes().ok().filter(|value| matches!(value.len(), 32 | 48 | 64))?;
    Some((index, value))
}
