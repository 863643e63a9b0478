//! The examples that standards print and no package carries.

use aws_lc_rs::digest::{SHA512, digest};
use trent_crypto::{KeyError, KeyPair, PublicKey};
use trent_domain::{EncryptionAlgorithm, KeySpec, MessageType, SigningAlgorithm};

use crate::tally::Tally;

/// RFC 8032 §7.3 signs `abc` itself, as the self-test at every start does too. KMS is given the hash of
/// it as the message of Ed25519ph, which hashes once more: another signature, computed with
/// PyCryptodome.
pub(crate) fn ed25519ph(tally: &mut Tally) {
    let seed = decoded("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42");
    let der = [decoded("302e020100300506032b657004220420"), seed].concat();
    let pair = KeyPair::from_pkcs8(KeySpec::EccNistEdwards25519, &der).unwrap();
    let (algorithm, kind) = (SigningAlgorithm::Ed25519PhSha512, MessageType::Digest);
    let message = digest(&SHA512, b"abc");
    let expected = decoded(
        "914dc6538ac512db8ffbdfbbf9c2fd2c1e5c915ff5d708751ad2d3a1425f0c9b\
         fa3f1da6d93e5c7fc5b106b536f7263a3db68e4a285f30e4bd7e8b9f93d42f0e",
    );
    let public = "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf";
    tally.check("the public key", true, pair.public().spki().ends_with(&decoded(public)));
    let signature = pair.sign(algorithm, kind, message.as_ref()).unwrap();
    tally.check("the signature", true, signature == expected);
    let verified = pair.public().verify(algorithm, kind, message.as_ref(), &expected);
    tally.check("the published signature", true, verified.is_ok());
}

/// GB/T 32918.5: annex A signs, annex C encrypts, with one key. The e of the signature is a digest.
pub(crate) fn sm2(tally: &mut Tally) {
    let spki = decoded(
        "3059301306072a8648ce3d020106082a811ccf5501822d034200\
         0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020\
         ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13",
    );
    let public = PublicKey::from_spki(KeySpec::Sm2, &spki).unwrap();
    let e = decoded("f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640");
    let signature = decoded(
        "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3\
         022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa",
    );
    let verify = |kind, message| public.verify(SigningAlgorithm::Sm2Dsa, kind, message, &signature);
    tally.check("the digest", true, verify(MessageType::Digest, &e).is_ok());
    tally.check("the message", true, verify(MessageType::Raw, b"message digest").is_ok());
    let refused = Err(KeyError::InvalidSignature);
    tally.check("another digest", true, verify(MessageType::Digest, &[0; 32]) == refused);
    tally.check("another message", true, verify(MessageType::Raw, b"message digesu") == refused);
    sm2_encryption(tally, &spki);
}

fn sm2_encryption(tally: &mut Tally, spki: &[u8]) {
    let scalar = decoded("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8");
    let pair = KeyPair::from_pkcs8(KeySpec::Sm2, &crate::der::ec_pkcs8(KeySpec::Sm2, &scalar)).unwrap();
    tally.check("the public key", true, pair.public().spki() == spki);
    let mut ciphertext = decoded(
        "307c022004ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73022100e858f9\
         d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0042059983c18f809e262923c53\
         aec295d30383b54e39d609d160afcb1908d0bd8766041321886ca989ca9c7d58087307ca93092d651efa",
    );
    let decrypt = |ciphertext: &[u8]| pair.decrypt(EncryptionAlgorithm::Sm2Pke, ciphertext);
    let plaintext = decrypt(&ciphertext).unwrap();
    tally.check("the plaintext", true, plaintext.expose() == b"encryption standard");
    *ciphertext.last_mut().unwrap() ^= 1;
    tally.check("a damaged ciphertext", true, decrypt(&ciphertext) == Err(KeyError::InvalidCiphertext));
}

fn decoded(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}
