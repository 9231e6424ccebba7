//! The search and how the list is listed: its order, which rows are shown, and how they look.

use super::icon::Icon;
use super::mailbox::Mailbox;
use super::route;
use super::search_box::SearchBox;
use crate::i18n::Key;
use crate::model::{Filter, Listing, Sort};
use leptos::prelude::*;

/// The row below the list's head.
#[component]
pub fn ListTools() -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    view! {
        <div class="list-tools">
            <SearchBox />
            <details class="menu">
                <summary
                    class="icon-button"
                    aria-label=locale.text(Key::ListOptions)
                    title=locale.text(Key::ListOptions)
                >
                    <Icon name="filter" />
                </summary>
                <div class="menu-panel">
                    <Toggle
                        action="/api/set_view"
                        name="conversations"
                        on=mailbox.here.conversations
                        turn_on=Key::ViewConversationsOn
                        turn_off=Key::ViewConversationsOff
                    />
                    <Toggle
                        action="/api/set_density"
                        name="compact"
                        on=mailbox.here.compact
                        turn_on=Key::DensityOn
                        turn_off=Key::DensityOff
                    />
                    <FilterLinks />
                    <SortLinks />
                </div>
            </details>
        </div>
        <Shown />
    }
}

/// Turns a way of showing lists on or off, for all folders; left to the form, as in `choice.rs`.
#[component]
fn Toggle(
    action: &'static str,
    name: &'static str,
    on: bool,
    turn_on: Key,
    turn_off: Key,
) -> impl IntoView {
    let mailbox = Mailbox::find();
    let label = mailbox
        .here
        .locale
        .text(if on { turn_off } else { turn_on });
    view! {
        <form method="post" action=action class="change">
            <input type="hidden" name=name value=(!on).to_string() />
            <input type="hidden" name="back" value=move || mailbox.list_address() />
            <button type="submit" class="menu-item">
                {label}
            </button>
        </form>
    }
}

/// Which part of a filter.
type Switch = fn(&mut Filter) -> &mut bool;

/// The filters, each a link that turns it on or off.
const FILTERS: [(Key, Switch); 3] = [
    (Key::FilterUnread, |filter| &mut filter.unread),
    (Key::FilterStarred, |filter| &mut filter.starred),
    (Key::FilterAttachment, |filter| &mut filter.attachment),
];

#[component]
fn FilterLinks() -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    view! {
        <p class="menu-title">{locale.text(Key::FilterTitle)}</p>
        {move || {
            let (folder, listing) = mailbox.list_key.get().unwrap_or_default();
            FILTERS
                .into_iter()
                .map(|(key, of)| {
                    let mut listing = listing.clone();
                    let on = of(&mut listing.filter);
                    let was = *on;
                    *on = !was;
                    view! {
                        <a
                            class="menu-item"
                            href=route::listed(&folder, &listing, 1)
                            rel=route::rel(&folder)
                            aria-current=was.then_some("true")
                        >
                            {locale.text(key)}
                        </a>
                    }
                })
                .collect_view()
        }}
    }
}

#[component]
fn SortLinks() -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    view! {
        <p class="menu-title">{locale.text(Key::SortTitle)}</p>
        {move || {
            let (folder, listing) = mailbox.list_key.get().unwrap_or_default();
            Sort::ALL
                .into_iter()
                .map(|sort| {
                    let current = (listing.sort == sort).then_some("true");
                    let listing = Listing { sort, ..listing.clone() };
                    view! {
                        <a
                            class="menu-item"
                            href=route::listed(&folder, &listing, 1)
                            rel=route::rel(&folder)
                            aria-current=current
                        >
                            {locale.text(sort_key(sort))}
                        </a>
                    }
                })
                .collect_view()
        }}
    }
}

/// What is set, each with the way to take it away.
#[component]
fn Shown() -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    move || {
        let (folder, listing) = mailbox.list_key.get().unwrap_or_default();
        if listing.is_plain() {
            return None;
        }
        let chip = |text: String, without: Listing| {
            let label = locale.fill(Key::FilterRemove, &[("name", &text)]);
            view! {
                <a
                    class="chip"
                    href=route::listed(&folder, &without, 1)
                    rel=route::rel(&folder)
                    aria-label=label
                >
                    <span>{text}</span>
                    <Icon name="close" />
                </a>
            }
        };
        let mut chips = Vec::new();
        if !listing.query.is_empty() {
            let without = Listing {
                query: String::new(),
                ..listing.clone()
            };
            let said = locale.fill(Key::FilterQuery, &[("query", &listing.query)]);
            chips.push(chip(said, without));
        }
        for (key, of) in FILTERS {
            let mut without = listing.clone();
            let on = of(&mut without.filter);
            if std::mem::take(on) {
                chips.push(chip(locale.text(key).to_owned(), without));
            }
        }
        if listing.sort != Sort::default() {
            let without = Listing {
                sort: Sort::default(),
                ..listing.clone()
            };
            chips.push(chip(
                locale.text(sort_key(listing.sort)).to_owned(),
                without,
            ));
        }
        Some(view! { <div class="chips">{chips}</div> })
    }
}

fn sort_key(sort: Sort) -> Key {
    match sort {
        Sort::Arrival => Key::SortArrival,
        Sort::Date => Key::SortDate,
        Sort::Sender => Key::SortSender,
        Sort::Subject => Key::SortSubject,
        Sort::Size => Key::SortSize,
        Sort::UnreadFirst => Key::SortUnread,
        Sort::StarredFirst => Key::SortStarred,
    }
}
