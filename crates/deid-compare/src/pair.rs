//! Which instance of AFTER is which of BEFORE: by their pixels first, for names, paths and UIDs change.
//!
//! Pixels that occur once settle it. Where several have the same (blank slices, copies of a study), the series that
//! others of the same series went to is preferred, then what de-identification leaves alone. What is then left over
//! in series that belong together has other pixels than before: it is paired by number.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::instance::Instance;

/// A series of BEFORE and its counterpart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pairing {
    /// Indices of BEFORE's instances, and of their counterparts in AFTER.
    pub(crate) members: Vec<(usize, Option<usize>)>,
    /// Whether instances of another series of BEFORE have the same Series Instance UID in AFTER.
    pub(crate) merged: bool,
}

/// All series of BEFORE, in the order of their first instances, and how many instances of AFTER belong to none.
pub(crate) fn pair(before: &[Instance], after: &[Instance]) -> (Vec<Pairing>, usize) {
    let series = series(before);
    let groups = series_ids(after);
    let mut matcher = Matcher {
        before,
        after,
        groups: &groups,
        counterparts: vec![None; before.len()],
        used: vec![false; after.len()],
        links: vec![BTreeMap::new(); series.len()],
    };
    matcher.by_unique_pixels(&series);
    matcher.by_pixels(&series);
    matcher.by_number(&series);
    let counterparts = matcher.counterparts;
    let unmatched = matcher.used.iter().filter(|used| !**used).count();
    let mut pairings: Vec<Pairing> = series
        .iter()
        .map(|members| Pairing {
            members: members.iter().map(|&index| (index, counterparts[index])).collect(),
            merged: false,
        })
        .collect();
    mark_merged(&mut pairings, before, after);
    (pairings, unmatched)
}

/// Instances by Series Instance UID. A series that stands there twice, by its instances' UIDs, is one for each
/// folder; without a UID the folder is the series.
fn series(instances: &[Instance]) -> Vec<Vec<usize>> {
    let mut by_uid: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (index, instance) in instances.iter().enumerate() {
        by_uid.entry(&instance.series_uid).or_default().push(index);
    }
    let mut series = Vec::new();
    for (uid, members) in by_uid {
        let mut uids = HashSet::new();
        let copies = members.iter().any(|&index| !uids.insert(&instances[index].sop_uid));
        if !uid.is_empty() && !copies {
            series.push(members);
            continue;
        }
        let mut by_folder: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for index in members {
            by_folder.entry(instances[index].folder()).or_default().push(index);
        }
        series.extend(by_folder.into_values());
    }
    series.sort_unstable();
    series
}

/// For each instance the number of its series.
fn series_ids(instances: &[Instance]) -> Vec<usize> {
    let mut ids = vec![0; instances.len()];
    for (id, members) in series(instances).into_iter().enumerate() {
        for index in members {
            ids[index] = id;
        }
    }
    ids
}

struct Matcher<'a> {
    before: &'a [Instance],
    after: &'a [Instance],
    /// The series of each instance of AFTER.
    groups: &'a [usize],
    counterparts: Vec<Option<usize>>,
    used: Vec<bool>,
    /// For each series of BEFORE how many of its instances are in which series of AFTER.
    links: Vec<BTreeMap<usize, usize>>,
}

impl Matcher<'_> {
    fn join(&mut self, series: usize, before: usize, after: usize) {
        self.counterparts[before] = Some(after);
        self.used[after] = true;
        *self.links[series].entry(self.groups[after]).or_default() += 1;
    }

    fn by_unique_pixels(&mut self, series: &[Vec<usize>]) {
        let mut occurrences: HashMap<[u8; 32], usize> = HashMap::new();
        for instance in self.before {
            *occurrences.entry(instance.pixels).or_default() += 1;
        }
        let places = self.places();
        for (number, members) in series.iter().enumerate() {
            for &index in members {
                let pixels = &self.before[index].pixels;
                if occurrences[pixels] == 1
                    && let Some([place]) = places.get(pixels).map(Vec::as_slice)
                {
                    self.join(number, index, *place);
                }
            }
        }
    }

    fn by_pixels(&mut self, series: &[Vec<usize>]) {
        let places = self.places();
        for (number, members) in series.iter().enumerate() {
            for &index in members {
                if self.counterparts[index].is_some() {
                    continue;
                }
                let candidates = places.get(&self.before[index].pixels).map_or(&[][..], Vec::as_slice);
                if let Some(best) = self.best(number, index, candidates) {
                    self.join(number, index, best);
                }
            }
        }
    }

    fn by_number(&mut self, series: &[Vec<usize>]) {
        let after = self.after;
        let mut by_number: HashMap<&[u8], Vec<usize>> = HashMap::new();
        let mut by_uid: HashMap<&[u8], Vec<usize>> = HashMap::new();
        for (place, instance) in after.iter().enumerate().filter(|(place, _)| !self.used[*place]) {
            by_number.entry(instance.number()).or_default().push(place);
            by_uid.entry(&instance.sop_uid).or_default().push(place);
        }
        for (number, members) in series.iter().enumerate() {
            for &index in members {
                if self.counterparts[index].is_some() {
                    continue;
                }
                let instance = &self.before[index];
                let of_number = by_number.get(instance.number()).map_or(&[][..], Vec::as_slice);
                let candidates: Vec<usize> = if self.links[number].is_empty() {
                    let same_uid = by_uid.get(&*instance.sop_uid).filter(|_| !instance.sop_uid.is_empty());
                    let alike = of_number.iter().filter(|&&place| instance.is_like(&after[place]));
                    alike.chain(same_uid.into_iter().flatten()).copied().collect()
                } else {
                    let in_linked = |place: &&usize| {
                        self.links[number].contains_key(&self.groups[**place])
                            && instance.has_number_of(&after[**place])
                    };
                    of_number.iter().filter(in_linked).copied().collect()
                };
                if let Some(best) = self.best(number, index, &candidates) {
                    self.join(number, index, best);
                }
            }
        }
    }

    /// The most likely of these that nobody took.
    fn best(&self, series: usize, index: usize, candidates: &[usize]) -> Option<usize> {
        let instance = &self.before[index];
        let likelihood = |place: usize| {
            let other = &self.after[place];
            let linked = self.links[series].get(&self.groups[place]).copied().unwrap_or_default();
            let (name, other_name) = (instance.relative.file_name(), other.relative.file_name());
            let same_name =
                usize::from(name == other_name) + usize::from(instance.relative == other.relative);
            (instance.has_number_of(other), linked > 0, instance.likeness(other), linked, same_name)
        };
        let free = candidates.iter().copied().filter(|&place| !self.used[place]);
        first_of_largest(free, likelihood)
    }

    fn places(&self) -> HashMap<[u8; 32], Vec<usize>> {
        let mut places: HashMap<[u8; 32], Vec<usize>> = HashMap::new();
        for (place, instance) in self.after.iter().enumerate().filter(|(place, _)| !self.used[*place]) {
            places.entry(instance.pixels).or_default().push(place);
        }
        places
    }
}

/// The first of those with the largest key; `max_by_key` gives the last.
fn first_of_largest<K: Ord>(places: impl Iterator<Item = usize>, key: impl Fn(usize) -> K) -> Option<usize> {
    let mut best: Option<(K, usize)> = None;
    for place in places {
        let key = key(place);
        if best.as_ref().is_none_or(|(most, _)| key > *most) {
            best = Some((key, place));
        }
    }
    best.map(|(_, place)| place)
}

/// Finds series of BEFORE, different by their UIDs, that have one UID in AFTER: a converter would stack them.
fn mark_merged(pairings: &mut [Pairing], before: &[Instance], after: &[Instance]) {
    let mut origins: HashMap<&[u8], HashSet<&[u8]>> = HashMap::new();
    for &(index, counterpart) in pairings.iter().flat_map(|pairing| &pairing.members) {
        if let Some(place) = counterpart.filter(|&place| !after[place].series_uid.is_empty()) {
            origins.entry(&after[place].series_uid).or_default().insert(&before[index].series_uid);
        }
    }
    for pairing in pairings {
        pairing.merged = pairing
            .members
            .iter()
            .filter_map(|(_, counterpart)| *counterpart)
            .any(|place| origins.get(&*after[place].series_uid).is_some_and(|origins| origins.len() > 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instance::tests::instance;

    fn counterparts(before: &[Instance], after: &[Instance]) -> Vec<Vec<Option<usize>>> {
        let (pairings, _) = pair(before, after);
        pairings.iter().map(|pairing| pairing.members.iter().map(|member| member.1).collect()).collect()
    }

    #[test]
    fn pixels_find_each_other_whatever_the_order() {
        let before = [instance("a", 1, 1), instance("a", 2, 2), instance("b", 3, 1)];
        let after = [instance("y", 3, 1), instance("x", 2, 2), instance("x", 1, 1)];
        assert_eq!(counterparts(&before, &after), [vec![Some(2), Some(1)], vec![Some(0)]]);
    }

    #[test]
    fn blank_slices_stay_in_their_series() {
        let before = [instance("a", 1, 1), instance("a", 0, 2), instance("b", 0, 2), instance("b", 3, 1)];
        let after = [instance("y", 0, 2), instance("y", 3, 1), instance("x", 0, 2), instance("x", 1, 1)];
        assert_eq!(counterparts(&before, &after), [vec![Some(3), Some(2)], vec![Some(0), Some(1)]]);
    }

    #[test]
    fn changed_pixels_are_paired_by_number_and_what_is_gone_is_not_paired() {
        let before = [instance("a", 1, 1), instance("a", 2, 2), instance("a", 3, 3), instance("b", 7, 9)];
        let after = [instance("x", 1, 1), instance("x", 9, 2)];
        assert_eq!(counterparts(&before, &after), [vec![Some(0), Some(1), None], vec![None]]);
        assert_eq!(pair(&before[..1], &after).1, 1, "what belongs to none is counted");
    }

    #[test]
    fn merged_series_are_found() {
        let before = [instance("a", 1, 1), instance("b", 2, 1)];
        let apart = [instance("x", 1, 1), instance("y", 2, 1)];
        let merged = [instance("x", 1, 1), instance("x", 2, 1)];
        assert!(pair(&before, &apart).0.iter().all(|pairing| !pairing.merged));
        assert!(pair(&before, &merged).0.iter().all(|pairing| pairing.merged));
    }
}
