//! What happens in the mailbox shows in an open page by itself: the browser's half listens to the
//! server's events (`server/event_stream.rs`) and puts counts right, or asks for the list anew.
//!
//! The stream is the page's to keep: it is opened for the folder that is shown, anew when another
//! one is, and again after it broke, with growing delays, at once when the browser is online again
//! or the page is looked at. After a gap everything is asked for anew, since nobody knows what was
//! missed; that it is broken is told by `ui/connection.rs`. Without JavaScript a reload shows the
//! truth.

use super::mailbox::Mailbox;

/// Lets what happens show in `mailbox`. On the server nothing happens.
#[cfg(not(feature = "hydrate"))]
pub fn follow(_: Mailbox) {}

/// Lets what happens show in `mailbox`.
#[cfg(feature = "hydrate")]
pub fn follow(mailbox: Mailbox) {
    use super::route::Page;
    use super::suggest::says_where;
    use crate::model::Event;
    use leptos::prelude::*;
    use std::time::Duration;

    /// How long what happens is gathered before the list is asked for again, and a search.
    const LISTED: Duration = Duration::from_millis(30);
    const SEARCHED: Duration = Duration::from_secs(1);

    let here = mailbox.here;
    let signed_in =
        Signal::derive(move || here.account.with(Option::is_some) && !here.leaving.get());
    let shown: Signal<Option<String>> =
        Signal::from(Memo::new(move |_| match mailbox.page.get() {
            // A search that names a folder shows that one's messages.
            Page::Folder(folder) | Page::Message(folder, _) => match mailbox.rows.list() {
                Some(list) if says_where(&list.listing.query) => Some(list.folder),
                _ => Some(folder),
            },
            _ => None,
        }));
    let waiting = StoredValue::new(false);
    // Counts and list mostly change together: one call does.
    let reload_soon = move || {
        if waiting.try_get_value() == Some(false) {
            waiting.set_value(true);
            let is_searched = move || {
                let key = mailbox.list_key.try_get_untracked().flatten();
                key.is_some_and(|(_, listing)| !listing.query.is_empty())
            };
            // What came is searched, and what was found looked at again, not for each mail: it
            // costs the mail server more than a list does.
            let wait = if is_searched() { SEARCHED } else { LISTED };
            set_timeout(
                move || {
                    // A search in all folders would have to be done again from its beginning, and
                    // one that is under way too.
                    if waiting.try_set_value(false).is_none()
                        && (!is_searched() || mailbox.list_now().is_some())
                    {
                        mailbox.reload_list();
                    }
                },
                wait,
            );
        }
    };
    let is_shown = move |folder: &String| shown.get_untracked().as_ref() == Some(folder);
    stream::watch(
        signed_in,
        shown,
        mailbox.trouble,
        move |event| match event {
            Event::Folder {
                name,
                total,
                unseen,
                ..
            } => {
                let news = mailbox.hear_counts(&name, total, unseen);
                if news && is_shown(&name) {
                    reload_soon();
                }
            }
            Event::Changed { folder } if is_shown(&folder) => reload_soon(),
            Event::Folders => mailbox.reload_counts(),
            Event::Quota(quota) => mailbox.told_quota.set(Some(quota)),
            _ => {}
        },
        move || mailbox.catch_up(),
    );
}

/// How long to wait before the stream is opened again, after so many failures in a row; `random`
/// between 0 and 1 keeps all pages from coming back at the same moment.
#[cfg(any(feature = "hydrate", test))]
fn delay(failures: u32, random: f64) -> std::time::Duration {
    let longest = 2_u32.saturating_pow(failures.clamp(1, 6)).min(60);
    std::time::Duration::from_secs(longest.into()).mul_f64(0.5 + random.min(1.0) / 2.0)
}

#[cfg(feature = "hydrate")]
mod stream {
    use super::super::connection::Trouble;
    use super::super::route;
    use super::delay;
    use crate::model::{Event, wire};
    use leptos::leptos_dom::helpers::{IntervalHandle, TimeoutHandle};
    use leptos::prelude::*;
    use std::time::Duration;
    use wasm_bindgen::JsCast as _;
    use wasm_bindgen::closure::Closure;
    use web_sys::{EventSource, MessageEvent};

    /// Quick changes from folder to folder open one stream.
    const SETTLE: Duration = Duration::from_millis(150);
    /// The server says something at least every 20 seconds; milliseconds after which it is gone.
    const SILENCE: f64 = 50_000.0;
    const LOOK: Duration = Duration::from_secs(30);
    /// A stream that finds no room is asked for again as late as one that failed so often.
    const NO_ROOM: u32 = 6;

    #[derive(Default)]
    struct Live {
        source: Option<EventSource>,
        message: Option<Closure<dyn FnMut(MessageEvent)>>,
        error: Option<Closure<dyn FnMut(web_sys::Event)>>,
        timer: Option<TimeoutHandle>,
        look: Option<IntervalHandle>,
        failures: u32,
        /// Something may have happened that was not heard.
        missed: bool,
        /// When the server was heard last, in milliseconds.
        heard: f64,
    }

    impl Live {
        fn close(&mut self) {
            if let Some(timer) = self.timer.take() {
                timer.clear();
            }
            if let Some(source) = self.source.take() {
                source.set_onmessage(None);
                source.set_onerror(None);
                source.close();
            }
        }
    }

    #[derive(Clone, Copy)]
    struct Stream {
        live: StoredValue<Live, LocalStorage>,
        signed_in: Signal<bool>,
        folder: Signal<Option<String>>,
        trouble: RwSignal<Option<Trouble>>,
    }

    impl Stream {
        /// Nothing where the page has been left.
        fn with<T>(self, act: impl FnOnce(&mut Live) -> T) -> Option<T> {
            self.live.try_update_value(act)
        }

        fn tell(self, trouble: Option<Trouble>) {
            if self
                .trouble
                .try_get_untracked()
                .is_some_and(|known| known != trouble)
            {
                self.trouble.set(trouble);
            }
        }

        fn open(self) {
            self.with(Live::close);
            if self.signed_in.try_get_untracked() != Some(true) {
                return;
            }
            let address = match self.folder.try_get_untracked().flatten() {
                Some(folder) => format!("/api/events?folder={}", route::encode(&folder)),
                None => "/api/events".to_owned(),
            };
            let Ok(source) = EventSource::new(&address) else {
                return;
            };
            self.with(|live| {
                let message = live.message.as_ref();
                source.set_onmessage(message.map(|call| call.as_ref().unchecked_ref()));
                let error = live.error.as_ref();
                source.set_onerror(error.map(|call| call.as_ref().unchecked_ref()));
                live.heard = js_sys::Date::now();
                live.source = Some(source);
            });
        }

        fn open_after(self, wait: Duration) {
            self.with(|live| {
                if let Some(timer) = live.timer.take() {
                    timer.clear();
                }
                live.timer = set_timeout_with_handle(move || self.open(), wait).ok();
            });
        }

        /// The stream broke, or never came to be.
        fn fail(self) {
            let failures = self.with(|live| {
                live.close();
                live.missed = true;
                live.failures = live.failures.saturating_add(1);
                live.failures
            });
            if let Some(failures) = failures {
                // One failure is a server that was restarted, or a laptop that slept.
                if failures > 1 {
                    self.tell(Some(Trouble::Server));
                }
                self.open_after(delay(failures, js_sys::Math::random()));
            }
        }

        fn is_silent(self) -> bool {
            self.with(|live| live.source.is_some() && js_sys::Date::now() - live.heard > SILENCE)
                .unwrap_or(false)
        }

        /// Opens the stream now if there is none, or none that lives.
        fn revive(self) {
            let dead = self.with(|live| live.source.is_none()).unwrap_or(false);
            if dead || self.is_silent() {
                self.with(|live| {
                    live.missed = true;
                    live.failures = 0;
                });
                self.open();
            }
        }
    }

    /// Listens while `signed_in`, for the folder that is shown. `on_resync` is called when anything
    /// may have happened.
    pub fn watch(
        signed_in: Signal<bool>,
        folder: Signal<Option<String>>,
        trouble: RwSignal<Option<Trouble>>,
        on_event: impl Fn(Event) + 'static,
        on_resync: impl Fn() + 'static,
    ) {
        let stream = Stream {
            live: StoredValue::new_local(Live::default()),
            signed_in,
            folder,
            trouble,
        };
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let Some(event) = event
                .data()
                .as_string()
                .and_then(|text| wire::read::<Event>(&text).ok())
            else {
                return;
            };
            stream.with(|live| live.heard = js_sys::Date::now());
            match event {
                Event::Hello => {
                    // That the mail server is away is told next, if it is.
                    stream.tell(None);
                    let missed = stream.with(|live| {
                        live.failures = 0;
                        std::mem::take(&mut live.missed)
                    });
                    if missed == Some(true) {
                        on_resync();
                    }
                }
                Event::Still => {}
                Event::Lost => stream.tell(Some(Trouble::Mail)),
                Event::Resync => on_resync(),
                Event::Back => {
                    stream.tell(None);
                    on_resync();
                }
                // Without a stream the page asks now and then, as long as somebody looks at it.
                Event::Full => {
                    stream.with(|live| {
                        live.close();
                        live.missed = true;
                        live.failures = 0;
                    });
                    stream.tell(Some(Trouble::Full));
                    stream.open_after(delay(NO_ROOM, js_sys::Math::random()));
                    if !document().hidden() {
                        on_resync();
                    }
                }
                // Not opened again until the page is looked at, or shows something else; one that is
                // looked at waits for room.
                Event::Parked => {
                    stream.with(|live| {
                        live.close();
                        live.missed = true;
                    });
                    if !document().hidden() {
                        stream.open_after(delay(NO_ROOM, js_sys::Math::random()));
                    }
                }
                Event::SessionEnded => {
                    stream.with(|live| {
                        live.close();
                        live.missed = true;
                    });
                    on_event(event);
                    // The answer will tell what is the matter.
                    on_resync();
                }
                event => on_event(event),
            }
        });
        let error = Closure::<dyn FnMut(web_sys::Event)>::new(move |_| stream.fail());
        let look = set_interval_with_handle(
            move || {
                if stream.is_silent() {
                    stream.fail();
                }
            },
            LOOK,
        );
        stream.with(|live| {
            live.message = Some(message);
            live.error = Some(error);
            live.look = look.ok();
        });

        Effect::new(move |_| {
            folder.track();
            if signed_in.get() {
                stream.open_after(SETTLE);
            } else {
                stream.with(Live::close);
            }
        });
        let online = window_event_listener_untyped("online", move |_| stream.revive());
        let offline = window_event_listener_untyped("offline", move |_| {
            // A stream over a network that has gone looks alive for a long time.
            stream.with(|live| {
                live.close();
                live.missed = true;
            });
            stream.tell(Some(Trouble::Offline));
        });
        let seen = window_event_listener_untyped("visibilitychange", move |_| {
            if !document().hidden() {
                stream.revive();
            }
        });
        on_cleanup(move || {
            online.remove();
            offline.remove();
            seen.remove();
            stream.with(|live| {
                live.close();
                if let Some(look) = live.look.take() {
                    look.clear();
                }
            });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::delay;
    use std::time::Duration;

    #[test]
    fn delays_grow_to_a_minute_and_differ() {
        let at_most = |failures| delay(failures, 1.0).as_secs();
        assert_eq!([0, 1, 2, 3, 9, 99].map(at_most), [2, 2, 4, 8, 60, 60]);
        assert_eq!(delay(1, 0.0), Duration::from_secs(1));
    }
}
