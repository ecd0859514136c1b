//! Bytes of unknown encoding as text, and back.

use memchr::{memchr, memmem};
use std::borrow::Cow;

/// How bytes became text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Latin1,
}

/// Bytes as UTF-8 if they are that, else as Latin-1.
pub(crate) fn decode(bytes: &[u8]) -> (Cow<'_, str>, Encoding) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), Encoding::Utf8),
        Err(_) => (Cow::Owned(bytes.iter().map(|&byte| char::from(byte)).collect()), Encoding::Latin1),
    }
}

/// Text as the bytes it came from; what Latin-1 does not have is left out.
pub(crate) fn encode(text: &str, encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Utf8 => text.as_bytes().to_vec(),
        Encoding::Latin1 => text.chars().filter_map(|c| u8::try_from(u32::from(c)).ok()).collect(),
    }
}

/// Where a short text begins in a long one.
pub(crate) fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    if what.is_empty() { None } else { memmem::find(bytes, what) }
}

/// Bytes before the first NUL.
pub(crate) fn until_nul(bytes: &[u8]) -> &[u8] {
    // Values of headers are short, and have room for a NUL at their end.
    const SHORT: usize = 24;
    let end = if bytes.len() <= SHORT { bytes.iter().position(|&byte| byte == 0) } else { memchr(0, bytes) };
    &bytes[..end.unwrap_or(bytes.len())]
}
