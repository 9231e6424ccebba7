//! What stands between a message's sender and its attachments: who it really is from, the way out of
//! a mailing list, the wish for a receipt, and the cards.

use super::assurance::{AssuranceLine, ResemblanceOf};
use super::cards::CardsOf;
use super::mailbox::{Mailbox, Target};
use super::one_press::{OnePress, Place};
use super::route;
use crate::api::beside as api;
use crate::i18n::Key;
use crate::model::{Address, Beside, Message, ReceiptWish, Unsubscribe};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// All of it.
#[component]
pub fn BesideBody(message: Message) -> impl IntoView {
    let target = Target {
        folder: message.folder,
        uid_validity: message.uid_validity,
        uid: message.uid,
    };
    let Beside {
        assurance,
        unsubscribe,
        receipt,
        cards,
        unasked,
    } = message.beside;
    let from = message.from.clone();
    let resemblance = unasked.then(|| view! { <ResemblanceOf target=target.clone() from /> });
    let list = unsubscribe.map(|ways| view! { <MailingList ways target=target.clone() /> });
    let wish = receipt.map(|wish| view! { <ReceiptLine wish target=target.clone() /> });
    let cards = cards.then(|| view! { <CardsOf target /> });
    view! {
        <AssuranceLine assurance from=message.from />
        {resemblance}
        {list}
        {wish}
        {cards}
    }
}

/// The way out of a mailing list: the first of one press, a letter, a page.
#[component]
fn MailingList(ways: Unsubscribe, target: Target) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let Unsubscribe {
        one_click,
        letter,
        page,
    } = ways;
    let at = |host: &str| locale.fill(Key::UnsubscribeAt, &[("host", host)]);
    let way = match (one_click, letter, page) {
        (Some(host), ..) => {
            let press = OnePress::new();
            let call = {
                let target = target.clone();
                move || {
                    api::leave_list(
                        target.folder.clone(),
                        target.uid_validity,
                        target.uid,
                        String::new(),
                    )
                }
            };
            view! {
                <form
                    method="post"
                    action="/api/leave_list"
                    on:submit=move |event| press.submit(&event, call(), || {})
                >
                    <Place target />
                    <button type="submit" class="button" title=at(&host)>
                        {locale.text(Key::Unsubscribe)}
                    </button>
                </form>
            }
            .into_any()
        }
        (None, Some(letter), _) => {
            view! { <a class="button" href=letter>{locale.text(Key::Unsubscribe)}</a> }.into_any()
        }
        (None, None, Some(host)) => {
            let href = route::document(
                &target.folder,
                target.uid,
                target.uid_validity,
                "unsubscribe",
            );
            let label = at(&host);
            view! {
                <a
                    class="button"
                    href=href
                    target="_blank"
                    rel="noopener noreferrer external"
                    referrerpolicy="no-referrer"
                >
                    <span dir="auto">{label}</span>
                </a>
            }
            .into_any()
        }
        (None, None, None) => return ().into_any(),
    };
    view! {
        <div class="beside-line">
            <span>{locale.text(Key::UnsubscribeText)}</span>
            {way}
        </div>
    }
    .into_any()
}

/// The wish for a receipt, which is never granted by itself.
#[component]
fn ReceiptLine(wish: ReceiptWish, target: Target) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let location = use_location();
    let (path, search) = (location.pathname, location.search);
    let done = RwSignal::new(false);
    let press = OnePress::new();
    let call = {
        let target = target.clone();
        move || {
            api::send_receipt(
                target.folder.clone(),
                target.uid_validity,
                target.uid,
                String::new(),
            )
        }
    };
    let later = move || {
        let search = search.get();
        let mark = if search.is_empty() { '?' } else { '&' };
        let search = search.trim_start_matches('?').to_owned();
        let search = if search.is_empty() {
            String::new()
        } else {
            format!("?{search}")
        };
        format!("{}{search}{mark}receipt=later", path.get())
    };
    let asked = move || {
        !done.get() && route::query_value(&search.get(), "receipt").as_deref() != Some("later")
    };
    let elsewhere = wish.elsewhere.then(|| {
        let addresses = addresses(&wish.to);
        locale.fill(Key::ReceiptElsewhere, &[("addresses", &addresses)])
    });
    let hidden = move || !asked();
    view! {
        <div class="beside-line" hidden=hidden>
            <span dir="auto">
                {locale.text(Key::ReceiptAsked)}
                {elsewhere.map(|text| format!(" {text}"))}
            </span>
            <form
                method="post"
                action="/api/send_receipt"
                on:submit=move |event| press.submit(&event, call(), move || done.set(true))
            >
                <Place target />
                <button type="submit" class="button">
                    {locale.text(Key::ReceiptSend)}
                </button>
            </form>
            <a class="button quiet" href=later>
                {locale.text(Key::ReceiptLater)}
            </a>
        </div>
    }
}

fn addresses(list: &[Address]) -> String {
    let list: Vec<&str> = list.iter().map(|address| address.addr.as_str()).collect();
    list.join(", ")
}
