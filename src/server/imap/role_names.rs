//! How folders show what they are for: by special-use attributes (RFC 6154), by their usual names
//! where the server is silent, and how those are named that Posthorn makes.

use super::answer::Listed;
use crate::model::FolderRole;

/// What a folder is usually called, by role, where the server does not say (RFC 6154 is not
/// everywhere): English and German, compared without case.
pub(super) const USUAL_NAMES: [(FolderRole, &[&str]); 5] = [
    (
        FolderRole::Drafts,
        &["drafts", "draft", "entwürfe", "entwurf"],
    ),
    (
        FolderRole::Sent,
        &[
            "sent",
            "sent items",
            "sent messages",
            "sent mail",
            "gesendet",
            "gesendete objekte",
            "gesendete elemente",
            "postausgang",
        ],
    ),
    (FolderRole::Archive, &["archive", "archives", "archiv"]),
    (
        FolderRole::Junk,
        &["junk", "spam", "junk e-mail", "junk mail", "unerwünscht"],
    ),
    (
        FolderRole::Trash,
        &[
            "trash",
            "papierkorb",
            "deleted items",
            "deleted messages",
            "gelöschte objekte",
            "gelöschte elemente",
        ],
    ),
];

/// The role that goes by this name in English or German.
pub fn role_called(name: &str) -> Option<FolderRole> {
    let name = name.to_lowercase();
    match name.as_str() {
        "inbox" | "posteingang" | "eingang" => return Some(FolderRole::Inbox),
        "bin" => return Some(FolderRole::Trash),
        _ => {}
    }
    USUAL_NAMES
        .iter()
        .find(|(_, names)| names.contains(&name.as_str()))
        .map(|(role, _)| *role)
}

/// The name under which a folder for `role` is made; `None` for roles that no client makes.
pub fn name_of_new(role: FolderRole) -> Option<&'static str> {
    match role {
        FolderRole::Drafts => Some("Drafts"),
        FolderRole::Sent => Some("Sent"),
        FolderRole::Archive => Some("Archive"),
        FolderRole::Junk => Some("Junk"),
        FolderRole::Trash => Some("Trash"),
        FolderRole::Inbox | FolderRole::Flagged | FolderRole::All => None,
    }
}

/// The attribute of `role` (RFC 6154, section 2).
pub fn attribute_of(role: FolderRole) -> Option<&'static str> {
    match role {
        FolderRole::Inbox => None,
        FolderRole::Flagged => Some("\\Flagged"),
        FolderRole::Drafts => Some("\\Drafts"),
        FolderRole::Sent => Some("\\Sent"),
        FolderRole::Archive => Some("\\Archive"),
        FolderRole::All => Some("\\All"),
        FolderRole::Junk => Some("\\Junk"),
        FolderRole::Trash => Some("\\Trash"),
    }
}

/// The role that the server says.
pub(super) fn role_of(entry: &Listed) -> Option<FolderRole> {
    if entry.wire == "INBOX" {
        return Some(FolderRole::Inbox);
    }
    entry
        .attributes
        .iter()
        .find_map(|attribute| match attribute.as_str() {
            "\\flagged" => Some(FolderRole::Flagged),
            "\\drafts" => Some(FolderRole::Drafts),
            "\\sent" => Some(FolderRole::Sent),
            "\\archive" => Some(FolderRole::Archive),
            "\\all" => Some(FolderRole::All),
            "\\junk" => Some(FolderRole::Junk),
            "\\trash" => Some(FolderRole::Trash),
            _ => None,
        })
}
