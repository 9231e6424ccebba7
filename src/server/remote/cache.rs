//! Images that were fetched a moment ago, by address: a mail is opened again, and a newsletter has
//! many readers at one node. Nothing that says who asked for it is kept.

use super::raster::Kind;
use axum::body::Bytes;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Octets kept in all, of one image, and images.
const ROOM: usize = 32 << 20;
const LARGEST: usize = 4 << 20;
const MOST: usize = 1000;
/// How long an image is as good as fetched.
const LIFE: Duration = Duration::from_hours(1);

/// An image that may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    pub kind: Kind,
    pub octets: Bytes,
}

#[derive(Debug)]
struct Entry {
    url: String,
    image: Image,
    fetched: Instant,
}

/// The images fetched last.
#[derive(Debug, Default)]
pub struct Cache(Mutex<VecDeque<Entry>>);

impl Cache {
    pub fn get(&self, url: &str) -> Option<Image> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|entry| entry.fetched.elapsed() < LIFE);
        let at = entries.iter().position(|entry| entry.url == url)?;
        // What is used stays longest.
        let entry = entries.remove(at)?;
        let image = entry.image.clone();
        entries.push_back(entry);
        Some(image)
    }

    pub fn put(&self, url: &str, image: &Image) {
        if image.octets.len() > LARGEST {
            return;
        }
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|entry| entry.url != url);
        entries.push_back(Entry {
            url: url.to_owned(),
            image: image.clone(),
            fetched: Instant::now(),
        });
        let weigh = |entry: &Entry| entry.image.octets.len().saturating_add(entry.url.len());
        let mut weight: usize = entries.iter().map(weigh).sum();
        while weight > ROOM || entries.len() > MOST {
            let Some(oldest) = entries.pop_front() else {
                break;
            };
            weight = weight.saturating_sub(weigh(&oldest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cache, Image, LARGEST, MOST, ROOM};
    use crate::server::remote::raster::Kind;

    fn image(octets: usize) -> Image {
        Image {
            kind: Kind::Png,
            octets: vec![0; octets].into(),
        }
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let cache = Cache::default();
        cache.put("large", &image(LARGEST + 1));
        assert!(cache.get("large").is_none());
        for n in 0..=ROOM / LARGEST {
            cache.put(&n.to_string(), &image(LARGEST - 10));
            assert!(cache.get("0").is_some(), "used and kept");
        }
        assert!(cache.get("1").is_none());
        let cache = Cache::default();
        for n in 0..=MOST {
            cache.put(&n.to_string(), &image(1));
        }
        assert!(cache.get("0").is_none() && cache.get("1").is_some());
    }
}
