//! The title of the page. The server writes it into the head; in the browser it follows what is
//! shown.

use crate::i18n::{Key, Locale};

/// How long after what it names a title comes, in the browser: each has it draw its own windows anew,
/// which takes from what the page itself has to show.
#[cfg(not(feature = "ssr"))]
const LATER: std::time::Duration = std::time::Duration::from_millis(150);

/// The title of a page that always has the same one.
pub fn tell_key(locale: Locale, key: Key) {
    tell(move || format!("{} – Posthorn", locale.text(key)));
}

/// The title, as long as what calls this is in the page. A finished text for the server: it writes
/// the head when it has left this page's values, and would read those of another page that is made at
/// the same time. leptos_meta 0.8 does not escape it, so a subject or a folder's name could end the
/// element.
#[cfg(feature = "ssr")]
pub fn tell(text: impl Fn() -> String) {
    use leptos_meta::{Title, TitleProps};
    let text = super::textarea::escaped(&text());
    drop(Title(TitleProps::builder().text(text).build()));
}

/// The title, as long as what calls this is in the page.
#[cfg(not(feature = "ssr"))]
pub fn tell(text: impl Fn() -> String + 'static) {
    use leptos::prelude::{Effect, GetValue, SetValue, StoredValue, document, set_timeout};
    let newest = StoredValue::new(String::new());
    Effect::new(move |_| {
        newest.set_value(text());
        set_timeout(
            move || {
                // Gone with what it names, it says nothing any more.
                if let Some(title) = newest.try_get_value()
                    && document().title() != title
                {
                    document().set_title(&title);
                }
            },
            LATER,
        );
    });
}
