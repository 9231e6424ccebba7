//! What is done to folders: making, changing, deleting them, subscribing, and what is done to all
//! messages of one. Forms without JavaScript are led back to the page with the folders.

use crate::model::wire::Wired;
use crate::model::{Error, FolderRole};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::{model::Notice, server::caller::Caller, ui::route};

/// Makes a folder `name` in the folder `parent`, at the top if that is empty.
#[server(name = CreateFolderCall, prefix = "/api", endpoint = "create_folder", output = Wired)]
pub async fn create_folder(#[server(default)] parent: String, name: String) -> Result<(), Error> {
    let caller = Caller::find()?;
    let result = match caller.engine().await {
        Ok(engine) => engine.create_folder(&parent, &name).await.map(drop),
        Err(error) => return caller.done(Err(error), &route::folder_settings(None), None),
    };
    let back = match &result {
        Ok(()) => route::folder_settings(None),
        Err(_) => route::folder_form(None, &parent, &name),
    };
    caller.done(
        result.map_err(Error::from),
        &back,
        Some(Notice::FolderCreated),
    )
}

/// Makes the folder for a purpose, where there is none.
#[server(name = CreateRoleFolderCall, prefix = "/api", endpoint = "create_role_folder", output = Wired)]
pub async fn create_role_folder(role: FolderRole) -> Result<(), Error> {
    let caller = Caller::find()?;
    let result = match caller.engine().await {
        Ok(engine) => engine.role_folder(role, true).await.map(drop),
        Err(error) => return caller.done(Err(error), &route::folder_settings(None), None),
    };
    caller.done(
        result.map_err(Error::from),
        &route::folder_settings(None),
        Some(Notice::FolderCreated),
    )
}

/// Calls the folder `folder` `name` from now on, and puts it into the folder `parent`.
#[server(name = RenameFolderCall, prefix = "/api", endpoint = "rename_folder", output = Wired)]
pub async fn rename_folder(
    folder: String,
    #[server(default)] parent: String,
    name: String,
) -> Result<(), Error> {
    let caller = Caller::find()?;
    let result = match caller.engine().await {
        Ok(engine) => engine
            .rename_folder(&folder, &parent, &name)
            .await
            .map(drop),
        Err(error) => return caller.done(Err(error), &route::folder_settings(None), None),
    };
    let back = match &result {
        Ok(()) => route::folder_settings(None),
        Err(_) => route::folder_form(Some(&folder), &parent, &name),
    };
    caller.done(
        result.map_err(Error::from),
        &back,
        Some(Notice::FolderRenamed),
    )
}

/// Deletes a folder with all that is in it. `messages` and `folders` are what the person was told
/// that it holds: more than that is not deleted.
#[server(name = DeleteFolderCall, prefix = "/api", endpoint = "delete_folder", output = Wired)]
pub async fn delete_folder(folder: String, messages: u64, folders: u32) -> Result<(), Error> {
    let caller = Caller::find()?;
    let result = match caller.engine().await {
        Ok(engine) => engine.delete_folder(&folder, messages, folders).await,
        Err(error) => return caller.done(Err(error), &route::folder_settings(None), None),
    };
    let back = match &result {
        Ok(()) => route::folder_settings(None),
        Err(_) => route::folder_settings(Some(&folder)),
    };
    caller.done(
        result.map_err(Error::from),
        &back,
        Some(Notice::FolderDeleted),
    )
}

/// Subscribes to a folder, or ends that.
#[server(name = SubscribeFolderCall, prefix = "/api", endpoint = "subscribe_folder", output = Wired)]
pub async fn subscribe_folder(folder: String, on: bool) -> Result<(), Error> {
    let caller = Caller::find()?;
    let result = match caller.engine().await {
        Ok(engine) => engine
            .subscribe_folder(&folder, on)
            .await
            .map_err(Error::from),
        Err(error) => Err(error),
    };
    let notice = if on {
        Notice::Subscribed
    } else {
        Notice::Unsubscribed
    };
    caller.done(result, &route::folder_settings(None), Some(notice))
}

/// Deletes all messages of the trash or the spam folder for ever that have a UID below `uid_next`.
#[server(name = EmptyFolderCall, prefix = "/api", endpoint = "empty_folder", output = Wired)]
pub async fn empty_folder(
    folder: String,
    uid_validity: u32,
    uid_next: u32,
    #[server(default)] back: String,
) -> Result<(), Error> {
    let caller = Caller::find()?;
    let result = match caller.engine().await {
        Ok(engine) => engine
            .empty_folder(&folder, uid_validity, uid_next)
            .await
            .map_err(Error::from),
        Err(error) => Err(error),
    };
    caller.done(result, &back, Some(Notice::Emptied))
}

/// Marks all messages of a folder as read that have a UID below `uid_next`.
#[server(name = MarkAllReadCall, prefix = "/api", endpoint = "mark_all_read", output = Wired)]
pub async fn mark_all_read(
    folder: String,
    uid_validity: u32,
    uid_next: u32,
    #[server(default)] back: String,
) -> Result<(), Error> {
    let caller = Caller::find()?;
    let result = match caller.engine().await {
        Ok(engine) => engine
            .mark_all_read(&folder, uid_validity, uid_next)
            .await
            .map_err(Error::from),
        Err(error) => Err(error),
    };
    caller.done(result, &back, Some(Notice::AllRead))
}
