//! Attacks on the reader of a mail, and mails that only look odd. Whatever goes in, what comes out
//! is judged by reading it again, not by the look of it.

use super::*;
use crate::mail::busy::Busy;
use proptest::prelude::*;
use std::path::Path;
use std::time::Duration;

const PNG: &str = "data:image/png;base64,iVBORw0KGgo=";

fn of(html: &str) -> String {
    check(html).html
}

/// Sanitises, and judges the result.
fn check(html: &str) -> Sanitised {
    let cid = |id: &str| (id == "logo@x").then(|| PNG.to_owned());
    let result = sanitise(html, &cid);
    harmless(&result.html, html);
    let again = sanitise(&result.html, &cid);
    let pairs = again.html.bytes().zip(result.html.bytes());
    let same = pairs.take_while(|(a, b)| a == b).count();
    let of = |html: &str| {
        let from = html.floor_char_boundary(same.saturating_sub(40));
        html.get(from..)
            .unwrap_or_default()
            .chars()
            .take(80)
            .collect::<String>()
    };
    let start: String = html.chars().take(200).collect();
    assert!(
        again.html == result.html,
        "not stable at {same}: {:?} becomes {:?}, from {start}",
        of(&result.html),
        of(&again.html)
    );
    assert!(!again.remote, "{html} still loads: {}", result.html);
    result
}

/// Reads `html` again by the parser of the standard, allowing everything, and looks at every
/// element and attribute that comes out.
fn harmless(html: &str, source: &str) {
    for token in tokens(html) {
        match token {
            Token::Start { name, attributes } => {
                assert!(allow::is_element(&name), "<{name}> from {source}");
                for a in attributes {
                    let value = entity::decode(a.value);
                    let ours = name == "a"
                        && (a.name == "rel" && value == "noopener noreferrer nofollow"
                            || a.name == "target" && value == "_blank");
                    assert!(
                        ours || allow::is_attribute(&name, &a.name),
                        "{} from {source}",
                        a.name
                    );
                    assert!(!a.name.starts_with("on"), "{source}");
                    match &*a.name {
                        "src" => assert!(allow::is_raster_url(&value), "{value} from {source}"),
                        "href" => {
                            let lower = value.to_ascii_lowercase();
                            let good = ["http://", "https://", "mailto:"];
                            assert!(
                                good.iter().any(|s| lower.starts_with(s)),
                                "{value} from {source}"
                            );
                        }
                        "style" => {
                            let (again, remote) = crate::mail::css::declarations(&value);
                            assert_eq!(again, value, "from {source}");
                            assert!(!remote && !value.contains("url"), "{value} from {source}");
                        }
                        _ => {}
                    }
                }
            }
            Token::Raw { name, .. } => panic!("<{name}> from {source}"),
            Token::End(name) => assert!(allow::is_element(&name), "</{name}> from {source}"),
            Token::Text(text) => assert!(!text.contains('<'), "{text} from {source}"),
        }
    }
    // The same by a parser that is not ours: nothing is left for an allow-list to take away.
    let rel = " rel=\"noopener noreferrer nofollow\" target=\"_blank\"";
    let bare = html.replace(rel, "");
    let cleaned = rules(Net::Closed).clean(&bare).to_string();
    let start: String = source.chars().take(200).collect();
    assert!(
        is_written_as(&bare, &cleaned),
        "{cleaned:.200} from {start}"
    );
}

#[test]
fn images_are_known_by_what_the_html_calls_them() {
    let html = "<IMG SRC='CID:a%40x'><img src=' cid:b&amp;@x '><img src=\"cid:<c@x>\"><image src=cid:d@x>\
        <p title='cid:e@x'>cid:f@x</p><!-- <img src=cid:g@x> --><img src=https://h.example/h@x>";
    let named = images_named(html);
    for id in ["a@x", "b&@x", "c@x", "d@x"] {
        assert!(named.contains(id), "{id}");
    }
    for id in ["e@x", "f@x", "g@x", "h@x", "a", ""] {
        assert!(!named.contains(id), "{id}");
    }
    for piece in [
        "<img src=cid:",
        "<img src='cid:a'>",
        "<img src=cid:&amp;",
        "<img ",
    ] {
        let start = Busy::new();
        images_named(&piece.repeat(100_000));
        assert!(
            start.elapsed().as_secs() < 5,
            "{piece}: {:?}",
            start.elapsed()
        );
    }
}

#[test]
fn an_ordinary_letter() {
    assert_eq!(
        of(
            "<html><head><title>x</title><style>p{color:red}</style></head><body><p style=\"color: red\">Hi \
            <b>you</b> &amp; <a href=\"https://x.org/?a=1&b=2\">me</a></p></body></html>"
        ),
        "<p style=\"color: red\">Hi <b>you</b> &amp; <a href=\"https://x.org/?a=1&amp;b=2\" \
         rel=\"noopener noreferrer nofollow\" target=\"_blank\">me</a></p>"
    );
    assert_eq!(
        of("<a href=mailto:a@b>x</a>"),
        "<a href=\"mailto:a@b\">x</a>"
    );
    assert_eq!(of("1 < 2 & 3"), "1 &lt; 2 &amp; 3");
    assert_eq!(of(""), "");
}

#[test]
fn a_newsletter_keeps_its_shape() {
    let html = "<table width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" align=\"center\" bgcolor=\"#ffffff\">\
        <tbody><tr><td align=\"center\" valign=\"top\" style=\"padding: 10px 20px; font-family: Arial, sans-serif\">\
        <font color=\"#333333\" face=\"Arial\" size=\"2\">Hello</font></td></tr></tbody></table>";
    assert_eq!(of(html), html);
    assert_eq!(
        of("<body bgcolor=#eeeeee style='margin:0;font-family:Arial'><center>x</center></body>"),
        "<div style=\"background-color: #eeeeee; margin: 0; font-family: Arial\"><center>x</center></div>"
    );
}

#[test]
fn images() {
    assert_eq!(
        of("<img src=\"cid:logo@x\" alt=\"Logo\" width=\"10\">"),
        format!("<img src=\"{PNG}\" alt=\"Logo\" width=\"10\">")
    );
    assert_eq!(
        of("<img src='cid:logo%40x'>"),
        format!("<img src=\"{PNG}\">")
    );
    assert_eq!(
        of("<img src=cid:other alt='a &lt;b&gt; \"c\"&nbsp;d'>"),
        "<span>a &lt;b&gt; \"c\"&nbsp;d</span>"
    );
    assert_eq!(
        of("<p><img src=http://x/pixel.gif width=1 height=1></p>"),
        "<p></p>"
    );
    assert_eq!(
        of("<img src=http://x/y.png alt=Shoes>"),
        "<span>Shoes</span>"
    );
    assert_eq!(
        of("<img src=http://x/y.png alt=Shoes width=9 class=a style='color:#fff;display:block'>"),
        "<span style=\"color: #fff; display: block\">Shoes</span>"
    );
    assert_eq!(
        of(&format!("<img src={PNG}>")),
        format!("<img src=\"{PNG}\">")
    );
    assert!(check("<img src=http://x/y.png>").remote);
    assert!(!check("<img src=cid:logo@x>").remote);
    // Only what is a raster image is taken from the caller, too.
    for data in [
        "data:image/svg+xml;base64,PHN2Zz4=",
        "http://x",
        "data:image/png;base64,\"><script>",
    ] {
        assert_eq!(
            sanitise("<img src=cid:a>", &|_| Some(data.to_owned())).html,
            ""
        );
    }
    // A large image that is used over and over.
    let large = format!("data:image/png;base64,{}", "A".repeat(1 << 20));
    let clean = sanitise(&"<img src=cid:a>".repeat(1000), &|_| Some(large.clone()));
    assert!(clean.html.len() <= IMAGE_LIMIT + 1000 * 30);
    let shown = clean.html.matches("<img").count();
    assert_eq!(clean.image_octets, shown * large.len());
    assert_eq!(check(&format!("<img src={PNG}>")).image_octets, PNG.len());
}

#[test]
fn text_that_looks_like_our_tags() {
    let html = "&lt;img src=\"cid:logo@x\"&gt; src=\"cid:logo@x\"";
    assert_eq!(of(html), html);
    assert_eq!(
        of("<p title='<img src=\"cid:logo@x\">'>a</p>")
            .matches("iVBO")
            .count(),
        0
    );
}

#[test]
fn nothing_runs() {
    for html in [
        "<script>alert(1)</script>",
        "<ScRiPt src=//x></sCrIpT>",
        "<script>",
        "<<script>alert(1)//<</script>",
        "<img src=x onerror=alert(1)>",
        "<img/onerror=alert(1)/src=x>",
        "<img src=`x`onerror=alert(1)>",
        "<img \"\"\"><script>alert(1)</script>\">",
        "<body onload=alert(1)>",
        "<svg onload=alert(1)>",
        "<svg><animate onbegin=alert(1) attributeName=x>",
        "<svg><set attributeName=href to=javascript:alert(1)>",
        "<svg><use href='data:image/svg+xml,<svg id=x><script>alert(1)</script></svg>#x'>",
        "<svg><feImage href=//x>",
        "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<math><annotation-xml encoding=text/html><style><img src=x onerror=alert(1)></style>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<textarea><p title=\"</textarea><img src=x onerror=alert(1)>\">",
        "<xmp><p title=\"</xmp><img src=x onerror=alert(1)>\">",
        "<title><p title=\"</title><img src=x onerror=alert(1)>\">",
        "<template><script>alert(1)</script></template>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<iframe src=javascript:alert(1)>",
        "<object data=javascript:alert(1)><embed src=javascript:alert(1)>",
        "<a href=javascript:alert(1)>x</a>",
        "<a href='java&#10;script:alert(1)'>x</a>",
        "<a href=' &#14;javascript:alert(1)'>x</a>",
        "<a href='&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A;alert(1)'>x</a>",
        "<a href=data:text/html,<script>alert(1)</script>>x</a>",
        "<base href=javascript:/a/><a href=x>x</a>",
        "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
        "<link rel=import href=//x>",
        "<form action=javascript:alert(1)><input type=submit><button formaction=javascript:x>x</button></form>",
        "<input autofocus onfocus=alert(1)>",
        "<select><option><img src=x onerror=alert(1)></select>",
        "<select><selectedcontent><img src=x onerror=1></selectedcontent><option>x</select>",
        "<label for=x>x</label><div id=x class=y name=z>",
        "<marquee onstart=alert(1)>x</marquee>",
        "<details open ontoggle=alert(1)>x</details>",
        "<video><source onerror=alert(1)></video><audio src=x onerror=alert(1)>",
        "<div style='width:expression(alert(1))'>x</div>",
        "<div style=\"background:url('javascript:alert(1)')\">x</div>",
        "<div style='position:fixed;top:0;left:0;width:100%'>x</div>",
        "<div style='position:fixed!important'>x</div>",
        "<style>@import 'http://x';*{position:fixed}</style>",
        "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
        "<!--><img src=x onerror=alert(1)>-->",
        "<!--x--!><img src=x onerror=alert(1)>-->",
        "<![CDATA[<img src=x onerror=alert(1)>]]>",
        "<?xml version=\"1.0\"?><?php <img src=x onerror=alert(1)> ?>",
        "<p/title=\"</p><script>alert(1)</script>\">",
        "<a\u{c}href=javascript:alert(1)>x",
        "<\u{0}script>alert(1)</script>",
        "<img src=\u{0}x onerror=alert(1)>",
        "<plaintext><script>alert(1)</script>",
        "<table><script>alert(1)</script><tr><img src=x onerror=1><td>x",
        "<table><a href=javascript:1><tr><td></a>",
        "<b><table><b><tr></b><td></table>x<svg><p><style></p><img onerror=1>",
        "<isindex action=javascript:alert(1)>",
        "<keygen autofocus onfocus=alert(1)>",
        "<a href=\"http://x\" ping=\"http://y\" onclick=x>z</a>",
        "<bdo dir=\"rtl\" onmouseover=x>y</bdo>",
        "<div style=\"font-family:'</style><script>alert(1)</script>'\">x</div>",
        "<div style='color:red;\"onmouseover=\"alert(1)'>x</div>",
        "<dialog open><menu><slot>x</slot></menu></dialog><portal src=//x>",
    ] {
        check(html);
    }
}

#[test]
fn remote_content_is_seen_and_gone() {
    for html in [
        "<img src=http://x/y>",
        "<img src='  //x/y'>",
        "<img src='h&#9;ttp://x'>",
        "<img srcset='https://x 1x'>",
        "<table background=http://x><tr><td background=//x>a",
        "<body background=https://x>",
        "<p style=\"background-image:url('http://x')\">a",
        "<p style='background:image-set(\"https://x\" 1x)'>a",
        "<p style='color:var(--x,url(https://x))'>a",
        "<p style='background:url(http://x'>a",
        "<style>a{content:url(https://x)}</style>a",
        "<link rel=stylesheet href=https://x>",
        "<video poster=https://x></video>",
        "<input type=image src=https://x>",
    ] {
        let result = check(html);
        assert!(result.remote, "{html}");
        assert!(!result.html.contains("//"), "{html} gave {}", result.html);
    }
}

/// Sanitises for somebody who wants to see the images, and judges the result.
fn check_with(html: &str) -> Sanitised {
    let mut named = std::cell::RefCell::new(Vec::new());
    let remote = |url: &str| {
        named.borrow_mut().push(url.to_owned());
        Some("/remote/token-1".to_owned())
    };
    let result = sanitise_with(html, &|_| None, &remote);
    for url in named.get_mut() {
        assert_eq!(
            crate::mail::image_url::normal(url).as_ref(),
            Some(&*url),
            "{html}"
        );
    }
    assert_eq!(
        result.html.matches("/remote/token-1").count(),
        named.get_mut().len(),
        "{html}"
    );
    assert_eq!(
        usize::try_from(result.shown).unwrap(),
        named.get_mut().len()
    );
    // Without those addresses it is as harmless as any.
    let mut bare = String::new();
    for token in tokens(&result.html) {
        match token {
            Token::Text(text) => bare.push_str(text),
            Token::End(name) => bare.extend(["</", &name, ">"]),
            Token::Start { name, attributes } => {
                bare.push('<');
                bare.push_str(&name);
                for a in attributes {
                    let shown = a.value.contains("/remote/token-1");
                    if !shown {
                        bare.extend([" ", &a.name, "=\"", a.value, "\""]);
                        continue;
                    }
                    match &*a.name {
                        "src" => assert_eq!((&*name, a.value), ("img", "/remote/token-1")),
                        "background" => assert_eq!(a.value, "/remote/token-1"),
                        "style" => {
                            let none = a.value.replace("url('/remote/token-1')", "");
                            assert!(!none.contains("url") && !none.contains("//"), "{none}");
                        }
                        // An address that a mail writes itself is text like any other.
                        "title" | "alt" => {}
                        name => panic!("{name} in {}", result.html),
                    }
                }
                bare.push('>');
            }
            Token::Raw { name, .. } => panic!("<{name}> from {html}"),
        }
    }
    harmless(&bare, html);
    result
}

#[test]
fn images_of_the_net_are_shown_by_other_addresses() {
    for (html, result) in [
        (
            "<img src=http://x/y.png alt=a>",
            "<img src=\"/remote/token-1\" alt=\"a\">",
        ),
        ("<img src='//x/y&amp;z'>", "<img src=\"/remote/token-1\">"),
        (
            "<table><tbody><tr><td background=http://x/y>a</td></tr></tbody></table>",
            "<table><tbody><tr><td background=\"/remote/token-1\">a</td></tr></tbody></table>",
        ),
        (
            "<p style=\"background:#fff url('http://x/y?a&amp;b') no-repeat\">a</p>",
            "<p style=\"background: #fff url('/remote/token-1') no-repeat\">a</p>",
        ),
        (
            "<style>p{background-image:url(http://x/y?a&b)}</style><p>a</p>",
            "<p style=\"background-image: url('/remote/token-1')\">a</p>",
        ),
        (
            "<body background=http://x/y?a&amp;b>a</body>",
            "<div style=\"background-image: url('/remote/token-1')\">a</div>",
        ),
        // What cannot be seen, and what is no image of an element.
        ("<img src=http://x/y width=1 height=1>", ""),
        (
            "<img src=http://x/y style=display:none alt=z>",
            "<span style=\"display: none\">z</span>",
        ),
        ("<img srcset='http://x/y 2x'>", ""),
        ("<img src=/remote/token-1>", ""),
        ("<img src=http://user@x/y>", ""),
        ("<p style='list-style:url(http://x/y)'>a</p>", "<p>a</p>"),
        (
            "<p style='background:image-set(\"http://x/y\" 1x) red'>a</p>",
            "<p style=\"background-color: red\">a</p>",
        ),
        ("<a href=/remote/token-1>a</a>", "a"),
    ] {
        assert_eq!(check_with(html).html, result, "{html}");
    }
    // A path that the caller should not give is not taken.
    for path in ["http://x", "//x", "x", "/a'b", "/a\"b", "/a b", ""] {
        let result = sanitise_with("<img src=http://x/y>", &|_| None, &|_| {
            Some(path.to_owned())
        });
        assert_eq!((result.html.as_str(), result.shown), ("", 0), "{path}");
    }
    let many = sanitise_with(&"<img src=http://x/y>".repeat(2000), &|_| None, &|_| {
        Some("/a".to_owned())
    });
    assert_eq!((many.shown, many.report.images), (1000, 2000));
}

#[test]
fn odd_trees_settle() {
    for html in [
        "<p><table><p>a<tr><td><p>b</table>c",
        "<table><tr><td><table><td>a</table></table>b",
        "<table>text<b>bold<tr>x<td>cell</b></table>after",
        "<a href=http://a><table><tr><td><a href=http://b>x</a></td></tr></table></a>",
        "<b><p>a</b>b</p><i><div>c</i>d</div>",
        "<ul><li><p>a<li>b<ul><li>c</ul><li>d</ul>",
        "<pre>\n\n\n&#10;&#10;&#10;&#10;&#10;&#10;a</pre>",
        "<pre><img src=cid:none>\n\na",
        "<pre><image>\n",
        "<p>&#13;&#13;\u{85}&#x80;&#0;a",
        "<h1><h2>a</h1></h2><dl><dd><dt>b</dl>",
        "<ruby>a<rp>(<rt>b<rp>)</ruby>",
        "<table><caption><table><caption>a</caption></table></caption></table>",
        "<table><colgroup>x<col span=2>y</colgroup><tr><td>z",
        &"a &amp; \u{a0}\u{b0}&#160;".repeat(5000),
        &"\u{a0}&nbsp;&lt;".repeat(5000),
        "<b><b><b><b><b>x</b></b></b></b></b>",
        "<font><p><font><p><font><p>x",
        "<center><table><center><tr><center><td>x",
        "<details><summary>a</summary>b</details>",
        "<li>a<dd>b<li>c<address><p>d<li>e",
        "<body dir=rtl><body bgcolor=red>x</body><p>y",
    ] {
        check(html);
    }
    // Nothing that was said is lost on the way.
    for html in [
        "<table>a<tr>b<td>c</table>d",
        "<b><p>a</b>b<table>c</p>d",
        "<select>a<option>b</select>",
    ] {
        let text: String = html_to_text(&of(html)).split_whitespace().collect();
        assert_eq!(
            text.len(),
            html_to_text(html)
                .split_whitespace()
                .collect::<String>()
                .len(),
            "{html}"
        );
    }
}

/// Each a megabyte, in a second: run with `--release` for the whole of it. Without optimisation a
/// tenth has to do, on a machine that is busy with other tests.
#[test]
fn bombs_take_no_time() {
    let (size, limit) = if cfg!(debug_assertions) {
        (100_000, 15)
    } else {
        (1_000_000, 1)
    };
    let fill = |unit: &str| unit.repeat(size / unit.len());
    let count = |unit: &dyn Fn(usize) -> String| {
        let mut html = String::new();
        for i in 0.. {
            if html.len() > size {
                break;
            }
            html.push_str(&unit(i));
        }
        html
    };
    for html in [
        fill("<div>"),
        fill("<b>"),
        fill("<font size=1>"),
        count(&|i| format!("<p><b title={i}>")),
        count(&|i| format!("<a href=http://{i}><div>")),
        fill("<a href=http://x><div>"),
        fill("<table><tr><td>"),
        format!("<table>{}", fill("<br>x")),
        format!("<table>{}", fill("<b>x")),
        format!("<table>{}", fill("<p>x</p>")),
        fill("<table>"),
        format!("<ul>{}", fill("<li>")),
        format!("<a {}>", count(&|i| format!("a{i}=b "))),
        fill("<p style='color:red;width:calc(1px + 2px)'>x"),
        format!("<p style='{}'>", fill("color:red;")),
        fill("&amp;"),
        fill("x&amp;"),
        fill("x\u{a0}"),
        format!("<p title='{}'>", fill("&amp;")),
        fill(&format!("<a href='http://x/{}'>x</a>", "&".repeat(5000))),
        fill("<"),
        fill("<!--"),
        fill("</p>"),
        fill("<svg><g>"),
        fill("<select><option>"),
        fill("<img src=cid:logo@x alt=x>"),
        fill("<b><i></b></i>"),
        fill("<a href=http://x>x"),
        fill("<dd><dt>"),
        fill("<h1><h2>"),
        fill("<body bgcolor=red> "),
    ] {
        let start = Busy::new();
        let result = sanitise(&html, &|_| None);
        let took = start.elapsed();
        let name: String = html.chars().take(30).collect();
        println!("{name}: {took:?}");
        assert!(took < Duration::from_secs(limit), "{name}: {took:?}");
        assert!(
            result.html.len() < 20 * size,
            "{name}: {} octets",
            result.html.len()
        );
    }
}

/// The vectors of the HTML5 Security Cheatsheet, where they are at hand.
#[test]
fn the_security_cheatsheet() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Ok(json) = std::fs::read(root.join("../shared/corpora/h5sc.json")) else {
        println!("../shared/corpora/h5sc.json is not there: nothing was tested");
        return;
    };
    let vectors: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let vectors = vectors.as_array().unwrap();
    assert!(vectors.len() > 100);
    for vector in vectors {
        check(vector["html"].as_str().unwrap());
    }
}

/// The HTML parts of real mails, where they are at hand.
#[test]
fn real_mails() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora/spamassassin");
    let mut folders = vec![root];
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let raw = std::fs::read(entry.path()).unwrap();
            let Some(part) = crate::mail::structure::Part::from_message(&raw) else {
                continue;
            };
            let choice = part.body_choice();
            let texts = [choice.html, choice.text].into_iter().flatten();
            for text in texts.filter(crate::mail::structure::BodyText::is_written) {
                let (header, body) = crate::mail::mime::part_source(&raw, &text.part).unwrap();
                let text = crate::mail::decode::text_part(header, body);
                let html = check(&text).html;
                let said = |html: &str| {
                    html_to_text(html)
                        .split_whitespace()
                        .collect::<String>()
                        .len()
                };
                if header
                    .to_ascii_lowercase()
                    .windows(9)
                    .any(|w| w == b"text/html")
                {
                    println!(
                        "{:?} {} {} {}",
                        entry.path().file_name(),
                        said(&text),
                        said(&html),
                        html.starts_with("<div style=\"white-space: pre-wrap")
                    );
                }
                plain::to_html(&text);
                count += 1;
            }
            part.attachments();
        }
    }
    println!("{count} bodies of real mails");
}

fn piece() -> impl Strategy<Value = String> {
    let element = "(a|b|i|p|div|table|tbody|tr|td|caption|ul|li|dl|dt|dd|h1|h2|pre|font|center|span|br|hr|img|svg|math|mtext|style|script|title|textarea|select|option|form|body|template|noscript|col|colgroup|blockquote|details|summary|ruby|rt|foreignObject|button|nobr|marquee|frameset|plaintext|image|annotation-xml|mglyph)";
    let regex = |regex: &str| proptest::string::string_regex(regex).unwrap();
    prop_oneof![
        4 => regex(&format!(
            "<{element}( (href|src|style|title|alt|width|dir|bgcolor|onclick|id)=(\"[a-z:/&;<>' ]{{0,8}}\"|http://x\
             |cid:logo@x|'color:red;background:url\\(//y\\)'|javascript:x|[a-z\"'`=]{{0,4}})){{0,2}}/?>"
        )),
        3 => regex(&format!("</{element}>")),
        2 => regex("[a-z &;<>\"'\n\u{a0}ü]{0,6}"),
        1 => regex(
            "(<!--|-->|--!>|<!|<\\?|]]>|&#10;|&#13;|&nbsp;|&lt;|&amp;|&#x0;|&#128;|\u{0}|\r\n|<!\\[CDATA\\[)"
        ),
    ]
}

#[test]
fn control_characters_do_not_come_back_by_reference() {
    let sanitised = |html: &str| sanitise(html, &|_| None).html;
    assert_eq!(sanitised("a&#xe;b&#1;&#x0d;c"), "ab\nc");
    assert_eq!(sanitised("&#xe"), "");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn anything_comes_out_harmless_and_stable(pieces in proptest::collection::vec(piece(), 0..30)) {
        check(&pieces.concat());
        check_with(&pieces.concat());
    }

    #[test]
    fn any_text_at_all(html in any::<String>()) {
        check(&html);
    }
}

#[test]
fn text_around_an_image_that_is_left_out_settles() {
    let text = "&gt;".repeat(400);
    let html = format!("{text}<img src='https://x.example/a.png'>{text}<img src='cid:a'>{text}");
    let clean = sanitise(&html, &|_| None).html;
    assert_eq!(sanitise(&clean, &|_| None).html, clean);
}

/// Whether what is finished early may be shown.
fn is_settled(draft: &Draft) -> bool {
    let filtered = draft.filtered();
    filtered.ordered && is_written_as(&draft.html, &filtered.html)
}

/// What is finished before it is known that nothing changes is what is shown, or is thrown away.
#[test]
fn a_draft_that_is_settled_is_what_sanitising_makes() {
    let mut thrown_away = 0;
    for html in [
        "<p>Good <b>order</b></p><table><tr><td style=\"color:red\">x</td></tr></table>",
        "<style>.a{color:red}@media (max-width:600px){.a{display:block}}</style><p class=a>x",
        "<table><p>a<table><tr><td><a href=http://x.example>b<a href=http://y.example>c",
        "<b><p><b><p><b><p>x</b></p><i><table><i>y<tr><i>z</table>",
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<a><div><a><div><a>x</table></a>",
        "<p>a<img src=http://x.example/a.png>b",
        "<font><p><font><p><nobr><nobr><table><nobr>x<td><nobr>y",
        "\u{1}<\0a>\u{85}",
        "<pre>\n\n\n&#10;&#10;&#10;&#10;a</pre>",
        "<p>&#13;&#13;\u{85}&#x80;&#0;a",
        "<table>text<b>bold<tr>x<td>cell</b></table>after",
        "<table><caption><table><caption>a</caption></table></caption></table>",
        "",
    ] {
        for images in [false, true] {
            let remote = |_: &str| images.then(|| "/remote/x".to_owned());
            let whole = if images {
                sanitise_with(html, &|_| None, &remote)
            } else {
                sanitise(html, &|_| None)
            };
            let mut draft = Draft::of(html, net_of(images));
            let settled = is_settled(&draft);
            let pipe = Pipe::default();
            let piped = Draft::new(html, images, &pipe);
            assert_eq!(piped.html, draft.html);
            assert_eq!(Filtered::from(&pipe, images).html, draft.filtered().html);
            let early = draft.finish(&|_| None, &remote, false);
            let change = draft.settle(&draft.filtered());
            assert_eq!(change == Change::Nothing, settled, "{html}");
            assert!(is_settled(&draft), "{html}");
            assert_eq!(draft.finish(&|_| None, &remote, false), whole, "{html}");
            if settled {
                assert_eq!(early, whole, "{html}");
            } else {
                thrown_away += 1;
            }
        }
    }
    assert!(thrown_away > 0, "there are such");
}

/// Mails are written so: neither the filter nor another pass has anything to do then.
#[test]
fn what_programs_write_is_settled_after_it_was_brought_into_order() {
    for html in [
        "<table width=600 cellpadding=0><tr class=x><td style=\"padding:4px 8px;color:#345\" nowrap>a<td>b</table>",
        "<p>Gr&uuml;&szlig;e &amp; K&uuml;sse&nbsp;&hellip; AT&T, 3 > 2, &#8364;</p>",
        "<a href=\"https://x.example/?a=1&b=2&amp;c=3\" target=_blank title='\"a\"'>x</a><a href=\"#top\">up</a>",
        "<style>.a{color:red;background:url(https://x.example/a.png)}</style><p class=a>x<br/>y<hr>",
        "<img src=\"cid:a\" width=10 alt='a & b'><img src='https://x.example/a.png' alt=b>",
        "<table><col width=3><thead><tr><th>a</thead><tr><td>b<tfoot><tr><td>c</table>",
        "<body bgcolor=#ffffff style='margin:0'><center><font face='Arial, sans-serif' size=2>a</font></center></body>",
    ] {
        assert!(is_settled(&Draft::of(html, Net::Closed)), "{html}");
    }
}

#[test]
fn two_texts_of_a_mail_have_sheets_of_their_own() {
    let sheet = "<style>@media (max-width:600px){.a{display:block}}@media (min-width:700px){.b{width:1px}}</style>";
    let clean = sanitise(&format!("{sheet}<p class=a>x<p class=b>y"), &|_| None);
    let within = clean.media_within("html-2");
    assert_eq!(clean.media.matches("{.m").count(), 2, "{}", clean.media);
    assert_eq!(within.matches("{:where(.html-2) .m").count(), 2, "{within}");
    assert!(!within.contains("{.m"));
}

#[test]
fn greater_than_signs_settle_at_once() {
    for text in [">".repeat(200_000), "&gt;m ".repeat(50_000)] {
        let mut draft = Draft::of(&text, Net::Closed);
        let filtered = draft.filtered();
        assert_eq!(pass(&filtered.html, Net::Closed), filtered.html);
        // Not read by the parser once more.
        assert_eq!(draft.settle(&filtered), Change::Nothing);
    }
    assert!(is_settled(&Draft::of("3 &gt; 2 > 1", Net::Closed)));
    assert_eq!(of("a &gt; b &amp;gt; c > d"), "a &gt; b &amp;gt; c &gt; d");
    assert_eq!(of("<pre>&gt;\n\n&gt;</pre>"), "<pre>&gt;\n\n&gt;</pre>");
    assert_eq!(of("&am&gt;p; &#6&gt;2; &lt&gt;"), of("&am>p; &#6>2; &lt>"));
}

/// Also where another pass was needed.
#[test]
fn many_greater_than_signs_are_written_the_same_again() {
    for before in [
        "",
        "<table><p>a<table><tr><td><a href=http://x.example>b<a href=http://y.example>c",
        "<xmp>",
    ] {
        let clean = of(&format!("{before}{}", "> a ".repeat(3_000)));
        assert!(of(&clean) == clean, "{before}");
        assert!(clean.matches('>').count() > 1_500, "{before}");
    }
}

#[test]
fn more_elements_than_are_kept_settle() {
    for (piece, times) in [
        ("<h2>2>\n", 61_000),
        ("<table>x<tr>y<td>z", 20_000),
        ("<wbr>", 61_000),
    ] {
        let clean = sanitise(&piece.repeat(times), &|_| None).html;
        let again = sanitise(&clean, &|_| None).html;
        assert!(again == clean, "{piece}");
        assert!(!clean.contains("white-space: pre-wrap"), "{piece}");
    }
}

#[test]
fn references_in_great_numbers_are_text() {
    let many = format!("<p>a &amp; <b>b</b>{}</p>", "&amp; ".repeat(100_001));
    for sanitised in [
        sanitise(&many, &|_| None),
        sanitise_for_both(&many, &|_| None, None),
    ] {
        assert!(
            sanitised
                .html
                .starts_with("<div style=\"white-space: pre-wrap\">a &amp; b&amp; &amp;")
        );
        assert_eq!(sanitised.html.matches("&amp;").count(), 100_002);
        assert_eq!(sanitised.report.elements, 2);
    }
    for sign in ["&", "< ", "\u{a0}x", "&lt;", "&bogus"] {
        let many = sign.repeat(100_001);
        let shown = sanitise(&many, &|_| None).html;
        assert!(
            shown.starts_with("<div style=\"white-space: pre-wrap\">"),
            "{sign}"
        );
    }
    let pictured = format!("<img src=\"cid:a\">{}", "&nbsp;".repeat(100_001));
    assert!(images_named(&pictured).is_empty());
    assert!(images_named("<img src=\"cid:a\">").contains("a"));
    let fewer = format!("<p>{}</p>", "&amp; ".repeat(1000));
    assert!(sanitise(&fewer, &|_| None).html.starts_with("<p>"));
}

#[test]
fn a_reference_ends_where_a_tag_stood() {
    for (html, expected) in [
        (">&nbsp<e>;", "&gt;&nbsp;;"),
        ("&alpha;&am<e>p;", "α&amp;amp;"),
        ("&alpha;&<e>lt;", "α&amp;lt;"),
    ] {
        let shown = sanitise(html, &|_| None).html;
        assert_eq!(shown, expected, "{html}");
        assert_eq!(sanitise(&shown, &|_| None).html, shown, "{html}");
    }
}
