//! Handing an image on to a browser. It is whole in memory by then, and a browser may take it as
//! slowly as it likes, so there is room for so much in all and for a person, and a time by when it
//! has to be taken.

use super::cache::Image;
use super::gate::{Gate, Place};
use axum::body::{Body, Bytes};
use futures_util::stream;
use std::io;
use std::time::Duration;
use tokio::sync::mpsc::{Sender, channel};
use tokio::time::timeout;

/// What is counted in: octets of a unit.
const UNIT: usize = 1 << 10;
/// Units that are on their way to a person, and from the node: a mail with six images of the largest
/// kind, and four people who read such mails at the same moment.
const OF_A_USER: usize = 64 << 10;
const OF_THE_NODE: usize = 256 << 10;
/// Octets that are handed on at a time. What is not larger is gone with the first write.
const PIECE: usize = 64 << 10;
/// By when a browser has to have an image: the largest one by 17 kB a second.
const TIME: Duration = Duration::from_mins(10);

/// The room for images on their way.
#[derive(Debug)]
pub struct Room(Gate);

impl Default for Room {
    fn default() -> Self {
        Self(Gate::new(OF_A_USER, OF_THE_NODE))
    }
}

/// An image that may be handed on.
#[derive(Debug)]
pub struct Parcel {
    pub image: Image,
    /// `None` for what takes none.
    place: Option<Place>,
}

impl Room {
    /// Waits until there is room for `image` to be handed to `user`.
    pub async fn of(&self, user: &str, image: Image) -> Option<Parcel> {
        let place = match units(&image) {
            Some(units) => Some(self.0.enter_as(user, units).await?),
            None => None,
        };
        Some(Parcel { image, place })
    }

    /// The same where there is room at once.
    pub fn at_once(&self, user: &str, image: Image) -> Option<Parcel> {
        let place = match units(&image) {
            Some(units) => Some(self.0.try_enter_as(user, units)?),
            None => None,
        };
        Some(Parcel { image, place })
    }
}

/// The room that an image takes, if it takes any. One that is too large for all of it takes it all.
fn units(image: &Image) -> Option<u32> {
    let octets = image.octets.len();
    let units = octets.div_ceil(UNIT).min(OF_A_USER);
    (octets > PIECE).then(|| u32::try_from(units).unwrap_or(u32::MAX))
}

impl Parcel {
    /// As the body of an answer, which breaks off where it is not taken in time.
    pub fn body(self) -> Body {
        self.body_within(TIME)
    }

    fn body_within(self, time: Duration) -> Body {
        let octets = self.image.octets;
        let Some(place) = self.place else {
            return octets.into();
        };
        let left = octets.len();
        let (sender, receiver) = channel(1);
        tokio::spawn(async move {
            // Who is slow loses the rest, and who has gone wants none.
            let _ = timeout(time, hand_on(&octets, sender)).await;
            drop((octets, place));
        });
        Body::from_stream(stream::unfold(
            (receiver, left),
            |(mut receiver, left)| async move {
                let piece: Option<Bytes> = receiver.recv().await;
                match piece {
                    Some(piece) => {
                        let left = left.saturating_sub(piece.len());
                        Some((Ok(piece), (receiver, left)))
                    }
                    // Once only.
                    None if left > 0 => {
                        Some((Err(io::Error::from(io::ErrorKind::TimedOut)), (receiver, 0)))
                    }
                    None => None,
                }
            },
        ))
    }
}

async fn hand_on(octets: &[u8], sender: Sender<Bytes>) {
    for piece in octets.chunks(PIECE) {
        // Copied, since a piece of the whole would hold all of it.
        if sender.send(Bytes::copy_from_slice(piece)).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Image, OF_A_USER, PIECE, Room, UNIT};
    use crate::server::remote::raster::Kind;
    use axum::body::{Bytes, to_bytes};
    use std::time::Duration;

    fn image(octets: usize) -> Image {
        let octets: Vec<u8> = (0..=250).cycle().take(octets).collect();
        Image {
            kind: Kind::Png,
            octets: Bytes::from(octets),
        }
    }

    #[tokio::test]
    async fn an_image_arrives_whole_and_leaves_its_room() {
        let room = Room::default();
        for octets in [0, 1, PIECE, PIECE + 1, 10 << 20] {
            for _ in 0..20 {
                let image = image(octets);
                let parcel = room.of("anna", image.clone()).await.unwrap();
                let body = to_bytes(parcel.body(), usize::MAX).await.unwrap();
                assert!(body == image.octets, "{octets}");
            }
        }
    }

    #[tokio::test]
    async fn who_takes_nothing_holds_no_more_than_their_room() {
        let room = Room::default();
        let large = image(OF_A_USER * UNIT / 4);
        let mut held = Vec::new();
        for _ in 0..4 {
            held.push(room.at_once("anna", large.clone()).unwrap().body());
        }
        assert!(room.at_once("anna", large.clone()).is_none());
        // What is small goes through, and so do others.
        assert!(room.at_once("anna", image(PIECE)).is_some());
        assert!(room.at_once("jonas", large.clone()).is_some());
        // Who has gone leaves their room.
        held.clear();
        let soon = Duration::from_secs(5);
        let next = tokio::time::timeout(soon, room.of("anna", large)).await;
        assert!(next.is_ok_and(|parcel| parcel.is_some()));
    }

    #[tokio::test]
    async fn what_is_not_taken_in_time_breaks_off() {
        let room = Room::default();
        let large = image(OF_A_USER * UNIT);
        let parcel = room.at_once("anna", large.clone()).unwrap();
        let slow = parcel.body_within(Duration::from_millis(10));
        let soon = Duration::from_secs(5);
        let next = tokio::time::timeout(soon, room.of("anna", large)).await;
        assert!(next.is_ok_and(|parcel| parcel.is_some()));
        assert!(to_bytes(slow, usize::MAX).await.is_err());
    }
}
