//! A button that changes a message: a form of its own, so that it works without JavaScript.

use super::browser;
use super::changes::Changes;
use super::mailbox::Target;
use crate::model::{Change, Flags};
use leptos::prelude::*;

/// The form around a button that does `change` to `target`. `back` is the list it leads to.
#[component]
pub fn ChangeForm(
    target: Target,
    flags: Flags,
    change: Change,
    #[prop(into)] back: String,
    #[prop(optional)] class: &'static str,
    children: Children,
) -> impl IntoView {
    let changes = Changes::find();
    let Target {
        folder,
        uid_validity,
        uid,
    } = target.clone();
    let to = back.clone();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        browser::close_menus();
        browser::close_popover("delete-for-ever");
        changes.run(target.clone(), flags, change, String::new(), &to);
    };
    view! {
        <form method="post" action="/api/change" class="change" on:submit=submit>
            <input type="hidden" name="folder" value=folder />
            <input type="hidden" name="uid_validity" value=uid_validity />
            <input type="hidden" name="uid" value=uid />
            <input type="hidden" name="change" value=change.value() />
            <input type="hidden" name="back" value=back />
            <button type="submit" class=class>
                {children()}
            </button>
        </form>
    }
}
