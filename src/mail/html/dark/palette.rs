//! What a colour becomes in the dark. In OKLab, so that what looks equally light stays so.

use crate::mail::colour::{BLACK, Colour, WHITE};

/// Paper, text and links of a document (`server/body_style/base.css`), light and dark.
pub(super) const PAPER: [Colour; 2] = [WHITE, Colour::new(0x16, 0x15, 0x13)];
pub(super) const INK: [Colour; 2] = [Colour::new(0x1c, 0x1b, 0x19), Colour::new(0xea, 0xe7, 0xe0)];
pub(super) const LINK: [Colour; 2] = [Colour::new(0xa0, 0x4a, 0x17), Colour::new(0xf0, 0xa0, 0x70)];
/// What browsers paint `<mark>` with.
pub(super) const MARK: Colour = Colour::new(255, 255, 0);
/// How much text stands out at least (WCAG 2.2, success criterion 1.4.3).
pub(super) const CONTRAST: f32 = 4.5;
/// 0 below `from`, 1 above `to`, and in between what is in between.
fn share(value: f32, from: f32, to: f32) -> f32 {
    ((value - from) / (to - from)).clamp(0.0, 1.0)
}

fn between(one: f32, two: f32, share: f32) -> f32 {
    one + (two - one) * share
}

/// How vivid a colour of this chroma is: from none to what brands use.
fn vivid(chroma: f32) -> f32 {
    share(chroma, 0.06, 0.14)
}

/// The lightest a vivid ground gets: so that white text stands out from it, or black text, if it is
/// of those that only black text can be meant for.
fn vivid_ground(lightness: f32) -> f32 {
    between(lightness.min(0.56), 0.74, share(lightness, 0.74, 0.82))
}

/// A background in the dark. Dark ones stay.
pub(super) fn ground(light: Colour) -> Colour {
    let mut lab = light.lab();
    if lab.lightness < 0.5 {
        return light;
    }
    let (paper, vivid) = (PAPER[1].lab(), vivid(lab.chroma()));
    let calm = between(paper.lightness, 0.5, share(lab.lightness, 1.0, 0.5));
    lab.lightness = between(calm, vivid_ground(lab.lightness), vivid);
    // White becomes the paper, whose grey is a little warm.
    lab.a += paper.a * (1.0 - vivid);
    lab.b += paper.b * (1.0 - vivid);
    lab.colour()
}

/// A border on a ground that became dark: what was faint stays faint.
pub(super) fn line(light: Colour) -> Colour {
    let mut lab = light.lab();
    let calm = between(PAPER[1].lab().lightness, 0.85, 1.0 - lab.lightness);
    let bright = lab.lightness.clamp(0.45, 0.75);
    lab.lightness = between(calm, bright, vivid(lab.chroma()));
    lab.colour()
}

/// Text in the dark: as it is where it stands out from `ground`; else the lighter the darker it
/// was, and so far that it does.
pub(super) fn ink(light: Colour, ground: Colour) -> Colour {
    let fits = |ink: Colour| ink.contrast(ground) >= CONTRAST;
    if fits(light) {
        return light;
    }
    let mut lab = light.lab();
    // One of the two always does.
    let (pole, end) = if fits(WHITE) {
        (WHITE, 1.0)
    } else {
        (BLACK, 0.0)
    };
    lab.lightness = if pole == WHITE {
        (0.93 - 0.4 * lab.lightness).max(lab.lightness)
    } else {
        lab.lightness.min(0.4)
    };
    let start = lab.colour();
    if fits(start) {
        return start;
    }
    let (mut fails, mut found, mut best) = (lab.lightness, end, pole);
    for _ in 0..8 {
        lab.lightness = f32::midpoint(fails, found);
        let ink = lab.colour();
        if fits(ink) {
            (found, best) = (lab.lightness, ink);
        } else {
            fails = lab.lightness;
        }
    }
    best
}
