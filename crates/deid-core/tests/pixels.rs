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

/// What does not end in its fragment goes as far as that reaches.
#[test]
fn comments_over_two_fragments_go() {
    let exif = jpeg(&[segment(0xE1, &[&b"Exif\0\0"[..], &b"Halvorsen ".repeat(20)].concat())], &[]);
    let (first, second) = exif.split_at(100);
    let output = process("neuro", &file(JPEG, encapsulated(&[first.to_vec(), second.to_vec()]))).1;
    assert!(!holds(&pixels_of(&output)[..100], "halvorsen"));
    let comment = jpeg_2000(&b"Halvorsen ".repeat(20));
    let (first, second) = comment.split_at(120);
    let output = process("neuro", &file(JPEG, encapsulated(&[first.to_vec(), second.to_vec()]))).1;
    assert!(!holds(&pixels_of(&output)[..120], "halvorsen"));
}
