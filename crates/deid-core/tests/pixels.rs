//! What stands beside the pixels in their own element: comments in compressed pictures, bytes behind the last pixel.

mod common;

use deid_core::{Cause, Processed, Scratch, SessionFacts};
use deid_testkit::bytes::{Part10, explicit};

const JPEG: &str = "1.2.840.10008.1.2.4.70";
const NATIVE: &str = "1.2.840.10008.1.2.1";

/// An MR file of 4 times 4 pixels of two bytes with this element for them.
fn file(syntax: &str, pixels: Vec<u8>) -> Vec<u8> {
    let number = |tag: u32, value: u16| explicit(tag, "US", value.to_le_bytes());
    let data = [
        explicit(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.4\0"),
        explicit(0x0008_0018, "UI", "1.2.826.0.1.3680043.8.498.1\0"),
        explicit(0x0008_0060, "CS", "MR"),
        explicit(0x0010_0010, "PN", "Quaxley^Zebulon "),
        explicit(0x0010_0020, "LO", "ID471177"),
        explicit(0x0020_000D, "UI", "1.2.826.0.1.3680043.8.498.2\0"),
        explicit(0x0020_000E, "UI", "1.2.826.0.1.3680043.8.498.3\0"),
        number(0x0028_0002, 1),
        number(0x0028_0010, 4),
        number(0x0028_0011, 4),
        number(0x0028_0100, 16),
        pixels,
    ];
    Part10::new(syntax, data.concat()).bytes()
}

fn encapsulated(fragments: &[Vec<u8>]) -> Vec<u8> {
    let mut element = vec![0xE0, 0x7F, 0x10, 0, b'O', b'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF];
    for fragment in std::iter::once(&Vec::new()).chain(fragments) {
        let filled = fragment.len().next_multiple_of(2);
        element.extend([0xFE, 0xFF, 0x00, 0xE0]);
        element.extend((filled as u32).to_le_bytes());
        element.extend(fragment);
        element.resize(element.len() + filled - fragment.len(), 0);
    }
    element.extend([0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
    element
}

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    [&[0xFF, marker][..], &(body.len() as u16 + 2).to_be_bytes(), body].concat()
}

/// A picture with these segments before its scan, and these bytes behind its end.
fn jpeg(segments: &[Vec<u8>], behind: &[u8]) -> Vec<u8> {
    let scan = [&segment(0xDA, &[1, 1, 0, 1, 0, 0])[..], &[0x12, 0xFF, 0x00, 0x34, 0xFF, 0xD9]].concat();
    [&[0xFF, 0xD8][..], &segments.concat(), &scan, behind].concat()
}

fn jpeg_2000(comment: &[u8]) -> Vec<u8> {
    let size = segment(0x51, &[0; 40]);
    let text = segment(0x64, &[&[0, 1], comment].concat());
    [&[0xFF, 0x4F][..], &size, &text, &segment(0x90, &[0; 8]), &[0xFF, 0x93, 1, 2, 3, 0xFF, 0xD9]].concat()
}

fn process(profile: &str, file: &[u8]) -> (Option<Cause>, Vec<u8>) {
    let engine = common::engine(profile);
    let Processed { cause, head, body, .. } =
        engine.process(&mut &file[..], &SessionFacts::default(), &mut Scratch::default());
    (cause, common::output(head, body, file))
}

fn holds(bytes: &[u8], what: &str) -> bool {
    bytes.windows(what.len()).any(|window| window.eq_ignore_ascii_case(what.as_bytes()))
}

/// What comes behind the header of the pixels.
fn pixels_of(file: &[u8]) -> &[u8] {
    let at = file.windows(4).rposition(|tag| tag == [0xE0, 0x7F, 0x10, 0]).unwrap();
    &file[at..]
}

#[test]
fn comments_in_compressed_pictures_say_nothing_of_anybody() {
    let xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>Halvorsen</x:xmpmeta>";
    let box_of = |kind: &[u8; 4], content: &[u8]| {
        [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
    };
    let jp2 = [
        box_of(b"jP  ", &[0x0D, 0x0A, 0x87, 0x0A]),
        box_of(b"ftyp", b"jp2 \0\0\0\0jp2 "),
        box_of(b"xml ", b"<name>Halvorsen</name>"),
        box_of(b"jp2c", &jpeg_2000(b"Zebulon Quaxley")),
    ]
    .concat();
    let pictures = [
        jpeg(&[segment(0xFE, b"Patient: Zebulon Quaxley")], &[]),
        jpeg(&[segment(0xFE, b"ask Dr Halvorsen, 0171-5551234")], &[]),
        jpeg(&[segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"), segment(0xE1, xmp)], &[]),
        jpeg(&[segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08Halvorsen")], &[]),
        jpeg(&[segment(0xED, b"Photoshop 3.0\0Halvorsen")], &[]),
        jpeg(&[segment(0xE4, b"\x01\x02Quaxley")], &[]),
        jpeg(&[], b"Zebulon Quaxley"),
        b"Seen by Dr Halvorsen".to_vec(),
        jpeg(&[], b"Halvorsen"),
        jpeg_2000(b"Zebulon Quaxley"),
        jpeg_2000(b"Made for Dr Halvorsen"),
        jp2,
    ];
    for profile in ["basic", "neuro", "cati_collector"] {
        for (number, picture) in pictures.iter().enumerate() {
            // The second frame comes from a program that signs what it does.
            let own = jpeg(&[segment(0xFE, b"LEAD Technologies Inc. V1.01\0")], &[]);
            let original = file(JPEG, encapsulated(&[picture.clone(), own.clone()]));
            let (cause, output) = process(profile, &original);
            assert_eq!(cause, None);
            for word in ["quaxley", "zebulon", "halvorsen", "5551234"] {
                assert!(!holds(&output, word), "{profile} {number} {word}");
            }
            let (old, new) = (pixels_of(&original), pixels_of(&output));
            assert_eq!(old.len(), new.len(), "{number}");
            assert!(holds(new, "LEAD Technologies Inc. V1.01"));
            // Nothing but the comment differs: what is coded stays.
            let differ = old.iter().zip(new).filter(|(old, new)| old != new).count();
            assert!((7..=64).contains(&differ), "{number}: {differ}");
            // A second time there is nothing to do.
            let (_, again) = process(profile, &output);
            assert_eq!(pixels_of(&again), new, "{number}");
        }
    }
}

#[test]
fn pictures_without_such_comments_are_passed_through() {
    // A frame in two fragments, the first of which has a thumbnail with an end of its own.
    let whole = jpeg(&[segment(0xE0, &[b"JFXX\0\x10", &jpeg(&[], &[])[..]].concat())], &[]);
    let (first, second) = whole.split_at(whole.len() - 4);
    let pictures = [
        vec![jpeg(&[segment(0xEE, b"Adobe\0\0\0\0\0\0\0"), segment(0xE8, b"mrfx\x01\x02")], &[0])],
        vec![first.to_vec(), second.to_vec()],
        vec![
            jpeg_2000(b"Kakadu-v7.2.1"),
            jpeg_2000(b"Created by GDCM/OpenJPEG version 2.0"),
            vec![1, 2, 3, 4],
        ],
        // The mark of the end in a length of the main header and in tables between scans.
        {
            let coded: Vec<u8> = (0..3000_u32).map(|n| (n * n) as u8 & 0x7F).collect();
            let tile = [&segment(0x90, &[0, 0, 0, 0, 0xFF, 0xD9, 0, 1]), &[0xFF, 0x93][..], &coded].concat();
            vec![[&[0xFF, 0x4F][..], &segment(0x51, &[0; 40]), &tile].concat(), coded]
        },
        vec![
            [jpeg(&[], &segment(0xDD, &[0xFF, 0xD9])), segment(0xDA, &[1, 1, 0, 1, 0, 0]), vec![0x55; 900]]
                .concat(),
            vec![0x55; 700],
        ],
        vec![vec![0xFF, 0xD8, 0xFF, 0xFE, 0xFF, 0xFF], vec![0xFF, 0x4F, 0xFF, 0x51, 0, 1, 0, 0], vec![]],
    ];
    for (number, picture) in pictures.iter().enumerate() {
        let original = file(JPEG, encapsulated(picture));
        let (cause, output) = process("neuro", &original);
        assert_eq!(cause, None);
        assert_eq!(pixels_of(&output), pixels_of(&original), "{number}");
    }
}

#[test]
fn text_behind_the_last_pixel_is_overwritten() {
    let pixels = |behind: &[u8]| explicit(0x7FE0_0010, "OW", [&[7_u8; 32], behind].concat());
    for behind in [&b"Zebulon Quaxley "[..], b"\0\0\0\x01Quaxley\0", b"Dr Halvorsen, 0171 5551234"] {
        let original = file(NATIVE, pixels(behind));
        for profile in ["basic", "neuro"] {
            let (cause, output) = process(profile, &original);
            assert_eq!(cause, None);
            assert_eq!(pixels_of(&output)[12..44], [7; 32]);
            assert!(pixels_of(&output)[44..].iter().all(|&byte| byte == 0));
            assert_eq!(output.len() % 2, 0);
        }
    }
    // A frame more than is said, a mask, and what fills.
    let mask = [0x32; 400];
    let samples: Vec<u8> = (0..200_u16).flat_map(|n| n.wrapping_mul(331).to_le_bytes()).collect();
    for behind in [&[0; 8][..], &samples, &mask] {
        let original = file(NATIVE, pixels(behind));
        assert_eq!(pixels_of(&process("neuro", &original).1), pixels_of(&original));
    }
}

#[test]
fn fragments_of_other_transfer_syntaxes_are_no_pictures() {
    let exif = jpeg(&[segment(0xE1, b"Exif\0\0Halvorsen")], &[]);
    for (syntax, changed) in
        [(JPEG, true), ("1.2.840.10008.1.2.1.98", false), ("1.2.840.10008.1.2.4.102", false)]
    {
        let original = file(syntax, encapsulated(std::slice::from_ref(&exif)));
        let output = process("basic", &original).1;
        assert_eq!(pixels_of(&output) != pixels_of(&original), changed, "{syntax}");
    }
}

/// A frame whose fragments are cut at these places.
fn cut(frame: &[u8], at: &[usize]) -> Vec<Vec<u8>> {
    let ends = at.iter().copied().chain([frame.len()]);
    let mut start = 0;
    ends.map(|end| frame[std::mem::replace(&mut start, end)..end].to_vec()).collect()
}

/// Output of these fragments without a word of the comments, and how many bytes of the pixels changed.
fn changed(syntax: &str, fragments: &[Vec<u8>]) -> usize {
    let original = file(syntax, encapsulated(fragments));
    let (cause, output) = process("neuro", &original);
    assert_eq!(cause, None);
    for word in ["quaxley", "zebulon", "halvorsen", "5551234"] {
        assert!(!holds(&output, word), "{word}");
    }
    assert_eq!(pixels_of(&process("neuro", &output).1), pixels_of(&output));
    pixels_of(&original).iter().zip(pixels_of(&output)).filter(|(old, new)| old != new).count()
}

#[test]
fn comments_over_two_fragments_go() {
    let exif = jpeg(&[segment(0xE1, &[&b"Exif\0\0"[..], &b"Halvorsen ".repeat(20)].concat())], &[]);
    let comment = jpeg_2000(&b"Halvorsen ".repeat(20));
    for (frame, places) in
        [(&exif, &[100][..]), (&comment, &[120]), (&exif, &[20, 30, 180]), (&comment, &[60, 90])]
    {
        assert!((180..=186).contains(&changed(JPEG, &cut(frame, places))));
    }
    // A length that reaches into the next picture.
    let torn = [&[0xFF, 0xD8, 0xFF, 0xFE, 0x10, 0x00][..], b"Dr Halvorsen"].concat();
    let whole = jpeg(&[segment(0xFE, b"LEAD Technologies")], &[]);
    assert_eq!(changed(JPEG, &[torn, whole]), 11);
}

#[test]
fn comments_between_scans_and_in_later_pictures_go() {
    let sos = segment(0xDA, &[1, 1, 0, 1, 0, 0]);
    // Stuffed bytes, restarts and bytes that fill; what looks like a marker in JPEG-LS is none.
    let coded = [0x12, 0xFF, 0x00, 0x34, 0xFF, 0xD3, 0x56, 0xFF, 0x7E, 0x78, 0xFF, 0x64, 0x11, 0xFF];
    let comment = segment(0xFE, b"Dr Halvorsen, 0171-5551234");
    let note = segment(0xE5, b"seen by Dr Halvorsen on Monday");
    let scans = |between: &[u8]| {
        [
            &[0xFF, 0xD8][..],
            &segment(0xC2, &[8; 11]),
            &sos,
            &coded,
            between,
            &sos,
            &coded[..13],
            &[0xFF, 0xD9],
        ]
        .concat()
    };
    let plain = scans(&segment(0xC4, &[0x11; 30]));
    assert_eq!(changed(JPEG, std::slice::from_ref(&plain)), 0);
    for syntax in [JPEG, "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"] {
        for between in [&comment, &note] {
            let frame = scans(between);
            let signs = between.iter().skip(4).filter(|byte| **byte != b' ').count();
            assert_eq!(changed(syntax, std::slice::from_ref(&frame)), signs);
            for place in [4, 20, 30, 40, 42, 44, 46, 60, frame.len() / 2 * 2 - 2] {
                assert_eq!(changed(syntax, &cut(&frame, &[place])), signs, "{place}");
            }
            // A second picture in the same fragment, and behind one that has no end.
            assert_eq!(changed(syntax, &[[&plain[..], &frame].concat()]), signs);
            assert_eq!(changed(syntax, &[plain[..plain.len() - 2].to_vec(), frame]), signs);
        }
    }
}

#[test]
fn comments_in_parts_of_tiles_go() {
    // High throughput JPEG 2000 has the same syntax.
    let comment = segment(0x64, b"\0\x01Dr Halvorsen, 0171-5551234");
    let part = |header: &[u8], coded: &[u8], known: bool| {
        let length = if known { 12 + header.len() + 2 + coded.len() } else { 0 };
        let start = [&[0, 0][..], &(length as u32).to_be_bytes(), &[0, 1]].concat();
        [&segment(0x90, &start), header, &[0xFF, 0x93], coded].concat()
    };
    // What looks like a comment is coded.
    let coded = [1, 2, 0xFF, 0x64, 0, 9, 0xFF, 0x91, 0, 4, 0, 0, 7, 8, 0xFF];
    for syntax in ["1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.201"] {
        for known in [true, false] {
            let coded = if known { &coded[..] } else { &coded[..14] };
            let whole = [
                &[0xFF, 0x4F][..],
                &segment(0x51, &[0; 40]),
                &part(&[], coded, true),
                &part(&comment, coded, known),
                &[0xFF, 0xD9],
            ]
            .concat();
            assert_eq!(changed(syntax, std::slice::from_ref(&whole)), 24, "{syntax} {known}");
            for place in [60, 80, 96, 100, 120] {
                assert_eq!(changed(syntax, &cut(&whole, &[place])), 24, "{place}");
            }
        }
    }
}

#[test]
fn boxes_of_containers_go() {
    let box_of = |kind: &[u8; 4], content: &[u8]| {
        [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
    };
    let coded: Vec<u8> = (0..200_u32).map(|n| (n * n * 31) as u8 | 0x80).collect();
    let jxl = |other: &[u8]| {
        [
            &box_of(b"JXL ", &[0x0D, 0x0A, 0x87, 0x0A])[..],
            &box_of(b"ftyp", b"jxl \0\0\0\0jxl "),
            other,
            &box_of(b"jxlc", &[&[0xFF, 0x0A], &coded[..]].concat()),
        ]
        .concat()
    };
    let syntax = "1.2.840.10008.1.2.4.110";
    assert_eq!(changed(syntax, &[jxl(&[])]), 0);
    for kind in [b"Exif", b"xml ", b"brob", b"jbrd", b"jumb", b"uuid", b"zzzz"] {
        let other = box_of(kind, b"Halvorsen,5551234");
        assert!((17..=21).contains(&changed(syntax, &[jxl(&other)])));
        assert!((17..=21).contains(&changed(syntax, &[[&jxl(&[])[..], &other].concat()])));
        assert!((17..=21).contains(&changed(syntax, &cut(&jxl(&other), &[40]))));
    }
    let header = box_of(b"jp2h", &[box_of(b"ihdr", &[0; 14]), box_of(b"lbl ", b"Dr Halvorsen")].concat());
    let jp2 =
        [box_of(b"jP  ", &[0x0D, 0x0A, 0x87, 0x0A]), header, box_of(b"jp2c", &jpeg_2000(b"x"))].concat();
    assert_eq!(changed("1.2.840.10008.1.2.4.90", &[jp2]), 11);
}

/// Where nobody can tell what is coded, texts go.
#[test]
fn what_cannot_be_taken_apart_holds_no_text() {
    let coded: Vec<u8> = (0..400_u32).map(|n| (n * n * 31) as u8 | 0x80).collect();
    let text = b"Seen by Dr Halvorsen 0171-5551234";
    for start in
        [&[0xFF, 0xD8, 0xFF, 0x10, 0, 0][..], &[0xFF, 0x4F, 0xFF, 0x93], &[0xFF, 0x0A], &[1, 2, 3, 4]]
    {
        assert_eq!(changed(JPEG, &[[start, &coded, text, &coded].concat()]), text.len());
    }
    // A picture behind a text stays.
    let picture = [&text[..], &jpeg(&[segment(0xFE, b"LEAD Technologies")], &[])].concat();
    assert_eq!(changed(JPEG, &[picture]), text.len());
    let pixels = encapsulated(&[jpeg(&[], &[])]);
    let mut offsets = pixels[..12].to_vec();
    offsets.extend([0xFE, 0xFF, 0x00, 0xE0, 16, 0, 0, 0]);
    offsets.extend(b"Halvorsen,Ingrid");
    offsets.extend(&pixels[20..]);
    assert!(!holds(&process("neuro", &file(JPEG, offsets)).1, "halvorsen"));
}
