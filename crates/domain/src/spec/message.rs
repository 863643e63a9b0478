//! What the message of a Sign or Verify request may be.

use super::SigningAlgorithm;
use super::wire::named;

named! {
    /// What the caller says the message is.
    MessageType {
        /// The message itself.
        Raw = "RAW",
        /// Its hash.
        Digest = "DIGEST",
        /// μ of FIPS 204 §6.2, computed outside.
        ExternalMu = "EXTERNAL_MU",
    }
}

/// What a message must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageForm {
    /// Any bytes: the algorithm digests them.
    Message,
    /// A digest of this many bytes.
    Digest(usize),
}

impl SigningAlgorithm {
    /// What a message of `message_type` must look like for this algorithm; `None` when the
    /// algorithm takes no such message.
    #[must_use]
    pub const fn message_form(self, message_type: MessageType) -> Option<MessageForm> {
        use MessageForm as F;
        use MessageType as T;
        match (self, message_type) {
            (Self::Ed25519PhSha512, T::Digest) | (Self::MlDsaShake256, T::ExternalMu) => Some(F::Digest(64)),
            (Self::Ed25519PhSha512, T::Raw) | (_, T::ExternalMu) => None,
            (_, T::Raw) => Some(F::Message),
            (Self::MlDsaShake256 | Self::Ed25519Sha512, T::Digest) => None,
            (_, T::Digest) => Some(F::Digest(self.hash_length())),
        }
    }

    /// The length in bytes of the hash that the algorithm's name ends in, or of the one its digests
    /// are made with.
    const fn hash_length(self) -> usize {
        match self {
            Self::RsassaPssSha256 | Self::RsassaPkcs1V15Sha256 | Self::EcdsaSha256 | Self::Sm2Dsa => 32,
            Self::RsassaPssSha384 | Self::RsassaPkcs1V15Sha384 | Self::EcdsaSha384 => 48,
            Self::RsassaPssSha512
            | Self::RsassaPkcs1V15Sha512
            | Self::EcdsaSha512
            | Self::MlDsaShake256
            | Self::Ed25519Sha512
            | Self::Ed25519PhSha512 => 64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// §2.2 of the reference page, row by row: RAW, DIGEST, EXTERNAL_MU.
    #[test]
    fn algorithms_take_the_message_types_they_should() {
        use MessageForm::{Digest, Message};
        for algorithm in SigningAlgorithm::ALL {
            let name = algorithm.as_str();
            let expected = match name {
                "SM2DSA" => [Some(Message), Some(Digest(32)), None],
                "ML_DSA_SHAKE_256" => [Some(Message), None, Some(Digest(64))],
                "ED25519_SHA_512" => [Some(Message), None, None],
                "ED25519_PH_SHA_512" => [None, Some(Digest(64)), None],
                _ => {
                    let bits: usize = name.rsplit('_').next().unwrap().parse().unwrap();
                    [Some(Message), Some(Digest(bits / 8)), None]
                }
            };
            let forms: Vec<_> = MessageType::ALL.iter().map(|kind| algorithm.message_form(*kind)).collect();
            assert_eq!(forms, expected, "{name}");
        }
    }
}
