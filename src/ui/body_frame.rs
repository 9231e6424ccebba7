//! The frame with a message's body, a document of its own without scripts and without an origin.
//!
//! There is one for all messages, and it stays: a browser keeps what has no origin in a process of
//! its own, and to start one for each message takes longer than all else. It goes from body to body
//! by `location.replace`, which leaves the history alone, and sets out as soon as the address names
//! a message, while the message itself is still on its way.

use super::colours;
use super::fetch;
use super::mailbox::{Mailbox, Target};
use super::route;
use crate::i18n::Key;
use leptos::html::Iframe;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// Nothing, under the policy of a body (`server/body.rs`): what the frame waits with.
pub const WAITING: &str = "/mail-frame";

/// Of a document without an origin a page can read next to nothing, but for how many frames are in it:
/// a body has none, what waits and what stands in place of a body have so many.
pub const FRAMES_WAITING: u32 = 2;
/// See [`FRAMES_WAITING`].
pub const FRAMES_FAILED: u32 = 1;

/// What the page around the frame wants of it, and hears of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct BodyWish {
    /// About images from the net, of one message: what goes to the address of its body.
    pub images: RwSignal<Option<(Target, String)>>,
    /// How many documents have come.
    pub loads: RwSignal<u32>,
}

impl BodyWish {
    /// The word about images for a message's body.
    pub fn word(self, folder: &str, uid: u32) -> Option<String> {
        self.images
            .get()
            .filter(|(target, _)| target.folder == folder && target.uid == uid)
            .map(|(_, word)| word)
    }
}

/// The frame of the message that the address names.
#[component]
pub fn BodyFrame(wish: BodyWish) -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let search = use_location().search;
    let address = Memo::new(move |_| {
        let (folder, uid, uid_validity, _) = mailbox.message_key.get()?;
        let mut address = route::body(&folder, uid, uid_validity);
        let mut add = |name: &str, value: &str| {
            address.push(if address.contains('?') { '&' } else { '?' });
            address.push_str(name);
            address.push('=');
            address.push_str(&route::encode(value));
        };
        let search = search.get();
        if route::query_value(&search, "view").is_some_and(|view| view == "text") {
            add("view", "text");
        }
        if colours::are_own(&search) {
            add(colours::NAME, colours::OWN);
        }
        // What the page's own address says holds until the page has the message.
        let word = wish.word(&folder, uid);
        if let Some(word) = word.or_else(|| route::query_value(&search, "images")) {
            add("images", &word);
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
    // Whether something else came than what it was sent to.
    let failed = StoredValue::new(false);
    let set_out = move |next: String| {
        loading.set(next != WAITING);
        failed.set_value(false);
        go(frame, &next);
        told.set_value(Some(next));
    };
    Effect::new(move |_| {
        let next = address.get();
        match (next, told.get_value()) {
            (None, None) => set_out(WAITING.to_owned()),
            (None, Some(_)) => {}
            (Some(next), told) if told.as_ref() == Some(&next) && !failed.get_value() => {}
            (Some(next), _) => set_out(next),
        }
    });
    // Where the message cannot be had, its body went the same way.
    Effect::new(move |_| {
        if matches!(mailbox.message.get(), Some(Some(Err(_)))) {
            failed.set_value(true);
        }
    });
    // When the trouble is over, what failed comes by itself.
    Effect::new(move |before: Option<bool>| {
        let trouble = mailbox.trouble.get().is_some();
        let over = before == Some(true) && !trouble;
        if let Some(next) = address
            .get_untracked()
            .filter(|_| over && failed.get_value())
        {
            set_out(next);
        }
        trouble
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
            on:load=move |_| {
                loading.set(false);
                match frames_in(frame) {
                    FRAMES_FAILED => failed.set_value(true),
                    // Going back in the history takes the frame back too, unasked.
                    FRAMES_WAITING => {
                        told.set_value(Some(WAITING.to_owned()));
                        if let Some(next) = address.get_untracked() {
                            set_out(next);
                        }
                    }
                    _ => {}
                }
                wish.loads.update(|loads| *loads = loads.wrapping_add(1));
            }
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

/// How many frames the frame's document has.
#[cfg(feature = "hydrate")]
fn frames_in(frame: NodeRef<Iframe>) -> u32 {
    frame
        .get_untracked()
        .and_then(|frame| frame.content_window())
        .map_or(0, |window| window.length())
}

#[cfg(not(feature = "hydrate"))]
fn frames_in(_: NodeRef<Iframe>) -> u32 {
    0
}

#[cfg(not(feature = "hydrate"))]
fn go(_: NodeRef<Iframe>, _: &str) {}
