//! Choices of how pages are shown: a form with a button for each way, the chosen one pressed. Left
//! to the form in the browser too: how a page is shown is the same from its first to its last word,
//! so it is loaded anew.

use super::visit::Here;
use crate::i18n::{Key, Locale};
use crate::model::Theme;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The two languages, each named in itself.
#[component]
pub fn LanguageForm() -> impl IntoView {
    let here = Here::find().locale;
    let way = |locale: Locale, name| Way {
        value: locale.tag(),
        name,
        lang: Some(locale.tag()),
        chosen: here == locale,
    };
    let ways = [way(Locale::De, "Deutsch"), way(Locale::En, "English")];
    view! { <Choice action="/api/set_language" name="language" label=Key::SettingsLanguage ways /> }
}

/// Whether pages are light or dark.
#[component]
pub fn ThemeForm() -> impl IntoView {
    let here = Here::find();
    let way = |theme: Theme, name| Way {
        value: theme.value(),
        name: here.locale.text(name),
        lang: None,
        chosen: here.theme == theme,
    };
    let ways = [
        way(Theme::System, Key::ThemeSystem),
        way(Theme::Light, Key::ThemeLight),
        way(Theme::Dark, Key::ThemeDark),
    ];
    view! { <Choice action="/api/set_theme" name="theme" label=Key::ThemeTitle ways /> }
}

/// How much room a row of a list has.
#[component]
pub fn DensityForm() -> impl IntoView {
    let on = Here::find().compact;
    let ways = either(on, Key::DensityComfortable, Key::DensityCompact);
    view! { <Choice action="/api/set_density" name="compact" label=Key::DensityTitle ways /> }
}

/// Whether lists are by conversations.
#[component]
pub fn ViewForm() -> impl IntoView {
    let on = Here::find().conversations;
    let ways = either(on, Key::ViewMessages, Key::ViewConversations);
    view! { <Choice action="/api/set_view" name="conversations" label=Key::ViewConversations ways /> }
}

/// One of the ways.
#[derive(Clone, Copy)]
struct Way {
    value: &'static str,
    name: &'static str,
    lang: Option<&'static str>,
    chosen: bool,
}

/// What is off and what is on.
fn either(on: bool, off_name: Key, on_name: Key) -> [Way; 2] {
    let locale = Here::find().locale;
    let way = |value, name, chosen| Way {
        value,
        name: locale.text(name),
        lang: None,
        chosen,
    };
    [way("false", off_name, !on), way("true", on_name, on)]
}

#[component]
fn Choice<const N: usize>(
    action: &'static str,
    name: &'static str,
    label: Key,
    ways: [Way; N],
) -> impl IntoView {
    let location = use_location();
    let back = move || {
        let (path, search) = (location.pathname.get(), location.search.get());
        if search.is_empty() {
            path
        } else {
            format!("{path}?{search}")
        }
    };
    view! {
        <form class="choice" method="post" action=action aria-label=Here::find().locale.text(label)>
            <input type="hidden" name="back" value=back />
            {ways
                .map(|way| {
                    view! {
                        <button
                            type="submit"
                            name=name
                            value=way.value
                            lang=way.lang
                            aria-pressed=way.chosen.to_string()
                        >
                            {way.name}
                        </button>
                    }
                })
                .collect_view()}
        </form>
    }
}
