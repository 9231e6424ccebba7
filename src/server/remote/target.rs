//! What is asked of whom: an address of the net, read as browsers read it, so that `0x7f.1`,
//! `2130706433` and `0177.0.0.1` are what they lead to and nothing else.

use super::address::is_public;
use super::allow::Allow;
use super::trouble::Trouble;
use std::net::{IpAddr, SocketAddr};
use url::{Host, Url};

/// Longest address that is fetched, in octets.
pub const LONGEST: usize = 4096;

/// An address that may be asked, as far as it says itself.
#[derive(Clone, Debug)]
pub struct Target {
    url: Url,
    /// As the resolver wants it: without brackets.
    pub host: String,
    pub port: u16,
    pub tls: bool,
}

impl Target {
    /// Checks an address: http or https, no user in it, a port that is asked, not `localhost`.
    /// The host's address is checked when it is known.
    pub fn parse(text: &str, allow: &Allow) -> Result<Self, Trouble> {
        let url = Url::parse(text).map_err(|_| Trouble::Refused)?;
        Self::of(url, allow)
    }

    /// Where a redirect leads.
    pub fn follow(&self, location: &str, allow: &Allow) -> Result<Self, Trouble> {
        let url = self.url.join(location).map_err(|_| Trouble::Refused)?;
        Self::of(url, allow)
    }

    fn of(url: Url, allow: &Allow) -> Result<Self, Trouble> {
        let tls = match url.scheme() {
            "http" => false,
            "https" => true,
            _ => return Err(Trouble::Refused),
        };
        let user = !url.username().is_empty() || url.password().is_some();
        let host = match url.host() {
            Some(Host::Domain(name)) => name.trim_end_matches('.').to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            None => return Err(Trouble::Refused),
        };
        let port = url.port_or_known_default().ok_or(Trouble::Refused)?;
        let local = host == "localhost" || host.ends_with(".localhost");
        let fits = !user
            && !host.is_empty()
            && url.as_str().len() <= LONGEST
            && allow.admits_port(port)
            && (!local || allow.names(&host));
        fits.then_some(Self {
            url,
            host,
            port,
            tls,
        })
        .ok_or(Trouble::Refused)
    }

    /// The `Host` field (RFC 9110, section 7.2).
    pub fn authority(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url
            .port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// What stands in the request line; never the fragment.
    pub fn path(&self) -> String {
        let path = self.url.path();
        self.url
            .query()
            .map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"))
    }
}

/// Last labels of names that are no names of the internet (RFC 6761, RFC 6762, RFC 8375, ICANN's
/// `internal`, and what routers and firms use).
const INSIDE: [&str; 10] = [
    "corp",
    "home",
    "home.arpa",
    "internal",
    "intranet",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "private",
];

/// Whether a browser that goes to `text` asks a host on the internet, or one that `allow` has. Where a
/// name leads is not looked up: who browses does that, from somewhere else.
pub fn leads_out(text: &str, allow: &Allow) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    let port = url.port_or_known_default().unwrap_or_default();
    let admitted = |ip: IpAddr| {
        let host = ip.to_string();
        is_public(ip) || allow.admits(&host, SocketAddr::new(ip, port))
    };
    matches!(url.scheme(), "http" | "https")
        && match url.host() {
            Some(Host::Ipv4(address)) => admitted(address.into()),
            Some(Host::Ipv6(address)) => admitted(address.into()),
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                let inside = INSIDE.iter().any(|last| {
                    let rest = name.strip_suffix(last);
                    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
                });
                allow.names(name) || name.contains('.') && !inside
            }
            None => false,
        }
}

#[cfg(test)]
mod tests {
    use super::{Allow, Target, leads_out};

    #[test]
    fn hosts_are_what_browsers_take_them_for() {
        for (url, host) in [
            ("http://2130706433/", "127.0.0.1"),
            ("http://0x7f.1/", "127.0.0.1"),
            ("http://0177.0.0.1/", "127.0.0.1"),
            ("http://127.1/", "127.0.0.1"),
            ("http://0xA9FEA9FE/", "169.254.169.254"),
            ("http://①②⑦.0.0.1/", "127.0.0.1"),
            ("http://[::ffff:7f00:1]/", "::ffff:127.0.0.1"),
            ("http://[0:0::1]/", "::1"),
            ("http://EXAMPLE.org./", "example.org"),
            ("http:\\\\example.org\\x", "example.org"),
        ] {
            let target = Target::parse(url, &Allow::default()).unwrap();
            assert_eq!(target.host, host, "{url}");
        }
    }

    #[test]
    fn a_page_inside_is_none_to_be_led_to() {
        let none = Allow::default();
        for url in [
            "http://192.168.0.1/reset",
            "http://10.0.0.1:8080/",
            "https://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://0300.0250.1/",
            "http://127.0.0.1./",
            "http://①②⑦.0.0.1/",
            "http://169.254.169.254/latest/meta-data",
            "http://0/",
            "http://[::1]/",
            "http://[::ffff:192.168.0.1]/",
            "http://[::ffff:c0a8:1]/",
            "http://[fe80::1]/",
            "http://[fd12::1]/",
            "http://[64:ff9b::10.0.0.1]/",
            "http://localhost/",
            "http://LOCALHOST.:3000/",
            "http://a.localhost/",
            "http://router/",
            "http://printer.local/",
            "http://PRINTER.LOCAL./",
            "http://db.internal/",
            "http://fritz.box.home.arpa/",
            "http://nas.lan/",
            "ftp://list.example/",
            "javascript:alert(1)",
            "//list.example/",
            "",
        ] {
            assert!(!leads_out(url, &none), "{url}");
        }
        for url in [
            "https://list.example/leave?id=7",
            "http://list.example:8443/",
            "https://notlocal.example/",
            "https://local.example/",
            "http://1.1.1.1/",
            "http://[2606:4700::1111]/",
        ] {
            assert!(leads_out(url, &none), "{url}");
        }
        let some = Allow::parse(&["lists.lan".to_owned(), "10.0.0.0/8".to_owned()]).unwrap();
        for (url, out) in [
            ("http://lists.lan/x", true),
            ("http://other.lan/x", false),
            ("http://10.1.2.3/x", true),
            ("http://10.1.2.3:8080/x", false),
            ("http://192.168.0.1/x", false),
        ] {
            assert_eq!(leads_out(url, &some), out, "{url}");
        }
    }

    #[test]
    fn what_is_no_address_for_an_image_is_refused() {
        let long = format!("http://example.org/{}", "x".repeat(5000));
        for url in [
            "ftp://example.org/x",
            "file:///etc/passwd",
            "gopher://example.org:80/x",
            "data:image/png;base64,x",
            "javascript:alert(1)",
            "//example.org/x",
            "/x",
            "",
            "http://",
            "http://user@example.org/",
            "http://user:password@example.org/",
            "http://localhost/",
            "http://LOCALHOST./",
            "http://x.localhost/",
            "http://example.org:22/",
            "http://example.org:8080/",
            "https://example.org:25/",
            "http://exa mple.org/",
            &long,
        ] {
            assert!(Target::parse(url, &Allow::default()).is_err(), "{url}");
        }
    }

    #[test]
    fn a_request_is_made_of_the_address() {
        let allow = Allow::parse(&["example.org:8080".to_owned()]).unwrap();
        let target = Target::parse("https://example.org:8080/a b?c=d#e", &allow).unwrap();
        assert_eq!(target.authority(), "example.org:8080");
        assert_eq!(target.path(), "/a%20b?c=d");
        let plain = target.follow("//example.org/y", &allow).unwrap();
        assert_eq!(
            (plain.authority().as_str(), plain.port, plain.tls),
            ("example.org", 443, true)
        );
        assert!(target.follow("http://localhost/", &allow).is_err());
    }
}
