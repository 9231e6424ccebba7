use super::*;
use crate::i18n::Locale;
use crate::server::flash::Flash;
use jiff::tz::TimeZone;

fn visitor() -> Visitor {
    Visitor {
        conversations: false,
        compact: false,
        theme: crate::model::Theme::default(),
        session: None,
        locale: Locale::default(),
        zone: TimeZone::UTC,
        address: None,
        flash: Flash::default(),
        deliberate: true,
    }
}

fn session() -> SessionId {
    SessionId::random().unwrap()
}

fn listen(hub: &Hub, session: &SessionId, folder: &str) -> Listener {
    let folder = Some(folder.to_owned());
    hub.listen("anna", session, &visitor(), folder).unwrap().0
}

fn news(name: &str, total: u32, unseen: u32, mod_seq: u64) -> News {
    News::Folder(FolderNews {
        name: name.to_owned(),
        total: Some(total),
        unseen: Some(unseen),
        uid_next: Some(total + 1),
        uid_validity: Some(7),
        mod_seq: Some(mod_seq),
    })
}

fn folder(name: &str, total: u32, unseen: u32) -> Event {
    Event::Folder {
        name: name.to_owned(),
        total,
        unseen,
        uid_validity: Some(7),
        uid_next: Some(total + 1),
    }
}

fn changed(folder: &str) -> Event {
    Event::Changed {
        folder: folder.to_owned(),
    }
}

/// All that a listener hears until nothing happens for a while.
async fn heard(listener: &mut Listener) -> Vec<Event> {
    let mut events = Vec::new();
    while let Ok(event) = tokio::time::timeout(BURST * 4, listener.next()).await {
        events.push(event);
    }
    events
}

#[tokio::test]
async fn bursts_become_one_and_a_page_hears_of_its_own_list() {
    let hub = Hub::default();
    let me = session();
    let mut inbox = listen(&hub, &me, "INBOX");
    let mut work = listen(&hub, &me, "Work");
    let channel = hub.channel("anna").unwrap();
    assert_eq!(heard(&mut inbox).await, [Event::Hello]);
    assert_eq!(heard(&mut work).await, [Event::Hello]);

    // The first state is told and is no change.
    for name in ["INBOX", "Work"] {
        channel.hear(news(name, 3, 1, 10));
    }
    channel.hear(News::Ready);
    let baseline = [folder("INBOX", 3, 1), folder("Work", 3, 1)];
    assert_eq!(heard(&mut inbox).await, baseline);
    assert_eq!(heard(&mut work).await, baseline);

    for arrived in 1..=30 {
        channel.hear(news(
            "INBOX",
            3 + arrived,
            1 + arrived,
            10 + u64::from(arrived),
        ));
    }
    assert_eq!(
        heard(&mut inbox).await,
        [folder("INBOX", 33, 31), changed("INBOX")]
    );
    assert_eq!(heard(&mut work).await, [folder("INBOX", 33, 31)]);

    // A flag: nothing to count. The same once more: nothing at all.
    channel.hear(news("INBOX", 33, 31, 99));
    assert_eq!(heard(&mut inbox).await, [changed("INBOX")]);
    channel.hear(news("INBOX", 33, 31, 99));
    assert!(heard(&mut inbox).await.is_empty());

    // Parts of a state, as NOTIFY tells them.
    channel.hear(News::Folder(FolderNews {
        name: "INBOX".to_owned(),
        unseen: Some(30),
        mod_seq: Some(100),
        ..FolderNews::default()
    }));
    assert_eq!(
        heard(&mut inbox).await,
        [folder("INBOX", 33, 30), changed("INBOX")]
    );

    // Whoever comes later hears how things are.
    let mut late = listen(&hub, &me, "INBOX");
    assert_eq!(
        heard(&mut late).await,
        [Event::Hello, folder("INBOX", 33, 30), folder("Work", 3, 1)]
    );
}

#[tokio::test]
async fn a_new_folder_and_the_servers_absence_are_told() {
    let hub = Hub::default();
    let mut page = listen(&hub, &session(), "INBOX");
    let channel = hub.channel("anna").unwrap();
    channel.hear(news("INBOX", 1, 0, 1));
    channel.hear(News::Ready);
    assert_eq!(heard(&mut page).await.len(), 2);
    channel.hear(news("New", 1, 1, 1));
    assert_eq!(
        heard(&mut page).await,
        [Event::Folders, folder("New", 1, 1)]
    );
    channel.set_lost(true);
    channel.set_lost(true);
    let mut second = listen(&hub, &session(), "INBOX");
    assert_eq!(heard(&mut page).await, [Event::Lost]);
    assert_eq!(second.next().await, Event::Hello);
    assert_eq!(second.next().await, Event::Lost);
    channel.hear(News::Ready);
    assert_eq!(heard(&mut page).await, [Event::Back]);
}

#[tokio::test]
async fn a_page_that_lags_is_told_to_ask_anew() {
    let hub = Hub::default();
    let mut page = listen(&hub, &session(), "INBOX");
    assert_eq!(page.next().await, Event::Hello);
    for _ in 0..=BACKLOG {
        hub.tell("anna", Event::Folders);
    }
    assert_eq!(page.next().await, Event::Resync);
    // As many changes at once would push out all else.
    let channel = hub.channel("anna").unwrap();
    while page.next().await != Event::Resync {
        hub.tell("anna", Event::Resync);
    }
    heard(&mut page).await;
    for number in 0..BACKLOG {
        channel.hear(news(&format!("folder {number}"), 1, 1, 1));
    }
    assert_eq!(heard(&mut page).await, [Event::Resync]);
}

#[tokio::test]
async fn streams_are_bounded_and_the_newest_of_a_browser_is_served() {
    let hub = Hub::default();
    let me = session();
    let mut pages: Vec<Listener> = (0..SESSION_STREAMS)
        .map(|_| listen(&hub, &me, "INBOX"))
        .collect();
    pages.push(listen(&hub, &me, "INBOX"));
    assert_eq!(heard(&mut pages[0]).await, [Event::Hello, Event::Parked]);
    assert_eq!(heard(&mut pages[1]).await, [Event::Hello]);
    pages.remove(0);

    let others: Vec<Listener> = (0..USER_STREAMS - SESSION_STREAMS)
        .map(|_| listen(&hub, &session(), "INBOX"))
        .collect();
    let refused = hub.listen("anna", &session(), &visitor(), None);
    assert_eq!(refused.unwrap_err(), Refusal::TooMany);
    drop(others);
    assert!(hub.listen("anna", &session(), &visitor(), None).is_ok());
}

#[tokio::test]
async fn a_session_that_ends_takes_its_streams_along() {
    let hub = Hub::default();
    let (mine, other) = (session(), session());
    let mut page = listen(&hub, &mine, "INBOX");
    let mut elsewhere = listen(&hub, &other, "INBOX");
    hub.session_ended("anna", &mine);
    assert_eq!(heard(&mut page).await, [Event::Hello, Event::SessionEnded]);
    assert_eq!(heard(&mut elsewhere).await, [Event::Hello]);
    hub.channel("anna").unwrap().end_dead(|id| *id == mine);
    assert_eq!(heard(&mut elsewhere).await, [Event::SessionEnded]);
    hub.close();
    let refused = hub.listen("anna", &mine, &visitor(), None);
    assert_eq!(refused.unwrap_err(), Refusal::Closing);
}

#[tokio::test]
async fn the_watcher_is_told_what_is_shown_and_ends_with_the_last_page() {
    let hub = Hub::default();
    let me = session();
    let (first, unwatched) = hub
        .listen("anna", &me, &visitor(), Some("INBOX".to_owned()))
        .unwrap();
    assert!(unwatched);
    let (second, unwatched) = hub
        .listen("anna", &me, &visitor(), Some("Work".to_owned()))
        .unwrap();
    assert!(!unwatched);
    let channel = hub.channel("anna").unwrap();
    assert_eq!(channel.orders().borrow().shown, ["Work", "INBOX"]);
    drop(second);
    assert_eq!(channel.orders().borrow().shown, ["INBOX"]);

    channel.stop();
    assert!(!hub.retire("anna", &channel), "a page listens");
    assert!(!channel.orders().borrow().stop);
    drop(first);
    assert_eq!(*channel.count().borrow(), 0);
    assert_eq!(channel.orders().borrow().shown, ["INBOX"]);
    assert!(hub.retire("anna", &channel));
    assert!(hub.channel("anna").is_none());
}

#[tokio::test]
async fn the_mailbox_may_be_fuller_when_messages_came_and_not_by_flags() {
    let hub = Hub::default();
    let mut page = listen(&hub, &session(), "INBOX");
    let channel = hub.channel("anna").unwrap();
    let usage = channel.usage();
    channel.hear(news("INBOX", 3, 1, 10));
    channel.hear(News::Ready);
    channel.hear(news("INBOX", 3, 0, 11));
    heard(&mut page).await;
    assert!(!usage.has_changed().unwrap());
    channel.hear(news("INBOX", 2, 0, 12));
    heard(&mut page).await;
    assert!(usage.has_changed().unwrap());
}
