//! Icons from the one sprite in `public/icons.svg`. They decorate: what they stand for is said in
//! words beside them, seen or not.

use leptos::prelude::*;

/// The symbol `name` of the sprite.
#[component]
pub fn Icon(name: &'static str) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true" focusable="false">
            <use href=format!("/icons.svg#{name}")></use>
        </svg>
    }
}
