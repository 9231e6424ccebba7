//! Images from the net: the bar above a body that has some, and the list of the senders whose
//! images are always shown.

use super::body_frame::BodyWish;
use super::fetch::{self, Awaited, fetched};
use super::icon::Icon;
use super::mailbox::{Mailbox, Target};
use super::problem::Problem;
use super::route;
use super::visit::{Here, Toast};
use crate::api;
use crate::i18n::{Key, Locale};
use crate::model::{Blocked, Message, Notice, Remote};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_location;

/// How the images of the open message are dealt with.
#[derive(Clone, Copy)]
pub struct Pictures {
    remote: StoredValue<Option<Remote>>,
    target: StoredValue<Target>,
    /// The person wants them, for now.
    shown: RwSignal<bool>,
    trusted: RwSignal<bool>,
    /// Whether the sender was trusted when the message came.
    before: bool,
    blocked: RwSignal<Option<Blocked>>,
}

impl Pictures {
    /// Of a message on the page at hand.
    pub fn new(message: &Message, wish: BodyWish) -> Self {
        let search = use_location().search;
        let remote = message.remote.clone();
        let trusted = remote.as_ref().is_some_and(|remote| remote.trusted);
        let asked = remote.as_ref().is_some_and(|remote| {
            route::query_value(&search.get_untracked(), "images")
                .is_some_and(|images| images == remote.consent)
        });
        let pictures = Self {
            target: StoredValue::new(Target {
                folder: message.folder.clone(),
                uid_validity: message.uid_validity,
                uid: message.uid,
            }),
            shown: RwSignal::new(asked),
            trusted: RwSignal::new(trusted),
            before: trusted,
            blocked: RwSignal::new(remote.as_ref().and_then(|remote| remote.blocked)),
            remote: StoredValue::new(remote),
        };
        // The frame may have come before the browser's half did.
        Effect::new(move |_| {
            wish.loads.track();
            pictures.ask();
        });
        Effect::new(move |_| {
            let word = pictures.word();
            let word = word.map(|word| (pictures.target.get_value(), word));
            if wish.images.with_untracked(|known| *known != word) {
                wish.images.set(word);
            }
        });
        pictures
    }

    /// What goes to the address of the body.
    fn word(self) -> Option<String> {
        let consent = self
            .remote
            .with_value(|remote| remote.as_ref().map(|remote| remote.consent.clone()))?;
        let trusted = self.trusted.get();
        if self.shown.get() {
            Some(consent)
        } else if trusted == self.before {
            None
        } else {
            // These mean nothing but make another address, so that the frame is loaded anew.
            Some(if trusted { "always" } else { "never" }.to_owned())
        }
    }

    /// Asks what was found in the body, where that is not known yet.
    pub fn ask(self) {
        let unknown =
            self.remote.with_value(Option::is_some) && self.blocked.get_untracked().is_none();
        if unknown {
            let Target {
                folder,
                uid_validity,
                uid,
            } = self.target.get_value();
            spawn_local(async move {
                if let Ok(found @ Some(_)) = api::remote::blocked(folder, uid_validity, uid).await {
                    self.blocked.try_set(found);
                }
            });
        }
    }

    fn trust(self, here: Here, sender: String) {
        // At once, by the consent that stands in the page.
        self.shown.set(true);
        spawn_local(async move {
            match api::remote::trust_sender(sender, String::new()).await {
                Ok(()) => {
                    self.trusted.try_set(true);
                    here.toast.set(Some(Toast::Done(Notice::SenderTrusted)));
                }
                Err(error) => here.toast.set(Some(Toast::Failed(error))),
            }
        });
    }

    fn distrust(self, here: Here, sender: String) {
        spawn_local(async move {
            match api::remote::distrust_sender(sender, String::new()).await {
                Ok(()) => {
                    self.shown.try_set(false);
                    self.trusted.try_set(false);
                    self.blocked.try_set(None);
                    here.toast.set(Some(Toast::Done(Notice::SenderNotTrusted)));
                }
                Err(error) => here.toast.set(Some(Toast::Failed(error))),
            }
        });
    }
}

/// Above the body: that images were not loaded, and the ways to see them.
#[component]
pub fn RemoteBar(pictures: Pictures, as_text: Memo<bool>) -> impl IntoView {
    move || {
        let remote = pictures.remote.get_value().filter(|_| !as_text.get())?;
        if pictures.trusted.get() {
            return remote
                .sender
                .map(|sender| view! { <Trusted pictures sender /> }.into_any());
        }
        let blocked = pictures.blocked.get();
        let nothing = blocked.is_some_and(|blocked| blocked.images == 0);
        (!nothing && !pictures.shown.get())
            .then(|| view! { <Offer pictures remote blocked /> }.into_any())
    }
}

#[component]
fn Offer(pictures: Pictures, remote: Remote, blocked: Option<Blocked>) -> impl IntoView {
    let here = Mailbox::find().here;
    let locale = here.locale;
    let location = use_location();
    let path = location.pathname.get_untracked();
    let search = location.search.get_untracked();
    // A form that is got replaces the whole query.
    let fields: Vec<_> = search
        .trim_start_matches('?')
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(name, _)| *name != "images")
        .map(|(name, value)| {
            let value = route::decode(&value.replace('+', " "));
            view! { <input type="hidden" name=name.to_owned() value=value /> }
        })
        .collect();
    let show = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        pictures.shown.set(true);
    };
    let always = remote.sender.map(|sender| {
        let back = back(&path, &search);
        let address = sender.clone();
        let submit = move |event: leptos::ev::SubmitEvent| {
            event.prevent_default();
            pictures.trust(here, address.clone());
        };
        view! {
            <form method="post" action="/api/trust_sender" on:submit=submit>
                <input type="hidden" name="sender" value=sender.clone() />
                <input type="hidden" name="back" value=back />
                <button type="submit" class="button quiet" title=sender>
                    {locale.text(Key::RemoteAlways)}
                </button>
            </form>
        }
    });
    view! {
        <div class="info-bar remote-bar" class:pending=blocked.is_none()>
            <Icon name="image" />
            <span>{told(locale, blocked)}</span>
            <form method="get" action=path.clone() on:submit=show>
                {fields}
                <input type="hidden" name="images" value=remote.consent />
                <button type="submit" class="button">
                    {locale.text(Key::RemoteShow)}
                </button>
            </form>
            {always}
        </div>
    }
}

/// That the sender's images are always shown, and how to end it.
#[component]
fn Trusted(pictures: Pictures, sender: String) -> impl IntoView {
    let here = Mailbox::find().here;
    let locale = here.locale;
    let location = use_location();
    let back = back(
        &location.pathname.get_untracked(),
        &location.search.get_untracked(),
    );
    let address = sender.clone();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        pictures.distrust(here, address.clone());
    };
    let says = locale.fill(Key::RemoteTrusted, &[("sender", &sender)]);
    view! {
        <div class="info-bar remote-bar">
            <Icon name="image" />
            <span>{says}</span>
            <form method="post" action="/api/distrust_sender" on:submit=submit>
                <input type="hidden" name="sender" value=sender />
                <input type="hidden" name="back" value=back />
                <button type="submit" class="button quiet">
                    {locale.text(Key::RemoteNoLonger)}
                </button>
            </form>
        </div>
    }
}

/// The page at hand, as a plain form comes back to it.
fn back(path: &str, search: &str) -> String {
    let search = search.trim_start_matches('?');
    let kept: Vec<&str> = search
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("images="))
        .collect();
    if kept.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", kept.join("&"))
    }
}

fn told(locale: Locale, blocked: Option<Blocked>) -> String {
    let Some(Blocked { images, pixels }) = blocked else {
        return locale.text(Key::RemoteNotLoaded).to_owned();
    };
    let mut text = locale.count(
        Key::RemoteImagesOne,
        Key::RemoteImagesOther,
        u64::from(images),
    );
    if pixels > 0 {
        text.push(' ');
        text.push_str(&locale.count(
            Key::RemotePixelsOne,
            Key::RemotePixelsOther,
            u64::from(pixels),
        ));
    }
    text
}

/// In the settings: the senders whose images are always shown.
#[component]
pub fn TrustedSenders() -> impl IntoView {
    let here = Here::find();
    let locale = here.locale;
    let asked = RwSignal::new(0_u32);
    let senders = fetched(move || asked.get(), |_| fetch::trusted_senders());
    let remove = move |sender: String| {
        spawn_local(async move {
            match api::remote::distrust_sender(sender, String::new()).await {
                Ok(()) => {
                    here.toast.set(Some(Toast::Done(Notice::SenderNotTrusted)));
                    asked.update(|n| *n = n.wrapping_add(1));
                }
                Err(error) => here.toast.set(Some(Toast::Failed(error))),
            }
        });
    };
    let row = move |sender: String| {
        let address = sender.clone();
        let says = locale.fill(Key::RemoteRemoveName, &[("sender", &sender)]);
        let submit = move |event: leptos::ev::SubmitEvent| {
            event.prevent_default();
            remove(address.clone());
        };
        view! {
            <li>
                <span dir="auto">{sender.clone()}</span>
                <form method="post" action="/api/distrust_sender" on:submit=submit>
                    <input type="hidden" name="sender" value=sender />
                    <input type="hidden" name="back" value="/settings/appearance" />
                    <button type="submit" class="button quiet" aria-label=says>
                        {locale.text(Key::RemoteRemove)}
                    </button>
                </form>
            </li>
        }
    };
    view! {
        <div class="card">
            <h2 id="trusted-title">{locale.text(Key::RemoteSettings)}</h2>
            <p>{locale.text(Key::RemoteSettingsText)}</p>
            <Awaited>
                {move || match senders.get() {
                    None => ().into_any(),
                    Some(Err(error)) => view! { <Problem error /> }.into_any(),
                    Some(Ok(senders)) if senders.is_empty() => {
                        view! { <p class="settings-text">{locale.text(Key::RemoteNobody)}</p> }.into_any()
                    }
                    Some(Ok(senders)) => {
                        view! {
                            <ul class="trusted-senders" aria-labelledby="trusted-title">
                                {senders.into_iter().map(row).collect_view()}
                            </ul>
                        }
                            .into_any()
                    }
                }}
            </Awaited>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::back;

    #[test]
    fn the_way_back_asks_for_no_images() {
        assert_eq!(back("/mail/a/1", ""), "/mail/a/1");
        assert_eq!(back("/mail/a/1", "?v=2&images=x&q=y"), "/mail/a/1?v=2&q=y");
    }
}
