//! What only the browser can do. On the server each does nothing.

/// The element with this id, closed if it is an open popover.
#[cfg(feature = "hydrate")]
pub fn close_popover(id: &str) {
    use wasm_bindgen::JsCast as _;
    let Some(element) = leptos::prelude::document().get_element_by_id(id) else {
        return;
    };
    // Not in web-sys's stable part yet. An element that is not open throws, which is all right.
    if let Ok(hide) = js_sys::Reflect::get(&element, &"hidePopover".into())
        && let Ok(hide) = hide.dyn_into::<js_sys::Function>()
        && element.matches(":popover-open").unwrap_or(false)
    {
        let _ = hide.call0(&element);
    }
}

#[cfg(not(feature = "hydrate"))]
pub fn close_popover(_: &str) {}

/// Whether the page that the server sent is the browser's own by now.
#[cfg(feature = "hydrate")]
pub fn is_taken_over() -> bool {
    leptos::prelude::document()
        .document_element()
        .is_some_and(|page| page.has_attribute("data-hydrated"))
}

#[cfg(not(feature = "hydrate"))]
pub fn is_taken_over() -> bool {
    false
}

/// Closes all menus (`<details class="menu">`); `false` where none was open.
#[cfg(feature = "hydrate")]
pub fn close_menus() -> bool {
    use wasm_bindgen::JsCast as _;
    let Ok(open) = leptos::prelude::document().query_selector_all("details.menu[open]") else {
        return false;
    };
    for index in 0..open.length() {
        if let Some(element) = open
            .get(index)
            .and_then(|n| n.dyn_into::<web_sys::Element>().ok())
        {
            let _ = element.remove_attribute("open");
        }
    }
    open.length() > 0
}

#[cfg(not(feature = "hydrate"))]
pub fn close_menus() -> bool {
    false
}

/// Lets a click elsewhere and Escape close the menus, as people expect of menus.
#[cfg(feature = "hydrate")]
pub fn watch_menus() {
    use leptos::prelude::*;
    use wasm_bindgen::JsCast as _;
    let clicks = window_event_listener(leptos::ev::click, |event| {
        let inside = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .and_then(|target| target.closest("details.menu").ok().flatten())
            .is_some();
        if !inside {
            close_menus();
        }
    });
    let keys = window_event_listener(leptos::ev::keydown, |event| {
        if event.key() != "Escape" {
            return;
        }
        let summary = document()
            .active_element()
            .and_then(|active| active.closest("details.menu[open]").ok().flatten())
            .and_then(|menu| menu.query_selector("summary").ok().flatten())
            .and_then(|summary| summary.dyn_into::<web_sys::HtmlElement>().ok());
        // That is all that this Escape does.
        if close_menus() {
            event.prevent_default();
        }
        if let Some(summary) = summary {
            let _ = summary.focus();
        }
    });
    // A click into a frame is its own affair, and is seen by the focus that goes there.
    let away = window_event_listener(leptos::ev::blur, |_| {
        set_timeout(
            || {
                let active = document().active_element();
                if active.is_some_and(|active| active.tag_name() == "IFRAME") {
                    close_menus();
                }
            },
            std::time::Duration::ZERO,
        );
    });
    on_cleanup(move || {
        clicks.remove();
        keys.remove();
        away.remove();
    });
}

#[cfg(not(feature = "hydrate"))]
pub fn watch_menus() {}

/// The value of the button that sent a form.
#[cfg(feature = "hydrate")]
pub fn submitter(event: &leptos::ev::SubmitEvent) -> Option<String> {
    event.submitter()?.get_attribute("value")
}

#[cfg(not(feature = "hydrate"))]
pub fn submitter(_: &leptos::ev::SubmitEvent) -> Option<String> {
    None
}

/// Loads a page of this site anew.
#[cfg(feature = "hydrate")]
pub fn load(path: &str) {
    let _ = leptos::prelude::window().location().set_href(path);
}

#[cfg(not(feature = "hydrate"))]
pub fn load(_: &str) {}

/// Does something when the browser has nothing else to do.
#[cfg(feature = "hydrate")]
pub fn when_idle(act: impl Fn() + 'static) {
    use leptos::prelude::{request_idle_callback, set_timeout, window};
    // Safari does not say when it is.
    if js_sys::Reflect::has(&window(), &"requestIdleCallback".into()).unwrap_or(false) {
        request_idle_callback(act);
    } else {
        set_timeout(act, std::time::Duration::from_secs(1));
    }
}

#[cfg(not(feature = "hydrate"))]
pub fn when_idle(_: impl Fn() + 'static) {}

/// Tells the server the browser's time zone, by a cookie, so that it can write dates.
#[cfg(feature = "hydrate")]
pub fn tell_time_zone() {
    use wasm_bindgen::JsCast as _;
    let options = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new())
        .resolved_options();
    let Some(zone) = js_sys::Reflect::get(&options, &"timeZone".into())
        .ok()
        .and_then(|zone| zone.as_string())
        .filter(|zone| {
            zone.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"/_+-".contains(&b))
        })
    else {
        return;
    };
    if let Ok(document) = leptos::prelude::document().dyn_into::<web_sys::HtmlDocument>() {
        let cookie = format!("posthorn-tz={zone}; Path=/; SameSite=Lax; Max-Age=31536000");
        let _ = document.set_cookie(&cookie);
    }
}

#[cfg(not(feature = "hydrate"))]
pub fn tell_time_zone() {}

/// Moves the focus to the element with this id; `false` where there is none.
#[cfg(feature = "hydrate")]
pub fn focus(id: &str) -> bool {
    use wasm_bindgen::JsCast as _;
    leptos::prelude::document()
        .get_element_by_id(id)
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
        .is_some_and(|element| element.focus().is_ok())
}

#[cfg(not(feature = "hydrate"))]
pub fn focus(_: &str) -> bool {
    false
}

/// Moves the focus, whose element is about to go, to a row as soon as that can have it: the list may
/// be under way. Else to the main part of the page. Not any more once it has gone elsewhere.
#[cfg(feature = "hydrate")]
pub fn focus_row(uid: Option<u32>) {
    focus_soon(uid.map_or_else(|| "main".to_owned(), |uid| format!("row-{uid}")));
}

/// The same for the element with this id.
#[cfg(feature = "hydrate")]
pub fn focus_soon(id: String) {
    focus_within(id, active(), 20);
}

#[cfg(not(feature = "hydrate"))]
pub fn focus_soon(_: String) {}

#[cfg(feature = "hydrate")]
fn focus_within(id: String, before: String, tries: u8) {
    if focus(&id) && active() == id {
        return;
    }
    if tries == 0 {
        focus("main");
        return;
    }
    let again = move || {
        let now = active();
        if now.is_empty() || now == before {
            focus_within(id, before, tries - 1);
        }
    };
    leptos::prelude::set_timeout(again, std::time::Duration::from_millis(50));
}

/// The id of what has the focus.
#[cfg(feature = "hydrate")]
pub fn active() -> String {
    let active = leptos::prelude::document().active_element();
    active.map(|active| active.id()).unwrap_or_default()
}

#[cfg(not(feature = "hydrate"))]
pub fn active() -> String {
    String::new()
}

#[cfg(not(feature = "hydrate"))]
pub fn focus_row(_: Option<u32>) {}

/// Opens the popover with this id; `false` where there is none.
#[cfg(feature = "hydrate")]
pub fn open_popover(id: &str) -> bool {
    use wasm_bindgen::JsCast as _;
    let Some(element) = leptos::prelude::document().get_element_by_id(id) else {
        return false;
    };
    // Not in web-sys's stable part yet. One that is open already throws, which is all right.
    if let Ok(show) = js_sys::Reflect::get(&element, &"showPopover".into())
        && let Ok(show) = show.dyn_into::<js_sys::Function>()
    {
        let _ = show.call0(&element);
    }
    true
}

#[cfg(not(feature = "hydrate"))]
pub fn open_popover(_: &str) -> bool {
    false
}

/// The UID of the row that has the keyboard's focus.
#[cfg(feature = "hydrate")]
pub fn focused_row() -> Option<u32> {
    let active = leptos::prelude::document().active_element()?;
    active.id().strip_prefix("row-")?.parse().ok()
}

#[cfg(not(feature = "hydrate"))]
pub fn focused_row() -> Option<u32> {
    None
}

/// Whether a key belongs to a field in which one types or chooses, or to what is open above the
/// page, wherever the focus is.
#[cfg(feature = "hydrate")]
pub fn is_typing(event: &leptos::ev::KeyboardEvent) -> bool {
    use wasm_bindgen::JsCast as _;
    let above = leptos::prelude::document().query_selector(":popover-open, dialog[open]");
    if above.is_ok_and(|found| found.is_some()) {
        return true;
    }
    event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|element| {
            element
                .closest(
                    "input:not([type=checkbox]), textarea, select, [contenteditable], \
                     details.menu[open]",
                )
                .is_ok_and(|found| found.is_some())
        })
}

/// Whether a click on a link opens it elsewhere: in another tab or window, or as a file.
pub fn is_elsewhere(click: &leptos::ev::MouseEvent) -> bool {
    click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key()
}

/// Puts the caret before the text of the text box with this id.
#[cfg(feature = "hydrate")]
pub fn caret_to_start(id: &str) {
    use wasm_bindgen::JsCast as _;
    if let Some(area) = leptos::prelude::document()
        .get_element_by_id(id)
        .and_then(|element| element.dyn_into::<web_sys::HtmlTextAreaElement>().ok())
    {
        let _ = area.set_selection_range(0, 0);
        area.set_scroll_top(0);
    }
}

#[cfg(not(feature = "hydrate"))]
pub fn caret_to_start(_: &str) {}
