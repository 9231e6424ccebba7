//! Colours as mails write them, read as browsers read them; how far apart two of them are for the
//! eye (WCAG 2.2), and moving one in lightness while its hue stays (OKLab).

use cssparser::color::{clamp_floor_256_f32 as octet, parse_hash_color, parse_named_color};
use std::fmt;
use std::sync::LazyLock;

/// A colour of the sRGB space, without transparency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Colour {
    red: u8,
    green: u8,
    blue: u8,
}

/// A colour with how opaque it is, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Paint {
    pub colour: Colour,
    pub alpha: f32,
}

/// The same colour as the eye has it: lightness from 0 to 1, and two axes of hue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lab {
    pub lightness: f32,
    pub a: f32,
    pub b: f32,
}

pub(super) const WHITE: Colour = Colour::new(255, 255, 255);
pub(super) const BLACK: Colour = Colour::new(0, 0, 0);

/// Light of each octet of a channel.
static LINEAR: LazyLock<Vec<f32>> = LazyLock::new(|| {
    (0..=u8::MAX)
        .map(|octet| {
            let value = f32::from(octet) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        })
        .collect()
});

fn linear(octet: u8) -> f32 {
    LINEAR.get(usize::from(octet)).copied().unwrap_or_default()
}

/// The octet of a channel for an amount of light; what is out of range is cut off.
fn channel(light: f32) -> u8 {
    octet(if light <= 0.003_130_8 {
        light * 12.92 * 255.0
    } else {
        (1.055 * light.powf(1.0 / 2.4) - 0.055) * 255.0
    })
}

impl Colour {
    pub(super) const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }

    /// How bright it is (WCAG 2.2, "relative luminance").
    fn luminance(self) -> f32 {
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }

    /// From 1 for the same to 21 for black on white (WCAG 2.2, "contrast ratio").
    pub(super) fn contrast(self, other: Self) -> f32 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    pub(super) fn lab(self) -> Lab {
        let (red, green, blue) = (linear(self.red), linear(self.green), linear(self.blue));
        let l = (0.412_221_46 * red + 0.536_332_55 * green + 0.051_445_995 * blue).cbrt();
        let m = (0.211_903_5 * red + 0.680_699_5 * green + 0.107_396_96 * blue).cbrt();
        let s = (0.088_302_46 * red + 0.281_718_85 * green + 0.629_978_7 * blue).cbrt();
        Lab {
            lightness: 0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s,
            a: 1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
            b: 0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s,
        }
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

impl Paint {
    fn opaque(colour: Colour) -> Self {
        Self { colour, alpha: 1.0 }
    }

    /// What is seen of it on `ground`.
    pub(super) fn on(self, ground: Colour) -> Colour {
        let mix = |top: u8, below: u8| {
            octet(f32::from(top) * self.alpha + f32::from(below) * (1.0 - self.alpha))
        };
        Colour {
            red: mix(self.colour.red, ground.red),
            green: mix(self.colour.green, ground.green),
            blue: mix(self.colour.blue, ground.blue),
        }
    }
}

impl Lab {
    /// How far from grey.
    pub(super) fn chroma(self) -> f32 {
        self.a.hypot(self.b)
    }

    /// The colour, with as much of its chroma as a screen can show at this lightness.
    pub(super) fn colour(self) -> Colour {
        let part = |part: f32| {
            Self {
                a: self.a * part,
                b: self.b * part,
                ..self
            }
            .light()
        };
        let fits = |light: [f32; 3]| light.iter().all(|l| (-0.0005..=1.0005).contains(l));
        let mut light = part(1.0);
        if !fits(light) {
            let (mut low, mut high) = (0.0, 1.0);
            for _ in 0..8 {
                let middle = f32::midpoint(low, high);
                if fits(part(middle)) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            light = part(low);
        }
        let [red, green, blue] = light.map(channel);
        Colour { red, green, blue }
    }

    /// Light of the three channels.
    fn light(self) -> [f32; 3] {
        let Self { lightness, a, b } = self;
        let l = (lightness + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
        let m = (lightness - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
        let s = (lightness - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
        [
            4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s,
            -1.268_438 * l + 2.609_757_4 * m - 0.341_319_4 * s,
            -0.004_196_086_3 * l - 0.703_418_6 * m + 1.707_614_7 * s,
        ]
    }
}

/// A colour of CSS: a name, `#…`, `rgb()` or `hsl()`. Parts that are missing are nought: a browser
/// does not take such a colour at all.
pub(super) fn css(text: &str) -> Option<Paint> {
    if let Some(digits) = text.strip_prefix('#') {
        let (red, green, blue, alpha) = parse_hash_color(digits.as_bytes()).ok()?;
        return Some(Paint {
            colour: Colour { red, green, blue },
            alpha,
        });
    }
    if let Some((name, inner)) = text.split_once('(') {
        return function(name, inner.strip_suffix(')').unwrap_or(inner));
    }
    if text.eq_ignore_ascii_case("transparent") {
        return Some(Paint {
            colour: BLACK,
            alpha: 0.0,
        });
    }
    named(text).or_else(|| system(text)).map(Paint::opaque)
}

fn named(text: &str) -> Option<Colour> {
    let (red, green, blue) = parse_named_color(text).ok()?;
    Some(Colour { red, green, blue })
}

/// The colours of the system that word processors write, as they are on white paper (CSS Color 4,
/// sections 6.2 and A).
fn system(text: &str) -> Option<Colour> {
    let is = |names: &[&str]| names.iter().any(|name| text.eq_ignore_ascii_case(name));
    if is(&[
        "windowtext",
        "canvastext",
        "buttontext",
        "fieldtext",
        "menutext",
        "infotext",
        "captiontext",
    ]) {
        Some(BLACK)
    } else if is(&["window", "canvas", "field", "menu", "infobackground"]) {
        Some(WHITE)
    } else if is(&["buttonface", "threedface", "scrollbar"]) {
        Some(Colour::new(240, 240, 240))
    } else {
        None
    }
}

fn function(name: &str, inner: &str) -> Option<Paint> {
    let mut parts = inner.split([',', ' ', '/']).filter(|part| !part.is_empty());
    // A part, and what a hundred percent of it would be.
    let mut part = |whole: f32| {
        let text = parts.next()?;
        match text.strip_suffix('%') {
            Some(percent) => Some(percent.parse::<f32>().ok()? * whole / 100.0),
            None => text.strip_suffix("deg").unwrap_or(text).parse().ok(),
        }
    };
    let is = |names: [&str; 2]| names.iter().any(|known| name.eq_ignore_ascii_case(known));
    let colour = if is(["rgb", "rgba"]) {
        let mut channel = || octet(part(255.0).unwrap_or_default());
        Colour {
            red: channel(),
            green: channel(),
            blue: channel(),
        }
    } else if is(["hsl", "hsla"]) {
        let hue = part(360.0).unwrap_or_default();
        let saturation = part(100.0).unwrap_or_default() / 100.0;
        let lightness = part(100.0).unwrap_or_default() / 100.0;
        hsl(hue, saturation.clamp(0.0, 1.0), lightness.clamp(0.0, 1.0))
    } else {
        return None;
    };
    Some(Paint {
        colour,
        alpha: part(1.0).unwrap_or(1.0).clamp(0.0, 1.0),
    })
}

/// CSS Color 4, section 7.1.
fn hsl(hue: f32, saturation: f32, lightness: f32) -> Colour {
    let hue = hue.rem_euclid(360.0);
    let channel = |n: f32| {
        let k = (n + hue / 30.0).rem_euclid(12.0);
        let a = saturation * lightness.min(1.0 - lightness);
        octet((lightness - a * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)) * 255.0)
    };
    Colour {
        red: channel(0.0),
        green: channel(8.0),
        blue: channel(4.0),
    }
}

/// A colour of an attribute, which is one whatever is written there (HTML, section 2.3.6, "rules
/// for parsing a legacy colour value").
pub(super) fn legacy(text: &str) -> Option<Colour> {
    let text = text.trim_ascii();
    if text.is_empty() || text.eq_ignore_ascii_case("transparent") {
        return None;
    }
    if let Some(colour) = named(text) {
        return Some(colour);
    }
    if let Some(digits) = text.strip_prefix('#').filter(|digits| digits.len() == 3)
        && let Ok((red, green, blue, _)) = parse_hash_color(digits.as_bytes())
    {
        return Some(Colour { red, green, blue });
    }
    let mut digits: Vec<u8> = text
        .strip_prefix('#')
        .unwrap_or(text)
        .bytes()
        .take(128)
        .map(|b| if b.is_ascii_hexdigit() { b } else { b'0' })
        .collect();
    while digits.is_empty() || !digits.len().is_multiple_of(3) {
        digits.push(b'0');
    }
    let length = digits.len() / 3;
    let mut parts: Vec<&[u8]> = digits.chunks(length).collect();
    for part in &mut parts {
        *part = part.get(length.saturating_sub(8)..).unwrap_or(part);
    }
    while parts
        .iter()
        .all(|part| part.len() > 2 && part.starts_with(b"0"))
    {
        for part in &mut parts {
            *part = part.get(1..).unwrap_or(part);
        }
    }
    let mut octets = parts.into_iter().map(|part| {
        let digits = part.get(..2).unwrap_or(part);
        std::str::from_utf8(digits)
            .ok()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .unwrap_or_default()
    });
    Some(Colour {
        red: octets.next()?,
        green: octets.next()?,
        blue: octets.next()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn colours_of_css() {
        for (text, colour) in [
            ("#abc", Some("#aabbcc 1")),
            ("#ABCDEF", Some("#abcdef 1")),
            ("#0008", Some("#000000 0.53")),
            ("White", Some("#ffffff 1")),
            ("rebeccapurple", Some("#663399 1")),
            ("rgb(1, 2, 3)", Some("#010203 1")),
            ("rgba(0 0 255 / 50%)", Some("#0000ff 0.5")),
            ("rgb(100%, 50%, 0%)", Some("#ff8000 1")),
            ("rgb(300, -5, 1.5)", Some("#ff0002 1")),
            ("hsl(120deg, 100%, 25%)", Some("#008000 1")),
            ("hsla(-120, 100%, 50%, 0.25)", Some("#0000ff 0.25")),
            ("hsl(0, 0%, 50%)", Some("#808080 1")),
            ("transparent", Some("#000000 0")),
            ("WindowText", Some("#000000 1")),
            ("window", Some("#ffffff 1")),
            ("inherit", None),
            ("currentcolor", None),
            ("solid", None),
            ("#12", None),
            ("url(x)", None),
            ("", None),
        ] {
            let found = css(text).map(|paint| {
                let alpha = (paint.alpha * 100.0).round() / 100.0;
                format!("{} {alpha}", paint.colour)
            });
            assert_eq!(found.as_deref(), colour, "{text}");
        }
    }

    #[test]
    fn colours_of_attributes() {
        for (text, colour) in [
            ("#fff", Some("#ffffff")),
            ("FFCC00", Some("#ffcc00")),
            ("#FFCC00", Some("#ffcc00")),
            ("red", Some("#ff0000")),
            ("fff", Some("#0f0f0f")),
            ("#ff", Some("#0f0f00")),
            ("chucknorris", Some("#c00000")),
            ("rgb(255,0,0)", Some("#002500")),
            ("#12345678", Some("#124578")),
            ("x", Some("#000000")),
            ("transparent", None),
            (" ", None),
        ] {
            let found = legacy(text).map(|colour| colour.to_string());
            assert_eq!(found.as_deref(), colour, "{text}");
        }
    }

    #[test]
    fn contrasts() {
        assert!((BLACK.contrast(WHITE) - 21.0).abs() < 0.01);
        let grey = Colour::new(0x76, 0x76, 0x76);
        assert!((WHITE.contrast(grey) - 4.54).abs() < 0.01);
        assert_eq!(
            Paint {
                colour: BLACK,
                alpha: 0.5
            }
            .on(WHITE),
            Colour::new(128, 128, 128)
        );
    }

    proptest! {
        #[test]
        fn there_and_back(red: u8, green: u8, blue: u8) {
            let colour = Colour { red, green, blue };
            prop_assert_eq!(colour.lab().colour(), colour);
            prop_assert_eq!(css(&colour.to_string()), Some(Paint::opaque(colour)));
            prop_assert_eq!(legacy(&colour.to_string()), Some(colour));
        }

        #[test]
        fn anything_may_stand_there(text in "[#a-f0-9(),./% -]{0,40}") {
            let _ = (css(&text), legacy(&text));
        }
    }
}
