//! How key material is wrapped on its way in, and which material each way takes.

use super::KeySpec;
use super::wire::named;

named! {
    /// Kind of the key under which material is wrapped for import.
    WrappingKeySpec {
        /// RSA, 2048 bits.
        Rsa2048 = "RSA_2048",
        /// RSA, 3072 bits.
        Rsa3072 = "RSA_3072",
        /// RSA, 4096 bits.
        Rsa4096 = "RSA_4096",
        /// SM2.
        Sm2 = "SM2",
    }
}

named! {
    /// How material is wrapped for import.
    WrappingAlgorithm {
        /// By RSA-OAEP with SHA-1.
        RsaesOaepSha1 = "RSAES_OAEP_SHA_1",
        /// By RSA-OAEP with SHA-256.
        RsaesOaepSha256 = "RSAES_OAEP_SHA_256",
        /// By AES key wrap with padding, whose key is wrapped by RSA-OAEP with SHA-1.
        RsaAesKeyWrapSha1 = "RSA_AES_KEY_WRAP_SHA_1",
        /// By AES key wrap with padding, whose key is wrapped by RSA-OAEP with SHA-256.
        RsaAesKeyWrapSha256 = "RSA_AES_KEY_WRAP_SHA_256",
        /// By SM2.
        Sm2Pke = "SM2PKE",
    }
}

impl WrappingKeySpec {
    /// The spec of KMS keys of the same kind.
    #[must_use]
    pub const fn key_spec(self) -> KeySpec {
        match self {
            Self::Rsa2048 => KeySpec::Rsa2048,
            Self::Rsa3072 => KeySpec::Rsa3072,
            Self::Rsa4096 => KeySpec::Rsa4096,
            Self::Sm2 => KeySpec::Sm2,
        }
    }
}

impl WrappingAlgorithm {
    /// Whether keys of `wrapping` have this algorithm.
    #[must_use]
    pub const fn is_of(self, wrapping: WrappingKeySpec) -> bool {
        matches!(self, Self::Sm2Pke) == matches!(wrapping, WrappingKeySpec::Sm2)
    }

    /// Whether material for keys of `spec` may be wrapped so. Private RSA keys are longer than what a
    /// public key encrypts by itself, and one of P-521 is longer than the shortest of them does. That
    /// symmetric material may be wrapped in two steps, too, is not documented but does no harm.
    #[must_use]
    pub const fn wraps(self, spec: KeySpec, wrapping: WrappingKeySpec) -> bool {
        let direct = !matches!(self, Self::RsaAesKeyWrapSha1 | Self::RsaAesKeyWrapSha256);
        let too_long = spec.modulus_length().is_some()
            || matches!((spec, wrapping), (KeySpec::EccNistP521, WrappingKeySpec::Rsa2048));
        spec.is_importable() && self.is_of(wrapping) && !(direct && too_long)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_algorithm_goes_with_its_kind_of_key_and_with_what_is_short_enough() {
        use WrappingAlgorithm as A;
        use WrappingKeySpec as W;
        assert!(A::RsaesOaepSha1.wraps(KeySpec::SymmetricDefault, W::Rsa2048));
        assert!(A::RsaesOaepSha256.wraps(KeySpec::EccNistP521, W::Rsa3072));
        assert!(!A::RsaesOaepSha256.wraps(KeySpec::EccNistP521, W::Rsa2048));
        assert!(A::RsaAesKeyWrapSha1.wraps(KeySpec::EccNistP521, W::Rsa2048));
        assert!(!A::RsaesOaepSha1.wraps(KeySpec::Rsa2048, W::Rsa4096));
        assert!(A::RsaAesKeyWrapSha256.wraps(KeySpec::Rsa4096, W::Rsa2048));
        assert!(A::Sm2Pke.wraps(KeySpec::Sm2, W::Sm2) && !A::Sm2Pke.wraps(KeySpec::Rsa2048, W::Sm2));
        assert!(!A::Sm2Pke.wraps(KeySpec::Sm2, W::Rsa2048) && !A::RsaesOaepSha1.wraps(KeySpec::Sm2, W::Sm2));
        assert!(!A::RsaAesKeyWrapSha256.wraps(KeySpec::MlDsa44, W::Rsa4096));
    }
}
