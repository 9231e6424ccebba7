//! What a folder may be called: said before a server refuses it in words of its own, or takes it
//! and makes something else of it.

use super::visible::one_line;
use crate::model::FolderProblem;

/// Octets of one level in UTF-8: most servers keep it as the name of a file, of 255 at most.
const LEVEL_LIMIT: usize = 240;

/// The name of one level as typed, without blanks at its ends, if a folder can be called so where
/// `delimiter` stands between levels.
pub fn check(typed: &str, delimiter: Option<char>) -> Result<&str, FolderProblem> {
    let name = typed.trim();
    if name.is_empty() {
        return Err(FolderProblem::NoName);
    }
    if name.len() > LEVEL_LIMIT {
        return Err(FolderProblem::TooLong);
    }
    // A name that looks like another one leads astray, and control characters lead nowhere.
    if one_line(name) != name {
        return Err(FolderProblem::Invisible);
    }
    match delimiter {
        Some(delimiter) if name.contains(delimiter) => Err(FolderProblem::Delimiter(delimiter)),
        _ => Ok(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_may_call_folders_what_they_like() {
        for name in [
            "Projekte",
            "Say \"hi\"",
            "back\\slash",
            "100%",
            "a*b",
            "日本",
            "Feier 🎉",
            "👩‍👩‍👧",
            "R&D",
            "a.b",
            "..",
            &"x".repeat(240),
        ] {
            assert_eq!(check(name, Some('/')), Ok(name));
        }
        assert_eq!(check("  blanks  ", Some('/')), Ok("blanks"));
        assert_eq!(check("a/b", None), Ok("a/b"));
    }

    #[test]
    fn what_is_no_name_is_told() {
        use FolderProblem::{Delimiter, Invisible, NoName, TooLong};
        for (name, delimiter, problem) in [
            ("", '/', NoName),
            (" \t\r\n", '/', NoName),
            ("a/b", '/', Delimiter('/')),
            ("a.b", '.', Delimiter('.')),
            ("a\\b", '\\', Delimiter('\\')),
            ("a\r\nb", '/', Invisible),
            ("a\0b", '/', Invisible),
            ("a\tb", '/', Invisible),
            ("a\u{202E}b", '/', Invisible),
            ("a\u{200B}b", '/', Invisible),
            (&"x".repeat(241), '/', TooLong),
            (&"日".repeat(81), '/', TooLong),
        ] {
            assert_eq!(check(name, Some(delimiter)), Err(problem), "{name:?}");
        }
    }
}
