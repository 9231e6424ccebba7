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
    while let Some((before, from)) = odd(rest).and_then(|at| rest.split_at_checked(at)) {
        out.push_str(before);
        rest = if let Some(after) = from.strip_prefix('\r') {
            out.push('\n');
            after.strip_prefix('\n').unwrap_or(after)
        } else {
            from.trim_start_matches(|c: char| is_odd(c) && c != '\r')
        };
    }
    out.push_str(rest);
    out
}

/// The same of a text that is no longer needed: most have nothing to leave out.
pub(super) fn into_plain(text: String) -> String {
    if text.starts_with('\u{FEFF}') || odd(&text).is_some() {
        plain(&text)
    } else {
        text
    }
}

/// Whether the character is none that stays as it is in [`plain`].
fn is_odd(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\t')
}

/// Where the first such character stands. Looked for by octets: a mail has millions.
fn odd(text: &str) -> Option<usize> {
    let octets = text.as_bytes();
    // C1 is written with this octet before it, and so are half of Latin-1.
    let may_be = |octet: &u8| matches!(octet, 0..=8 | 0xB..=0x1F | 0x7F | 0xC2);
    let mut from = 0;
    loop {
        let rest = octets.get(from..)?;
        // Many at once, as processors can: nearly always there is none.
        let clean = rest
            .chunks(64)
            .take_while(|chunk| !chunk.iter().fold(false, |any, octet| any | may_be(octet)))
            .count()
            .saturating_mul(64);
        let within = rest.get(clean..)?.iter().position(may_be)?;
        let at = from.checked_add(clean)?.checked_add(within)?;
        if text.get(at..)?.chars().next().is_some_and(is_odd) {
            return Some(at);
        }
        from = at.checked_add(1)?;
    }
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
        for text in [
            "",
            "ä\u{A0}©\tb\n日本",
            "\u{85}a\u{9F}",
            "\u{FEFF}a",
            "a\u{7F}\u{C2}",
            "a\r",
        ] {
            let slow: String = text.trim_start_matches('\u{FEFF}').replace('\r', "\n");
            let slow = slow.replace(is_odd, "");
            assert_eq!(plain(text), slow, "{text:?}");
            assert_eq!(into_plain(text.to_owned()), slow, "{text:?}");
        }
    }

    #[test]
    fn clipping_counts_characters() {
        assert_eq!(clip("äöü", 2), "äö");
        assert_eq!(clip("äöü", 9), "äöü");
        assert_eq!(clip("", 0), "");
    }
}
