//! Signing in and out: from an address and a password to a session.

use super::caller::Caller;
use super::imap::{Server, SignInError};
use super::session::{Session, SessionId, SessionStore};
use super::throttle::Throttle;
use crate::mail::address;
use crate::model::{Error, SignInProblem};
use secrecy::SecretString;
use std::net::IpAddr;
use std::sync::Arc;

/// Longest address (RFC 5321, section 4.5.3.1.3) and longest password taken.
const ADDRESS_LIMIT: usize = 254;
const PASSWORD_LIMIT: usize = 1_000;

/// Checks address and password at the mail server of the address's domain and opens a session.
/// The outer error is a fault of ours, the inner one what to tell the person.
pub async fn sign_in(
    caller: &Caller,
    typed: &str,
    password: SecretString,
) -> Result<Result<Arc<Session>, SignInProblem>, Error> {
    let (user, domain) = match identity(typed, &password) {
        Ok(identity) => identity,
        Err(problem) => return Ok(Err(problem)),
    };
    let state = &caller.state;
    let Some(servers) = state.config.servers_for(&domain) else {
        return Ok(Err(SignInProblem::UnknownDomain(domain)));
    };
    if let Err(seconds) = state.throttle.attempt(&user, caller.visitor.address) {
        return Ok(Err(SignInProblem::Throttled(seconds)));
    }
    let server = Server {
        endpoint: servers.imap.endpoint(&domain),
        tls: state.tls.clone(),
    };
    let client = caller
        .visitor
        .address
        .filter(|_| state.config.forward_client_address);
    let result = state
        .engines
        .sign_in(&server, &user, &password, client)
        .await;
    settle(&state.throttle, &user, caller.visitor.address, &result);
    match result {
        Ok(()) => {}
        Err(SignInError::WrongPassword) => return Ok(Err(SignInProblem::WrongPassword)),
        Err(SignInError::Unreachable(reason) | SignInError::Interrupted(reason)) => {
            tracing::warn!(
                host = server.endpoint.host,
                reason,
                "the mail server cannot be reached"
            );
            return Ok(Err(SignInProblem::Unreachable));
        }
        Err(SignInError::CertificateNotTrusted(reason)) => {
            tracing::error!(
                host = server.endpoint.host,
                reason,
                "the mail server's certificate is not trusted; POSTHORN_CA_FILE adds authorities"
            );
            return Ok(Err(SignInProblem::CertificateNotTrusted));
        }
        Err(SignInError::Unavailable(reason)) => {
            tracing::warn!(
                host = server.endpoint.host,
                reason,
                "the mail server refuses to serve"
            );
            return Ok(Err(SignInProblem::Unavailable));
        }
    }
    // A new identifier each time, so that none can be planted before signing in.
    if let Some(former) = &caller.visitor.session {
        state.sessions.remove(&former.id).await;
    }
    let id = SessionId::random().map_err(|_| Error::Internal)?;
    let session = state
        .sessions
        .insert(Session {
            id,
            user,
            domain,
            password,
        })
        .await;
    caller.set_session_cookie(Some(&session));
    Ok(Ok(session))
}

/// What an attempt was. Only a right password forgets those before it: a server may have many words
/// for a wrong one, among them ALERT and CONTACTADMIN (RFC 5530, section 3), and may have none where
/// it lets a wrong one wait. An attempt that no server has seen was none.
fn settle(
    throttle: &Throttle,
    user: &str,
    address: Option<IpAddr>,
    result: &Result<(), SignInError>,
) {
    match result {
        Ok(()) => throttle.succeeded(user, address),
        Err(SignInError::Unreachable(_) | SignInError::CertificateNotTrusted(_)) => {
            throttle.not_made(user, address);
        }
        Err(
            SignInError::WrongPassword | SignInError::Interrupted(_) | SignInError::Unavailable(_),
        ) => {}
    }
}

/// Ends the session.
pub async fn sign_out(caller: &Caller) {
    if let Some(session) = &caller.visitor.session {
        caller.state.sessions.remove(&session.id).await;
        let events = &caller.state.events;
        events.session_ended(&session.user, &session.id);
    }
    caller.set_session_cookie(None);
}

/// The user's identity and its domain in ASCII.
fn identity(typed: &str, password: &SecretString) -> Result<(String, String), SignInProblem> {
    use secrecy::ExposeSecret as _;
    let typed = typed.trim();
    let password = password.expose_secret();
    if typed.is_empty() || password.is_empty() {
        return Err(SignInProblem::BadInput);
    }
    let odd = |text: &str| text.contains(['\0', '\r', '\n']);
    if typed.len() > ADDRESS_LIMIT || password.len() > PASSWORD_LIMIT || odd(password) {
        return Err(SignInProblem::BadInput);
    }
    if odd(typed) || !address::valid(typed) {
        return Err(SignInProblem::BadAddress);
    }
    let domain = address::domain(typed).ok_or(SignInProblem::BadAddress)?;
    let (local, _) = typed.rsplit_once('@').ok_or(SignInProblem::BadAddress)?;
    // Servers differ about upper and lower case before the @; nearly all ignore it.
    Ok((format!("{local}@{domain}"), domain))
}

#[cfg(test)]
mod tests {
    use super::{SignInError, Throttle, settle};

    #[test]
    fn only_a_right_password_forgets_the_guesses_before_it() {
        let reason = || "reason".to_owned();
        let address = "192.0.2.1".parse().ok();
        for (error, counts) in [
            (SignInError::WrongPassword, true),
            // NO with ALERT, CONTACTADMIN, NOPERM or UNAVAILABLE.
            (SignInError::Unavailable(reason()), true),
            (SignInError::Interrupted(reason()), true),
            (SignInError::Unreachable(reason()), false),
            (SignInError::CertificateNotTrusted(reason()), false),
        ] {
            let throttle = Throttle::default();
            for _ in 0..4 {
                assert_eq!(throttle.attempt("a@b.example", address), Ok(()));
            }
            for _ in 0..10 {
                if throttle.attempt("a@b.example", address).is_err() {
                    break;
                }
                settle(&throttle, "A@b.example", address, &Err(error.clone()));
            }
            let held_up = throttle.attempt("a@b.example", address).is_err();
            assert_eq!(held_up, counts, "{error}");
            if !held_up {
                // The four before are known.
                assert!(throttle.attempt("a@b.example", address).is_err(), "{error}");
            }
            settle(&throttle, "a@b.example", address, &Ok(()));
            assert_eq!(throttle.attempt("a@b.example", address), Ok(()));
        }
    }
}
