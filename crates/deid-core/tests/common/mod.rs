//! What the tests of whole files share: an engine with a fixed key, and the bytes of what it made.

use deid_core::{Body, Engine, Key, Settings};
use deid_profile::Profile;

/// Settings without subject and forced values; the key is 32 times this byte.
pub(crate) fn settings(profile: Profile, key: u8) -> Settings {
    Settings {
        profile,
        key: Key::from_bytes([key; 32]),
        subject: None,
        subjects: None,
        forced: Vec::new(),
        inflate_limit: 1 << 28,
    }
}

/// An engine with a built-in profile.
#[allow(dead_code, reason = "each test binary has its own copy of this module")]
pub(crate) fn engine(profile: &str) -> Engine {
    Engine::new(settings(deid_profile::built_in(profile).unwrap(), 7)).unwrap()
}

/// The file that is written for `file`; the head alone if there is nothing to write.
pub(crate) fn output(head: Vec<u8>, body: Body, file: &[u8]) -> Vec<u8> {
    let mut output = head;
    match body {
        Body::Pieces(pieces) => output.extend(pieces.to_bytes(file)),
        Body::Bytes(bytes) => output.extend(bytes),
        Body::None => {}
    }
    output
}
