//! The part of the page in which the list is scrolled. The list is as high as all its rows would
//! be; only those that are seen are there, between two margins that stand for the rest.

#[cfg(feature = "hydrate")]
use super::browser;
use super::commands::Commands;
use super::mailbox::Mailbox;
use super::swipe::Swiping;
#[cfg(any(feature = "hydrate", test))]
use super::table::whole;
use leptos::html;
use leptos::prelude::*;

/// The scrolled part around the list.
#[component]
pub fn Scroller(children: Children) -> impl IntoView {
    let mailbox = Mailbox::find();
    let body = NodeRef::<html::Div>::new();
    follow(mailbox, body);
    let swiping = Swiping::new(Commands::find());
    view! {
        <div
            class="list-body"
            tabindex="-1"
            node_ref=body
            on:scroll=move |_| {
                look(mailbox, body);
                if is_leaving(mailbox) {
                    hold_focus(body);
                }
            }
            on:pointerdown=move |event| swiping.take(&event)
            on:pointermove=move |event| swiping.take(&event)
            on:pointerup=move |event| swiping.take(&event)
            on:pointercancel=move |event| swiping.take(&event)
        >
            {children()}
        </div>
    }
}

/// Keeps the margins true to the rows, and the scroll bar to what is seen.
#[cfg(feature = "hydrate")]
fn follow(mailbox: Mailbox, body: NodeRef<html::Div>) {
    use super::route::Page;
    use super::rows::{List, PAGE};
    let rows = mailbox.rows;
    Left::listen();
    // Where there is room for one pane, the list cannot be measured while a message is open: what came
    // meanwhile counts when it is seen again.
    let back = RwSignal::new(());
    // The height of a row in pixels, once it has been measured.
    let height = StoredValue::new(0.0_f64);
    Effect::new(move |_| {
        if matches!(mailbox.page.get(), Page::Folder(_)) {
            request_animation_frame(move || {
                let _ = back.try_set(());
            });
        }
    });
    Effect::new(move |before: Option<(Option<List>, u32)>| {
        let list = rows.list();
        let page = mailbox.list_page.get();
        let (above, below) = rows.beyond();
        let moved = rows.moved();
        back.track();
        let before = before.unwrap_or((None, 1));
        let Some(element) = body.get() else {
            return before;
        };
        let begun = before.0 != list;
        // Its rows are there after this only.
        if let Some(top) = list.as_ref().filter(|_| begun).and_then(Left::top_of) {
            let element = element.clone();
            request_animation_frame(move || {
                set_top(&element, f64::from(top));
                look(mailbox, body);
            });
        }
        // To measure is to lay out, and between the rows and their margins the list may be shorter for a
        // moment: what is scrolled would end there.
        let known = Some(height.get_value()).filter(|height| *height > 0.0);
        let known = known.filter(|_| !begun && moved.is_none());
        let Some(row) = known.or_else(|| measured(&element)) else {
            return (list, 1);
        };
        height.set_value(row);
        request_animation_frame(move || {
            // With the density of the rows, say.
            let now = body.try_get_untracked().flatten();
            if now
                .and_then(|element| measured(&element))
                .is_some_and(|now| (now - row).abs() > 0.01)
            {
                let _ = height.try_set_value(0.0);
                let _ = back.try_set(());
            }
        });
        margins(&element, f64::from(above) * row, f64::from(below) * row);
        // An address that names a page means to look there; one without leaves the list where it
        // is, such as on the way back from a message.
        let named = page > 1 && before.1 != page && !is_seen(&element, page, row);
        if begun || named {
            let top = f64::from(page.saturating_sub(1).saturating_mul(PAGE)) * row;
            set_top(&element, top);
            look(mailbox, body);
        } else if let Some(top) = moved {
            set_top(&element, top);
        }
        rows.has_moved();
        (list, page)
    });
    let resized = window_event_listener(leptos::ev::resize, move |_| look(mailbox, body));
    on_cleanup(move || resized.remove());
}

/// Where lists were left, for whoever comes back to one.
#[cfg(feature = "hydrate")]
struct Left {
    /// The last lists and how far each was scrolled, in pixels; the latest at the end.
    tops: Vec<(super::rows::List, i32)>,
    returning: bool,
    listening: bool,
}

#[cfg(feature = "hydrate")]
thread_local! {
    static LEFT: std::cell::RefCell<Left> = const {
        std::cell::RefCell::new(Left {
            tops: Vec::new(),
            returning: false,
            listening: false,
        })
    };
}

#[cfg(feature = "hydrate")]
impl Left {
    /// Lists that are remembered.
    const LIMIT: usize = 20;

    fn put(list: super::rows::List, top: i32) {
        LEFT.with_borrow_mut(|left| {
            left.tops.retain(|(known, _)| *known != list);
            if left.tops.len() >= Self::LIMIT {
                left.tops.remove(0);
            }
            left.tops.push((list, top));
        });
    }

    /// Where the list was left, for one who comes back.
    fn top_of(list: &super::rows::List) -> Option<i32> {
        LEFT.with_borrow(|left| {
            let known = left.tops.iter().find(|(known, _)| known == list);
            known.filter(|_| left.returning).map(|(_, top)| *top)
        })
    }

    /// The way back through the history leads to where one was; any other begins at the top. As
    /// long as the page: one may come back from where there is no list.
    fn listen() {
        if LEFT.with_borrow_mut(|left| std::mem::replace(&mut left.listening, true)) {
            return;
        }
        let turn = |returning| LEFT.with_borrow_mut(|left| left.returning = returning);
        window_event_listener(leptos::ev::popstate, move |_| turn(true));
        window_event_listener(leptos::ev::click, move |_| turn(false));
    }
}

/// Whether a row of this page is seen.
#[cfg(feature = "hydrate")]
fn is_seen(body: &web_sys::HtmlElement, page: u32, row: f64) -> bool {
    let first = f64::from(page.saturating_sub(1).saturating_mul(super::rows::PAGE)) * row;
    let last = first + f64::from(super::rows::PAGE) * row;
    let top = f64::from(body.scroll_top());
    let bottom = top + f64::from(body.client_height());
    first < bottom && top < last
}

#[cfg(not(feature = "hydrate"))]
fn follow(_: Mailbox, _: NodeRef<html::Div>) {
    // Only the browser scrolls.
    use super::rows::Rows;
    let _ = (
        Rows::moved,
        Rows::has_moved,
        Rows::beyond,
        Rows::look,
        Rows::is_shown,
    );
}

/// Tells the rows how they are looked at.
#[cfg(feature = "hydrate")]
pub fn look(mailbox: Mailbox, body: NodeRef<html::Div>) {
    // It may have gone since.
    let Some(Some(element)) = body.try_get_untracked() else {
        return;
    };
    if let Some(row) = measured(&element) {
        let (top, height) = (element.scroll_top(), element.client_height());
        // While another list is to come, what stands in its place is scrolled.
        if let Some(list) = mailbox.list_now() {
            Left::put(list, top);
        }
        mailbox
            .rows
            .look(mailbox, f64::from(top), f64::from(height), row);
    }
}

#[cfg(not(feature = "hydrate"))]
fn look(_: Mailbox, _: NodeRef<html::Div>) {}

/// Whether the focus is on a row that is about to go, since it was scrolled away.
#[cfg(feature = "hydrate")]
fn is_leaving(mailbox: Mailbox) -> bool {
    browser::focused_row().is_some_and(|uid| !mailbox.rows.is_shown(uid))
}

#[cfg(not(feature = "hydrate"))]
fn is_leaving(_: Mailbox) -> bool {
    false
}

/// Gives the focus that goes with its row to the list, or the next key would scroll nothing.
#[cfg(feature = "hydrate")]
fn hold_focus(body: NodeRef<html::Div>) {
    if let Some(element) = body.get_untracked() {
        let still = web_sys::FocusOptions::new();
        still.set_prevent_scroll(true);
        let _ = element.focus_with_options(&still);
    }
}

#[cfg(not(feature = "hydrate"))]
fn hold_focus(_: NodeRef<html::Div>) {}

/// The height of a row in pixels; `None` while there is none.
#[cfg(feature = "hydrate")]
fn measured(body: &web_sys::HtmlElement) -> Option<f64> {
    let row = body
        .query_selector("ol.messages > .row-item:not([hidden])")
        .ok()??;
    let height = row.get_bounding_client_rect().height();
    (height > 0.0).then_some(height)
}

/// Sets what stands for the rows that are not there. By the style object: the page's policy allows
/// no style attributes.
#[cfg(feature = "hydrate")]
fn margins(body: &web_sys::HtmlElement, above: f64, below: f64) {
    use wasm_bindgen::JsCast as _;
    let list = body
        .query_selector("ol.messages")
        .ok()
        .flatten()
        .and_then(|list| list.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(list) = list {
        let style = list.style();
        let _ = style.set_property("padding-top", &pixels(above));
        let _ = style.set_property("padding-bottom", &pixels(below));
    }
}

/// A length to the thousandth. Rust's way of writing floats is 16 kB of WebAssembly.
#[cfg(any(feature = "hydrate", test))]
fn pixels(length: f64) -> String {
    let rest = whole(length.fract() * 1000.0);
    format!("{}.{rest:03}px", whole(length))
}

#[cfg(feature = "hydrate")]
#[allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "the browser's scroll position is a whole number here; `as` saturates"
)]
fn set_top(body: &web_sys::HtmlElement, top: f64) {
    body.set_scroll_top(top.round() as i32);
}

#[cfg(test)]
mod tests {
    use super::pixels;

    #[test]
    fn lengths_are_written_to_the_thousandth() {
        for (length, written) in [
            (0.0, "0.000px"),
            (83.5, "83.500px"),
            (0.062_5, "0.062px"),
            (8_333_333.333_3, "8333333.333px"),
        ] {
            assert_eq!(pixels(length), written);
        }
    }
}
