//! Names that run from right to left, in a line with others: each by itself, or the order of the names
//! and what stands between them would turn (Unicode Bidirectional Algorithm, section 2.7). Where a name
//! has an element of its own, that isolates it.

/// `name` for a line with others: isolated if anything in it runs from right to left.
pub fn isolated(name: &str) -> String {
    if name.chars().any(from_right) {
        format!("\u{2068}{name}\u{2069}")
    } else {
        name.to_owned()
    }
}

/// Whether a letter belongs to a script that is written from right to left, by blocks.
fn from_right(letter: char) -> bool {
    matches!(
        letter,
        '\u{0590}'..='\u{08FF}'
            | '\u{FB1D}'..='\u{FDFF}'
            | '\u{FE70}'..='\u{FEFE}'
            | '\u{10800}'..='\u{10FFF}'
            | '\u{1E800}'..='\u{1EFFF}'
    )
}

#[cfg(test)]
mod tests {
    use super::isolated;

    #[test]
    fn only_what_runs_from_the_right_is_isolated() {
        assert_eq!(isolated("Anna Größe 山田"), "Anna Größe 山田");
        assert_eq!(isolated("נועה (2)"), "\u{2068}נועה (2)\u{2069}");
        assert_eq!(isolated("Dr. أحمد"), "\u{2068}Dr. أحمد\u{2069}");
    }
}
