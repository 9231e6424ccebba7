//! The composer's form: POST `/api/submit/{send|save|discard}` as multipart/form-data (RFC 7578),
//! with files of any size that the mail server takes, which go straight into the mail that is
//! being built. A plain handler, since a server function would hold the body in memory.
//!
//! The browser's half is answered in JSON, a plain form is led to a page. Whatever goes wrong, what
//! was typed comes back: to the browser's half, which still has it, or kept for the next page.

use super::delivery::{self, Mail};
use super::flash::Flash;
use super::form::{Form, read};
use super::kept::Kept;
use super::route::problem;
use super::state::AppState;
use super::visitor::{Visitor, text};
use crate::model::{Draft, Error, Notice, Problem, SendOutcome};
use crate::ui::route as href;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use std::str::FromStr;

/// What to do with the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Intent {
    Send,
    Save,
    Discard,
}

impl FromStr for Intent {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "send" => Ok(Self::Send),
            "save" => Ok(Self::Save),
            "discard" => Ok(Self::Discard),
            _ => Err(()),
        }
    }
}

/// POST `/api/submit/{intent}`
pub async fn submit(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path(intent): Path<String>,
    request: Request,
) -> Response {
    let Ok(intent) = intent.parse() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let script = text(request.headers(), header::ACCEPT.as_str())
        .is_some_and(|accept| accept.contains("application/json"));
    let form = match read(&state, &visitor, request, intent != Intent::Discard).await {
        Ok(form) => form,
        // Nothing could be read, so there is nothing to give back.
        Err(error) => return problem(&visitor, &error),
    };
    let outcome = act(&state, &visitor, intent, form, script).await;
    if script {
        return Json(outcome).into_response();
    }
    lead(&state, &visitor, outcome)
}

async fn act(
    state: &AppState,
    visitor: &Visitor,
    intent: Intent,
    form: Form,
    script: bool,
) -> SendOutcome {
    let Form {
        draft,
        built,
        uploads,
        problem,
    } = form;
    let refused = |draft: Draft, problem: Problem| SendOutcome::Refused { draft, problem };
    let Some(session) = visitor.session.clone() else {
        return refused(draft, Problem::Mailbox(Error::NotSignedIn));
    };
    let engine = match super::caller::engine_of(state, visitor).await {
        Ok(engine) => engine,
        Err(error) => return refused(draft, Problem::Mailbox(error)),
    };
    if intent == Intent::Discard {
        return match delivery::discard(state.clone(), session, engine, draft.clone()).await {
            Ok(()) => SendOutcome::Discarded,
            Err(problem) => refused(draft, problem),
        };
    }
    let Some(built) = built else {
        return refused(draft, problem.unwrap_or(Problem::Mailbox(Error::Internal)));
    };
    let problem = problem.or_else(|| {
        (intent == Intent::Send && built.recipients.is_empty()).then_some(Problem::NoRecipient)
    });
    let mail = Mail {
        state: state.clone(),
        session,
        engine,
        draft,
        built,
    };
    let problem = match (problem, intent) {
        (Some(problem), _) => problem,
        (None, Intent::Send) => match mail.clone().send().await {
            // Only the copy is missing. The form comes back, since what it holds may be the only
            // copy there is, and handing it in once more does just what is still to do.
            Ok(Some(problem)) if script || !uploads => return refused(mail.draft, problem),
            Ok(problem) => return SendOutcome::Sent { problem },
            Err(problem) => problem,
        },
        (None, _) => match mail.clone().save().await {
            Ok(draft) => return SendOutcome::Saved { draft },
            Err(problem) => return refused(mail.draft, problem),
        },
    };
    // A page that is loaded anew cannot have the files of the last one: they go into a draft.
    if !script && uploads {
        return match mail.clone().save().await {
            Ok(draft) => refused(draft, problem),
            Err(_) => refused(mail.draft, problem),
        };
    }
    refused(mail.draft, problem)
}

/// Leads a plain form on.
fn lead(state: &AppState, visitor: &Visitor, outcome: SendOutcome) -> Response {
    let said = |notice| Flash {
        notice: Some(notice),
        ..Flash::default()
    };
    let (to, flash) = match outcome {
        SendOutcome::Sent { problem } => (
            href::folder("INBOX", 1),
            said(if problem.is_some() {
                Notice::SentNotFiled
            } else {
                Notice::Sent
            }),
        ),
        SendOutcome::Saved { draft } => (href::compose_draft(draft.stored), said(Notice::Saved)),
        SendOutcome::Discarded => (href::folder("INBOX", 1), said(Notice::Discarded)),
        SendOutcome::Refused { draft, problem } => {
            let signed_out = problem == Problem::Mailbox(Error::NotSignedIn)
                || problem == Problem::Mailbox(Error::PasswordRefused);
            let error = if signed_out {
                Some(Error::NotSignedIn)
            } else {
                None
            };
            let user = visitor.session.as_ref().map(|session| session.user.clone());
            let problem = (!signed_out).then_some(problem);
            let to = match state.kept.put(Kept {
                user,
                draft,
                problem,
            }) {
                Some(id) => href::compose_kept(&id),
                None => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
            };
            let to = if signed_out { href::login(&to) } else { to };
            (
                to,
                Flash {
                    error,
                    ..Flash::default()
                },
            )
        }
    };
    flash.lead(&to, state.config.secure())
}

#[cfg(test)]
mod tests {
    use super::Intent;

    #[test]
    fn only_three_things_can_be_done_with_a_form() {
        assert_eq!("send".parse(), Ok(Intent::Send));
        assert_eq!("Send".parse::<Intent>(), Err(()));
        assert_eq!("".parse::<Intent>(), Err(()));
    }
}
