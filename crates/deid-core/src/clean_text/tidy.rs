//! What is left, with its separators in order.

use std::ops::Range;

/// Separators that a removal may take along; anything else between words is content (`%`, `°`, `²`).
fn is_separator(c: char) -> bool {
    c.is_whitespace() || c.is_control() || ".,;:|/\\^_-=#+()[]{}<>\"'’`*&@!?~·–—、。・：（）「」".contains(c)
}

const PAIRS: [(char, char); 6] = [('(', ')'), ('[', ']'), ('{', '}'), ('<', '>'), ('（', '）'), ('「', '」')];

/// The text without the bytes that go, and how many stretches they are.
pub(super) fn without(text: &str, gone: &[bool]) -> (String, usize) {
    let ranges = stretches(text, gone);
    if ranges.is_empty() {
        return (text.to_owned(), 0);
    }
    let mut left = String::with_capacity(text.len());
    let mut from = 0;
    for (index, range) in ranges.iter().enumerate() {
        let to = ranges.get(index + 1).map_or(text.len(), |next| next.start);
        left.push_str(&text[from..range.start]);
        let after = &text[range.end..to];
        let rest = after.trim_start_matches(is_separator);
        let separator = &after[..after.len() - rest.len()];
        // What stood on both sides of something does not become one word.
        let joined = separator.is_empty() && !left.ends_with(is_separator) && !rest.is_empty();
        let mut within = text[range.clone()].chars().filter(|c| is_separator(*c));
        match within.next_back().filter(|_| joined && !left.is_empty()) {
            Some(parts) => left.push(parts),
            None => close_up(&mut left, separator, rest.is_empty() && to == text.len()),
        }
        from = range.end + separator.len();
    }
    left.push_str(&text[from..]);
    (left, ranges.len())
}

/// What goes, as ranges; those with mere separators between them are one.
fn stretches(text: &str, gone: &[bool]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (at, _) in gone.iter().enumerate().filter(|(_, gone)| **gone) {
        match ranges.last_mut() {
            Some(last) if last.end == at || text[last.end..at].chars().all(is_separator) => last.end = at + 1,
            _ => ranges.push(at..at + 1),
        }
    }
    ranges
}

/// Puts one separator where two were, or none at either end.
fn close_up(left: &mut String, after: &str, at_end: bool) {
    let kept = left.trim_end_matches(is_separator).len();
    let mut before = left.split_off(kept);
    let mut after = after;
    // Brackets around what went go with it; others stay where they are.
    loop {
        let open = before.rfind(|c| PAIRS.iter().any(|(open, _)| *open == c));
        let close = after.find(|c| PAIRS.iter().any(|(_, close)| *close == c));
        match (open, close) {
            (Some(open), Some(close)) => {
                before.truncate(open);
                let bracket = after[close..].chars().next().map_or(0, char::len_utf8);
                after = &after[close + bracket..];
            }
            (Some(open), None) if !at_end => {
                let end = open + before[open..].chars().next().map_or(0, char::len_utf8);
                left.push_str(&before[..end]);
                return;
            }
            (None, Some(close)) => {
                if kept == 0 {
                    return left
                        .push_str(after[close..].trim_start_matches(|c| PAIRS.iter().any(|p| p.1 == c)));
                }
                let start =
                    before.find(|c| PAIRS.iter().any(|(_, close)| *close == c)).map_or(0, |_| before.len());
                left.push_str(&before[..start]);
                left.push_str(&after[close..]);
                return;
            }
            _ => break,
        }
    }
    if kept == 0 {
        // Of a path (`%CustomerSeq%\ep2d`) its separator stays.
        let start = after.find(['(', '[', '{', '<', '*', '\\']).unwrap_or(after.len());
        left.push_str(&after[start..]);
        return;
    }
    let closed = before.rfind([')', ']', '}', '>']).map_or(0, |at| at + 1);
    let closed = if at_end { before.rfind('\\').map_or(closed, |at| closed.max(at + 1)) } else { closed };
    if at_end {
        left.push_str(&before[..closed]);
        return;
    }
    // What is left of a name in a path is still in its folder.
    let closed = match before.rfind('\\') {
        Some(at) if !after.contains('\\') => return left.push_str(&before[..closed.max(at + 1)]),
        _ => closed,
    };
    left.push_str(&before[..closed]);
    let opening = after.find(['(', '[', '{', '<']).unwrap_or(after.len());
    left.push_str(&separator(&before[closed..], &after[..opening]));
    left.push_str(&after[opening..]);
}

/// The one of two separators that parts more.
fn separator(before: &str, after: &str) -> String {
    for strong in ['\\', '\n', '\r', ';', ',', '|', ' ', '\t', '/', '^', '_', '-', '.'] {
        let Some(side) = [after, before].into_iter().find(|side| side.contains(strong)) else { continue };
        let mut separator: String = side.chars().filter(|&c| c == strong || c.is_whitespace()).collect();
        if !matches!(strong, '\n' | '\r') {
            while separator.contains("  ") {
                separator = separator.replace("  ", " ");
            }
        }
        return match strong {
            ',' | ';' => separator.trim_start().to_owned(),
            _ => separator,
        };
    }
    after.chars().next().or(before.chars().next()).map(String::from).unwrap_or_default()
}
