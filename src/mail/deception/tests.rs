//! What deceivers write, and what honest people write who must not be taken for them.

use super::*;
use crate::mail::busy::Busy;
use crate::mail::links::{Mark, mark};
use crate::mail::plain;
use proptest::prelude::*;

mod links;

/// The deceiving links of HTML, and whatever is said of a single link.
fn links(html: &str, sender: Option<&str>) -> Vec<LinkDeceit> {
    let words = |_: &LinkDeceit| Mark {
        title: String::new(),
        html: String::new(),
    };
    mark(html, sender, &words).deceits
}

fn address(name: &str, addr: &str) -> Address {
    Address {
        name: (!name.is_empty()).then(|| name.to_owned()),
        addr: addr.to_owned(),
    }
}

#[test]
fn hosts_that_look_like_others() {
    for (host, resembles, trick) in [
        ("pаypal.com", "paypal.com", Trick::MixedScripts),
        ("xn--pypal-4ve.com", "paypal.com", Trick::MixedScripts),
        ("www.аррӏе.com", "www.apple.com", Trick::WholeScript),
        ("gοοgle.com", "google.com", Trick::MixedScripts),
        ("ɡithub.com", "github.com", Trick::WholeScript),
    ] {
        let found = look_alike(host).unwrap();
        assert_eq!(
            (found.resembles.as_str(), found.trick),
            (resembles, trick),
            "{host}"
        );
        assert!(found.ascii.contains("xn--"));
    }
    for host in [
        "paypal.com",
        "bücher.example",
        "пример.рф",
        "сао.рф",
        "пример.com",
        "παράδειγμα.gr",
        "例え.jp",
        "ソニーstyle.jp",
        "عربي.com",
        "ａｐｐｌｅ.com",
        "",
        "xn--",
        "xn--a",
        "..",
    ] {
        assert_eq!(look_alike(host), None, "{host}");
    }
}

#[test]
fn names_that_carry_another_address() {
    for (name, addr, found) in [
        (
            "boss@company.example",
            "x@evil.example",
            Some(Borrowed::Address("boss@company.example".to_owned())),
        ),
        (
            "\"Boss\" <boss@company.example>",
            "x@evil.example",
            Some(Borrowed::Address("boss@company.example".to_owned())),
        ),
        (
            "boss＠company.example",
            "x@evil.example",
            Some(Borrowed::Address("boss＠company.example".to_owned())),
        ),
        (
            "PayPal.com Service",
            "x@evil.example",
            Some(Borrowed::Site("paypal.com".to_owned())),
        ),
        ("boss@company.example", "boss@company.example", None),
        ("BOSS@Company.example", "boss@company.example", None),
        ("o'brien@example.org", "o'brien@example.org", None),
        ("'o'brien@example.org'", "o'brien@example.org", None),
        ("‘jo@example.org’", "jo@example.org", None),
        ("o’brien@example.org", "o'brien@example.org", None),
        ("'jo@example.org' via List", "jo@example.org", None),
        (
            "'boss@company.example'",
            "x@evil.example",
            Some(Borrowed::Address("boss@company.example".to_owned())),
        ),
        (
            "“boss@company.example”",
            "x@evil.example",
            Some(Borrowed::Address("boss@company.example".to_owned())),
        ),
        (
            "boss@company.example's office",
            "x@evil.example",
            Some(Borrowed::Address("boss@company.example's".to_owned())),
        ),
        (
            "PayPal.com's Service",
            "x@evil.example",
            Some(Borrowed::Site("paypal.com".to_owned())),
        ),
        (
            "ceo@bank.example'@x",
            "a@evil.example",
            Some(Borrowed::Address("ceo@bank.example'@x".to_owned())),
        ),
        (
            "ceo@bank.example'@",
            "a@evil.example",
            Some(Borrowed::Address("ceo@bank.example'@".to_owned())),
        ),
        (
            "brien@example.org",
            "o'brien@example.org",
            Some(Borrowed::Address("brien@example.org".to_owned())),
        ),
        ("Booking.com", "noreply@mail.booking.com", None),
        ("Amazon.de", "x@amazon.com", None),
        ("Dr.med. Jo Berg", "jo@example.org", None),
        ("Jo v.2.final", "jo@example.org", None),
        ("Jo @ Work", "jo@example.org", None),
        ("Jo", "jo@example.org", None),
        ("", "jo@example.org", None),
        ("x@y.example", "broken", None),
    ] {
        assert_eq!(
            borrowed_name(&address(name, addr)),
            found,
            "{name} <{addr}>"
        );
    }
}

#[test]
fn senders_that_look_like_somebody_known() {
    let known = [
        address("Anna Berg", "anna.berg@example.org"),
        address("Rechnung", "rechnung@stadtwerke.test"),
        address("", "service@commerzbank.test"),
        address("Microsoft", "info@microsoft.com"),
        address("", "jo@ab.de"),
    ];
    let likeness =
        |name: &str, addr: &str| resembles(&address(name, addr), &known, false).map(|r| r.likeness);
    for (name, addr, expected) in [
        ("", "anna.berg@example.org", None),
        ("", "ANNA.berg@example.org", None),
        ("", "anna.berg@exarnple.org", Some(Likeness::SameLook)),
        ("", "anna.berg@exаmple.org", Some(Likeness::SameLook)),
        ("", "anna.berg@exanple.org", Some(Likeness::NearlySame)),
        ("", "anna.berg@example.com", Some(Likeness::NearlySame)),
        ("", "other@example.com", None),
        ("", "x@stadtwerkee.test", Some(Likeness::NearlySame)),
        ("", "x@rnicrosoft.com", Some(Likeness::SameLook)),
        ("", "x@commerz-bank.test", Some(Likeness::NearlySame)),
        ("", "jo@cd.de", None),
        ("", "anna.berq@example.org", None),
        (
            "Anna Berg",
            "anna.berq@example.org",
            Some(Likeness::NearlySame),
        ),
        ("", "anna.bérg@example.org", Some(Likeness::SameLook)),
        ("Anna Berg", "x@evil.test", Some(Likeness::SameName)),
        ("Аnnа Berg", "x@evil.test", Some(Likeness::SameName)),
        ("Anna", "x@evil.test", None),
        ("", "x@evil.test", None),
        ("Anna Berg", "none", None),
    ] {
        assert_eq!(likeness(name, addr), expected, "{name} <{addr}>");
    }
}

#[test]
fn colleagues_may_be_called_alike() {
    let known = [
        address("", "l.meyer@firm.example"),
        address("", "ian@gmail.com"),
    ];
    let of = |addr: &str, confirmed| {
        resembles(&address("", addr), &known, confirmed).map(|found| found.likeness)
    };
    for addr in [
        "j.meyer@firm.example",
        "k.meyer@firm.example",
        "jan@gmail.com",
    ] {
        assert_eq!(of(addr, false), None, "{addr}");
    }
    // Who may send for the domain may be whoever has a name there; else it is anybody.
    assert_eq!(of("i.meyer@firm.example", true), None);
    assert_eq!(of("i.meyer@firm.example", false), Some(Likeness::SameLook));
    // Confirmed is the domain, not who it is that has an address there.
    for addr in ["lan@gmail.com", "i.meyer@f1rm.example"] {
        assert_eq!(of(addr, true), Some(Likeness::SameLook), "{addr}");
    }
}

#[test]
fn a_whole_sender() {
    let known = [address("Anna Berg", "anna@example.org")];
    let found = sender(
        &address("anna@example.org", "anna@exаmple.org"),
        &known,
        true,
    );
    assert!(found.borrowed.is_some());
    assert_eq!(found.look_alike.unwrap().resembles, "example.org");
    assert_eq!(found.resemblance.unwrap().likeness, Likeness::SameLook);
    assert_eq!(sender(&known[0], &known, false), SenderDeceit::default());
}

#[test]
fn hostile_input_takes_no_time() {
    let start = Busy::new();
    for piece in [
        "<a href=https://x.example>y.example",
        "<a href=",
        "<a href=x>",
        "xn--",
        "https://",
        "&#46;",
        "@",
    ] {
        let long = piece.repeat(100_000);
        links(&long, None);
        links(&format!("<a href='{long}'>{long}</a>"), None);
        links(&plain::to_html(&long), None);
        look_alike(&long);
        borrowed_name(&address(&long, &format!("{long}@x.example")));
    }
    let known: Vec<Address> = (0..20_000)
        .map(|i| {
            address(
                "Somebody Known",
                &format!("{}{i}@example-{i}.org", "a".repeat(60)),
            )
        })
        .collect();
    resembles(&address("Nobody Known", "a@example-7.com"), &known, true);
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_text_at_all(one in any::<String>(), other in any::<String>()) {
        links(&one, Some(&other));
        links(&format!("<a href='https://{one}'>{other}</a>"), Some(&other));
        links(&plain::to_html(&one), None);
        look_alike(&one);
        sender(&address(&one, &format!("a@{other}")), &[address(&other, &one), address(&one, "b@x.example")], one.len() % 2 == 0);
    }

    #[test]
    fn a_host_that_is_ascii_deceives_by_no_letter(host in "[a-z0-9.-]{0,40}") {
        prop_assume!(!host.contains("xn--"));
        prop_assert_eq!(look_alike(&host), None);
    }
}
