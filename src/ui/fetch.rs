//! What the page is made of: the browser asks the server for it; a page that the server renders has
//! had it fetched before (`server/load.rs`), so there nothing is under way, and nothing waits.

use super::finding::Finding;
use super::mailbox::{Carded, MessageKey, Resembled, Target};
use crate::model::wire::Wire;
use crate::model::{
    ComposeQuery, Composition, Conversation, Error, Folder, Listing, Message, Quota, SearchPage,
    Window,
};
use leptos::children::{TypedChildren, ViewFnOnce};
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

#[cfg(not(feature = "ssr"))]
use crate::api::mailbox as api;
#[cfg(feature = "ssr")]
use crate::server::load::Loaded;

/// The folders. How full the mailbox is comes along, and `told` gets to know it.
#[cfg(not(feature = "ssr"))]
pub async fn folders(told: RwSignal<Option<Quota>>) -> Result<Vec<Folder>, Error> {
    let found = api::folders().await?;
    told.set(found.quota);
    Ok(found.folders)
}

#[cfg(feature = "ssr")]
pub fn folders(
    _: RwSignal<Option<Quota>>,
) -> impl Future<Output = Result<Vec<Folder>, Error>> + Send {
    let found = Loaded::find().folders.clone();
    std::future::ready(found.map_or(Ok(Vec::new()), |found| found.map(|found| found.folders)))
}

/// How full the mailbox is: what the browser was `told` since the page came, else what the page
/// was made with.
#[cfg(not(feature = "ssr"))]
pub fn quota(told: Option<Quota>) -> impl Future<Output = Option<Quota>> + Send {
    std::future::ready(told)
}

#[cfg(feature = "ssr")]
pub fn quota(_: Option<Quota>) -> impl Future<Output = Option<Quota>> + Send {
    let found = Loaded::find().folders.clone();
    std::future::ready(found.and_then(Result::ok).and_then(|found| found.quota))
}

/// What a list opens with: a page of it, and what was found where the search is in all folders.
pub type Opening = (Window, Option<SearchPage>);

/// A page of a folder. A search tells `finding` what it finds meanwhile.
#[cfg(not(feature = "ssr"))]
pub async fn window(
    finding: Finding,
    folder: String,
    listing: Listing,
    page: u32,
) -> Option<Result<Opening, Error>> {
    #[cfg(feature = "hydrate")]
    if !listing.query.is_empty() {
        let (folder, listing) = (folder.clone(), listing.clone());
        let (tell, told) = futures_channel::oneshot::channel();
        // What the browser hands out cannot be waited for in what may change threads, which there
        // are none of.
        leptos::task::spawn_local(async move {
            let _ = tell.send(super::stream::search(finding, &folder, &listing).await);
        });
        if let Ok(Err(error)) = told.await {
            return Some(Err(error));
        }
    }
    let window = match api::window(folder, listing, page).await {
        Ok(window) => window,
        Err(error) => return Some(Err(error)),
    };
    let everywhere = window.notes.as_ref().is_some_and(|notes| notes.everywhere);
    Some(Ok((window, everywhere.then(|| finding.page()))))
}

#[cfg(feature = "ssr")]
pub fn window(
    _: Finding,
    _: String,
    _: Listing,
    _: u32,
) -> impl Future<Output = Option<Result<Opening, Error>>> + Send {
    let loaded = Loaded::find();
    let found = loaded.found.clone();
    let window = loaded.window.clone();
    std::future::ready(window.map(|window| window.map(|window| (window, found))))
}

/// Rows of a folder, by their ordinals. The server's page has them from the window.
#[cfg(not(feature = "ssr"))]
pub async fn rows(
    folder: String,
    listing: Listing,
    first: u32,
    last: u32,
) -> Result<Window, Error> {
    api::rows(folder, listing, first, last).await
}

#[cfg(feature = "ssr")]
pub fn rows(
    _: String,
    _: Listing,
    _: u32,
    _: u32,
) -> impl Future<Output = Result<Window, Error>> + Send {
    std::future::ready(Err(Error::Internal))
}

/// The message that is open, if one is.
#[cfg(not(feature = "ssr"))]
pub async fn message(key: Option<MessageKey>) -> Option<Result<Message, Error>> {
    let (folder, uid, uid_validity, headers) = key?;
    Some(api::message(folder, uid, uid_validity, headers).await)
}

#[cfg(feature = "ssr")]
pub fn message(
    key: Option<MessageKey>,
) -> impl Future<Output = Option<Result<Message, Error>>> + Send {
    std::future::ready(key.and_then(|_| Loaded::find().message.clone()))
}

/// Whether there is no reason to believe that the message is not there.
pub fn message_is_there() -> bool {
    #[cfg(feature = "ssr")]
    return Loaded::find().message.as_ref().is_some_and(Result::is_ok);
    #[cfg(not(feature = "ssr"))]
    true
}

/// What belongs to a message; nothing where it cannot be found out, since the message can be read
/// all the same.
#[cfg(not(feature = "ssr"))]
pub async fn conversation(key: Option<MessageKey>) -> Option<Conversation> {
    let (folder, uid, uid_validity, _) = key?;
    crate::api::conversations::conversation(folder, uid_validity, uid)
        .await
        .ok()
}

#[cfg(feature = "ssr")]
pub fn conversation(key: Option<MessageKey>) -> impl Future<Output = Option<Conversation>> + Send {
    std::future::ready(key.and_then(|_| Loaded::find().conversation.clone()))
}

/// The senders whose images are always shown.
#[cfg(not(feature = "ssr"))]
pub async fn trusted_senders() -> Result<Vec<String>, Error> {
    crate::api::remote::trusted_senders().await
}

#[cfg(feature = "ssr")]
pub fn trusted_senders() -> impl Future<Output = Result<Vec<String>, Error>> + Send {
    let senders = Loaded::find().trusted_senders.clone();
    std::future::ready(senders.unwrap_or_else(|| Ok(Vec::new())))
}

/// The cards of a message that has some.
#[cfg(not(feature = "ssr"))]
pub async fn cards(target: Option<Target>) -> Option<Carded> {
    let of = target?;
    let target = of.clone();
    let cards = crate::api::beside::cards(target.folder, target.uid_validity, target.uid).await;
    Some((of, cards))
}

#[cfg(feature = "ssr")]
pub fn cards(_: Option<Target>) -> impl Future<Output = Option<Carded>> + Send {
    let loaded = Loaded::find();
    std::future::ready(open_message(&loaded).zip(loaded.cards.clone()))
}

/// The message that the page shows.
#[cfg(feature = "ssr")]
fn open_message(loaded: &Loaded) -> Option<Target> {
    match &loaded.message {
        Some(Ok(message)) => Some(Target {
            folder: message.folder.clone(),
            uid_validity: message.uid_validity,
            uid: message.uid,
        }),
        _ => None,
    }
}

/// Whom the sender of a message looks like, where that is not known yet; nothing where it cannot be
/// found out, since the message can be read all the same.
#[cfg(not(feature = "ssr"))]
pub async fn resemblances(target: Option<Target>) -> Option<Resembled> {
    let of = target?;
    let target = of.clone();
    let found =
        crate::api::beside::resemblances(target.folder, target.uid_validity, target.uid).await;
    Some((of, found.ok()?))
}

#[cfg(feature = "ssr")]
pub fn resemblances(_: Option<Target>) -> impl Future<Output = Option<Resembled>> + Send {
    let loaded = Loaded::find();
    let found = loaded.resemblances.clone().and_then(Result::ok);
    std::future::ready(open_message(&loaded).zip(found))
}

/// What the composer opens with.
#[cfg(not(feature = "ssr"))]
pub async fn composition(query: ComposeQuery) -> Result<Composition, Error> {
    api::composition(query).await
}

#[cfg(feature = "ssr")]
pub fn composition(_: ComposeQuery) -> impl Future<Output = Result<Composition, Error>> + Send {
    let composition = Loaded::find().composition.clone();
    std::future::ready(composition.unwrap_or(Err(Error::Internal)))
}

/// What the page asks for, read from the page the server sent or fetched anew.
pub type Fetched<T> = Resource<T, Wire>;

/// Fetches what `source` names, again whenever that changes.
pub fn fetched<S, T, F>(
    source: impl Fn() -> S + Send + Sync + 'static,
    fetch: impl Fn(S) -> F + Send + Sync + 'static,
) -> Fetched<T>
where
    S: PartialEq + Clone + Send + Sync + 'static,
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    F: Future<Output = T> + Send + 'static,
{
    Resource::new_with_options(source, fetch, false)
}

/// A value that follows from others. In the browser it is remembered, so that what shows it changes
/// with it alone; on the server, where a page is made once, it is worked out where it is read.
pub fn derived<T>(work: impl Fn() -> T + Send + Sync + 'static) -> Signal<T>
where
    T: PartialEq + Send + Sync + 'static,
{
    #[cfg(feature = "ssr")]
    return Signal::derive(work);
    #[cfg(not(feature = "ssr"))]
    Memo::new(move |_| work()).into()
}

/// A part of the page that reads what may be under way: in the browser a `Transition`, which shows
/// `fallback` until it is there for the first time. On the server everything is there, and the
/// part is rendered at once.
#[component]
pub fn Awaited<V>(
    #[prop(optional, into)] fallback: ViewFnOnce,
    children: TypedChildren<V>,
) -> impl IntoView
where
    V: IntoView + Send + 'static,
{
    #[cfg(feature = "ssr")]
    {
        drop(fallback);
        // The browser's half counts the parts that can wait, and finds its data by that number.
        if let Some(context) = Owner::current_shared_context() {
            context.next_id();
        }
        children.into_inner()()
    }
    #[cfg(not(feature = "ssr"))]
    {
        Transition(
            TransitionProps::builder()
                .fallback(fallback)
                .children(children)
                .build(),
        )
    }
}
