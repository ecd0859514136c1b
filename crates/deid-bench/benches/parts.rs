//! The parts of a run, one by one, on bytes in memory: `cargo bench -p deid-bench`.

use deid_core::{Scratch, SessionFacts};
use deid_dicom::{Change, Edits, Kind, Spliced, Tree, Vr, charset::CharacterSet, open, splice, walk};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// The inputs by name.
const FILES: [&str; 3] = ["classic", "enhanced of 1000 frames", "8000 small elements"];

fn file(name: &str) -> Vec<u8> {
    match name {
        "classic" => deid_bench::classic(1),
        "enhanced of 1000 frames" => deid_bench::enhanced(1000),
        _ => deid_bench::small_elements(1000),
    }
}

fn tree(bytes: &[u8]) -> Tree {
    let mut tree = Tree::default();
    walk_into(bytes, &mut tree);
    tree
}

fn walk_into(bytes: &[u8], tree: &mut Tree) {
    let mut source = bytes;
    let layout = open(&mut source).expect("it is DICOM");
    walk(&mut source, layout.data_set, layout.encoding, tree);
}

/// Bytes to spans.
#[divan::bench(args = FILES, name = "walk")]
fn walk_bytes(bencher: Bencher<'_, '_>, name: &str) {
    let bytes = file(name);
    let mut tree = Tree::default();
    bencher.bench_local(|| walk_into(black_box(&bytes), &mut tree));
}

/// All decisions: walk, classify, plan and apply, but nothing written.
#[divan::bench(args = FILES, consts = [0, 1, 2], name = "plan (0 basic, 1 cati_collector, 2 neuro)")]
fn plan<const PROFILE: usize>(bencher: Bencher<'_, '_>, name: &str) {
    let engine = deid_bench::engine(["basic", "cati_collector", "neuro"][PROFILE]);
    let (session, mut scratch) = (SessionFacts::default(), Scratch::default());
    let bytes = file(name);
    bencher.bench_local(|| {
        let processed = engine.process(&mut black_box(&bytes[..]), &session, &mut scratch);
        assert!(processed.cause.is_none());
        processed
    });
}

/// Edits to pieces: every date, UID and long string is replaced, and every fifth private element removed.
#[divan::bench(args = FILES, name = "splice")]
fn splice_edits(bencher: Bencher<'_, '_>, name: &str) {
    let bytes = file(name);
    let tree = tree(&bytes);
    let mut edits = Edits::default();
    for (index, node) in tree.nodes.iter().enumerate().filter(|(_, node)| node.kind == Kind::Element) {
        let change = match node.vr {
            Vr::DA | Vr::DT | Vr::LO => Change::Value(node.vr, b"20000101".to_vec()),
            Vr::UI => Change::Value(node.vr, b"2.25.1234567890".to_vec()),
            _ if node.tag.group() % 2 == 1 && index % 5 == 0 => Change::Remove,
            _ => continue,
        };
        edits.changes.push((index as u32, change));
    }
    let mut out = Spliced::default();
    bencher.bench_local(|| {
        splice(&tree, bytes.len() as u64, &edits, &mut out).expect("short values");
        black_box(&out);
    });
}

/// Texts in the character sets that are met most.
#[divan::bench(args = ["ISO_IR 6", "ISO_IR 100", "ISO_IR 192", "\\ISO 2022 IR 87", "GB18030"])]
fn charset(bencher: Bencher<'_, '_>, name: &str) {
    let set = CharacterSet::parse(name.as_bytes());
    let value: &[u8] = match name {
        "ISO_IR 6" => b"Yamada^Tarou",
        "ISO_IR 100" => b"M\xfcller^Andr\xe9",
        "ISO_IR 192" => "Müller^André=山田^太郎".as_bytes(),
        "GB18030" => b"Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab=",
        _ => b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B",
    };
    let values = vec![value; 1000];
    bencher
        .counter(BytesCount::new(1000 * value.len()))
        .bench_local(|| values.iter().map(|value| black_box(&set).decode(value).len()).sum::<usize>());
}

/// Says what the judge of a profile that keeps texts would say, at no cost.
struct Lenient;

impl deid_vendor::Judge for Lenient {
    fn text(&self, text: &str) -> String {
        text.to_owned()
    }
    fn identifies(&self, _: &[u8]) -> bool {
        false
    }
    fn uid(&self, _: &str) -> String {
        "2.25.1".to_owned()
    }
    fn date(&self, _: &str) -> Option<String> {
        None
    }
}

/// CSA headers, parsed, judged, written and read again.
#[divan::bench(args = ["image header", "series header with its protocol"])]
fn csa(bencher: Bencher<'_, '_>, name: &str) {
    let header =
        if name == "image header" { deid_bench::image_header(1) } else { deid_bench::series_header() };
    bencher
        .counter(BytesCount::new(header.len()))
        .bench_local(|| deid_vendor::csa::clean(black_box(&header), &Lenient));
}
