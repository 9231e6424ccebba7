//! Moving a message to a folder of one's choice.

use super::browser;
use super::changes::Changes;
use super::mailbox::{Mailbox, Target};
use super::words::folder_label;
use crate::i18n::Key;
use crate::model::{Change, Flags};
use leptos::prelude::*;

/// The choice of the folder, and the button.
#[component]
pub fn MoveForm(target: Target, flags: Flags, #[prop(into)] back: String) -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let changes = Changes::find();
    let choice = NodeRef::<leptos::html::Select>::new();
    let Target {
        folder,
        uid_validity,
        uid,
    } = target.clone();
    let (from, to) = (folder.clone(), back.clone());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(select) = choice.get_untracked() else {
            return;
        };
        browser::close_menus();
        changes.run(target.clone(), flags, Change::Move, select.value(), &to);
    };
    view! {
        <form method="post" action="/api/change" class="move" on:submit=submit>
            <input type="hidden" name="folder" value=folder />
            <input type="hidden" name="uid_validity" value=uid_validity />
            <input type="hidden" name="uid" value=uid />
            <input type="hidden" name="change" value=Change::Move.value() />
            <input type="hidden" name="back" value=back />
            <label for="move-target">{locale.text(Key::MoveTo)}</label>
            <div class="move-row">
                <FolderChoice id="move-target" from choice />
                <button type="submit" class="button">{locale.text(Key::MoveSubmit)}</button>
            </div>
        </form>
    }
}

/// The full names and the labels of the folders to move to.
fn choices(mailbox: Mailbox, from: &str) -> Vec<(String, String)> {
    let locale = mailbox.here.locale;
    mailbox.folders.with(|folders| {
        let folders = folders.as_ref().and_then(|folders| folders.as_ref().ok());
        folders
            .into_iter()
            .flatten()
            .filter(|folder| folder.selectable && folder.name != from)
            .map(|folder| {
                let indent = "\u{2003}".repeat(usize::try_from(folder.depth).unwrap_or(0));
                let label = format!("{indent}{}", folder_label(locale, folder));
                (folder.name.clone(), label)
            })
            .collect()
    })
}

/// The choices as they live in the browser; `folder_html` writes them for the server.
#[cfg_attr(
    feature = "ssr",
    allow(
        dead_code,
        reason = "the server writes it by hand, and a test compares"
    )
)]
pub(super) fn options_of(choices: Vec<(String, String)>) -> impl IntoView {
    choices
        .into_iter()
        .map(|(name, label)| view! { <option value=name>{label}</option> })
        .collect_view()
}

/// The folders to move to from the folder `from`.
#[component]
pub fn FolderChoice(
    id: &'static str,
    from: String,
    choice: NodeRef<leptos::html::Select>,
) -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    #[cfg(feature = "ssr")]
    let options = move || super::folder_html::options(&choices(mailbox, &from));
    #[cfg(not(feature = "ssr"))]
    let options = move || options_of(choices(mailbox, &from));
    view! {
        <select id=id name="target" required node_ref=choice>
            <option value="" disabled hidden selected>{locale.text(Key::MoveChoose)}</option>
            {options}
        </select>
    }
}
