//! What is found and what is not, in words and bytes.

use super::*;

fn searcher(name: &str, id: &str) -> Searcher {
    let mut identifiers = Identifiers::default();
    identifiers.add_name(name);
    identifiers.add_id(id);
    identifiers.settle();
    Searcher::new(&identifiers)
}

fn found(searcher: &Searcher, text: &str) -> Vec<String> {
    searcher.find(text.as_bytes()).into_iter().map(|f| text[f.range].to_owned()).collect()
}

#[test]
fn family_that_is_a_word_goes_beside_the_given_name() {
    let hand = searcher("HAND^PETER", "AB-123456");
    assert_eq!(found(&hand, "Peter Hand, t1 hand"), ["Peter Hand"]);
    assert_eq!(found(&hand, "hand_peter_t1"), ["hand_peter"]);
    // A phantom is nobody.
    assert!(found(&searcher("Phantom^Head", "AB-123456"), "head phantom").is_empty());
}

#[test]
fn parts_of_names_are_found_in_any_case_and_order() {
    let searcher = searcher("Martin-Dupont^Jérôme^^Dr", "AB-123456");
    assert_eq!(found(&searcher, "dupont_JEROME t1"), ["dupont", "JEROME"]);
    assert_eq!(found(&searcher, "JÉRÔME"), ["JÉRÔME"]);
    assert_eq!(found(&searcher, "id 123456, ab123456"), ["123456", "ab123456"]);
    assert!(found(&searcher, "1234567 Dr head").is_empty());
}

#[test]
fn short_parts_must_stand_alone() {
    let searcher = searcher("Li^Ann", "7");
    assert_eq!(found(&searcher, "Ann_Li annular list"), ["Ann", "Li"]);
    assert!(found(&searcher, "7 T").is_empty());
    assert_eq!(found(&searcher, "LiAnn01 ali_T1"), ["LiAnn", "ali"]);
}

#[test]
fn other_spellings_are_found() {
    let searcher = searcher("Müller^Jörg", "ABC99123");
    for text in ["Mu\u{308}ller", "mueller", "MUELLER", "muller", "joerg", "ABC-99123", "abc_99123"] {
        assert!(searcher.is_in(text.as_bytes()), "{text}");
    }
    let searcher = super::tests::searcher("O'Brien^Seán", "ACC-99");
    for text in ["o'brien01", "OBrien-sean", "o'brien", "ACC99", "acc_99"] {
        assert!(searcher.is_in(text.as_bytes()), "{text}");
    }
}

#[test]
fn names_beside_digits_and_in_other_case_are_found() {
    let searcher = searcher("Le Goff^Kim", "00012345");
    for text in ["LEGOFF_ANNA", "kim01", "T1kim", "12345", "00012345"] {
        assert!(searcher.is_in(text.as_bytes()), "{text}");
    }
    assert!(!searcher.is_in(b"kimono"));
    let searcher = super::tests::searcher("ИВАНОВ^ÉLÉONORE", "QZ4815-1623");
    for text in ["Иванов", "Éléonore", "eleonore", "qz4815_1623"] {
        assert!(searcher.is_in(text.as_bytes()), "{text}");
    }
}

#[test]
fn coded_terms_are_no_names() {
    let searcher = searcher("Mono^Lagrange", "E11");
    assert!(!searcher.is_plainly_in(b"MONOCHROME2") && !searcher.is_plainly_in(b"RECTILAGRANGE"));
    assert!(searcher.is_plainly_in(b"for LAGRANGE"));
    assert!(!searcher.is_plainly_in(b"syngo MR E11"));
    assert!(searcher.is_plainly_in(b"syngo TGFncmFuZ2V4 x"));
}

#[test]
fn disguises_are_found() {
    let searcher = searcher("Lagrange^Odette", "X");
    for text in ["TGFncmFuZ2U=", "eExhZ3Jhbmdl", "eHhMYWdyYW5nZQ==", "4c616772616e6765", "4C616772616E6765"] {
        assert!(searcher.is_in(text.as_bytes()), "{text}");
        assert!(searcher.is_disguised_in(text.as_bytes()), "{text}");
    }
    for text in [
        "JRQWO4TBNZTWK===",
        "syngo jrqwo4tbnztwk",
        "GRXWIZLUORSQ",
        "JUQE6ZDFOR2GKICMMFTXEYLOM5SQ",
        "76 97 103 114 97 110 103 101",
        "0x6f,0x64,0x65,0x74,0x74,0x65",
    ] {
        assert!(searcher.is_in(text.as_bytes()) && searcher.is_disguised_in(text.as_bytes()), "{text}");
        let binary = [b"\x01\x02\xFE\xFF\x80\x00\x00\x00\x03", text.as_bytes(), &[0; 40]].concat();
        assert!(searcher.is_in_binary(&binary), "{text}");
    }
    let utf16: Vec<u8> = "odette".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert!(searcher.is_in(&utf16));
    let mut zlib = flate2::write::ZlibEncoder::new(b"..".to_vec(), flate2::Compression::default());
    std::io::Write::write_all(&mut zlib, b"name = Lagrange").unwrap();
    assert!(searcher.is_in(&zlib.finish().unwrap()));
    assert!(!searcher.is_in(b"nothing to see"));
}

#[test]
fn escapes_are_disguises() {
    let searcher = searcher("Lagrange^Odette", "QZ48151623");
    for text in ["Lagr&#97;nge", "x &#x4f;dette", "%4C%61grange", "Lagr\\u0061nge", "QZ4815%31623"] {
        assert!(searcher.is_in(text.as_bytes()) && searcher.is_disguised_in(text.as_bytes()), "{text}");
    }
    for text in ["50% oxygen", "T1 &amp; T2", "%20%20", "Lagrange &amp; T2"] {
        assert!(!searcher.is_disguised_in(text.as_bytes()), "{text}");
    }
}

#[test]
fn what_cannot_be_searched_counts_as_found() {
    let blind = Searcher { automaton: None, blind: true, ..searcher("Doe^Jane", "4711") };
    assert!(blind.is_in(b"t1") && blind.is_in_binary(b"\x01\x02") && blind.is_plainly_in(b"MR"));
    assert!(blind.letters_are_in(b"1") && blind.long_numbers_are_in(b"1") && blind.is_disguised_in(b"t1"));
    assert_eq!(found(&blind, "t1 sag"), ["t1 sag"]);
    assert_eq!(crate::clean_text::clean("t1", &blind, &crate::clean_text::Rewriter::default()).text, "");
}

#[test]
fn needles_of_another_case_are_not_searched_twice() {
    let searcher = searcher("Lagrange^Odette", "AB-4711");
    let needles = searcher.patterns.len();
    assert_eq!(searcher.automaton.as_ref().map(Automaton::len), Some(needles));
    for text in ["LAGRANGE", "lagrange", "LaGrange", "ab4711", "o\0d\0E\0t\0t\0e\0"] {
        assert!(searcher.is_in(text.as_bytes()), "{text}");
    }
    let plain = |text: &str| searcher.find(text.as_bytes()).len();
    assert_eq!((plain("Lagrange"), plain("lagrange ODETTE")), (1, 2));
}

#[test]
fn ideographic_names_are_found_together() {
    let searcher = searcher("Wang^XiaoDong=王^小東", "X");
    assert!(searcher.is_in("王小東".as_bytes()));
    assert!(searcher.is_in("小東".as_bytes()));
    assert!(!searcher.is_in("小".as_bytes()));
}

#[test]
fn dates_are_found_in_common_forms() {
    let mut identifiers = Identifiers::default();
    identifiers.add_date(IdentifierKind::BirthDate, "19470812");
    let searcher = Searcher::new(&identifiers);
    for text in ["born 12.08.1947", "1947-08-12", "x19470812x", "08/12/1947"] {
        assert!(searcher.is_in(text.as_bytes()), "{text}");
    }
    assert!(
        searcher.is_in(b"19470812101530") && searcher.is_in(b"1947-08-12T10") && searcher.is_in(b"12AUG1947")
    );
    assert!(searcher.is_in(b"12.8.1947") && searcher.is_in(b"470812") && searcher.is_in(b"12.08.47"));
    assert!(!searcher.is_in(b"1194708123") && !searcher.is_in(b"4708123"));
}

#[test]
fn short_ids_are_found_as_people_write_them() {
    for (id, texts) in [
        ("S-012", &["S012_t1_mprage", "s-012 rest", "S 012", "S12 fmri", "s_12"][..]),
        ("P07", &["P-07 fMRI run1", "p07", "P_07"]),
        ("KLM-7", &["KLM7", "klm_7"]),
        ("KLM7", &["klm-7"]),
        ("HC-012", &["HC12 rest", "hc-12"]),
        ("PAT045", &["pat 45 T1", "PAT_045"]),
        ("PX-0048213-K", &["48213", "PX48213K", "px-48213-k", "PX0048213K"]),
    ] {
        let searcher = searcher("", id);
        for text in texts {
            assert!(searcher.is_in(text.as_bytes()), "{id} {text}");
        }
        for text in ["s1", "p7", "T1 12", "klm 70", "hc 120", "1S012", "482137", "xklm7"] {
            assert!(!searcher.is_in(text.as_bytes()), "{id} {text}");
        }
    }
}

#[test]
fn first_letters_of_parameters_are_no_initials() {
    let searcher = searcher("Schmidt^Thomas", "X1");
    for text in ["Schmidt_T1_mprage", "Schmidt T2 FLAIR"] {
        let found = searcher.find(text.as_bytes());
        assert!(found.len() == 1 && found[0].range == (0..7), "{text}");
    }
    assert_eq!(searcher.find(b"Schmidt_T sag")[0].range, 0..9);
}

#[test]
fn addresses_and_short_birth_dates_are_found() {
    let mut identifiers = Identifiers::default();
    identifiers.add_address("Quittenweg 12^^Oberzell^^88213^Germany");
    identifiers.add_address("tel:+49-751-555321;mailto:annili@mail.example");
    identifiers.add_date(IdentifierKind::BirthDate, "19620317");
    let searcher = Searcher::new(&identifiers);
    for text in [
        "quittenweg",
        "from OBERZELL",
        "annili@mail.example",
        "T1 annili",
        "88213",
        "170362",
        "031762",
        "17.3.62",
    ] {
        assert!(searcher.is_in(text.as_bytes()), "{text}");
    }
    for text in ["Germany", "1.170362", "0.031762", "1703621"] {
        assert!(!searcher.is_in(text.as_bytes()), "{text}");
    }
}

#[test]
fn short_names_stand_before_signs_of_several_bytes() {
    let searcher = searcher("Bell^Peter", "X");
    for text in ["Bell’s", "„Bell“", "Bell… T1", "T1—Bell—T2", "Bell\u{a0}T1"] {
        assert_eq!(searcher.find(text.as_bytes()).len(), 1, "{text}");
        assert!(searcher.is_in(text.as_bytes()), "{text}");
    }
    for bytes in [&b"Bell\x92s"[..], b"\x93Bell\x94"] {
        assert!(searcher.is_in(bytes));
    }
    for text in ["Bellé", "éBell", "Bellе\u{301}", "Bella", "umbell"] {
        assert!(!searcher.is_in(text.as_bytes()), "{text}");
    }
}

#[test]
fn identifiers_are_found_in_parts() {
    let mut identifiers = Identifiers::default();
    identifiers.add_name("Lagrange^Odette");
    identifiers.add_id("44719023");
    identifiers.add_date(IdentifierKind::BirthDate, "19610314");
    let searcher = Searcher::new(&identifiers);
    for text in [
        "447_190_23",
        "ep2d 44-719-023 b",
        "4 4 7 1 9 0 2 3",
        "44.719.023",
        "L_a_g_r_a_n_g_e",
        "Ode_tte",
        "Lagrange_Odette",
        "19_61_03_14",
        "6_1_0_3_1_4",
    ] {
        assert!(searcher.is_in(text.as_bytes()) && searcher.is_plainly_in(text.as_bytes()), "{text}");
        assert!(!searcher.is_in(&searcher.without(text.as_bytes())), "{text}");
    }
    for text in ["144_719_023", "447_190_234", "4 47 19 0", "447190.23 1", "X_1_1_4_1", "la_grande", "Odet"] {
        assert!(!searcher.is_in(text.as_bytes()) && !searcher.is_plainly_in(text.as_bytes()), "{text}");
    }
    // What lists are full of is nobody's number.
    let mut identifiers = Identifiers::default();
    identifiers.add_id("1000001");
    assert!(!Searcher::new(&identifiers).is_in(b"1 0 0 0 0 0 1 0"));
}

#[test]
fn birth_dates_are_found_in_two_bytes_a_letter() {
    let mut identifiers = Identifiers::default();
    identifiers.add_date(IdentifierKind::BirthDate, "19610314");
    let searcher = Searcher::new(&identifiers);
    for text in ["19610314", "14.03.1961", "1961-03-14"] {
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert!(searcher.is_in_binary(&little) && searcher.is_in_binary(&big), "{text}");
    }
}

#[test]
fn words_beside_each_other_are_no_name_where_readers_branch() {
    let searcher = searcher("Terrax^Magnetom", "X1");
    assert!(!searcher.is_plainly_in(b"Terra.X") && !searcher.is_plainly_in(b"Ter rax"));
    assert!(searcher.is_plainly_in(b"Ter_rax") && searcher.is_plainly_in(b"T e r r a x"));
    assert!(searcher.is_in(b"Ter rax"));
}

#[test]
fn ids_of_groups_are_found_with_any_signs_between() {
    let searcher = searcher("", "KH-0099-1234");
    for text in [
        "ax KH-0099 1234 T2",
        "KH 0099-1234",
        "kh_0099 - 1234",
        "0099-1234",
        "0099 1234",
        "00991234",
        "991234",
        "KH/0099.1234",
    ] {
        assert!(searcher.is_in(text.as_bytes()), "{text}");
        assert!(!searcher.is_in(&searcher.without(text.as_bytes())), "{text}");
    }
    for text in ["0099 12345", "991235", "KH-0099 T1", "1 0099-1234 5 6".replace("0099", "10099").as_str()] {
        assert!(!searcher.is_in(text.as_bytes()), "{text}");
    }
    // Words beside each other are no name because signs of two kinds are between them.
    let searcher = super::tests::searcher("Terrax^Ute", "X1");
    assert!(!searcher.is_in(b"T2 t er-rax x"));
}

#[test]
fn what_is_not_seen_hides_nobody() {
    let searcher = searcher("Brzezinski^Eva", "QZ48151623");
    for text in ["Brzez\u{200b}inski", "Brze\u{ad}zinski T1", "QZ4815\u{2060}1623", "e\u{200d}va"] {
        assert!(searcher.is_in(text.as_bytes()), "{text}");
    }
    assert!(!searcher.is_in("co\u{ad}ronal".as_bytes()));
    assert!(super::tests::searcher("Brzez\u{200b}inski", "").is_in(b"Brzezinski"));
}

#[test]
fn wide_letters_and_streams_without_header_are_disguises() {
    let searcher = searcher("Lagrange^Odette", "QZ48151623");
    let wide: Vec<u8> = "Lagrange".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    assert!(searcher.is_in_binary(&wide) && searcher.is_in_binary(&[&[1, 2, 3][..], &wide].concat()));
    assert!(
        searcher.is_in(b"TABhAGcAcgBhAG4AZwBlAA==") && searcher.is_disguised_in(b"TABhAGcAcgBhAG4AZwBlAA==")
    );
    let mut deflated = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut deflated, b"name: Lagrange").unwrap();
    let deflated = deflated.finish().unwrap();
    assert!(searcher.is_in_opaque(&deflated));
    assert!(searcher.is_in_opaque(&[&[16, 0, 0, 0][..], &deflated].concat()));
    assert!(!searcher.is_in_opaque(&[0xAB; 4000]) && !searcher.is_in_opaque(&[0; 4000]));
}

#[test]
fn names_in_a_wrong_character_set_are_found_byte_for_byte() {
    let name = b"\x8eR\x93c\x8c\xb4^\x91\xbe\x98Y\x8a\xdb";
    let mut identifiers = Identifiers::default();
    let latin = |bytes: &[u8]| bytes.iter().map(|&byte| char::from(byte)).collect::<String>();
    identifiers.add_name(&latin(name));
    identifiers.add_name_in_bytes(name, latin);
    identifiers.settle();
    let searcher = Searcher::new(&identifiers);
    assert!(searcher.is_in(b"T2 \x91\xbe\x98Y\x8a\xdb ax"));
    assert_eq!(searcher.without(b"T2 \x91\xbe\x98Y\x8a\xdb \x8eR\x93c\x8c\xb4"), b"T2 X X");
    assert!(!searcher.is_in(b"T2 \x91\xbe"));
}
