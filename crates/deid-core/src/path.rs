//! Names of files and folders: kept, unless a part of them holds an identifier; then that part becomes a pseudonym.

use crate::clean_text::{DateTreatment, Rewriter, rewrite};
use crate::dates;
use crate::identifiers::{Found, Identifier, IdentifierKind, Identifiers, Searcher};
use crate::{Key, Phi};
use deid_dicom::calendar::parts;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::{Arc, OnceLock};
use unicode_normalization::UnicodeNormalization;

crate::phi::withheld!(KnownParts, PathIdentity, SessionNames);

/// What the names around one instance may give away, and what stands in its place.
#[derive(Clone)]
pub struct PathIdentity {
    /// Finds the instance's own identifiers.
    pub(crate) searcher: Arc<Searcher>,
    /// What stands for the subject: the code that is also the new Patient ID.
    pub(crate) code: String,
    /// What the subject is told apart by.
    pub(crate) subject: Phi<String>,
    /// UIDs of the instance, its series and its study.
    pub(crate) uids: Vec<String>,
    /// Dates of the study, `YYYYMMDD`; none if they stay in the headers and thus may stay in names.
    pub(crate) dates: Arc<Vec<String>>,
    /// Whether dates stay in the headers.
    pub(crate) dates_kept: bool,
    /// By how many days the subject's dates are moved into the past, if they are.
    pub(crate) days: Option<i32>,
    /// Finds the dates; made when a name with enough digits comes up, and shared by instances with these dates.
    pub(crate) date_searcher: Arc<OnceLock<Searcher>>,
}

impl PathIdentity {
    /// Whether another cleans names as this one does, but for UIDs.
    fn cleans_as(&self, other: &PathIdentity) -> bool {
        Arc::ptr_eq(&self.searcher, &other.searcher)
            && Arc::ptr_eq(&self.dates, &other.dates)
            && (&self.code, &self.subject) == (&other.code, &other.subject)
            && (self.dates_kept, self.days) == (other.dates_kept, other.days)
    }

    /// What to look for dates with, if the text can hold one.
    fn dates(&self, text: &str) -> Option<&Searcher> {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
        let parts = text.bytes().filter(|byte| matches!(byte, b'-' | b'.' | b'/' | b'_')).count() >= 2;
        if self.dates_kept || self.dates.is_empty() || digits < 4 || digits < 6 && letters == 0 && !parts {
            return None;
        }
        Some(self.date_searcher.get_or_init(|| {
            let mut identifiers = Identifiers::default();
            for date in self.dates.iter() {
                identifiers.add_date(IdentifierKind::StudyDate, date);
            }
            Searcher::new(&identifiers)
        }))
    }
}

/// What of a session bears on names: the identifiers of all its files, looked up by the words they consist of.
///
/// A session can have many thousands of subjects: names are taken apart once and looked up, not searched.
#[derive(Clone, Default)]
pub(crate) struct SessionNames {
    words: HashMap<String, Known>,
    uids: UidSet,
    /// Of how many runs the longest identifier consists.
    longest: usize,
}

/// The UIDs of all files of a session, by hash: of a million files they were most of what is held. If two have the
/// same, a stranger's UID in a name is replaced too.
#[derive(Clone, Debug, Default)]
pub(crate) struct UidSet(HashSet<u64>);

impl UidSet {
    fn hash(uid: &str) -> u64 {
        let mut hasher = DefaultHasher::new();
        uid.hash(&mut hasher);
        hasher.finish()
    }

    pub(crate) fn insert(&mut self, uid: &str) {
        self.0.insert(Self::hash(uid));
    }

    pub(crate) fn contains(&self, uid: &str) -> bool {
        self.0.contains(&Self::hash(uid))
    }
}

/// What a word in a name is, and what it comes from.
#[derive(Clone, Debug)]
struct Known {
    kind: IdentifierKind,
    origin: Phi<String>,
}

impl SessionNames {
    pub(crate) fn new<'a>(
        identifiers: impl Iterator<Item = &'a Identifier>,
        dates: &BTreeSet<String>,
        uids: UidSet,
    ) -> Self {
        let mut names = SessionNames { words: HashMap::new(), uids, longest: 0 };
        let mut of_dates = Identifiers::default();
        for date in dates {
            of_dates.add_date(IdentifierKind::StudyDate, date);
        }
        let mut add = |identifier: &Identifier| {
            let (count, word) = joined(&runs(identifier.text.expose()));
            if !is_telling(&word, identifier.kind) {
                return;
            }
            names.longest = names.longest.max(count);
            names
                .words
                .entry(word)
                .or_insert_with(|| Known { kind: identifier.kind, origin: identifier.origin.clone() });
        };
        identifiers
            .filter(|known| known.kind != IdentifierKind::KnownDate && !known.kind.is_place())
            .for_each(&mut add);
        of_dates.iter().for_each(&mut add);
        names
    }

    /// UIDs of the session's instances, series, studies and frames of reference.
    pub(crate) fn uids(&self) -> &UidSet {
        &self.uids
    }

    /// Where identifiers stand in a text: the longest from each run of letters or digits on.
    fn find(&self, text: &str) -> Vec<(Range<usize>, &Known)> {
        let runs = runs(text);
        let mut found = Vec::new();
        let mut at = 0;
        while at < runs.len() {
            let most = (at + self.longest).min(runs.len());
            let longest = (at + 1..=most).rev().find_map(|end| {
                let (_, word) = joined(&runs[at..end]);
                self.words.get(&word).map(|known| (end, known))
            });
            match longest {
                Some((end, known)) => {
                    let (first, _) = runs[at];
                    let (last, run) = runs[end - 1];
                    found.push((first..last + run.len(), known));
                    at = end;
                }
                None => at += 1,
            }
        }
        found
    }
}

/// Whether a word of anybody in the session is taken for that person's: in a large session short ones stand everywhere.
fn is_telling(word: &str, kind: IdentifierKind) -> bool {
    let length = word.chars().count();
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    match kind {
        IdentifierKind::BirthDate | IdentifierKind::StudyDate | IdentifierKind::KnownDate => {
            length >= 8 || !digits
        }
        _ if !word.is_ascii() => length >= 2,
        _ if digits => length >= 5,
        _ => length >= 4 || (length == 3 && word.bytes().all(|byte| byte.is_ascii_alphabetic())),
    }
}

/// The runs of letters and of digits in a text, with their places.
fn runs(text: &str) -> Vec<(usize, &str)> {
    let kind = |c: char| (c.is_alphabetic(), c.is_numeric());
    let mut runs: Vec<(usize, &str)> = Vec::new();
    let mut start = None;
    let mut last = (false, false);
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let this = if at == text.len() { (false, false) } else { kind(c) };
        if this != last {
            if let Some(start) = start.take() {
                runs.push((start, &text[start..at]));
            }
            if this != (false, false) {
                start = Some(at);
            }
        }
        last = this;
    }
    runs
}

/// Runs as one word in lower case, and their number.
fn joined(runs: &[(usize, &str)]) -> (usize, String) {
    (runs.len(), runs.iter().flat_map(|(_, run)| run.chars().flat_map(char::to_lowercase)).collect())
}

/// Cleans one part of a path: the instance's own identifiers first, then those of anybody in the session.
pub(crate) fn clean_part(
    key: &Key,
    part: &str,
    identity: Option<&PathIdentity>,
    session: &SessionNames,
    subject: Option<&str>,
    prefix: &str,
) -> String {
    // macOS writes letters and their accents apart.
    let composed: String = if part.is_ascii() { part.to_owned() } else { part.nfc().collect() };
    let mut pieces = vec![Piece { text: composed.clone(), settled: false }];
    let own = |uid: &str| identity.is_some_and(|identity| identity.uids.iter().any(|own| own == uid));
    pass(&mut pieces, |text| {
        replace_uids(text, |uid| (own(uid) || session.uids.contains(uid)).then(|| key.uid(uid)))
    });
    if let Some(identity) = identity {
        pass(&mut pieces, |text| replace(text, &identity.searcher, |_, _, _| identity.code.clone()));
        pass(&mut pieces, |text| match identity.dates(text) {
            Some(dates) => {
                let code = |origin: &str| key.date_code(identity.subject.expose(), origin);
                replace(text, dates, |_, origin, part| {
                    identity
                        .days
                        .and_then(|days| moved_like(part, origin, days))
                        .unwrap_or_else(|| code(origin))
                })
            }
            None => vec![Piece { text: text.to_owned(), settled: false }],
        });
    }
    let dates_kept = identity.is_some_and(|identity| identity.dates_kept);
    pass(&mut pieces, |text| {
        let mut out = Vec::new();
        let mut cursor = 0;
        for (range, Known { kind, origin }) in session.find(text) {
            let origin = origin.expose();
            let new = match kind {
                IdentifierKind::StudyDate if dates_kept => continue,
                IdentifierKind::StudyDate => key.date_code("", origin),
                IdentifierKind::PatientId => {
                    subject.map_or_else(|| key.subject_code_with(prefix, &[origin]), str::to_owned)
                }
                _ => subject.map_or_else(|| key.name_code(origin), str::to_owned),
            };
            out.push(Piece { text: text[cursor..range.start].to_owned(), settled: false });
            out.push(Piece { text: new, settled: true });
            cursor = range.end;
        }
        out.push(Piece { text: text[cursor..].to_owned(), settled: false });
        out
    });
    let cleaned: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
    // What no identifier stands in stays as it is written.
    safe(if cleaned == composed { part } else { &cleaned })
}

/// Parts of paths that were cleaned, as the folders of the files of a series. For one session and one engine only.
#[derive(Default)]
pub struct KnownParts {
    /// Around whose files.
    identity: Option<PathIdentity>,
    /// Parts, with what became of them.
    parts: VecDeque<(String, String)>,
}

impl KnownParts {
    /// So many are remembered.
    const MOST: usize = 8;

    /// What becomes of a part.
    pub(crate) fn part(
        &mut self,
        part: &str,
        identity: Option<&PathIdentity>,
        clean: impl FnOnce() -> String,
    ) -> String {
        let Some(identity) = identity.filter(|_| !may_hold_uid(part)) else { return clean() };
        if !self.identity.as_ref().is_some_and(|known| known.cleans_as(identity)) {
            // UIDs are another matter.
            self.identity = Some(PathIdentity { uids: Vec::new(), ..identity.clone() });
            self.parts.clear();
        }
        if let Some((_, cleaned)) = self.parts.iter().find(|(known, _)| known == part) {
            return cleaned.clone();
        }
        let cleaned = clean();
        self.parts.truncate(Self::MOST - 1);
        self.parts.push_front((part.to_owned(), cleaned.clone()));
        cleaned
    }
}

/// Whether a part is long enough in digits and what stands between them to be looked up as a UID, or may become so when
/// it is composed.
fn may_hold_uid(part: &str) -> bool {
    let number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    !part.is_ascii() || part.split(|c| !number(c)).any(|run| run.len() >= SHORTEST_UID)
}

/// A run of a name: a pseudonym, or text that is still to be looked at.
struct Piece {
    text: String,
    settled: bool,
}

/// Looks at all text that is no pseudonym yet: pseudonyms are not searched again.
fn pass(pieces: &mut Vec<Piece>, replace: impl Fn(&str) -> Vec<Piece>) {
    let looked_at = std::mem::take(pieces);
    for piece in looked_at {
        if piece.settled {
            pieces.push(piece);
        } else {
            pieces.extend(replace(&piece.text).into_iter().filter(|piece| !piece.text.is_empty()));
        }
    }
}

/// Replaces the UIDs that `pseudonym` knows, also where underscores or hyphens stand for the dots.
fn replace_uids(text: &str, pseudonym: impl Fn(&str) -> Option<String>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut open = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let part = |c: char| c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
        let end = rest[start..].find(|c: char| !part(c)).map_or(rest.len(), |end| start + end);
        open.push_str(&rest[..start]);
        replace_in_run(&rest[start..end], &pseudonym, &mut open, &mut pieces);
        rest = &rest[end..];
    }
    open.push_str(rest);
    pieces.push(Piece { text: open, settled: false });
    pieces
}

/// The longest that is looked up as a UID: they have 64 characters (PS3.5 9.1), malformed ones a few more.
const LONGEST_UID: usize = 128;
/// The shortest.
const SHORTEST_UID: usize = 5;

/// Of a run of components the longest that is known from each on.
fn replace_in_run(
    run: &str,
    pseudonym: impl Fn(&str) -> Option<String>,
    open: &mut String,
    pieces: &mut Vec<Piece>,
) {
    let separators: Vec<usize> = run.match_indices(['.', '_', '-']).map(|(at, _)| at).collect();
    let mut at = 0;
    while at < run.len() {
        let first = separators.partition_point(|&separator| separator <= at);
        let last = separators.partition_point(|&separator| separator <= at + LONGEST_UID);
        let whole = (run.len() <= at + LONGEST_UID).then_some(run.len());
        let known = separators[first..last].iter().copied().chain(whole).rev().find_map(|end| {
            let candidate = run.get(at..end).filter(|part| part.len() >= SHORTEST_UID)?;
            let uid = candidate.replace(['_', '-'], ".");
            pseudonym(&uid).map(|new| (end, new))
        });
        let next = separators.partition_point(|&separator| separator < at);
        let next = separators.get(next).map_or(run.len(), |separator| separator + 1);
        if let Some((end, new)) = known {
            let dot = run[at..end].chars().find(|c| !c.is_ascii_digit()).unwrap_or('.');
            pieces.push(Piece { text: std::mem::take(open), settled: false });
            let text = new.chars().map(|c| if c == '.' { dot } else { c }).collect();
            pieces.push(Piece { text, settled: true });
            at = end;
        } else {
            open.push_str(&run[at..next]);
            at = next;
        }
    }
}

/// Replaces what is found; findings of one kind that only a separator parts become one.
fn replace(
    text: &str,
    searcher: &Searcher,
    pseudonym: impl Fn(IdentifierKind, &str, &str) -> String,
) -> Vec<Piece> {
    let whole = |text: &str| vec![Piece { text: pseudonym(IdentifierKind::Name, text, text), settled: true }];
    let found = searcher.find_in_name(text);
    if found.is_empty() {
        // In disguise: the whole part goes.
        let disguised = searcher.is_disguised_in(text.as_bytes());
        return if disguised { whole(text) } else { vec![Piece { text: text.to_owned(), settled: false }] };
    }
    let mut merged: Vec<Found> = Vec::new();
    for next in found {
        match merged.last_mut() {
            Some(last)
                if is_person(searcher, last)
                    && is_person(searcher, &next)
                    && text.as_bytes()[last.range.end..next.range.start]
                        .iter()
                        .all(|byte| matches!(byte, b'_' | b'-' | b'^' | b' ' | b',' | b'.' | b'=')) =>
            {
                last.range.end = next.range.end;
            }
            _ => merged.push(next),
        }
    }
    let mut pieces = Vec::new();
    let mut cursor = 0;
    for found in merged {
        let identifier = searcher.identifiers().iter().nth(found.identifier);
        // Latin-1 needles may begin inside a character; then the whole part goes.
        let (Some(before), Some(part), Some(identifier)) =
            (text.get(cursor..found.range.start), text.get(found.range.clone()), identifier)
        else {
            return whole(text);
        };
        pieces.push(Piece { text: before.to_owned(), settled: false });
        let new = pseudonym(identifier.kind, identifier.origin.expose(), part);
        pieces.push(Piece { text: new, settled: true });
        cursor = found.range.end;
    }
    pieces.push(Piece { text: text.get(cursor..).unwrap_or_default().to_owned(), settled: false });
    pieces
}

fn is_person(searcher: &Searcher, found: &Found) -> bool {
    searcher.identifiers().iter().nth(found.identifier).is_some_and(|identifier| {
        matches!(
            identifier.kind,
            IdentifierKind::Name | IdentifierKind::PatientId | IdentifierKind::BirthDate
        )
    })
}

/// A date of the study (`YYYYMMDD`) as the headers have it afterwards, written as the part of the name that it was
/// found in if its order is clear from that, else `YYYYMMDD`.
fn moved_like(part: &str, date: &str, days: i32) -> Option<String> {
    let (year, month, day) = parts(date)?;
    let (year, month, day) = dates::moved(year, month, day, i64::from(days))?;
    let rewriter = Rewriter { dates: DateTreatment::Shift(i64::from(days)), ..Rewriter::default() };
    let rewritten = rewrite(part, &Searcher::default(), &rewriter);
    let same_form = rewritten.dates == 1 && rewritten.removed == 0;
    Some(if same_form { rewritten.text } else { format!("{year:04}{month:02}{day:02}") })
}

/// A name that every file system takes and that leads nowhere else.
fn safe(text: &str) -> String {
    let name: String = text
        .chars()
        .map(|c| {
            if c.is_control() || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|') {
                '_'
            } else {
                c
            }
        })
        .collect();
    if name.is_empty() || name.bytes().all(|byte| byte == b'.') { "_".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(key: &Key) -> PathIdentity {
        let mut identifiers = Identifiers::default();
        identifiers.add_name("Doe^Jane");
        identifiers.add_id("AB-4711");
        PathIdentity {
            searcher: Arc::new(Searcher::new(&identifiers)),
            code: key.subject_code(&["AB-4711"]),
            subject: Phi::new("AB-4711".to_owned()),
            uids: vec!["1.2.3.4.5.6.7".to_owned()],
            dates: Arc::new(vec!["20200102".to_owned()]),
            dates_kept: false,
            days: None,
            date_searcher: Arc::default(),
        }
    }

    #[test]
    fn remembered_parts_are_what_they_would_become() {
        let key = Key::from_bytes([7; 32]);
        let session = SessionNames::default();
        let mut known = KnownParts::default();
        let jane = identity(&key);
        let john = PathIdentity { code: "OTHER".to_owned(), ..jane.clone() };
        let moved = PathIdentity { uids: vec!["12.34".to_owned()], ..jane.clone() };
        let nobody = || clean_part(&key, "doe", None, &session, None, "ANON");
        for identity in [&jane, &jane, &moved, &john, &moved, &jane] {
            for part in
                ["sub_doe", "12.34", "12_34", "dcm", "doe", "T1", "\u{e9}t\u{e9}", "1.2.3.4.5.6.7", "AB-4711"]
            {
                for _ in 0..2 {
                    let clean = || clean_part(&key, part, Some(identity), &session, None, "ANON");
                    assert_eq!(known.part(part, Some(identity), clean), clean(), "{part}");
                }
            }
            assert_eq!(known.part("doe", None, nobody), nobody());
        }
        for n in 0..100 {
            known.part(&"x".repeat(n), Some(&jane), String::new);
        }
        assert_eq!(known.parts.len(), KnownParts::MOST);
    }

    #[test]
    fn only_identifying_parts_change() {
        let key = Key::from_bytes([7; 32]);
        let identity = identity(&key);
        let clean =
            |part: &str| clean_part(&key, part, Some(&identity), &SessionNames::default(), None, "ANON");
        assert_eq!(clean("T1_MPRAGE_0001.dcm"), "T1_MPRAGE_0001.dcm");
        assert_eq!(clean("DOE_Jane_T1"), format!("{}_T1", identity.code));
        assert_eq!(clean("1.2.3.4.5.6.7.dcm"), format!("{}.dcm", key.uid("1.2.3.4.5.6.7")));
        assert_eq!(clean("MR.1.2.3.4.5.6.7.2_1"), format!("MR.{}.2_1", key.uid("1.2.3.4.5.6.7")));
        assert_eq!(clean("v1.2.3"), "v1.2.3");
        let moved = PathIdentity { days: Some(5), ..identity.clone() };
        let clean_moved =
            |part: &str| clean_part(&key, part, Some(&moved), &SessionNames::default(), None, "ANON");
        for (name, expected) in [
            ("20200102_T1", "20191228_T1"),
            ("T1_2020-01-02", "T1_2019-12-28"),
            ("T1 02JAN2020", "T1 28DEC2019"),
            ("MR.20200102.101530", "MR.20191228.101530"),
            ("01-02-2020", "20191228"),
            ("20200105", "20200105"),
        ] {
            assert_eq!(clean_moved(name), expected);
        }
        assert_eq!(
            clean("01_1_2_3_4_5_6_7.x"),
            format!("01_{}.x", key.uid("1.2.3.4.5.6.7").replace('.', "_"))
        );
        assert_eq!(clean("01-1.2.3.4.5.6.7-2"), format!("01-{}-2", key.uid("1.2.3.4.5.6.7")));
        assert_eq!(clean("sce\u{301}ne"), "sce\u{301}ne");
        assert!(!clean("20200102101530.dcm").contains("2020"));
        assert!(!clean("scan 2020-01-02").contains("2020"));
        assert_eq!(clean(".."), "_");
    }

    #[test]
    fn identifiers_of_others_in_the_session_count_too() {
        let key = Key::from_bytes([7; 32]);
        let mut all = Identifiers::default();
        all.add_name("Martin^Odette");
        let session =
            SessionNames::new(all.iter(), &BTreeSet::from(["20210304".to_owned()]), UidSet::default());
        let cleaned = clean_part(&key, "martin", None, &session, None, "ANON");
        assert_eq!(cleaned, key.name_code("Martin^Odette"));
        let clean = |part: &str| clean_part(&key, part, None, &session, None, "ANON");
        for part in
            ["ODETTE01", "Martin_Odette", "martinodette", "m20210304T1010", "2021-03-04", "04.03.2021"]
        {
            assert!(
                !clean(part).to_lowercase().contains("odette") && !clean(part).contains("2021"),
                "{part}"
            );
        }
        assert_eq!(clean("t1_mprage_0001"), "t1_mprage_0001");
    }
}
