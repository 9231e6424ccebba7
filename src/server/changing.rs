//! Changes to messages, as a person means them: which flag, which folder.

use super::caller::Caller;
use super::flash::Flash;
use super::marking::mark;
use crate::model::{Change, Changed, Error, FolderRole, Listing, Notice, Whereabouts, uid_set};

/// UIDs that one call may name: more come in several calls, so that there is progress to be seen
/// and an end to be had.
const AT_ONCE: usize = 1_000;

/// Which messages: a folder, the UIDVALIDITY under which the UIDs were read, and the UIDs.
#[derive(Clone, Copy, Debug)]
pub struct Those<'a> {
    pub folder: &'a str,
    pub uid_validity: u32,
    pub uids: &'a [u32],
}

/// Does one change to messages. `target` is the folder that [`Change::Move`] moves to.
pub async fn change(
    caller: &Caller,
    those: Those<'_>,
    change: Change,
    target: &str,
) -> Result<Changed, Error> {
    let Those {
        folder,
        uid_validity,
        uids,
    } = those;
    if uids.is_empty() || uids.len() > AT_ONCE {
        return Err(Error::BadRequest);
    }
    let engine = caller.engine().await?;
    // What was opened a moment ago is read, unless that is what is changed; where it is moved to it
    // has another UID.
    if !matches!(change, Change::Star | Change::Unstar) {
        let user = &caller.session()?.user;
        let unmarked = caller.state.marks.take(user, folder, uids.to_vec());
        if !unmarked.is_empty() && !matches!(change, Change::Unread | Change::Read) {
            mark(&engine, folder, uid_validity, &unmarked).await;
        }
    }
    let done = |()| Changed::default();
    let flag = |flag, on| engine.set_flags(folder, uid_validity, uids, flag, on);
    let role = match change {
        Change::Read => return Ok(flag("\\Seen", true).await.map(done)?),
        Change::Unread => return Ok(flag("\\Seen", false).await.map(done)?),
        Change::Star => return Ok(flag("\\Flagged", true).await.map(done)?),
        Change::Unstar => return Ok(flag("\\Flagged", false).await.map(done)?),
        Change::Delete => {
            let deleted = engine.delete_for_ever(folder, uid_validity, uids).await;
            return Ok(deleted.map(done)?);
        }
        Change::Move => None,
        Change::Archive => Some(FolderRole::Archive),
        Change::Spam => Some(FolderRole::Junk),
        Change::Trash => Some(FolderRole::Trash),
        Change::NotSpam => Some(FolderRole::Inbox),
    };
    let target = match role {
        Some(role) => engine.role_folder(role, true).await?,
        None => target.to_owned(),
    };
    let copied = engine
        .move_messages(folder, uid_validity, uids, &target, role.is_some())
        .await?;
    let relocated = (!copied.uids.is_empty()).then(|| Whereabouts {
        folder: target,
        uid_validity: copied.uid_validity,
        set: uid_set::format(&copied.uids),
    });
    Ok(Changed { relocated })
}

/// What the next page says of a change in `folder`, and how it offers to take it back.
pub fn flash(folder: &str, change: Change, changed: &Changed) -> Flash {
    Flash {
        notice: change.notice(),
        undo: changed.clone().undo(folder),
        ..Flash::default()
    }
}

/// What it says of a change that was taken back.
pub fn undone() -> Flash {
    Flash {
        notice: Some(Notice::Undone),
        ..Flash::default()
    }
}

/// All messages of a list: their folder, its UIDVALIDITY and their UIDs, as a set.
pub async fn everything(
    caller: &Caller,
    folder: &str,
    listing: &Listing,
) -> Result<Whereabouts, Error> {
    let (folder, uid_validity, uids) = if listing.is_plain() {
        let (uid_validity, uids) = caller.engine().await?.all_uids(folder).await?;
        (folder.to_owned(), uid_validity, uids.into())
    } else {
        super::listing::uids(caller, folder, listing).await?
    };
    if uids.len() > uid_set::UID_LIMIT {
        return Err(Error::BadRequest);
    }
    Ok(Whereabouts {
        folder,
        uid_validity,
        set: uid_set::format(&uids),
    })
}
