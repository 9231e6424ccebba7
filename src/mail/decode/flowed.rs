//! format=flowed (RFC 3676): paragraphs that were broken for the wire are joined again, so that
//! they wrap to the reader's window and not to the writer's.

/// Joins the lines of `text`. `delsp` is the parameter DelSp=yes: the blank that marks a soft
/// break is no part of the text (section 4.1). Quoted lines come out as `> ` for each level.
pub(super) fn unflow(text: &str, delsp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    // The depth of the paragraph that is still open.
    let mut open: Option<usize> = None;
    for line in text.lines() {
        // Section 4.5: quote marks, then one blank of stuffing.
        let content = line.trim_start_matches('>');
        let depth = line.len().saturating_sub(content.len());
        let content = content.strip_prefix(' ').unwrap_or(content);
        // Section 4.3: a signature separator is never flowed.
        let signature = content == "-- ";
        // Section 4.5: a paragraph ends where the depth changes, even without a fixed line.
        if signature || open != Some(depth) {
            if open.is_some() {
                out.push('\n');
            }
            begin(&mut out, depth, content);
        }
        match content.strip_suffix(' ') {
            Some(soft) if !signature => {
                out.push_str(if delsp { soft } else { content });
                open = Some(depth);
            }
            _ => {
                out.push_str(content);
                out.push('\n');
                open = None;
            }
        }
    }
    if open.is_some() {
        out.push('\n');
    }
    if !text.ends_with('\n') {
        out.pop();
    }
    out
}

/// The quote marks of a new paragraph.
fn begin(out: &mut String, depth: usize, content: &str) {
    out.extend(std::iter::repeat_n('>', depth));
    // A stuffed `>` of the text itself must not become a quote mark.
    if depth > 0 && !content.is_empty() || content.starts_with('>') {
        out.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_joined() {
        assert_eq!(
            unflow("One \ntwo \nthree.\n\nFour.\n", false),
            "One two three.\n\nFour.\n"
        );
        assert_eq!(unflow("日本 \n語", true), "日本語");
        assert_eq!(unflow("  indented \n more", false), " indented more");
        assert_eq!(unflow("open ", false), "open ");
        assert_eq!(unflow("", false), "");
    }

    #[test]
    fn quotes_keep_their_level() {
        let text = ">> Deep \n>> er.\n> Up \nnone\n>\n> x";
        assert_eq!(unflow(text, false), ">> Deep er.\n> Up \nnone\n>\n> x");
        // A quote mark that was stuffed is text.
        assert_eq!(unflow(" >not quoted", false), " >not quoted");
    }

    #[test]
    fn the_signature_is_left_alone() {
        assert_eq!(unflow("Bye \n-- \nAnna \nB.", false), "Bye \n-- \nAnna B.");
    }
}
