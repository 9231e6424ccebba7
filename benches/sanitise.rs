//! What it costs to make a large newsletter harmless: `cargo bench --features ssr --bench sanitise`.
//! The budget is 50 ms of one processor for a megabyte; the bench fails where the best of its
//! rounds is above it, since the others measure what else the machine has to do.

// Printing is what a bench is for.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

#[path = "../src/mail/busy.rs"]
mod busy;

use busy::Busy;
use posthorn::mail::html::{sanitise, sanitise_for_both};
use posthorn::mail::text::html_to_text;
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Duration;

/// What the server has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SIZE: usize = 1_000_000;
const ROUNDS: usize = 12;
/// Times the work is done in a round: Linux counts in steps of some milliseconds.
const TIMES: u32 = 5;
const BUDGET: Duration = Duration::from_millis(50);

/// A newsletter as the programs that send them write it: tables in tables, a style to each cell,
/// counting links, images on the net, conditional comments.
fn newsletter() -> String {
    let mut html = String::from(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>News</title><style>\
         .wide{width:100%!important}@media only screen and (max-width:600px){.cell{display:block!important}}\
         </style></head><body style=\"margin:0;padding:0;background-color:#f4f4f4\">\
         <div style=\"display:none;max-height:0;overflow:hidden\">What is in it</div>\
         <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"><tr><td align=\"center\">",
    );
    for row in 0.. {
        if html.len() >= SIZE {
            break;
        }
        let _ = writeln!(
            html,
            "<!--[if mso]><table width=\"600\"><tr><td><![endif]-->\
             <table class=\"wide\" width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" bgcolor=\"#ffffff\" \
             style=\"max-width:600px;border-collapse:collapse;mso-table-lspace:0pt\"><tbody><tr>\
             <td class=\"cell\" width=\"50%\" valign=\"top\" style=\"padding:20px 24px 10px;font-family:'Helvetica Neue',Arial,sans-serif;\
             font-size:15px;line-height:1.5;color:#333333;-webkit-text-size-adjust:100%\">\
             <a href=\"https://news.example/c/{row}?u=4711&amp;k=abcdef0123456789\" target=\"_blank\" \
             style=\"color:#0066cc!important;text-decoration:none\">\
             <img src=\"https://news.example/img/{row}.jpg\" width=\"252\" height=\"168\" alt=\"Article {row}\" border=\"0\" \
             style=\"display:block;width:100%;height:auto\"></a></td>\
             <td class=\"cell\" valign=\"top\" style=\"padding:20px 24px 10px 0;font-family:Arial,sans-serif;font-size:14px;color:#333\">\
             <h2 style=\"margin:0 0 8px;font-size:18px;line-height:24px;font-weight:bold\">Article {row} &ndash; f&uuml;r Leser</h2>\
             <p style=\"margin:0 0 12px\">Ein Absatz mit <strong>Auszeichnung</strong>, <em>Betonung</em> und einem \
             <a href=\"https://news.example/a/{row}\" style=\"color:rgb(0,102,204);background:url(https://news.example/u.png)\">Verweis</a>, \
             dazu Umlaute: äöüß, und ein Preis von 19,90&nbsp;&euro;. Und noch ein Satz, damit der Absatz so lang ist wie im Leben.</p>\
             <ul style=\"padding-left:20px;margin:0\"><li>erstens</li><li>zweitens</li></ul></td></tr></tbody></table>\
             <!--[if mso]></td></tr></table><![endif]-->"
        );
    }
    html.push_str("</td></tr></table><img src=\"https://news.example/pixel.gif\" width=\"1\" height=\"1\"></body></html>");
    html
}

/// Best and median of the rounds.
fn measure(what: &str, octets: usize, mut work: impl FnMut()) -> Duration {
    let mut took: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Busy::new();
            for _ in 0..TIMES {
                work();
            }
            start.elapsed() / TIMES
        })
        .collect();
    took.sort();
    let best = took.first().copied().unwrap_or_default();
    let median = took.get(ROUNDS / 2).copied().unwrap_or_default();
    println!("{what}, {octets} octets: best {best:.1?}, median {median:.1?}");
    best
}

fn main() {
    let html = newsletter();
    let clean = sanitise(&html, &|_| None);
    println!("{} octets become {}", html.len(), clean.html.len());
    let best = measure("sanitise", html.len(), || {
        black_box(sanitise(black_box(&html), &|_| None));
    });
    let dark = measure("sanitise for the dark, too", html.len(), || {
        black_box(sanitise_for_both(black_box(&html), &|_| None, None));
    });
    measure("as text", html.len(), || {
        black_box(html_to_text(black_box(&html)));
    });
    // Run with the tests, without optimisation, it only has to work.
    let measured =
        std::env::args().any(|argument| argument == "--bench") && !cfg!(debug_assertions);
    if measured && best.max(dark) > BUDGET {
        println!("over the budget of {BUDGET:?}");
        std::process::exit(1);
    }
}
