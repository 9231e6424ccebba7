//! Which folder is for what, and making the ones that a mailbox lacks.

use super::connection::Connection;
use super::engine::{Engine, Retry, on_connection};
use super::error::{Code, ImapError};
use super::role_names::{attribute_of, name_of_new};
use super::view::Mailbox;
use super::wire::Command;
use crate::model::FolderRole;

impl Engine {
    /// The name of the folder with `role`. With `create` it is made and subscribed to if there is
    /// none; else that is [`ImapError::NoFolder`].
    pub async fn role_folder(&self, role: FolderRole, create: bool) -> Result<String, ImapError> {
        if role == FolderRole::Inbox {
            return Ok("INBOX".to_owned());
        }
        if let Some(name) = self.known_role(role) {
            return Ok(name);
        }
        // Never listed, or since then somebody may have made one.
        let folders = self.folders().await?;
        if let Some(folder) = folders.into_iter().find(|folder| folder.role == Some(role)) {
            return Ok(folder.name);
        }
        let name = name_of_new(role)
            .filter(|_| create)
            .ok_or(ImapError::NoFolder)?;
        // Where the folders are listed, see manage.rs.
        let inbox = Mailbox::inbox();
        let mut outcome = Err(ImapError::NoFolder);
        for name in self.new_names(name) {
            let mailbox = self.mailbox(&name)?;
            outcome = on_connection!(self, Some(&inbox), Retry::Never, |connection| async {
                create_folder(connection, &mailbox, role).await
            });
            match &outcome {
                Ok(()) => {
                    self.remember_role(role, &name);
                    return Ok(name);
                }
                // Perhaps below INBOX.
                Err(ImapError::Refused { .. } | ImapError::NoFolder) => {}
                Err(_) => break,
            }
        }
        outcome.and(Err(ImapError::NoFolder))
    }
}

async fn create_folder(
    connection: &mut Connection,
    mailbox: &Mailbox,
    role: FolderRole,
) -> Result<(), ImapError> {
    let mut create = Command::new("CREATE").string(&mailbox.wire);
    if connection.capabilities().has("CREATE-SPECIAL-USE")
        && let Some(attribute) = attribute_of(role)
    {
        create = create.raw(&format!(" (USE ({attribute}))"));
    }
    match connection.run(create).await {
        Err(error) if !error.has_code(&Code::AlreadyExists) => return Err(error),
        _ => {}
    }
    connection
        .run(Command::new("SUBSCRIBE").string(&mailbox.wire))
        .await
        .map(drop)
}
