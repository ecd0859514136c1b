//! Names of fields, parameters, keys and tags: made of words of the trade, or they are made unreadable.
//!
//! Which names exist is the software's business and changes with each version, so that no list is complete; the words
//! they are made of hardly change. A word that neither the list of terms nor the judge knows may be somebody's name.

use crate::Judge;
use crate::field::{has_month, has_numeric_date, has_year, is_encoded};
use crate::words::{is_long_term, is_term, words};

/// Longer names nobody gives.
const LONGEST: usize = 128;

/// Whether a text may be a name at all: letters, digits and few signs, no long number, no date, no base64.
pub(crate) fn is_name(name: &str) -> bool {
    let sign = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'[' | b']' | b':' | b' ')
    };
    if name.len() > LONGEST || !name.bytes().all(sign) {
        return false;
    }
    let longest_number =
        name.as_bytes().split(|byte| !byte.is_ascii_digit()).map(<[u8]>::len).max().unwrap_or(0);
    // Dates have a year of four digits.
    let dated = longest_number == 4 && (has_numeric_date(name) || has_year(name) && has_month(name));
    let numbers = || name.split('.').filter(|part| part.bytes().all(|byte| byte.is_ascii_digit())).count();
    let may_be_uid = name.bytes().filter(|byte| *byte == b'.').count() >= 3 && numbers() >= 4;
    longest_number < 5 && !is_dialled(name) && !dated && !may_be_uid && !is_encoded(name) && !is_jumbled(name)
}

/// Whether digits stand in groups as those of a telephone or an insurance do: `555-482-1993`.
pub(crate) fn is_dialled(name: &str) -> bool {
    name.split(|c: char| !c.is_ascii_digit() && !matches!(c, '-' | '.' | ' ' | '_'))
        .any(|groups| groups.bytes().filter(u8::is_ascii_digit).count() >= 7)
}

/// Whether so many short words stand in a row as in no name of software: text in base64 looks like that.
fn is_jumbled(name: &str) -> bool {
    const MOST: usize = 5;
    name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| part.len() > 2 * MOST).any(|part| {
        let mut row = 0;
        words(part).any(|word| {
            row = if word.len() < 4 { row + 1 } else { 0 };
            row > MOST
        })
    })
}

/// The name with an X for each letter of a word that nobody knows; `None` if all are known.
pub(crate) fn masked(name: &str, judge: &dyn Judge) -> Option<String> {
    let mut out: Option<String> = None;
    for word in words(name) {
        let place = word.len() > 3 && judge.tells_place(word);
        if !place && (is_term(word) || word.is_ascii() && judge.text(word) == word) {
            continue;
        }
        let start = word.as_ptr() as usize - name.as_ptr() as usize;
        // As many bytes, so that what stands behind stays at its place.
        out.get_or_insert_with(|| name.to_owned())
            .replace_range(start..start + word.len(), &"X".repeat(word.len()));
    }
    // The name of a station has digits, too.
    for part in
        name.split(['.', '[', ' ']).filter(|part| part.len() > 3 && part.bytes().any(|b| b.is_ascii_digit()))
    {
        if part.is_ascii() && judge.tells_place(part) {
            let start = part.as_ptr() as usize - name.as_ptr() as usize;
            out.get_or_insert_with(|| name.to_owned())
                .replace_range(start..start + part.len(), &"X".repeat(part.len()));
        }
    }
    out
}

/// Whether an identifier stands in a name that the software gave, beyond the words of the trade that it is made of: Norma is
/// not in `SliceNormalVector`.
pub(crate) fn identifies(name: &str, judge: &dyn Judge) -> bool {
    judge.identifies(name.as_bytes()) && judge.identifies(without_terms(name).as_bytes())
}

/// The name with blanks for the words of the trade in it. Short ones are in nobody's list.
pub(crate) fn without_terms(name: &str) -> String {
    let mut out = name.to_owned();
    for word in words(name).filter(|word| is_long_term(word)) {
        let start = word.as_ptr() as usize - name.as_ptr() as usize;
        out.replace_range(start..start + word.len(), &" ".repeat(word.len()));
    }
    out
}

/// What a name becomes: of the same length up to 128 bytes, with X for what nobody knows. `None` if it stays.
pub fn judged(name: &str, judge: &dyn Judge) -> Option<String> {
    if is_name(name) { masked(name, judge) } else { Some("X".repeat(name.len().min(LONGEST))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nobody::Nobody;

    #[test]
    fn names_of_software_stay_and_others_are_masked() {
        for name in [
            "sCoilSelectMeas.aRxCoilSelectData[0].asList[12].sCoilElementID.tCoilID",
            "sTXSPEC.asNucleusInfo[0].flReferenceAmplitude",
            "MosaicRefAcqTimes",
            "dBdt_max",
            "B1rms",
            "alTR[0]",
            "sA.482 199",
        ] {
            assert_eq!(judged(name, &Nobody), None, "{name}");
        }
        for (name, left) in [
            ("sTXSPEC.Zqkowal.lA", "sTXSPEC.Xxxxxxx.lA"),
            ("Zqkowal1", "Xxxxxxx1"),
            ("sA_1961-03-14", "xxxxxxxxxxxxx"),
            ("sA.1.2.276.0.99.7", "xxxxxxxxxxxxxxxxx"),
            ("UGF0aWVudCBabCBh", "xxxxxxxxxxxxxxxx"),
            ("CoilUGF0aWVudCBabCBh", "xxxxxxxxxxxxxxxxxxxx"),
            ("sP88230001", "xxxxxxxxxx"),
            ("555-482-1993", "xxxxxxxxxxxx"),
        ] {
            assert_eq!(judged(name, &Nobody).as_deref(), Some(&*left.replace('x', "X")), "{name}");
        }
    }
}
