use super::*;
use crate::mail::html::{Sanitised, sanitise, sanitise_for_both};
use cssparser::ParserInput;

fn of(css: &str, html: &str) -> Sanitised {
    sanitise(&format!("<style>{css}</style>{html}"), &|_| None)
}

#[test]
fn conditions_are_about_the_width_of_the_window() {
    let read = |text: &str| condition(&mut Parser::new(&mut ParserInput::new(text)));
    for always in [
        "",
        " ",
        "screen",
        "all",
        "only screen",
        "print, screen",
        "SCREEN",
        "tv,all",
    ] {
        assert_eq!(read(always), Some(Condition::Screen), "{always:?}");
    }
    for (text, queries) in [
        ("(max-width:600px)", "(max-width:600px)"),
        ("only screen and (max-width : 480PX)", "(max-width:480px)"),
        (
            "screen and (min-width:30.5em) and (max-width:40em)",
            "(min-width:30.5em) and (max-width:40em)",
        ),
        (
            "only screen and (max-width:600px),only screen and (max-device-width:480px)",
            "(max-width:600px),(max-width:480px)",
        ),
        ("all and (width<=600px)", "(max-width:600px)"),
        ("print, (max-width: 5px)", "(max-width:5px)"),
        ("(min-width:0)", "(min-width:0)"),
    ] {
        assert_eq!(
            read(text),
            Some(Condition::Queries(queries.to_owned())),
            "{text}"
        );
    }
    for never in [
        "print",
        "not screen",
        "not all and (max-width:1px)",
        "(prefers-color-scheme:dark)",
        "screen and (max-width:600px) and (orientation:portrait)",
        "screen and (-webkit-min-device-pixel-ratio:2)",
        "(max-width:600vw)",
        "(max-width:-1px)",
        "(max-width:calc(1px))",
        "(max-width:1e30px)",
        "(max-width)",
        "(max-width:1px 2px)",
        "(max-width:1px) and",
        "only (max-width:1px)",
        "screen (max-width:1px)",
        "and (max-width:1px)",
        "(max-width:1px) screen",
        "((max-width:1px))",
        "screen and screen",
        "(400px<=width<=700px)",
    ] {
        assert_eq!(read(never), None, "{never}");
    }
}

#[test]
fn what_depends_on_the_window_becomes_a_sheet_of_our_own() {
    let clean = of(
        ".c,#d{padding:8px}@media (max-width:600px){.c{width:100%!important;display:block!important} p.no{width:1px}}",
        "<div class='c x'>a</div><p class=x id=d>b</p>",
    );
    assert_eq!(
        clean.html,
        "<div style=\"padding: 8px\" class=\"m0\">a</div><p style=\"padding: 8px\">b</p>"
    );
    assert_eq!(
        clean.media,
        "@media (max-width:600px){.m0{width:100%!important;display:block!important;}}\n"
    );
    // By an attribute of the element, and without any other rule.
    let clean = sanitise(
        "<style media='only screen and (max-width:9em)'>td{width:100%}</style><table><tr><td width=300>a",
        &|_| None,
    );
    assert!(
        clean.html.contains("<td width=\"300\" class=\"m0\">a"),
        "{}",
        clean.html
    );
    assert_eq!(
        clean.media,
        "@media (max-width:9em){.m0{width:100%!important;}}\n"
    );
    // On every screen: as if it stood outside.
    let clean = of(
        "@media screen{p{color:red}}@media print{p{color:blue}}",
        "<p>a</p>",
    );
    assert_eq!(
        (clean.html.as_str(), clean.media.as_str()),
        ("<p style=\"color: red\">a</p>", "")
    );
}

#[test]
fn what_would_not_win_in_the_mail_does_not_win_here() {
    let narrow = "(max-width:600px)";
    for (css, own, media) in [
        // Its own style stands over a sheet, unless that is important.
        ("@media (max-width:600px){p{width:9px}}", "width:1px", ""),
        (
            "@media (max-width:600px){p{width:9px!important}}",
            "width:1px",
            "width:9px",
        ),
        (
            "@media (max-width:600px){p{width:9px!important}}",
            "width:1px!important",
            "",
        ),
        (
            "@media (max-width:600px){p{padding-left:9px}}",
            "padding:1px",
            "",
        ),
        (
            "@media (max-width:600px){p{padding:9px}}",
            "padding-left:1px",
            "",
        ),
        // A later or heavier rule, too.
        ("@media (max-width:600px){p{width:9px}}p{width:1px}", "", ""),
        (
            "p{width:1px}@media (max-width:600px){p{width:9px}}",
            "",
            "width:9px",
        ),
        (
            "p.x{width:1px}@media (max-width:600px){p{width:9px}}",
            "",
            "",
        ),
        (
            "p{width:1px!important}@media (max-width:600px){p{width:9px}}",
            "",
            "",
        ),
        (
            "p{width:1px!important}@media (max-width:600px){p{width:9px!important}}",
            "",
            "width:9px",
        ),
        (
            "p.x{width:1px!important}@media (max-width:600px){p{width:9px!important}}",
            "",
            "",
        ),
        (
            "p{width:1px}@media (max-width:600px){p{width:9px;float:left}}",
            "width:2px",
            "float:left",
        ),
    ] {
        let clean = of(css, &format!("<p class=x style='{own}'>a</p>"));
        let expected = if media.is_empty() {
            String::new()
        } else {
            format!("@media {narrow}{{.m0{{{media}!important;}}}}\n")
        };
        assert_eq!(clean.media, expected, "{css} {own}");
        assert_eq!(
            clean.html.contains("class"),
            !media.is_empty(),
            "{}",
            clean.html
        );
    }
    // Among themselves the order of the cascade stays: what is important last, then the heavier.
    let clean = of(
        "@media (max-width:600px){p{width:3px!important;height:3px}p.x{width:2px;height:2px}p{width:1px}}",
        "<p>a</p><p class=x>b</p>",
    );
    let at = |piece: &str| clean.media.find(piece).unwrap_or(usize::MAX);
    assert!(at("{width:1px!") < at("{width:2px!"), "{}", clean.media);
    assert!(at("{width:2px!") < at("{width:3px!"), "{}", clean.media);
    assert!(at("{height:3px!") < at("{width:2px!"), "{}", clean.media);
}

#[test]
fn only_layout_depends_on_the_window() {
    for declaration in [
        "color:red",
        "background:#fff",
        "background-image:url(https://x.example/a.png)",
        "opacity:0",
        "visibility:hidden",
        "font-size:0",
        "font-size:1px",
        "font-size:calc(0px)",
        "font-size:.01em",
        "text-indent:9999px",
        "position:fixed",
        "border:1px solid red",
        "font-family:x",
        "content:'x'",
        "margin:-5px",
        "width:100vw",
        "width:expression(1)",
        "display:flex",
        "direction:rtl",
    ] {
        let clean = sanitise_for_both(
            &format!(
                "<style>@media (max-width:600px){{p{{{declaration}!important}}}}</style><p>a</p>"
            ),
            &|_| None,
            Some(&|_| Some("/remote/x".to_owned())),
        );
        assert_eq!(clean.media, "", "{declaration}");
        assert!(!clean.html.contains("class"), "{declaration}");
    }
    for declaration in [
        "font-size:18px",
        "font-size:large",
        "font-size:80%",
        "font-size:1.2em",
    ] {
        let clean = of(
            &format!("@media (max-width:600px){{p{{{declaration}}}}}"),
            "<p>a</p>",
        );
        assert!(clean.media.contains(declaration), "{declaration}");
    }
}

#[test]
fn the_text_of_a_link_does_not_change_with_the_window() {
    let css = "@media (min-width:1px){*{display:block!important;width:1px!important}.n{display:none!important}}";
    let clean = of(
        css,
        "<a href='https://evil.example'><span class=n>evil</span><img alt=x class=n src='data:image/png;base64,iVBORw0KGgo='><b>a</b></a>",
    );
    assert!(clean.html.contains("<span>evil</span>"), "{}", clean.html);
    assert!(clean.html.contains("<b>a</b>"), "{}", clean.html);
    assert!(!clean.media.contains("none"), "{}", clean.media);
    let link = of(css, "<a class=n href='https://evil.example'>a</a>");
    assert_eq!(
        link.media,
        "@media (min-width:1px){.m0{display:block!important;width:1px!important;}}\n"
    );
}

#[test]
fn classes_are_ours() {
    for (css, html, clean) in [
        ("", "<p class=posthorn-mark>a</p>", "<p>a</p>"),
        ("", "<p class='m1 text'>a</p>", "<p>a</p>"),
        ("", "<p class='m1  m2'>a</p>", "<p>a</p>"),
        ("", "<p class='m12345'>a</p>", "<p>a</p>"),
        ("", "<p class='m'>a</p>", "<p>a</p>"),
        ("", "<p class=''>a</p>", "<p>a</p>"),
        // What looks like ours finds no sheet, and where there is one it goes.
        ("", "<p class='m1 m2'>a</p>", "<p class=\"m1 m2\">a</p>"),
        (
            "@media (max-width:1px){b{width:1px}}",
            "<p class=m0>a</p>",
            "<p>a</p>",
        ),
    ] {
        assert_eq!(of(css, html).html, clean, "{html}");
    }
}

#[test]
fn a_hostile_sheet_costs_little_and_says_nothing() {
    for css in [
        "@media (max-width:600px){.a{width:1px}</style><script>x</script>",
        "@media (max-width:600px){.a{width:1px;}}}}}} * {width:1px}",
        "@media (max-width:600px){@media (min-width:1px){.a{width:1px}}}",
        "@media (max-width:600px){@import 'x';@font-face{src:url(x)}}",
        "@media (max-width:600px){.a\\7b{width:1px}}",
        "@media (max-width:600px) and (x){.a{width:1px}}",
        "@media (max-width:600px){.a{width:1px;display:'</style>'}}",
    ] {
        let clean = of(css, "<p class=a>x</p>");
        let plain = clean.media.replace("@media ", "");
        assert!(
            !plain.contains(['<', '\\', '@', '\'', '"']),
            "{css}: {}",
            clean.media
        );
        assert!(!clean.html.contains("script"), "{}", clean.html);
    }
    let many = (0..5000).fold(String::new(), |all, n| {
        all + &format!("@media (max-width:{n}px){{.a{{width:{n}px}}}}")
    });
    let clean = of(&many, &"<p class=a>x</p>".repeat(1000));
    assert!(
        clean.media.len() <= SHEET_LIMIT + 1000,
        "{}",
        clean.media.len()
    );
    assert!(clean.html.len() < 200_000, "{}", clean.html.len());
    let again = sanitise(&clean.html, &|_| None);
    assert_eq!(again.html, clean.html);
    assert_eq!(again.media, "");
}
