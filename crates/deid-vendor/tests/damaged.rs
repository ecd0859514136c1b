//! Any bytes are survived, and what comes out stays as it is.

use deid_testkit::study::protocol_data_block;
use deid_testkit::vendor::{csa1_header, ge_protocol, planted_csa2, series_fields, xprotocol};
use deid_vendor::{Element, Judge, Outcome, clean, csa};
use proptest::prelude::*;

struct Some_;

impl Judge for Some_ {
    fn text(&self, text: &str) -> String {
        text.split(' ').filter(|word| *word == "head").collect::<Vec<_>>().join(" ")
    }
    fn identifies(&self, bytes: &[u8]) -> bool {
        bytes.windows(3).any(|window| window.eq_ignore_ascii_case(b"zqx"))
    }
    fn uid(&self, _: &str) -> String {
        "2.25.123456789012345678901234567890".to_owned()
    }
    fn date(&self, _: &str) -> Option<String> {
        None
    }
}

fn elements() -> Vec<Element<'static>> {
    let element =
        |creator, group, element| Element { creator, group, element, vr: *b"OB", big_endian: false };
    vec![
        element("SIEMENS CSA HEADER", 0x29, 0x10),
        element("SIEMENS MR SDS 01", 0x21, 0x19),
        element("SIEMENS MR SDI PHOENIXZIP", 0x21, 0x01),
        element("GEMS_SERS_01", 0x25, 0x1B),
        element("GEMS_PARM_01", 0x43, 0x8B),
        element("nobody", 0x29, 0x10),
        Element { vr: *b"LT", ..element("SIEMENS MR SDS 01", 0x21, 0x43) },
    ]
}

fn samples() -> Vec<Vec<u8>> {
    let word = |slot: &str| if slot.len().is_multiple_of(2) { "ZQXAAAAB" } else { "20190312" }.to_owned();
    vec![
        planted_csa2(&mut |slot| word(slot)),
        csa1_header(&series_fields(&mut |slot| word(slot))),
        xprotocol(&mut |slot| word(slot)).into_bytes(),
        protocol_data_block(&ge_protocol(&mut |slot| word(slot))),
        b"<?xml version=\"1.0\"?><pdl name=\"ZQXAAAAB\"><a>head 12</a></pdl>".to_vec(),
    ]
}

fn settles(element: &Element<'_>, bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Outcome::Changed(first) = clean(element, bytes, &Some_) {
        match clean(element, &first, &Some_) {
            Outcome::Changed(second) => prop_assert_eq!(first, second, "not settled"),
            outcome => prop_assert!(outcome != Outcome::Refused || first.is_empty(), "refused"),
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        for element in elements() {
            let _ = clean(&element, &bytes, &Some_);
        }
    }

    #[test]
    fn arbitrary_text(text in "[<>{}\"=#; \n\\.0-9a-zA-Zé]{0,200}") {
        for begin in ["", "<XProtocol>", "### ASCCONV BEGIN ###\n", "<?xml"] {
            for element in elements() {
                let _ = clean(&element, format!("{begin}{text}").as_bytes(), &Some_);
            }
        }
    }

    #[test]
    fn damaged_headers(which in 0usize..5, places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6), cut in any::<prop::sample::Index>(), cuts in any::<bool>()) {
        let mut bytes = samples()[which].clone();
        for (place, value) in places {
            let at = place.index(bytes.len());
            bytes[at] = value;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()));
        }
        for element in elements() {
            let _ = clean(&element, &bytes, &Some_);
        }
    }

    #[test]
    fn csa_is_read_as_it_was_written(values in prop::collection::vec("[A-Za-z0-9 ]{0,20}", 1..6), older in any::<bool>()) {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let fields = [deid_testkit::vendor::field("CoilString", "LO", &values), deid_testkit::vendor::field("B_value", "IS", &["1000"])];
        let bytes = if older { csa1_header(&fields) } else { planted_or_plain(&fields) };
        settles(&elements()[0], &bytes)?;
        if let Outcome::Changed(out) = clean(&elements()[0], &bytes, &Some_) {
            let header = csa::parse(&out);
            prop_assert!(header.is_some_and(|header| header.elements.len() == 2 && header.items(&header.elements[0]).len() == values.len()));
        }
    }
}

fn planted_or_plain(fields: &[deid_testkit::study::CsaField]) -> Vec<u8> {
    deid_testkit::study::csa_header(fields)
}
