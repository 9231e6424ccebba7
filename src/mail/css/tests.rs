//! Every way known to get a load, a layer or a script through a style attribute, and the styles of
//! honest newsletters.

use super::*;
use crate::mail::busy::Busy;
use proptest::prelude::*;

fn clean(style: &str) -> String {
    declarations(style).0
}

#[test]
fn honest_styles_pass() {
    for (style, kept) in [
        ("color:red", "color: red"),
        ("COLOR: #FF00aa; ", "color: #FF00aa"),
        (
            "color:rgb(1, 2,3);background-color:RGBA(0 0 0 / 50%)",
            "color: rgb(1, 2, 3); background-color: rgba(0 0 0 / 50%)",
        ),
        (
            "color: hsl(120deg, 50%, 25.5%)",
            "color: hsl(120deg, 50%, 25.5%)",
        ),
        (
            "font-family:\"Helvetica Neue\",Arial,'x y',sans-serif",
            "font-family: 'Helvetica Neue', Arial, 'x y', sans-serif",
        ),
        (
            "font:italic bold .8em/1.2 Arial, sans-serif",
            "font: italic bold 0.8em / 1.2 Arial, sans-serif",
        ),
        (
            "margin:0 auto;padding:10px 5%",
            "margin: 0 auto; padding: 10px 5%",
        ),
        (
            "border:1px solid #ccc;border-top-left-radius:3px;border-left-color:red",
            "border: 1px solid #ccc; border-top-left-radius: 3px; border-left-color: red",
        ),
        (
            "width:calc(100% - (2 * 10px))",
            "width: calc(100% - (2 * 10px))",
        ),
        (
            "display:none!important;max-height:0",
            "display: none; max-height: 0",
        ),
        (
            "letter-spacing:-0.5px;line-height:150%",
            "letter-spacing: -0.5px; line-height: 150%",
        ),
        ("mso-line-height-rule:exactly;color:red", "color: red"),
        ("color:red;;; ;width:5px", "color: red; width: 5px"),
        (
            "font-family:ＭＳ Ｐゴシック",
            "font-family: ＭＳ Ｐゴシック",
        ),
        (
            "background:#fff url(cid:x) no-repeat",
            "background-color: #fff",
        ),
        (
            "background:url(http://x/y.png) rgb(1,2,3)",
            "background-color: rgb(1, 2, 3)",
        ),
        ("float:LEFT;clear:both", "float: LEFT; clear: both"),
    ] {
        assert_eq!(clean(style), kept, "{style}");
    }
}

#[test]
fn nothing_is_loaded() {
    for style in [
        "background:url(http://x/y)",
        "background:url('http://x/y')",
        "background:url( \"//x/y\" )",
        "background-image:url(https://x)",
        "background:u\\72l(http://x)",
        "background:\\75\\72\\6c(http://x)",
        "background:url(http://x",
        "background:url('http://x",
        "background:url(http://x y)",
        "background:image-set('https://x' 1x)",
        "background:-webkit-image-set(url(https://x) 1x)",
        "background:image('https://x')",
        "background:cross-fade(url(https://x), red)",
        "background:src('https://x')",
        "background:var(--x, url(https://x))",
        "--x:url(https://x)",
        "list-style:url(https://x)",
        "list-style-image:url(https://x)",
        "border-image:url(https://x) 1",
        "cursor:url(https://x), auto",
        "content:url(https://x)",
        "filter:url(https://x#f)",
        "mask:url(https://x)",
        "shape-outside:url(https://x)",
        "behavior:url(https://x)",
        "-moz-binding:url(https://x)",
        "src:url(https://x)",
        "color:red;background:url(h\\74tp://x)",
        "background:url(\\2f\\2fx)",
        "background:url(/\\5cx//y)",
        "width:element(#x) url(//y)",
        "@import 'http://x';",
        "@import url(//x);color:red",
        "{background:url(http://x)}",
        "color:red}body{background:url(http://x)",
        "color:a(b(c(d(e(f(g(h(i(j(k(l(m(n(o(url(http://x",
    ] {
        let (kept, remote) = declarations(style);
        assert!(remote, "{style}");
        assert!(
            !kept.contains("url") && !kept.contains("//") && !kept.contains('\\'),
            "{kept}"
        );
        assert!(
            matches!(kept.as_str(), "" | "color: red"),
            "{style} gave {kept}"
        );
    }
    for style in [
        "background:url(cid:x@y)",
        "background:url(data:image/png;base64,//8=)",
        "color:red /* http://x */",
        "font-family:'http//'",
    ] {
        assert!(!declarations(style).1, "{style}");
    }
}

#[test]
fn nothing_is_painted_over_or_run() {
    for style in [
        "position:fixed",
        "position:absolute!important",
        "p\\6fsition:fixed",
        "z-index:9999",
        "transform:scale(9)",
        "animation:x 1s",
        "transition:all 1s",
        "filter:blur(1px)",
        "content:'x'",
        "width:expression(alert(1))",
        "width:e\\78pression(alert(1))",
        "width:env(x)",
        "width:attr(x)",
        "width:var(--x)",
        "width:min(1px,2px)",
        "width:calc(var(--x))",
        "width:calc(-1 * 5px)",
        "width:100vw",
        "height:100vh",
        "height:99999px",
        "height:1e30px",
        "margin:-10px",
        "margin-top:-1e-1px",
        "margin:calc(0px - 10px)",
        "text-indent:-9999px",
        "letter-spacing:-99px",
        "display:flex",
        "display:grid",
        "display:inherit",
        "display:block url(x)",
        "float:x",
        "unicode-bidi:bidi-override",
        "all:initial",
        "color:red!x",
        "color:red !important x",
        "color:#12345",
        "color:#ggg",
        "color:'red'",
        "color:{red}",
        "color:[red]",
        "color:(red)",
        "color:rgb(1,url(x),2)",
        "color:rgb(var(--x))",
        "color",
        "color:",
        ":red",
        "color red",
        "font-family:'\\3c/style>'",
        "font-family:\"a'b\"",
        "font-family:a\\;b",
        "font-family:a\\22 b",
        "font-family:'a",
        "font-family:\\31 a",
        "border-image:none",
        "border-top-top-color:red",
        "margin-x:1px",
        "color:<!-- red -->",
    ] {
        let kept = clean(style);
        // A name that is cut off by the end is closed by it.
        assert!(
            kept.is_empty() || kept == "font-family: 'a'",
            "{style} gave {kept}"
        );
    }
}

#[test]
fn long_and_deep_styles() {
    let start = Busy::new();
    assert_eq!(
        clean(&"color:red;".repeat(500)).matches("color").count(),
        100
    );
    assert_eq!(clean(&"color:red;".repeat(5000)), "");
    for piece in [
        "a(",
        "(",
        "{",
        "url(",
        "color:rgb(",
        "width:calc((",
        "/*",
        "\\",
        "'",
        "@import ",
    ] {
        declarations(&piece.repeat(8000));
        count(&format!("//{}", piece.repeat(100_000)));
    }
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn cleaning_twice_changes_nothing(
        pieces in proptest::collection::vec(
            "(color|width|font-family|margin|background|font):|[0-9.e+-]{1,6}(px|em|%|vw)?|#[0-9a-f]{3}|rgb\\(1,2\\)|calc\\(1px \\+ 2%\\)|url\\(x\\)|[a-zä\\\\\"'(){};:,/! -]{0,6}|;",
            0..12,
        )
    ) {
        let style = pieces.concat();
        let (once, _) = declarations(&style);
        let (twice, remote) = declarations(&once);
        prop_assert_eq!(&once, &twice);
        prop_assert!(!remote);
        let special = ['"', '<', '>', '\\', '@', '{', '}'];
        prop_assert!(!once.contains(special), "special characters: {}", once);
        prop_assert!(!once.contains("url"));
    }

    #[test]
    fn anything_at_all(style in any::<String>()) {
        let (once, _) = declarations(&style);
        prop_assert_eq!(declarations(&once), (once.clone(), false));
    }
}

#[test]
fn what_is_remembered_is_what_is_read() {
    let styles: Vec<String> = (0..KNOWN_LIMIT * 3)
        .map(|i| {
            format!(
                "width: {i}px; position: fixed; color: re{}",
                "d".repeat(i % 700)
            )
        })
        .collect();
    for _ in 0..2 {
        for style in &styles {
            assert_eq!(harmless(style), declarations(style).0, "{style}");
        }
    }
    KNOWN.with_borrow(|known| assert!((1..=KNOWN_LIMIT).contains(&known.0.len())));
    forget();
    KNOWN.with_borrow(|known| assert!(known.0.is_empty()));
}
