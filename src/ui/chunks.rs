//! What a mailbox that is just opened does not need stands in files of its own, which the browser
//! loads when the page is idle, or at once where it is asked for. Each such chunk has one function
//! in it, which makes any of its views; the build cuts the WebAssembly there.
//!
//! A view of a chunk that is there is made at once and in its place, as on the server, where all is
//! there: so the page that is taken over is the page that was sent. What such a page shows is
//! loaded before it is taken over ([`needed`]); until then it works as without JavaScript.

use super::body_frame::BodyWish;
use super::browser;
use super::commands::Commands;
use super::composer::Composer;
use super::conversation::{ConversationStrip, Side};
use super::mailbox::Target;
use super::palette::Dialogs;
use super::problem::Problem;
use super::reader::Head;
use super::route::{self, Page};
use super::settings::Settings;
use super::toolbar::Toolbar;
use crate::model::{Conversation, Error, Message};
use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// How long after a failure a chunk is asked for again.
const AGAIN: Duration = Duration::from_secs(10);

/// A part of the WebAssembly that is a file of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// Reading a message.
    Reading,
    /// The composer, the settings, and the dialogs of the palette.
    Desk,
}

impl Chunk {
    /// As the build names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Desk => "desk",
        }
    }
}

/// How far a chunk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nobody has asked for it.
    Away,
    Coming,
    /// It could not be loaded; it is tried again.
    Failed,
    There,
}

/// The chunks in context.
#[derive(Clone, Copy, Debug)]
pub struct Chunks {
    reading: RwSignal<Progress>,
    desk: RwSignal<Progress>,
    /// Whether the dialogs of the palette are wanted: never in the page that the server sends.
    dialogs: RwSignal<bool>,
    /// The dialog that was called before it was there.
    called: StoredValue<Option<&'static str>>,
}

/// The chunk that a page shows something of.
pub fn needed(path: &str) -> Option<Chunk> {
    match route::page(path) {
        Page::Message(..) => Some(Chunk::Reading),
        Page::Compose | Page::Settings(_) => Some(Chunk::Desk),
        Page::Folder(_) | Page::Other => None,
    }
}

impl Chunks {
    /// Puts them into the context, unless the browser's entry has.
    pub fn provide() {
        if use_context::<Self>().is_none() {
            provide_context(Self::new(None));
        }
    }

    /// Those of which `there` has been loaded. On the server all have.
    pub fn new(there: Option<Chunk>) -> Self {
        let progress = |chunk| {
            RwSignal::new(if cfg!(feature = "ssr") || there == Some(chunk) {
                Progress::There
            } else {
                Progress::Away
            })
        };
        Self {
            reading: progress(Chunk::Reading),
            desk: progress(Chunk::Desk),
            dialogs: RwSignal::new(false),
            called: StoredValue::new(None),
        }
    }

    /// From the context.
    #[track_caller]
    pub fn find() -> Self {
        expect_context()
    }

    fn signal(self, chunk: Chunk) -> RwSignal<Progress> {
        match chunk {
            Chunk::Reading => self.reading,
            Chunk::Desk => self.desk,
        }
    }

    /// How far a chunk is that is needed now.
    pub fn progress(self, chunk: Chunk) -> Progress {
        let progress = self.signal(chunk).get();
        self.fetch(chunk);
        progress
    }

    /// Loads a chunk that nobody has asked for, and tries again until it is there.
    pub fn fetch(self, chunk: Chunk) {
        let signal = self.signal(chunk);
        if signal.get_untracked() != Progress::Away {
            return;
        }
        // Nothing shows this.
        *signal.write_untracked() = Progress::Coming;
        self.ask(chunk);
    }

    /// Loads all of them when the browser has nothing else to do, so that they are there when the
    /// network no longer is.
    #[cfg_attr(
        not(feature = "hydrate"),
        allow(dead_code, reason = "only the browser is idle")
    )]
    pub fn fetch_when_idle(self) {
        browser::when_idle(move || {
            self.fetch(Chunk::Reading);
            self.fetch(Chunk::Desk);
            self.dialogs.set(true);
        });
    }

    fn ask(self, chunk: Chunk) {
        let signal = self.signal(chunk);
        leptos::task::spawn_local(async move {
            if load(chunk).await {
                signal.set(Progress::There);
            } else {
                signal.set(Progress::Failed);
                set_timeout(move || self.ask(chunk), AGAIN);
            }
        });
    }

    /// A view of the desk, or what stands in its place until it is there.
    pub fn desk(self, part: Desk) -> AnyView {
        match self.progress(Chunk::Desk) {
            Progress::There => part.view(),
            Progress::Failed => view! { <Problem error=Error::Offline heading=true /> }.into_any(),
            Progress::Away | Progress::Coming => part.coming(),
        }
    }

    /// Whether the dialogs of the palette are wanted and there.
    pub fn has_dialogs(self) -> bool {
        self.dialogs.get() && self.progress(Chunk::Desk) == Progress::There
    }

    /// Opens a dialog of the palette, as soon as it is there.
    pub fn open_dialog(self, id: &'static str) -> bool {
        if !browser::open_popover(id) {
            self.called.set_value(Some(id));
            self.dialogs.set(true);
        }
        true
    }

    /// Opens the dialog that was called before it was there.
    pub fn open_called(self) {
        if let Some(id) = self.called.get_value() {
            self.called.set_value(None);
            browser::open_popover(id);
        }
    }

    /// Why no message can be read, if none can: `None` while that is not known.
    pub fn can_read(self) -> Option<Result<(), Error>> {
        match self.progress(Chunk::Reading) {
            Progress::There => Some(Ok(())),
            Progress::Failed => Some(Err(Error::Offline)),
            Progress::Away | Progress::Coming => None,
        }
    }
}

/// Loads a chunk; `false` if that failed.
pub async fn load(chunk: Chunk) -> bool {
    match chunk {
        Chunk::Reading => load_reading().await,
        Chunk::Desk => load_desk().await,
    }
    .is_ok()
}

/// The views for reading a message.
#[allow(
    clippy::large_enum_variant,
    reason = "made and taken at once, never kept"
)]
pub enum Reading {
    Toolbar(Message, Target, Memo<bool>),
    Head(Message, BodyWish, Memo<bool>),
    Strip(Conversation, String, u32, Side),
}

impl Reading {
    /// The view; nothing while the chunk is not there.
    pub fn view(self) -> AnyView {
        now(reading(self))
    }
}

#[wasm_split(reading, wasm_split_path = ::leptos::wasm_split, fallible, preload(load_reading))]
#[allow(
    clippy::unnecessary_wraps,
    reason = "the macro wants a place for its failure"
)]
fn reading(part: Reading) -> Result<AnyView, SplitLoaderError> {
    Ok(match part {
        Reading::Toolbar(message, target, as_text) => {
            view! { <Toolbar message target as_text /> }.into_any()
        }
        Reading::Head(message, wish, as_text) => view! { <Head message wish as_text /> }.into_any(),
        Reading::Strip(conversation, folder, uid, side) => {
            view! { <ConversationStrip conversation folder uid side /> }.into_any()
        }
    })
}

/// The views of the desk.
#[allow(
    clippy::large_enum_variant,
    reason = "made and taken at once, never kept"
)]
pub enum Desk {
    Composer,
    Settings,
    Dialogs(Commands),
}

impl Desk {
    /// The view; nothing while the chunk is not there.
    pub fn view(self) -> AnyView {
        now(desk(self))
    }

    /// What stands in its place until then.
    fn coming(&self) -> AnyView {
        match self {
            Self::Composer => view! {
                <section class="composer-pane">
                    <div class="composer" aria-busy="true">
                        <span class="bone wide"></span>
                    </div>
                </section>
            }
            .into_any(),
            Self::Settings => view! {
                <section class="settings" aria-busy="true">
                    <div class="card">
                        <span class="bone"></span>
                    </div>
                    <div class="card">
                        <span class="bone wide"></span>
                    </div>
                </section>
            }
            .into_any(),
            Self::Dialogs(_) => ().into_any(),
        }
    }
}

#[wasm_split(desk, wasm_split_path = ::leptos::wasm_split, fallible, preload(load_desk))]
#[allow(
    clippy::unnecessary_wraps,
    reason = "the macro wants a place for its failure"
)]
fn desk(part: Desk) -> Result<AnyView, SplitLoaderError> {
    Ok(match part {
        Desk::Composer => view! { <Composer /> }.into_any(),
        Desk::Settings => view! { <Settings /> }.into_any(),
        Desk::Dialogs(commands) => view! { <Dialogs commands /> }.into_any(),
    })
}

/// What is there at once where the chunk is.
fn now(view: impl Future<Output = Result<AnyView, SplitLoaderError>>) -> AnyView {
    match pin!(view).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(view)) => view,
        Poll::Ready(Err(_)) | Poll::Pending => ().into_any(),
    }
}
