//! Signing in and out, the choice of the language, of light or dark, and of how lists are shown.

use crate::model::wire::Wired;
use crate::model::{Error, SignInOutcome};
use leptos::prelude::*;

/// Signs in with the password that the mail server knows. `next` is where the person was going.
#[server(prefix = "/api", endpoint = "sign_in", output = Wired)]
pub async fn sign_in(
    address: String,
    password: String,
    #[server(default)] next: String,
) -> Result<SignInOutcome, Error> {
    use crate::server::caller::{Caller, local_path};
    use crate::server::flash::Flash;
    use crate::server::signing_in;
    use crate::ui::route as href;
    let caller = Caller::find()?;
    match signing_in::sign_in(&caller, &address, password.into()).await? {
        Ok(session) => {
            let next = local_path(&next);
            caller.lead(&next, &Flash::default());
            let account = crate::server::pages::account(&caller.state, &session);
            Ok(SignInOutcome::SignedIn { next, account })
        }
        Err(problem) => {
            let typed: String = address.chars().take(300).collect();
            let flash = Flash {
                sign_in: Some((typed, problem.clone())),
                ..Flash::default()
            };
            caller.lead(&href::login(&next), &flash);
            Ok(SignInOutcome::Refused { problem })
        }
    }
}

/// Ends the session.
#[server(prefix = "/api", endpoint = "sign_out", output = Wired)]
pub async fn sign_out() -> Result<(), Error> {
    use crate::model::Notice;
    use crate::server::caller::Caller;
    use crate::server::flash::Flash;
    let caller = Caller::find()?;
    crate::server::signing_in::sign_out(&caller).await;
    caller.lead(
        "/login",
        &Flash {
            notice: Some(Notice::SignedOut),
            ..Flash::default()
        },
    );
    Ok(())
}

/// Chooses the language by its tag; the page is loaded anew afterwards.
#[server(prefix = "/api", endpoint = "set_language", output = Wired)]
#[allow(clippy::unused_async, reason = "a server function is asynchronous")]
pub async fn set_language(language: String, #[server(default)] back: String) -> Result<(), Error> {
    use crate::i18n::Locale;
    use crate::server::caller::Caller;
    use crate::server::visitor::LANGUAGE_COOKIE;
    let caller = Caller::find()?;
    let locale = Locale::from_tag(&language).ok_or(Error::BadRequest)?;
    caller.choose(LANGUAGE_COOKIE, Some(locale.tag()), &back);
    Ok(())
}

/// Chooses whether lists are by conversations; the page is loaded anew afterwards.
#[server(prefix = "/api", endpoint = "set_view", output = Wired)]
#[allow(clippy::unused_async, reason = "a server function is asynchronous")]
pub async fn set_view(conversations: bool, #[server(default)] back: String) -> Result<(), Error> {
    use crate::server::caller::Caller;
    use crate::server::visitor::VIEW_COOKIE;
    Caller::find()?.choose(VIEW_COOKIE, conversations.then_some("conversations"), &back);
    Ok(())
}

/// Chooses whether the rows of lists are narrow; the page is loaded anew afterwards.
#[server(prefix = "/api", endpoint = "set_density", output = Wired)]
#[allow(clippy::unused_async, reason = "a server function is asynchronous")]
pub async fn set_density(compact: bool, #[server(default)] back: String) -> Result<(), Error> {
    use crate::server::caller::Caller;
    use crate::server::visitor::DENSITY_COOKIE;
    Caller::find()?.choose(DENSITY_COOKIE, compact.then_some("compact"), &back);
    Ok(())
}

/// Chooses whether pages are light or dark, by [`Theme::value`](crate::model::Theme::value); the page
/// is loaded anew afterwards.
#[server(prefix = "/api", endpoint = "set_theme", output = Wired)]
#[allow(clippy::unused_async, reason = "a server function is asynchronous")]
pub async fn set_theme(theme: String, #[server(default)] back: String) -> Result<(), Error> {
    use crate::model::Theme;
    use crate::server::caller::Caller;
    use crate::server::visitor::THEME_COOKIE;
    Caller::find()?.choose(THEME_COOKIE, Theme::from_value(&theme).chosen(), &back);
    Ok(())
}
