//! Swiping a row on a touch screen: to the left it is archived, or deleted where there is no
//! archive to put it into; to the right it is marked as read or unread. What letting go would do
//! stands behind the row, and going back before letting go does nothing.
//!
//! The style sheet leaves up and down to the browser (`touch-action`), which takes the finger over
//! as soon as it scrolls. All of it can be done by buttons and keys too (WCAG 2.2, 2.5.1).

#![cfg_attr(
    not(feature = "hydrate"),
    allow(dead_code, reason = "only the browser has fingers on it")
)]

use super::commands::Commands;
use crate::i18n::Key;
use crate::model::{Change, FolderRole};
use leptos::ev::PointerEvent;

/// What a swipe does in a folder with this role; `right`: to the right.
fn meaning(right: bool, role: Option<FolderRole>, has_archive: bool, seen: bool) -> Change {
    match (right, role) {
        (true, _) if seen => Change::Unread,
        (true, _) => Change::Read,
        (false, Some(FolderRole::Trash | FolderRole::Junk)) => Change::Delete,
        (false, Some(FolderRole::Archive | FolderRole::Drafts)) => Change::Trash,
        (false, _) if has_archive => Change::Archive,
        (false, _) => Change::Trash,
    }
}

fn hint(change: Change) -> Key {
    match change {
        Change::Read => Key::BulkRead,
        Change::Unread => Key::ActionUnread,
        Change::Archive => Key::ActionArchive,
        _ => Key::ActionDelete,
    }
}

/// What a movement of the finger is, by how far it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Motion {
    /// Not to be told yet.
    Open,
    Swipe,
    /// The page's to scroll.
    Scroll,
}

fn motion(x: i32, y: i32) -> Motion {
    /// Pixels that a finger shakes.
    const SLOP: i32 = 12;
    let (x, y) = (x.saturating_abs(), y.saturating_abs());
    if x.max(y) < SLOP {
        Motion::Open
    } else if x > y.saturating_mul(2) {
        Motion::Swipe
    } else {
        Motion::Scroll
    }
}

/// How far a row of this width has to be swiped for something to be done, in pixels.
#[allow(
    clippy::manual_clamp,
    reason = "what `clamp` says of bounds that are none is 16 kB of WebAssembly"
)]
fn threshold(width: f64) -> f64 {
    (width * 0.3).min(120.0).max(64.0)
}

#[cfg(not(feature = "hydrate"))]
#[derive(Clone, Copy)]
pub struct Swiping;

#[cfg(not(feature = "hydrate"))]
impl Swiping {
    pub fn new(_: Commands) -> Self {
        Self
    }

    pub fn take(self, _: &PointerEvent) {
        let Self = self;
    }
}

#[cfg(feature = "hydrate")]
pub use here::Swiping;

#[cfg(feature = "hydrate")]
mod here {
    use super::{Change, Commands, Motion, PointerEvent, hint, meaning, motion, threshold};
    use leptos::prelude::*;
    use wasm_bindgen::JsCast as _;
    use web_sys::{Element, HtmlElement};

    /// Pixels at the edges of the screen that are the system's own gesture for going back.
    const EDGE: i32 = 24;

    /// A finger on a row.
    struct Touch {
        pointer: i32,
        uid: u32,
        item: Element,
        row: HtmlElement,
        x: i32,
        y: i32,
        /// What letting go does, and whether it has gone far enough; `None` before it is a swipe.
        does: Option<(Change, bool)>,
    }

    impl Drop for Touch {
        fn drop(&mut self) {
            for name in ["data-swipe", "data-hint", "data-armed"] {
                let _ = self.item.remove_attribute(name);
            }
            let _ = self.row.style().remove_property("transform");
        }
    }

    /// The swiping of a list.
    #[derive(Clone, Copy)]
    pub struct Swiping {
        touch: StoredValue<Option<Touch>, LocalStorage>,
        commands: StoredValue<Commands>,
    }

    impl Swiping {
        /// Nothing yet; `commands` do what is swiped.
        pub fn new(commands: Commands) -> Self {
            Self {
                touch: StoredValue::new_local(None),
                commands: StoredValue::new(commands),
            }
        }

        /// Takes what a pointer does: down, move, up, cancel.
        pub fn take(self, event: &PointerEvent) {
            match event.type_().as_str() {
                "pointerdown" => {
                    let touch = begin(event);
                    self.touch.set_value(touch);
                }
                "pointermove" => self.follow(event),
                kind => {
                    let mine = |touch: &mut Touch| touch.pointer == event.pointer_id();
                    let ended = self.touch.try_update_value(|held| held.take_if(mine));
                    if let Some(touch) = ended.flatten()
                        && kind == "pointerup"
                        && let Some((change, true)) = touch.does
                    {
                        let uid = touch.uid;
                        drop(touch);
                        self.commands
                            .with_value(|commands| commands.change_row(uid, change));
                    }
                }
            }
        }

        fn follow(self, event: &PointerEvent) {
            self.touch.update_value(|held| {
                let Some(touch) = held
                    .as_mut()
                    .filter(|touch| touch.pointer == event.pointer_id())
                else {
                    return;
                };
                let (x, y) = (event.client_x() - touch.x, event.client_y() - touch.y);
                if touch.does.is_none() {
                    match motion(x, y) {
                        Motion::Open => return,
                        Motion::Scroll => {
                            held.take();
                            return;
                        }
                        Motion::Swipe => {}
                    }
                }
                self.show(touch, x);
            });
        }

        fn show(self, touch: &mut Touch, x: i32) {
            let (right, way) = (x > 0, f64::from(x.saturating_abs()));
            let (change, text) = self.commands.with_value(|commands| {
                let mailbox = commands.mailbox();
                let (role, has_archive) = mailbox.archive_of_list();
                let seen = commands.flags_of(touch.uid).seen;
                let change = meaning(right, role, has_archive, seen);
                (change, mailbox.here.locale.text(hint(change)))
            });
            let armed = way >= threshold(touch.row.get_bounding_client_rect().width());
            if touch.does != Some((change, armed)) {
                let side = if right { "right" } else { "left" };
                let _ = touch.item.set_attribute("data-swipe", side);
                let _ = touch.item.set_attribute("data-hint", text);
                let _ = touch.item.toggle_attribute_with_force("data-armed", armed);
                touch.does = Some((change, armed));
            }
            let shift = format!("translateX({x}px)");
            let _ = touch.row.style().set_property("transform", &shift);
        }
    }

    /// The row under the finger, if it is one finger, and on a row.
    fn begin(event: &PointerEvent) -> Option<Touch> {
        let (x, y) = (event.client_x(), event.client_y());
        let width = document().document_element()?.client_width();
        let inside = (EDGE..width - EDGE).contains(&x);
        if event.pointer_type() != "touch" || !event.is_primary() || !inside {
            return None;
        }
        let target = event.target()?.dyn_into::<Element>().ok()?;
        let item = target.closest(".row-item").ok()??;
        let row = item.query_selector("a.row").ok()??;
        let uid = row.id().strip_prefix("row-")?.parse().ok()?;
        Some(Touch {
            pointer: event.pointer_id(),
            uid,
            item,
            row: row.dyn_into().ok()?,
            x,
            y,
            does: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swipe_does_what_its_folder_can() {
        let left = |role, has_archive| meaning(false, role, has_archive, true);
        assert_eq!(left(Some(FolderRole::Inbox), true), Change::Archive);
        assert_eq!(left(None, true), Change::Archive);
        assert_eq!(left(Some(FolderRole::Inbox), false), Change::Trash);
        assert_eq!(left(Some(FolderRole::Archive), true), Change::Trash);
        assert_eq!(left(Some(FolderRole::Drafts), true), Change::Trash);
        // Asked about first.
        assert_eq!(left(Some(FolderRole::Trash), true), Change::Delete);
        assert_eq!(meaning(true, None, true, true), Change::Unread);
        assert_eq!(meaning(true, None, true, false), Change::Read);
        assert_eq!(hint(Change::Delete), hint(Change::Trash));
    }

    #[test]
    fn what_goes_up_or_down_is_the_pages() {
        assert_eq!(motion(5, -8), Motion::Open);
        assert_eq!(motion(-30, 10), Motion::Swipe);
        assert_eq!(motion(30, 20), Motion::Scroll);
        assert_eq!(motion(2, 40), Motion::Scroll);
    }

    #[test]
    fn how_far_is_bounded() {
        let far = [100.0, 300.0, 1_000.0].map(threshold);
        assert!((far[0] - 64.0).abs() < 0.1 && (far[1] - 90.0).abs() < 0.1);
        assert!((far[2] - 120.0).abs() < 0.1);
    }
}
