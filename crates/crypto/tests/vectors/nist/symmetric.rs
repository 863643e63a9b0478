//! AES-GCM, AES key wrap, the SP 800-108 KDF and HMAC.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use aws_lc_rs::kdf::{KbkdfCtrHmacAlgorithmId, get_kbkdf_ctr_hmac_algorithm, kbkdf_ctr_hmac};
use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrap as _, KeyWrapPadded as _};

use super::cases;
use super::rsp::Case;
use crate::tally::{Excluded, Tally};

pub(crate) fn aes_gcm(tally: &mut Tally) {
    let files = [
        "gcmDecrypt128.rsp",
        "gcmDecrypt192.rsp",
        "gcmDecrypt256.rsp",
        "gcmEncryptExtIV128.rsp",
        "gcmEncryptExtIV192.rsp",
        "gcmEncryptExtIV256.rsp",
    ];
    let cases = cases("ciphers/AES/GCM", &files, "Count");
    for case in cases {
        if case.number("Keylen") != 256 {
            tally.excluded(Excluded::KeyLength);
        } else if (case.number("IVlen"), case.number("Taglen")) != (96, 128) {
            tally.excluded(Excluded::IvOrTagLength);
        } else {
            tally.check("AES-256-GCM", case.text("FAIL").is_none(), gcm_agrees(&case));
        }
    }
}

/// Whether the case's ciphertext opens to its plaintext, and the plaintext seals to the ciphertext.
fn gcm_agrees(case: &Case) -> bool {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &case.bytes("Key")).unwrap());
    let iv = || Nonce::try_assume_unique_for_key(&case.bytes("IV")).unwrap();
    let aad = case.bytes("AAD");
    let sealed = [case.bytes("CT"), case.bytes("Tag")].concat();
    let mut buffer = sealed.clone();
    let Ok(opened) = key.open_in_place(iv(), Aad::from(&aad), &mut buffer) else { return false };
    let right = *opened == case.bytes("PT");
    let mut again = opened.to_vec();
    key.seal_in_place_append_tag(iv(), Aad::from(&aad), &mut again).unwrap();
    right && again == sealed
}

pub(crate) fn aes_key_wrap(tally: &mut Tally) {
    let wrap = |key: AesKek, plaintext: &[u8]| {
        let mut output = vec![0; plaintext.len() + 8];
        key.wrap(plaintext, &mut output).unwrap().to_vec()
    };
    let unwrap = |key: AesKek, ciphertext: &[u8]| {
        let mut output = vec![0; ciphertext.len()];
        Some(key.unwrap(ciphertext, &mut output).ok()?.to_vec())
    };
    key_wrap(tally, "KW", wrap, unwrap);
}

pub(crate) fn aes_key_wrap_with_padding(tally: &mut Tally) {
    let wrap = |key: AesKek, plaintext: &[u8]| {
        let mut output = vec![0; plaintext.len() + 15];
        key.wrap_with_padding(plaintext, &mut output).unwrap().to_vec()
    };
    let unwrap = |key: AesKek, ciphertext: &[u8]| {
        let mut output = vec![0; ciphertext.len()];
        Some(key.unwrap_with_padding(ciphertext, &mut output).ok()?.to_vec())
    };
    key_wrap(tally, "KWP", wrap, unwrap);
}

fn key_wrap(
    tally: &mut Tally,
    mode: &str,
    wrap: impl Fn(AesKek, &[u8]) -> Vec<u8>,
    unwrap: impl Fn(AesKek, &[u8]) -> Option<Vec<u8>>,
) {
    let files = ["AE_128", "AE_192", "AE_256", "AD_128", "AD_192", "AD_256"];
    let files = files.map(|file| format!("{mode}_{file}.txt"));
    let cases = cases("keywrap/kwtestvectors", &files.each_ref().map(String::as_str), "COUNT");
    for case in cases {
        let key = case.bytes("K");
        let Ok(kek) = AesKek::new(&AES_256, &key) else {
            tally.excluded(Excluded::KeyLength);
            continue;
        };
        let ciphertext = case.bytes("C");
        let valid = case.text("FAIL").is_none();
        let agrees = unwrap(kek, &ciphertext).is_some_and(|plaintext| {
            let again = wrap(AesKek::new(&AES_256, &key).unwrap(), &plaintext);
            plaintext == case.bytes("P") && again == ciphertext
        });
        tally.check(mode, valid, agrees);
    }
}

pub(crate) fn key_derivation(tally: &mut Tally) {
    let cases = cases("KDF", &["nist-800-108-KBKDF-CTR.txt"], "COUNT");
    let sha256 = get_kbkdf_ctr_hmac_algorithm(KbkdfCtrHmacAlgorithmId::Sha256).unwrap();
    for case in cases {
        if case.text("PRF") != Some("HMAC_SHA256") {
            tally.excluded(Excluded::Hash);
        } else if (case.text("CTRLOCATION"), case.text("RLEN")) != (Some("BEFORE_FIXED"), Some("32_BITS")) {
            tally.excluded(Excluded::CounterForm);
        } else {
            let mut derived = vec![0; case.number("L") / 8];
            kbkdf_ctr_hmac(sha256, &case.bytes("KI"), &case.bytes("FixedInputData"), &mut derived).unwrap();
            tally.check("SP 800-108", true, derived == case.bytes("KO"));
        }
    }
}

/// The package has none of NIST's, only those of RFC 4231, whose keys are all of other lengths than a
/// KMS key.
pub(crate) fn macs(tally: &mut Tally) {
    for (file, algorithm) in [
        ("rfc-4231-sha224.txt", hmac::HMAC_SHA224),
        ("rfc-4231-sha256.txt", hmac::HMAC_SHA256),
        ("rfc-4231-sha384.txt", hmac::HMAC_SHA384),
        ("rfc-4231-sha512.txt", hmac::HMAC_SHA512),
    ] {
        let cases = cases("HMAC", &[file], "Key");
        for case in cases {
            let tag = hmac::sign(&hmac::Key::new(algorithm, &case.bytes("Key")), &case.bytes("Msg"));
            tally.check(file, true, tag.as_ref() == case.bytes("MD"));
        }
    }
}
