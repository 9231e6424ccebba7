//! The address of an image on the net, written so that it means the same to everybody who reads
//! it: a browser, the CSS around it, and the server that fetches it.

use url::Url;

/// Longest address, in octets.
const LONGEST: usize = 4096;
/// What writing it may cost the serialiser: see `ESCAPE_LIMIT` in `html/allow.rs`.
const REFERENCES: usize = 200;

/// The address as browsers read it (the URL standard), if it is one of http or https with a host
/// and without a user. What would end a string or a `url()` in CSS is percent-encoded. Running it
/// on its own result changes nothing.
pub(super) fn normal(text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return None;
    }
    let text = text.trim_matches(|c: char| c <= ' ');
    // A mail has no address of its own that would say how.
    let text = match text.strip_prefix("//") {
        Some(rest) => &format!("https://{rest}"),
        None => text,
    };
    let mut url = Url::parse(text).ok()?;
    let fits = matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none()
        && url.has_host();
    if !fits {
        return None;
    }
    url.set_fragment(None);
    let mut out = String::with_capacity(url.as_str().len());
    for c in url.as_str().chars() {
        match c {
            '\'' => out.push_str("%27"),
            '(' => out.push_str("%28"),
            ')' => out.push_str("%29"),
            '\\' => out.push_str("%5C"),
            '"' => out.push_str("%22"),
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            c => out.push(c),
        }
    }
    let references = out.bytes().filter(|b| *b == b'&').count();
    (out.len() <= LONGEST && references <= REFERENCES).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::normal;
    use proptest::prelude::*;

    #[test]
    fn addresses_are_read_as_browsers_read_them() {
        for (text, read) in [
            ("http://x/y.png", Some("http://x/y.png")),
            (
                " HTTPS://X.example/a b?c=d&e#f ",
                Some("https://x.example/a%20b?c=d&e"),
            ),
            ("//x/y", Some("https://x/y")),
            ("ht\ntp://x/y", Some("http://x/y")),
            ("http:\\\\x\\y", Some("http://x/y")),
            (
                "http://x/a'b(c)\"<>\\",
                Some("http://x/a%27b%28c%29%22%3C%3E/"),
            ),
            (
                "http://x/?a'b(c)\"<>\\",
                Some("http://x/?a%27b%28c%29%22%3C%3E%5C"),
            ),
            (
                "http://bücher.example/",
                Some("http://xn--bcher-kva.example/"),
            ),
            ("http://user@x/", None),
            ("http://", None),
            ("x.png", None),
            ("/remote/x", None),
            ("cid:x", None),
            ("data:image/png;base64,x", None),
            ("javascript:alert(1)", None),
            ("ftp://x/y", None),
        ] {
            assert_eq!(normal(text).as_deref(), read, "{text}");
        }
    }

    proptest! {
        #[test]
        fn reading_twice_changes_nothing(
            text in "(https?:)?(//|\\\\\\\\)[a-z.]{1,5}(:[0-9]{0,3})?/[ -~äß\u{a0}]{0,30}"
        ) {
            if let Some(once) = normal(&text) {
                prop_assert_eq!(normal(&once), Some(once.clone()));
                prop_assert!(!once.contains(['\'', '"', '(', ')', '\\', ' ', '<', '>']));
            }
        }
    }
}
