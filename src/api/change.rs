//! Changing messages: flags, moving, deleting. Each names UIDs and the UIDVALIDITY they were read
//! under, so that nothing else can be meant. `back` is where a form without JavaScript is led.

#![allow(
    clippy::too_many_arguments,
    reason = "a server function has as many as its form has fields"
)]

use crate::model::wire::Wired;
use crate::model::{Change, Changed, Error, Listing, Whereabouts};
use leptos::prelude::*;

/// Changes one message.
#[server(name = ChangeCall, prefix = "/api", endpoint = "change", output = Wired)]
pub async fn change(
    folder: String,
    uid_validity: u32,
    uid: u32,
    change: Change,
    /// The folder to move to.
    #[server(default)]
    target: String,
    #[server(default)] back: String,
) -> Result<Changed, Error> {
    use crate::server::caller::Caller;
    use crate::server::changing::{self, Those};
    let caller = Caller::find()?;
    let those = Those {
        folder: &folder,
        uid_validity,
        uids: &[uid],
    };
    let result = changing::change(&caller, those, change, &target).await;
    let changed = result.clone().unwrap_or_default();
    let flash = changing::flash(&folder, change, &changed);
    caller.end(result.map(drop), &back, flash)?;
    Ok(changed)
}

/// Changes several messages: those of `uids`, as boxes that were ticked, each a set since a row may
/// stand for a conversation, or those of `set` (see `model::uid_set`). At most 1,000 at once. `undoes`: it takes another change back.
#[server(name = ChangeManyCall, prefix = "/api", endpoint = "change_many", output = Wired)]
pub async fn change_many(
    folder: String,
    uid_validity: u32,
    #[server(default)] uids: Vec<String>,
    #[server(default)] set: String,
    change: Change,
    /// The folder to move to.
    #[server(default)]
    target: String,
    #[server(default)] back: String,
    #[server(default)] undoes: bool,
) -> Result<Changed, Error> {
    use crate::model::uid_set;
    use crate::server::caller::Caller;
    use crate::server::changing::{self, Those};
    let caller = Caller::find()?;
    let set = if set.is_empty() { uids.join(",") } else { set };
    // That nothing was ticked is told as what goes wrong is, below.
    let uids = if set.is_empty() {
        Vec::new()
    } else {
        uid_set::parse(&set).ok_or(Error::BadRequest)?
    };
    let those = Those {
        folder: &folder,
        uid_validity,
        uids: &uids,
    };
    let result = changing::change(&caller, those, change, &target).await;
    let changed = result.clone().unwrap_or_default();
    let flash = if undoes {
        changing::undone()
    } else {
        changing::flash(&folder, change, &changed)
    };
    caller.end(result.map(drop), &back, flash)?;
    Ok(changed)
}

/// All messages of a list.
#[server(name = EverythingCall, prefix = "/api", endpoint = "everything", output = Wired)]
pub async fn everything(
    folder: String,
    #[server(default)] listing: Listing,
) -> Result<Whereabouts, Error> {
    let caller = crate::server::caller::Caller::find()?;
    crate::server::changing::everything(&caller, &folder, &listing).await
}
