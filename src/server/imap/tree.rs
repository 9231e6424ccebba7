//! From what LIST says to the folders as they are shown: names decoded, levels that are missing
//! filled in, roles found, and everything in its order. Pure.

use super::answer::{Counts, Listed};
use super::namespace::Namespaces;
use super::role_names::{USUAL_NAMES, role_of};
use crate::mail::mailbox_name::decode_lossy;
use crate::model::{Folder, FolderRole, Space};
use std::collections::{HashMap, HashSet};

/// Levels that are shown; what lies deeper is shown as children of the last of them.
const DEPTH_LIMIT: usize = 50;

/// The folders in the order they are shown. `subscribed` holds the names of LSUB, in the wire's
/// form, where LIST itself did not say.
#[allow(clippy::implicit_hasher)]
pub fn arrange(
    listed: &[Listed],
    subscribed: Option<&HashSet<String>>,
    counts: &[Counts],
    namespaces: &Namespaces,
) -> Vec<Folder> {
    let counts: HashMap<&str, &Counts> = counts
        .iter()
        .map(|counts| (counts.wire.as_str(), counts))
        .collect();
    let mut tree = Tree::default();
    for entry in listed {
        let has = |attribute: &str| entry.attributes.iter().any(|name| name == attribute);
        let selectable = entry.is_selectable();
        let found = counts.get(entry.wire.as_str()).filter(|_| selectable);
        let name = decode_lossy(&entry.wire);
        let space = namespaces.space(&name);
        tree.add(
            entry,
            Folder {
                name,
                label: String::new(),
                depth: 0,
                // Another's trash is none for what one deletes.
                role: role_of(entry).filter(|_| space == Space::Own),
                space,
                selectable,
                subscribed: subscribed
                    .map_or_else(|| has("\\subscribed"), |names| names.contains(&entry.wire)),
                total: found.and_then(|counts| counts.messages).unwrap_or(0),
                unseen: found.and_then(|counts| counts.unseen).unwrap_or(0),
                uid_next: found.and_then(|counts| counts.uid_next).unwrap_or(0),
                uid_validity: found.and_then(|counts| counts.uid_validity).unwrap_or(0),
            },
        );
    }
    tree.one_folder_a_role();
    tree.guess_roles();
    tree.into_list()
}

#[derive(Default)]
struct Tree {
    folders: HashMap<String, Folder>,
    /// The names below a name; those of the top level below `None`.
    children: HashMap<Option<String>, Vec<String>>,
}

impl Tree {
    /// Adds a folder, and the levels above it as far as they are not there.
    fn add(&mut self, entry: &Listed, mut folder: Folder) {
        let name = folder.name.clone();
        let levels: Vec<&str> = match entry.delimiter {
            Some(delimiter) => name.splitn(DEPTH_LIMIT, delimiter).collect(),
            None => vec![name.as_str()],
        };
        let delimiter = entry.delimiter.map(String::from).unwrap_or_default();
        let mut parent: Option<String> = None;
        let last = levels.len().saturating_sub(1);
        for (depth, level) in levels.into_iter().enumerate() {
            let path = parent.as_ref().map_or_else(
                || level.to_owned(),
                |parent| format!("{parent}{delimiter}{level}"),
            );
            let label = if level.is_empty() {
                path.clone()
            } else {
                level.to_owned()
            };
            let depth_number = u32::try_from(depth).unwrap_or(u32::MAX);
            if !self.folders.contains_key(&path) {
                self.children.entry(parent).or_default().push(path.clone());
                self.folders.insert(
                    path.clone(),
                    Folder {
                        name: path.clone(),
                        label: label.clone(),
                        depth: depth_number,
                        role: None,
                        space: folder.space,
                        selectable: false,
                        subscribed: false,
                        total: 0,
                        unseen: 0,
                        uid_next: 0,
                        uid_validity: 0,
                    },
                );
            }
            if depth == last {
                folder.label = label;
                folder.depth = depth_number;
                self.folders.insert(path, folder);
                return;
            }
            parent = Some(path);
        }
    }

    /// Where several folders claim a role, the uppermost has it.
    fn one_folder_a_role(&mut self) {
        let mut claims: Vec<(FolderRole, u32, String)> = self
            .folders
            .values()
            .filter_map(|folder| Some((folder.role?, folder.depth, folder.name.clone())))
            .collect();
        claims.sort();
        let mut taken = HashSet::new();
        for (role, _, name) in claims {
            if !taken.insert(role)
                && let Some(folder) = self.folders.get_mut(&name)
            {
                folder.role = None;
            }
        }
    }

    /// Roles that no folder has go to those with the usual names, at the top or below INBOX.
    fn guess_roles(&mut self) {
        let mut labels: HashMap<String, Vec<String>> = HashMap::new();
        for parent in [None, Some("INBOX".to_owned())] {
            for name in self.children.get(&parent).into_iter().flatten() {
                if let Some(folder) = self.folders.get(name) {
                    let label = folder.label.to_lowercase();
                    labels.entry(label).or_default().push(name.clone());
                }
            }
        }
        for (role, usual) in USUAL_NAMES {
            if self
                .folders
                .values()
                .any(|folder| folder.role == Some(role))
            {
                continue;
            }
            let found = usual
                .iter()
                .filter_map(|wanted| labels.get(*wanted))
                .flatten()
                .find(|name| {
                    self.folders.get(*name).is_some_and(|folder| {
                        folder.selectable && folder.space == Space::Own && folder.role.is_none()
                    })
                });
            if let Some(folder) = found.and_then(|name| self.folders.get_mut(name)) {
                folder.role = Some(role);
            }
        }
    }

    /// Depth first, roles first among siblings, the rest by name without case.
    fn into_list(mut self) -> Vec<Folder> {
        let mut list = Vec::with_capacity(self.folders.len());
        // A stack, not recursion: the last is the next.
        let mut waiting = self.sorted_children(None);
        while let Some(name) = waiting.pop() {
            let children = self.sorted_children(Some(name.clone()));
            list.extend(self.folders.remove(&name));
            waiting.extend(children);
        }
        // One's own first, then those of others; a level is in the space of all below it.
        list.sort_by_key(|folder| folder.space);
        list
    }

    /// In reverse order.
    fn sorted_children(&mut self, parent: Option<String>) -> Vec<String> {
        let mut names = self.children.remove(&parent).unwrap_or_default();
        names.sort_by_cached_key(|name| {
            let role = self.folders.get(name).and_then(|folder| folder.role);
            (role.is_none(), role, name.to_lowercase(), name.clone())
        });
        names.reverse();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(delimiter: Option<char>, names: &[(&str, &str)]) -> Vec<Listed> {
        names
            .iter()
            .map(|(wire, attributes)| Listed {
                attributes: attributes.split_whitespace().map(str::to_owned).collect(),
                delimiter,
                wire: (*wire).to_owned(),
            })
            .collect()
    }

    fn names(folders: &[Folder]) -> Vec<String> {
        folders
            .iter()
            .map(|folder| {
                format!(
                    "{}{}",
                    "-".repeat(folder.depth.try_into().unwrap()),
                    folder.label
                )
            })
            .collect()
    }

    #[test]
    fn roles_first_then_the_tree() {
        let list = listed(
            Some('/'),
            &[
                ("zebra", ""),
                ("Trash", "\\trash"),
                ("Sent", "\\sent"),
                ("a/b/c", "\\subscribed"),
                ("Apfel", ""),
                ("Trash/old", ""),
                ("INBOX", ""),
                ("INBOX/x", ""),
                ("Drafts", "\\drafts"),
                ("&ZeVnLA-", ""),
            ],
        );
        let folders = arrange(&list, None, &[], &Namespaces::default());
        assert_eq!(
            names(&folders),
            [
                "INBOX", "-x", "Drafts", "Sent", "Trash", "-old", "a", "-b", "--c", "Apfel",
                "zebra", "日本"
            ]
        );
        let b = folders.iter().find(|folder| folder.name == "a/b").unwrap();
        assert!(!b.selectable && !b.subscribed);
        let c = folders
            .iter()
            .find(|folder| folder.name == "a/b/c")
            .unwrap();
        assert!(c.selectable && c.subscribed);
    }

    #[test]
    fn a_parent_listed_after_its_child_is_itself() {
        let list = listed(
            Some('.'),
            &[("a.b", ""), ("a", "\\noselect"), ("c.d", ""), ("c", "")],
        );
        let folders = arrange(&list, None, &[], &Namespaces::default());
        assert_eq!(names(&folders), ["a", "-b", "c", "-d"]);
        assert_eq!(
            folders
                .iter()
                .map(|folder| folder.selectable)
                .collect::<Vec<_>>(),
            [false, true, true, true]
        );
    }

    #[test]
    fn without_delimiter_names_are_flat() {
        let folders = arrange(
            &listed(None, &[("a/b", ""), ("a.b", "")]),
            None,
            &[],
            &Namespaces::default(),
        );
        assert_eq!(names(&folders), ["a.b", "a/b"]);
        assert!(folders.iter().all(|folder| folder.depth == 0));
    }

    #[test]
    fn usual_names_are_guessed_where_the_server_is_silent() {
        let list = listed(
            Some('.'),
            &[
                ("INBOX", ""),
                ("INBOX.Gesendet", ""),
                ("INBOX.Papierkorb", "\\noselect"),
                ("INBOX.Entw&APw-rfe", ""),
                ("SPAM", ""),
                ("Archiv", ""),
                ("projects.Trash", ""),
            ],
        );
        let folders = arrange(&list, None, &[], &Namespaces::default());
        let role = |name: &str| {
            folders
                .iter()
                .find(|folder| folder.name == name)
                .unwrap()
                .role
        };
        assert_eq!(role("INBOX.Gesendet"), Some(FolderRole::Sent));
        assert_eq!(role("INBOX.Entwürfe"), Some(FolderRole::Drafts));
        assert_eq!(role("SPAM"), Some(FolderRole::Junk));
        assert_eq!(role("Archiv"), Some(FolderRole::Archive));
        assert_eq!(role("INBOX.Papierkorb"), None);
        assert_eq!(role("projects.Trash"), None);
    }

    #[test]
    fn a_role_has_one_folder_and_the_server_knows_best() {
        let list = listed(
            Some('/'),
            &[
                ("Sent", ""),
                ("Outbox", "\\sent"),
                ("x/Old", "\\sent"),
                ("inbox", ""),
            ],
        );
        let folders = arrange(&list, None, &[], &Namespaces::default());
        let with_role: Vec<&str> = folders
            .iter()
            .filter(|folder| folder.role.is_some())
            .map(|folder| folder.name.as_str())
            .collect();
        assert_eq!(with_role, ["Outbox"]);
    }

    #[test]
    fn counts_and_subscriptions_belong_to_the_wire_name() {
        let list = listed(
            Some('/'),
            &[("R&-D", ""), ("broken&", ""), ("no", "\\noselect")],
        );
        let counts = [
            Counts {
                wire: "R&-D".to_owned(),
                messages: Some(7),
                unseen: Some(3),
                ..Counts::default()
            },
            Counts {
                wire: "no".to_owned(),
                messages: Some(7),
                unseen: Some(3),
                ..Counts::default()
            },
        ];
        let subscribed = HashSet::from(["broken&".to_owned()]);
        let folders = arrange(&list, Some(&subscribed), &counts, &Namespaces::default());
        let get = |name: &str| folders.iter().find(|folder| folder.name == name).unwrap();
        assert_eq!(
            (get("R&D").total, get("R&D").unseen, get("R&D").subscribed),
            (7, 3, false)
        );
        assert!(get("broken&").subscribed);
        assert_eq!(get("no").total, 0);
    }

    #[test]
    fn odd_levels_do_not_hurt() {
        let deep = vec!["x"; 10_000].join("/");
        let list = listed(Some('/'), &[("/", ""), ("a//b", ""), (&deep, ""), ("", "")]);
        let folders = arrange(&list, None, &[], &Namespaces::default());
        assert!(folders.iter().all(|folder| folder.depth < 50));
        assert!(folders.iter().any(|folder| folder.name == deep));
    }

    #[test]
    fn folders_of_others_stand_by_themselves_and_have_no_roles() {
        use crate::server::imap::namespace::read;
        let list = listed(
            Some('/'),
            &[
                ("user/anna/Trash", "\\trash"),
                ("Archiv", ""),
                ("Team", ""),
                ("user/anna", ""),
                ("zebra", ""),
                ("INBOX", ""),
            ],
        );
        let spaces = "* NAMESPACE ((\"\" \"/\")) ((\"user/\" \"/\")) ((\"Team\" \"/\"))";
        let folders = arrange(&list, None, &[], &read(spaces).unwrap());
        assert_eq!(
            names(&folders),
            [
                "INBOX", "Archiv", "zebra", "user", "-anna", "--Trash", "Team"
            ]
        );
        let spaces: Vec<Space> = folders.iter().map(|folder| folder.space).collect();
        use Space::{Others, Own, Shared};
        assert_eq!(spaces, [Own, Own, Own, Others, Others, Others, Shared]);
        let roles = folders.iter().filter_map(|folder| folder.role);
        assert_eq!(
            roles.collect::<Vec<_>>(),
            [FolderRole::Inbox, FolderRole::Archive]
        );
    }
}
