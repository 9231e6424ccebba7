//! What was left out of a mail's HTML, counted by kind, so that its reader can be told. The counts
//! are of what the mail wrote, not of what a browser would have done with it.

use crate::mail::css;
use crate::mail::entity;
use crate::mail::markup::Attribute;

/// An opacity at which nothing is seen.
const FAINT: f32 = 0.02;

/// How much of what kind was left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Images on the net that can be seen.
    pub images: u32,
    /// Images on the net that cannot be seen: they are there to count readers.
    pub pixels: u32,
    /// Style sheets on the net.
    pub styles: u32,
    pub fonts: u32,
    pub scripts: u32,
    pub forms: u32,
    /// `object`, `embed`, `applet`.
    pub plugins: u32,
    /// Frames, films, sounds, and whatever else wants to be fetched.
    pub other: u32,
    /// Elements beyond those that are kept; the text in them is shown.
    pub elements: u32,
    /// Whether anything of it would have been fetched from the net.
    pub remote: bool,
}

impl Report {
    /// Counts what was left out of another text of the same mail, too.
    pub fn add(&mut self, other: &Self) {
        for (sum, count) in [
            (&mut self.images, other.images),
            (&mut self.pixels, other.pixels),
            (&mut self.styles, other.styles),
            (&mut self.fonts, other.fonts),
            (&mut self.scripts, other.scripts),
            (&mut self.forms, other.forms),
            (&mut self.plugins, other.plugins),
            (&mut self.other, other.other),
            (&mut self.elements, other.elements),
        ] {
            add(sum, count);
        }
        self.remote |= other.remote;
    }

    /// Counts a start tag, allowed or not; `pixel` says of an image that it cannot be seen.
    pub(super) fn tag(&mut self, name: &str, attributes: &[Attribute<'_>], pixel: bool) {
        match name {
            "script" => add(&mut self.scripts, 1),
            "form" => add(&mut self.forms, 1),
            "object" | "embed" | "applet" => add(&mut self.plugins, 1),
            _ => {}
        }
        let mut image = false;
        for attribute in attributes {
            let loads = match &*attribute.name {
                "src" | "background" | "poster" | "data" | "lowsrc" | "dynsrc" | "xlink:href" => {
                    true
                }
                "href" => matches!(name, "link" | "image" | "use" | "feimage"),
                "srcset" | "imagesrcset" => {
                    let remote = attribute.value.contains("//");
                    image = image || remote;
                    self.remote = self.remote || remote;
                    false
                }
                "style" => {
                    self.css(&entity::decode(attribute.value));
                    false
                }
                _ => false,
            };
            if !loads || !css::is_remote(&entity::decode(attribute.value)) {
                continue;
            }
            self.remote = true;
            match name {
                "script" | "object" | "embed" | "applet" => {}
                "iframe" | "frame" | "audio" | "source" | "track" => add(&mut self.other, 1),
                "video" if attribute.name == "src" => add(&mut self.other, 1),
                "link" => match link(attributes) {
                    Link::Style => add(&mut self.styles, 1),
                    Link::Font => add(&mut self.fonts, 1),
                    Link::Other => add(&mut self.other, 1),
                },
                _ => image = true,
            }
        }
        if image {
            if pixel {
                add(&mut self.pixels, 1);
            } else {
                add(&mut self.images, 1);
            }
        }
    }

    /// Counts what a style sheet or a style attribute wants to load.
    pub(super) fn css(&mut self, css: &str) {
        let loads = css::count(css);
        add(&mut self.images, loads.images);
        add(&mut self.fonts, loads.fonts);
        add(&mut self.styles, loads.sheets);
        self.remote = self.remote || loads.any();
    }

    /// Counts an element that is one too many.
    pub(super) fn element(&mut self) {
        add(&mut self.elements, 1);
    }

    /// Everything that was left out.
    pub fn total(&self) -> u32 {
        [
            self.images,
            self.pixels,
            self.styles,
            self.fonts,
            self.scripts,
            self.forms,
            self.plugins,
            self.other,
            self.elements,
        ]
        .into_iter()
        .fold(0, u32::saturating_add)
    }
}

fn add(count: &mut u32, more: u32) {
    *count = count.saturating_add(more);
}

enum Link {
    Style,
    Font,
    Other,
}

fn link(attributes: &[Attribute<'_>]) -> Link {
    let has = |name: &str, word: &str| {
        attributes.iter().any(|attribute| {
            attribute.name == name
                && attribute
                    .value
                    .split_ascii_whitespace()
                    .any(|value| value.eq_ignore_ascii_case(word))
        })
    };
    if has("rel", "stylesheet") || has("as", "style") {
        Link::Style
    } else if has("as", "font") {
        Link::Font
    } else {
        Link::Other
    }
}

/// Whether an image cannot be seen: a dot, or hidden.
pub(super) fn is_pixel(attributes: &[Attribute<'_>]) -> bool {
    let value = |name: &str| {
        attributes
            .iter()
            .find(|attribute| attribute.name == name)
            .map(|attribute| entity::decode(attribute.value))
    };
    let tiny = |length: &str| {
        let number = length.trim();
        let number = number.strip_suffix("px").unwrap_or(number);
        number
            .parse::<f32>()
            .is_ok_and(|n| (0.0..=1.0).contains(&n))
    };
    let attribute = |name| value(name).map(|length| tiny(&length));
    let (mut width, mut height) = (attribute("width"), attribute("height"));
    let style = value("style").unwrap_or_default();
    // Words stand as the mail wrote them.
    let style = css::harmless(&style).to_ascii_lowercase();
    for declaration in style.split("; ") {
        match declaration.split_once(": ") {
            Some(("visibility", "hidden" | "collapse")) => return true,
            Some((property, value)) if hides(property, value) => return true,
            Some(("width" | "max-width", length)) => width = Some(tiny(length)),
            Some(("height" | "max-height", length)) => height = Some(tiny(length)),
            _ => {}
        }
    }
    let hidden = attributes.iter().any(|a| a.name == "hidden");
    hidden || width == Some(true) && height == Some(true)
}

/// Whether a declaration in lower case hides an element and all that is in it.
fn hides(property: &str, value: &str) -> bool {
    let faint = |value: &str| {
        let share = value.strip_suffix('%').map(|number| (number, 100.0));
        let (number, whole) = share.unwrap_or((value, 1.0));
        number.parse::<f32>().is_ok_and(|n| n / whole <= FAINT)
    };
    match property {
        "display" => value == "none",
        "opacity" => faint(value),
        _ => false,
    }
}

/// Whether nothing in an element can be seen, whatever that says.
pub(super) fn hides_all(attributes: &[Attribute<'_>]) -> bool {
    // In a narrow window it may be shown: classes are for that only.
    if attributes.iter().any(|a| a.name == "class") {
        return false;
    }
    attributes.iter().any(|attribute| match &*attribute.name {
        "hidden" => true,
        // Most styles need not be read for that.
        "style" if may_hide(attribute.value) => css::harmless(&entity::decode(attribute.value))
            .to_ascii_lowercase()
            .split("; ")
            .filter_map(|declaration| declaration.split_once(": "))
            .any(|(property, value)| hides(property, value)),
        _ => false,
    })
}

/// Whether there may be something in a style that hides: signs may be written in other ways.
fn may_hide(style: &str) -> bool {
    let has = |word: &[u8]| {
        let mut places = style.as_bytes().windows(word.len());
        places.any(|place| place.eq_ignore_ascii_case(word))
    };
    style.contains(['\\', '&']) || has(b"none") || has(b"opacity")
}

#[cfg(test)]
mod tests {
    use super::Report;
    use crate::mail::html::sanitise;

    fn of(html: &str) -> Report {
        sanitise(html, &|_| None).report
    }

    #[test]
    fn what_is_left_out_is_counted_by_kind() {
        let report = of("<style>@import 'http://x/a.css';@font-face{font-family:x;\
             src:url(http://x/a.woff)}td{background:url(//x/a.png)}</style>\
             <link rel=stylesheet href=http://x/b.css><link rel=preload as=font href=http://x/b>\
             <link rel=dns-prefetch href=//x><script>1</script><script src=http://x></script>\
             <form><input type=image src=http://x/c.png></form><object data=http://x></object>\
             <iframe src=http://x></iframe><video src=http://x poster=http://x/d.png></video>\
             <img src=http://x/e.png srcset='http://x/f.png 2x'><img src=http://x/p width=1 height=1>\
             <table background=http://x/g.png><tr><td style='background:url(http://x/h.png)'>a");
        let expected = Report {
            images: 6,
            pixels: 1,
            styles: 2,
            fonts: 2,
            scripts: 2,
            forms: 1,
            plugins: 1,
            other: 3,
            elements: 0,
            remote: true,
        };
        assert_eq!(report, expected);
        assert_eq!(report.total(), 18);
        assert_eq!(
            of("<p>a <a href=http://x>b</a> <img src=cid:x>"),
            Report::default()
        );
    }

    #[test]
    fn elements_beyond_what_is_kept_are_counted() {
        assert_eq!(of(&"<b>x</b>".repeat(60_007)).elements, 7);
        assert_eq!(of(&"<b>x</b>".repeat(60_000)).elements, 0);
    }

    #[test]
    fn what_cannot_be_seen_is_there_to_count() {
        for (attributes, pixels) in [
            ("width=1 height=1", 1),
            ("width='1px' height=0", 1),
            ("style='width:1px;height:1px'", 1),
            ("style='display:none'", 1),
            ("style='DISPLAY: none !important'", 1),
            ("style='visibility:hidden'", 1),
            ("style='opacity:0'", 1),
            ("style='display:NONE'", 1),
            ("style='visibility:Hidden'", 1),
            ("style='opacity:0%'", 1),
            ("style='opacity:.001'", 1),
            ("style='opacity:50%'", 0),
            ("style='opacity:.5'", 0),
            ("style='max-height:0;max-width:0'", 1),
            ("hidden", 1),
            ("width=600 height=1", 0),
            ("width=1", 0),
            ("width=10 height=10", 0),
            ("style='width:1em;height:1em'", 0),
            ("", 0),
        ] {
            let report = of(&format!("<img src=http://x/y {attributes}>"));
            assert_eq!(
                (report.pixels, report.images),
                (pixels, 1 - pixels),
                "{attributes}"
            );
        }
        for (around, pixels) in [
            ("<div style='display:none'>", 1),
            ("<div style='Display:None'><p><b>", 1),
            ("<table style='d\\isplay:n\\one'><td>", 1),
            ("<div hidden>", 1),
            ("<body style='opacity:0'><a href='http://x'>", 1),
            ("<style>.x{display:none}</style><div class=x>", 1),
            ("<div hidden><a href='http://x'><p><a href='http://y'>", 1),
            ("<div style='display:none'></div>", 0),
            ("<table><td style='display:none'>a<td>", 0),
            ("<br hidden>a<b>", 0),
            ("<div style='display:block;text-decoration:none'>", 0),
            // Shown in narrow windows.
            (
                "<style>.x{display:none}@media (max-width:600px){.x{display:block!important}}</style>\
                 <div class=x>",
                0,
            ),
        ] {
            let report = of(&format!("{around}<img src=http://x/y>"));
            assert_eq!(
                (report.pixels, report.images),
                (pixels, 1 - pixels),
                "{around}"
            );
        }
    }
}
