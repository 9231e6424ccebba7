//! What the server says it can do, in its answer to EHLO. lettre keeps neither SIZE nor PIPELINING.

use lettre::transport::smtp::response::Response;

/// What the server says it can (RFC 5321, section 4.1.1.1).
#[derive(Debug, Default, PartialEq, Eq)]
// Independent words of the protocol, not a state in disguise.
#[allow(clippy::struct_excessive_bools)]
pub(super) struct Extensions {
    /// RFC 1870; `None` where it sets no limit.
    pub(super) size: Option<u64>,
    /// Whether it takes SIZE= at all.
    pub(super) sizes: bool,
    pub(super) pipelining: bool,
    pub(super) eight_bit: bool,
    pub(super) utf8: bool,
    pub(super) plain: bool,
    pub(super) login: bool,
}

impl Extensions {
    pub(super) fn read(response: &Response) -> Self {
        let mut extensions = Self::default();
        for line in response.message().skip(1) {
            let line = line.to_ascii_uppercase();
            // "AUTH=PLAIN" is an old way to say "AUTH PLAIN".
            let mut words = line.split([' ', '=']);
            match words.next().unwrap_or_default() {
                "SIZE" => {
                    extensions.sizes = true;
                    // 0 means no fixed limit (RFC 1870, section 4).
                    extensions.size = words
                        .next()
                        .and_then(|size| size.parse().ok())
                        .filter(|size| *size > 0);
                }
                "PIPELINING" => extensions.pipelining = true,
                "8BITMIME" => extensions.eight_bit = true,
                "SMTPUTF8" => extensions.utf8 = true,
                "AUTH" => {
                    for mechanism in words {
                        extensions.plain |= mechanism == "PLAIN";
                        extensions.login |= mechanism == "LOGIN";
                    }
                }
                _ => {}
            }
        }
        extensions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_are_read() {
        let reply = "250-mail.example\r\n250-SIZE 52428800\r\n250-pipelining\r\n\
                     250-AUTH=LOGIN\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n";
        let extensions = Extensions::read(&reply.parse().unwrap());
        assert_eq!(
            extensions,
            Extensions {
                size: Some(52_428_800),
                sizes: true,
                pipelining: true,
                eight_bit: true,
                utf8: false,
                plain: true,
                login: true
            }
        );
        let extensions = Extensions::read(&"250-SIZE 1\r\n250 SIZE 0\r\n".parse().unwrap());
        assert_eq!((extensions.sizes, extensions.size), (true, None));
    }
}
