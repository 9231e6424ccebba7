//! Changes to messages, as a person means them: which flag, which folder.

use super::caller::Caller;
use crate::model::{Change, Error, FolderRole};

/// Does one change to one message.
pub async fn change(
    caller: &Caller,
    folder: &str,
    uid_validity: u32,
    uid: u32,
    change: Change,
    target: &str,
) -> Result<(), Error> {
    let engine = caller.engine().await?;
    let uids = [uid];
    let flag = |flag, on| engine.set_flags(folder, uid_validity, &uids, flag, on);
    let role = match change {
        Change::Read => return Ok(flag("\\Seen", true).await?),
        Change::Unread => return Ok(flag("\\Seen", false).await?),
        Change::Star => return Ok(flag("\\Flagged", true).await?),
        Change::Unstar => return Ok(flag("\\Flagged", false).await?),
        Change::Delete => return Ok(engine.delete_for_ever(folder, uid_validity, &uids).await?),
        Change::Move => {
            engine
                .move_messages(folder, uid_validity, &uids, target, false)
                .await?;
            return Ok(());
        }
        Change::Archive => FolderRole::Archive,
        Change::Spam => FolderRole::Junk,
        Change::Trash => FolderRole::Trash,
        Change::NotSpam => FolderRole::Inbox,
    };
    let target = engine.role_folder(role, true).await?;
    engine
        .move_messages(folder, uid_validity, &uids, &target, true)
        .await?;
    Ok(())
}
