//! What is asked of whom: an address of the net, read as browsers read it, so that `0x7f.1`,
//! `2130706433` and `0177.0.0.1` are what they lead to and nothing else.

use super::allow::Allow;
use super::trouble::Trouble;
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

#[cfg(test)]
mod tests {
    use super::{Allow, Target};

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
