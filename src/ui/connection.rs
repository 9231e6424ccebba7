//! That nothing shows by itself for the moment, and why: one calm line, which comes when the
//! trouble lasts, says when it is over, and asks nobody to do anything. What a person does meanwhile
//! is answered in its own place.

use super::mailbox::Mailbox;
use crate::i18n::Key;
use leptos::prelude::*;
use std::time::Duration;

/// What has to last before it is told: a stream or a connection to the mail server that breaks
/// stands again within two seconds mostly.
const PATIENCE: Duration = Duration::from_millis(2_500);
/// How long it has to be well before that is believed: word that the mail server is away comes
/// right after the stream stands.
const SETTLE: Duration = Duration::from_millis(300);
/// How long it is told that all is well again.
const LIFE: Duration = Duration::from_secs(4);

/// What stands between the page and the mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "hydrate"),
    allow(dead_code, reason = "only the browser can be in trouble")
)]
pub enum Trouble {
    /// The browser has no network.
    Offline,
    /// Posthorn does not answer.
    Server,
    /// Posthorn has no room for another stream.
    Full,
    /// The mail server is away.
    Mail,
}

impl Trouble {
    fn key(self) -> Key {
        match self {
            Self::Offline => Key::ConnectionOffline,
            Self::Server => Key::ConnectionServer,
            Self::Full => Key::ConnectionFull,
            Self::Mail => Key::ConnectionMail,
        }
    }
}

/// What is told after the trouble is `trouble`, where `told` was told before.
fn next(told: Option<Key>, trouble: Option<Trouble>) -> Option<Key> {
    match trouble {
        Some(trouble) => Some(trouble.key()),
        None => told.map(|_| Key::ConnectionBack),
    }
}

/// The line, empty while all is well.
#[component]
pub fn ConnectionLine(mailbox: Mailbox) -> impl IntoView {
    let (locale, trouble) = (mailbox.here.locale, mailbox.trouble);
    let told = RwSignal::new(None::<Key>);
    Effect::new(move |_| {
        let now = trouble.get();
        let wait = if now.is_some() { PATIENCE } else { SETTLE };
        let tell = move || {
            if trouble.try_get_untracked() == Some(now) {
                told.update(|told| *told = next(*told, now));
            }
        };
        set_timeout(tell, wait);
        if now.is_none() {
            let fade = move || {
                if told.try_get_untracked() == Some(Some(Key::ConnectionBack)) {
                    told.set(None);
                }
            };
            set_timeout(fade, LIFE);
        }
    });
    // Live regions have to be there before what they tell.
    view! {
        <div role="status">
            {move || told.get().map(|key| view! { <p class="connection">{locale.text(key)}</p> })}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_told_is_not_told_to_be_over() {
        assert_eq!(next(None, None), None);
        let told = next(None, Some(Trouble::Mail));
        assert_eq!(told, Some(Key::ConnectionMail));
        assert_eq!(
            next(told, Some(Trouble::Offline)),
            Some(Key::ConnectionOffline)
        );
        assert_eq!(next(told, None), Some(Key::ConnectionBack));
    }
}
