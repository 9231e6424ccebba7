//! What the server tells an open page, unasked.

use super::Quota;
use serde::{Deserialize, Serialize};

/// One thing that happened in the mailbox, or with the telling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The first on every stream: from here on nothing is missed. What happened before is told as
    /// [`Event::Folder`] of every folder.
    Hello,
    /// How a folder is now.
    Folder {
        name: String,
        total: u32,
        unseen: u32,
        uid_validity: Option<u32>,
        uid_next: Option<u32>,
    },
    /// Something in the list of this folder changed: arrivals, removals, flags.
    Changed {
        folder: String,
    },
    /// Folders came, went or were renamed.
    Folders,
    /// How full the mailbox is now.
    Quota(Quota),
    /// The mail server is away; and it is back, after which anything may have changed.
    Lost,
    Back,
    /// Too much happened to be told one by one: ask for everything anew.
    Resync,
    /// Nothing happened. Told now and then, so that a page knows a dead stream.
    Still,
    /// Too many pages listen, and this one listened longest. It may come back when it is looked at.
    Parked,
    /// The only one on its stream: as many listen as may, and there is no room for this page. It may
    /// ask again later.
    Full,
    /// The session has ended.
    SessionEnded,
}
