//! What a grant can permit.

use crate::spec::named;
use crate::{KeySpec, KeyUsage};

named! {
    /// An operation that a grant can permit.
    GrantOperation {
        /// Decrypt.
        Decrypt = "Decrypt",
        /// Encrypt.
        Encrypt = "Encrypt",
        /// GenerateDataKey.
        GenerateDataKey = "GenerateDataKey",
        /// GenerateDataKeyWithoutPlaintext.
        GenerateDataKeyWithoutPlaintext = "GenerateDataKeyWithoutPlaintext",
        /// ReEncrypt, on the key that the ciphertext comes from.
        ReEncryptFrom = "ReEncryptFrom",
        /// ReEncrypt, on the key that the ciphertext goes to.
        ReEncryptTo = "ReEncryptTo",
        /// Sign.
        Sign = "Sign",
        /// Verify.
        Verify = "Verify",
        /// GetPublicKey.
        GetPublicKey = "GetPublicKey",
        /// CreateGrant, within the limits of the grant itself.
        CreateGrant = "CreateGrant",
        /// RetireGrant, of the grant itself.
        RetireGrant = "RetireGrant",
        /// DescribeKey.
        DescribeKey = "DescribeKey",
        /// GenerateDataKeyPair.
        GenerateDataKeyPair = "GenerateDataKeyPair",
        /// GenerateDataKeyPairWithoutPlaintext.
        GenerateDataKeyPairWithoutPlaintext = "GenerateDataKeyPairWithoutPlaintext",
        /// GenerateMac.
        GenerateMac = "GenerateMac",
        /// VerifyMac.
        VerifyMac = "VerifyMac",
        /// DeriveSharedSecret.
        DeriveSharedSecret = "DeriveSharedSecret",
        /// Encapsulate.
        Encapsulate = "Encapsulate",
        /// Decapsulate.
        Decapsulate = "Decapsulate",
    }
}

impl GrantOperation {
    /// The operation that policies call `kms:NAME`.
    #[must_use]
    pub fn from_action(action: &str) -> Option<Self> {
        action.strip_prefix("kms:").and_then(Self::from_wire)
    }

    /// Whether a key of this kind can do it at all.
    #[must_use]
    pub const fn is_for(self, spec: KeySpec, usage: KeyUsage) -> bool {
        match self {
            Self::CreateGrant | Self::RetireGrant | Self::DescribeKey => true,
            Self::GetPublicKey => spec.is_asymmetric(),
            Self::Encrypt | Self::Decrypt | Self::ReEncryptFrom | Self::ReEncryptTo => {
                matches!(usage, KeyUsage::EncryptDecrypt)
            }
            Self::GenerateDataKey
            | Self::GenerateDataKeyWithoutPlaintext
            | Self::GenerateDataKeyPair
            | Self::GenerateDataKeyPairWithoutPlaintext => matches!(spec, KeySpec::SymmetricDefault),
            Self::Sign | Self::Verify => matches!(usage, KeyUsage::SignVerify),
            Self::GenerateMac | Self::VerifyMac => matches!(usage, KeyUsage::GenerateVerifyMac),
            Self::DeriveSharedSecret => matches!(usage, KeyUsage::KeyAgreement),
            Self::Encapsulate | Self::Decapsulate => matches!(usage, KeyUsage::EncapsulateDecapsulate),
        }
    }

    /// Whether requests for it carry an encryption context that constraints are held against. To
    /// CreateGrant they apply in another way: see [`Grant::covers`](super::Grant::covers).
    #[must_use]
    pub const fn has_context(self) -> bool {
        !matches!(self, Self::CreateGrant | Self::RetireGrant | Self::DescribeKey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(spec: KeySpec, usage: KeyUsage) -> Vec<&'static str> {
        let all = GrantOperation::ALL.iter().filter(|operation| operation.has_context());
        all.filter(|operation| operation.is_for(spec, usage)).map(|operation| operation.as_str()).collect()
    }

    #[test]
    fn each_kind_of_key_has_its_operations() {
        use KeySpec as S;
        use KeyUsage as U;
        assert_eq!(
            of(S::SymmetricDefault, U::EncryptDecrypt),
            [
                "Decrypt",
                "Encrypt",
                "GenerateDataKey",
                "GenerateDataKeyWithoutPlaintext",
                "ReEncryptFrom",
                "ReEncryptTo",
                "GenerateDataKeyPair",
                "GenerateDataKeyPairWithoutPlaintext"
            ]
        );
        let rsa = ["Decrypt", "Encrypt", "ReEncryptFrom", "ReEncryptTo", "GetPublicKey"];
        assert_eq!(of(S::Rsa2048, U::EncryptDecrypt), rsa);
        assert_eq!(of(S::Rsa2048, U::SignVerify), ["Sign", "Verify", "GetPublicKey"]);
        assert_eq!(of(S::Hmac256, U::GenerateVerifyMac), ["GenerateMac", "VerifyMac"]);
        assert_eq!(of(S::EccNistP256, U::KeyAgreement), ["GetPublicKey", "DeriveSharedSecret"]);
        let kem = ["GetPublicKey", "Encapsulate", "Decapsulate"];
        assert_eq!(of(S::MlKem768, U::EncapsulateDecapsulate), kem);
    }

    #[test]
    fn three_operations_fit_every_key() {
        for operation in GrantOperation::ALL.iter().filter(|operation| !operation.has_context()) {
            assert!(operation.is_for(KeySpec::Hmac256, KeyUsage::GenerateVerifyMac), "{operation:?}");
        }
    }

    #[test]
    fn actions_name_operations_of_this_service_only() {
        assert_eq!(GrantOperation::from_action("kms:Decrypt"), Some(GrantOperation::Decrypt));
        for other in ["kms:PutKeyPolicy", "s3:Decrypt", "Decrypt", "kms:decrypt"] {
            assert_eq!(GrantOperation::from_action(other), None, "{other}");
        }
    }
}
