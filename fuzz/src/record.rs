//! Anything in the place of a wrapped root key, of domain keys or of a record: nothing panics, and
//! the only bytes that open are the ones that were sealed.

use trent_crypto::{FileSeal, Keyring, Seal as _};

const SEAL: &str = "trent-seal-1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const ROOT: &[u8] = include_bytes!("../seeds/record/root");
const DOMAIN: &[u8] = include_bytes!("../seeds/record/domain");
const RECORD: &[u8] = include_bytes!("../seeds/record/record");

/// Puts `data` into each place in turn.
pub(crate) fn run(data: &[u8]) {
    let seal = FileSeal::from_text(SEAL).expect("a seal");
    let root = seal.unwrap(ROOT).expect("the root key");
    let keyring = Keyring::open(&root, DOMAIN).expect("the domain keys");
    assert_eq!(seal.unwrap(data).is_ok(), data == ROOT);
    assert_eq!(Keyring::open(&root, data).is_ok(), data == DOMAIN);
    assert_eq!(keyring.open_record("/acct/000000000000", 3, data).is_ok(), data == RECORD);
    assert!(keyring.open_record("/acct/000000000000", 2, data).is_err());
}
