//! The storage SOP classes of PS3.4.

use crate::generated::sop_class::SOP_CLASSES;

/// The name of the storage SOP class with this UID.
///
/// ```
/// assert_eq!(deid_standard::sop_class::name("1.2.840.10008.5.1.4.1.1.4"), Some("MR Image Storage"));
/// ```
pub fn name(uid: &str) -> Option<&'static str> {
    find(uid).map(|(name, _)| name)
}

/// Name and place of the IOD.
pub(crate) fn find(uid: &str) -> Option<(&'static str, u16)> {
    let place = SOP_CLASSES.binary_search_by_key(&uid, |(uid, ..)| uid).ok()?;
    let (_, name, iod) = SOP_CLASSES[place];
    Some((name, iod))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iod::Iod;

    #[test]
    fn each_row_of_the_table_is_found_by_its_uid() {
        let table = include_str!("../data/ps3.4-sop-class-to-iod.tsv");
        for line in table.lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            assert_eq!(name(cells[0]), Some(cells[1]));
            assert_eq!(Iod::of_sop_class(cells[0]).map(Iod::name), Some(cells[2]));
        }
        assert_eq!(table.lines().count(), SOP_CLASSES.len() + 1);
        assert_eq!(name("1.2.840.10008.1.1"), None);
    }
}
