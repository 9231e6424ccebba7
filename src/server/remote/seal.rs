//! The addresses under which a mail's images are shown. The mail's document has no origin, so its
//! requests carry no cookie: the address itself says for which session it was made, and until
//! when. It is sealed with a key of this process, so that nobody can make one, and nobody who
//! reads a log learns what was in the mail.

use crate::server::session::SessionId;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// An address is good for one of these at least, and for two at most: those of one image are the
/// same for a while, and the browser's cache knows it again.
const STEP: u64 = 3600;
/// Octets of what stands for a session.
const TAG: usize = 16;
const EXPIRY: usize = 8;

/// What a token is for: one is no good for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// An image on the net; its address is sealed.
    Remote,
    /// A picture that is a part of a mail (`placed`); where it lies is sealed.
    Placed,
}

impl Purpose {
    fn name(self) -> &'static [u8] {
        match self {
            Self::Remote => b"posthorn remote image",
            Self::Placed => b"posthorn placed picture",
        }
    }
}

/// Makes and opens such addresses.
pub struct Seal {
    key: LessSafeKey,
    /// For nonces, sessions' tags and consents; each use names its purpose.
    mac: hmac::Key,
    /// Which session a tag stands for; of living sessions only.
    sessions: Mutex<HashMap<[u8; TAG], SessionId>>,
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal(…)")
    }
}

impl Seal {
    /// With new keys; `None` where the system has no randomness.
    pub fn new() -> Option<Self> {
        let random = SystemRandom::new();
        let mut key = [0_u8; 32];
        random.fill(&mut key).ok()?;
        Some(Self {
            key: LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &key).ok()?),
            mac: hmac::Key::generate(hmac::HMAC_SHA256, &random).ok()?,
            sessions: Mutex::default(),
        })
    }

    fn mac<const N: usize>(&self, purpose: &str, pieces: &[&[u8]]) -> [u8; N] {
        let mac = hmac::sign(&self.mac, &join(purpose, pieces));
        let mut out = [0; N];
        for (to, from) in out.iter_mut().zip(mac.as_ref()) {
            *to = *from;
        }
        out
    }

    /// What stands for `session` in the addresses made from now on.
    pub fn tag(&self, session: &SessionId) -> [u8; TAG] {
        let tag = self.mac("session", &[session.expose().as_bytes()]);
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.insert(tag, session.clone());
        tag
    }

    /// Forgets the sessions that are not alive.
    pub fn retain(&self, alive: impl Fn(&SessionId) -> bool) {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, id| alive(id));
    }

    /// A token for what `text` says, for the session of this tag.
    pub fn seal(&self, purpose: Purpose, tag: [u8; TAG], text: &str) -> Option<String> {
        self.seal_at(purpose, tag, text, now())
    }

    fn seal_at(&self, purpose: Purpose, tag: [u8; TAG], said: &str, now: u64) -> Option<String> {
        let expiry = now.checked_div(STEP)?.checked_add(2)?.checked_mul(STEP)?;
        let mut text = expiry.to_be_bytes().to_vec();
        text.extend(tag);
        text.extend(said.as_bytes());
        // The nonce follows from what is sealed: equal ones seal equal things, and no others.
        let nonce: [u8; NONCE_LEN] = self.mac("nonce", &[purpose.name(), &text]);
        let sealed = Nonce::assume_unique_for_key(nonce);
        self.key
            .seal_in_place_append_tag(sealed, Aad::from(purpose.name()), &mut text)
            .ok()?;
        let mut token = nonce.to_vec();
        token.extend(text);
        Some(URL_SAFE_NO_PAD.encode(token))
    }

    /// The session and the text in a token that was made here for this and is still good. Whether
    /// the session still lives is for the caller to see.
    pub fn open(&self, purpose: Purpose, token: &str) -> Option<(SessionId, String)> {
        self.open_at(purpose, token, now())
    }

    fn open_at(&self, purpose: Purpose, token: &str, now: u64) -> Option<(SessionId, String)> {
        let mut octets = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (nonce, sealed) = octets.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let text = self
            .key
            .open_in_place(nonce, Aad::from(purpose.name()), sealed)
            .ok()?;
        let (expiry, rest) = text.split_first_chunk::<EXPIRY>()?;
        let (tag, said) = rest.split_first_chunk::<TAG>()?;
        if u64::from_be_bytes(*expiry) <= now {
            return None;
        }
        let said = std::str::from_utf8(said).ok()?.to_owned();
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        Some((sessions.get(tag)?.clone(), said))
    }

    /// What says that this session may show the images of this message. It stands in the address
    /// of the page, so another site must not be able to make it up.
    pub fn consent(&self, session: &SessionId, message: (&str, u32, u32)) -> String {
        let mac = hmac::sign(&self.mac, &consented(session, message));
        URL_SAFE_NO_PAD.encode(mac)
    }

    /// Whether `word` is that; the time it takes does not tell how nearly.
    pub fn consents(&self, session: &SessionId, message: (&str, u32, u32), word: &str) -> bool {
        URL_SAFE_NO_PAD
            .decode(word)
            .is_ok_and(|mac| hmac::verify(&self.mac, &consented(session, message), &mac).is_ok())
    }
}

fn consented(session: &SessionId, (folder, uid_validity, uid): (&str, u32, u32)) -> Vec<u8> {
    join(
        "consent",
        &[
            session.expose().as_bytes(),
            folder.as_bytes(),
            &uid_validity.to_be_bytes(),
            &uid.to_be_bytes(),
        ],
    )
}

/// The pieces each with its length, so that no two lists are the same octets.
fn join(purpose: &str, pieces: &[&[u8]]) -> Vec<u8> {
    let mut joined = purpose.as_bytes().to_vec();
    for piece in pieces {
        let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        joined.extend(length.to_be_bytes());
        joined.extend_from_slice(piece);
    }
    joined
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
        .as_secs()
}

#[cfg(test)]
mod tests {
    use super::Purpose::{Placed, Remote};
    use super::{STEP, Seal};
    use crate::server::session::SessionId;

    const URL: &str = "https://example.org/a.png?b=ü";

    #[test]
    fn a_token_opens_to_what_was_sealed_until_it_expires() {
        let seal = Seal::new().unwrap();
        let id = SessionId::random().unwrap();
        let tag = seal.tag(&id);
        let token = seal.seal_at(Remote, tag, URL, 10).unwrap();
        assert_eq!(
            seal.open_at(Remote, &token, 10),
            Some((id.clone(), URL.to_owned()))
        );
        assert_eq!(
            seal.seal_at(Remote, tag, URL, STEP - 1),
            Some(token.clone())
        );
        assert_ne!(seal.seal_at(Remote, tag, URL, STEP), Some(token.clone()));
        assert!(seal.open_at(Remote, &token, 2 * STEP - 1).is_some());
        assert!(seal.open_at(Remote, &token, 2 * STEP).is_none());
        assert!(!token.contains("example"));
        assert!(seal.open_at(Placed, &token, 10).is_none(), "another use");
        assert_ne!(seal.seal_at(Placed, tag, URL, 10), Some(token.clone()));
        seal.retain(|_| false);
        assert!(
            seal.open_at(Remote, &token, 10).is_none(),
            "the session has ended"
        );
    }

    #[test]
    fn nobody_else_makes_one() {
        let seal = Seal::new().unwrap();
        let tag = seal.tag(&SessionId::random().unwrap());
        let token = seal.seal(Remote, tag, URL).unwrap();
        assert!(seal.open(Remote, &token).is_some());
        for at in 0..token.len() {
            let mut other = token.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            assert!(
                seal.open(Remote, std::str::from_utf8(&other).unwrap())
                    .is_none(),
                "{at}"
            );
        }
        for bad in [
            "",
            "A",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "ä",
            token.get(1..).unwrap(),
        ] {
            assert!(seal.open(Remote, bad).is_none(), "{bad}");
        }
        assert!(Seal::new().unwrap().open(Remote, &token).is_none());
        // A tag that was never given out.
        assert!(
            seal.open(Remote, &seal.seal(Remote, [7; 16], URL).unwrap())
                .is_none()
        );
    }

    #[test]
    fn a_consent_is_for_one_message_of_one_session() {
        let seal = Seal::new().unwrap();
        let (anna, other) = (SessionId::random().unwrap(), SessionId::random().unwrap());
        let message = ("INBOX", 1, 2);
        let consent = seal.consent(&anna, message);
        assert!(seal.consents(&anna, message, &consent));
        for another in [
            seal.consent(&other, message),
            seal.consent(&anna, ("INBOX", 2, 2)),
            seal.consent(&anna, ("INBOX", 1, 3)),
            seal.consent(&anna, ("INBOX2", 1, 2)),
            Seal::new().unwrap().consent(&anna, message),
            "show".to_owned(),
            String::new(),
        ] {
            assert!(!seal.consents(&anna, message, &another));
        }
        assert!(!format!("{seal:?}").contains("key"));
    }
}
