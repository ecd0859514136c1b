//! What the benchmarks run on: files of the size and shape of real ones, byte by byte, the same on every machine.
//!
//! - `cargo bench -p deid-bench` measures the parts of a run: walk, plan, splice, character sets, CSA headers.
//! - `cargo xtask bench-guard` counts the instructions that whole files take, with the program `guard`.
//! - `benches/compare.py` compares whole runs with `cp` and other programs.

mod inputs;

pub use inputs::{classic, enhanced, image_header, series_header, small_elements};

use deid_core::{Engine, Key, Settings};

/// An engine for a shipped profile.
///
/// # Panics
///
/// If there is no such profile.
pub fn engine(profile: &str) -> Engine {
    let settings = Settings {
        profile: deid_profile::built_in(profile).expect("a shipped profile"),
        key: Key::from_bytes([7; 32]),
        subject: None,
        subjects: None,
        forced: Vec::new(),
        inflate_limit: 1 << 30,
    };
    Engine::new(settings).expect("nothing is forced")
}
