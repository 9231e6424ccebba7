//! How full the mailbox is: a calm bar at the foot of the folders, and a word before it is too
//! late.

use super::fetch::Awaited;
use super::mailbox::Mailbox;
use crate::i18n::Key;
use crate::model::Quota;
use leptos::prelude::*;

/// Of 100: from here the bar warns.
const WARNING: u64 = 90;
/// Of 100: from here a sentence says what to do.
const NEARLY_FULL: u64 = 95;

/// The bar, where the server says how much room there is.
#[component]
pub fn QuotaBar() -> impl IntoView {
    view! {
        <Awaited>
            <Bar />
        </Awaited>
    }
}

#[component]
fn Bar() -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let quota = Memo::new(move |_| mailbox.quota.get().flatten());
    let percent = move || quota.get().map_or(0, Quota::percent);
    let used = move || {
        quota.get().map(|quota| {
            let (used, limit) = (locale.size(quota.used), locale.size(quota.limit));
            locale.fill(Key::QuotaUsed, &[("used", &used), ("limit", &limit)])
        })
    };
    let word = move || match percent() {
        0..NEARLY_FULL => "",
        NEARLY_FULL..100 => locale.text(Key::QuotaNearlyFull),
        _ => locale.text(Key::QuotaFull),
    };
    let warns = move || percent() >= WARNING;
    let none = move || quota.get().is_none();
    view! {
        <div class="quota" class:warns=warns hidden=none>
            <meter
                class="quota-bar"
                aria-label=locale.text(Key::QuotaTitle)
                min="0"
                max="100"
                value=move || percent().min(100).to_string()
            >
                {used}
            </meter>
            <p class="quota-used">{used}</p>
            // Live regions have to be there before what they tell.
            <p class="quota-word" role="status">{word}</p>
        </div>
    }
}
