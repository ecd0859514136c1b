//! Dates in the disguise of numbers: kept values of numeric VRs that are a day of the subject's.

use super::numbers::binary;
use super::{Inputs, Planner, STUDY_DATE};
use crate::dated_numbers::{Chance, DatedNumbers};
use crate::decide::{Position, Verb};
use crate::identifiers::IdentifierKind;
use deid_dicom::{Encoding, Source, Tag, Vr, value};
use deid_profile::ConfidentialityOption;

/// Counts and activities of nuclear medicine, which run into thousands of millions as seconds since 1970 do:
/// Radionuclide Total Dose, Primary and Secondary Counts, Counts Accumulated.
const LARGE: [Tag; 4] =
    [Tag::new(0x0018, 0x1074), Tag::new(0x0054, 0x1310), Tag::new(0x0054, 0x1311), Tag::new(0x0018, 0x0070)];

impl<S: Source> Planner<'_, '_, S> {
    /// Whether one of the numbers of a value is a day of the subject's that does not stay elsewhere.
    pub(super) fn is_dated(
        &mut self,
        tag: Tag,
        vr: Vr,
        bytes: &[u8],
        encoding: Encoding,
        chance: Chance,
    ) -> bool {
        let inputs = self.inputs;
        let dated = self.dated.get_or_insert_with(|| days(inputs));
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

/// The birth date, and the study's dates unless the profile keeps them.
fn days(inputs: &Inputs<'_>) -> DatedNumbers {
    let policy = inputs.policy;
    let position = Position { iod: inputs.classification.iod, top_level: true };
    let kept = policy.profile.has_option(ConfidentialityOption::RetainLongitudinalFullDates)
        || policy.public(STUDY_DATE, position).verb == Verb::Keep;
    let studies = inputs.dates.iter().filter(|_| !kept).map(String::as_str);
    let identifiers = inputs.searcher.identifiers().iter();
    let mut births: Vec<&str> = identifiers
        .filter(|identifier| identifier.kind == IdentifierKind::BirthDate)
        .map(|identifier| identifier.origin.expose().as_str())
        .collect();
    births.dedup();
    DatedNumbers::new(births.into_iter().chain(studies))
}
