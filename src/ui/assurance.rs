//! Who a message is from, as far as that is known: a calm line where all is well or open, a bar that
//! cannot be overlooked where the sender is refuted or looks like a deceit.

use super::fetch::Awaited;
use super::icon::Icon;
use super::mailbox::{Mailbox, Target};
use crate::i18n::{Key, Locale};
use crate::model::{Address, Assurance, Check, Method, Outcome, Verdict, Warning};
use leptos::prelude::*;

/// The bars and the line. `from` are the message's authors.
#[component]
pub fn AssuranceLine(assurance: Assurance, from: Vec<Address>) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let bars = cautions(locale, &assurance, &from)
        .into_iter()
        .map(|text| bar(locale, text))
        .collect_view();
    let line = summary(locale, &assurance).map(|summary| {
        let checks = assurance
            .checks
            .into_iter()
            .map(|check| {
                let result = result(locale, &check);
                view! {
                    <dt>{locale.text(method(check.method))}</dt>
                    <dd dir="auto">{result}</dd>
                }
            })
            .collect_view();
        view! {
            <details class="assurance">
                <summary>{summary}</summary>
                <p>{locale.text(Key::AssuranceText)}</p>
                <dl>{checks}</dl>
            </details>
        }
    });
    view! {
        {bars}
        {line}
    }
}

/// Whom the sender of `target` looks like, where that comes after the message.
#[component]
pub fn ResemblanceOf(target: Target, from: Vec<Address>) -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    view! {
        <Awaited>
            {move || {
                let found = mailbox.resemblances.get().flatten();
                let found = found.filter(|(of, _)| *of == target);
                let warnings = found.map(|(_, warnings)| warnings).unwrap_or_default();
                warnings
                    .iter()
                    .map(|warning| bar(locale, caution(locale, warning, author(&from))))
                    .collect_view()
            }}
        </Awaited>
    }
}

fn bar(locale: Locale, text: String) -> impl IntoView {
    view! {
        <p class="warning-bar" role="note">
            <Icon name="alert" />
            <span dir="auto">
                <strong>{locale.text(Key::WarningTitle)}</strong>
                " "
                {text}
            </span>
        </p>
    }
}

fn author(from: &[Address]) -> &str {
    from.first().map_or("", |author| author.addr.as_str())
}

/// What to be careful about, the worst first.
fn cautions(locale: Locale, assurance: &Assurance, from: &[Address]) -> Vec<String> {
    let address = author(from);
    let refuted = (assurance.verdict == Verdict::Refuted)
        .then(|| locale.fill(Key::WarningRefuted, &[("domain", &assurance.domain)]));
    let warnings = assurance.warnings.iter();
    let warnings = warnings.map(|warning| caution(locale, warning, address));
    refuted.into_iter().chain(warnings).collect()
}

/// A warning about the author with this `address`.
fn caution(locale: Locale, warning: &Warning, address: &str) -> String {
    match warning {
        Warning::BorrowedName(text) => {
            let values = [("text", text.as_str()), ("address", address)];
            locale.fill(Key::WarningBorrowed, &values)
        }
        Warning::LookAlikeDomain { real, looks } => {
            let values = [("looks", looks.as_str()), ("real", real)];
            locale.fill(Key::WarningLookAlike, &values)
        }
        Warning::Resembles(known) => {
            let values = [("address", address), ("known", known.as_str())];
            locale.fill(Key::WarningResembles, &values)
        }
    }
}

/// The line; none where no server that is trusted said anything.
fn summary(locale: Locale, assurance: &Assurance) -> Option<String> {
    let said = |key, domain: &str| Some(locale.fill(key, &[("domain", domain)]));
    match (
        assurance.verdict,
        assurance.signed_by(),
        assurance.sent_by(),
    ) {
        (Verdict::Unknown, ..) => None,
        (Verdict::Refuted, ..) => Some(locale.text(Key::AssuranceSummary).to_owned()),
        (_, Some(domain), _) => said(Key::AssuranceSignedBy, domain),
        (Verdict::Confirmed, _, Some(domain)) => said(Key::AssuranceSentBy, domain),
        (Verdict::Confirmed, ..) => said(Key::AssuranceConfirmed, &assurance.domain),
        (Verdict::Unproved, ..) => Some(locale.text(Key::AssuranceUnproved).to_owned()),
    }
}

fn method(method: Method) -> Key {
    match method {
        Method::Dmarc => Key::AssuranceDmarc,
        Method::Dkim => Key::AssuranceDkim,
        Method::Spf => Key::AssuranceSpf,
    }
}

fn result(locale: Locale, check: &Check) -> String {
    let outcome = locale.text(match check.outcome {
        Outcome::Passed => Key::AssurancePassed,
        Outcome::Failed => Key::AssuranceFailed,
        Outcome::Open => Key::AssuranceOpen,
        Outcome::Missing => Key::AssuranceMissing,
        Outcome::Error => Key::AssuranceError,
    });
    if check.domain.is_empty() {
        return outcome.to_owned();
    }
    let values = [("outcome", outcome), ("domain", check.domain.as_str())];
    let result = locale.fill(Key::AssuranceResult, &values);
    if check.aligned {
        format!("{result} ({})", locale.text(Key::AssuranceAligned))
    } else {
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: Method, outcome: Outcome, domain: &str) -> Check {
        Check {
            method,
            outcome,
            domain: domain.to_owned(),
            aligned: false,
        }
    }

    #[test]
    fn the_line_says_what_was_proved_and_no_more() {
        let told = |verdict, checks| {
            let assurance = Assurance {
                verdict,
                domain: "example.org".to_owned(),
                checks,
                warnings: Vec::new(),
            };
            summary(Locale::En, &assurance)
        };
        let signed = || check(Method::Dkim, Outcome::Passed, "list.example");
        assert_eq!(told(Verdict::Unknown, vec![signed()]), None);
        assert_eq!(
            told(Verdict::Unproved, vec![signed()]).as_deref(),
            Some("Signed by list.example")
        );
        let spf = check(Method::Spf, Outcome::Passed, "mail.example");
        assert_eq!(
            told(Verdict::Confirmed, vec![spf.clone()]).as_deref(),
            Some("Sent by a server of mail.example")
        );
        assert_eq!(
            told(Verdict::Unproved, vec![spf]).as_deref(),
            Some("The sender is not proved")
        );
    }

    #[test]
    fn a_refuted_sender_is_warned_of_first() {
        let assurance = Assurance {
            verdict: Verdict::Refuted,
            domain: "bank.example".to_owned(),
            checks: Vec::new(),
            warnings: vec![Warning::BorrowedName("a@bank.example".to_owned())],
        };
        let from = [Address {
            name: None,
            addr: "x@evil.example".to_owned(),
        }];
        let told = cautions(Locale::En, &assurance, &from);
        assert!(
            told[0].contains("does not come from bank.example"),
            "{told:?}"
        );
        assert!(told[1].contains("a@bank.example") && told[1].contains("x@evil.example"));
    }
}
