//! What kinds of key there are.

use super::wire::named;

named! {
    /// What kind of key material a KMS key holds.
    KeySpec {
        /// A 256-bit AES key, used with GCM.
        SymmetricDefault = "SYMMETRIC_DEFAULT",
        /// RSA with a modulus of 2048 bits.
        Rsa2048 = "RSA_2048",
        /// RSA with a modulus of 3072 bits.
        Rsa3072 = "RSA_3072",
        /// RSA with a modulus of 4096 bits.
        Rsa4096 = "RSA_4096",
        /// The curve P-256.
        EccNistP256 = "ECC_NIST_P256",
        /// The curve P-384.
        EccNistP384 = "ECC_NIST_P384",
        /// The curve P-521.
        EccNistP521 = "ECC_NIST_P521",
        /// The curve secp256k1.
        EccSecgP256K1 = "ECC_SECG_P256K1",
        /// The Edwards form of Curve25519.
        EccNistEdwards25519 = "ECC_NIST_EDWARDS25519",
        /// 224 bits for HMAC with SHA-224.
        Hmac224 = "HMAC_224",
        /// 256 bits for HMAC with SHA-256.
        Hmac256 = "HMAC_256",
        /// 384 bits for HMAC with SHA-384.
        Hmac384 = "HMAC_384",
        /// 512 bits for HMAC with SHA-512.
        Hmac512 = "HMAC_512",
        /// The curve of GB/T 32918.
        Sm2 = "SM2",
        /// FIPS 204, security category 2.
        MlDsa44 = "ML_DSA_44",
        /// FIPS 204, security category 3.
        MlDsa65 = "ML_DSA_65",
        /// FIPS 204, security category 5.
        MlDsa87 = "ML_DSA_87",
        /// FIPS 203, security category 1.
        MlKem512 = "ML_KEM_512",
        /// FIPS 203, security category 3.
        MlKem768 = "ML_KEM_768",
        /// FIPS 203, security category 5.
        MlKem1024 = "ML_KEM_1024",
    }
}

impl KeySpec {
    /// Whether keys of this spec have a public half.
    #[must_use]
    pub const fn is_asymmetric(self) -> bool {
        !matches!(self, Self::SymmetricDefault) && self.hmac_key_length().is_none()
    }

    /// Whether GenerateDataKeyPair makes pairs of this spec: every asymmetric one but ML-DSA.
    #[must_use]
    pub const fn is_data_key_pair(self) -> bool {
        self.is_asymmetric() && !matches!(self, Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87)
    }

    /// Whether material of this spec may be imported. For ML-KEM the service's documentation does
    /// not say; it is refused like ML-DSA.
    #[must_use]
    pub const fn is_importable(self) -> bool {
        !matches!(
            self,
            Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 | Self::MlKem512 | Self::MlKem768 | Self::MlKem1024
        )
    }

    /// The length in bytes of an HMAC key of this spec, which is that of its tags.
    #[must_use]
    pub const fn hmac_key_length(self) -> Option<usize> {
        match self {
            Self::Hmac224 => Some(28),
            Self::Hmac256 => Some(32),
            Self::Hmac384 => Some(48),
            Self::Hmac512 => Some(64),
            _ => None,
        }
    }

    /// The length in bytes of the RSA modulus of this spec.
    #[must_use]
    pub const fn modulus_length(self) -> Option<usize> {
        match self {
            Self::Rsa2048 => Some(256),
            Self::Rsa3072 => Some(384),
            Self::Rsa4096 => Some(512),
            _ => None,
        }
    }
}
