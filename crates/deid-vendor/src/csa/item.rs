//! The items of an element: written again, with their values judged.

use super::{ITEM, Layout, is_numeric, number};
use crate::field::{Action, Rules, is_day, is_one_number};
use crate::protocol;
use crate::text::{decode, encode, find, until_nul};
use std::ops::Range;

/// Writes an item and says where its bytes are, and how many of them are text.
pub(super) fn write_item(
    bytes: &[u8],
    item: &Range<usize>,
    layout: Layout,
    (action, vr): (Action, [u8; 2]),
    rules: Rules<'_>,
    out: &mut Vec<u8>,
) -> (Range<usize>, usize) {
    let numbers = &bytes[item.start - ITEM..item.start];
    let old = &bytes[item.clone()];
    let padded = item.start..item.start + old.len().next_multiple_of(4);
    // Nearly all values are numbers that stay, written as they are written here.
    if layout == Layout::Csa2
        && !rules.strict
        && let Some(length) = measure(old, action, vr)
        && !is_its_day(&old[..length], rules)
        && let Some(behind) = bytes.get(item.start + length..padded.end)
        && behind.iter().fold(0, |all, byte| all | byte) == 0
        && is_canonical(numbers, old.len())
    {
        let start = out.len() + ITEM;
        out.extend_from_slice(&bytes[item.start - ITEM..padded.end]);
        return (start..start + old.len(), length);
    }
    let value = until_nul(old);
    // Readers want a number here, or no item.
    let blank = !old.is_empty() && is_numeric(vr) && value.trim_ascii().is_empty();
    let changed = blank.then(|| b"0".to_vec()).or_else(|| {
        judged(value, action, vr, rules)
            .map(|new| if new.trim_ascii().is_empty() && is_numeric(vr) { b"0".to_vec() } else { new })
    });
    if changed.is_none() && layout == Layout::Csa2 {
        let behind = bytes.get(item.start + value.len()..padded.end);
        if behind.is_some_and(|behind| behind.iter().all(|&byte| byte == 0))
            && is_canonical(numbers, old.len())
        {
            let start = out.len() + ITEM;
            out.extend_from_slice(&bytes[item.start - ITEM..padded.end]);
            return (start..start + old.len(), value.len());
        }
    }
    let new = changed.as_deref().unwrap_or(value);
    // A NUL ends the value if there was one before.
    let terminated = usize::from(value.len() < old.len() || !new.is_empty());
    let length = if new.len() <= value.len() { old.len() } else { (new.len() + terminated).max(old.len()) };
    let mut head = [0; ITEM];
    let mut put =
        |place: usize, number: u32| head[4 * place..4 * place + 4].copy_from_slice(&number.to_le_bytes());
    match layout {
        Layout::Csa2 => {
            let check = number(numbers, 8).filter(|check| *check == 205).unwrap_or(77);
            for (place, number) in
                [length as u32, length as u32, check, length as u32].into_iter().enumerate()
            {
                put(place, number);
            }
        }
        Layout::Csa1(_) => {
            let more = (length - old.len()) as u32;
            for place in 0..4 {
                let old = number(numbers, 4 * place).unwrap_or(0);
                put(place, if place == 2 || more == 0 { old } else { old.wrapping_add(more) });
            }
        }
    }
    out.extend_from_slice(&head);
    let start = out.len();
    if length > 0 {
        out.extend_from_slice(new);
        out.resize((start + length).next_multiple_of(4), 0);
    }
    (start..start + length, new.len())
}

/// Writes a run of items without bytes, as most are, and says where each stands. `heads` are their four numbers.
pub(super) fn write_empty(heads: &[u8], out: &mut Vec<u8>, items: &mut Vec<Range<usize>>) {
    let start = out.len();
    for heads in heads.chunks(8 * ITEM) {
        if EMPTY.iter().any(|empty| empty.starts_with(heads)) {
            out.extend_from_slice(heads);
        } else {
            for numbers in heads.chunks(ITEM) {
                let check: u128 = if numbers.get(8..12) == Some(&205_u32.to_le_bytes()) { 205 } else { 77 };
                out.extend_from_slice(&(check << 64).to_le_bytes());
            }
        }
    }
    items.extend((start + ITEM..=out.len()).step_by(ITEM).map(|at| at..at));
}

/// Items without bytes: three zeros, and the check.
const fn empty(check: u8) -> [u8; 8 * ITEM] {
    let mut all = [0; 8 * ITEM];
    let mut at = 8;
    while at < all.len() {
        all[at] = check;
        at += ITEM;
    }
    all
}

static EMPTY: [[u8; 8 * ITEM]; 2] = [empty(77), empty(205)];

/// Whether the four numbers before an item of CSA2 are as they are written here: the length, three times, and a check.
fn is_canonical(numbers: &[u8], length: usize) -> bool {
    let Some(numbers) = numbers.first_chunk::<ITEM>() else { return false };
    let numbers = u128::from_le_bytes(*numbers);
    let length = length as u128;
    let written = |check: u128| length | length << 32 | check << 64 | length << 96;
    length <= u128::from(u32::MAX) && (numbers == written(77) || numbers == written(205))
}

/// Whether a value is a day of the subject's as a number.
fn is_its_day(value: &[u8], rules: Rules<'_>) -> bool {
    value.len() >= 7 && std::str::from_utf8(value).is_ok_and(|value| is_day(value, rules.judge))
}

/// What a value becomes; `None` if it stays.
fn judged(value: &[u8], action: Action, vr: [u8; 2], rules: Rules<'_>) -> Option<Vec<u8>> {
    if value.is_empty() || !rules.strict && measure(value, action, vr).is_some() && !is_its_day(value, rules)
    {
        return None;
    }
    if matches!(action, Action::Protocol | Action::Content) {
        if protocol::is_protocol(value) {
            return protocol::judged(value, rules);
        }
        if action == Action::Protocol || find(value, b"<?xml").is_some() {
            return Some(Vec::new());
        }
    }
    let printable =
        value.iter().all(|&byte| byte >= 0x20 && byte != 0x7F || matches!(byte, b'\n' | b'\r' | b'\t'));
    if !printable {
        return Some(Vec::new());
    }
    let (text, encoding) = decode(value);
    // Readers take numbers from it; whatever else stands there is none.
    if is_numeric(vr)
        && !matches!(action, Action::Uid | Action::Date | Action::Epoch)
        && !is_one_number(&text)
    {
        return Some(Vec::new());
    }
    let new = rules.apply(action, &text);
    (new != text).then(|| encode(&new, encoding))
}

/// How long a value is, up to a NUL, if it is a number that no rule for numbers or terms changes: too short for a date,
/// an identifier, a UID. Nearly all values are.
fn measure(bytes: &[u8], action: Action, vr: [u8; 2]) -> Option<usize> {
    let (most, decimals) = match action {
        Action::Number => (7, 16),
        Action::Term if is_numeric(vr) => (3, 8),
        _ => return None,
    };
    let digits = |from: usize, most: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        rest.iter().take(most + 1).take_while(|byte| byte.is_ascii_digit()).count()
    };
    let sign = usize::from(bytes.first() == Some(&b'-'));
    let whole = digits(sign, most);
    let mut end = sign + whole;
    if !(1..=most).contains(&whole) {
        return None;
    }
    if bytes.get(end) == Some(&b'.') {
        let behind = digits(end + 1, decimals);
        end += 1 + behind;
        if behind > decimals {
            return None;
        }
    }
    matches!(bytes.get(end), None | Some(0)).then_some(end)
}
