//! The inputs in fuzz/corpus, run through the same code as `make fuzz` runs: what once broke
//! something, made as small as it can be, and some of each kind to begin with. Needs no server.

use posthorn::{mail, model};
use std::path::Path;
use std::time::{Duration, Instant};

#[path = "../fuzz/src/targets.rs"]
mod targets;

#[test]
fn every_kept_input_is_fine() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (name, target, words) in targets::TARGETS {
        assert!(!words.is_empty());
        let mut count = 0;
        for entry in std::fs::read_dir(corpus.join(name)).unwrap() {
            let path = entry.unwrap().path();
            let input = std::fs::read(&path).unwrap();
            let start = Instant::now();
            target(&input);
            let took = start.elapsed();
            assert!(took < Duration::from_secs(10), "{path:?}: {took:?}");
            count += 1;
        }
        assert!(count > 0, "nothing is kept for {name}");
    }
}
