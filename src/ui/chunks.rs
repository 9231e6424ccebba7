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
use super::finding::{Everything, Underway};
use super::hits_bar::HitsBar;
use super::login::Login;
use super::mailbox::Target;
use super::palette::Dialogs;
use super::problem::Problem;
use super::reader::Head;
use super::route::{self, Page};
use super::settings::Settings;
use super::suggest::{Suggestion, Typed, suggest};
use super::toolbar::Toolbar;
use crate::model::{Conversation, Error, Message, SearchPage};
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
    /// What a search finds, and what the search box suggests.
    Search,
    /// Signing in.
    Entry,
}

impl Chunk {
    /// As the build names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Desk => "desk",
            Self::Search => "search",
            Self::Entry => "entry",
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
    search: RwSignal<Progress>,
    entry: RwSignal<Progress>,
    /// Whether the dialogs of the palette are wanted: never in the page that the server sends.
    dialogs: RwSignal<bool>,
    /// The dialog that was called before it was there.
    called: StoredValue<Option<&'static str>>,
}

/// The chunks that a page shows something of, by its path and its query.
pub fn needed(path: &str, query: &str) -> Vec<Chunk> {
    let page = route::page(path);
    let mut needed = Vec::new();
    match page {
        Page::Message(..) => needed.push(Chunk::Reading),
        Page::Compose | Page::Settings(_) => needed.push(Chunk::Desk),
        Page::Other if path == "/login" => needed.push(Chunk::Entry),
        Page::Folder(_) | Page::Other => {}
    }
    if matches!(page, Page::Folder(_) | Page::Message(..))
        && route::query_value(query, "q").is_some_and(|words| !words.is_empty())
    {
        needed.push(Chunk::Search);
    }
    needed
}

impl Chunks {
    /// Puts them into the context, unless the browser's entry has.
    pub fn provide() {
        if use_context::<Self>().is_none() {
            provide_context(Self::new(&[]));
        }
    }

    /// Those of which `there` have been loaded. On the server all have.
    pub fn new(there: &[Chunk]) -> Self {
        let progress = |chunk| {
            RwSignal::new(if cfg!(feature = "ssr") || there.contains(&chunk) {
                Progress::There
            } else {
                Progress::Away
            })
        };
        Self {
            reading: progress(Chunk::Reading),
            desk: progress(Chunk::Desk),
            search: progress(Chunk::Search),
            entry: progress(Chunk::Entry),
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
            Chunk::Search => self.search,
            Chunk::Entry => self.entry,
        }
    }

    /// How far a chunk is that is needed now.
    pub fn progress(self, chunk: Chunk) -> Progress {
        let progress = self.signal(chunk).get();
        self.fetch(chunk);
        progress
    }

    /// Whether a chunk is there, whoever needs it.
    pub fn has(self, chunk: Chunk) -> bool {
        self.signal(chunk).get() == Progress::There
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
            self.fetch(Chunk::Search);
            self.fetch(Chunk::Desk);
            self.fetch(Chunk::Entry);
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

    /// What a search finds, or what stands in its place until it can be shown.
    pub fn search(self, part: Search) -> AnyView {
        self.shown(Chunk::Search, || now(search(part)))
    }

    /// What the search box suggests; nothing while the chunk is not there.
    pub fn suggest(self, typed: Typed, found: RwSignal<Vec<Suggestion>>) {
        if untrack(|| self.has(Chunk::Search)) {
            now(search(Search::Suggestions(typed, found)));
        } else {
            self.fetch(Chunk::Search);
        }
    }

    /// The page on which one signs in.
    pub fn entry(self) -> AnyView {
        self.shown(Chunk::Entry, || now(entry()))
    }

    /// A view of a chunk; nothing until it is there, and what went wrong where it does not come.
    fn shown(self, chunk: Chunk, view: impl FnOnce() -> AnyView) -> AnyView {
        match self.progress(chunk) {
            Progress::There => view(),
            Progress::Failed => view! { <Problem error=Error::Offline heading=true /> }.into_any(),
            Progress::Away | Progress::Coming => ().into_any(),
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
        Chunk::Search => load_search().await,
        Chunk::Entry => load_entry().await,
    }
    .is_ok()
}

/// The views for reading a message.
#[allow(
    clippy::large_enum_variant,
    reason = "made and taken at once, never kept"
)]
pub enum Reading {
    Toolbar(Message, Target, BodyWish, Memo<bool>),
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
        Reading::Toolbar(message, target, wish, as_text) => {
            view! { <Toolbar message target wish as_text /> }.into_any()
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

/// What the chunk of searching makes.
#[allow(
    clippy::large_enum_variant,
    reason = "made and taken at once, never kept"
)]
pub enum Search {
    /// What is found while there is more to come.
    Underway,
    /// All that was found in all folders.
    Everything(SearchPage),
    /// What acts on those of them that are chosen.
    Bar,
    /// No view: it puts what is suggested for what was typed where it is shown from.
    Suggestions(Typed, RwSignal<Vec<Suggestion>>),
}

#[wasm_split(search, wasm_split_path = ::leptos::wasm_split, fallible, preload(load_search))]
#[allow(
    clippy::unnecessary_wraps,
    reason = "the macro wants a place for its failure"
)]
fn search(part: Search) -> Result<AnyView, SplitLoaderError> {
    Ok(match part {
        Search::Underway => view! { <Underway /> }.into_any(),
        Search::Everything(page) => view! { <Everything page /> }.into_any(),
        Search::Bar => view! { <HitsBar /> }.into_any(),
        Search::Suggestions(typed, found) => {
            found.set(suggest(&typed));
            ().into_any()
        }
    })
}

#[wasm_split(entry, wasm_split_path = ::leptos::wasm_split, fallible, preload(load_entry))]
#[allow(
    clippy::unnecessary_wraps,
    reason = "the macro wants a place for its failure"
)]
fn entry() -> Result<AnyView, SplitLoaderError> {
    Ok(view! { <Login /> }.into_any())
}

/// What is there at once where the chunk is.
fn now(view: impl Future<Output = Result<AnyView, SplitLoaderError>>) -> AnyView {
    match pin!(view).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(view)) => view,
        Poll::Ready(Err(_)) | Poll::Pending => ().into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Chunk, needed};

    #[test]
    fn a_page_needs_the_chunks_that_it_shows() {
        assert!(needed("/mail/INBOX", "page=2").is_empty());
        assert!(needed("/mail/INBOX", "q=&sort=size").is_empty());
        assert_eq!(needed("/mail/INBOX", "sort=size&q=a"), [Chunk::Search]);
        assert_eq!(
            needed("/mail/INBOX/7", "q=a"),
            [Chunk::Reading, Chunk::Search]
        );
        assert_eq!(needed("/compose", "q=a"), [Chunk::Desk]);
        assert_eq!(needed("/login", "next=%2F"), [Chunk::Entry]);
        assert!(needed("/elsewhere", "").is_empty());
    }
}
