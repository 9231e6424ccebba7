//! Looking: the folders, a page of a folder, a message, what the composer opens with.

use crate::model::wire::Wired;
use crate::model::{ComposeQuery, Composition, Error, Folders, Listing, Message, Window};
use leptos::prelude::*;

/// All folders with their counts, and how full the mailbox is.
#[server(name = FoldersCall, prefix = "/api", endpoint = "folders", output = Wired)]
pub async fn folders() -> Result<Folders, Error> {
    let caller = crate::server::caller::Caller::find()?;
    crate::server::mailbox::folders(&caller).await
}

/// The page `page` (1 is the newest) of a folder.
#[server(name = WindowCall, prefix = "/api", endpoint = "window", output = Wired)]
pub async fn window(
    folder: String,
    #[server(default)] listing: Listing,
    page: u32,
) -> Result<Window, Error> {
    let caller = crate::server::caller::Caller::find()?;
    crate::server::mailbox::window(&caller, &folder, &listing, page).await
}

/// The rows of a folder with the ordinals `first` to `last`, see `Envelope::ordinal`.
#[server(name = RowsCall, prefix = "/api", endpoint = "rows", output = Wired)]
pub async fn rows(
    folder: String,
    #[server(default)] listing: Listing,
    first: u32,
    last: u32,
) -> Result<Window, Error> {
    let caller = crate::server::caller::Caller::find()?;
    crate::server::mailbox::rows(&caller, &folder, &listing, first, last).await
}

/// A message; opening it marks it as read.
#[server(name = MessageCall, prefix = "/api", endpoint = "message", output = Wired)]
pub async fn message(
    folder: String,
    uid: u32,
    uid_validity: Option<u32>,
    headers: bool,
) -> Result<Message, Error> {
    use crate::server::marking::Marking;
    use crate::server::reading::{Place, open};
    let caller = crate::server::caller::Caller::find()?;
    let place = Place {
        folder,
        uid,
        uid_validity,
    };
    open(&caller, &place, headers, Marking::AfterText).await
}

/// What the composer opens with.
#[server(name = CompositionCall, prefix = "/api", endpoint = "composition", input = Wired, output = Wired)]
pub async fn composition(query: ComposeQuery) -> Result<Composition, Error> {
    let caller = crate::server::caller::Caller::find()?;
    crate::server::composing::open(&caller, &query).await
}
