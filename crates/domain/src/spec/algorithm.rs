//! The algorithms of each usage.

use super::KeySpec;
use super::wire::named;

named! {
    /// How Encrypt and Decrypt work.
    EncryptionAlgorithm {
        /// AES-256-GCM in Trent's own envelope.
        SymmetricDefault = "SYMMETRIC_DEFAULT",
        /// OAEP, hash and mask generation with SHA-1, no label.
        RsaesOaepSha1 = "RSAES_OAEP_SHA_1",
        /// OAEP, hash and mask generation with SHA-256, no label.
        RsaesOaepSha256 = "RSAES_OAEP_SHA_256",
        /// GB/T 32918.4, ciphertext as a DER sequence.
        Sm2Pke = "SM2PKE",
    }
}

impl EncryptionAlgorithm {
    /// The longest plaintext a key of `spec` encrypts with this algorithm; `None` when it does not
    /// encrypt with it at all.
    #[must_use]
    pub const fn max_plaintext(self, spec: KeySpec) -> Option<usize> {
        match (self, spec, spec.modulus_length()) {
            (Self::SymmetricDefault, KeySpec::SymmetricDefault, _) => Some(4096),
            (Self::RsaesOaepSha1, _, Some(modulus)) => Some(modulus - 2 * 20 - 2),
            (Self::RsaesOaepSha256, _, Some(modulus)) => Some(modulus - 2 * 32 - 2),
            (Self::Sm2Pke, KeySpec::Sm2, _) => Some(1024),
            _ => None,
        }
    }
}

named! {
    /// How Sign and Verify work.
    SigningAlgorithm {
        /// PSS over SHA-256, salt of 32 bytes.
        RsassaPssSha256 = "RSASSA_PSS_SHA_256",
        /// PSS over SHA-384, salt of 48 bytes.
        RsassaPssSha384 = "RSASSA_PSS_SHA_384",
        /// PSS over SHA-512, salt of 64 bytes.
        RsassaPssSha512 = "RSASSA_PSS_SHA_512",
        /// PKCS #1 v1.5 over SHA-256.
        RsassaPkcs1V15Sha256 = "RSASSA_PKCS1_V1_5_SHA_256",
        /// PKCS #1 v1.5 over SHA-384.
        RsassaPkcs1V15Sha384 = "RSASSA_PKCS1_V1_5_SHA_384",
        /// PKCS #1 v1.5 over SHA-512.
        RsassaPkcs1V15Sha512 = "RSASSA_PKCS1_V1_5_SHA_512",
        /// ECDSA over SHA-256.
        EcdsaSha256 = "ECDSA_SHA_256",
        /// ECDSA over SHA-384.
        EcdsaSha384 = "ECDSA_SHA_384",
        /// ECDSA over SHA-512.
        EcdsaSha512 = "ECDSA_SHA_512",
        /// GB/T 32918.2 with the default identifier.
        Sm2Dsa = "SM2DSA",
        /// FIPS 204 without context.
        MlDsaShake256 = "ML_DSA_SHAKE_256",
        /// RFC 8032 Ed25519.
        Ed25519Sha512 = "ED25519_SHA_512",
        /// RFC 8032 Ed25519ph.
        Ed25519PhSha512 = "ED25519_PH_SHA_512",
    }
}

named! {
    /// How GenerateMac and VerifyMac work.
    MacAlgorithm {
        /// HMAC with SHA-224.
        HmacSha224 = "HMAC_SHA_224",
        /// HMAC with SHA-256.
        HmacSha256 = "HMAC_SHA_256",
        /// HMAC with SHA-384.
        HmacSha384 = "HMAC_SHA_384",
        /// HMAC with SHA-512.
        HmacSha512 = "HMAC_SHA_512",
    }
}

named! {
    /// How DeriveSharedSecret works.
    KeyAgreementAlgorithm {
        /// The x coordinate of the shared point, without any derivation.
        Ecdh = "ECDH",
    }
}

named! {
    /// How Encapsulate and Decapsulate work.
    EncapsulationAlgorithm {
        /// FIPS 203.
        MlKem = "ML_KEM",
    }
}
