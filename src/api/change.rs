//! Changing messages: flags, moving, deleting. Each names UIDs and the UIDVALIDITY they were read
//! under, so that nothing else can be meant. `back` is where a form without JavaScript is led.

use crate::model::{Change, Error};
use leptos::prelude::*;

/// Changes one message.
#[server(name = ChangeCall, prefix = "/api", endpoint = "change")]
pub async fn change(
    folder: String,
    uid_validity: u32,
    uid: u32,
    change: Change,
    /// The folder to move to.
    #[server(default)]
    target: String,
    #[server(default)] back: String,
) -> Result<(), Error> {
    use crate::server::caller::Caller;
    let caller = Caller::find()?;
    let result =
        crate::server::changing::change(&caller, &folder, uid_validity, uid, change, &target).await;
    caller.done(result, &back, change.notice())
}
