//! Icons from the one sprite in `icons.svg`, which each page has at its end: a sprite of its own file
//! would be asked for again by each icon that comes into the page. They decorate: what they stand
//! for is said in words beside them, seen or not.

use leptos::prelude::*;

/// The symbol `name` of the sprite.
#[component]
pub fn Icon(name: &'static str) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true" focusable="false">
            <use href=format!("#icon-{name}")></use>
        </svg>
    }
}

/// The sprite itself, for the document. What has no size and paints nothing takes no place.
pub fn sprite() -> impl IntoView {
    view! { <svg class="sprite" aria-hidden="true" inner_html=include_str!("icons.svg")></svg> }
}
