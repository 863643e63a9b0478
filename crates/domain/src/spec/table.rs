//! The table: which usages a spec has, and with which algorithms.

use super::{
    EncapsulationAlgorithm, EncryptionAlgorithm, KeyAgreementAlgorithm, KeySpec, KeyUsage, MacAlgorithm,
    SigningAlgorithm,
};

/// The algorithms of a key, in the order the service lists them. Which list it is follows from the
/// key's usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithms {
    /// Of an ENCRYPT_DECRYPT key.
    Encryption(&'static [EncryptionAlgorithm]),
    /// Of a SIGN_VERIFY key.
    Signing(&'static [SigningAlgorithm]),
    /// Of a GENERATE_VERIFY_MAC key.
    Mac(&'static [MacAlgorithm]),
    /// Of a KEY_AGREEMENT key.
    KeyAgreement(&'static [KeyAgreementAlgorithm]),
    /// Of an ENCAPSULATE_DECAPSULATE key.
    Encapsulation(&'static [EncapsulationAlgorithm]),
}

const RSA_ENCRYPTION: Algorithms =
    Algorithms::Encryption(&[EncryptionAlgorithm::RsaesOaepSha1, EncryptionAlgorithm::RsaesOaepSha256]);
const RSA_SIGNING: Algorithms = Algorithms::Signing(&[
    SigningAlgorithm::RsassaPkcs1V15Sha256,
    SigningAlgorithm::RsassaPkcs1V15Sha384,
    SigningAlgorithm::RsassaPkcs1V15Sha512,
    SigningAlgorithm::RsassaPssSha256,
    SigningAlgorithm::RsassaPssSha384,
    SigningAlgorithm::RsassaPssSha512,
]);
const EDWARDS_SIGNING: Algorithms =
    Algorithms::Signing(&[SigningAlgorithm::Ed25519Sha512, SigningAlgorithm::Ed25519PhSha512]);

impl KeySpec {
    /// The algorithms of keys of this spec that are made for `usage`; `None` when there are no such
    /// keys.
    #[must_use]
    pub const fn algorithms(self, usage: KeyUsage) -> Option<Algorithms> {
        use Algorithms::{Encapsulation, Encryption, KeyAgreement, Mac, Signing};
        use KeyUsage as U;
        let algorithms = match (self, usage) {
            (Self::SymmetricDefault, U::EncryptDecrypt) => {
                Encryption(&[EncryptionAlgorithm::SymmetricDefault])
            }
            (Self::Hmac224, U::GenerateVerifyMac) => Mac(&[MacAlgorithm::HmacSha224]),
            (Self::Hmac256, U::GenerateVerifyMac) => Mac(&[MacAlgorithm::HmacSha256]),
            (Self::Hmac384, U::GenerateVerifyMac) => Mac(&[MacAlgorithm::HmacSha384]),
            (Self::Hmac512, U::GenerateVerifyMac) => Mac(&[MacAlgorithm::HmacSha512]),
            (Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096, U::EncryptDecrypt) => RSA_ENCRYPTION,
            (Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096, U::SignVerify) => RSA_SIGNING,
            (Self::EccNistP256 | Self::EccSecgP256K1, U::SignVerify) => {
                Signing(&[SigningAlgorithm::EcdsaSha256])
            }
            (Self::EccNistP384, U::SignVerify) => Signing(&[SigningAlgorithm::EcdsaSha384]),
            (Self::EccNistP521, U::SignVerify) => Signing(&[SigningAlgorithm::EcdsaSha512]),
            (Self::EccNistEdwards25519, U::SignVerify) => EDWARDS_SIGNING,
            (Self::EccNistP256 | Self::EccNistP384 | Self::EccNistP521 | Self::Sm2, U::KeyAgreement) => {
                KeyAgreement(&[KeyAgreementAlgorithm::Ecdh])
            }
            (Self::Sm2, U::EncryptDecrypt) => Encryption(&[EncryptionAlgorithm::Sm2Pke]),
            (Self::Sm2, U::SignVerify) => Signing(&[SigningAlgorithm::Sm2Dsa]),
            (Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87, U::SignVerify) => {
                Signing(&[SigningAlgorithm::MlDsaShake256])
            }
            (Self::MlKem512 | Self::MlKem768 | Self::MlKem1024, U::EncapsulateDecapsulate) => {
                Encapsulation(&[EncapsulationAlgorithm::MlKem])
            }
            _ => return None,
        };
        Some(algorithms)
    }

    /// Whether keys of this spec may be created for `usage`.
    #[must_use]
    pub const fn allows(self, usage: KeyUsage) -> bool {
        self.algorithms(usage).is_some()
    }
}

impl Algorithms {
    /// Whether the algorithm called `name` on the wire is one of these.
    #[must_use]
    pub fn contains(self, name: &str) -> bool {
        match self {
            Self::Encryption(list) => list.iter().any(|algorithm| algorithm.as_str() == name),
            Self::Signing(list) => list.iter().any(|algorithm| algorithm.as_str() == name),
            Self::Mac(list) => list.iter().any(|algorithm| algorithm.as_str() == name),
            Self::KeyAgreement(list) => list.iter().any(|algorithm| algorithm.as_str() == name),
            Self::Encapsulation(list) => list.iter().any(|algorithm| algorithm.as_str() == name),
        }
    }

    /// The names on the wire, in order.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        match self {
            Self::Encryption(list) => list.iter().map(|algorithm| algorithm.as_str()).collect(),
            Self::Signing(list) => list.iter().map(|algorithm| algorithm.as_str()).collect(),
            Self::Mac(list) => list.iter().map(|algorithm| algorithm.as_str()).collect(),
            Self::KeyAgreement(list) => list.iter().map(|algorithm| algorithm.as_str()).collect(),
            Self::Encapsulation(list) => list.iter().map(|algorithm| algorithm.as_str()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published table, transcribed: specs, usage, algorithms in order.
    const PUBLISHED: &str = "
SYMMETRIC_DEFAULT | ENCRYPT_DECRYPT | SYMMETRIC_DEFAULT
HMAC_224 | GENERATE_VERIFY_MAC | HMAC_SHA_224
HMAC_256 | GENERATE_VERIFY_MAC | HMAC_SHA_256
HMAC_384 | GENERATE_VERIFY_MAC | HMAC_SHA_384
HMAC_512 | GENERATE_VERIFY_MAC | HMAC_SHA_512
RSA_2048 RSA_3072 RSA_4096 | ENCRYPT_DECRYPT | RSAES_OAEP_SHA_1 RSAES_OAEP_SHA_256
RSA_2048 RSA_3072 RSA_4096 | SIGN_VERIFY | RSASSA_PKCS1_V1_5_SHA_256 RSASSA_PKCS1_V1_5_SHA_384 RSASSA_PKCS1_V1_5_SHA_512 RSASSA_PSS_SHA_256 RSASSA_PSS_SHA_384 RSASSA_PSS_SHA_512
ECC_NIST_P256 | SIGN_VERIFY | ECDSA_SHA_256
ECC_NIST_P384 | SIGN_VERIFY | ECDSA_SHA_384
ECC_NIST_P521 | SIGN_VERIFY | ECDSA_SHA_512
ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 | KEY_AGREEMENT | ECDH
ECC_SECG_P256K1 | SIGN_VERIFY | ECDSA_SHA_256
ECC_NIST_EDWARDS25519 | SIGN_VERIFY | ED25519_SHA_512 ED25519_PH_SHA_512
ML_DSA_44 ML_DSA_65 ML_DSA_87 | SIGN_VERIFY | ML_DSA_SHAKE_256
ML_KEM_512 ML_KEM_768 ML_KEM_1024 | ENCAPSULATE_DECAPSULATE | ML_KEM
SM2 | ENCRYPT_DECRYPT | SM2PKE
SM2 | SIGN_VERIFY | SM2DSA
SM2 | KEY_AGREEMENT | ECDH";

    #[test]
    fn the_table_is_the_published_one() {
        let mut listed = Vec::new();
        for row in PUBLISHED.trim().lines() {
            let [specs, usage, algorithms] = row.split(" | ").collect::<Vec<_>>()[..] else {
                panic!("{row}")
            };
            let usage = KeyUsage::from_wire(usage).unwrap();
            for spec in specs.split(' ').map(|name| KeySpec::from_wire(name).unwrap()) {
                let names = spec.algorithms(usage).unwrap().names();
                assert_eq!(names, algorithms.split(' ').collect::<Vec<_>>(), "{row}");
                listed.push((spec, usage));
            }
        }
        for spec in KeySpec::ALL {
            for usage in KeyUsage::ALL {
                assert_eq!(spec.allows(*usage), listed.contains(&(*spec, *usage)), "{spec:?} {usage:?}");
            }
        }
    }

    #[test]
    fn there_are_twenty_specs_and_names_read_back() {
        assert_eq!((KeySpec::ALL.len(), KeyUsage::ALL.len()), (20, 5));
        for spec in KeySpec::ALL {
            assert_eq!(KeySpec::from_wire(spec.as_str()), Some(*spec));
        }
        assert_eq!(KeySpec::from_wire("rsa_2048"), None);
    }

    #[test]
    fn data_key_pairs_are_the_twelve_published_ones() {
        let pairs = KeySpec::ALL.iter().filter(|spec| spec.is_data_key_pair());
        let expected = [
            "RSA_2048",
            "RSA_3072",
            "RSA_4096",
            "ECC_NIST_P256",
            "ECC_NIST_P384",
            "ECC_NIST_P521",
            "ECC_SECG_P256K1",
            "ECC_NIST_EDWARDS25519",
            "SM2",
            "ML_KEM_512",
            "ML_KEM_768",
            "ML_KEM_1024",
        ];
        assert_eq!(pairs.map(|spec| spec.as_str()).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn plaintexts_are_as_long_as_published() {
        use EncryptionAlgorithm as E;
        let rsa = [KeySpec::Rsa2048, KeySpec::Rsa3072, KeySpec::Rsa4096];
        assert_eq!(rsa.map(|spec| E::RsaesOaepSha1.max_plaintext(spec)), [Some(214), Some(342), Some(470)]);
        assert_eq!(rsa.map(|spec| E::RsaesOaepSha256.max_plaintext(spec)), [Some(190), Some(318), Some(446)]);
        assert_eq!(E::SymmetricDefault.max_plaintext(KeySpec::SymmetricDefault), Some(4096));
        assert_eq!(E::Sm2Pke.max_plaintext(KeySpec::Sm2), Some(1024));
        assert_eq!(E::Sm2Pke.max_plaintext(KeySpec::Rsa2048), None);
        assert_eq!(E::RsaesOaepSha1.max_plaintext(KeySpec::SymmetricDefault), None);
    }
}
