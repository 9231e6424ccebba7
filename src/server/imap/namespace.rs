//! Whose folders are where (NAMESPACE, RFC 2342): below which names one's own stand, and below
//! which those of others and those that are shared. The parser has no word for the answer: the guard
//! keeps it back, and here it is read.

use super::wire::unquote;
use crate::mail::mailbox_name::decode_lossy;
use crate::model::Space;

/// How the answer begins.
const BEGIN: &str = "* NAMESPACE ";
/// Namespaces that are remembered.
const LIMIT: usize = 100;

/// One namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace {
    pub space: Space,
    /// What the names in it begin with, with the delimiter at its end; empty for the one that has
    /// all other names.
    pub prefix: String,
    pub delimiter: Option<char>,
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Namespaces(Vec<Namespace>);

impl Namespaces {
    /// The namespace that the folder `name` is in: the one with the longest prefix. INBOX is in
    /// one's own, whatever its prefix is (RFC 2342, section 5).
    pub fn of(&self, name: &str) -> Option<&Namespace> {
        if name.eq_ignore_ascii_case("INBOX") {
            return self.personal();
        }
        self.0
            .iter()
            .filter(|namespace| namespace.holds(name))
            .max_by_key(|namespace| namespace.prefix.len())
    }

    /// Whose folder `name` is.
    pub fn space(&self, name: &str) -> Space {
        self.of(name)
            .map_or(Space::Own, |namespace| namespace.space)
    }

    /// Where one's own new folders belong: the first of one's own namespaces.
    pub fn personal(&self) -> Option<&Namespace> {
        self.0
            .iter()
            .find(|namespace| namespace.space == Space::Own)
    }
}

impl Namespace {
    /// Whether the folder `name` is in it, or is the level that holds it.
    fn holds(&self, name: &str) -> bool {
        name.starts_with(&self.prefix)
            || self
                .delimiter
                .and_then(|delimiter| self.prefix.strip_suffix(delimiter))
                .is_some_and(|level| level == name)
    }
}

/// Reads the line that the guard kept back: three lists, NIL for none. `None` where it is no such text.
pub fn read(text: &str) -> Option<Namespaces> {
    if !text
        .get(..BEGIN.len())
        .is_some_and(|begin| begin.eq_ignore_ascii_case(BEGIN))
    {
        return None;
    }
    let mut rest = text.get(BEGIN.len()..)?;
    let mut found = Vec::new();
    for space in [Space::Own, Space::Others, Space::Shared] {
        rest = list(rest.trim_start(), space, &mut found)?;
    }
    Some(Namespaces(found))
}

/// One list of namespaces; what follows it.
fn list<'a>(text: &'a str, space: Space, found: &mut Vec<Namespace>) -> Option<&'a str> {
    if let Some(rest) = nil(text) {
        return Some(rest);
    }
    let mut rest = text.strip_prefix('(')?;
    loop {
        rest = rest.trim_start();
        if let Some(rest) = rest.strip_prefix(')') {
            return Some(rest);
        }
        let (prefix, after) = quoted(rest.strip_prefix('(')?.trim_start())?;
        let after = after.trim_start();
        let (delimiter, after) = match nil(after) {
            Some(after) => (None, after),
            None => quoted(after).map(|(text, after)| (text.chars().next(), after))?,
        };
        if found.len() < LIMIT {
            found.push(Namespace {
                space,
                prefix: decode_lossy(&prefix),
                delimiter,
            });
        }
        rest = end_of_list(after)?;
    }
}

fn nil(text: &str) -> Option<&str> {
    let (word, rest) = text.split_at_checked(3)?;
    word.eq_ignore_ascii_case("NIL").then_some(rest)
}

/// A quoted string and what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut escaped = false;
    let end = inner.find(|character| {
        let end = character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
        end
    })?;
    let (content, rest) = inner.split_at_checked(end)?;
    Some((unquote(content), rest.strip_prefix('"')?))
}

/// What follows the list that `text` is in: extensions, which nobody uses, are passed over.
fn end_of_list(mut text: &str) -> Option<&str> {
    let mut depth = 0_u32;
    loop {
        text = text.trim_start();
        if text.starts_with('"') {
            text = quoted(text)?.1;
            continue;
        }
        let mut characters = text.chars();
        let first = characters.next()?;
        text = characters.as_str();
        match (first, depth) {
            (')', 0) => return Some(text),
            (')', _) => depth -= 1,
            ('(', _) => depth += 1,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spaces(text: &str) -> Vec<(Space, String, Option<char>)> {
        read(text)
            .unwrap()
            .0
            .into_iter()
            .map(|namespace| (namespace.space, namespace.prefix, namespace.delimiter))
            .collect()
    }

    #[test]
    fn the_examples_of_the_rfc() {
        assert_eq!(
            spaces("* NAMESPACE ((\"\" \"/\")) NIL NIL"),
            [(Space::Own, String::new(), Some('/'))]
        );
        assert_eq!(
            spaces("* NAMESPACE NIL NIL ((\"\" \".\"))"),
            [(Space::Shared, String::new(), Some('.'))]
        );
        let all = "* namespace ((\"\" \"/\")(\"#mh/\" \"/\" \"X-PARAM\" (\"FLAG1\" \"FLAG)2\"))) \
                   ((\"~\" \"/\")) ((\"#shared/\" \"/\") (\"#ftp\\\"/\" NIL))";
        assert_eq!(
            spaces(all),
            [
                (Space::Own, String::new(), Some('/')),
                (Space::Own, "#mh/".to_owned(), Some('/')),
                (Space::Others, "~".to_owned(), Some('/')),
                (Space::Shared, "#shared/".to_owned(), Some('/')),
                (Space::Shared, "#ftp\"/".to_owned(), None),
            ]
        );
    }

    #[test]
    fn folders_belong_to_the_longest_prefix() {
        let found =
            read("* NAMESPACE ((\"INBOX.\" \".\")) ((\"user.\" \".\")) ((\"\" \".\"))").unwrap();
        for (name, space) in [
            ("INBOX", Space::Own),
            ("inbox", Space::Own),
            ("INBOX.Sent", Space::Own),
            ("user", Space::Others),
            ("user.anna.Trash", Space::Others),
            ("users", Space::Shared),
            ("Team", Space::Shared),
        ] {
            assert_eq!(found.space(name), space, "{name}");
        }
        assert_eq!(found.personal().unwrap().prefix, "INBOX.");
        assert_eq!(Namespaces::default().space("user.anna"), Space::Own);
    }

    #[test]
    fn what_is_none_is_none() {
        for text in [
            "",
            "* NAMESPACE",
            "* NAMESPACE ",
            "* NAMESPACE NIL NIL",
            "* NAMESPACE ((\"\" \"/\") NIL NIL",
            "* NAMESPACE ((\"x",
            "* NAMESPACE ((\"x\" \"/\"",
            "* NAMESPACE ((\"x\\",
            "* NAMESPACE (x y) NIL NIL",
            "Über * NAMESPACE",
            "no espace left",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
