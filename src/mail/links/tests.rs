//! Marks where they belong, none where they do not, and nothing of a mail that gets around them.

use super::*;
use crate::mail::busy::Busy;
use crate::mail::html::sanitise;
use proptest::prelude::*;

fn words(deceit: &LinkDeceit) -> Mark {
    Mark {
        title: format!("to {}", deceit.target),
        html: format!("to <b>{}</b>", plain::escaped(&deceit.target)),
    }
}

/// A mail's HTML as it is shown.
fn shown(html: &str) -> Marked {
    mark(&sanitise(html, &|_| None).html, None, &words)
}

fn marks(html: &str) -> usize {
    shown(html)
        .html
        .matches("<span class=\"posthorn-mark\">")
        .count()
}

#[test]
fn a_mark_stands_behind_the_link() {
    let found = shown("<p>Go to <a href='https://evil.example/x'>www.bank.example</a>.</p>");
    assert_eq!(
        found.html,
        "<p>Go to <a href=\"https://evil.example/x\" rel=\"noopener noreferrer nofollow\" \
         target=\"_blank\" title=\"to evil.example\" class=\"wary\">www.bank.example</a>\
         <span class=\"posthorn-mark\">to <b>evil.example</b></span>.</p>"
    );
    assert_eq!(found.deceits.len(), 1);
}

#[test]
fn a_link_says_where_it_leads() {
    let found = shown("<a title='https://bank.example' href='https://shop.example/a'>Shop</a>");
    assert!(
        found.html.contains(" title=\"shop.example\">Shop</a>"),
        "{}",
        found.html
    );
    let found = shown("<a href='mailto:jo@shop.example?subject=x'>Write</a>");
    assert!(found.html.contains(" title=\"jo@shop.example\">"));
    // Its text says it already.
    let found = shown("<a href='https://shop.example/a'>shop.example</a>");
    assert!(!found.html.contains("title"), "{}", found.html);
    let found = shown("<p title='kept'>x</p>");
    assert!(found.html.contains("title=\"kept\""));
}

#[test]
fn a_mail_cannot_say_where_a_link_leads() {
    let found = shown(
        "<a href='https://evil.example/'><span title='bank.example'>Sign <b title='x'>in</b></span></a>",
    );
    assert!(!found.html.contains("bank.example"), "{}", found.html);
    assert_eq!(found.html.matches("title=").count(), 1);
    // Nor have a class of ours.
    assert_eq!(
        marks(
            "<span class='posthorn-mark'>to bank.example</span><a class=wary href='https://a.example'>b</a>"
        ),
        0
    );
}

#[test]
fn hidden_text_does_not_stand_in_for_what_is_seen() {
    for hidden in [
        "<span style='display:none'>evil.example and</span>",
        "<span style='DISPLAY: none !important'>a <i style='display:inline'>b</i></span>",
        "<span style='font-size:0px'>a b</span>",
        "<span style='font-size:1px'>a b</span>",
        "<span style='visibility:hidden'>a b</span>",
        "<span style='opacity:0.01'>a b</span>",
        "<span style='color:transparent'>a b</span>",
        "<span style='font-size:0'>www.evil.example</span>",
        "<span style='DISPLAY:NONE'>a b</span>",
        "<span style='font-size:calc(0px)'>a b</span>",
        "<span style='font-size:calc((1px + 2px) * 0.5)'>a b</span>",
        "<span style='font-size:1%'>a b</span>",
        "<span style='font-size:0.1em'>a b</span>",
        "<span style='font-size:5px'><i style='font-size:50%'>a b</i></span>",
        "<span style='font:0px serif'>a b</span>",
        "<span style='font:italic 700 0/1 serif'>a b</span>",
        "<span style='letter-spacing:-5px;font-size:8px'>a b</span>",
        "<span style='color:rgba(0,0,0,0)'>a b</span>",
        "<span style='color:rgb(0 0 0 / 5%)'>a b</span>",
        "<span style='color:hsla(0,0%,0%,0.01)'>a b</span>",
        "<span style='color:#11223300'>a b</span>",
        "<span style='color:#0000'>a b</span>",
        "<span style='color:white'>a b</span>",
        "<font color=white>a b</font>",
        "<span style='color:#123;background:#123'>a b</span>",
        "<span style='opacity:5%'>a b</span>",
        "<span style='display:inline-block;width:0;height:0;overflow:hidden'>a b</span>",
        "<span style='float:left;max-height:0;overflow:hidden'>a b</span>",
        "<div style='max-width:0px;overflow-x:hidden'>a b</div>",
        "<i style='opacity:.2'><i style='opacity:20%'><i style='opacity:.2'>a b</i></i></i>",
        "<span style='display:inline-block;width:2px;height:2px;line-height:40px;overflow:hidden'>a b</span>",
        "<span style='vertical-align:-99in'>a b</span>",
        "<span style='vertical-align:80px'><i style='vertical-align:80px'>a b</i></span>",
    ] {
        // Of more words than those of which a bare host would be told.
        let hidden = hidden.replace("a b", "a b c d e f g");
        let link = format!("<a href='https://evil.example/'>{hidden}bank.example</a>");
        assert_eq!(marks(&link), 1, "{hidden}");
    }
    // What the link stands in hides as well.
    for around in [
        "<p style='font-size:0'>",
        "<font color='#ffffff'><p style='color:white'>",
        "<p style='visibility:hidden'>",
    ] {
        let seen = "<b style='font-size:16px;color:red;visibility:visible'>bank.example</b>";
        let words = "<i style='color:inherit'>a b c d e f g</i>";
        let own = if around.contains("white") {
            " style='color:white'"
        } else {
            ""
        };
        assert_eq!(
            marks(&format!(
                "{around}<a{own} href='https://evil.test/'>{words} {seen}</a>"
            )),
            1,
            "{around}"
        );
    }
    for seen in [
        "<span style='font-size:0'><span style='font-size:16px'>bank.example</span></span>",
        "<span style='visibility:hidden'><b style='visibility:visible'>bank.example</b></span>",
        "<div>bank.example</div>",
        "<b>bank</b>.<i>example</i>",
        "<img alt='www.bank.example'>",
        "&#x62;ank&#46;example",
        "ba\u{AD}nk.exa\u{200B}mple",
    ] {
        assert_eq!(
            marks(&format!("<a href='https://evil.example/'>{seen}</a>")),
            1,
            "{seen}"
        );
    }
}

#[test]
fn what_a_box_has_no_room_for_does_not_hide_what_it_shows() {
    let link = |style: &str, text: &str| {
        format!("<a href='https://evil.test/' style='display:inline-block;{style}'>{text}</a>")
    };
    let narrow = "width:95px;white-space:nowrap;overflow:hidden";
    for text in [
        "bank.example a b c d e f g",
        "<i>a b c d e f g </i><b>bank.example</b>",
    ] {
        assert_eq!(marks(&link(narrow, text)), 1, "{text}");
        let around = format!("<div style='{narrow}'>{}</div>", link("", text));
        assert_eq!(marks(&around), 1, "{text}");
        // Where all of it is seen, it is a sentence.
        for wide in [
            "",
            "width:95px",
            "width:600px;overflow:hidden",
            "width:100%;overflow:hidden",
            "max-width:100%;height:100%;overflow:hidden",
        ] {
            assert_eq!(marks(&link(wide, text)), 0, "{wide} {text}");
        }
    }
    // A share of a width that nobody knows may be small; its text is there all the same.
    for share in [
        "width:45%",
        "max-width:20%",
        "height:10%",
        "width:calc(10% + 20px)",
    ] {
        let style = format!("{share};white-space:nowrap;overflow:hidden");
        let text = "bank.example a b c d e f g";
        assert_eq!(marks(&link(&style, text)), 1, "{share}");
        let apart = link("", &cells("bank", ".example"));
        let around = format!("<div style='{style}'>{apart}</div>");
        assert_eq!(marks(&around), 1, "{share}");
    }
    assert_eq!(marks(&link(narrow, "a b c d e f g bank.example")), 0);
}

fn cells(one: &str, two: &str) -> String {
    format!("<table><tr><td>{one}</td><td>{two}</td></tr></table>")
}

#[test]
fn text_is_read_where_it_is_seen() {
    let cells =
        |one: &str, two: &str| format!("<table><tr><td>{one}</td><td>{two}</td></tr></table>");
    let floats = "<span style='display:inline-block'><span style='float:right'>com</span>\
        <span style='float:right'>bank<b>.</b></span><span style='float:right'>www.</span></span>";
    for seen in [
        // Turned by an element, by what is around it, by a character.
        "<bdo dir=rtl>elpmaxe.knab.www//:sptth</bdo>",
        "<bdo style='direction:rtl'>elpmaxe.knab</bdo>",
        "https://www.<bdo dir=RTL>elpmaxe.<b>knab</b></bdo>/",
        "<bdo dir=rtl>elpmaxe.<bdo dir=ltr>bank</bdo></bdo>",
        "<bdo dir=rtl>elpmaxe.<span style='display:inline-block'>bank</span></bdo>",
        "\u{202E}elpmaxe.knab.www",
        "&#x202E;elpmaxe.knab&#x202C;/signin",
        // Nothing parts what it is made of.
        "https:<br style='display:none'>//www.bank.example/",
        "https:<hr style='display:none'>//www.bank.example/",
        "https:<div style='display:inline'>//www.bank.example/</div>",
        "bank<p style='display:inline'>.example</p>",
        "bank<div style='display:inline-block'>.example</div>",
        &cells("www.", "bank.example"),
        &cells("bank", ".example"),
        // Something does that would not by itself.
        "Login<span style='display:block'>https://www.bank.example</span>",
        // Side by side from right to left.
        floats,
        &cells("example", "www.bank.").replace("<table>", "<table dir=rtl>"),
        "<span dir=rtl><bdi>example</bdi><bdi>www.bank.</bdi></span>",
        // The place where it leads stands there too, where nobody looks.
        &cells(
            "bank",
            ".example</td><td style='font-size:4px;color:#eaeaea'>evil.test",
        ),
        &cells("evil.test bank", ".example"),
        &cells("(evil.test)bank", ".example"),
        &format!("{floats}<br>evil.test"),
        "<span dir=rtl><bdi>example</bdi><bdi>www.bank.</bdi></span><p>evil.test</p>",
    ] {
        let link = format!("<a href='https://evil.test/'>{seen}</a>");
        assert_eq!(marks(&link), 1, "{seen}");
    }
    let link = "<a href='https://evil.test/'>elpmaxe.knab.www</a>";
    for around in ["<bdo dir=rtl>", "<div dir=rtl><bdo>", "<p>\u{202E}"] {
        assert_eq!(marks(&format!("{around}{link}")), 1, "{around}");
    }
    assert_eq!(marks(link), 0);
}

#[test]
fn texts_side_by_side_name_no_third_place() {
    for text in [
        "www.shop.example<br>Tel. 123",
        "Read more.It is new",
        &cells("Read more.", "It is new"),
        &cells("Order", "shop.example"),
        "<h2>News at shop.example</h2><p>In all sizes</p>",
        "<div dir=rtl>www.shop.example<br>Tel. 123</div>",
        "Our shop<br><small>shop.example</small>",
        "<b>www</b>.shop.example<br>Tel. 123",
        &cells("www.", "shop.example"),
        &cells("<b>shop</b>.example", ".de, .at and .ch"),
        "<div dir=rtl><b>shop</b>.example<br>Tel</div>",
        "<span style='float:right'>shop</span><span style='float:right'>.example</span> shop.example",
    ] {
        let link = format!("<a href='https://shop.example/'>{text}</a>");
        assert_eq!(marks(&link), 0, "{text}");
    }
}

#[test]
fn no_gap_parts_a_link_from_its_mark() {
    let gap = "&nbsp; ".repeat(300);
    let found = shown(&format!(
        "<a href='https://evil.example/'>bank.example{gap}</a>"
    ));
    assert!(
        found
            .html
            .contains(">bank.example </a><span class=\"posthorn-mark\">")
    );
}

#[test]
fn an_ordinary_newsletter_has_no_marks() {
    let newsletter = "<style>a{color:#06c}</style><table width=600><tr><td>\
        <a href='https://x.list-manage.com/track/click?u=1'><img src='https://x.example/logo.png' alt='Shop'></a>\
        <h1><a href='https://x.list-manage.com/track/click?u=2'>Our autumn offers</a></h1>\
        <p>All of it on <a href='https://x.list-manage.com/track/click?u=3'>www.shop.example</a>, \
        <a href='https://u1.ct.sendgrid.net/ls/click?u=4'>https://shop.example/offers</a></p>\
        <a href='https://www.shop.example/imprint'>shop.example</a> | \
        <a href='https://login.shop.example/'>Your account at shop.example</a> | \
        <a href='mailto:service@shop.example'>service@shop.example</a> | \
        <a href='https://bücher.example/'>bücher.example</a> | \
        <a href='https://x.list-manage.com/unsubscribe?u=5'>Unsubscribe</a>\
        </td></tr></table>";
    let found = shown(newsletter);
    assert_eq!(found.deceits, []);
    assert!(!found.html.contains("posthorn-mark"), "{}", found.html);
}

#[test]
fn marks_are_bounded_and_told_once() {
    let link = "<a href='https://evil.example/'>bank.example</a> ";
    let found = shown(&link.repeat(3000));
    assert_eq!(found.deceits.len(), 1);
    assert_eq!(found.html.matches("posthorn-mark").count(), MARK_LIMIT);
    // The others lead nowhere.
    assert_eq!(found.html.matches("href=").count(), MARK_LIMIT);
    assert_eq!(found.html.matches("bank.example</a>").count(), 3000);
    // In other ways, but with the same words.
    let twice = "<a href='https://bank.example@evil.example/'>Sign in</a>";
    assert_eq!(shown(&[link, twice].concat()).deceits.len(), 1);
    let many: Vec<String> = (0..3000)
        .map(|i| format!("<a href='https://evil{i}.example/'>bank.example</a>"))
        .collect();
    assert_eq!(shown(&many.concat()).deceits.len(), MARK_LIMIT);
    // However many harmless ones stand before it.
    let harmless = "<a href='https://shop.example/'>Shop</a>".repeat(5000);
    assert_eq!(marks(&format!("{harmless}{link}")), 1);
}

#[test]
fn text_has_marks_too() {
    let text = "See https://bank.example@evil.example/ and https://shop.example/ or a@b.example.";
    let found = mark(&plain::to_html(text), None, &words);
    assert_eq!(found.html.matches("posthorn-mark").count(), 1);
    assert!(!found.html.contains("title=\"shop"), "{}", found.html);
}

#[test]
fn linear_in_time() {
    let start = Busy::new();
    for piece in [
        "<a href='https://x.example'>y.example</a>",
        "<a href='https://x.example'>y</a>",
        "<a href='https://x.example'>",
        "<span style='display:none'>",
        "<a href=\"https://x.example\"",
        "<bdo dir=rtl>a<bdo dir=ltr>",
        "<i style='float:right'>a</i>",
        "<bdo dir=rtl>ab</bdo>\u{202E}c\u{202C}",
        "<i style='font-size:calc((((1px))))'>",
        "<p>x.example 1.2 y</p>",
        "<i style='display:inline-block;width:9px;overflow:hidden'>y.z </i>",
        "<a href='mailto:a@x.example,b@y.example;c@z.example'>x.example 1.2</a>",
    ] {
        mark(&piece.repeat(15_000), None, &words);
        mark(
            &format!("<a href='https://x.example'>{}</a>", piece.repeat(15_000)),
            None,
            &words,
        );
    }
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

/// Hardly a browser is told what to do with such links.
#[test]
fn links_that_write_lead_to_our_composer() {
    let html = "<a href=\"MAILTO:jo@shop.example?subject=a&amp;body=%22\">jo@shop.example</a>";
    let marked = mark(html, None, &words).html;
    assert!(
        marked.contains(
            "href=\"/compose?to=MAILTO%3Ajo%40shop%2Eexample%3Fsubject%3Da%26body%3D%2522\""
        ),
        "{marked}"
    );
    assert!(!marked.contains("\"mailto"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Nothing is changed but links: without what was put in, what was sanitised is there again.
    #[test]
    fn nothing_else_changes(text in "(<a href='https?://[a-z.]{1,9}'>|</a>|<b>|</b>|<p title=x>|<td>|[a-z .&\"]{0,6}){0,30}") {
        let clean = sanitise(&text, &|_| None).html;
        let marked = mark(&clean, None, &words).html;
        let bare = |html: &str| {
            let mut out = String::new();
            for token in tokens(html) {
                match token {
                    Token::Text(text) => out.push_str(&entity::decode(text)),
                    Token::Start { name, .. } => out.extend(["<", &name, ">"]),
                    Token::End(name) => out.extend(["</", &name, ">"]),
                    Token::Raw { .. } => out.push_str("raw"),
                }
            }
            out.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let mut rest = marked.as_str();
        let mut without = String::new();
        while let Some((before, after)) = rest.split_once("<span class=\"posthorn-mark\">") {
            without.push_str(before);
            rest = after.split_once("</span>").unwrap().1;
        }
        without.push_str(rest);
        prop_assert_eq!(bare(&without), bare(&clean));
        // And it is as harmless as before.
        prop_assert!(!marked.contains("<script"));
    }
}
