//! Names of elements, parameters and keys that the software writes are nobody's, whatever somebody is called.

use deid_testkit::study::{csa_header, protocol_data_block};
use deid_testkit::vendor::{csa1_header, field};
use deid_vendor::{Element, Judge, Outcome, clean, csa, fields};

/// Finds one name wherever it begins in a word, in any case, as the program does, and keeps no text that it is in.
struct Named<'a>(&'a str);

impl Judge for Named<'_> {
    fn text(&self, text: &str) -> String {
        if self.identifies(text.as_bytes()) { String::new() } else { text.to_owned() }
    }
    fn identifies(&self, bytes: &[u8]) -> bool {
        bytes.windows(self.0.len()).any(|window| window.eq_ignore_ascii_case(self.0.as_bytes()))
    }
    fn uid(&self, uid: &str) -> String {
        uid.to_owned()
    }
    fn date(&self, _: &str) -> Option<String> {
        None
    }
}

const NAMES: [&str; 14] = [
    "Norma", "Colum", "Power", "Level", "Filter", "Model", "Table", "Planar", "Standard", "Delay", "Value",
    "Actual", "Param", "Slice",
];

fn element(group: u16, number: u8, creator: &'static str) -> Element<'static> {
    Element { creator, group, element: number, vr: *b"OB", big_endian: false }
}

fn cleaned(element: &Element<'_>, bytes: &[u8], judge: &dyn Judge) -> Vec<u8> {
    match clean(element, bytes, judge) {
        Outcome::Changed(new) => new,
        Outcome::Unchanged => bytes.to_vec(),
        outcome => panic!("{outcome:?}"),
    }
}

fn known() -> Vec<&'static str> {
    include_str!("../data/csa-names.txt").lines().filter(|line| !line.starts_with('#')).collect()
}

#[test]
fn names_of_csa_elements_stay() {
    let fields_of: Vec<_> = known().into_iter().map(|name| field(name, "FD", &["1.50000000"])).collect();
    let csa = element(0x29, 0x10, "SIEMENS CSA HEADER");
    for header in [csa_header(&fields_of), csa1_header(&fields_of)] {
        for name in NAMES {
            assert_eq!(fields(&cleaned(&csa, &header, &Named(name))), fields(&header), "{name}");
        }
    }
}

#[test]
fn an_identifier_in_an_unknown_name_costs_this_field_alone() {
    let csa = element(0x29, 0x10, "SIEMENS CSA HEADER");
    let of = |name| {
        csa_header(&[
            field("MosaicRefAcqTimes", "FD", &["1477.50000000"]),
            field(name, "FD", &["2.50000000"]),
            field("SliceNormalVector", "FD", &["1.00000000"]),
        ])
    };
    for (name, judge, left) in [
        ("QuarembePosition", Named("Quarembe"), "XXXXXXXXPosition"),
        ("SliceNormaFactor", Named("Norma"), "SliceXXXXXFactor"),
        ("SliceFactor", Named("Factor"), "SliceFactor"),
    ] {
        let header = of(name);
        let new = cleaned(&csa, &header, &judge);
        let parsed = csa::parse(&new).unwrap();
        let names: Vec<_> = parsed.elements.iter().map(|element| element.name(&new)).collect();
        assert_eq!(names, [&b"MosaicRefAcqTimes"[..], left.as_bytes(), b"SliceNormalVector"], "{name}");
        let numbers: Vec<_> =
            fields(&new).unwrap().into_values().map(|value| String::from_utf8(value).unwrap()).collect();
        assert_eq!(numbers.len(), 3);
    }
}

#[test]
fn parameters_of_protocols_stay() {
    let text = "<XProtocol>\n{\n  <Name> \"PhoenixMetaProtocol\"\n  <ParamMap.\"\">\n  {\n    <ParamDouble.\"SliceNormalPower\">\n    {\n      \
         <Precision> 6\n      2300.5\n    }\n    <ParamLong.\"TableDelay\"> { <Default> 4 <LimitRange> { 1 256 } 12 }\n  }\n}\n\
         ### ASCCONV BEGIN object=MrProtDataImpl@MrProtocolData version=51130001 converter=%MEASCONST%/ConverterList/Prot_Converter.txt ###\n\
         sSliceArray.asSlice[0].sNormal.dTra = 1.0\nsTXSPEC.asNucleusInfo[0].flReferenceAmplitude = 221.5\n\
         sGRADSPEC.lDelayX = 12\nsPat.ucPATMode = 0x1\n### ASCCONV END ###";
    let xa = element(0x21, 0x19, "SIEMENS MR SDS 01");
    for name in
        NAMES.into_iter().chain(["Precision", "Default", "Protocol", "Converter", "Nucleus", "Double"])
    {
        let new = cleaned(&xa, text.as_bytes(), &Named(name));
        let new = String::from_utf8(new).unwrap();
        // The name of the whole is a text.
        let bare = |text: &str| text.replace("\"PhoenixMetaProtocol\"", "\"\"").replace(' ', "");
        assert_eq!(bare(&new), bare(text), "{name}");
    }
}

#[test]
fn keys_of_ge_stay() {
    let block =
        protocol_data_block("set SLTHICK \"5.0\"\nset NECHO \"1\"\nset FLIPANG \"77\"\nset IMODE \"3D\"\n");
    let ge = element(0x25, 0x1B, "GEMS_SERS_01");
    for name in ["SLTHICK", "Flipa", "NECHO", "IMODE"] {
        assert_eq!(fields(&cleaned(&ge, &block, &Named(name))), fields(&block), "{name}");
    }
    let block = protocol_data_block("set QUAREMBE \"5.0\"\nset SLTHICK \"5.0\"\n");
    let new = fields(&cleaned(&ge, &block, &Named("Quarembe"))).unwrap();
    assert_eq!(new.get("SLTHICK").map(Vec::as_slice), Some(&b"5.0"[..]));
    assert!(!new.contains_key("QUAREMBE"));
}

#[test]
fn tags_of_documents_stay() {
    let text = "<?xml version=\"1.0\"?><slice><table delay=\"4\">5</table></slice>";
    let xml = element(0x43, 0x8B, "GEMS_PARM_01");
    for name in ["Slice", "Table", "Delay", "Version"] {
        assert_eq!(cleaned(&xml, text.as_bytes(), &Named(name)), text.as_bytes(), "{name}");
    }
}

/// What is found takes the whole value where half of it would be left.
#[test]
fn no_half_of_a_number_is_left() {
    struct Phones;
    impl Judge for Phones {
        fn text(&self, text: &str) -> String {
            text.split(' ').filter(|word| !word.contains('@')).collect::<Vec<_>>().join(" ")
        }
        fn identifies(&self, _: &[u8]) -> bool {
            false
        }
        fn uid(&self, uid: &str) -> String {
            uid.to_owned()
        }
        fn date(&self, _: &str) -> Option<String> {
            None
        }
    }
    let text = "<XProtocol>\n{\n  <ParamFunctor.\"rootFunctor\"> { <Class> \"+1 617 555 0142@IceProgram\" }\n}\n\
         ### ASCCONV BEGIN object=+1 617 555 0142@x version=51130001 ###\nalTR[0] = 2300\n### ASCCONV END ###";
    let new = cleaned(&element(0x21, 0x19, "SIEMENS MR SDS 01"), text.as_bytes(), &Phones);
    let new = String::from_utf8(new).unwrap();
    assert!(!new.contains("617") && !new.contains("555") && new.contains("alTR[0] = 2300"), "{new}");
    assert!(new.contains("### ASCCONV BEGIN version=51130001 ###"), "{new}");
}

/// A day of the subject's in an order that looks like any number.
#[test]
fn days_as_numbers_go() {
    struct Days;
    impl Judge for Days {
        fn text(&self, text: &str) -> String {
            text.to_owned()
        }
        fn identifies(&self, _: &[u8]) -> bool {
            false
        }
        fn uid(&self, uid: &str) -> String {
            uid.to_owned()
        }
        fn date(&self, _: &str) -> Option<String> {
            None
        }
        fn is_day(&self, digits: &str) -> bool {
            matches!(digits, "17062019" | "5021949")
        }
    }
    for day in ["17062019", "5021949"] {
        let text = format!(
            "<XProtocol>\n{{\n  <ParamLong.\"Count\"> {{ {day} }}\n  <ParamLong.\"Other\"> {{ 31 }}\n}}\n### ASCCONV BEGIN ###\nalTR[0] = {day}\n\
             lX = 1{day}\n### ASCCONV END ###"
        );
        let header =
            csa_header(&[field("EchoLinePosition", "IS", &[day, "31"]), field("ICE_Dims", "LO", &[day])]);
        let block = protocol_data_block(&format!("set NECHO \"{day}\"\nset SLTHICK \"5.0\"\n"));
        let values = |element: &Element<'_>, bytes: &[u8]| cleaned(element, bytes, &Days);
        let new =
            String::from_utf8(values(&element(0x21, 0x19, "SIEMENS MR SDS 01"), text.as_bytes())).unwrap();
        assert!(
            !new.contains(&format!(" {day}")) && new.contains(" 31 ") && new.contains(&format!("1{day}")),
            "{new}"
        );
        let new = values(&element(0x29, 0x10, "SIEMENS CSA HEADER"), &header);
        assert!(!new.windows(day.len()).any(|window| window == day.as_bytes()));
        let new = fields(&values(&element(0x25, 0x1B, "GEMS_SERS_01"), &block)).unwrap();
        assert_eq!(new.get("NECHO").map(Vec::as_slice), Some(&b""[..]));
        assert_eq!(new.get("SLTHICK").map(Vec::as_slice), Some(&b"5.0"[..]));
    }
}
