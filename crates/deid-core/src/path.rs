//! Names of files and folders: kept, unless a part of them holds an identifier; then that part becomes a pseudonym.

use crate::identifiers::{Found, IdentifierKind, Identifiers, Searcher};
use crate::{Key, Phi};
use std::collections::BTreeSet;
use std::sync::Arc;
use unicode_normalization::UnicodeNormalization;

/// What the names around one instance may give away, and what stands in its place.
#[derive(Clone, Debug)]
pub struct PathIdentity {
    /// Finds the instance's own identifiers.
    pub(crate) searcher: Arc<Searcher>,
    /// What stands for the subject: the code that is also the new Patient ID.
    pub(crate) code: String,
    /// What the subject is told apart by.
    pub(crate) subject: Phi<String>,
    /// UIDs of the instance, its series and its study.
    pub(crate) uids: Vec<String>,
    /// Whether study dates may stay in names, since they stay in the headers.
    pub(crate) dates_kept: bool,
}

/// What of a session bears on names: the identifiers of all its files.
#[derive(Clone, Debug, Default)]
pub(crate) struct SessionNames {
    searcher: Option<Arc<Searcher>>,
    uids: BTreeSet<String>,
}

impl SessionNames {
    pub(crate) fn new(identifiers: &Identifiers, uids: BTreeSet<String>) -> Self {
        SessionNames { searcher: Some(Arc::new(Searcher::new(identifiers))), uids }
    }
}

/// Cleans one part of a path: the instance's own identifiers first, then those of anybody in the session.
pub(crate) fn clean_part(
    key: &Key,
    part: &str,
    identity: Option<&PathIdentity>,
    session: &SessionNames,
    subject: Option<&str>,
) -> String {
    let own = |uid: &str| identity.is_some_and(|identity| identity.uids.iter().any(|own| own == uid));
    // macOS writes letters and their accents apart.
    let composed: String = part.nfc().collect();
    let mut text =
        replace_uids(&composed, |uid| (own(uid) || session.uids.contains(uid)).then(|| key.uid(uid)));
    if let Some(identity) = identity {
        text = replace(&text, &identity.searcher, |kind, origin, found| match kind {
            IdentifierKind::StudyDate if identity.dates_kept => found.to_owned(),
            IdentifierKind::StudyDate => key.date_code(identity.subject.expose(), origin),
            _ => identity.code.clone(),
        });
    }
    if let Some(searcher) = &session.searcher {
        text = replace(&text, searcher, |kind, origin, found| match kind {
            IdentifierKind::StudyDate if identity.is_some_and(|identity| identity.dates_kept) => {
                found.to_owned()
            }
            IdentifierKind::StudyDate => key.date_code("", origin),
            IdentifierKind::PatientId => subject.map_or_else(|| key.subject_code(origin), str::to_owned),
            _ => subject.map_or_else(|| key.name_code(origin), str::to_owned),
        });
    }
    // What no identifier stands in stays as it is written.
    safe(if text == composed { part } else { &text })
}

/// Replaces the UIDs that `pseudonym` knows, also where underscores or hyphens stand for the dots.
fn replace_uids(text: &str, pseudonym: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let part = |c: char| c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
        let end = rest[start..].find(|c: char| !part(c)).map_or(rest.len(), |end| start + end);
        out.push_str(&rest[..start]);
        replace_in_run(&rest[start..end], &pseudonym, &mut out);
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// Of a run of components the longest that is known from each on.
fn replace_in_run(run: &str, pseudonym: impl Fn(&str) -> Option<String>, out: &mut String) {
    let separators: Vec<usize> = run.match_indices(['.', '_', '-']).map(|(at, _)| at).collect();
    let mut at = 0;
    while at < run.len() {
        let known = separators.iter().copied().chain([run.len()]).rev().find_map(|end| {
            let candidate = run.get(at..end).filter(|part| part.len() >= 5)?;
            let uid = candidate.replace(['_', '-'], ".");
            pseudonym(&uid).map(|new| (end, new))
        });
        let next = separators.iter().copied().find(|&separator| separator >= at).map_or(run.len(), |s| s + 1);
        match known {
            Some((end, new)) => {
                let dot = run[at..end].chars().find(|c| !c.is_ascii_digit()).unwrap_or('.');
                out.extend(new.chars().map(|c| if c == '.' { dot } else { c }));
                at = end;
            }
            None => {
                out.push_str(&run[at..next]);
                at = next;
            }
        }
    }
}

/// Replaces what is found; findings of one kind that only a separator parts become one.
fn replace(
    text: &str,
    searcher: &Searcher,
    pseudonym: impl Fn(IdentifierKind, &str, &str) -> String,
) -> String {
    let found = searcher.find_in_name(text);
    if found.is_empty() {
        return if searcher.is_in(text.as_bytes()) {
            // In disguise: the whole part goes.
            pseudonym(IdentifierKind::Name, text, text)
        } else {
            text.to_owned()
        };
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
    let mut out = String::new();
    let mut cursor = 0;
    for found in merged {
        let identifier = searcher.identifiers().iter().nth(found.identifier);
        // Latin-1 needles may begin inside a character; then the whole part goes.
        let (Some(before), Some(part), Some(identifier)) =
            (text.get(cursor..found.range.start), text.get(found.range.clone()), identifier)
        else {
            return pseudonym(IdentifierKind::Name, text, text);
        };
        out.push_str(before);
        out.push_str(&pseudonym(identifier.kind, identifier.origin.expose(), part));
        cursor = found.range.end;
    }
    out.push_str(text.get(cursor..).unwrap_or_default());
    out
}

fn is_person(searcher: &Searcher, found: &Found) -> bool {
    searcher.identifiers().iter().nth(found.identifier).is_some_and(|identifier| {
        matches!(
            identifier.kind,
            IdentifierKind::Name | IdentifierKind::PatientId | IdentifierKind::BirthDate
        )
    })
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
        identifiers.add_date(IdentifierKind::StudyDate, "20200102");
        PathIdentity {
            searcher: Arc::new(Searcher::new(&identifiers)),
            code: key.subject_code("AB-4711"),
            subject: Phi::new("AB-4711".to_owned()),
            uids: vec!["1.2.3.4.5.6.7".to_owned()],
            dates_kept: false,
        }
    }

    #[test]
    fn only_identifying_parts_change() {
        let key = Key::from_bytes([7; 32]);
        let identity = identity(&key);
        let clean = |part: &str| clean_part(&key, part, Some(&identity), &SessionNames::default(), None);
        assert_eq!(clean("T1_MPRAGE_0001.dcm"), "T1_MPRAGE_0001.dcm");
        assert_eq!(clean("DOE_Jane_T1"), format!("{}_T1", identity.code));
        assert_eq!(clean("1.2.3.4.5.6.7.dcm"), format!("{}.dcm", key.uid("1.2.3.4.5.6.7")));
        assert_eq!(clean("MR.1.2.3.4.5.6.7.2_1"), format!("MR.{}.2_1", key.uid("1.2.3.4.5.6.7")));
        assert_eq!(clean("v1.2.3"), "v1.2.3");
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
        let session = SessionNames::new(&all, BTreeSet::new());
        let cleaned = clean_part(&key, "martin", None, &session, None);
        assert_eq!(cleaned, key.name_code("Martin^Odette"));
    }
}
