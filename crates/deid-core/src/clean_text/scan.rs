//! A text cut into runs of letters and of digits, and what of it goes.

use super::words::{fold, is_ideographic};
use std::ops::Range;
use unicode_normalization::char::is_combining_mark;

/// How a run of letters is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Lower,
    Title,
    Upper,
    Mixed,
}

/// Letters or digits that follow one another.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) range: Range<usize>,
    pub(super) digits: bool,
    /// Index of the word it is part of: runs with nothing between them.
    pub(super) word: usize,
    /// Letters folded, digits as ASCII.
    pub(super) folded: String,
    pub(super) style: Style,
}

impl Run {
    pub(super) fn is_capitalised(&self) -> bool {
        !self.digits && matches!(self.style, Style::Title | Style::Upper)
    }

    /// The number, if it is one of at most nine digits.
    pub(super) fn number(&self) -> Option<u32> {
        (self.digits && self.folded.len() <= 9).then(|| self.folded.parse().ok()).flatten()
    }
}

/// A text, its runs and words, and which bytes go. Whole characters go; `gone` is true for all their bytes.
#[derive(Debug)]
pub(super) struct Scan<'a> {
    pub(super) text: &'a str,
    pub(super) runs: Vec<Run>,
    /// For each word, the indices of its runs.
    pub(super) words: Vec<Range<usize>>,
    pub(super) gone: Vec<bool>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut runs: Vec<Run> = Vec::new();
        let mut words: Vec<Range<usize>> = Vec::new();
        for (start, c) in text.char_indices() {
            let end = start + c.len_utf8();
            let digit = digit(c);
            let mark = is_combining_mark(c);
            if digit.is_none() && !c.is_alphabetic() && !mark {
                continue;
            }
            let touches = runs.last().is_some_and(|run| run.range.end == start);
            let goes_on = |run: &Run| {
                let before = text[run.range.clone()].chars().next_back();
                run.digits == digit.is_some() && before.is_some_and(is_ideographic) == is_ideographic(c)
            };
            if let Some(run) = runs.last_mut().filter(|run| touches && (mark || goes_on(run))) {
                run.range.end = end;
                continue;
            }
            if mark {
                continue;
            }
            if touches && let Some(word) = words.last_mut() {
                word.end += 1;
            } else {
                words.push(runs.len()..runs.len() + 1);
            }
            let word = words.len() - 1;
            runs.push(Run {
                range: start..end,
                digits: digit.is_some(),
                word,
                folded: String::new(),
                style: Style::Mixed,
            });
        }
        for run in &mut runs {
            let text = &text[run.range.clone()];
            run.folded = if run.digits { text.chars().filter_map(digit).collect() } else { fold(text) };
            run.style = style(text);
        }
        Scan { text, runs, words, gone: vec![false; text.len()] }
    }

    /// What stands before a run, up to the one before it.
    pub(super) fn gap(&self, run: usize) -> &'a str {
        let start =
            run.checked_sub(1).and_then(|before| self.runs.get(before)).map_or(0, |run| run.range.end);
        let end = self.runs.get(run).map_or(self.text.len(), |run| run.range.start);
        &self.text[start..end]
    }

    pub(super) fn source(&self, run: usize) -> &'a str {
        &self.text[self.runs[run].range.clone()]
    }

    /// Folded letters of a run that there is; empty for digits.
    pub(super) fn letters(&self, run: usize) -> &str {
        self.runs.get(run).filter(|run| !run.digits).map_or("", |run| &run.folded)
    }

    pub(super) fn is_digits(&self, run: usize) -> bool {
        self.runs.get(run).is_some_and(|run| run.digits)
    }

    /// Whether any of a run goes.
    pub(super) fn is_gone(&self, run: usize) -> bool {
        self.runs.get(run).is_some_and(|run| self.gone[run.range.start] || self.gone[run.range.end - 1])
    }

    /// Whether all of a run goes, and it is letters.
    pub(super) fn is_gone_name(&self, run: usize) -> bool {
        self.is_gone(run) && !self.runs[run].digits
    }

    pub(super) fn take(&mut self, run: usize) {
        self.take_bytes(self.runs[run].range.clone());
    }

    pub(super) fn take_runs(&mut self, runs: Range<usize>) {
        let bytes = self.runs[runs.start].range.start..self.runs[runs.end - 1].range.end;
        self.take_bytes(bytes);
    }

    pub(super) fn take_bytes(&mut self, bytes: Range<usize>) {
        self.gone[bytes].fill(true);
    }

    /// The word a run is part of, as indices of runs.
    pub(super) fn word_of(&self, run: usize) -> Range<usize> {
        self.words[self.runs[run].word].clone()
    }

    /// Whether a run is a word of its own.
    pub(super) fn is_word(&self, run: usize) -> bool {
        self.runs.get(run).is_some_and(|run| self.words[run.word].len() == 1)
    }

    /// Bytes of runs, with what is between them.
    pub(super) fn bytes_of(&self, runs: Range<usize>) -> Range<usize> {
        self.runs[runs.start].range.start..self.runs[runs.end - 1].range.end
    }
}

/// A decimal digit of the scripts in use.
fn digit(c: char) -> Option<char> {
    let zero = match c {
        '0'..='9' => return Some(c),
        '０'..='９' => '０',
        '٠'..='٩' => '٠',
        '۰'..='۹' => '۰',
        '०'..='९' => '०',
        '০'..='৯' => '০',
        '๐'..='๙' => '๐',
        _ => return None,
    };
    char::from_digit(u32::from(c) - u32::from(zero), 10)
}

fn style(text: &str) -> Style {
    let mut letters = text.chars().filter(|c| !is_combining_mark(*c));
    let first_is_lower = letters.next().is_none_or(|c| !c.is_uppercase());
    let (mut upper, mut lower) = (false, false);
    for c in letters {
        upper |= c.is_uppercase();
        lower |= !c.is_uppercase();
    }
    match (first_is_lower, upper, lower) {
        (true, false, _) => Style::Lower,
        (false, false, true) => Style::Title,
        (false, _, false) => Style::Upper,
        _ => Style::Mixed,
    }
}
