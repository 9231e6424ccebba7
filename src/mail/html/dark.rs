//! A mail on dark paper. Mails are written for white paper: what is light becomes dark, text is
//! moved until it stands out from what lies under it, and what is dark or vivid already stays what
//! it is, so that a brand keeps its colour. Nothing of the mail is taken away: each element that
//! has colours, or inherits some that no longer do, gets declarations of `light-dark()` behind its
//! own, which apply where the document is dark. A browser that does not know them keeps the mail's.
//!
//! It is done with the sanitised result, whose style attributes are `css::write`'s, in the one pass
//! that puts in the images. What lies under a text is known from the elements around it. Over an
//! image nobody knows: there all stays as the mail has it, on the ground it was meant to have.

mod palette;

use crate::mail::colour::{self, BLACK, Colour, Paint};
use palette::{CONTRAST, INK, LINK, MARK, PAPER};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::rc::Rc;

/// Elements that are remembered: a newsletter says the same few things in each of its cells.
const KNOWN_LIMIT: usize = 2048;

/// What an element is, as far as its colours go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Link,
    Font,
    Line,
    Mark,
    /// May have a `bgcolor`.
    Cell,
    Other,
}

impl Kind {
    fn of(name: &str) -> Self {
        match name {
            "a" => Self::Link,
            "font" => Self::Font,
            "hr" => Self::Line,
            "mark" => Self::Mark,
            "table" | "thead" | "tbody" | "tfoot" | "tr" | "td" | "th" | "col" | "colgroup" => {
                Self::Cell
            }
            _ => Self::Other,
        }
    }
}

/// What text stands on and is written in: as the mail has it, and as it is in the dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Place {
    ground: [Colour; 2],
    ink: [Colour; 2],
    /// Whether the text is transparent, and so not there to be read.
    hidden: bool,
    /// Whether there is an image underneath.
    image: bool,
}

const PAGE: Place = Place {
    ground: PAPER,
    ink: INK,
    hidden: false,
    image: false,
};

impl Place {
    /// The text on this ground in the dark, for one that the mail has in `ink`.
    fn ink(&self, ink: Colour) -> Colour {
        if self.image {
            ink
        } else {
            palette::ink(ink, self.ground[1])
        }
    }

    /// A border around this ground in the dark.
    fn line(&self, line: Colour) -> Colour {
        if line == self.ground[0] {
            // A button whose edge is its own ground.
            self.ground[1]
        } else if self.ground[0] == self.ground[1] {
            line
        } else {
            palette::line(line)
        }
    }
}

/// The attributes of a start tag that colour it, as they are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Painted<'a> {
    pub style: &'a str,
    pub bgcolor: &'a str,
    pub color: &'a str,
    /// Whether it has a background image by an attribute.
    pub image: bool,
}

/// The pass over one mail.
#[derive(Debug, Default)]
pub(super) struct Dark<'a> {
    around: Vec<Place>,
    known: HashMap<(Kind, Place, Painted<'a>), (Rc<str>, Place)>,
}

impl<'a> Dark<'a> {
    /// The declarations that a start tag gets behind its own, which are `style` where that is not
    /// what stands there; empty where it needs none.
    pub(super) fn start(
        &mut self,
        name: &str,
        painted: Painted<'a>,
        style: Option<&str>,
    ) -> Rc<str> {
        let kind = Kind::of(name);
        let around = self.around.last().copied().unwrap_or(PAGE);
        let (added, place) = if let Some(style) = style {
            element(kind, around, Painted { style, ..painted })
        } else if painted == Painted::default() && !matches!(kind, Kind::Link | Kind::Mark) {
            (Rc::default(), around)
        } else {
            self.remembered(kind, around, painted)
        };
        if !matches!(name, "br" | "img" | "hr" | "wbr" | "col") {
            self.around.push(place);
        }
        added
    }

    /// An end tag; the tags of what is sanitised are in order.
    pub(super) fn end(&mut self) {
        self.around.pop();
    }

    fn remembered(&mut self, kind: Kind, around: Place, painted: Painted<'a>) -> (Rc<str>, Place) {
        let key = (kind, around, painted);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let found = element(kind, around, painted);
        if self.known.len() >= KNOWN_LIMIT {
            self.known.clear();
        }
        self.known.insert(key, found.clone());
        found
    }
}

/// What a style attribute says about colours.
#[derive(Debug, Default)]
struct Said<'a> {
    /// Whether there is any background in it, which stands over the attribute.
    background: bool,
    ground: Option<(&'a str, Paint)>,
    image: bool,
    ink: Option<&'a str>,
    /// Borders: the property to write, and the value as it is.
    lines: Vec<(&'a str, &'a str)>,
    underline: Option<&'a str>,
}

impl<'a> Said<'a> {
    fn read(style: &'a str) -> Self {
        let mut said = Self::default();
        for declaration in style.split("; ") {
            let Some((property, value)) = declaration.split_once(": ") else {
                continue;
            };
            match property {
                "color" => said.ink = Some(value),
                "background" | "background-color" => {
                    said.background = true;
                    said.ground = first(value);
                    if property == "background" {
                        said.image = value.contains("url(");
                    }
                }
                "background-image" => said.image = value.contains("url("),
                "text-decoration" | "text-decoration-color" => said.underline = Some(value),
                _ if property.starts_with("border") => said.lines.push((property, value)),
                _ => {}
            }
        }
        said
    }
}

/// The words and functions of a value.
fn pieces(value: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    value
        .split(move |c: char| {
            match c {
                '(' => depth = depth.saturating_add(1),
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && matches!(c, ' ' | ',' | '/')
        })
        .filter(|piece| !piece.is_empty())
}

/// The first colour of a value.
fn first(value: &str) -> Option<(&str, Paint)> {
    pieces(value).find_map(|piece| Some((piece, colour::css(piece)?)))
}

/// What an element at `around` gets, and what is inside it.
fn element(kind: Kind, around: Place, painted: Painted<'_>) -> (Rc<str>, Place) {
    let said = Said::read(painted.style);
    let mut out = String::new();
    let mut place = around;
    if kind == Kind::Mark {
        place.ground = [MARK; 2];
        place.ink = [BLACK; 2];
        place.hidden = false;
        place.image = false;
    }
    ground(&mut out, &mut place, kind, &said, painted);
    ink(&mut out, &mut place, kind, &said, painted);
    lines(&mut out, &place, &said);
    if kind == Kind::Line && said.lines.is_empty() && !said.background {
        rule(&mut out, &place, painted.color);
    }
    (out.into(), place)
}

/// The background of an element: `place` is around it, and then inside it.
fn ground(out: &mut String, place: &mut Place, kind: Kind, said: &Said<'_>, painted: Painted<'_>) {
    let attribute = (kind == Kind::Cell && !said.background)
        .then(|| colour::legacy(painted.bgcolor))
        .flatten();
    let written = attribute.map(|colour| colour.to_string());
    let own = match (&written, attribute) {
        (Some(written), Some(colour)) => Some((written.as_str(), Paint { colour, alpha: 1.0 })),
        _ => said.ground,
    };
    let own = own.filter(|(_, paint)| paint.alpha > 0.0);
    let light = own.map_or(place.ground[0], |(_, paint)| paint.on(place.ground[0]));
    let opaque = own.is_some_and(|(_, paint)| paint.alpha >= 1.0);
    if said.image || painted.image || place.image && !opaque {
        if !place.image && !opaque {
            let written = own.map_or("transparent", |(written, _)| written);
            both(out, "background-color", written, light);
        }
        place.image = true;
        place.ground = [light; 2];
    } else if let Some((written, paint)) = own {
        let dark = palette::ground(light);
        if !(opaque && dark == paint.colour) {
            both(out, "background-color", written, dark);
        }
        place.image = false;
        place.ground = [light, dark];
    }
}

/// The text of an element whose background is known: its own, or what it inherits where that no
/// longer stands out.
fn ink(out: &mut String, place: &mut Place, kind: Kind, said: &Said<'_>, painted: Painted<'_>) {
    let attribute = (kind == Kind::Font && said.ink.is_none())
        .then(|| colour::legacy(painted.color))
        .flatten();
    let written = attribute.map(|colour| colour.to_string());
    let own = match (&written, attribute) {
        (Some(written), Some(colour)) => Some((written.as_str(), Paint { colour, alpha: 1.0 })),
        _ => said.ink.and_then(|ink| Some((ink, colour::css(ink)?))),
    };
    if let Some((written, paint)) = own {
        place.hidden = paint.alpha <= 0.0;
        if !place.hidden {
            let light = paint.on(place.ground[0]);
            let dark = place.ink(light);
            if paint.alpha < 1.0 && !place.image || dark != light {
                both(out, "color", written, dark);
            }
            place.ink = [light, dark];
        }
        return;
    }
    let inherits = |ink: &str| {
        ["inherit", "currentcolor", "unset"]
            .iter()
            .any(|word| ink.eq_ignore_ascii_case(word))
    };
    if kind == Kind::Link && !said.ink.is_some_and(inherits) {
        place.ink = LINK;
        place.hidden = false;
    }
    if place.hidden {
        return;
    }
    let [light, dark] = place.ink;
    let fits = if place.image {
        dark == light
    } else {
        dark.contrast(place.ground[1]) >= CONTRAST
    };
    if !fits {
        place.ink[1] = place.ink(light);
        both(out, "color", &light.to_string(), place.ink[1]);
    }
}

/// The borders of an element, and the line under its text.
fn lines(out: &mut String, place: &Place, said: &Said<'_>) {
    if place.image {
        return;
    }
    let mut changed = false;
    let mut written = String::new();
    for (property, value) in &said.lines {
        let Some(side) = property.strip_prefix("border") else {
            continue;
        };
        let (side, longhand) = match side.strip_suffix("-color") {
            Some(side) => (side, true),
            None => (side, false),
        };
        if !matches!(side, "" | "-top" | "-right" | "-bottom" | "-left") {
            continue;
        }
        let mut colours = String::new();
        for piece in pieces(value) {
            match colour::css(piece) {
                Some(paint) if paint.alpha > 0.0 => {
                    let light = paint.on(place.ground[0]);
                    let dark = place.line(light);
                    changed = changed || dark != light || paint.alpha < 1.0;
                    let _ = write!(colours, " light-dark({piece}, {dark})");
                }
                // What else a longhand has are `currentcolor` and its kin.
                paint if longhand || paint.is_some() => colours.extend([" ", piece]),
                _ => {}
            }
        }
        if colours.is_empty() {
            colours.push_str(" currentcolor");
        }
        separate(&mut written);
        written.extend(["border", side, "-color:", &colours]);
    }
    if changed {
        separate(out);
        out.push_str(&written);
    }
    if let Some(line) = said.underline
        && let Some((piece, paint)) = first(line)
        && paint.alpha > 0.0
    {
        let dark = place.ink(paint.on(place.ground[0]));
        both(out, "text-decoration-color", piece, dark);
    }
}

/// The line of an `<hr>` with a `color`.
fn rule(out: &mut String, place: &Place, color: &str) {
    if let Some(light) = colour::legacy(color).filter(|_| !place.image) {
        let (written, dark) = (light.to_string(), place.line(light));
        if dark == light {
            return;
        }
        for property in ["color", "border-color", "background-color"] {
            both(out, property, &written, dark);
        }
    }
}

/// A declaration with what the mail has, as it is written, and what is in the dark.
fn both(out: &mut String, property: &str, written: &str, dark: Colour) {
    separate(out);
    // Writing to a String cannot fail.
    let _ = write!(out, "{property}: light-dark({written}, {dark})");
}

fn separate(out: &mut String) {
    if !out.is_empty() {
        out.push_str("; ");
    }
}

#[cfg(test)]
mod tests;
