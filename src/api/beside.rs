//! What is offered beside a message's body: its cards, and the answers that take one press. `back`
//! is where a form without JavaScript is led.

use crate::model::wire::Wired;
use crate::model::{Cards, Error, InvitationAnswer, Notice, Warning};
use leptos::prelude::*;

/// The cards of a message.
#[server(name = CardsCall, prefix = "/api", endpoint = "cards", output = Wired)]
pub async fn cards(folder: String, uid_validity: u32, uid: u32) -> Result<Cards, Error> {
    use crate::server::reading::Place;
    let caller = crate::server::caller::Caller::find()?;
    let place = Place::of_page(folder, uid_validity, uid);
    crate::server::cards::cards(&caller, &place).await
}

/// Whom the sender of a message looks like, of those the person has written to.
#[server(name = ResemblancesCall, prefix = "/api", endpoint = "resemblances", output = Wired)]
pub async fn resemblances(
    folder: String,
    uid_validity: u32,
    uid: u32,
) -> Result<Vec<Warning>, Error> {
    use crate::server::reading::Place;
    let caller = crate::server::caller::Caller::find()?;
    let place = Place::of_page(folder, uid_validity, uid);
    crate::server::resemblance::resemblances(&caller, &place).await
}

/// Answers the invitation in a message. `id` names the answer: the same one is sent once.
#[server(name = AnswerInvitationCall, prefix = "/api", endpoint = "answer_invitation", output = Wired)]
pub async fn answer_invitation(
    folder: String,
    uid_validity: u32,
    uid: u32,
    answer: InvitationAnswer,
    id: String,
    #[server(default)] back: String,
) -> Result<Notice, Error> {
    use crate::server::reading::Place;
    let caller = crate::server::caller::Caller::find()?;
    let place = Place::of_page(folder, uid_validity, uid);
    let result = crate::server::answering::answer_invitation(&caller, &place, answer, &id).await;
    caller.said(result, &back, Notice::Answered)
}

/// Sends the read receipt that a message asks for.
#[server(name = SendReceiptCall, prefix = "/api", endpoint = "send_receipt", output = Wired)]
pub async fn send_receipt(
    folder: String,
    uid_validity: u32,
    uid: u32,
    #[server(default)] back: String,
) -> Result<Notice, Error> {
    use crate::server::reading::Place;
    let caller = crate::server::caller::Caller::find()?;
    let place = Place::of_page(folder, uid_validity, uid);
    let result = crate::server::answering::send_receipt(&caller, &place).await;
    caller.said(result, &back, Notice::ReceiptSent)
}

/// Leaves the mailing list that a message came by.
#[server(name = LeaveListCall, prefix = "/api", endpoint = "leave_list", output = Wired)]
pub async fn leave_list(
    folder: String,
    uid_validity: u32,
    uid: u32,
    #[server(default)] back: String,
) -> Result<Notice, Error> {
    use crate::server::reading::Place;
    let caller = crate::server::caller::Caller::find()?;
    let place = Place::of_page(folder, uid_validity, uid);
    let result = crate::server::answering::leave_list(&caller, &place).await;
    caller.said(result, &back, Notice::ListLeft)
}
