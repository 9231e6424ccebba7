//! What becomes of the colours of honest mails, and that nothing a mail writes takes its text out
//! of sight. What is written is read again here by another reader than the one that wrote it.

use super::palette::{CONTRAST, INK, LINK, PAPER};
use crate::mail::busy::Busy;
use crate::mail::colour::{self, BLACK, Colour, Paint, WHITE};
use crate::mail::html::sanitise_for_both;
use crate::mail::markup::{Token, tokens};
use proptest::prelude::*;
use std::time::Duration;

fn both(html: &str) -> String {
    sanitise_for_both(html, &|_| None, None).html
}

/// With its images of the net.
fn with_images(html: &str) -> String {
    let remote = |_: &str| Some("/remote/x".to_owned());
    sanitise_for_both(html, &|_| None, Some(&remote)).html
}

#[test]
fn light_becomes_dark_and_what_is_dark_or_vivid_stays() {
    for (html, result) in [
        ("<p>a</p>", "<p>a</p>"),
        // White is the paper, black the ink; text that stands out needs no other colour.
        (
            "<p style='background:#fff;color:#000'>a</p>",
            "<p style=\"background: #fff; color: #000; background-color: light-dark(#fff, #161513); \
             color: light-dark(#000, #e8e8e8)\">a</p>",
        ),
        (
            "<p style='color:#ccc'>a</p>",
            "<p style=\"color: #ccc\">a</p>",
        ),
        // A dark mail is one already, and so is a button.
        (
            "<div style='background-color:#111;color:#eee'>a</div>",
            "<div style=\"background-color: #111; color: #eee\">a</div>",
        ),
        // Attributes.
        (
            "<table bgcolor=white><tr><td><font color=navy>a</font></td></tr></table>",
            "<table bgcolor=\"white\" style=\"background-color: light-dark(#ffffff, #161513)\">\
             <tbody><tr><td><font color=\"navy\" style=\"color: light-dark(#000080, #a8c5ff)\">a</font>\
             </td></tr></tbody></table>",
        ),
        // The style stands over the attribute.
        (
            "<table bgcolor=white style='background:none'><tr><td>a</td></tr></table>",
            "<table bgcolor=\"white\" style=\"background: none\"><tbody><tr><td>a</td></tr></tbody></table>",
        ),
        ("<p bgcolor=white>a</p>", "<p bgcolor=\"white\">a</p>"),
        // Borders: the faint stay faint.
        (
            "<p style='border:1px solid #ddd'>a</p>",
            "<p style=\"border: 1px solid #ddd; border-color: light-dark(#ddd, #252525)\">a</p>",
        ),
        (
            "<p style='border-top:1px solid #000;border-radius:4px;border-bottom:2px solid'>a</p>",
            "<p style=\"border-top: 1px solid #000; border-radius: 4px; border-bottom: 2px solid; \
             border-top-color: light-dark(#000, #cecece); border-bottom-color: currentcolor\">a</p>",
        ),
    ] {
        assert_eq!(both(html), result, "{html}");
    }
}

#[test]
fn what_is_inherited_is_written_where_it_no_longer_stands_out() {
    // Dark text of the mail on a ground that stays light, and on one that became dark.
    let html = "<div style='color:#222'><p style='background:#ffd800'>a</p><p style='background:#fff'>b</p></div>";
    let out = both(html);
    assert!(out.contains("color: light-dark(#222, "), "{out}");
    assert!(out.contains("color: light-dark(#222222, "), "{out}");
    assert_eq!(
        lowest(&out, true).map(|low| low >= CONTRAST),
        Some(true),
        "{out}"
    );
    // A link without a colour on a ground that is neither.
    let out = both("<p style='background:#c06030'><a href=https://x>a</a></p>");
    assert!(out.contains(&format!("light-dark({}, ", LINK[0])), "{out}");
}

#[test]
fn over_an_image_all_stays_as_it_is() {
    let html = "<table><tr><td background=http://x/y style='color:#fff'>a<a href=http://x>l</a>\
                <p style='color:#333;border:1px solid #eee'>b</p><p style='background:#fff'>c</p></td></tr></table>";
    let out = with_images(html);
    assert!(
        out.contains("style=\"color: #fff; background-color: light-dark(transparent, #ffffff)\""),
        "{out}"
    );
    assert!(
        out.contains(&format!("color: light-dark({}, {})", LINK[0], LINK[0])),
        "{out}"
    );
    assert!(
        out.contains("<p style=\"color: #333; border: 1px solid #eee\">b"),
        "{out}"
    );
    assert!(
        out.contains(
            "<p style=\"background: #fff; background-color: light-dark(#fff, #161513)\">c"
        ),
        "{out}"
    );
    // The same by a style; without the image there is paper.
    let html = "<div style=\"background:url('http://x/y?a;b') #f4f4f4;color:#333\">a</div>";
    let out = with_images(html);
    assert_eq!(
        out,
        "<div style=\"background: url('/remote/x') #f4f4f4; color: #333\">a</div>"
    );
    assert!(
        both(html).contains("light-dark(#f4f4f4, "),
        "{}",
        both(html)
    );
}

#[test]
fn hostile_values_stay_values() {
    for value in [
        "light-dark(red,url(//x))",
        "rgb(1,2",
        "rgb()",
        "rgba(0,0,0,NaN)",
        "hsl(9999deg,900%,-5%)",
        "#12",
        "red;}body{color:blue",
        "\"><script>",
        "expression(1)",
        "var(--x)",
        "inherit",
        "windowtext",
        "rgb(1e3,1e3,1e3)",
    ] {
        for html in [
            format!("<p style='color:{value};background:{value};border:1px solid {value}'>a</p>"),
            format!(
                "<table bgcolor='{value}'><tr><td><font color='{value}'>a</font><hr color='{value}'></table>"
            ),
        ] {
            let out = both(&html);
            let again = tokens(&out).filter(|token| matches!(token, Token::Start { .. }));
            assert!(again.count() <= 6, "{out}");
            for bad in ["url", "script", "var(", "}", "<p style=\"; "] {
                assert!(!out.contains(bad), "{out}");
            }
        }
    }
}

#[test]
fn an_alternative_text_has_a_legible_colour_too() {
    let out = both("<img src=http://x alt=a style='color:#111'><b style='color:#111'>b</b>");
    let colours = out.matches("light-dark(#111").count();
    assert_eq!(colours, 2, "{out}");
    // What comes after it stands in the page again.
    let out = both("<p><img src=http://x alt=a style='background:#fff;color:#000'>b</p>");
    assert!(out.ends_with("</span>b</p>"), "{out}");
}

#[test]
fn nothing_else_is_changed() {
    let html = include_str!("../tests.rs");
    for html in [
        html,
        "<pre>\n\na</pre><img src=http://x alt=b><ol start=3><li>c",
    ] {
        let bare = crate::mail::html::sanitise(html, &|_| None).html;
        assert_eq!(without(&both(html)), bare);
    }
}

/// `html` without what this pass added.
fn without(html: &str) -> String {
    let mut out = String::new();
    for piece in html.split_inclusive('"') {
        let Some((before, _)) = piece.split_once("light-dark(") else {
            out.push_str(piece);
            continue;
        };
        out.push_str(before.rsplit_once("; ").map_or("", |(own, _)| own));
        out.push('"');
    }
    out.replace(" style=\"\"", "")
}

/// A reader of what was written that knows nothing of how: the least contrast of any text.
fn lowest(html: &str, dark: bool) -> Option<f32> {
    let side = usize::from(dark);
    let mut open = vec![(PAPER[side], Some(INK[side]))];
    let mut lowest: Option<f32> = None;
    for token in tokens(html) {
        match token {
            Token::Start { name, attributes } => {
                let find = |wanted: &str| {
                    attributes
                        .iter()
                        .find(|a| a.name == wanted)
                        .map(|a| a.value)
                };
                let (around, mut ink) = *open.last().unwrap();
                let mut ground = around;
                if name == "a" {
                    ink = Some(LINK[side]);
                }
                if let Some(colour) = find("bgcolor").and_then(colour::legacy) {
                    ground = colour;
                }
                let mut paint = find("color")
                    .and_then(colour::legacy)
                    .map(|colour| Paint { colour, alpha: 1.0 });
                for declaration in find("style").unwrap_or_default().split("; ") {
                    let Some((property, value)) = declaration.split_once(": ") else {
                        continue;
                    };
                    let value = value
                        .strip_prefix("light-dark(")
                        .and_then(|inner| inner.strip_suffix(')')?.rsplit_once(", "))
                        .map_or(value, |(light, it)| if dark { it } else { light });
                    match (property, colour::css(value)) {
                        ("color", Some(other)) => paint = Some(other),
                        ("color", None) if value == "inherit" => ink = open.last().unwrap().1,
                        ("background-color" | "background", Some(paint)) => {
                            ground = paint.on(around);
                        }
                        ("background", None) => ground = around,
                        _ => {}
                    }
                }
                if let Some(paint) = paint {
                    // What is transparent is not there to be read.
                    ink = (paint.alpha > 0.0).then(|| paint.on(ground));
                }
                if !matches!(&*name, "br" | "hr" | "img" | "wbr" | "col") {
                    open.push((ground, ink));
                }
            }
            Token::End(_) => {
                open.pop();
            }
            Token::Text(text) if !text.trim().is_empty() => {
                let (ground, Some(ink)) = *open.last().unwrap() else {
                    continue;
                };
                let contrast = ink.contrast(ground);
                lowest = Some(lowest.map_or(contrast, |low: f32| low.min(contrast)));
            }
            _ => {}
        }
    }
    lowest
}

fn a_colour() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<[u8; 3]>().prop_map(|[r, g, b]| format!("#{r:02x}{g:02x}{b:02x}")),
        any::<[u8; 3]>().prop_map(|[r, g, b]| format!("rgb({r}, {g}, {b})")),
        (any::<[u8; 3]>(), 0..=100).prop_map(|([r, g, b], a)| format!("rgba({r}, {g}, {b}, {a}%)")),
        (0..360, 0..=100, 0..=100).prop_map(|(h, s, l)| format!("hsl({h}, {s}%, {l}%)")),
        proptest::sample::select(vec![
            "white",
            "black",
            "silver",
            "windowtext",
            "transparent",
            "navy",
            "yellow",
            "inherit",
            "none",
        ])
        .prop_map(str::to_owned),
    ]
}

fn a_tag() -> impl Strategy<Value = (String, String)> {
    let style = (a_colour(), a_colour(), 0..4_u8).prop_map(|(ink, ground, which)| match which {
        0 => format!("color:{ink}"),
        1 => format!("background-color:{ground}"),
        2 => format!("color:{ink};background:{ground};border:1px solid {ink}"),
        _ => format!("border-color:{ink} {ground}"),
    });
    (style, a_colour(), 0..5_u8).prop_map(|(style, attribute, which)| match which {
        0 => (
            format!("<a href='https://x' style='{style}'>"),
            "</a>".to_owned(),
        ),
        1 => (format!("<font color='{attribute}'>"), "</font>".to_owned()),
        2 => (
            format!("<table bgcolor='{attribute}'><tr><td style='{style}'>"),
            "</td></tr></table>".to_owned(),
        ),
        3 => ("<a href='https://x'>".to_owned(), "</a>".to_owned()),
        _ => (format!("<div style='{style}'>"), "</div>".to_owned()),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    #[test]
    fn every_text_stands_out(tags in proptest::collection::vec(a_tag(), 1..6)) {
        let mut html = String::new();
        for (begin, _) in &tags {
            html.push_str(begin);
            html.push('x');
        }
        for (_, end) in tags.iter().rev() {
            html.push_str(end);
            html.push('y');
        }
        let out = both(&html);
        let low = lowest(&out, true).unwrap_or(21.0);
        prop_assert!(low >= CONTRAST - 0.06, "{low} in {out}");
        // In the light the mail is what it was.
        let bare = crate::mail::html::sanitise(&html, &|_| None).html;
        let (was, is) = (lowest(&bare, false), lowest(&out, false));
        prop_assert!((was.unwrap_or(1.0) - is.unwrap_or(1.0)).abs() < 0.2, "{was:?} {is:?} in {out}");
    }

    #[test]
    fn any_colour_is_moved_so_far_that_it_can_be_read(red: u8, green: u8, blue: u8, r: u8, g: u8, b: u8) {
        let ground = super::palette::ground(Colour::new(red, green, blue));
        let ink = super::palette::ink(Colour::new(r, g, b), ground);
        prop_assert!(ink.contrast(ground) >= CONTRAST);
        // It is not called for, and no glare: no ground is lighter than a vivid one may be.
        prop_assert!(ground.contrast(BLACK) <= 12.0, "{ground}");
    }
}

#[test]
fn brands_keep_their_colour() {
    for brand in [
        "#e4002b", "#0066cc", "#00843d", "#ff6600", "#ffcc00", "#7b189f",
    ] {
        let light = colour::css(brand).unwrap().colour;
        let dark = super::palette::ground(light);
        let (one, two) = (light.lab(), dark.lab());
        let turn = (one.b.atan2(one.a) - two.b.atan2(two.a)).abs();
        assert!(turn < 0.1, "{brand} becomes {dark}");
        assert!(two.chroma() > 0.1, "{brand} becomes {dark}");
    }
    assert_eq!(super::palette::ground(WHITE), PAPER[1]);
}

#[test]
fn any_number_of_colours_takes_no_time() {
    use std::fmt::Write as _;
    let mut html = String::new();
    for n in 0..if cfg!(debug_assertions) { 3000 } else { 60_000 } {
        let _ = write!(
            html,
            "<p style='color:#{n:06x};background:#{:06x}'>x</p>",
            0xff_ffff - n
        );
    }
    let start = Busy::new();
    let out = both(&html);
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
    assert!(out.len() < html.len() * 4);
}

#[test]
fn what_inherits_a_transparent_colour_stays_transparent() {
    let html = "<p style='color:transparent;background:#ad4462'>a<font color=transparent>b</font>\
                <i>c</i><a href='https://x.example/'>d</a></p>";
    let out = both(html);
    assert!(
        out.contains("<font color=\"transparent\">b</font><i>c</i>"),
        "{out}"
    );
    assert!(out.contains("light-dark("), "{out}");
}
