//! Attachments that can be looked at in place: pictures and texts as tiles, sound and film as
//! players. A tile is a link to what it shows; with JavaScript it opens in a dialog, with the next
//! one a key away.

use super::attachments::document;
use super::file_kind::{View, icon, view};
use super::icon::Icon;
use super::mailbox::{Mailbox, Target};
use super::route;
use crate::i18n::{Key, Locale};
use crate::model::Attachment;
use leptos::html::Dialog;
use leptos::prelude::*;

/// Tiles of a message; what comes after is in the list of files.
const MOST: usize = 100;

/// One that is shown.
#[derive(Clone, Debug)]
struct Item {
    view: View,
    name: String,
    icon: &'static str,
    /// Where it is shown, and where it is stored.
    shown: String,
    stored: String,
}

/// What can be looked at of the attachments of the message at `place`; nothing where there is none.
#[component]
pub fn Previews(place: Target, attachments: Vec<Attachment>) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let items = attachments.into_iter().filter_map(|attachment| {
        let view = view(&attachment)?;
        let part = route::encode(&attachment.part);
        Some(Item {
            view,
            icon: icon(&attachment.mime, &attachment.name),
            name: attachment.name,
            shown: document(&place, &format!("preview/{part}")),
            stored: document(&place, &format!("attachment/{part}")),
        })
    });
    let (tiles, players): (Vec<Item>, Vec<Item>) = items
        .take(MOST)
        .partition(|item| matches!(item.view, View::Picture | View::Text));
    let open = RwSignal::new(None);
    let tiles = (!tiles.is_empty()).then(|| {
        let list = tiles
            .iter()
            .enumerate()
            .map(|(number, item)| tile(locale, item, number, open))
            .collect_view();
        view! {
            <ul class="tiles" aria-label=locale.text(Key::PreviewsTitle)>
                {list}
            </ul>
            <Lightbox items=tiles open />
        }
    });
    let players = (!players.is_empty()).then(|| {
        let list = players.into_iter().map(player).collect_view();
        view! {
            <ul class="players" aria-label=locale.text(Key::PlayersTitle)>
                {list}
            </ul>
        }
    });
    (tiles, players)
}

fn tile(
    locale: Locale,
    item: &Item,
    number: usize,
    open: RwSignal<Option<usize>>,
) -> impl IntoView + use<> {
    let inside = if item.view == View::Picture {
        // Its name stands below.
        view! { <img src=item.shown.clone() alt="" loading="lazy" decoding="async" /> }.into_any()
    } else {
        view! { <Icon name=item.icon /> }.into_any()
    };
    let click = move |event: leptos::ev::MouseEvent| {
        // In a new tab where that is what the person wants.
        if event.ctrl_key() || event.meta_key() || event.shift_key() {
            return;
        }
        event.prevent_default();
        open.set(Some(number));
    };
    view! {
        <li>
            <a
                class="tile"
                href=item.shown.clone()
                rel="external"
                title=item.name.clone()
                aria-label=locale.fill(Key::PreviewShow, &[("name", &item.name)])
                on:click=click
            >
                <span class="tile-picture">{inside}</span>
                <span class="tile-name" dir="auto">{item.name.clone()}</span>
            </a>
        </li>
    }
}

fn player(item: Item) -> impl IntoView {
    let Item {
        view, name, shown, ..
    } = item;
    let label = name.clone();
    let player = if view == View::Film {
        view! { <video controls preload="none" src=shown aria-label=label></video> }.into_any()
    } else {
        view! { <audio controls preload="none" src=shown aria-label=label></audio> }.into_any()
    };
    view! {
        <li>
            <span class="tile-name" dir="auto">{name}</span>
            {player}
        </li>
    }
}

/// The dialog with one of `items`, while `open` says which.
#[component]
fn Lightbox(items: Vec<Item>, open: RwSignal<Option<usize>>) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let dialog = NodeRef::<Dialog>::new();
    let count = items.len();
    Effect::new(move |_| follow(dialog, open.get().is_some()));
    let items = StoredValue::new(items);
    let step = move |by: isize| {
        open.update(|open| {
            let next = open.and_then(|number| number.checked_add_signed(by));
            if next.is_some_and(|next| next < count) {
                *open = next;
            }
        });
    };
    // The mailbox's own keys rest meanwhile.
    let key = move |event: leptos::ev::KeyboardEvent| {
        event.stop_propagation();
        match event.key().as_str() {
            "ArrowRight" | "ArrowDown" | "j" | "n" => step(1),
            "ArrowLeft" | "ArrowUp" | "k" | "p" => step(-1),
            _ => {}
        }
    };
    let shown = move || {
        let item =
            items.with_value(|items| open.get().and_then(|number| items.get(number).cloned()))?;
        let place = open.get().unwrap_or_default().saturating_add(1);
        let number = |n: usize| locale.number(u64::try_from(n).unwrap_or_default());
        let place = locale.fill(
            Key::PreviewPlace,
            &[("n", &number(place)), ("total", &number(count))],
        );
        let name = item.name.clone();
        let content = if item.view == View::Picture {
            view! { <img src=item.shown alt=item.name.clone() /> }.into_any()
        } else {
            view! {
                <iframe src=item.shown title=item.name.clone() sandbox="" referrerpolicy="no-referrer"></iframe>
            }
                .into_any()
        };
        Some(view! {
            <header class="lightbox-head">
                <h2 dir="auto">{name}</h2>
                <span class="lightbox-place">{(count > 1).then_some(place)}</span>
                <a class="icon-button" href=item.stored download=item.name rel="external" aria-label=locale.text(Key::PreviewDownload)>
                    <Icon name="download" />
                </a>
                <button type="button" class="icon-button" aria-label=locale.text(Key::PreviewClose) on:click=move |_| open.set(None)>
                    <Icon name="close" />
                </button>
            </header>
            <div class="lightbox-content">{content}</div>
        })
    };
    // One that leads nowhere stays where the focus may be.
    let arrow = move |class, key, icon, by: isize| {
        let dead = move || {
            open.get()
                .and_then(|number| number.checked_add_signed(by))
                .is_none_or(|next| next >= count)
                .to_string()
        };
        (count > 1).then(|| {
            view! {
                <button type="button" class=class aria-label=locale.text(key) aria-disabled=dead on:click=move |_| step(by)>
                    <Icon name=icon />
                </button>
            }
        })
    };
    view! {
        <dialog
            class="lightbox"
            node_ref=dialog
            aria-label=locale.text(Key::PreviewTitle)
            on:close=move |_| open.set(None)
            on:keydown=key
        >
            {shown}
            {arrow("icon-button lightbox-previous", Key::PreviewPrevious, "back", -1)}
            {arrow("icon-button lightbox-next", Key::PreviewNext, "next", 1)}
        </dialog>
    }
}

/// Opens the dialog, or closes it.
#[cfg(feature = "hydrate")]
fn follow(dialog: NodeRef<Dialog>, open: bool) {
    if let Some(dialog) = dialog.get() {
        if open && !dialog.open() {
            let _ = dialog.show_modal();
        } else if !open && dialog.open() {
            dialog.close();
        }
    }
}

#[cfg(not(feature = "hydrate"))]
fn follow(_: NodeRef<Dialog>, _: bool) {}
