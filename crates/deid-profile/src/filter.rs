//! Which instances a profile is for, by Modality or SOP Class UID.

use std::fmt;

/// Values to accept and values to reject; without any it lets everything pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// If there is any, one of these must match.
    pub accept: Vec<Pattern>,
    /// None of these may match.
    pub reject: Vec<Pattern>,
}

impl Filter {
    /// Whether an instance with this value passes.
    ///
    /// An instance without the attribute has the value `""`: it fails a filter that accepts, and
    /// passes one that only rejects.
    pub fn passes(&self, value: &str) -> bool {
        let value = value.trim_matches([' ', '\0']);
        let accepted = self.accept.is_empty() || self.accept.iter().any(|p| p.matches(value));
        accepted && !self.reject.iter().any(|p| p.matches(value))
    }

    /// Whether everything passes.
    pub fn is_empty(&self) -> bool {
        self.accept.is_empty() && self.reject.is_empty()
    }
}

/// A value, or the beginning of values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pattern {
    /// This value.
    Exact(String),
    /// All values that begin so; written with a `*` at the end.
    Prefix(String),
}

impl Pattern {
    /// Reads `MR` or `1.2.840.10008.5.1.4.1.1.88.*`; a star stands at the end only, and not alone.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (stem, pattern): (_, fn(String) -> Self) = match text.strip_suffix('*') {
            Some(stem) => (stem, Pattern::Prefix),
            None => (text, Pattern::Exact),
        };
        (!stem.is_empty() && !stem.contains('*')).then(|| pattern(stem.to_owned()))
    }

    fn matches(&self, value: &str) -> bool {
        match self {
            Pattern::Exact(wanted) => value == wanted,
            Pattern::Prefix(stem) => value.starts_with(stem.as_str()),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pattern::Exact(value) => f.write_str(value),
            Pattern::Prefix(stem) => write!(f, "{stem}*"),
        }
    }
}

/// CATI's filter: that on Modality, and that on SOP Class UID.
///
/// It belongs to CATI's profiles and TSV files, and to the default profile when CATI's old flags
/// are used without `-c`. Raw Data is rejected by its exact UID: Segmentation
/// (1.2.840.10008.5.1.4.1.1.66.4) begins with it.
pub fn cati_filter() -> (Filter, Filter) {
    let exact = |values: &[&str]| values.iter().map(|v| Pattern::Exact((*v).to_owned())).collect();
    let modalities = Filter { accept: exact(&["MR", "CT", "PT", "NM", "ST"]), reject: Vec::new() };
    let sop_classes = Filter {
        accept: Vec::new(),
        reject: vec![
            Pattern::Exact("1.2.840.10008.5.1.4.1.1.66".to_owned()), // Raw Data
            Pattern::Exact("1.2.840.10008.5.1.4.1.1.7".to_owned()),  // Secondary Capture
            Pattern::Prefix("1.2.840.10008.5.1.4.1.1.7.".to_owned()), // multi-frame Secondary Capture
            Pattern::Prefix("1.2.840.10008.5.1.4.1.1.11.".to_owned()), // Presentation States
            Pattern::Prefix("1.2.840.10008.5.1.4.1.1.88.".to_owned()), // Structured Reports
        ],
    };
    (modalities, sop_classes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_without_patterns_lets_everything_pass() {
        assert!(Filter::default().passes("MR"));
        assert!(Filter::default().passes(""));
    }

    #[test]
    fn cati_filter_rejects_what_cati_drops() {
        let (modalities, sop_classes) = cati_filter();
        assert!(modalities.passes("MR") && modalities.passes("PT "));
        assert!(!modalities.passes("US") && !modalities.passes(""));
        for uid in ["66", "7", "7.1", "7.4", "11.1", "11.12", "88.22"] {
            assert!(!sop_classes.passes(&format!("1.2.840.10008.5.1.4.1.1.{uid}\0")), "{uid}");
        }
        for uid in ["66.4", "77.1.1", "4", "128", "1.1", "88"] {
            assert!(sop_classes.passes(&format!("1.2.840.10008.5.1.4.1.1.{uid}")), "{uid}");
        }
        assert!(sop_classes.passes(""), "the engine decides about a missing SOP class");
    }

    #[test]
    fn a_star_stands_at_the_end_only() {
        assert_eq!(Pattern::parse("MR"), Some(Pattern::Exact("MR".into())));
        assert_eq!(Pattern::parse(" 1.2.* "), Some(Pattern::Prefix("1.2.".into())));
        for text in ["", "*", "1.*.2", "1**"] {
            assert_eq!(Pattern::parse(text), None, "{text}");
        }
    }
}
