//! The card of an invitation: what, when and where, who comes, and the answer.

use super::icon::Icon;
use super::mailbox::{Mailbox, Target};
use super::one_press::{OnePress, Place};
use super::route;
use crate::api::beside as api;
use crate::i18n::{Key, Locale};
use crate::model::{Address, Attendee, Invitation, InvitationAnswer, Participation, Purpose};
use leptos::prelude::*;

const ANSWERS: [(InvitationAnswer, Key, Participation); 3] = [
    (
        InvitationAnswer::Accept,
        Key::AnswerAccept,
        Participation::Accepted,
    ),
    (
        InvitationAnswer::Tentative,
        Key::AnswerTentative,
        Participation::Tentative,
    ),
    (
        InvitationAnswer::Decline,
        Key::AnswerDecline,
        Participation::Declined,
    ),
];

/// The card.
#[component]
pub fn InvitationCard(invitation: Invitation, target: Target) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let kind = locale.text(match invitation.purpose {
        Purpose::Request if invitation.sequence > 0 => Key::EventChanged,
        Purpose::Request => Key::EventRequest,
        Purpose::Cancel => Key::EventCancel,
        Purpose::Reply => Key::EventReply,
        Purpose::Counter => Key::EventCounter,
        Purpose::Publish => Key::EventPublish,
    });
    let cancelled = invitation.purpose == Purpose::Cancel;
    let title = if invitation.summary.is_empty() {
        locale.text(Key::EventNoTitle).to_owned()
    } else {
        invitation.summary.clone()
    };
    let lines = [
        (Key::EventWhen, Some(invitation.when)),
        (Key::EventWhen, invitation.when_there),
        (Key::EventRepeats, invitation.repeats),
        (Key::EventWhere, Some(invitation.location)),
        (Key::EventComment, Some(invitation.comment)),
    ];
    let mut last = None;
    let lines = lines
        .into_iter()
        .filter_map(|(key, value)| Some((key, value.filter(|value| !value.is_empty())?)))
        .map(|(key, value)| {
            // A second value of the same belongs to the first one's name.
            let name =
                (last.replace(key) != Some(key)).then(|| view! { <dt>{locale.text(key)}</dt> });
            view! {
                {name}
                <dd dir="auto">{value}</dd>
            }
        })
        .collect_view();
    let is_valid = invitation.organizer_is_valid;
    let organizer = invitation.organizer.clone().map(|organizer| {
        view! {
            <dt>{locale.text(Key::EventOrganizer)}</dt>
            <dd>
                <Person person=organizer is_valid />
            </dd>
        }
    });
    let description = (!invitation.description.is_empty()).then(|| {
        view! {
            <details class="card-more">
                <summary>{locale.text(Key::EventDescription)}</summary>
                <p class="card-text" dir="auto">{invitation.description}</p>
            </details>
        }
    });
    let caution = invitation
        .organizer
        .as_ref()
        .filter(|_| invitation.answer.is_some() && invitation.organizer_is_another)
        .map(|organizer| {
            let values = [("address", organizer.addr.as_str())];
            let text = locale.fill(Key::EventOrganizerAnother, &values);
            view! {
                <p class="card-caution" role="note">
                    <Icon name="alert" />
                    <span>{text}</span>
                </p>
            }
        });
    let answer = invitation.answer.map(|id| {
        let organizer = invitation
            .organizer
            .as_ref()
            .map(|organizer| organizer.label().to_owned())
            .unwrap_or_default();
        view! { <AnswerForm id organizer mine=invitation.mine target /> }
    });
    view! {
        <section class="card" class:cancelled=cancelled aria-label=kind>
            <p class="card-kind">
                <Icon name="calendar" />
                <span>{kind}</span>
            </p>
            <h2 class="card-title" dir="auto">{title}</h2>
            <dl class="card-lines">{lines} {organizer}</dl>
            <Attendees attendees=invitation.attendees more=invitation.more_attendees />
            {description}
            {caution}
            {answer}
        </section>
    }
}

/// Somebody, who can be written to where that is a valid address: another may be those of several.
#[component]
fn Person(person: Address, is_valid: bool) -> impl IntoView {
    let label = person.label().to_owned();
    let address = (label != person.addr).then(|| person.addr.clone());
    let label = if is_valid {
        let href = route::compose_to(&person.addr);
        view! { <a href=href dir="auto">{label}</a> }.into_any()
    } else {
        view! { <span dir="auto">{label}</span> }.into_any()
    };
    view! {
        {label}
        {address.map(|address| view! { " " <span class="address">{address}</span> })}
    }
}

#[component]
fn Attendees(attendees: Vec<Attendee>, more: u32) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let count = u64::try_from(attendees.len())
        .unwrap_or(u64::MAX)
        .saturating_add(u64::from(more));
    if count == 0 {
        return ().into_any();
    }
    let summary = locale.count(Key::EventAttendeesOne, Key::EventAttendeesOther, count);
    let people = attendees
        .into_iter()
        .map(|attendee| {
            let mut about = participation(locale, attendee.participation).to_owned();
            if attendee.optional {
                about.push_str(", ");
                about.push_str(locale.text(Key::EventOptional));
            }
            view! {
                <li>
                    <span dir="auto">{attendee.address.label().to_owned()}</span>
                    " "
                    <span class="card-about">{about}</span>
                </li>
            }
        })
        .collect_view();
    let more = (more > 0).then(|| {
        let n = locale.number(u64::from(more));
        view! { <li class="card-about">{locale.fill(Key::DeliveryMore, &[("n", &n)])}</li> }
    });
    view! {
        <details class="card-more">
            <summary>{summary}</summary>
            <ul class="card-list">{people} {more}</ul>
        </details>
    }
    .into_any()
}

fn participation(locale: Locale, answer: Participation) -> &'static str {
    locale.text(match answer {
        Participation::NeedsAction => Key::EventNeedsAction,
        Participation::Accepted => Key::EventAccepted,
        Participation::Tentative => Key::EventTentative,
        Participation::Declined => Key::EventDeclined,
        Participation::Delegated => Key::EventDelegated,
    })
}

/// Three buttons of one form. What was answered from this page shows at once.
#[component]
fn AnswerForm(
    id: String,
    organizer: String,
    mine: Option<Participation>,
    target: Target,
) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let press = OnePress::new();
    let mine = RwSignal::new(mine);
    // So many answers were sent: the next one is another mail.
    let count = RwSignal::new(0_u32);
    let name = move || format!("{}.{id}", count.get());
    let so_far = move || {
        mine.get()
            .filter(|mine| *mine != Participation::NeedsAction)
            .map(|mine| {
                let answer = participation(locale, mine);
                locale.fill(Key::EventMine, &[("answer", answer)])
            })
    };
    let buttons = ANSWERS
        .into_iter()
        .map(|(answer, key, becomes)| {
            let (name, target) = (name.clone(), target.clone());
            let click = move |event: leptos::ev::MouseEvent| {
                let call = api::answer_invitation(
                    target.folder.clone(),
                    target.uid_validity,
                    target.uid,
                    answer,
                    untrack(&name),
                    String::new(),
                );
                press.submit(&event, call, move || {
                    mine.try_set(Some(becomes));
                    count.try_update(|count| *count += 1);
                });
            };
            view! {
                <button
                    type="submit"
                    class="button"
                    class:primary=answer == InvitationAnswer::Accept
                    name="answer"
                    value=answer.value()
                    on:click=click
                >
                    {locale.text(key)}
                </button>
            }
        })
        .collect_view();
    let label = locale.fill(Key::AnswerTitle, &[("name", &organizer)]);
    view! {
        <form
            method="post"
            action="/api/answer_invitation"
            class="card-answer"
            aria-label=label
        >
            <Place target />
            <input type="hidden" name="id" value=name />
            {buttons}
            <span class="card-about" role="status">{so_far}</span>
        </form>
    }
}
