//! Signs `>` in texts. The serialiser writes each as a reference, and a megabyte of references takes
//! the parser seconds, where the sign itself is read as fast as a letter: so of many only the first
//! are written as the serialiser does, and comparing with what that wrote takes both for one.

/// Signs `>` that are written as the serialiser writes them.
pub(super) const LIMIT: usize = 1000;

/// Whether `ordered` is what the serialiser wrote, but for signs `>` in texts. A sign that ends a tag
/// is never taken for one: up to there both are the same, and within a tag the serialiser writes
/// references in quotes only.
pub(super) fn is_written_as(ordered: &str, serialised: &str) -> bool {
    let mut rest = serialised.as_bytes();
    for piece in ordered.as_bytes().split_inclusive(|b| *b == b'>') {
        let (before, sign) = match piece.strip_suffix(b">") {
            Some(before) => (before, true),
            None => (piece, false),
        };
        let Some(after) = rest.strip_prefix(before) else {
            return false;
        };
        rest = after;
        if sign {
            let after = rest.strip_prefix(b">");
            let Some(after) = after.or_else(|| rest.strip_prefix(b"&gt;")) else {
                return false;
            };
            rest = after;
        }
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::is_written_as;

    #[test]
    fn a_sign_in_a_text_may_be_written_as_a_reference() {
        for (ordered, serialised) in [
            ("", ""),
            ("a", "a"),
            ("<b>a</b>", "<b>a</b>"),
            ("<b>></b>>", "<b>&gt;</b>&gt;"),
            ("&gt;>", "&gt;&gt;"),
        ] {
            assert!(is_written_as(ordered, serialised), "{ordered}");
        }
    }

    #[test]
    fn nothing_else_may_differ() {
        for (ordered, serialised) in [
            ("a", ""),
            ("", "a"),
            (">", ""),
            ("", "&gt;"),
            (">", "&gt"),
            (">", "&lt;"),
            ("&gt;", ">"),
            (">", "&gt;>"),
            ("<b>a</b>", "<b>a"),
            ("<b>>", "<b>&amp;gt;"),
            ("<", "&lt;"),
        ] {
            assert!(!is_written_as(ordered, serialised), "{ordered}");
        }
    }
}
