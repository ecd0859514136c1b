//! De-identified, with the originals sealed, and back again: the same data set.
#![allow(clippy::print_stdout, reason = "says when there are no real files, and what came of them")]

mod common;

use common::{engine, output};
use deid_core::{Engine, Open, OpenError, ReidentifyError, Scratch, Seal, SessionFacts, reidentify};
use deid_dicom::{Encoding, Faults, Kind, NodeIndex, ROOT, Tag, Tree, Vr, deflate, encode, open, walk};
use deid_testkit::gallery::gallery;
use deid_testkit::real::real_files;
use deid_testkit::study::{Subject, mr_instance};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const LIMIT: usize = 1 << 28;

/// No cipher: bytes that show nothing at a glance. Real ones are tested where they are.
#[derive(Debug)]
struct Mask(u8);

impl Seal for Mask {
    fn seal(&self, plaintext: &[u8]) -> Option<Vec<u8>> {
        let length = (plaintext.len() as u32).to_le_bytes();
        Some([self.0].into_iter().chain(length).chain(plaintext.iter().map(|byte| byte ^ self.0)).collect())
    }
}

impl Open for Mask {
    fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        let (mask, rest) = sealed.split_first().ok_or(OpenError::Damaged)?;
        let (length, rest) = rest.split_first_chunk().ok_or(OpenError::Damaged)?;
        if *mask != self.0 {
            return Err(OpenError::NotARecipient);
        }
        let content = rest.get(..u32::from_le_bytes(*length) as usize).ok_or(OpenError::Damaged)?;
        Ok(content.iter().map(|byte| byte ^ self.0).collect())
    }
}

#[derive(Debug)]
struct Unable;

impl Seal for Unable {
    fn seal(&self, _: &[u8]) -> Option<Vec<u8>> {
        None
    }
}

fn reversible(profile: &str) -> Engine {
    engine(profile).with_seal(Some(Arc::new(Mask(0x5A))))
}

/// The de-identified file with its originals, and how many were left out; `None` if it is not written.
fn de_identified(engine: &Engine, scratch: &mut Scratch, file: &[u8]) -> Option<(Vec<u8>, u64)> {
    let done = engine.process(&mut &file[..], &SessionFacts::default(), scratch);
    assert_ne!(done.cause, Some(deid_core::Cause::EditFailed));
    if done.cause.is_some() {
        return None;
    }
    assert!(done.facts.remarks.contains(&"reversible"));
    Some((output(done.head, done.body, file), done.facts.originals_left_out))
}

fn back(file: &[u8]) -> Result<(Vec<u8>, usize), ReidentifyError> {
    let done = reidentify(&mut &file[..], &Mask(0x5A), LIMIT)?;
    Ok((output(done.head, done.body, file), done.left_out))
}

fn read(file: &[u8]) -> (Vec<u8>, Tree) {
    let layout = open(&mut &file[..]).unwrap();
    let start = layout.data_set as usize;
    let data = if layout.deflated {
        deflate::inflate(&file[start..], LIMIT, &mut Faults::default()).unwrap()
    } else {
        file[start..].to_vec()
    };
    let mut tree = Tree::default();
    walk(&mut &data[..], 0, layout.encoding, &mut tree);
    (data, tree)
}

/// Elements by their tags and depths, with their values without what a repair may add at the end.
type Elements<'a> = Vec<(Tag, Kind, u32, &'a [u8])>;

/// What stands at top level, by tag: originals that were removed come back where their tag belongs.
fn elements<'a>(data: &'a [u8], tree: &Tree) -> BTreeMap<Tag, Elements<'a>> {
    let mut found: BTreeMap<Tag, Elements<'a>> = BTreeMap::new();
    for top in tree.children(ROOT) {
        let inside = (top..tree.node(top).next).map(|index| {
            let node = tree.node(index);
            let value = &data[node.value_start() as usize..node.value_end() as usize];
            let value = if node.is_container() { &[] } else { deid_dicom::value::trim(value) };
            (node.tag, node.kind, node.next - index, value)
        });
        found.entry(tree.node(top).tag).or_default().extend(inside);
    }
    found
}

/// Tags at top level that differ.
fn differing(before: &[u8], after: &[u8]) -> Vec<Tag> {
    let (old, old_tree) = read(before);
    let (new, new_tree) = read(after);
    let (old, new) = (elements(&old, &old_tree), elements(&new, &new_tree));
    let all: BTreeSet<Tag> = old.keys().chain(new.keys()).copied().collect();
    all.into_iter().filter(|tag| old.get(tag) != new.get(tag)).collect()
}

/// What comes of a file: `true` if the data set is the same byte for byte.
fn round_trip(engine: &Engine, scratch: &mut Scratch, name: &str, file: &[u8]) -> Option<(bool, usize)> {
    let (sealed, left_out) = de_identified(engine, scratch, file)?;
    let (restored, reported) = back(&sealed).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(left_out, reported as u64, "{name}");
    let differing = differing(file, &restored);
    assert!(differing.len() <= reported, "{name}: {differing:?}");
    Some((read(file).0 == read(&restored).0, reported))
}

#[test]
fn each_file_of_the_gallery_comes_back() {
    for profile in ["basic", "default", "cati_collector"] {
        let engine = reversible(profile);
        let mut scratch = Scratch::default();
        let (mut written, mut same) = (0, 0);
        for case in gallery() {
            if let Some((identical, left_out)) = round_trip(&engine, &mut scratch, case.name, &case.bytes) {
                written += 1;
                same += usize::from(identical);
                assert_eq!(left_out, 0, "{}", case.name);
                if !identical {
                    println!("{profile}: not byte for byte: {}", case.name);
                }
            }
        }
        println!("{profile}: {same} of {written} byte for byte");
        assert!(written > 0 && same * 2 > written);
    }
}

#[test]
fn nothing_of_the_originals_shows_and_marks_stay() {
    let file = mr_instance(&Subject::default());
    let plain = engine("basic").process(&mut &file[..], &SessionFacts::default(), &mut Scratch::default());
    let plain = output(plain.head, plain.body, &file);
    let (sealed, _) = de_identified(&reversible("basic"), &mut Scratch::default(), &file).unwrap();
    let sequence = Tag::new(0x0400, 0x0500);
    let (old, old_tree) = read(&plain);
    let (new, new_tree) = read(&sealed);
    assert!(new_tree.find(ROOT, sequence).is_some());
    let mut new = elements(&new, &new_tree);
    new.remove(&sequence);
    assert_eq!(elements(&old, &old_tree), new);
}

#[test]
fn what_was_sealed_is_a_data_set_with_one_item() {
    let file = mr_instance(&Subject::default());
    let (sealed, _) = de_identified(&reversible("basic"), &mut Scratch::default(), &file).unwrap();
    let (data, tree) = read(&sealed);
    let item = tree.find(ROOT, Tag::new(0x0400, 0x0500)).unwrap() + 1;
    let value = |index: NodeIndex| {
        let node = tree.node(index);
        &data[node.value_start() as usize..node.value_end() as usize]
    };
    let syntax = value(tree.find(item, Tag::new(0x0400, 0x0510)).unwrap());
    assert_eq!(syntax, b"1.2.840.10008.1.2.1\0");
    let content = Mask(0x5A).open(value(tree.find(item, Tag::new(0x0400, 0x0520)).unwrap())).unwrap();
    let mut inside = Tree::default();
    walk(&mut &content[..], 0, Encoding::ExplicitLittle, &mut inside);
    let modified = inside.find(ROOT, Tag::new(0x0400, 0x0550)).unwrap();
    assert_eq!(inside.children(modified).count(), 1);
    let name = inside.find(modified + 1, Tag::new(0x0010, 0x0010)).unwrap();
    let node = inside.node(name);
    let original = &content[node.value_start() as usize..node.value_end() as usize];
    let (old, old_tree) = read(&file);
    let node = old_tree.node(old_tree.find(ROOT, Tag::new(0x0010, 0x0010)).unwrap());
    assert_eq!(original, &old[node.value_start() as usize..node.value_end() as usize]);
}

#[test]
fn sealed_twice_is_opened_twice() {
    let file = mr_instance(&Subject::default());
    let engine = reversible("default");
    let once = de_identified(&engine, &mut Scratch::default(), &file).unwrap().0;
    let twice = de_identified(&engine, &mut Scratch::default(), &once).unwrap().0;
    let (first, _) = back(&twice).unwrap();
    assert_eq!(read(&first).0, read(&once).0);
    assert_eq!(read(&back(&first).unwrap().0).0, read(&file).0);
}

#[test]
fn large_values_are_counted_and_not_copied() {
    let mut data = Vec::new();
    let mut add = |tag: u32, vr: Vr, value: &[u8]| {
        encode::element(&mut data, Encoding::ExplicitLittle, Tag(tag), vr, value).unwrap();
    };
    add(0x0008_0016, Vr::UI, b"1.2.840.10008.5.1.4.1.1.4");
    add(0x0008_0018, Vr::UI, b"1.2.3.4");
    add(0x0008_0060, Vr::CS, b"MR");
    add(0x0010_0010, Vr::PN, b"Doe^Jane");
    add(0x0010_0020, Vr::LO, b"4711");
    add(0x0029_0010, Vr::LO, b"SOMEBODY");
    add(0x0029_1001, Vr::OB, &vec![1; (1 << 20) + 2]);
    let (sealed, left_out) = de_identified(&reversible("basic"), &mut Scratch::default(), &data).unwrap();
    assert_eq!(left_out, 1);
    assert!(sealed.len() < 10_000);
    let (restored, reported) = back(&sealed).unwrap();
    assert_eq!(reported, 1);
    assert_eq!(differing(&data, &restored), [Tag::new(0x0029, 0x1001)]);
}

#[test]
fn failures_are_told_apart() {
    let file = mr_instance(&Subject::default());
    assert_eq!(back(&file).unwrap_err(), ReidentifyError::NotReversible);
    assert_eq!(back(b"no DICOM").unwrap_err(), ReidentifyError::NotDicom);
    let sealed = de_identified(&reversible("basic"), &mut Scratch::default(), &file).unwrap().0;
    let wrong = reidentify(&mut &sealed[..], &Mask(1), LIMIT).unwrap_err();
    assert_eq!(wrong, ReidentifyError::NotARecipient);
    // Any byte of what is sealed: the hash notices it, or the data set cannot be read.
    let (data, tree) = read(&sealed);
    let item = tree.find(ROOT, Tag::new(0x0400, 0x0500)).unwrap() + 1;
    let node = tree.node(tree.find(item, Tag::new(0x0400, 0x0520)).unwrap());
    let offset = sealed.len() - data.len();
    for place in (node.value_start() as usize + 1..node.value_end() as usize - 1).step_by(7) {
        let mut damaged = sealed.clone();
        damaged[offset + place] ^= 0x11;
        match back(&damaged) {
            Err(error) => assert_eq!(error, ReidentifyError::Damaged, "byte {place}"),
            // The header of the hash itself has bytes that say nothing.
            Ok((restored, _)) => assert_eq!(read(&restored).0, read(&file).0, "byte {place}"),
        }
    }
    let engine = engine("basic").with_seal(Some(Arc::new(Unable)));
    let done = engine.process(&mut &file[..], &SessionFacts::default(), &mut Scratch::default());
    assert_eq!(done.cause, Some(deid_core::Cause::EditFailed));
}

/// All real files beside the project, if they are there.
#[test]
fn real_files_come_back() {
    let Some(files) = real_files() else { return };
    for profile in ["basic", "default", "cati_collector"] {
        let engine = reversible(profile);
        let mut scratch = Scratch::default();
        let (mut written, mut same, mut partly) = (0, 0, 0);
        for path in &files {
            let file = std::fs::read(path).unwrap();
            let name = path.to_string_lossy();
            if let Some((identical, left_out)) = round_trip(&engine, &mut scratch, &name, &file) {
                written += 1;
                same += u32::from(identical);
                partly += u32::from(left_out > 0);
                if !identical && left_out == 0 {
                    println!("{profile}: not byte for byte: {name}");
                }
            }
        }
        println!("{profile}: {written} came back, {same} byte for byte, {partly} without large values");
        assert!(written > 300);
    }
}

#[test]
fn originals_of_one_file_are_not_put_into_another() {
    let engine = reversible("basic");
    let sealed = |instance_uid: &str| {
        let subject = Subject { instance_uid: instance_uid.to_owned(), ..Subject::default() };
        de_identified(&engine, &mut Scratch::default(), &mr_instance(&subject)).unwrap().0
    };
    let content = |file: &[u8]| {
        let (data, tree) = read(file);
        let sequence = *tree.node(tree.find(ROOT, Tag::new(0x0400, 0x0500)).unwrap());
        data[sequence.start as usize..sequence.end as usize].to_vec()
    };
    let (first, second) = (sealed("1.2.276.0.99.1.1"), sealed("1.2.276.0.99.1.2"));
    let (of_first, of_second) = (content(&first), content(&second));
    let at = second.windows(of_second.len()).position(|window| window == of_second).unwrap();
    let mixed = [&second[..at], &of_first, &second[at + of_second.len()..]].concat();
    assert!(back(&first).is_ok() && back(&second).is_ok());
    assert_eq!(back(&mixed).map(|_| ()), Err(ReidentifyError::OtherInstance));
}
