use super::*;
use proptest::prelude::*;

const TODAY: Date = jiff::civil::date(2026, 11, 25);

fn parse(text: &str) -> Query {
    Query::parse(text, TODAY)
}

/// A query written out: clauses by blanks, OR by `|`, negation by `!`.
fn said(text: &str) -> String {
    let query = parse(text);
    assert_eq!(query.problems, [], "{text}");
    let condition = |condition: &Condition| {
        let not = if condition.negated { "!" } else { "" };
        let term = format!("{:?}", condition.term).replace(['"', ' '], "");
        format!("{not}{term}")
    };
    let clause = |clause: &Clause| clause.iter().map(condition).collect::<Vec<_>>().join("|");
    query
        .clauses
        .iter()
        .map(clause)
        .collect::<Vec<_>>()
        .join(" ")
}

fn problems(text: &str) -> Vec<(QueryProblemKind, String)> {
    let problems = parse(text).problems.into_iter();
    problems
        .map(|problem| (problem.kind, problem.piece))
        .collect()
}

#[test]
fn what_people_type() {
    for (typed, meant) in [
        ("", ""),
        ("  \t ", ""),
        ("anna rechnung", "Word(anna) Word(rechnung)"),
        ("\"neue rechnung\"", "Word(neuerechnung)"),
        ("„neue rechnung“ x", "Word(neuerechnung) Word(x)"),
        ("\"open end", "Word(openend)"),
        (
            "-anna -\"b c\" NOT d NICHT -e",
            "!Word(anna) !Word(bc) !Word(d) !Word(e)",
        ),
        ("a - b", "Word(a) Word(b)"),
        ("e-mail", "Word(e-mail)"),
        ("a OR b c", "Word(a)|Word(b) Word(c)"),
        ("a b ODER -c OR d", "Word(a) Word(b)|!Word(c)|Word(d)"),
        ("OR a OR", "Word(a)"),
        ("a or b", "Word(a) Word(or) Word(b)"),
        ("a AND b UND c", "Word(a) Word(b) Word(c)"),
        ("rechn* *", "Word(rechn)"),
        (
            "from:anna to:jonas cc:x bcc:y",
            "From(anna) To(jonas) Cc(x) Bcc(y)",
        ),
        (
            "von:anna an:jonas Betreff:\"a b\"",
            "From(anna) To(jonas) Subject(ab)",
        ),
        ("FROM:anna", "From(anna)"),
        ("from: anna", "From(anna)"),
        ("-from:anna", "!From(anna)"),
        (
            "body:x filename:plan.pdf datei:x",
            "Body(x) FileName(plan.pdf) FileName(x)",
        ),
        ("has:attachment hat:Anhang", "Attachment Attachment"),
        ("is:unread -is:unread is:read", "!Seen Seen Seen"),
        (
            "ist:ungelesen ist:markiert is:answered",
            "!Seen Flagged Answered",
        ),
        ("before:2026-11-25", "Before(2026-11-25)"),
        (
            "vor:25.11.2026 nach:25.11.26",
            "Before(2026-11-25) Since(2026-11-25)",
        ),
        ("after:7d before:2w", "Since(2026-11-18) Before(2026-11-11)"),
        (
            "newer_than:1y älter:3m",
            "Since(2025-11-25) Before(2026-08-25)",
        ),
        (
            "until:2025 bis:heute",
            "Before(2026-01-01) Before(2026-11-26)",
        ),
        (
            "larger:5M kleiner:200k größer:1,5MB",
            "Larger(5000000) Smaller(200000) Larger(1500000)",
        ),
        ("smaller:9G", "Smaller(4294967295)"),
        // No operators.
        (
            "https://a.example/x Re: foo:bar",
            "Word(https://a.example/x) Word(Re:) Word(foo:bar)",
        ),
        ("10:30", "Word(10:30)"),
    ] {
        assert_eq!(said(typed), meant, "{typed}");
    }
}

#[test]
fn days_are_read_as_they_are_written() {
    let of = |text: &str| days(text, TODAY).map(|days| format!("{}/{}", days.first, days.end));
    for (text, expected) in [
        ("2026-11-25", "2026-11-25/2026-11-26"),
        ("2026/1/5", "2026-01-05/2026-01-06"),
        ("25.11.", "2026-11-25/2026-11-26"),
        ("26.11.", "2025-11-26/2025-11-27"),
        ("31.12.2026", "2026-12-31/2027-01-01"),
        ("2026-02", "2026-02-01/2026-03-01"),
        ("12.2026", "2026-12-01/2027-01-01"),
        ("2026", "2026-01-01/2027-01-01"),
        ("Heute", "2026-11-25/2026-11-26"),
        ("yesterday", "2026-11-24/2026-11-25"),
        ("0d", "2026-11-25/2026-11-26"),
        ("7tage", "2026-11-18/2026-11-19"),
    ] {
        assert_eq!(of(text).as_deref(), Some(expected), "{text}");
    }
    for text in [
        "",
        "someday",
        "2026-13-01",
        "30.2.2026",
        "1.1.1969",
        "25",
        "99999d",
        "2026-1-1-1",
        "7x",
        "-7d",
        "é",
        "2026-é",
        "1.2.3.4",
        "..",
        "٣d",
        "99999999999999999999d",
    ] {
        assert_eq!(of(text), None, "{text}");
    }
}

#[test]
fn sizes_are_read_as_they_are_written() {
    assert_eq!(octets("5M"), Some(5_000_000));
    assert_eq!(octets("1.25k"), Some(1_250));
    assert_eq!(octets("17"), Some(17));
    // No mail is that large, but it is a size.
    for text in [
        "5G",
        "9999999999999M",
        "99999999999999999",
        "99999999999999999999999999999,5G",
    ] {
        assert_eq!(octets(text), Some(u32::MAX), "{text}");
    }
    for text in ["", "M", "5X", "-5M", "1.2.3M", "5.M5", "1e3", "é"] {
        assert_eq!(octets(text), None, "{text}");
    }
}

#[test]
fn what_cannot_be_meant_is_told_and_the_rest_counts() {
    use QueryProblemKind::{Date, Empty, Having, Size, State, TooLong, TooMany};
    let query = parse("anna before:someday larger:much is:nice has:fun from: to:x");
    assert_eq!(query.clauses.len(), 2);
    assert_eq!(
        problems("anna before:someday larger:much is:nice has:fun from: to:x"),
        [
            (Date, "before:someday".to_owned()),
            (Size, "larger:much".to_owned()),
            (State, "is:nice".to_owned()),
            (Having, "has:fun".to_owned()),
            (Empty, "from:".to_owned()),
        ]
    );
    assert_eq!(problems("from:\"\" a"), [(Empty, "from:".to_owned())]);
    // What stood beside the wrong one is no longer joined.
    assert_eq!(parse("a OR before:x b").clauses.len(), 2);
    assert_eq!(problems(&"a".repeat(5_000)), [(TooLong, String::new())]);
    let many = parse(&"a ".repeat(60));
    assert_eq!(many.clauses.len(), TERM_LIMIT);
    assert_eq!(problems(&"a ".repeat(60)), [(TooMany, String::new())]);
}

#[test]
fn where_to_look() {
    assert_eq!(parse("x").scope, Scope::Here);
    assert_eq!(parse("in:Überall x").scope, Scope::Anywhere);
    assert_eq!(
        parse("in:\"Projekte/Neubau Süd\"").scope,
        Scope::Folder("Projekte/Neubau Süd".to_owned())
    );
    assert!(parse("in:anywhere").is_empty());
    // All but one are no place.
    for typed in ["rechnung -in:spam", "rechnung NOT in:spam", "-in:anywhere"] {
        assert_eq!(parse(typed).scope, Scope::Here, "{typed}");
        let piece = if typed.contains("any") {
            "-in:anywhere"
        } else {
            "-in:spam"
        };
        assert_eq!(
            problems(typed),
            [(QueryProblemKind::Folder, piece.to_owned())]
        );
    }
    assert_eq!(
        parse("-in:spam in:work").scope,
        Scope::Folder("work".to_owned())
    );
}

#[test]
fn what_is_marked() {
    assert_eq!(
        parse("anna -bert subject:\"a b\" is:read").words(),
        ["anna", "a b"]
    );
    assert!(parse("x").has_quick_look() && !parse("from:x").has_quick_look());
    assert!(!parse("x -y").has_quick_look() && parse("x -from:y").has_quick_look());
    assert!(parse("a OR is:unread").asks_for_flags() && !parse("a").asks_for_flags());
}

proptest! {
    /// Whatever is typed is a query within its bounds, and no control character gets through.
    #[test]
    fn nothing_breaks_it(text in "(?s).{0,200}") {
        check(&text);
    }

    #[test]
    fn nothing_like_a_query_breaks_it(
        pieces in prop::collection::vec(
            prop_oneof![
                Just("from:"), Just("-"), Just("\""), Just(" "), Just("OR"), Just("before:"), Just("7d"),
                Just("in:"), Just("\r\n"), Just("\\"), Just("{3+}"), Just("is:"), Just("größer:"), Just("9M"),
                Just("2026-02-30"), Just("*"), Just("„"), Just("🎉"), Just(":"), Just("\0"), Just("."), Just("1"),
            ],
            0..80,
        )
    ) {
        check(&pieces.concat());
    }
}

fn check(text: &str) {
    let query = parse(text);
    let terms: usize = query.clauses.iter().map(Vec::len).sum();
    assert!(terms <= TERM_LIMIT && query.problems.len() <= PROBLEM_LIMIT);
    for condition in query.clauses.iter().flatten() {
        let (Term::Word(value) | Term::From(value) | Term::Subject(value) | Term::FileName(value)) =
            &condition.term
        else {
            continue;
        };
        assert!(!value.is_empty() && !value.chars().any(char::is_control));
    }
    assert!(query.clauses.iter().all(|clause| !clause.is_empty()));
}
