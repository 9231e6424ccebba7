//! Feeds one target with changed mails for a while, on stable Rust:
//!
//! ```text
//! posthorn-fuzz list
//! posthorn-fuzz TARGET SECONDS SEED DIRECTORY…     the directories hold inputs to begin with
//! posthorn-fuzz TARGET replay FILE…                runs these inputs and says what happens
//! ```
//!
//! A failure is a panic, more than a second for up to a megabyte, or more than 64 MB allocated at
//! once. The input is written to fuzz/crashes, made as small as it can be, and the process ends
//! with 1. An abort, as by an overflown stack, leaves its input in fuzz/crashes/TARGET-running.

// Only a part of what is included is fed.
#![allow(dead_code, unused_imports)]

#[path = "../../src/mail/busy.rs"]
mod busy;
#[path = "../../src/mail/mod.rs"]
mod mail;
mod model;
mod mutate;
mod targets;

use busy::Busy;
use mutate::{Random, minimise, mutate};
use peak_alloc::PeakAlloc;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Seek, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use targets::{TARGETS, Target};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The largest input.
const LARGE: usize = 1 << 20;
/// What one may take.
const TIME: Duration = Duration::from_secs(1);
const ALLOCATED: usize = 64 << 20;
/// After so long it is taken for endless, and the process ends.
const ENDLESS: u64 = 20;
/// Inputs that are kept to be changed further, and the largest of them.
const KEPT: usize = 4000;
const KEPT_SIZE: usize = 64 << 10;
/// Of the inputs to begin with, the largest.
const SEED_SIZE: usize = 256 << 10;

/// What went wrong.
#[derive(Debug, PartialEq)]
enum Failure {
    Panic,
    Slow(Duration),
    Memory(usize),
}

impl Failure {
    fn name(&self) -> &'static str {
        match self {
            Self::Panic => "panic",
            Self::Slow(_) => "slow",
            Self::Memory(_) => "memory",
        }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let find = |name: &str| TARGETS.iter().find(|(target, ..)| *target == name);
    match arguments.as_slice() {
        ["list"] => {
            for (name, ..) in TARGETS {
                println!("{name}");
            }
            ExitCode::SUCCESS
        }
        [name, "replay", files @ ..] if find(name).is_some() => {
            let mut fine = true;
            for file in files {
                let input = std::fs::read(file).expect("a file that can be read");
                let result = run(find(name).expect("found before").1, &input);
                println!("{file}: {result:?}");
                fine &= result.is_ok();
            }
            if fine {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        [name, seconds, seed, directories @ ..] if find(name).is_some() => {
            let (name, target, words) = find(name).expect("found before");
            let seconds = seconds.parse().expect("a number of seconds");
            let seed = seed.parse().expect("a seed, which is a number");
            fuzz(name, *target, words, seconds, seed, directories)
        }
        _ => {
            eprintln!("posthorn-fuzz list | TARGET SECONDS SEED DIRECTORY… | TARGET replay FILE…");
            ExitCode::from(2)
        }
    }
}

/// The kind of result and what it took.
fn run(target: Target, input: &[u8]) -> Result<(u64, Duration), Failure> {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let start = Busy::new();
    let result = catch_unwind(AssertUnwindSafe(|| target(input)));
    // What others do on the machine is not the input's fault.
    let took = start.elapsed();
    let peak = MEMORY.peak_usage().saturating_sub(before);
    match result {
        Err(_) => Err(Failure::Panic),
        Ok(_) if took > TIME => Err(Failure::Slow(took)),
        Ok(_) if peak > ALLOCATED => Err(Failure::Memory(peak)),
        Ok(shape) => Ok((shape, took)),
    }
}

fn fuzz(
    name: &str,
    target: Target,
    words: &[&str],
    seconds: u64,
    seed: u64,
    directories: &[&str],
) -> ExitCode {
    let crashes = Path::new("fuzz/crashes");
    std::fs::create_dir_all(crashes).expect("fuzz/crashes can be made");
    let running = crashes.join(format!("{name}-running"));
    let mut file = std::fs::File::create(&running).expect("fuzz/crashes can be written");
    let mut kept = seeds(directories);
    if kept.is_empty() {
        kept.push(b"a".to_vec());
    }
    // The mail code catches panics of other people's parsers, and says so in silence.
    std::panic::set_hook(Box::new(|_| {}));
    watch();
    let mut random = Random::new(seed);
    let mut seen = HashSet::new();
    let begin = Instant::now();
    let mut runs = 0_u64;
    let mut slowest = 0;
    let first = kept.len();
    while begin.elapsed().as_secs() < seconds {
        // First those there are as they are, then changed ones.
        let input = match kept.get(runs as usize) {
            Some(input) if (runs as usize) < first => input.clone(),
            _ => {
                let base = &kept[random.below(kept.len())];
                let other = &kept[random.below(kept.len())];
                mutate(base, other, words, LARGE, &mut random)
            }
        };
        // Should the process be ended by it, the input is there.
        keep(&mut file, &input).expect("fuzz/crashes can be written");
        STARTED.store(now(), Ordering::Relaxed);
        let mut result = run(target, &input);
        // A machine that is busy makes slow what is not: what is slow is slow three times.
        for _ in 0..2 {
            if matches!(result, Err(Failure::Slow(_))) {
                result = run(target, &input);
            }
        }
        STARTED.store(0, Ordering::Relaxed);
        runs += 1;
        match result {
            Ok((shape, took)) => {
                slowest = slowest.max(took.as_millis());
                if seen.insert(shape)
                    && runs as usize > first
                    && kept.len() < KEPT
                    && input.len() <= KEPT_SIZE
                {
                    kept.push(input);
                }
            }
            Err(failure) => {
                report(name, target, &input, &failure, crashes);
                let _ = std::fs::remove_file(&running);
                println!("{name}: seed {seed}, run {runs}");
                return ExitCode::FAILURE;
            }
        }
    }
    let _ = std::fs::remove_file(&running);
    println!(
        "{name}: {runs} runs in {} s, {} kinds of results, slowest {} ms of the processor, seed {seed}: nothing found",
        begin.elapsed().as_secs(),
        seen.len(),
        slowest
    );
    ExitCode::SUCCESS
}

/// Writes over what the file holds. Opening it anew each time would wait for the disk.
fn keep(file: &mut std::fs::File, input: &[u8]) -> std::io::Result<()> {
    file.rewind()?;
    file.write_all(input)?;
    file.set_len(input.len() as u64)
}

/// Inputs of the directories, small ones first.
fn seeds(directories: &[&str]) -> Vec<Vec<u8>> {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut open: Vec<PathBuf> = directories.iter().map(PathBuf::from).collect();
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path)
            } else {
                files.push(path)
            }
        }
    }
    files.sort();
    let mut inputs: Vec<Vec<u8>> = files
        .iter()
        .filter_map(|file| std::fs::read(file).ok())
        .filter(|input| input.len() <= SEED_SIZE)
        .collect();
    inputs.sort_by_key(Vec::len);
    inputs.truncate(KEPT / 2);
    inputs
}

fn report(name: &str, target: Target, input: &[u8], failure: &Failure, crashes: &Path) {
    let _ = std::panic::take_hook();
    println!("{name}: {failure:?}");
    let small = match failure {
        Failure::Panic => {
            std::panic::set_hook(Box::new(|_| {}));
            let small = minimise(input, |input| run(target, input) == Err(Failure::Panic));
            let _ = std::panic::take_hook();
            // Once more, to be told where.
            let _ = run(target, &small);
            small
        }
        _ => input.to_vec(),
    };
    let mut hasher = DefaultHasher::new();
    small.hash(&mut hasher);
    let file = crashes.join(format!(
        "{name}-{}-{:016x}",
        failure.name(),
        hasher.finish()
    ));
    std::fs::write(&file, &small).expect("fuzz/crashes can be written");
    println!("{name}: {} octets in {}", small.len(), file.display());
}

/// When the input that runs was begun, in seconds; 0 between two.
static STARTED: AtomicU64 = AtomicU64::new(0);

fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(1, |since| since.as_secs())
}

/// Ends the process where an input does not end.
fn watch() {
    std::thread::spawn(|| {
        loop {
            std::thread::sleep(Duration::from_secs(1));
            let started = STARTED.load(Ordering::Relaxed);
            if started != 0 && now().saturating_sub(started) > ENDLESS {
                eprintln!("an input does not end: fuzz/crashes/…-running");
                std::process::exit(3);
            }
        }
    });
}
