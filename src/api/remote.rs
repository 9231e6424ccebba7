//! Images from the net: what was blocked in a body, and the senders whose images are always shown.

use crate::model::wire::Wired;
use crate::model::{Blocked, Error};
use leptos::prelude::*;

/// What was not loaded of a message's body when it was shown last; nothing where it was not.
#[server(name = BlockedCall, prefix = "/api", endpoint = "blocked", output = Wired)]
#[allow(clippy::unused_async, reason = "a server function is asynchronous")]
pub async fn blocked(
    folder: String,
    uid_validity: u32,
    uid: u32,
) -> Result<Option<Blocked>, Error> {
    use crate::server::caller::Caller;
    let caller = Caller::find()?;
    let session = caller.session()?;
    let message = (folder.as_str(), uid_validity, uid);
    Ok(caller.state.seen.get(&session.user, message))
}

/// Shows images of this sender from now on.
#[server(prefix = "/api", endpoint = "trust_sender", output = Wired)]
pub async fn trust_sender(sender: String, #[server(default)] back: String) -> Result<(), Error> {
    use crate::mail::address;
    use crate::model::Notice;
    use crate::server::caller::Caller;
    let caller = Caller::find()?;
    let session = caller.session()?;
    let sender = sender.trim().to_lowercase();
    let result = if sender.len() <= 320 && address::valid(&sender) {
        let stored = caller.state.storage.trust(&session.user, &sender).await;
        stored.map_err(|error| {
            tracing::error!(%error, "a trusted sender could not be stored");
            Error::Internal
        })
    } else {
        Err(Error::BadRequest)
    };
    caller.done(result, &back, Some(Notice::SenderTrusted))
}

/// Does so no longer.
#[server(prefix = "/api", endpoint = "distrust_sender", output = Wired)]
pub async fn distrust_sender(sender: String, #[server(default)] back: String) -> Result<(), Error> {
    use crate::model::Notice;
    use crate::server::caller::Caller;
    let caller = Caller::find()?;
    let session = caller.session()?;
    let stored = caller.state.storage.distrust(&session.user, &sender).await;
    let result = stored.map_err(|error| {
        tracing::error!(%error, "a trusted sender could not be removed");
        Error::Internal
    });
    caller.done(result, &back, Some(Notice::SenderNotTrusted))
}

/// The senders whose images are always shown.
#[server(prefix = "/api", endpoint = "trusted_senders", output = Wired)]
pub async fn trusted_senders() -> Result<Vec<String>, Error> {
    use crate::server::caller::Caller;
    crate::server::pictures::trusted_senders(&Caller::find()?).await
}
