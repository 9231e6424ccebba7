//! Pictures that stand between the texts of a mail, as phones mix them: parts of the mail itself, so
//! they are shown without being asked for. The body's document has no origin and its requests carry
//! no cookie, so the address says which part of which message it is, sealed for the session.

use super::preview::{Source, picture_of};
use super::reading::{Place, structure_of};
use super::remote::for_a_body;
use super::session::Session;
use super::state::AppState;
use super::visitor::Visitor;
use crate::i18n::{Key, Locale};
use crate::mail::plain::escaped;
use crate::mail::structure::{BodyText, Part};
use crate::model::Error;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;

/// Where they are; the rest of the path is the token.
pub const PATH: &str = "/placed/";

/// A picture of a body.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    /// Where the browser finds it.
    src: String,
    /// What it is called, where the mail says so.
    name: Option<String>,
    /// Without angle brackets; empty where it has none.
    content_id: String,
}

impl Picture {
    /// The picture `text` of the message at `place`, for `session`; `None` where it cannot be sealed.
    pub(super) fn new(
        state: &AppState,
        session: &Session,
        (place, uid_validity): (&Place, u32),
        root: &Part,
        text: &BodyText,
    ) -> Option<Self> {
        let found = root.find(&text.part)?;
        let said = Spot {
            uid_validity,
            uid: place.uid,
            part: text.part.clone(),
            folder: place.folder.clone(),
        };
        let token = state.remote.seal_placed(session, &said.to_string())?;
        Some(Self {
            src: format!("{PATH}{token}"),
            name: found.file_name(),
            content_id: found.content_id.clone().unwrap_or_default(),
        })
    }

    /// Without angle brackets; empty where it has none.
    pub(super) fn content_id(&self) -> &str {
        &self.content_id
    }

    #[cfg(test)]
    pub(super) fn by(content_id: &str) -> Self {
        Self {
            src: String::new(),
            name: None,
            content_id: content_id.to_owned(),
        }
    }

    /// The picture in its place; with `at_once` it does not wait until it is scrolled to.
    pub(super) fn html(&self, locale: Locale, at_once: bool) -> String {
        let name = self
            .name
            .as_deref()
            .unwrap_or(locale.text(Key::BodyPicture));
        format!(
            "<p class=\"picture\"><img src=\"{}\" alt=\"{}\"{}></p>",
            self.src,
            escaped(name),
            if at_once { "" } else { " loading=\"lazy\"" },
        )
    }
}

/// Where a picture lies.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Spot {
    uid_validity: u32,
    uid: u32,
    part: String,
    folder: String,
}

impl std::fmt::Display for Spot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            uid_validity,
            uid,
            part,
            folder,
        } = self;
        // A part's number has no colon; a folder's name may have any.
        write!(f, "{uid_validity}:{uid}:{part}:{folder}")
    }
}

impl Spot {
    fn parse(text: &str) -> Option<Self> {
        let mut pieces = text.splitn(4, ':');
        Some(Self {
            uid_validity: pieces.next()?.parse().ok()?,
            uid: pieces.next()?.parse().ok()?,
            part: pieces.next()?.to_owned(),
            folder: pieces.next()?.to_owned(),
        })
    }
}

/// GET `/placed/{token}`
pub async fn placed(
    State(state): State<AppState>,
    Extension(visitor): Extension<Visitor>,
    Path(token): Path<String>,
) -> Response {
    let mut response = match find(&state, &visitor, &token).await {
        Ok(response) => response,
        // A room that was left free gets a picture of ours.
        Err(_) => super::preview::no_picture(),
    };
    for_a_body(&mut response);
    response
}

async fn find(state: &AppState, visitor: &Visitor, token: &str) -> Result<Response, Error> {
    let (id, said) = state.remote.open_placed(token).ok_or(Error::NoMessage)?;
    let session = state.sessions.peek(&id).ok_or(Error::NotSignedIn)?;
    let spot = Spot::parse(&said).ok_or(Error::NoMessage)?;
    let place = Place::of_page(spot.folder, spot.uid_validity, spot.uid);
    let (engine, raw) = structure_of(state, &session, visitor.address, &place).await?;
    picture_of(Source::new(engine, place, raw, &spot.part)?).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_picture_lies_is_read_as_it_was_written() {
        for folder in ["INBOX", "A:b/ü", ""] {
            let spot = Spot {
                uid_validity: 7,
                uid: 4_294_967_295,
                part: "1.2".to_owned(),
                folder: folder.to_owned(),
            };
            assert_eq!(Spot::parse(&spot.to_string()), Some(spot));
        }
        for text in [
            "",
            "1:2:3",
            "x:2:3:INBOX",
            "1:-2:3:INBOX",
            "https://a.example/",
        ] {
            assert_eq!(Spot::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_name_is_no_markup() {
        let picture = Picture {
            src: "/placed/x".to_owned(),
            name: Some("\"><script>alert(1)</script>".to_owned()),
            content_id: "a@b".to_owned(),
        };
        let html = picture.html(Locale::En, false);
        assert_eq!(html.matches('<').count(), 3, "{html}");
        assert!(!html.contains("\"><s"), "{html}");
        let nameless = Picture {
            name: None,
            content_id: String::new(),
            ..picture
        };
        assert!(nameless.html(Locale::De, true).contains("alt=\"Bild\""));
    }
}
