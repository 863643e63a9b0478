//! Pagination markers: where a list stopped, in a form only this list accepts back.
//!
//! A marker names the last item that was handed out and not a position, so items that come and go
//! in between neither repeat nor vanish others. It is tagged under a key of the store for the
//! operation, the account, the Region and the filters of the request that earned it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use trent_crypto::Keyring;

use crate::Fault;

const LABEL: &str = "pagination marker";
const TAG: usize = 16;

/// Makes and reads the markers of one list.
pub struct Markers<'a> {
    keyring: &'a Keyring,
    list: String,
}

impl<'a> Markers<'a> {
    /// The markers of the list that `list` describes in full: operation, place, filters.
    #[must_use]
    pub const fn new(keyring: &'a Keyring, list: String) -> Self {
        Self { keyring, list }
    }

    /// The marker behind `last`.
    #[must_use]
    pub fn make(&self, last: &str) -> String {
        let tag = self.tag(last);
        let mut bytes = tag.get(..TAG).unwrap_or_default().to_vec();
        bytes.extend_from_slice(last.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What a marker names.
    ///
    /// # Errors
    /// [`Fault::InvalidMarker`] unless this very list made it.
    pub fn read(&self, marker: &str) -> Result<String, Fault> {
        let bytes = URL_SAFE_NO_PAD.decode(marker).map_err(|_| Fault::InvalidMarker)?;
        let (tag, last) = bytes.split_at_checked(TAG).ok_or(Fault::InvalidMarker)?;
        let last = std::str::from_utf8(last).map_err(|_| Fault::InvalidMarker)?;
        // Not a secret comparison in need of constant time: a forger gains a place in a list that
        // the same request may read from the start.
        if self.tag(last).get(..TAG) == Some(tag) { Ok(last.to_owned()) } else { Err(Fault::InvalidMarker) }
    }

    fn tag(&self, last: &str) -> [u8; 32] {
        self.keyring.tag(LABEL, format!("{}\n{last}", self.list).as_bytes())
    }
}
