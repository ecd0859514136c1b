//! CID 7050, De-identification Method (PS3.16): the codes an instance states about its de-identification.

pub use crate::generated::codes::*;

/// The code of CID 7050 with this value.
///
/// ```
/// assert_eq!(deid_standard::codes::by_value("113110").unwrap().meaning, "Retain UIDs Option");
/// ```
pub fn by_value(value: &str) -> Option<Code> {
    CID_7050.into_iter().find(|code| code.value == value)
}

/// A coded concept (PS3.3 8.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Code {
    /// Coding Scheme Designator.
    pub scheme: &'static str,
    /// Code Value.
    pub value: &'static str,
    /// Code Meaning.
    pub meaning: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_of_the_table_is_found_by_its_value() {
        let table = include_str!("../data/ps3.16-2026d-CID-7050.tsv");
        for line in table.lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            let code = by_value(cells[1]).unwrap();
            assert_eq!([code.scheme, code.value, code.meaning], cells[..]);
        }
        assert_eq!(table.lines().count(), CID_7050.len() + 1);
        assert_eq!(by_value("113099"), None);
        assert_eq!(BASIC_APPLICATION_CONFIDENTIALITY_PROFILE.value, "113100");
    }
}
