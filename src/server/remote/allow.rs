//! What the operator allows beyond the public internet: addresses of an intranet, and those of
//! tests. Empty unless it is said.

use super::address::{is_public, within};
use std::net::{IpAddr, SocketAddr};

/// Ports that are asked without being allowed.
const PORTS: [u16; 2] = [80, 443];

/// Addresses and names that may be asked besides the public ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allow(Vec<Entry>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    what: What,
    /// `None` for the usual ones.
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Network(IpAddr, u8),
    /// In lower case. Whatever address it has.
    Name(String),
}

impl Allow {
    /// Reads entries such as `10.0.0.0/8`, `192.168.1.5:8080`, `[fd00::1]:8080`, `fd00::/8`,
    /// `pictures.intranet` and `pictures.intranet:8080`; the first that is none is the error.
    pub fn parse(entries: &[String]) -> Result<Self, String> {
        entries
            .iter()
            .map(|text| Entry::parse(text).ok_or_else(|| text.clone()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether `address`, to which `host` leads, may be connected to.
    pub fn admits(&self, host: &str, address: SocketAddr) -> bool {
        let usual = PORTS.contains(&address.port());
        let ip = address.ip();
        (usual && is_public(ip))
            || self.0.iter().any(|entry| {
                let port = entry.port.map_or(usual, |port| port == address.port());
                port && match &entry.what {
                    What::Network(network, prefix) => within(ip.to_canonical(), *network, *prefix),
                    What::Name(name) => name.eq_ignore_ascii_case(host),
                }
            })
    }

    /// Whether any address could be admitted at this port: names need not be asked for else.
    pub fn admits_port(&self, port: u16) -> bool {
        PORTS.contains(&port) || self.0.iter().any(|entry| entry.port == Some(port))
    }

    /// Whether the operator allowed this very name.
    pub fn names(&self, host: &str) -> bool {
        self.0
            .iter()
            .any(|entry| matches!(&entry.what, What::Name(name) if name.eq_ignore_ascii_case(host)))
    }
}

impl Entry {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        // An IPv6 address without brackets has no port.
        if let Some(what) = network(text) {
            return Some(Self { what, port: None });
        }
        let (what, port) = match text.rsplit_once(':') {
            Some((what, port)) => (what, Some(port.parse().ok().filter(|port| *port > 0)?)),
            None => (text, None),
        };
        let what = match what.strip_prefix('[') {
            Some(inner) => network(inner.strip_suffix(']')?)?,
            None => network(what).or_else(|| name(what))?,
        };
        Some(Self { what, port })
    }
}

fn network(text: &str) -> Option<What> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.map_or(Some(most), |prefix| prefix.parse().ok())?;
    (prefix <= most).then_some(What::Network(address, prefix))
}

fn name(text: &str) -> Option<What> {
    let fits = text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
        // Digits alone are a slip in an address.
        && text.bytes().any(|b| b.is_ascii_alphabetic());
    fits.then(|| What::Name(text.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::Allow;

    fn allow(entries: &[&str]) -> Allow {
        let entries: Vec<String> = entries.iter().map(|&text| text.to_owned()).collect();
        Allow::parse(&entries).unwrap()
    }

    #[test]
    fn nothing_but_the_public_internet_is_admitted_unless_it_is_said() {
        let none = allow(&[]);
        assert!(none.admits("x.example", "1.1.1.1:443".parse().unwrap()));
        for address in ["1.1.1.1:8080", "127.0.0.1:80", "[::1]:443", "1.1.1.1:22"] {
            assert!(
                !none.admits("x.example", address.parse().unwrap()),
                "{address}"
            );
        }
        assert!(none.admits_port(80) && none.admits_port(443) && !none.admits_port(25));
    }

    #[test]
    fn what_is_said_is_admitted_and_nothing_beside_it() {
        let some = allow(&[
            "127.0.0.1:8080",
            "10.1.0.0/16",
            "[::1]:81",
            "fd00::/8",
            "pics.lan:82",
        ]);
        for (host, address, admitted) in [
            ("x", "127.0.0.1:8080", true),
            ("x", "127.0.0.1:8081", false),
            ("x", "127.0.0.1:80", false),
            ("x", "127.0.0.2:8080", false),
            ("x", "10.1.2.3:443", true),
            ("x", "10.2.2.3:443", false),
            ("x", "10.1.2.3:8080", false),
            ("x", "[::1]:81", true),
            ("x", "[::ffff:127.0.0.1]:8080", true),
            ("x", "[fd01::1]:80", true),
            ("Pics.lan", "192.168.0.1:82", true),
            ("pics.lan", "192.168.0.1:80", false),
            ("x.pics.lan", "192.168.0.1:82", false),
        ] {
            assert_eq!(
                some.admits(host, address.parse().unwrap()),
                admitted,
                "{address}"
            );
        }
        assert!(some.names("pics.lan") && !some.names("lan"));
    }

    #[test]
    fn what_is_no_address_is_told() {
        for text in [
            "",
            "10.0.0.0/33",
            "10.0.0:x",
            "a b",
            "[::1",
            "1.2.3:80",
            "x:0",
            "http://x",
        ] {
            assert_eq!(Allow::parse(&[text.to_owned()]), Err(text.to_owned()));
        }
    }
}
