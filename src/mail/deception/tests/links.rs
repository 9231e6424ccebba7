//! Links that say one place and lead to another, and links that only look so.

use super::*;

fn one(html: &str) -> Option<(String, String, Detour)> {
    let mut list = links(html, Some("news.example.net"));
    assert!(list.len() <= 1, "{list:?}");
    list.pop().map(|d| (d.said, d.target, d.detour))
}

#[test]
fn links_that_lead_elsewhere() {
    for (html, said, target, detour) in [
        (
            "<a href='https://evil.example/x'>https://www.bank.example/login</a>",
            "www.bank.example",
            "evil.example",
            Detour::OtherSite,
        ),
        (
            "<a href=http://bank.example.evil.test>www.bank.example</a>",
            "www.bank.example",
            "bank.example.evil.test",
            Detour::OtherSite,
        ),
        (
            "<a href='https://evil.example/'><b>bank</b>.<i>example</i></a>",
            "bank.example",
            "evil.example",
            Detour::OtherSite,
        ),
        (
            "<a href='https://evil.example/?u=https://bank.example/'>Go to HTTPS://bank.example now</a>",
            "bank.example",
            "evil.example",
            Detour::OtherSite,
        ),
        (
            "<a href='https:\\\\evil&#46;example'>service&#64;bank.example</a>",
            "bank.example",
            "evil.example",
            Detour::OtherSite,
        ),
        (
            "<a href='mailto:x%40evil.example?subject=a'>jo@bank.example</a>",
            "bank.example",
            "evil.example",
            Detour::OtherSite,
        ),
        (
            "<a href='https://sites.google.com/view/bank'>www.bank.example</a>",
            "www.bank.example",
            "sites.google.com",
            Detour::OtherSite,
        ),
        // Whoever is written to, in whatever way.
        (
            "<a href='mailto:?to=thief@evil.test'>support@bank.example</a>",
            "bank.example",
            "evil.test",
            Detour::OtherSite,
        ),
        (
            "<a href='mailto:support@bank.example?to=thief@evil.test'>support@bank.example</a>",
            "bank.example",
            "evil.test",
            Detour::OtherSite,
        ),
        (
            "<a href='mailto:support@bank.example,thief@evil.test'>support@bank.example</a>",
            "bank.example",
            "evil.test",
            Detour::OtherSite,
        ),
        (
            "<a href='mailto:support@bank.example?Cc=thief@evil.test'>support@bank.example</a>",
            "bank.example",
            "evil.test",
            Detour::OtherSite,
        ),
        (
            "<a href='mailto:support@bank.example?bcc=thief%40evil.test'>support@bank.example</a>",
            "bank.example",
            "evil.test",
            Detour::OtherSite,
        ),
        (
            "<a href='mailto:thief@evil.test%2Csupport@bank.example'>support@bank.example</a>",
            "bank.example",
            "evil.test",
            Detour::OtherSite,
        ),
        (
            "<a href='mailto:%22support@bank.example%22%3Cthief@evil.test%3E'>support@bank.example</a>",
            "bank.example",
            "evil.test",
            Detour::OtherSite,
        ),
        (
            "<a href='mailto:support@bank.example;thief@[192.0.2.1]'>support@bank.example</a>",
            "bank.example",
            "192.0.2.1",
            Detour::OtherSite,
        ),
        (
            "<a href='mailto:support@bank.example,thief@[IPv6:2001:db8::1]'>support@bank.example</a>",
            "bank.example",
            "[2001:db8::1]",
            Detour::OtherSite,
        ),
        (
            "<a href='mailto:a@list-manage.com,thief@evil.test'>support@bank.example</a>",
            "bank.example",
            "evil.test",
            Detour::OtherSite,
        ),
        (
            "<a href='https://notlist-manage.com/'>www.shop.example</a>",
            "www.shop.example",
            "notlist-manage.com",
            Detour::OtherSite,
        ),
        (
            "<a href='https://bank.example@evil.example/'>Sign in</a>",
            "bank.example",
            "evil.example",
            Detour::UserName,
        ),
        (
            "<a href='https://www.bаnk.example/'>Sign in</a>",
            "",
            "www.xn--bnk-6cd.example",
            Detour::Name,
        ),
        (
            "<a href='https://evil.example/'>→ bank.example »</a>",
            "bank.example",
            "evil.example",
            Detour::OtherSite,
        ),
        (
            "x<a href='https://evil.example/'>bank.example",
            "bank.example",
            "evil.example",
            Detour::OtherSite,
        ),
    ] {
        let expected = Some((said.to_owned(), target.to_owned(), detour));
        assert_eq!(one(html), expected, "{html}");
    }
}

#[test]
fn a_host_in_a_few_words_is_named() {
    for (text, said) in [
        ("Sign in at bank.example", "bank.example"),
        ("bank.example/signin now", "bank.example"),
        ("Amazon.de Bestellung", "amazon.de"),
        ("See bank.example for more", "bank.example"),
        ("Login:bank.example", "bank.example"),
        ("und/oder/bank.example", "bank.example"),
        ("evil.test or bank.example", "bank.example"),
        ("Your bank.example, [today]", "bank.example"),
        ("раураӏ.сом", "paypal.com"),
    ] {
        let link = format!("<a href='https://evil.test/'>{text}</a>");
        let expected = (said.to_owned(), "evil.test".to_owned(), Detour::OtherSite);
        assert_eq!(one(&link), Some(expected), "{text}");
    }
}

#[test]
fn signs_that_look_like_those_of_an_address_are_these() {
    for text in [
        "bank\u{2024}example",
        "bank\u{701}example",
        "bank\u{3002}example",
        "bank\u{FF0E}example",
        "bank\u{FF61}example",
        "bank\u{FE52}example",
        "https\u{2236}//www.bank.example",
        "https\u{A789}//www.bank.example",
        "https\u{FF1A}//www.bank.example",
        "https\u{FE55}\u{2044}\u{2215}www.bank.example",
        "https:\u{FF0F}\u{29F8}www.bank.example/now and then and again and so on",
        "ｂａｎｋ．ｅｘａｍｐｌｅ",
        "ba\u{200E}nk.exa\u{200D}mple",
        "ba\u{61C}nk.exam\u{34F}ple",
        "\u{3164}bank.example\u{2800}",
    ] {
        let link = format!("<a href='https://evil.test/'>{text}</a>");
        let said = one(&link).map(|(said, ..)| said).unwrap_or_default();
        assert!(said.ends_with("bank.example"), "{text:?}: {said:?}");
    }
}

#[test]
fn ways_that_lead_on_are_told_apart() {
    for target in [
        "https://x.list-manage.com/track?u=1",
        "https://nam02.safelinks.protection.outlook.com/?url=1",
        "https://click.example.net/1",
    ] {
        let found = Destination::of(target)
            .unwrap()
            .belied_by("www.shop.example", Words::Apart, Some("news.example.net"))
            .unwrap();
        assert_eq!(found.detour, Detour::Redirector, "{target}");
        let link = format!("<a href='{target}'>www.shop.example</a>");
        assert_eq!(one(&link), None, "{target}");
    }
}

#[test]
fn where_a_link_leads_is_said_in_a_few_words() {
    for (target, said, told) in [
        (
            "https://www.shop.example/a?b=c",
            "Shop",
            Some("www.shop.example"),
        ),
        ("https://www.shop.example/a?b=c", "www.shop.example", None),
        (
            "HTTPS://bücher.example",
            "Shop",
            Some("xn--bcher-kva.example"),
        ),
        (
            "mailto:jo%40bank.example?subject=a",
            "Jo",
            Some("jo@bank.example"),
        ),
        ("mailto:jo@bank.example", "jo@bank.example", None),
        (
            "mailto:jo@bank.example?cc=al@shop.example",
            "jo@bank.example",
            Some("jo@bank.example, al@shop.example"),
        ),
        ("mailto:", "Jo", Some("")),
        ("https://%FF/", "x", None),
    ] {
        let found = Destination::of(target)
            .filter(|to| !to.is_named_by(said))
            .map(|to| to.in_words());
        assert_eq!(found.as_deref(), told, "{target}");
    }
}

#[test]
fn links_that_are_what_they_say() {
    for html in [
        "<a href='https://www.bank.example/a'>bank.example</a>",
        "<a href='https://login.bank.example/'>https://www.bank.example/</a>",
        "<a href='https://shop.example/'>Our shop</a>",
        "<a href='https://shop.example/r'>report.pdf</a>",
        "<a href='https://shop.example/r'>Node.js</a>",
        "<a href='https://shop.example/r'>README.md</a>",
        "<a href='https://shop.example/r'>main.rs</a>",
        "<a href='https://shop.example/r'>Cargo.toml</a>",
        "<a href='https://shop.example/r'>St.Gallen</a>",
        "<a href='https://shop.example/r'>Dr.Müller</a>",
        "<a href='https://shop.example/r'>3.5</a>",
        "<a href='https://shop.example/r'>See all that we told at bank.example for more</a>",
        "<a href='https://shop.museum/amazon.de'>https://shop.museum/amazon.de</a>",
        "<a href='https://shop.example/r'>Learn Node.js now</a>",
        "<a href='https://shop.example/r'>ASP.NET for all</a>",
        "<a href='https://shop.example/r'>The README.md of it</a>",
        "<a href='https://shop.example/r'>z.B. in St.Gallen</a>",
        "<a href='https://shop.example/r'>Mo.-Fr. 9.30, Sa. 2.de</a>",
        "<a href='https://shop.example/r'>Version 2.0.1 is here</a>",
        "<a href='https://shop.example/r'>H&amp;M.com</a>",
        "<a href='https://shop.example/r'>Stop letters to jo@bank.example</a>",
        "<a href='https://go.shop.example/r'>Follow us on shop.example</a>",
        "<a href='https://news.example.net/r'>Follow us on shop.example</a>",
        "<a href='https://x.list-manage.com/r'>Follow us on shop.example</a>",
        "<a href='https://jo:pw@shop.example/r'>x</a>",
        "<a href='https://bücher.example/'>bücher.example</a>",
        "<a href='https://bücher.example/'>xn--bcher-kva.example</a>",
        "<a href='mailto:jo@bank.example'>jo@bank.example</a>",
        "<a href='mailto:jo@bank.example,al@bank.example?cc=x@mail.bank.example'>jo@bank.example</a>",
        "<a href='mailto:jo@bank.example?subject=For+al@shop.example'>jo@bank.example</a>",
        "<a href='mailto:jo@bank.example?cc=al@shop.example'>Write to us</a>",
        "<a href='mailto:?subject=Look&amp;body=https://shop.example'>Tell your friends</a>",
        "<a href='#top'>bank.example</a>",
        "<a name=x>bank.example</a>",
        "<a href='javascript:x'>bank.example</a>",
        "bank.example <a href='https://evil.example/'>x</a> bank.example",
        "<a href='https://evil.example/'><script>bank.example</script></a>",
        "<a href='https://bank.example@bank.example/'>Sign in</a>",
        "<a",
        "",
    ] {
        assert_eq!(one(html), None, "{html}");
    }
}

#[test]
fn links_in_plain_text() {
    let text = "See https://bank.example@evil.example/ and <https://www.аррӏе.com/>, https://fine.example.";
    let found = links(&plain::to_html(text), None);
    let detours: Vec<Detour> = found.iter().map(|d| d.detour).collect();
    assert_eq!(detours, [Detour::UserName, Detour::Name]);
    assert_eq!(
        found[1].look_alike.as_ref().unwrap().resembles,
        "www.apple.com"
    );
}
