//! Values of BIDS and dcm2niix that look like numbers of somebody and are none: versions, codes, addresses of standards.

use crate::Judge;
use deid_dicom::calendar::looks_like_day;

/// Where standards and the software that writes sidecars are described.
const STANDARDS: [&str; 10] = [
    "https://bids.neuroimaging.io",
    "https://bids-specification.readthedocs.io",
    "https://bids-standard.github.io",
    "https://dicom.nema.org",
    "http://dicom.nema.org",
    "https://www.dicomstandard.org",
    "https://github.com/bids-standard/",
    "https://github.com/rordenlab/dcm2niix",
    "https://github.com/QIICR/dcmqi",
    "https://github.com/nipy/",
];

/// Words of keys about activities, doses and frequencies, which are long in their units.
const OF_PHYSICS: [&str; 6] =
    ["frequency", "radioactivity", "dose", "bandwidth", "injectedmass", "injectedvolume"];

/// Whether a value has the form that its key asks for, and is nothing of the subject.
pub(super) fn fits(key: &str, text: &str, judge: &dyn Judge) -> bool {
    if is_converter(key, text) {
        return true;
    }
    let form = match key {
        "ConversionSoftwareVersion" | "BIDSVersion" => is_version(text),
        "ConsistencyInfo" => text.len() <= 8 && digits(text) && !looks_like_day(text),
        "CodeValue" => is_code(text),
        _ => is_standard(text),
    };
    form && !judge.identifies(text.as_bytes())
}

/// Whether a value is the name of the program that wrote the sidecar.
pub(super) fn is_converter(key: &str, text: &str) -> bool {
    key == "ConversionSoftware" && text == "dcm2niix"
}

/// Whether a key says that its numbers may be long.
pub(super) fn is_of_physics(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    OF_PHYSICS.iter().any(|word| key.contains(word))
}

/// `v1.0.20260724`: a day is that of the release, and stands last.
fn is_version(text: &str) -> bool {
    let parts: Vec<&str> = text.strip_prefix('v').unwrap_or(text).split('.').collect();
    let Some((last, first)) = parts.split_last() else { return false };
    let short = |part: &str| part.len() <= 3 && digits(part);
    (1..=4).contains(&first.len())
        && first.iter().all(|part| short(part))
        && (short(last) || last.len() == 8 && digits(last) && first.len() >= 2)
}

/// A code of DICOM, SNOMED or LOINC: `113100`, `T-D1100`, `C-B1031`.
fn is_code(text: &str) -> bool {
    let numbers = text.bytes().filter(u8::is_ascii_digit).count();
    let number = text.rsplit('-').next().unwrap_or_default();
    text.len() <= 12
        && numbers <= 9
        && !looks_like_day(text)
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-')
        && text.bytes().filter(u8::is_ascii_uppercase).count() <= 2
        && !number.is_empty()
}

/// An address of a standard: no long number behind it.
fn is_standard(text: &str) -> bool {
    let rest = STANDARDS.iter().find_map(|start| text.strip_prefix(start));
    rest.is_some_and(|rest| {
        let sign =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b'#' | b'_' | b'-');
        text.len() <= 128
            && rest.bytes().all(sign)
            && rest.bytes().filter(u8::is_ascii_digit).count() <= 6
            && (rest.is_empty()
                || rest.starts_with(['/', '.'])
                || text[..text.len() - rest.len()].ends_with('/'))
            && rest.split(|c: char| !c.is_ascii_alphabetic()).all(|word| word.len() <= 2 || is_word(word))
    })
}

/// Words in the addresses of standards.
fn is_word(word: &str) -> bool {
    const WORDS: [&str; 25] = [
        "appendices",
        "blob",
        "chtml",
        "cid",
        "current",
        "dicom",
        "en",
        "git",
        "html",
        "latest",
        "main",
        "master",
        "medical",
        "modality",
        "nibabel",
        "output",
        "part",
        "releases",
        "sect",
        "spec",
        "specific",
        "specification",
        "stable",
        "tree",
        "validator",
    ];
    WORDS.contains(&word.to_ascii_lowercase().as_str())
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_codes_and_addresses_have_their_forms() {
        for text in ["v1.0.20260724", "1.9.0", "v3.0.1"] {
            assert!(is_version(text), "{text}");
        }
        for text in ["20260724", "1.20260724", "v1", "4711902", "1.0.4711902", "Smith.1"] {
            assert!(!is_version(text), "{text}");
        }
        for text in ["113100", "T-D1100", "72198-7", "126838009"] {
            assert!(is_code(text), "{text}");
        }
        for text in ["19610314", "SMITH", "1234567890", "12-", "Jane1"] {
            assert!(!is_code(text), "{text}");
        }
        for text in [
            "https://bids.neuroimaging.io",
            "https://bids-specification.readthedocs.io/en/v1.9.0/",
            "https://github.com/rordenlab/dcm2niix",
            "https://dicom.nema.org/medical/dicom/current/output/chtml/part16/sect_CID_3.html",
        ] {
            assert!(is_standard(text), "{text}");
        }
        for text in [
            "https://github.com/smith/dcm2niix",
            "https://bids.neuroimaging.io/smith",
            "https://bids.neuroimaging.io.smith.org",
            "https://dicom.nema.org/20190312",
        ] {
            assert!(!is_standard(text), "{text}");
        }
    }
}
