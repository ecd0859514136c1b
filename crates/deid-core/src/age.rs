//! Ages: above 89 years they do not tell how old somebody is (HIPAA 164.514(b)(2)(i)(C)).

use deid_dicom::value;

/// What is written for all who are older.
pub(crate) const OLDEST: f64 = 90.0;

/// An age as it may be kept: above 89 years it becomes `090Y`, what is no Age String (PS3.5 6.2) is not kept.
pub(crate) fn cap(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = value::trim(bytes);
    let [digits @ .., unit] = text else { return Some(Vec::new()) };
    if digits.is_empty() || digits.len() > 3 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = digits.iter().fold(0u32, |number, digit| number * 10 + u32::from(digit - b'0'));
    match unit {
        b'Y' if is_old(f64::from(number), 1.0) => Some(b"090Y".to_vec()),
        b'Y' | b'M' | b'W' | b'D' => Some(bytes.to_vec()),
        _ => None,
    }
}

/// An age as an Age String, or in years as a number; empty if it is neither.
pub(crate) fn cap_text(text: &str) -> String {
    if let Some(age) = cap(text.as_bytes()).filter(|_| text.trim_end().ends_with(['Y', 'M', 'W', 'D'])) {
        return String::from_utf8(age).unwrap_or_default();
    }
    match text.trim().parse::<f64>() {
        Ok(years) if is_old(years, 1.0) => "90".to_owned(),
        Ok(_) => text.to_owned(),
        Err(_) => String::new(),
    }
}

/// Whether a number of units, so many a year, is more than 89 years. What is no number is.
pub(crate) fn is_old(number: f64, per_year: f64) -> bool {
    number.is_nan() || number > 89.0 * per_year
}

/// How many of a unit of UCUM are a year; years for what is no unit of time.
pub(crate) fn per_year(unit: &str) -> f64 {
    match unit {
        "mo" | "mo_s" | "mo_j" | "mo_g" => 12.0,
        "wk" => 52.0,
        "d" => 365.0,
        "h" => 8760.0,
        "min" => 525_600.0,
        "s" => 31_536_000.0,
        _ => 1.0,
    }
}

/// How many of a unit that is none of UCUM are a year, by its folded code or meaning; years for what says nothing.
pub(crate) fn per_year_in_words(code: &str, meaning: &str) -> f64 {
    const MONTHS: &[&str] = &["mo", "month", "monat", "mois", "mes", "mies", "maan", "man"];
    const WEEKS: &[&str] = &["w", "week", "wk", "woch", "sem", "settim", "tydz"];
    const DAYS: &[&str] = &["d", "day", "tag", "jour", "dia", "dni", "giorn", "dag"];
    let says = |words: &[&str]| {
        [code, meaning].iter().any(|unit| {
            let unit = unit.trim_matches(|c: char| !c.is_alphabetic());
            words.iter().any(|word| if word.len() < 3 { unit == *word } else { unit.starts_with(word) })
        })
    };
    [(MONTHS, 12.0), (WEEKS, 52.0), (DAYS, 365.0)]
        .into_iter()
        .find_map(|(words, per_year)| says(words).then_some(per_year))
        .unwrap_or_else(|| per_year(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_capped() {
        assert_eq!(cap(b"095Y").as_deref(), Some(&b"090Y"[..]));
        assert_eq!(cap(b"089Y").as_deref(), Some(&b"089Y"[..]));
        assert_eq!(cap(b"012M").as_deref(), Some(&b"012M"[..]));
        assert_eq!(cap(b"old"), None);
    }

    #[test]
    fn ages_as_numbers_are_capped_alike() {
        for (text, capped) in [
            ("95", "90"),
            ("89.5", "90"),
            ("89", "89"),
            ("095Y", "090Y"),
            ("095Y ", "090Y"),
            ("inf", "90"),
            ("NaN", "90"),
            ("old", ""),
            ("", ""),
        ] {
            assert_eq!(cap_text(text), capped, "{text}");
        }
        assert!(is_old(1173.0, per_year("mo")) && is_old(35_000.0, per_year("d")) && is_old(f64::NAN, 1.0));
        assert!(!is_old(1068.0, per_year("mo")) && !is_old(40.0, per_year("a")));
    }
}
