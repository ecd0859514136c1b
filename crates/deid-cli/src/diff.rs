//! What differs between two files: a comparison of two views, element by element. Pure.

use std::cmp::Ordering;
use std::fmt::Write;

use crate::view::Shown;

/// An element that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Difference<'a> {
    /// Only the first file has it.
    Removed(&'a Shown),
    /// Only the second file has it.
    Added(&'a Shown),
    /// Both have it, with different names or values.
    Changed(&'a Shown, &'a Shown),
}

/// All differences, by place.
pub(crate) fn compare<'a>(first: &'a [Shown], second: &'a [Shown]) -> Vec<Difference<'a>> {
    let (first, second) = (sorted(first), sorted(second));
    let (mut first, mut second) = (first.into_iter().peekable(), second.into_iter().peekable());
    let mut differences = Vec::new();
    loop {
        let order = match (first.peek(), second.peek()) {
            (Some(a), Some(b)) => a.place.cmp(&b.place),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return differences,
        };
        let a = if order.is_le() { first.next() } else { None };
        let b = if order.is_ge() { second.next() } else { None };
        differences.extend(match (a, b) {
            (Some(a), Some(b)) => (a != b).then_some(Difference::Changed(a, b)),
            (Some(a), None) => Some(Difference::Removed(a)),
            (None, b) => b.map(Difference::Added),
        });
    }
}

/// By place: real files have elements out of order.
fn sorted(view: &[Shown]) -> Vec<&Shown> {
    let mut sorted: Vec<&Shown> = view.iter().collect();
    sorted.sort_by(|a, b| a.place.cmp(&b.place));
    sorted
}

/// The differences as a table: a row of column names, then one for each difference, with tabs between.
pub(crate) fn table(differences: &[Difference<'_>]) -> String {
    let mut table = "change\ttag\tname\told value\tnew value\n".to_owned();
    for difference in differences {
        let (change, shown, old, new) = match difference {
            Difference::Removed(shown) => ("removed", shown, &*shown.value, ""),
            Difference::Added(shown) => ("added", shown, "", &*shown.value),
            Difference::Changed(old, new) => ("changed", new, &*old.value, &*new.value),
        };
        let name = match difference {
            Difference::Changed(old, new) if old.name != new.name => format!("{} -> {}", old.name, new.name),
            _ => shown.name.clone(),
        };
        let _ = writeln!(table, "{change}\t{}\t{name}\t{old}\t{new}", shown.path());
    }
    table
}

#[cfg(test)]
mod tests {
    use deid_dicom::Tag;

    use super::*;
    use crate::view::Step;

    fn shown(element: u16, value: &str) -> Shown {
        let place = vec![Step::Element(Tag::new(0x0010, element), 0)];
        Shown { place, name: "Name".to_owned(), value: value.to_owned() }
    }

    #[test]
    fn differences_are_found_whatever_the_order() {
        let first = [shown(0x30, "same"), shown(0x20, "old"), shown(0x10, "gone")];
        let second = [shown(0x20, "new"), shown(0x30, "same"), shown(0x40, "")];
        let differences = compare(&first, &second);
        let (removed, changed) = (Difference::Removed(&first[2]), Difference::Changed(&first[1], &second[0]));
        assert_eq!(differences, [removed, changed, Difference::Added(&second[2])]);
        assert_eq!(
            table(&differences),
            "change\ttag\tname\told value\tnew value\n\
             removed\t(0010,0010)\tName\tgone\t\n\
             changed\t(0010,0020)\tName\told\tnew\n\
             added\t(0010,0040)\tName\t\t\n"
        );
    }

    #[test]
    fn alike_files_have_no_difference() {
        assert_eq!(compare(&[shown(0x10, "a")], &[shown(0x10, "a")]), []);
    }

    #[test]
    fn new_name_of_an_element_is_a_change() {
        let (old, mut new) = ([shown(0x10, "a")], [shown(0x10, "a")]);
        new[0].name = "Other".to_owned();
        assert!(table(&compare(&old, &new)).contains("\tName -> Other\t"));
    }
}
