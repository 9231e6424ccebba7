//! What of a stranger's text may be shown: one line where one line is meant, and no character that
//! breaks out of its place, hides, or turns the reading direction of what stands beside it.

/// Whether the character turns the direction of the text around it: embeddings, overrides and
/// isolates. A file name that ends in `fdp.exe` and reads `exe.pdf` lives on them.
pub(super) fn is_bidi_control(character: char) -> bool {
    matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether the character takes no room of its own. Joiners are not among them: emoji and Persian
/// need them.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{200B}' | '\u{2060}'..='\u{2064}' | '\u{206A}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
    )
}

/// `text` on one line: line breaks and tabs become spaces; control, invisible and
/// direction-turning characters go; no blanks at the ends.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' | '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                // A folded line leaves its break and its blank: one space is meant.
                if !line.ends_with(' ') {
                    line.push(' ');
                }
            }
            c if c.is_control() || is_bidi_control(c) || is_invisible(c) => {}
            c => line.push(c),
        }
    }
    line.trim().to_owned()
}

/// `text` with LF for every line break and without the control characters that have no place in a
/// text: all of C0 and C1 but line feed and tab.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    // Whole runs are copied: there is little to leave out in most texts.
    let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    while let Some((before, from)) = rest.find(odd).and_then(|at| rest.split_at_checked(at)) {
        out.push_str(before);
        rest = if let Some(after) = from.strip_prefix('\r') {
            out.push('\n');
            after.strip_prefix('\n').unwrap_or(after)
        } else {
            from.trim_start_matches(|c: char| odd(c) && c != '\r')
        };
    }
    out.push_str(rest);
    out
}

/// At most `limit` characters of `text`.
pub(super) fn clip(text: &str, limit: usize) -> &str {
    match text.char_indices().nth(limit) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_stays_one_line() {
        assert_eq!(one_line(" a\r\n\tb\0\u{7}c\u{2028}d "), "a bc d");
        assert_eq!(one_line("in\u{202E}fdp.exe\u{2066}"), "infdp.exe");
        assert_eq!(one_line("👩\u{200D}💻"), "👩\u{200D}💻");
        assert_eq!(one_line("a  b"), "a  b");
    }

    #[test]
    fn plain_text_keeps_its_lines() {
        assert_eq!(
            plain("\u{FEFF}a\r\nb\rc\n\td\0e\u{1b}[31m"),
            "a\nb\nc\n\tde[31m"
        );
    }

    #[test]
    fn clipping_counts_characters() {
        assert_eq!(clip("äöü", 2), "äö");
        assert_eq!(clip("äöü", 9), "äöü");
        assert_eq!(clip("", 0), "");
    }
}
