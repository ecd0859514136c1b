//! Dates in the disguise of numbers: kept values of numeric VRs that are a day of the subject's.

use super::numbers::binary;
use super::{Inputs, Planner, STUDY_DATE};
use crate::dated_numbers::{Chance, DatedNumbers};
use crate::decide::{Position, Verb};
use deid_dicom::{Encoding, ROOT, Source, Tag, Vr, value};
use deid_profile::ConfidentialityOption;
use std::rc::Rc;

/// Counts and activities of nuclear medicine, which run into thousands of millions as seconds since 1970 do:
/// Radionuclide Total Dose, Primary and Secondary Counts, Counts Accumulated.
const LARGE: [Tag; 4] =
    [Tag::new(0x0018, 0x1074), Tag::new(0x0054, 0x1310), Tag::new(0x0054, 0x1311), Tag::new(0x0018, 0x0070)];

/// Study, Series and Acquisition Date.
const DAYS: [Tag; 3] = [STUDY_DATE, Tag::new(0x0008, 0x0021), Tag::new(0x0008, 0x0022)];

impl<S: Source> Planner<'_, '_, S> {
    /// Days that do not move with the others.
    pub(super) fn births(&mut self) -> Rc<BirthDates> {
        if let Some(births) = &self.births {
            return Rc::clone(births);
        }
        let mut born = self.inputs.remembered.unchanged.borrow().births().to_vec();
        for tag in if born.is_empty() { &[][..] } else { &DAYS } {
            let Some(node) = self.tree.find(ROOT, *tag).map(|index| *self.tree.node(index)) else { continue };
            let bytes = self.source.bytes(node.value_start(), node.value_length().min(64) as usize);
            born.retain(|born| !bytes.is_some_and(|bytes| is_day(bytes, born)));
        }
        Rc::clone(self.births.insert(Rc::new(BirthDates(born))))
    }

    /// The days of the subject that do not stay elsewhere.
    pub(super) fn days_of_subject(&mut self) -> &DatedNumbers {
        let inputs = self.inputs;
        self.dated.get_or_insert_with(|| days(inputs))
    }

    /// Whether one of the numbers of a value is a day of the subject's that does not stay elsewhere.
    pub(super) fn is_dated(
        &mut self,
        tag: Tag,
        vr: Vr,
        bytes: &[u8],
        encoding: Encoding,
        chance: Chance,
    ) -> bool {
        let dated = self.days_of_subject();
        let chance = if LARGE.contains(&tag) { Chance::Least } else { chance };
        let is_day = |number: f64| dated.has(number, vr == Vr::FL, chance);
        if matches!(vr, Vr::DS | Vr::IS) {
            let long = value::split(bytes).filter(|part| part.len() >= 4);
            return long.filter_map(|part| str::from_utf8(part).ok()?.parse().ok()).any(is_day);
        }
        let dateable = matches!(vr, Vr::FL | Vr::FD | Vr::SL | Vr::UL | Vr::SS | Vr::US | Vr::SV | Vr::UV);
        dateable && binary(vr, bytes, encoding).any(is_day)
    }
}

/// Dates on which the subject was born, `YYYYMMDD`, but for days of the study: newborns are examined on them.
pub(super) struct BirthDates(Vec<String>);

impl BirthDates {
    /// Whether one of the values of a date, or of a date with a time, is one of them.
    pub(super) fn are_in(&self, bytes: &[u8]) -> bool {
        !self.0.is_empty() && value::split(bytes).any(|part| self.0.iter().any(|born| is_day(part, born)))
    }
}

/// Whether the digits of a date, without what old and other writers put between, are those of a day.
fn is_day(part: &[u8], day: &str) -> bool {
    let digits = part.iter().filter(|byte| !matches!(byte, b'.' | b'-' | b'/' | b' '));
    digits.take(8).copied().eq(day.bytes())
}

/// The birth date, and the study's dates unless the profile keeps them.
fn days(inputs: &Inputs<'_>) -> DatedNumbers {
    let policy = inputs.policy;
    let position = Position { iod: inputs.classification.iod, top_level: true };
    let kept = policy.profile.has_option(ConfidentialityOption::RetainLongitudinalFullDates)
        || policy.public(STUDY_DATE, position).verb == Verb::Keep;
    let studies = inputs.dates.iter().filter(|_| !kept).map(String::as_str);
    let remembered = inputs.remembered.unchanged.borrow();
    DatedNumbers::new(remembered.births().iter().map(String::as_str).chain(studies))
}
