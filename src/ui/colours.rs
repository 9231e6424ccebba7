//! In the dark: the way to a mail's own colours, and back. A link, since which colours are shown
//! stands in the address; the frame goes there, the page stays.

use super::mailbox::Mailbox;
use super::route;
use crate::i18n::Key;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// What the addresses of pages and bodies say about colours.
pub const NAME: &str = "colours";
/// The mail's own.
pub const OWN: &str = "own";

/// Whether a query asks for the mail's own colours.
pub fn are_own(search: &str) -> bool {
    route::query_value(search, NAME).is_some_and(|colours| colours == OWN)
}

/// The link, which the style sheet shows in the dark only; `plain` says whether the body has no
/// colours.
#[component]
pub fn ColoursLink(folder: String, plain: Signal<bool>) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let location = use_location();
    let own = Memo::new(move |_| are_own(&location.search.get()));
    let href = move || {
        let (path, search) = (location.pathname.get(), location.search.get());
        address(&path, &search, !own.get())
    };
    let text = move || {
        locale.text(if own.get() {
            Key::ColoursDark
        } else {
            Key::ColoursOwn
        })
    };
    view! {
        <p class="colours-link" hidden=move || plain.get()>
            <a href=href rel=route::rel(&folder)>
                {text}
            </a>
        </p>
    }
}

/// The page at hand with the mail's own colours, or in the dark.
fn address(path: &str, search: &str, own: bool) -> String {
    let mut pairs: Vec<&str> = search
        .trim_start_matches('?')
        .split('&')
        .filter(|pair| !pair.is_empty() && pair.split('=').next() != Some(NAME))
        .collect();
    let word = format!("{NAME}={OWN}");
    if own {
        pairs.push(&word);
    }
    if pairs.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", pairs.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::{address, are_own};

    #[test]
    fn the_link_keeps_what_the_address_says_besides() {
        assert_eq!(address("/mail/a/1", "", true), "/mail/a/1?colours=own");
        assert_eq!(
            address("/mail/a/1", "v=2&images=x", true),
            "/mail/a/1?v=2&images=x&colours=own"
        );
        assert_eq!(
            address("/mail/a/1", "?v=2&colours=own&q=y", false),
            "/mail/a/1?v=2&q=y"
        );
        assert_eq!(address("/mail/a/1", "colours=own", false), "/mail/a/1");
        assert!(are_own("v=2&colours=own") && !are_own("colours=x") && !are_own(""));
    }
}
