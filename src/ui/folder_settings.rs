//! The page with all folders: what is in them, whether one subscribes to them, and making new ones.
//! One folder's own page is in [`folder_editor`](super::folder_editor).

use super::doing::Doing;
use super::fetch::Awaited;
use super::folder_editor::FolderEditor;
use super::mailbox::Mailbox;
use super::problem::Problem;
use super::route;
use super::visit::Toast;
use super::words::{folder_label, role_label};
use crate::api;
use crate::i18n::Key;
use crate::model::{Error, Folder, FolderRole, Notice, Space};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_location;
use std::collections::HashMap;

/// The purposes for which a folder can be made.
const PURPOSES: [FolderRole; 5] = [
    FolderRole::Drafts,
    FolderRole::Sent,
    FolderRole::Archive,
    FolderRole::Junk,
    FolderRole::Trash,
];

/// Messages and unread messages by folder.
pub type Counts = Memo<HashMap<String, (u32, u32)>>;

/// `/settings/folders`, and with `?folder=` one of them.
#[component]
pub fn FolderSettings() -> impl IntoView {
    view! {
        <Awaited>
            <Pages />
        </Awaited>
    }
}

#[component]
fn Pages() -> impl IntoView {
    let mailbox = Mailbox::find();
    let location = use_location();
    let chosen = Memo::new(move |_| {
        route::query_value(&location.search.get(), "folder").filter(|name| !name.is_empty())
    });
    // Without the counts: mail that arrives must not take away what is being typed.
    let folders = Memo::new(move |_| {
        mailbox.folders.get().map(|folders| {
            let uncounted = |folder: Folder| Folder {
                total: 0,
                unseen: 0,
                uid_next: 0,
                ..folder
            };
            folders.map(|folders| folders.into_iter().map(uncounted).collect::<Vec<_>>())
        })
    });
    let counts: Counts = Memo::new(move |_| {
        let folders = mailbox.folders.get().and_then(Result::ok);
        let counts = folders.unwrap_or_default().into_iter();
        counts
            .map(|folder| (folder.name, (folder.total, folder.unseen)))
            .collect()
    });
    move || match (folders.get(), chosen.get()) {
        (None, _) => ().into_any(),
        (Some(Err(error)), _) => view! { <Problem error heading=true /> }.into_any(),
        (Some(Ok(folders)), None) => view! { <AllFolders folders counts /> }.into_any(),
        (Some(Ok(folders)), Some(name)) => {
            if folders.iter().any(|folder| folder.name == name) {
                view! { <FolderEditor name folders counts /> }.into_any()
            } else {
                view! { <Problem error=Error::NoFolder heading=true /> }.into_any()
            }
        }
    }
}

#[component]
fn AllFolders(folders: Vec<Folder>, counts: Counts) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let missing: Vec<FolderRole> = PURPOSES
        .into_iter()
        .filter(|role| folders.iter().all(|folder| folder.role != Some(*role)))
        .collect();
    let group = |space: Space, title: Option<Key>| {
        let rows: Vec<_> = folders
            .iter()
            .filter(|folder| folder.space == space)
            .map(|folder| view! { <Row folder=folder.clone() counts /> })
            .collect();
        (!rows.is_empty()).then(|| {
            view! {
                <tbody>
                    {title
                        .map(|title| {
                            view! {
                                <tr>
                                    <th class="group" colspan="4" scope="rowgroup">
                                        {locale.text(title)}
                                    </th>
                                </tr>
                            }
                        })} {rows}
                </tbody>
            }
        })
    };
    let own = group(Space::Own, None);
    let others = group(Space::Others, Some(Key::FoldersOthers));
    let shared = group(Space::Shared, Some(Key::FoldersShared));
    view! {
        <h1>{locale.text(Key::FoldersTitle)}</h1>
        <p class="settings-text">{locale.text(Key::FoldersText)}</p>
        <table class="folder-table">
            <thead>
                <tr>
                    <th scope="col">{locale.text(Key::FoldersName)}</th>
                    <th scope="col" class="number">{locale.text(Key::FoldersHolds)}</th>
                    <th scope="col">{locale.text(Key::FoldersSubscribed)}</th>
                    <th scope="col"><span class="visually-hidden">{locale.text(Key::FoldersEdit)}</span></th>
                </tr>
            </thead>
            {own}
            {others}
            {shared}
        </table>
        <NewFolder folders />
        {(!missing.is_empty()).then(|| view! { <Missing missing /> })}
    }
}

#[component]
fn Row(folder: Folder, counts: Counts) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let label = folder_label(locale, &folder);
    let name = folder.name.clone();
    let rel = route::rel(&name);
    let count = Memo::new(move |_| counts.with(|counts| counts.get(&name).copied()));
    let total = move || {
        let (total, _) = count.get().unwrap_or_default();
        locale.number(u64::from(total))
    };
    let unread = move || {
        let (_, unseen) = count.get().unwrap_or_default();
        (unseen > 0).then(|| {
            let n = u64::from(unseen);
            locale.count(Key::CountUnreadOne, Key::CountUnreadOther, n)
        })
    };
    let title = if folder.selectable {
        let href = route::folder(&folder.name, 1);
        view! { <a href=href rel=rel>{label.clone()}</a> }.into_any()
    } else {
        view! { <span class="level">{label.clone()}</span> }.into_any()
    };
    let counted = folder.selectable.then(|| {
        view! {
            {total}
            <span class="unread">{unread}</span>
        }
    });
    let edit = locale.fill(Key::FoldersEditName, &[("name", &label)]);
    let subscribes = folder.selectable && folder.role != Some(FolderRole::Inbox);
    let href = route::folder_settings(Some(&folder.name));
    let class = format!("depth-{}", folder.depth.min(8));
    view! {
        <tr>
            <th scope="row" class=class dir="auto">{title}</th>
            <td class="number">{counted}</td>
            <td>{subscribes.then(move || view! { <Subscription folder label /> })}</td>
            <td class="edit">
                <a class="button quiet" href=href rel=rel aria-label=edit>{locale.text(Key::FoldersEdit)}</a>
            </td>
        </tr>
    }
}

/// A switch that shows at once what was asked for, and goes back if the server refuses.
#[component]
fn Subscription(folder: Folder, label: String) -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let on = RwSignal::new(folder.subscribed);
    let name = folder.name.clone();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let wanted = !on.get_untracked();
        on.set(wanted);
        let call = api::folders::subscribe_folder(name.clone(), wanted);
        spawn_local(async move {
            if let Err(error) = call.await {
                on.set(!wanted);
                mailbox.here.toast.set(Some(Toast::Failed(error)));
            }
        });
    };
    let says = locale.fill(Key::FoldersSubscribe, &[("name", &label)]);
    view! {
        <form method="post" action="/api/subscribe_folder" class="change" on:submit=submit>
            <input type="hidden" name="folder" value=folder.name />
            <input type="hidden" name="on" value=move || (!on.get()).to_string() />
            <button
                type="submit"
                class="switch"
                role="switch"
                aria-checked=move || on.get().to_string()
                aria-label=says
            ></button>
        </form>
    }
}

/// The options of a choice of parents: the top, and all of `folders` for which `fits`.
pub fn parents(folders: &[Folder], chosen: &str, fits: impl Fn(&Folder) -> bool) -> AnyView {
    let locale = Mailbox::find().here.locale;
    let options: Vec<_> = folders
        .iter()
        .filter(|folder| fits(folder))
        .map(|folder| {
            let indent = "\u{2003}".repeat(usize::try_from(folder.depth).unwrap_or(0));
            let label = format!("{indent}{}", folder_label(locale, folder));
            let selected = folder.name == chosen;
            view! { <option value=folder.name.clone() selected=selected>{label}</option> }
        })
        .collect();
    view! {
        <option value="">{locale.text(Key::FoldersTop)}</option>
        {options}
    }
    .into_any()
}

#[component]
fn NewFolder(folders: Vec<Folder>) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let doing = Doing::find();
    // What was refused without JavaScript comes back by the address.
    let search = use_location().search.get_untracked();
    let typed = route::query_value(&search, "name").unwrap_or_default();
    let parent = route::query_value(&search, "parent").unwrap_or_default();
    let name = NodeRef::<leptos::html::Input>::new();
    let place = NodeRef::<leptos::html::Select>::new();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (Some(name), Some(place)) = (name.get_untracked(), place.get_untracked()) else {
            return;
        };
        let call = api::folders::create_folder(place.value(), name.value());
        doing.run(
            call,
            Notice::FolderCreated,
            Some(route::folder_settings(None)),
        );
    };
    view! {
        <section class="card">
            <h2>{locale.text(Key::FoldersNew)}</h2>
            <form method="post" action="/api/create_folder" class="folder-form" on:submit=submit>
                <div class="field">
                    <label for="new-name">{locale.text(Key::FoldersName)}</label>
                    <input id="new-name" type="text" name="name" value=typed autocomplete="off" node_ref=name />
                </div>
                <div class="field">
                    <label for="new-parent">{locale.text(Key::FoldersParent)}</label>
                    <select id="new-parent" name="parent" node_ref=place>
                        {parents(&folders, &parent, |_| true)}
                    </select>
                </div>
                <button type="submit" class="button primary">
                    {locale.text(Key::FoldersCreate)}
                </button>
            </form>
        </section>
    }
}

/// Folders with a purpose that are not there.
#[component]
fn Missing(missing: Vec<FolderRole>) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let doing = Doing::find();
    let forms = missing.into_iter().map(|role| {
        let doing = doing.clone();
        let submit = move |event: leptos::ev::SubmitEvent| {
            event.prevent_default();
            let call = api::folders::create_role_folder(role);
            doing.run(call, Notice::FolderCreated, None);
        };
        let label = locale.fill(
            Key::FoldersCreateRole,
            &[("name", role_label(locale, role))],
        );
        view! {
            <form method="post" action="/api/create_role_folder" class="change" on:submit=submit>
                <input type="hidden" name="role" value=format!("{role:?}") />
                <button type="submit" class="button">
                    {label}
                </button>
            </form>
        }
    });
    view! {
        <section class="card">
            <h2>{locale.text(Key::FoldersMissing)}</h2>
            <p>{locale.text(Key::FoldersMissingText)}</p>
            <div class="button-row">{forms.collect_view()}</div>
        </section>
    }
}
