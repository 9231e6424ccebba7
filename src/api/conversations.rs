//! Looking at conversations: a window of a folder's, and one whole.

use crate::model::wire::Wired;
use crate::model::{Conversation, ConversationWindow, Error};
use leptos::prelude::*;

/// The conversations of a folder from position `first` to `last`, at most 200; 0 is the newest.
#[server(name = ConversationsCall, prefix = "/api", endpoint = "conversations", output = Wired)]
pub async fn conversations(
    folder: String,
    first: u32,
    last: u32,
) -> Result<ConversationWindow, Error> {
    let caller = crate::server::caller::Caller::find()?;
    crate::server::conversations::conversations(&caller, &folder, first, last).await
}

/// The conversation of a message, with what is in Sent.
#[server(name = ConversationCall, prefix = "/api", endpoint = "conversation", output = Wired)]
pub async fn conversation(
    folder: String,
    uid_validity: Option<u32>,
    uid: u32,
) -> Result<Conversation, Error> {
    let caller = crate::server::caller::Caller::find()?;
    crate::server::conversations::conversation(&caller, &folder, uid_validity, uid).await
}
