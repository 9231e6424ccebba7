//! What servers write, and what those write who want to be believed.

use super::*;
use crate::mail::busy::Busy;
use proptest::prelude::*;

fn read(fields: &str) -> Option<Authentication> {
    let header = Header::parse(fields.as_bytes());
    Authentication::of(&header, &["mx.example.net".to_owned(), String::new()])
}

fn check(outcome: Outcome, domain: &str, aligned: bool) -> Check {
    Check {
        outcome,
        domain: Some(domain.to_owned()),
        aligned,
    }
}

#[test]
fn a_mail_that_is_what_it_says() {
    let found = read(
        "Authentication-Results: mx.example.net;\r\n\
        \tdkim=pass (2048-bit key; unprotected) header.d=mail.example.org header.i=@mail.example.org\r\n\
        \t header.b=\"ab;c=\";\r\n\
        \tspf=pass (mx: 192.0.2.1 is allowed) smtp.mailfrom=bounce@example.org;\r\n\
        \tdmarc=pass (policy=reject) header.from=example.org\r\n\
        From: Jo <jo@example.org>\r\n",
    )
    .unwrap();
    assert_eq!(
        found.dkim,
        Some(check(Outcome::Pass, "mail.example.org", true))
    );
    assert_eq!(found.spf, Some(check(Outcome::Pass, "example.org", true)));
    assert_eq!(found.dmarc, Some(check(Outcome::Pass, "example.org", true)));
    assert_eq!(found.verdict(), Verdict::Confirmed);
}

#[test]
fn forged_fields_say_nothing() {
    for fields in [
        "Authentication-Results: evil.example; dmarc=pass header.from=example.org\r\n",
        "Authentication-Results: (mx.example.net) evil.example; dmarc=pass\r\n",
        "Authentication-Results: evil.example (mx.example.net); dmarc=pass\r\n",
        "Authentication-Results: mx.example.net 2; dmarc=pass\r\n",
        "Authentication-Results: ; dmarc=pass\r\n",
        "Authentication-Results: mx.(c)example.net; dmarc=pass\r\n",
        "Authentication-Results: (c)mx.example.net; dmarc=pass\r\n",
        "Authentication-Results: mx.\r\n example.net; dmarc=pass\r\n",
        "Authentication-Results: mx.exa\0mple.net; dmarc=pass\r\n",
        "Authentication-Results: mx.exa\rmple.net; dmarc=pass\r\n",
        "Authentication-Results: mx.exa\x1b(Jmple.net; dmarc=pass\r\n",
        "Authentication-Results: \"\"; dmarc=pass\r\n",
        "Authentication-Results: mx.example.net.evil.example; dmarc=pass\r\n",
        "Authentication-Results: x=y; mx.example.net; dmarc=pass\r\n",
        "X-Authentication-Results: mx.example.net; dmarc=pass\r\n",
        "ARC-Authentication-Results: i=1; mx.example.net; dmarc=pass\r\n",
        "From: jo@example.org\r\n\r\nAuthentication-Results: mx.example.net; dmarc=pass\r\n",
    ] {
        assert_eq!(read(fields), None, "{fields}");
    }
    let header = Header::parse(b"Authentication-Results: mx.example.net; dmarc=pass\r\n");
    assert_eq!(Authentication::of(&header, &[]), None);
}

#[test]
fn the_topmost_field_of_a_trusted_server_counts_and_no_other() {
    let found = read(
        "Authentication-Results: other.example; spf=pass smtp.mailfrom=example.org\r\n\
        Authentication-Results: MX.example.NET 1; spf=fail smtp.mailfrom=example.org\r\n\
        Authentication-Results: mx.example.net; spf=pass smtp.mailfrom=example.org;\r\n\
         dkim=pass header.d=example.org\r\n\
        From: jo@example.org\r\n",
    )
    .unwrap();
    assert_eq!(found.spf, Some(check(Outcome::Fail, "example.org", true)));
    assert_eq!(found.dkim, None);
    assert_eq!(found.verdict(), Verdict::Unproved);
}

#[test]
fn of_several_signatures_the_aligned_one_counts() {
    let found = read(
        "Authentication-Results: mx.example.net; dkim=fail header.d=example.org; \
        dkim=pass header.d=list.example; dkim=pass header.i=jo@example.org; dkim=neutral\r\n\
        From: jo@news.example.org\r\n",
    )
    .unwrap();
    assert_eq!(found.dkim, Some(check(Outcome::Pass, "example.org", true)));
    assert_eq!(found.verdict(), Verdict::Confirmed);
}

#[test]
fn without_an_envelope_sender_the_name_in_helo_counts() {
    for sender in ["", "smtp.mailfrom=<>", "smtp.mailfrom=\"\""] {
        let found = read(&format!(
            "Authentication-Results: mx.example.net; spf=pass {sender} smtp.helo=mail.example.org\r\n\
            From: jo@example.org\r\n"
        ))
        .unwrap();
        assert_eq!(found.verdict(), Verdict::Confirmed, "{sender}");
    }
}

#[test]
fn what_passed_for_another_domain_confirms_nothing() {
    for (results, from) in [
        (
            "spf=pass smtp.mailfrom=evil.example; dkim=pass header.d=evil.example",
            "jo@example.org",
        ),
        ("dmarc=pass header.from=evil.example", "jo@example.org"),
        (
            "dmarc=pass header.from=evil.example; dkim=pass header.d=example.org",
            "jo@example.org",
        ),
        (
            "dkim=pass header.d=example.org",
            "jo@example.org, eve@evil.example",
        ),
        ("dkim=pass header.d=a.github.io", "jo@b.github.io"),
        ("dkim=pass header.d=other.co.uk", "jo@example.co.uk"),
        (
            "spf=pass smtp.mailfrom=x@xn--a.evil.example smtp.helo=mail.example.org; dmarc=none",
            "jo@example.org",
        ),
        (
            "spf=pass smtp.mail=x@- smtp.helo=example.org",
            "jo@example.org",
        ),
        (
            "dkim=pass header.d=xn--a.evil.example header.i=@example.org",
            "jo@example.org",
        ),
        ("dkim=pass", "jo@example.org"),
        ("dkim=pass header.d=example.org", ""),
        ("dkim=none", "jo@example.org"),
        ("none", "jo@example.org"),
    ] {
        let fields =
            format!("Authentication-Results: mx.example.net; {results}\r\nFrom: {from}\r\n");
        let found = read(&fields).unwrap();
        assert_eq!(found.verdict(), Verdict::Unproved, "{results}");
    }
}

#[test]
fn a_domain_that_disowns_the_mail() {
    let found = read(
        "Authentication-Results: mx.example.net; dmarc=fail header.from=example.org; \
        spf=pass smtp.mailfrom=example.org\r\nFrom: jo@example.org\r\n",
    )
    .unwrap();
    assert_eq!(found.verdict(), Verdict::Refuted);
}

#[test]
fn odd_writing() {
    let found = read(
        "authentication-results: \"mx.example.net\" 1 (c) ; DKIM/1 = Pass (x) reason = \"a; b=c\" \
        header . d = Example.ORG ; spf=softfail smtp.mailfrom=\"a b\"@bücher.example; ;=;x;\r\n\
        From: jo@example.org\r\n",
    )
    .unwrap();
    assert_eq!(found.dkim, Some(check(Outcome::Pass, "example.org", true)));
    assert_eq!(
        found.spf,
        Some(check(Outcome::SoftFail, "xn--bcher-kva.example", false))
    );
    for (word, expected) in [
        ("hardfail", Outcome::Fail),
        ("NONE", Outcome::Missing),
        ("policy", Outcome::Policy),
        ("temperror", Outcome::TemporaryError),
        ("permerror", Outcome::PermanentError),
        ("bestguesspass", Outcome::Neutral),
    ] {
        assert_eq!(outcome(word), expected);
    }
}

#[test]
fn hostile_fields_take_no_time() {
    let start = Busy::new();
    for piece in [
        ";dkim=pass header.d=a",
        "(",
        "\"",
        " a=b",
        "=",
        "\\\"",
        ";",
        "(",
    ] {
        let long = piece.repeat(200_000);
        let fields = format!("Authentication-Results: mx.example.net {long}\r\nFrom: a@b\r\n");
        read(&fields);
        read(&format!(
            "Authentication-Results: mx.example.net; dkim=pass {long}\r\n"
        ));
    }
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

proptest! {
    #[test]
    fn any_text_at_all(text in any::<String>()) {
        read(&format!("Authentication-Results: {text}\r\nFrom: a@b.example\r\n"));
        read(&format!("Authentication-Results: mx.example.net; {text}\r\nFrom: a@b.example\r\n"));
    }

    #[test]
    fn nobody_else_is_believed(id in "[a-z.]{1,20}", text in "[ -~]{0,60}") {
        prop_assume!(id != "mx.example.net");
        prop_assert_eq!(read(&format!("Authentication-Results: {id}; {text}\r\n")), None);
    }
}
