//! How text in a mail looks, as far as that decides what of a link is read: whether it is seen, in
//! which direction it runs, and whether what it stands in parts words.

use super::find;
use crate::mail::colour::{self, BLACK, Colour, WHITE};
use crate::mail::entity;
use crate::mail::markup::Attribute;
use std::borrow::Cow;

/// The size of text that says nothing about it, and the smallest that is read, in pixels.
const SIZE: f32 = 16.0;
const LEGIBLE: f32 = 4.0;
/// Colours that differ less are one to the eye; honest grey on white differs by more.
const CONTRAST: f32 = 1.15;
/// What shows less of itself is not seen.
const OPACITY: f32 = 0.1;
/// From here on, in pixels, text above or below its line does not stand in it.
const SHIFT: f32 = 100.0;
/// A box of less room, in pixels, that clips may show a few words only.
const NARROW: f32 = 300.0;
/// What a share of the width is taken of, in pixels.
const WIDE: f32 = 600.0;
/// The colour of a link that has none of its own.
const LINK: Colour = Colour::new(0, 0, 238);
/// Deepest sum within a sum that is worked out.
const DEPTH_LIMIT: usize = 12;

/// How an element looks: most is inherited by what is in it.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is said by itself, and inherited by itself"
)]
pub(super) struct Look {
    /// Gone with all that is in it, whatever that says.
    gone: bool,
    hidden: bool,
    clear: bool,
    /// How much shows of it, with all that it stands in.
    opacity: f32,
    /// How far above its line it stands, in pixels as what follows.
    shift: f32,
    size: f32,
    spacing: f32,
    indent: f32,
    ink: Colour,
    /// What the text stands on; `None` for an image.
    ground: Option<Colour>,
    /// From right to left.
    pub(super) leftward: bool,
    /// Even Latin letters run from right to left.
    pub(super) turned: bool,
    /// Whether words end where the element begins and ends.
    pub(super) parts_words: bool,
    /// Whether it stands, or stands in what stands, to the right of what comes behind it.
    pub(super) right: bool,
    /// Whether it stands in a box that may show a few words only.
    pub(super) cut: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            gone: false,
            hidden: false,
            clear: false,
            opacity: 1.0,
            shift: 0.0,
            size: SIZE,
            spacing: 0.0,
            indent: 0.0,
            ink: BLACK,
            ground: Some(WHITE),
            leftward: false,
            turned: false,
            parts_words: false,
            right: false,
            cut: false,
        }
    }
}

/// How the elements that are open look, each within the one before: found out where a link wants to
/// know, since most elements have none in them.
#[derive(Default)]
pub(super) struct Looks<'a> {
    known: Vec<Look>,
    /// Those within of which it is not known yet.
    unknown: Vec<(Cow<'a, str>, Vec<Attribute<'a>>)>,
}

impl<'a> Looks<'a> {
    /// An element begins.
    pub(super) fn push(&mut self, name: Cow<'a, str>, attributes: Vec<Attribute<'a>>) {
        self.unknown.push((name, attributes));
    }

    /// The innermost one ends.
    pub(super) fn pop(&mut self) {
        if self.unknown.pop().is_none() {
            self.known.pop();
        }
    }

    /// The look of the innermost one.
    pub(super) fn last(&mut self) -> Look {
        let mut look = self.known.last().copied().unwrap_or_default();
        for (name, attributes) in self.unknown.drain(..) {
            look = look.of(&name, &attributes);
            self.known.push(look);
        }
        look
    }

    /// The look of one that begins in it.
    pub(super) fn with(&mut self, name: &str, attributes: &[Attribute<'_>]) -> Look {
        self.last().of(name, attributes)
    }
}

/// What an element says about its box.
struct Room<'a> {
    display: Option<&'a str>,
    floats: bool,
    clips: bool,
    /// The smallest of its measures, in pixels.
    least: f32,
    opacity: f32,
    shift: f32,
}

impl Default for Room<'_> {
    fn default() -> Self {
        Self {
            display: None,
            floats: false,
            clips: false,
            least: f32::INFINITY,
            opacity: 1.0,
            shift: 0.0,
        }
    }
}

impl Look {
    /// How an element with these attributes looks within one of this look. The style is as
    /// `mail::css` writes it.
    fn of(self, name: &str, attributes: &[Attribute<'_>]) -> Self {
        let mut look = self;
        look.attributes(name, attributes);
        let style = entity::decode(find(attributes, "style").unwrap_or_default());
        // Words stand as the mail wrote them.
        let style = style.to_ascii_lowercase();
        let mut room = Room::default();
        for declaration in style.split("; ") {
            if let Some((property, value)) = declaration.split_once(": ") {
                look.declaration(property, value, self.size, &mut room);
            }
        }
        let block = match room.display {
            Some("inline") => false,
            Some(_) => true,
            None => !runs_in_text(name) && name != "a",
        };
        look.opacity *= room.opacity;
        look.shift += room.shift;
        // A box that shows nothing outside of itself, and in itself not half a letter.
        let clips = room.clips && (block || room.floats);
        look.gone = look.gone || clips && room.least < look.size / 2.0;
        look.cut = look.cut || clips && room.least < NARROW;
        look.parts_words = !look.gone
            && match (name, room.display) {
                ("br", _) | (_, None) => !runs_in_text(name),
                (_, Some(display)) => !display.starts_with("inline"),
            };
        look.turned = if name == "bdo" {
            look.leftward
        } else {
            // What has a direction of its own, or is a box, does not go along.
            self.turned && !block && name != "bdi" && find(attributes, "dir").is_none()
        };
        look
    }

    fn attributes(&mut self, name: &str, attributes: &[Attribute<'_>]) {
        match name {
            "a" => (self.ink, self.clear) = (LINK, false),
            "small" | "sub" | "sup" => self.size *= 0.83,
            "big" => self.size *= 1.2,
            _ => {}
        }
        match find(attributes, "dir") {
            Some(dir) if dir.eq_ignore_ascii_case("rtl") => self.leftward = true,
            Some(_) => self.leftward = false,
            None => {}
        }
        let colour = |name| colour::legacy(&entity::decode(find(attributes, name)?));
        if name == "font"
            && let Some(ink) = colour("color")
        {
            (self.ink, self.clear) = (ink, false);
        }
        if let Some(ground) = colour("bgcolor") {
            self.ground = Some(ground);
        }
        if find(attributes, "background").is_some() {
            self.ground = None;
        }
    }

    fn declaration<'a>(
        &mut self,
        property: &str,
        value: &'a str,
        around: f32,
        room: &mut Room<'a>,
    ) {
        match property {
            "display" => {
                room.display = Some(value);
                self.gone = self.gone || value == "none";
            }
            "opacity" => {
                room.opacity = opacity(value).unwrap_or(1.0);
            }
            "vertical-align" => room.shift = length(value, self.size).unwrap_or(0.0),
            "visibility" => self.hidden = value != "visible",
            "color" => {
                if let Some(paint) = colour::css(value) {
                    (self.ink, self.clear) = (paint.colour, paint.alpha < 0.1);
                }
            }
            "background" | "background-color" | "background-image" => self.background(value),
            "font-size" => self.size = length(value, around).unwrap_or(self.size),
            "font" => {
                let size = value.split(' ').find_map(|piece| {
                    let sized = piece == "0" || piece.parse::<f32>().is_err();
                    length(piece, around).filter(|_| sized)
                });
                self.size = size.unwrap_or(self.size);
            }
            "letter-spacing" => self.spacing = length(value, self.size).unwrap_or(0.0),
            // All of a line's width is beyond its end.
            "text-indent" if value.ends_with('%') => {
                let share = length(value, 100.0).unwrap_or(0.0);
                self.indent = if share < 100.0 { 0.0 } else { f32::MAX };
            }
            "text-indent" => self.indent = length(value, self.size).unwrap_or(0.0),
            "direction" => self.leftward = value == "rtl",
            "float" => {
                room.floats = value != "none";
                self.right = value == "right";
            }
            "overflow" | "overflow-x" | "overflow-y" => room.clips |= value != "visible",
            "width" | "max-width" | "height" | "max-height" => {
                let extent = self.extent(property, value).unwrap_or(f32::INFINITY);
                room.least = room.least.min(extent);
            }
            _ => {}
        }
    }

    /// A width or height in pixels, as far as it can be told: a share is one of a usual width, and of
    /// a height that mostly nobody has said, so that a small one may hide something or nothing.
    fn extent(self, property: &str, value: &str) -> Option<f32> {
        if !value.contains('%') {
            return length(value, self.size);
        }
        let extent = length(value, WIDE)?;
        if property.ends_with("width") {
            return Some(extent);
        }
        (extent < NARROW).then_some(NARROW - 1.0)
    }

    fn background(&mut self, value: &str) {
        if value.contains("url(") {
            self.ground = None;
        } else if let Some(paint) = pieces(value).find_map(colour::css)
            && paint.alpha > 0.0
        {
            self.ground = self.ground.map(|ground| paint.on(ground)).or_else(|| {
                let opaque = paint.alpha >= 1.0;
                opaque.then_some(paint.colour)
            });
        }
    }

    pub(super) fn is_seen(self) -> bool {
        let apart = |ground: Colour| self.ink.contrast(ground) >= CONTRAST;
        !(self.gone || self.hidden || self.clear)
            && self.opacity >= OPACITY
            && self.shift.abs() < SHIFT
            && self.size >= LEGIBLE
            // Letters upon each other, and text beyond the end of its line.
            && self.spacing > self.size * -0.35
            && self.indent < 200.0
            && self.ground.is_none_or(apart)
    }
}

/// The values of a shorthand, of which colours may have blanks in them.
fn pieces(value: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    value.split(move |c: char| {
        match c {
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ' ' && depth <= 0
    })
}

/// How much shows of what has this opacity; `None` where it says nothing.
fn opacity(value: &str) -> Option<f32> {
    let share = value.strip_suffix('%').map(|n| (n, 100.0));
    let (number, whole) = share.unwrap_or((value, 1.0));
    let number: f32 = number.parse().ok()?;
    Some((number / whole).clamp(0.0, 1.0))
}

/// A length in pixels, where the text around is of this size; `None` where it says none.
fn length(value: &str, around: f32) -> Option<f32> {
    match value {
        "smaller" => return Some(around * 0.83),
        "larger" => return Some(around * 1.2),
        "xx-small" | "x-small" | "small" => return Some(10.0),
        "medium" | "large" | "x-large" | "xx-large" | "xxx-large" | "initial" => {
            return Some(SIZE);
        }
        _ => {}
    }
    if let Some(inner) = value.strip_prefix("calc(") {
        return Sum {
            rest: inner.strip_suffix(')')?,
            around,
        }
        .sum(DEPTH_LIMIT);
    }
    let unit = value.find(|c: char| c.is_ascii_alphabetic() || c == '%');
    let (number, unit) = value.split_at_checked(unit.unwrap_or(value.len()))?;
    let number: f32 = number.parse().ok()?;
    let pixels = match unit {
        "" | "px" => 1.0,
        "pt" => 4.0 / 3.0,
        "pc" => 16.0,
        "in" => 96.0,
        "cm" => 37.8,
        "mm" => 3.78,
        "em" => around,
        "rem" => SIZE,
        "ex" | "ch" => around / 2.0,
        "%" => around / 100.0,
        _ => return None,
    };
    Some(number * pixels)
}

/// What stands in `calc()`, being worked out from left to right.
struct Sum<'a> {
    rest: &'a str,
    around: f32,
}

impl Sum<'_> {
    fn sum(&mut self, depth: usize) -> Option<f32> {
        let mut sum = self.product(depth)?;
        loop {
            if self.takes('+') {
                sum += self.product(depth)?;
            } else if self.takes('-') {
                sum -= self.product(depth)?;
            } else {
                return Some(sum);
            }
        }
    }

    fn product(&mut self, depth: usize) -> Option<f32> {
        let mut product = self.one(depth)?;
        loop {
            if self.takes('*') {
                product *= self.one(depth)?;
            } else if self.takes('/') {
                product /= self.one(depth)?;
            } else {
                return Some(product);
            }
        }
    }

    fn one(&mut self, depth: usize) -> Option<f32> {
        if self.takes('(') {
            let sum = self.sum(depth.checked_sub(1)?)?;
            return self.takes(')').then_some(sum);
        }
        let end = self.rest.find([' ', '(', ')']).unwrap_or(self.rest.len());
        let (one, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        length(one, self.around)
    }

    /// Whether the sign comes next, which it then is behind.
    fn takes(&mut self, sign: char) -> bool {
        let rest = self.rest.trim_start_matches(' ');
        let behind = rest.strip_prefix(sign);
        self.rest = behind.map_or(rest, |rest| rest.trim_start_matches(' '));
        behind.is_some()
    }
}

fn runs_in_text(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "b"
            | "bdi"
            | "bdo"
            | "big"
            | "cite"
            | "code"
            | "del"
            | "dfn"
            | "em"
            | "font"
            | "i"
            | "ins"
            | "kbd"
            | "mark"
            | "q"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strike"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "tt"
            | "u"
            | "var"
            | "wbr"
    )
}
