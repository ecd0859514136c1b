//! For which instances a rule holds.

use std::fmt;

/// What a rule asks of an instance. All parts that have values must hold; of the values of a part one is enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// Modality (0008,0060).
    pub modality: Vec<Wildcard>,
    /// SOP Class UID (0008,0016).
    pub sop_class: Vec<Wildcard>,
    /// Manufacturer (0008,0070).
    pub manufacturer: Vec<Wildcard>,
    /// Manufacturer's Model Name (0008,1090).
    pub model: Vec<Wildcard>,
    /// Software Versions (0018,1020); one value of several is enough.
    pub software: Vec<Wildcard>,
}

/// What of an instance conditions look at; empty where it has no such attribute.
#[derive(Clone, Copy, Debug, Default)]
pub struct InstanceFacts<'a> {
    /// Modality (0008,0060).
    pub modality: &'a str,
    /// SOP Class UID (0008,0016).
    pub sop_class: &'a str,
    /// Manufacturer (0008,0070).
    pub manufacturer: &'a str,
    /// Manufacturer's Model Name (0008,1090).
    pub model: &'a str,
    /// Software Versions (0018,1020), with backslashes between several.
    pub software: &'a str,
}

impl Condition {
    /// Whether the instance is one that the rule is for.
    pub fn holds(&self, instance: InstanceFacts<'_>) -> bool {
        let part = |wanted: &[Wildcard], value: &str| {
            wanted.is_empty()
                || value.split('\\').any(|value| wanted.iter().any(|wildcard| wildcard.matches(value)))
        };
        part(&self.modality, instance.modality)
            && part(&self.sop_class, instance.sop_class)
            && part(&self.manufacturer, instance.manufacturer)
            && part(&self.model, instance.model)
            && part(&self.software, instance.software)
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            ("modality", &self.modality),
            ("sop-class", &self.sop_class),
            ("manufacturer", &self.manufacturer),
            ("model", &self.model),
            ("software", &self.software),
        ];
        for (at, (name, values)) in parts.iter().filter(|(_, values)| !values.is_empty()).enumerate() {
            let values: Vec<_> = values.iter().map(ToString::to_string).collect();
            write!(f, "{}{name} {}", if at > 0 { ", " } else { "" }, values.join(" or "))?;
        }
        Ok(())
    }
}

/// A value in any letter case, with a star where more may stand in front or behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wildcard {
    /// In capitals (ASCII letters only).
    text: String,
    before: bool,
    behind: bool,
}

impl Wildcard {
    /// Reads `MR`, `SIEMENS*`, `*XA30` or `*Prisma*`; a star elsewhere, or nothing but stars, is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (behind, text) = text.strip_suffix('*').map_or((false, text), |text| (true, text));
        let (before, text) = text.strip_prefix('*').map_or((false, text), |text| (true, text));
        let valid = !text.trim().is_empty() && !text.contains('*') && !text.contains('\\');
        valid.then(|| Wildcard { text: text.to_ascii_uppercase(), before, behind })
    }

    /// Whether a value is of this form; padding does not matter.
    pub fn matches(&self, value: &str) -> bool {
        let value = value.trim_matches([' ', '\0']).to_ascii_uppercase();
        match (self.before, self.behind) {
            (false, false) => value == self.text,
            (false, true) => value.starts_with(&self.text),
            (true, false) => value.ends_with(&self.text),
            (true, true) => value.contains(&self.text),
        }
    }
}

impl fmt::Display for Wildcard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = |there| if there { "*" } else { "" };
        write!(f, "{}{}{}", star(self.before), self.text, star(self.behind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wildcards(texts: &[&str]) -> Vec<Wildcard> {
        texts.iter().filter_map(|text| Wildcard::parse(text)).collect()
    }

    #[test]
    fn stars_stand_at_the_ends_and_case_does_not_matter() {
        let matches = |pattern: &str, value: &str| Wildcard::parse(pattern).unwrap().matches(value);
        assert!(matches("siemens*", "SIEMENS Healthineers ") && matches("Siemens*", "siemens"));
        assert!(!matches("SIEMENS", "Siemens Healthineers"));
        assert!(matches("*XA30", "syngo MR XA30") && matches("*prisma*", "MAGNETOM Prisma fit"));
        for text in ["", "*", "**", "a*b", " * "] {
            assert_eq!(Wildcard::parse(text), None, "{text}");
        }
    }

    #[test]
    fn all_parts_must_hold_and_one_value_of_each() {
        let condition = Condition {
            modality: wildcards(&["MR", "PT"]),
            manufacturer: wildcards(&["GE*"]),
            software: wildcards(&["*DV26*"]),
            ..Condition::default()
        };
        let instance = InstanceFacts {
            modality: "MR",
            manufacturer: "GE MEDICAL SYSTEMS",
            software: "27\\LX\\MR Software release:DV26.0_R03",
            ..InstanceFacts::default()
        };
        assert!(condition.holds(instance));
        assert!(!condition.holds(InstanceFacts { modality: "CT", ..instance }));
        assert!(!condition.holds(InstanceFacts { manufacturer: "", ..instance }));
        assert!(Condition::default().holds(InstanceFacts::default()));
        assert_eq!(condition.to_string(), "modality MR or PT, manufacturer GE*, software *DV26*");
    }
}
