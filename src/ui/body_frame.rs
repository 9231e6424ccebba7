//! The frame with a message's body, a document of its own without scripts and without an origin.
//!
//! There is one for all messages, and it stays: a browser keeps what has no origin in a process of
//! its own, and to start one for each message takes longer than all else. It goes from body to body
//! by `location.replace`, which leaves the history alone, and sets out as soon as the address names
//! a message, while the message itself is still on its way.

use super::fetch;
use super::mailbox::Mailbox;
use super::route;
use crate::i18n::Key;
use leptos::html::Iframe;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// Nothing, under the policy of a body (`server/body.rs`): what the frame waits with.
pub const WAITING: &str = "/mail-frame";

/// The frame of the message that the address names.
#[component]
pub fn BodyFrame() -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let search = use_location().search;
    let address = Memo::new(move |_| {
        let (folder, uid, uid_validity, _) = mailbox.message_key.get()?;
        let mut address = route::body(&folder, uid, uid_validity);
        if route::query_value(&search.get(), "view").is_some_and(|view| view == "text") {
            address.push_str(if uid_validity.is_some() {
                "&view=text"
            } else {
                "?view=text"
            });
        }
        Some(address)
    });
    let frame = NodeRef::<Iframe>::new();
    // What the frame shows, or is about to show, and whether that is there already.
    let first = address
        .get_untracked()
        .filter(|_| fetch::message_is_there());
    let told = StoredValue::new(first.clone());
    let loading = RwSignal::new(false);
    Effect::new(move |_| {
        let next = address.get();
        let next = match (next, told.get_value()) {
            (None, None) => WAITING.to_owned(),
            (None, Some(_)) => return,
            (Some(next), told) if told.as_ref() == Some(&next) => return,
            (Some(next), _) => next,
        };
        loading.set(next != WAITING);
        told.set_value(Some(next.clone()));
        go(frame, &next);
    });
    view! {
        <iframe
            class="message-body"
            class:loading=move || loading.get()
            node_ref=frame
            title=locale.text(Key::ReaderBody)
            src=first
            sandbox="allow-popups allow-popups-to-escape-sandbox"
            referrerpolicy="no-referrer"
            on:load=move |_| loading.set(false)
        ></iframe>
    }
}

/// Sends the frame to another document.
#[cfg(feature = "hydrate")]
fn go(frame: NodeRef<Iframe>, address: &str) {
    if let Some(window) = frame
        .get_untracked()
        .and_then(|frame| frame.content_window())
    {
        let _ = window.location().replace(address);
    }
}

#[cfg(not(feature = "hydrate"))]
fn go(_: NodeRef<Iframe>, _: &str) {}
