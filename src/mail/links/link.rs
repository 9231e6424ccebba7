//! The text of one link, in all the ways in which it may be read.

use super::find;
use super::look::Look;
use crate::mail::deception::{Destination, Words, beginning, names_a_place};
use crate::mail::entity;
use crate::mail::markup::{Attribute, Token};

/// Octets of a link's text that are read. A place that is named after a page of text misleads
/// nobody.
const TEXT_LIMIT: usize = 2000;
/// From here on to [`AS_BEFORE`] or the end, text runs from right to left, whatever it is.
pub(super) const LEFTWARD: char = '\u{202E}';
const AS_BEFORE: char = '\u{202C}';
/// Where an element parts words, which no text has otherwise.
const SEAM: char = '\n';
/// Pieces that are read by themselves.
const PIECES: usize = 50;

/// Text in the order in which it is seen.
#[derive(Default)]
struct Line {
    text: String,
    /// Where what runs the other way than the text around it begins.
    turns: Vec<usize>,
    /// Whether anything does.
    turned: bool,
}

impl Line {
    fn turn(&mut self) {
        self.turned = true;
        self.turns.push(self.text.len());
    }

    fn turn_back(&mut self) {
        if let Some(begin) = self.turns.pop()
            && let Some(turned) = self.text.get(begin..)
        {
            let turned = reversed(turned);
            self.text.truncate(begin);
            self.text.push_str(&turned);
        }
    }

    fn push(&mut self, text: &str) {
        let mut open = false;
        for (at, piece) in text.split(LEFTWARD).enumerate() {
            let (turned, rest) = piece.split_once(AS_BEFORE).unwrap_or((piece, ""));
            if at > 0 && !open {
                self.turn();
                open = true;
            }
            add(&mut self.text, turned);
            if open && piece.contains(AS_BEFORE) {
                self.turn_back();
                open = false;
            }
            add(&mut self.text, rest);
        }
        if open {
            self.turn_back();
        }
    }
}

/// A link that is open.
pub(super) struct Link {
    pub(super) target: String,
    /// All of its text, as it is stored.
    all: String,
    /// What of it is seen, as it is stored.
    stored: String,
    /// What of it is seen, where it is seen.
    seen: Line,
    /// The same with seams where elements part words.
    parted: Line,
    /// The same in pieces as they are stored, with the number of what floats to the right.
    pieces: Vec<(String, Option<usize>)>,
    floats: usize,
    /// Whether boxes in it stand from right to left.
    leftward: bool,
    /// Whether it may be that only a beginning or a piece of it has room.
    cut: bool,
}

impl Link {
    /// A link of this look.
    pub(super) fn new(target: &str, look: Look) -> Self {
        let mut link = Self {
            target: entity::decode(target).into_owned(),
            all: String::new(),
            stored: String::new(),
            seen: Line::default(),
            parted: Line::default(),
            pieces: Vec::new(),
            floats: 0,
            leftward: look.leftward,
            cut: look.cut,
        };
        if look.turned {
            link.turn();
        }
        link
    }

    fn turn(&mut self) {
        self.seen.turn();
        self.parted.turn();
    }

    /// An element begins that looks like this, within one that looks like `around`.
    pub(super) fn start(
        &mut self,
        attributes: &[Attribute<'_>],
        name: &str,
        look: Look,
        around: Look,
    ) {
        if look.parts_words {
            self.part();
        }
        if look.turned != around.turned {
            self.turn();
        }
        if look.right && !around.right {
            self.floats = self.floats.saturating_add(1);
        }
        self.leftward = self.leftward || look.leftward;
        self.cut = self.cut || look.cut;
        if name == "img" {
            let alternative = find(attributes, "alt").unwrap_or_default();
            self.text(&entity::decode(alternative), look);
        }
    }

    /// The end of such an element.
    pub(super) fn end(&mut self, look: Look, around: Look) {
        if look.turned != around.turned {
            self.seen.turn_back();
            self.parted.turn_back();
        }
        if look.parts_words {
            self.part();
        }
    }

    pub(super) fn read(&mut self, token: &Token<'_>, look: Look) {
        if let Token::Text(text) = token {
            self.text(&entity::decode(text), look);
        }
    }

    fn part(&mut self) {
        for text in [&mut self.all, &mut self.stored, &mut self.seen.text] {
            add(text, " ");
        }
        let parted = &mut self.parted.text;
        if parted.len() < TEXT_LIMIT && !parted.ends_with(SEAM) {
            parted.push(SEAM);
        }
    }

    fn text(&mut self, text: &str, look: Look) {
        add(&mut self.all, text);
        if !look.is_seen() {
            return;
        }
        let room = self.parted.text.len() < TEXT_LIMIT;
        add(&mut self.stored, text);
        self.seen.push(text);
        self.parted.push(text);
        if room {
            let mut piece = String::new();
            add(&mut piece, text);
            self.pieces.push((piece, look.right.then_some(self.floats)));
        }
    }

    /// The end of the link to `target`: each way to read its text once, what is seen first. `turned`
    /// says that something before the link may turn all of it.
    pub(super) fn readings(
        mut self,
        target: &Destination<'_>,
        turned: bool,
    ) -> (String, Vec<(String, Words)>) {
        while !self.seen.turns.is_empty() {
            self.seen.turn_back();
            self.parted.turn_back();
        }
        let mut list: Vec<(String, Words)> = Vec::new();
        let mut add = |text: String, words: Words| {
            if !list.iter().any(|(known, _)| *known == text) {
                list.push((text, words));
            }
        };
        let seen = self.seen.text;
        let mirrored = turned.then(|| reversed(&seen));
        add(seen.clone(), Words::Apart);
        add(self.stored, Words::Apart);
        if let Some(mirrored) = mirrored {
            add(mirrored, Words::Apart);
        }
        if self.cut {
            add(beginning(&seen), Words::Apart);
            for (piece, _) in self.pieces.iter().take(PIECES) {
                add(piece.clone(), Words::Apart);
            }
        }
        let apart = self.parted.text.contains(SEAM) || self.floats > 0 || self.leftward;
        // Where the link's own place is named without that, two texts that only stand together are no
        // third one; the others may be.
        let rest = if apart {
            target.left_of(&seen)
        } else {
            String::new()
        };
        if apart && !names_a_place(&rest) {
            add(joined(&self.parted.text, target), Words::Together);
            let mut named = false;
            for (piece, _) in &mut self.pieces {
                let left = target.left_of(piece);
                named = named || left.len() < piece.len();
                *piece = left;
            }
            // What names it in several pieces may stand on its head without it.
            let whole = named || rest.len() == seen.len();
            if self.floats > 0 && whole {
                add(floated(&self.pieces), Words::Together);
            }
            if self.leftward && whole {
                let pieces = self.pieces.iter().rev().map(|(piece, _)| piece.as_str());
                add(pieces.collect(), Words::Together);
            }
        }
        // What is hidden in the text must not stand in for what is seen, nor the other way round.
        add(self.all, Words::Apart);
        (seen, list)
    }
}

/// What stands between seams as one, without what names the target.
fn joined(parted: &str, target: &Destination<'_>) -> String {
    let mut text = String::new();
    for piece in parted.split(SEAM) {
        add(&mut text, &target.left_of(piece));
    }
    text
}

/// The pieces side by side: of those that float to the right, the first stands outermost.
fn floated(pieces: &[(String, Option<usize>)]) -> String {
    let flow = pieces.iter().filter(|(_, float)| float.is_none());
    let mut text: String = flow.map(|(piece, _)| piece.as_str()).collect();
    let floats: Vec<_> = pieces.iter().filter(|(_, float)| float.is_some()).collect();
    for float in floats.chunk_by(|(_, one), (_, two)| one == two).rev() {
        text.extend(float.iter().map(|(piece, _)| piece.as_str()));
    }
    text
}

fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}

/// Adds text, blanks only where they part words, as far as there is room.
pub(super) fn add(to: &mut String, text: &str) {
    for c in text.chars() {
        if to.len() >= TEXT_LIMIT {
            return;
        }
        if !c.is_whitespace() {
            to.push(c);
        } else if !to.ends_with(' ') {
            to.push(' ');
        }
    }
}
