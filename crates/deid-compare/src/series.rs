//! One series: what came of it on both sides.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::attributes::Which;
use crate::instance::Instance;
use crate::pair::Pairing;
use crate::result::{Change, Checks, Difference, Explanation, Failure, Method, Outcome, SeriesResult};
use crate::{Options, attributes, beside, convert, expected, explain, output, paths, shown};

/// What comparing a series needs.
#[derive(Debug)]
pub(crate) struct Work<'w> {
    pub(crate) before: &'w [Instance],
    pub(crate) after: &'w [Instance],
    pub(crate) pairings: &'w [Pairing],
    /// Private; conversions are made in folders in it.
    pub(crate) folder: &'w Path,
    pub(crate) options: &'w Options<'w>,
}

impl Work<'_> {
    /// Compares the series at an index.
    pub(crate) fn series(&self, index: usize) -> SeriesResult {
        let pairing = &self.pairings[index];
        let pairs: Vec<(usize, usize)> =
            pairing.members.iter().filter_map(|&(before, after)| Some((before, after?))).collect();
        let first = &self.before[pairing.members[0].0];
        let (files_changed, overwritten) = self.changed(&pairs);
        let mut result = SeriesResult {
            ordinal: index as u64 + 1,
            folder: pairs.first().map(|&(_, after)| shown(self.after[after].folder())),
            modality: first.modality.to_owned(),
            files: pairing.members.len() as u64,
            files_after: pairs.len() as u64,
            files_changed,
            raw: false,
            method: Method::Attributes,
            outcome: Outcome::Failed,
            outputs: [0, 0],
            checks: Checks::equal(),
            differences: Vec::new(),
            withheld: BTreeMap::new(),
            failure: None,
        };
        let unexplained = self.withheld(pairing, &mut result);
        if pairs.is_empty() {
            result.outcome = if unexplained == 0 { Outcome::Withheld } else { Outcome::Missing };
            result.checks = Checks { separate: true, ..Checks::default() };
            return result;
        }
        // What the profile leaves out is left out on both sides; what is lost otherwise has to be missed.
        let members: Vec<usize> = if unexplained == 0 {
            pairs.iter().map(|pair| pair.0).collect()
        } else {
            pairing.members.iter().map(|member| member.0).collect()
        };
        result.checks.separate = !pairing.merged;
        if let Err(failure) = self.compare(&members, &pairs, &mut result) {
            result.failure = Some(failure);
            result.checks = Checks::default();
            return result;
        }
        if let Some(explanation) = overwritten
            && result.differences.iter().all(|difference| difference.key != explanation.attribute)
        {
            result.differences.push(Difference {
                key: explanation.attribute.clone(),
                change: Change::Changed,
                identity: false,
                explanation: Some(explanation),
            });
        }
        result.checks.voxels &= result.files_changed == 0 && unexplained == 0;
        let explained = result.differences.iter().all(crate::Difference::is_explained);
        let plain = result.differences.iter().all(|difference| difference.identity);
        result.outcome = match (result.checks.all() && explained, plain && result.withheld.is_empty()) {
            (true, true) => Outcome::Equal,
            (true, false) => Outcome::Explained,
            (false, _) => Outcome::Differs,
        };
        result
    }

    /// How many files have other pixels than before; and what the profile did beside them, where that is all.
    fn changed(&self, pairs: &[(usize, usize)]) -> (u64, Option<Explanation>) {
        let (mut changed, mut overwritten) = (0, None);
        for &(before, after) in pairs {
            let (before, after) = (&self.before[before], &self.after[after]);
            if before.pixels == after.pixels {
                continue;
            }
            match beside::overwritten(self.options.engine, &before.path, &after.path) {
                Some(explanation) => overwritten = Some(explanation),
                None => changed += 1,
            }
        }
        (changed, overwritten)
    }

    /// Asks the profile why files are not in AFTER; says for how many it gives no cause.
    fn withheld(&self, pairing: &Pairing, result: &mut SeriesResult) -> u64 {
        let mut unexplained = 0;
        for &(index, _) in pairing.members.iter().filter(|member| member.1.is_none()) {
            match explain::withheld(self.options.engine, &self.before[index].path) {
                Some(cause) => *result.withheld.entry(cause.to_owned()).or_default() += 1,
                None => unexplained += 1,
            }
        }
        unexplained
    }

    fn compare(
        &self,
        members: &[usize],
        pairs: &[(usize, usize)],
        result: &mut SeriesResult,
    ) -> Result<(), Failure> {
        let files = || pairs.iter().map(|&(before, _)| self.before[before].path.as_path());
        let path = |instances: &'_ [Instance], index: usize| instances[index].path.clone();
        let all: Vec<_> = pairs
            .iter()
            .map(|&(before, after)| (path(self.before, before), path(self.after, after)))
            .collect();
        let path_pairs = || all.iter().map(|(before, after)| (before.as_path(), after.as_path()));
        if let Some(dcm2niix) = self.options.dcm2niix {
            let convert = |files: &[&Path]| convert::convert(dcm2niix, files, self.folder, self.options);
            let was = convert(&paths(self.before, members.iter().copied()))?;
            let now = convert(&paths(self.after, pairs.iter().map(|pair| pair.1)))?;
            result.outputs = [was.len() as u64, now.len() as u64];
            // What gave nothing before has nothing to lose, though a repaired file may convert now.
            if !was.is_empty() {
                result.method = Method::Dcm2niix;
                let compared = output::compare(&was, &now);
                let separate = result.checks.separate;
                result.checks = Checks { separate, ..compared.checks };
                result.differences =
                    explain::explain_keys(compared.keys, &compared.texts, files(), self.options.engine);
                // Of what analysis needs beside, only what the profile does not explain is told.
                let needed = attributes::compare(path_pairs(), Which::Needed)?;
                let mut needed =
                    explain::explain_attributes(needed.attributes, [], files(), self.options.engine);
                if result.differences.iter().chain(&needed).any(expected::is_in_question) {
                    let made = self.made(&mut files());
                    let converted = made.as_ref().and_then(|made| convert(&refer(&made.paths)).ok());
                    let keys = converted.map(|converted| output::unexpected(&converted, &now));
                    doubt(&mut result.differences, keys.as_ref());
                    let keys = made.and_then(|made| {
                        let pairs = made.paths.iter().zip(&all).map(|(made, (_, after))| (&**made, &**after));
                        attributes::unexpected(pairs, Which::Needed).ok()
                    });
                    doubt(&mut needed, keys.as_ref());
                }
                result.differences.extend(needed.into_iter().filter(|found| !found.is_explained()));
                return Ok(());
            }
        }
        let compared = attributes::compare(path_pairs(), Which::Read)?;
        let separate = result.checks.separate;
        result.checks = Checks { separate, ..compared.checks };
        result.differences =
            explain::explain_attributes(compared.attributes, compared.fields, files(), self.options.engine);
        if result.differences.iter().any(expected::is_in_question) {
            let keys = self.made(&mut files()).and_then(|made| {
                let pairs = made.paths.iter().zip(&all).map(|(made, (_, after))| (&**made, &**after));
                attributes::unexpected(pairs, Which::Read).ok()
            });
            doubt(&mut result.differences, keys.as_ref());
        }
        Ok(())
    }

    /// What the profile makes of files of BEFORE.
    fn made(&self, files: &mut dyn Iterator<Item = &Path>) -> Option<expected::Made> {
        expected::made(self.options.engine?, files, self.folder)
    }
}

/// Takes the explanation from differences that are not what the profile makes; all of them if nobody knows what it makes.
/// Days, UIDs and pseudonyms depend on the key.
fn doubt(differences: &mut [Difference], unexpected: Option<&BTreeSet<String>>) {
    for difference in differences.iter_mut().filter(|difference| expected::is_in_question(difference)) {
        let by_key = difference.change == Change::Changed
            && difference.explanation.as_ref().is_some_and(|explanation| {
                matches!(explanation.action, "date shifted" | "uid remapped" | "replaced" | "dummy")
            });
        if !by_key && unexpected.is_none_or(|keys| keys.contains(&difference.key)) {
            difference.explanation = None;
        }
    }
}

fn refer(paths: &[PathBuf]) -> Vec<&Path> {
    paths.iter().map(PathBuf::as_path).collect()
}
