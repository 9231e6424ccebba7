//! One folder's page: what it is called, where it stands, and deleting it with what it holds said.

use super::browser;
use super::doing::Doing;
use super::folder_settings::{Counts, parents};
use super::icon::Icon;
use super::mailbox::Mailbox;
use super::route;
use super::words::{error_text, folder_label};
use crate::api;
use crate::i18n::{Key, Locale};
use crate::model::{Error, Folder, FolderProblem, Notice};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The question's id.
const DELETING: &str = "delete-folder";

/// What a folder holds, with all that is below it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Holds {
    messages: u64,
    folders: u32,
    /// Whether it is only a level that holds others.
    level: bool,
}

/// The page of the folder `name`, which is one of `folders`.
#[component]
pub fn FolderEditor(name: String, folders: Vec<Folder>, counts: Counts) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let index = folders.iter().position(|folder| folder.name == name);
    let branch = index.map_or(0..0, |index| branch(&folders, index));
    let within: Vec<Folder> = folders.get(branch).unwrap_or_default().to_vec();
    let parent = index.map_or_else(String::new, |index| parent(&folders, index));
    let title = within
        .first()
        .map(|folder| folder_label(locale, folder))
        .unwrap_or_default();
    let body = match (within.first(), within.iter().find_map(|folder| folder.role)) {
        (Some(_), Some(role)) => {
            let error = Error::Folder(FolderProblem::Special(role));
            view! { <p class="settings-text">{error_text(locale, &error).1}</p> }.into_any()
        }
        (Some(folder), None) => {
            let folder = folder.clone();
            view! {
                <Change folder=folder.clone() parent within=within.clone() folders />
                <Delete folder within counts />
            }
            .into_any()
        }
        (None, _) => ().into_any(),
    };
    view! {
        <p class="settings-back">
            <a href=route::folder_settings(None)>
                <Icon name="back" />
                {locale.text(Key::FoldersAll)}
            </a>
        </p>
        <h1 dir="auto">{title}</h1>
        {body}
    }
}

/// Where the folder at `index` and all below it stand in the list.
fn branch(folders: &[Folder], index: usize) -> std::ops::Range<usize> {
    let depth = folders.get(index).map_or(0, |folder| folder.depth);
    let below = folders
        .iter()
        .skip(index + 1)
        .take_while(|folder| folder.depth > depth)
        .count();
    index..index + 1 + below
}

/// The name of the folder that holds the one at `index`; empty at the top.
fn parent(folders: &[Folder], index: usize) -> String {
    let depth = folders.get(index).map_or(0, |folder| folder.depth);
    folders
        .iter()
        .take(index)
        .rev()
        .find(|folder| folder.depth < depth)
        .map(|folder| folder.name.clone())
        .unwrap_or_default()
}

#[component]
fn Change(
    folder: Folder,
    parent: String,
    within: Vec<Folder>,
    folders: Vec<Folder>,
) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let doing = Doing::find();
    // What was refused without JavaScript comes back by the address.
    let search = use_location().search.get_untracked();
    let typed = route::query_value(&search, "name").unwrap_or(folder.label.clone());
    let chosen = route::query_value(&search, "parent").unwrap_or(parent);
    let name = NodeRef::<leptos::html::Input>::new();
    let place = NodeRef::<leptos::html::Select>::new();
    let submit = {
        let folder = folder.name.clone();
        move |event: leptos::ev::SubmitEvent| {
            event.prevent_default();
            let (Some(name), Some(place)) = (name.get_untracked(), place.get_untracked()) else {
                return;
            };
            let call = api::folders::rename_folder(folder.clone(), place.value(), name.value());
            doing.run(
                call,
                Notice::FolderRenamed,
                Some(route::folder_settings(None)),
            );
        }
    };
    let space = folder.space;
    let fits = move |place: &Folder| {
        place.space == space && within.iter().all(|inner| inner.name != place.name)
    };
    view! {
        <section class="card">
            <h2>{locale.text(Key::FoldersChange)}</h2>
            <p>{locale.text(Key::FoldersChangeText)}</p>
            <form method="post" action="/api/rename_folder" class="folder-form" on:submit=submit>
                <input type="hidden" name="folder" value=folder.name />
                <div class="field">
                    <label for="folder-name">{locale.text(Key::FoldersName)}</label>
                    <input id="folder-name" type="text" name="name" value=typed autocomplete="off" node_ref=name />
                </div>
                <div class="field">
                    <label for="folder-parent">{locale.text(Key::FoldersParent)}</label>
                    <select id="folder-parent" name="parent" node_ref=place>
                        {parents(&folders, &chosen, fits)}
                    </select>
                </div>
                <button type="submit" class="button primary">
                    {locale.text(Key::FoldersSave)}
                </button>
            </form>
        </section>
    }
}

#[component]
fn Delete(folder: Folder, within: Vec<Folder>, counts: Counts) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let doing = Doing::find();
    let level = !folder.selectable;
    let folders = u32::try_from(within.len().saturating_sub(1)).unwrap_or(u32::MAX);
    let holds = Memo::new(move |_| Holds {
        messages: counts.with(|counts| {
            let counts = within.iter().filter_map(|folder| counts.get(&folder.name));
            counts.map(|(total, _)| u64::from(*total)).sum()
        }),
        folders,
        level,
    });
    let text = move || said(locale, holds.get());
    let title = locale.fill(
        Key::FoldersDeleteTitle,
        &[("name", &folder_label(locale, &folder))],
    );
    let name = folder.name.clone();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        browser::close_popover(DELETING);
        let Holds {
            messages, folders, ..
        } = holds.get_untracked();
        let call = api::folders::delete_folder(name.clone(), messages, folders);
        doing.run(
            call,
            Notice::FolderDeleted,
            Some(route::folder_settings(None)),
        );
    };
    view! {
        <section class="card">
            <h2>{locale.text(Key::FoldersDelete)}</h2>
            <p>{text}</p>
            <button type="button" class="button danger" popovertarget=DELETING>
                {locale.text(Key::FoldersDelete)}
            </button>
            <div
                class="dialog"
                id=DELETING
                popover="auto"
                role="dialog"
                aria-labelledby="delete-folder-title"
            >
                <h2 id="delete-folder-title">{title}</h2>
                <p>{text}</p>
                <div class="dialog-buttons">
                    <button type="button" class="button" autofocus popovertarget=DELETING popovertargetaction="hide">
                        {locale.text(Key::Cancel)}
                    </button>
                    <form method="post" action="/api/delete_folder" class="change" on:submit=submit>
                        <input type="hidden" name="folder" value=folder.name />
                        <input type="hidden" name="messages" value=move || holds.get().messages.to_string() />
                        <input type="hidden" name="folders" value=move || holds.get().folders.to_string() />
                        <button type="submit" class="button danger">
                            {locale.text(Key::DeleteConfirm)}
                        </button>
                    </form>
                </div>
            </div>
        </section>
    }
}

/// What deleting does, in a sentence.
fn said(locale: Locale, holds: Holds) -> String {
    let messages = locale.count(
        Key::CountMessagesOne,
        Key::CountMessagesOther,
        holds.messages,
    );
    let folders = locale.count(
        Key::CountFoldersOne,
        Key::CountFoldersOther,
        u64::from(holds.folders),
    );
    let values = [
        ("messages", messages.as_str()),
        ("folders", folders.as_str()),
    ];
    match (holds.messages, holds.folders, holds.level) {
        (0, 0, false) => locale.text(Key::FoldersDeleteEmpty).to_owned(),
        (0, 0, true) => locale.text(Key::FoldersDeleteLevel).to_owned(),
        (0, _, _) => locale.fill(Key::FoldersDeleteFolders, &values),
        (_, 0, _) => locale.fill(Key::FoldersDeleteMessages, &values),
        _ => locale.fill(Key::FoldersDeleteAll, &values),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Space;

    fn folders(depths: &[(&str, u32)]) -> Vec<Folder> {
        let folder = |(name, depth): &(&str, u32)| Folder {
            name: (*name).to_owned(),
            label: (*name).to_owned(),
            depth: *depth,
            role: None,
            space: Space::Own,
            selectable: true,
            subscribed: true,
            total: 0,
            unseen: 0,
            uid_next: 0,
            uid_validity: 0,
        };
        depths.iter().map(folder).collect()
    }

    #[test]
    fn a_folder_stands_below_its_parent_and_above_its_own() {
        let list = folders(&[("a", 0), ("b", 1), ("c", 2), ("d", 1), ("e", 0)]);
        assert_eq!(branch(&list, 0), 0..4);
        assert_eq!(branch(&list, 1), 1..3);
        assert_eq!(branch(&list, 4), 4..5);
        let parents: Vec<String> = (0..5).map(|index| parent(&list, index)).collect();
        assert_eq!(parents, ["", "a", "b", "a", ""]);
    }

    #[test]
    fn what_it_holds_is_said() {
        let said = |messages, folders, level| {
            let holds = Holds {
                messages,
                folders,
                level,
            };
            said(Locale::En, holds)
        };
        assert_eq!(
            said(1_200, 2, false),
            "This deletes 1,200 messages and 2 folders inside for ever."
        );
        assert_eq!(said(1, 0, false), "This deletes 1 message for ever.");
        assert_eq!(said(0, 0, false), "The folder is empty.");
        assert!(said(0, 1, true).contains("1 folder inside"));
    }
}
