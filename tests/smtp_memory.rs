//! Large mails in little memory. A binary of its own: the peak of memory is the process's.

// Clippy's leave for tests ends at their helpers.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used
)]

mod smtp_support;

use posthorn::server::smtp::{BuildError, Builder, Outline, SendError, send};
use smtp_support::imap::Imap;
use smtp_support::{outline, stand, test_password};
use std::time::Instant;

const MB: usize = 1_000_000;

/// The largest resident size so far, in kB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .expect("VmHWM");
    line.trim()
        .trim_end_matches(" kB")
        .parse()
        .expect("a number")
}

async fn started(outline: Outline, limit: u64) -> Builder {
    let directory = std::env::temp_dir();
    let mut builder = Builder::start(outline, limit, &directory)
        .await
        .expect("a mail");
    builder
        .begin_attachment("groß.bin", "application/octet-stream")
        .await
        .expect("an attachment");
    builder
}

// One test, so that nothing else grows meanwhile.
#[tokio::test]
async fn large_mails_pass_through_in_little_memory() {
    let (from, to) = ("test7@posthorn.example", "test7+gone@posthorn.example");
    let piece: Vec<u8> = (0..=255).cycle().take(MB / 4).collect();

    // Once small, so that what is loaded once is not counted.
    let small = started(outline(from, &[to], "groß"), u64::MAX)
        .await
        .finish()
        .await
        .expect("a mail");
    let nobody = ["niemand@posthorn.example".to_owned()];
    let refused = send(&stand(), from, &test_password(), from, &nobody, &small).await;
    assert!(
        matches!(refused, Err(SendError::Recipients(_))),
        "{refused:?}"
    );

    let before = peak();
    let start = Instant::now();
    let large = outline(from, &[to], "groß");
    let id = large.message_id.clone();
    let mut builder = started(large, u64::MAX).await;
    for _ in 0..4 * 38 {
        builder.write(&piece).await.expect("38 MB");
    }
    let mail = builder.finish().await.expect("a mail");
    let building = start.elapsed();
    let start = Instant::now();
    send(
        &stand(),
        from,
        &test_password(),
        from,
        &[to.to_owned()],
        &mail,
    )
    .await
    .expect("sent");
    let grown = peak() - before;
    println!(
        "38 MB: built in {building:?}, sent in {:?}, grown by {grown} kB",
        start.elapsed()
    );
    assert!(grown < 8_000, "grown by {grown} kB");

    // One that the server says it will not take is not even begun.
    let mut builder = started(outline(from, &[to], "groß"), u64::MAX).await;
    for _ in 0..4 * 40 {
        builder.write(&piece).await.expect("40 MB");
    }
    let mail = builder.finish().await.expect("a mail");
    let start = Instant::now();
    let error = send(
        &stand(),
        from,
        &test_password(),
        from,
        &[to.to_owned()],
        &mail,
    )
    .await;
    assert_eq!(error, Err(SendError::TooLarge { limit: 52_428_800 }));
    println!("40 MB: refused in {:?}", start.elapsed());

    // Nor is it built where the limit is known.
    let limit = 52_428_800;
    let mut builder = started(outline(from, &[to], "groß"), limit).await;
    let mut taken = 0;
    let error = loop {
        match builder.write(&piece).await {
            Ok(()) => taken += piece.len(),
            Err(error) => break error,
        }
    };
    assert_eq!(error, BuildError::TooLarge { limit });
    println!("{taken} octets fit into {limit}");
    assert!((38 * MB..39 * MB).contains(&taken));

    let mut imap = Imap::login(from, "test-secret").await;
    imap.arrived(&id, 1).await;
    imap.remove(&id).await;
}
