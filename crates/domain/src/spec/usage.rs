//! What a key may be used for.

use super::wire::named;

named! {
    /// What a KMS key may be used for; fixed at creation.
    KeyUsage {
        /// Encrypt, Decrypt, ReEncrypt and data keys.
        EncryptDecrypt = "ENCRYPT_DECRYPT",
        /// Sign and Verify.
        SignVerify = "SIGN_VERIFY",
        /// GenerateMac and VerifyMac.
        GenerateVerifyMac = "GENERATE_VERIFY_MAC",
        /// DeriveSharedSecret.
        KeyAgreement = "KEY_AGREEMENT",
        /// Encapsulate and Decapsulate.
        EncapsulateDecapsulate = "ENCAPSULATE_DECAPSULATE",
    }
}
