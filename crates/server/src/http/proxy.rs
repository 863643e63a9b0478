//! Who a request comes from when a proxy hands it on.
//!
//! A proxy that is trusted says so in `X-Forwarded-For`, to whose right end every proxy on the way adds
//! whom it was asked by. What stands further left than the first address that is no trusted proxy is the
//! client's own text and is not even looked at. Of everybody else the header means nothing.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ::http::HeaderMap;
use ::http::header::HeaderName;
use trent_domain::Network;
use trent_engine::{Fault, TlsDetails};

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Where requests come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The client's address.
    pub(crate) address: IpAddr,
    /// How the connection that the request came by is protected, when it is the client's own.
    pub(crate) tls: Option<TlsDetails>,
    /// Whether the client's connection is protected.
    pub(crate) secure: bool,
}

impl Origin {
    /// Of a request that comes from the other end of its connection.
    pub(crate) fn direct(address: IpAddr, tls: Option<TlsDetails>) -> Self {
        Self { address, tls, secure: tls.is_some() }
    }
}

/// The proxies that are believed.
#[derive(Debug, Clone, Default)]
pub(crate) struct TrustedProxies(Arc<[Network]>);

impl From<Vec<Network>> for TrustedProxies {
    fn from(networks: Vec<Network>) -> Self {
        Self(networks.into())
    }
}

impl TrustedProxies {
    /// Where a request with these headers comes from that came by a connection from `direct`.
    ///
    /// # Errors
    /// When a trusted proxy says what cannot be understood: guessing would be a way past policies.
    pub(crate) fn origin(&self, direct: Origin, headers: &HeaderMap) -> Result<Origin, Fault> {
        if !self.contain(direct.address) {
            return Ok(direct);
        }
        let client = self.client(headers)?;
        let secure = protection(headers)?;
        if client.is_none() && secure.is_none() {
            // The proxy itself asks, such as for whether the server is well.
            return Ok(direct);
        }
        // What the proxy does not say is not so.
        Ok(Origin { address: client.unwrap_or(direct.address), tls: None, secure: secure.unwrap_or(false) })
    }

    /// The right-most address that is not a trusted proxy's, or the left-most if all are; `None` when
    /// there is no header.
    fn client(&self, headers: &HeaderMap) -> Result<Option<IpAddr>, Fault> {
        let mut last = None;
        for entry in entries(headers, &FOR).rev() {
            let found = entry.and_then(address).ok_or_else(|| malformed(&FOR))?;
            last = Some(found);
            if !self.contain(found) {
                break;
            }
        }
        Ok(last)
    }

    fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }
}

/// Whether every connection that the header tells of was protected; `None` without a header.
fn protection(headers: &HeaderMap) -> Result<Option<bool>, Fault> {
    let mut all = None;
    for entry in entries(headers, &PROTO) {
        let secure = match entry {
            Some(scheme) if scheme.eq_ignore_ascii_case("https") => true,
            Some(scheme) if scheme.eq_ignore_ascii_case("http") => false,
            _ => return Err(malformed(&PROTO)),
        };
        all = Some(all.unwrap_or(true) && secure);
    }
    Ok(all)
}

/// The entries of a list over all lines of a header; `None` for what is no text.
fn entries<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> impl DoubleEndedIterator<Item = Option<&'a str>> {
    let lines: Vec<&[u8]> = headers.get_all(name).iter().map(|value| value.as_bytes()).collect();
    let entries = lines.into_iter().flat_map(|line| line.split(|byte| *byte == b','));
    entries.map(|entry| std::str::from_utf8(entry).ok().map(str::trim))
}

/// An address as proxies write it: alone, in brackets, or with the port.
fn address(text: &str) -> Option<IpAddr> {
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6);
    let alone = text.parse().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    alone.or_else(with_port).or_else(bracketed).map(|found: IpAddr| found.to_canonical())
}

fn malformed(name: &HeaderName) -> Fault {
    Fault::validation(format!("The header {name} that a proxy has sent is malformed."))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TLS: TlsDetails =
        TlsDetails { version: "TLSv1.3", cipher_suite: "TLS_AES_256_GCM_SHA384", key_exchange: None };

    fn proxies() -> TrustedProxies {
        let networks = ["10.0.0.0/8", "2001:db8::/32", "127.0.0.1"];
        networks.map(|network| network.parse().unwrap()).to_vec().into()
    }

    fn headers(lines: &[(HeaderName, &str)]) -> HeaderMap {
        lines.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// The address that is seen behind a proxy, or the malformed header.
    fn seen(lines: &[(HeaderName, &str)]) -> Option<String> {
        let direct = Origin::direct(ip("10.0.0.1"), None);
        proxies().origin(direct, &headers(lines)).ok().map(|origin| origin.address.to_string())
    }

    #[test]
    fn the_right_most_stranger_is_the_client() {
        for (header, expected) in [
            ("192.0.2.7", "192.0.2.7"),
            ("198.51.100.1, 192.0.2.7", "192.0.2.7"),
            ("192.0.2.7,10.1.1.1 ,  2001:db8::1", "192.0.2.7"),
            ("10.1.1.1, 10.2.2.2", "10.1.1.1"),
            ("192.0.2.7:1234", "192.0.2.7"),
            ("2a00::7", "2a00::7"),
            ("[2a00::7]", "2a00::7"),
            ("[2a00::7]:443, [2001:db8::1]:80", "2a00::7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("::ffff:10.0.0.9, 192.0.2.7, ::ffff:10.0.0.9", "192.0.2.7"),
            // What a client makes up stands further left.
            ("nonsense, , 192.0.2.7", "192.0.2.7"),
        ] {
            assert_eq!(seen(&[(FOR, header)]).as_deref(), Some(expected), "{header}");
        }
        assert_eq!(seen(&[(FOR, "198.51.100.1"), (FOR, "192.0.2.7")]).as_deref(), Some("192.0.2.7"));
        assert_eq!(seen(&[(FOR, "192.0.2.7"), (FOR, "10.0.0.2")]).as_deref(), Some("192.0.2.7"));
        assert_eq!(seen(&[]).as_deref(), Some("10.0.0.1"));
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        for bad in [
            "",
            "unknown",
            "192.0.2.7,",
            "192.0.2.7 10.0.0.1",
            "192.0.2.256",
            "192.0.2",
            "0x7f.0.0.1",
            "[192.0.2.7]",
            "[2a00::7",
            "2a00::7]",
            "fe80::1%eth0",
            "192.0.2.7:99999",
            "example.com",
            "192.0.2.7, nonsense, 10.0.0.1",
        ] {
            assert_eq!(seen(&[(FOR, bad)]), None, "{bad}");
        }
        for bad in ["", "wss", "https,", "https, on"] {
            assert_eq!(seen(&[(FOR, "192.0.2.7"), (PROTO, bad)]), None, "{bad}");
        }
        let mut bytes = HeaderMap::new();
        bytes.insert(FOR, ::http::HeaderValue::from_bytes(b"192.0.2.7\xff").unwrap());
        proxies().origin(Origin::direct(ip("10.0.0.1"), None), &bytes).unwrap_err();
    }

    #[test]
    fn the_proxy_says_whether_its_client_was_protected() {
        let direct = Origin::direct(ip("10.0.0.1"), Some(TLS));
        let origin = |lines: &[(HeaderName, &str)]| proxies().origin(direct, &headers(lines)).unwrap();
        for (lines, secure) in [
            (&[(FOR, "192.0.2.7"), (PROTO, "HTTPS")][..], true),
            (&[(FOR, "192.0.2.7"), (PROTO, "http")], false),
            (&[(FOR, "192.0.2.7"), (PROTO, "https, https")], true),
            (&[(FOR, "192.0.2.7"), (PROTO, "https, http")], false),
            (&[(PROTO, "http"), (PROTO, "https")], false),
            (&[(FOR, "192.0.2.7")], false),
        ] {
            let Origin { secure: found, tls, .. } = origin(lines);
            assert_eq!((found, tls), (secure, None), "{lines:?}");
        }
        assert_eq!(origin(&[]), direct);
    }

    proptest! {
        /// Nobody but a trusted proxy is listened to, whatever they send.
        #[test]
        fn strangers_are_taken_for_what_they_are(
            address: IpAddr, header in "[ -~]{0,40}", proto in "[ -~]{0,10}", secure: bool,
        ) {
            prop_assume!(!proxies().contain(address));
            let direct = Origin::direct(address, secure.then_some(TLS));
            let headers = headers(&[(FOR, &header), (PROTO, &proto)]);
            prop_assert_eq!(proxies().origin(direct, &headers).unwrap(), direct);
        }

        /// However much a client makes up, its own address is the one that its proxy adds.
        #[test]
        fn what_a_client_makes_up_changes_nothing(
            made_up in "[ -~]{0,60}", lines in 0usize..3, client: IpAddr, proxies_between in 0usize..3,
        ) {
            prop_assume!(!proxies().contain(client));
            let told = format!("{client}{}", ", 10.9.9.9".repeat(proxies_between));
            let mut all = vec![(FOR, made_up.as_str()); lines];
            let joined = format!("{made_up},{told}");
            if lines == 0 { all.push((FOR, &joined)) } else { all.push((FOR, &told)) }
            prop_assert_eq!(seen(&all), Some(client.to_canonical().to_string()));
        }

        /// Any bytes are either an address of the header or refused.
        #[test]
        fn any_header_is_survived(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let Ok(value) = ::http::HeaderValue::from_bytes(&bytes) else { return Ok(()) };
            let headers: HeaderMap = [(FOR, value)].into_iter().collect();
            let direct = Origin::direct(ip("10.0.0.1"), None);
            if let Ok(origin) = proxies().origin(direct, &headers) {
                let text = String::from_utf8_lossy(&bytes);
                let named = text.split(',').filter_map(|entry| address(entry.trim()));
                prop_assert!(named.into_iter().any(|found| found == origin.address));
            }
        }
    }
}
