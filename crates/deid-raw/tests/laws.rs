//! Laws: no input makes it panic, no planted identifier comes out, and payloads are never new bytes.

use deid_dicom::{Tag, Vr};
use deid_raw::{Format, Judge, Output, clean, harvest, sniff};
use deid_testkit::planted::{Words, search};
use deid_testkit::raw::{
    NiftiShape, Slots, gzip, nifti, nifti_mrs_json, p_file, par, rda, sidecar, spar, twix_vb, twix_vd,
};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop, prop_oneof, proptest};

/// Keeps technical terms and nothing else; knows the planted words.
struct Strict {
    words: Words,
}

impl Strict {
    fn has(&self, bytes: &[u8]) -> bool {
        !search(bytes, self.words.planted()).is_empty()
    }

    fn keep(&self, text: &str) -> String {
        if self.has(text.as_bytes()) { String::new() } else { text.to_owned() }
    }
}

impl Judge for Strict {
    fn attribute(&self, _: Tag, _: &str) -> String {
        String::new()
    }

    fn date(&self, _: Tag, _: &str) -> Option<String> {
        None
    }

    fn term(&self, text: &str) -> String {
        self.keep(text)
    }

    fn name(&self, name: &str) -> Option<String> {
        self.has(name.as_bytes()).then(|| "X".repeat(name.len()))
    }

    fn text(&self, text: &str) -> String {
        self.keep(text)
    }

    fn uid(&self, _: &str) -> String {
        "2.25.1".to_owned()
    }

    fn identifies(&self, bytes: &[u8]) -> bool {
        self.has(bytes)
    }

    fn names(&self, bytes: &[u8]) -> bool {
        self.has(bytes)
    }

    fn attribute_of(&self, keyword: &str) -> Option<(Tag, Vr)> {
        keyword.starts_with("Patient").then_some((Tag::new(0x0010, 0x0010), Vr::PN))
    }
}

fn files() -> (Words, Vec<Vec<u8>>) {
    let mut words = Words::new();
    let slots = Slots::planted(&mut words);
    let mut files = vec![
        rda(&slots),
        twix_vb(&slots),
        twix_vd(&slots),
        spar(&slots),
        par(&slots),
        sidecar(&slots),
        p_file(&slots),
    ];
    for (version, big, single) in [(1, false, true), (2, true, true), (1, true, false)] {
        let shape = NiftiShape { version, big, single };
        let image =
            nifti(&slots, shape, &[(6, slots.name.clone().into_bytes()), (44, nifti_mrs_json(&slots))]);
        if single {
            files.push(gzip(&image, &slots));
        }
        files.push(image);
    }
    (words, files)
}

/// The output, if there is one. Whatever happens, nothing planted is in it.
fn look(bytes: &[u8], strict: &Strict) -> Option<(Format, Vec<u8>)> {
    let format = sniff(&mut &bytes[..])?;
    let _ = harvest(&mut &bytes[..], format);
    let cleaned = clean(&mut &bytes[..], format, strict).ok()?;
    let output = match cleaned.output {
        Output::Pieces(spliced) => spliced.to_bytes(bytes),
        Output::Bytes(bytes) => bytes,
    };
    Some((format, output))
}

#[test]
fn each_file_is_recognised_and_cleaned() {
    let (words, files) = files();
    let strict = Strict { words };
    for file in &files {
        let (format, output) = look(file, &strict).expect("recognised and not refused");
        assert!(!strict.has(&output), "{format:?}");
        assert_eq!(sniff(&mut &output[..]), Some(format));
    }
}

#[test]
fn every_truncation_is_survived() {
    let (words, files) = files();
    let strict = Strict { words };
    for file in &files {
        for length in (0..file.len().min(12_000)).step_by(97) {
            if let Some((format, output)) = look(&file[..length], &strict) {
                assert!(!strict.has(&output), "{format:?} cut at {length}");
            }
        }
    }
}

#[derive(Clone, Debug)]
enum Damage {
    Byte(prop::sample::Index, u8),
    Cut(prop::sample::Index, usize),
    Number(prop::sample::Index, u32),
}

fn damage() -> impl Strategy<Value = Damage> {
    let place = any::<prop::sample::Index>;
    prop_oneof![
        (place(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        (place(), 1_usize..64).prop_map(|(at, length)| Damage::Cut(at, length)),
        (place(), prop_oneof![Just(0), Just(1), Just(u32::MAX), any::<u32>()])
            .prop_map(|(at, number)| Damage::Number(at, number)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Damage in a header makes a refusal or a clean file: what is damaged itself is no longer a planted word.
    #[test]
    fn damage_is_survived_and_hides_nothing(
        which in any::<prop::sample::Index>(),
        damages in prop::collection::vec(damage(), 1..6),
    ) {
        let (words, files) = files();
        let strict = Strict { words };
        let mut bytes = which.get(&files).clone();
        for damage in damages {
            // Headers are what is looked into.
            let within = bytes.len().min(6000);
            if within == 0 {
                break;
            }
            match damage {
                Damage::Byte(at, byte) => bytes[at.index(within)] = byte,
                Damage::Cut(at, length) => {
                    let start = at.index(within);
                    bytes.drain(start..(start + length).min(within));
                }
                Damage::Number(at, number) => {
                    let start = at.index(within).min(bytes.len().saturating_sub(4));
                    for (slot, byte) in bytes[start..].iter_mut().zip(number.to_le_bytes()) {
                        *slot = byte;
                    }
                }
            }
        }
        if let Some((format, output)) = look(&bytes, &strict) {
            assert!(!strict.has(&output), "{format:?}");
        }
    }

    /// Any bytes behind any beginning that is recognised.
    #[test]
    fn any_bytes_are_survived(
        beginning in prop_oneof![
            Just(&b">>> Begin of header <<<\r\n"[..]),
            Just(&b"{\"Modality\": "[..]),
            Just(&b"# === DATA DESCRIPTION FILE ===\n"[..]),
            Just(&b"! examination_name patient_name scan_id\nsamples : 1\nrows : 1\n"[..]),
            Just(&b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"[..]),
            Just(&b"\x5c\x01\x00\x00"[..]),
            Just(&b"\x20\x4e\x00\x00\x01\x00\x00\x00Config\0\xFF\x00\x00\x00"[..]),
            Just(&b"\x00\x00\x00\x00\x02\x00\x00\x00"[..]),
        ],
        rest in prop::collection::vec(any::<u8>(), 0..2000),
    ) {
        let strict = Strict { words: Words::new() };
        let bytes = [beginning, &rest[..]].concat();
        let _ = look(&bytes, &strict);
    }
}
