//! Archives that are whole, damaged or hostile, written here byte by byte or with the crates.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;

const KINDS: [(ArchiveKind, &str); 6] = [
    (ArchiveKind::Zip, "x.zip"),
    (ArchiveKind::Tar, "x.tar"),
    (ArchiveKind::TarGz, "x.tar.gz"),
    (ArchiveKind::TarBz2, "x.tar.bz2"),
    (ArchiveKind::TarXz, "x.tar.xz"),
    (ArchiveKind::TarZst, "x.tar.zst"),
];

/// What a visitor made of a member: its path or refusal, and its bytes or the kind of error.
type Seen = (String, Result<Vec<u8>, io::ErrorKind>);

fn collect(path: &Path, kind: ArchiveKind, limits: &Limits) -> (Vec<Seen>, Result<(), ArchiveError>) {
    let mut found = Vec::new();
    let result = read(path, kind, limits, &mut |member| {
        assert_eq!(member.ordinal, found.len() as u64 + 1);
        let what = match member.kind {
            MemberKind::File => member.path.iter().collect::<PathBuf>().display().to_string(),
            MemberKind::Refused(refusal) => {
                assert!(member.path.is_empty());
                format!("{refusal:?}")
            }
        };
        let mut bytes = Vec::new();
        let read = member.data.read_to_end(&mut bytes);
        found.push((what, read.map(|_| bytes).map_err(|error| error.kind())));
        ControlFlow::Continue(())
    });
    (found, result)
}

/// The members of an archive in which nothing is wrong as a whole.
fn members(bytes: &[u8], kind: ArchiveKind) -> Vec<Seen> {
    let dir = tempfile::tempdir().unwrap();
    let path = file(&dir, bytes);
    let (found, result) = collect(&path, kind, &Limits::default());
    result.unwrap();
    found
}

fn names(bytes: &[u8], kind: ArchiveKind) -> Vec<String> {
    members(bytes, kind).into_iter().map(|(name, _)| name).collect()
}

fn fails(bytes: &[u8], kind: ArchiveKind) -> (Vec<Seen>, ArchiveError) {
    let dir = tempfile::tempdir().unwrap();
    let (found, result) = collect(&file(&dir, bytes), kind, &Limits::default());
    (found, result.unwrap_err())
}

fn file(dir: &TempDir, bytes: &[u8]) -> PathBuf {
    let path = dir.path().join("archive");
    fs::write(&path, bytes).unwrap();
    path
}

fn written(kind: ArchiveKind, files: &[(&str, &[u8])]) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out");
    let mut writer = ArchiveWriter::create(kind, File::create_new(&path).unwrap()).unwrap();
    for (name, bytes) in files {
        writer.append(name, &mut &**bytes, bytes.len() as u64).unwrap();
    }
    let file = writer.finish().unwrap();
    let bytes = fs::read(path).unwrap();
    assert_eq!(file.metadata().unwrap().len(), bytes.len() as u64);
    bytes
}

fn sniffed(bytes: &[u8]) -> Sniffed {
    let dir = tempfile::tempdir().unwrap();
    sniff(&file(&dir, bytes)).unwrap()
}

/// Bytes that do not compress.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1du64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    })
    .take(length)
    .collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn compress(compression: Compression, bytes: &[u8]) -> Vec<u8> {
    match compression {
        Compression::Gzip => gzip(bytes),
        Compression::Bzip2 => {
            let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Xz => {
            let options = lzma_rust2::XzOptions::with_preset(0);
            let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Zstd => {
            let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
            encoder.include_checksum(true).unwrap();
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
    }
}

const COMPRESSIONS: [(Compression, ArchiveKind); 4] = [
    (Compression::Gzip, ArchiveKind::TarGz),
    (Compression::Bzip2, ArchiveKind::TarBz2),
    (Compression::Xz, ArchiveKind::TarXz),
    (Compression::Zstd, ArchiveKind::TarZst),
];

/// A header of a tar, ustar, with its checksum.
fn header(name: &[u8], flag: u8, size: u64) -> Vec<u8> {
    let mut block = vec![0u8; BLOCK];
    block[..name.len()].copy_from_slice(name);
    block[100..108].copy_from_slice(b"0000644\0");
    block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    block[136..148].copy_from_slice(b"00000000000\0");
    block[156] = flag;
    block[257..265].copy_from_slice(b"ustar\x0000");
    seal(&mut block);
    block
}

fn seal(block: &mut [u8]) {
    block[148..156].fill(b' ');
    let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

fn entry(name: &[u8], flag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = header(name, flag, content.len() as u64);
    bytes.extend_from_slice(content);
    bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    bytes
}

fn tarball(entries: &[Vec<u8>]) -> Vec<u8> {
    [entries.concat(), vec![0; 2 * BLOCK]].concat()
}

fn pax(records: &[(&str, &str)]) -> Vec<u8> {
    let mut content = String::new();
    for (key, value) in records {
        let rest = format!(" {key}={value}\n");
        let length = (1..9999).find(|n: &usize| n.to_string().len() + rest.len() == *n).unwrap();
        content += &length.to_string();
        content += &rest;
    }
    entry(b"pax", b'x', content.as_bytes())
}

/// A member of a zip made by hand; the fields are what its headers say.
#[derive(Clone)]
struct ZipMember {
    name: Vec<u8>,
    local_name: Option<Vec<u8>>,
    content: Vec<u8>,
    host: u8,
    flags: u16,
    method: u16,
    attributes: u32,
    size: u32,
    crc: u32,
    offset: Option<u32>,
}

fn member(name: &str, content: &[u8]) -> ZipMember {
    let mut crc = flate2::Crc::new();
    crc.update(content);
    ZipMember {
        name: name.into(),
        local_name: None,
        content: content.to_vec(),
        host: 3,
        flags: 0,
        method: 0,
        attributes: 0o100_644 << 16,
        size: content.len() as u32,
        crc: crc.sum(),
        offset: None,
    }
}

fn zipped(members: &[ZipMember]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for member in members {
        let common = [
            &20u16.to_le_bytes()[..],
            &member.flags.to_le_bytes(),
            &member.method.to_le_bytes(),
            &[0; 4],
            &member.crc.to_le_bytes(),
            &(member.content.len() as u32).to_le_bytes(),
            &member.size.to_le_bytes(),
        ]
        .concat();
        let lengths = |name: &[u8]| [&(name.len() as u16).to_le_bytes()[..], &[0, 0]].concat();
        let local_name = member.local_name.as_ref().unwrap_or(&member.name);
        let offset = member.offset.unwrap_or(out.len() as u32);
        out.extend([b"PK\x03\x04", &common[..], &lengths(local_name), local_name, &member.content].concat());
        directory.extend(
            [
                b"PK\x01\x02",
                &[20, member.host][..],
                &common,
                &lengths(&member.name),
                &[0; 6],
                &member.attributes.to_le_bytes(),
                &offset.to_le_bytes(),
                &member.name,
            ]
            .concat(),
        );
    }
    let count = (members.len() as u16).to_le_bytes();
    let end = [
        b"PK\x05\x06\0\0\0\0",
        &count[..],
        &count,
        &(directory.len() as u32).to_le_bytes(),
        &(out.len() as u32).to_le_bytes(),
        &[0, 0],
    ]
    .concat();
    [out, directory, end].concat()
}

fn ok(name: &str, content: &[u8]) -> Seen {
    (name.into(), Ok(content.to_vec()))
}

#[test]
fn output_names_tell_the_kind() {
    for (name, kind) in [
        ("a.zip", Some(ArchiveKind::Zip)),
        ("a.TAR", Some(ArchiveKind::Tar)),
        ("a.tar.gz", Some(ArchiveKind::TarGz)),
        ("a.Tgz", Some(ArchiveKind::TarGz)),
        ("a.gz", Some(ArchiveKind::TarGz)),
        ("a.tbz2", Some(ArchiveKind::TarBz2)),
        ("a.tar.bz2", Some(ArchiveKind::TarBz2)),
        ("a.txz", Some(ArchiveKind::TarXz)),
        ("a.xz", Some(ArchiveKind::TarXz)),
        ("a.tar.zst", Some(ArchiveKind::TarZst)),
        ("a.tzst", Some(ArchiveKind::TarZst)),
        ("a.dcm", None),
        ("zip", None),
    ] {
        assert_eq!(ArchiveKind::from_extension(Path::new(name)), kind, "{name}");
    }
}

#[test]
fn every_kind_round_trips_and_is_written_the_same_twice() {
    let long = format!("{}/{}.dcm", "d".repeat(120), "é".repeat(90));
    let large = noise(300_000);
    let files: [(&str, &[u8]); 4] =
        [("a/1.dcm", b"one"), ("empty", b""), (&long, b"long"), ("large", &large)];
    for (kind, name) in KINDS {
        let bytes = written(kind, &files);
        assert_eq!(ArchiveKind::from_extension(Path::new(name)), Some(kind));
        assert_eq!(sniffed(&bytes), Sniffed::Archive(kind), "{kind:?}");
        let expected: Vec<Seen> = files.iter().map(|(name, bytes)| ok(name, bytes)).collect();
        assert_eq!(members(&bytes, kind), expected, "{kind:?}");
        assert_eq!(written(kind, &files), bytes, "{kind:?}");
    }
}

#[test]
fn what_is_written_is_read_by_the_crates() {
    let bytes = written(ArchiveKind::Tar, &[("a/b", b"12")]);
    let mut archive = ::tar::Archive::new(&bytes[..]);
    let entry = archive.entries().unwrap().next().unwrap().unwrap();
    let header = entry.header();
    assert_eq!(entry.path().unwrap(), Path::new("a/b"));
    assert_eq!(header.mtime().unwrap(), 315_532_800);
    assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (0, 0));
    assert_eq!(header.mode().unwrap() & 0o777, 0o644);
    assert_eq!(header.username_bytes(), Some(&b""[..]));

    let bytes = written(ArchiveKind::Zip, &[("a/b", b"12")]);
    let mut archive = ::zip::ZipArchive::new(io::Cursor::new(bytes)).unwrap();
    assert!(archive.comment().is_empty());
    let entry = archive.by_index(0).unwrap();
    assert_eq!(entry.unix_mode(), Some(0o100_644));
    assert_eq!(entry.last_modified().unwrap().year(), 1980);
    assert_eq!(entry.extra_data_fields().count(), 0);
}

#[test]
fn unsafe_paths_and_wrong_lengths_are_not_written() {
    for (kind, _) in KINDS {
        let mut writer = ArchiveWriter::create(kind, tempfile::tempfile().unwrap()).unwrap();
        for path in ["", "/a", "../a", "a/../b", "a/", "a\0b", "c:a"] {
            assert!(writer.append(path, &mut io::empty(), 0).is_err(), "{path:?}");
        }
        assert!(writer.append("short", &mut &b"12"[..], 3).is_err());
        let mut writer = ArchiveWriter::create(kind, tempfile::tempfile().unwrap()).unwrap();
        assert!(writer.append("long", &mut &b"1234"[..], 3).is_err());
    }
}

#[test]
fn bytes_do_not_depend_on_the_number_of_threads() {
    // Small members, one of several blocks, and one that a zip does not compress beside others.
    let mut state = 1_u64;
    let mut content = |length: usize| -> Vec<u8> {
        let next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 61) as u8
        };
        std::iter::repeat_with(next).take(length).collect()
    };
    let mut files: Vec<(String, Vec<u8>)> =
        (0..40).map(|n| (format!("folder/{n}"), content(n * 1111))).collect();
    files.insert(20, ("large".to_owned(), content(5 << 20)));
    files.push(("last".to_owned(), content(700_000)));
    for (kind, _) in KINDS {
        let write = |threads| {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("out");
            let mut writer =
                ArchiveWriter::with_threads(kind, File::create_new(&path).unwrap(), threads).unwrap();
            for (name, bytes) in &files {
                writer.append(name, &mut &**bytes, bytes.len() as u64).unwrap();
            }
            writer.finish().unwrap();
            fs::read(path).unwrap()
        };
        let bytes = write(1);
        assert!(bytes == write(2), "{kind:?}, two threads");
        assert!(bytes == write(7), "{kind:?}, seven threads");
        let dir = tempfile::tempdir().unwrap();
        let mut members = Vec::new();
        read(&file(&dir, &bytes), kind, &Limits::default(), &mut |member| {
            let mut content = Vec::new();
            member.data.read_to_end(&mut content).unwrap();
            let name = member.path.iter().map(|part| part.to_str().unwrap()).collect::<Vec<_>>().join("/");
            members.push((name, content));
            ControlFlow::Continue(())
        })
        .unwrap();
        assert!(members == files, "{kind:?}");
    }
}

#[test]
fn dicom_is_never_an_archive() {
    let mut dicom = entry(b"name", b'0', b"");
    dicom[128..132].copy_from_slice(b"DICM");
    seal(&mut dicom);
    assert_eq!(sniffed(&dicom), Sniffed::Plain);
    for magic in [&b"PK\x03\x04"[..], b"\x1f\x8b\x08\0", b"\xfd7zXZ\0"] {
        let mut preamble = dicom.clone();
        preamble[..magic.len()].copy_from_slice(magic);
        assert_eq!(sniffed(&preamble), Sniffed::Plain);
    }
    for (compression, _) in COMPRESSIONS {
        assert_eq!(sniffed(&compress(compression, &dicom)), Sniffed::Compressed(compression));
    }
}

#[test]
fn content_and_not_the_name_is_sniffed() {
    for bytes in [&b""[..], b"text", b"BZh9 is how a text may begin", b"PK", &[0; 2048], &noise(1000)] {
        assert_eq!(sniffed(bytes), Sniffed::Plain);
    }
    assert_eq!(sniffed(&zipped(&[])), Sniffed::Archive(ArchiveKind::Zip));
    let mut old = header(b"name", 0, 0);
    old[257..265].fill(0);
    seal(&mut old);
    assert_eq!(sniffed(&old), Sniffed::Archive(ArchiveKind::Tar));
    old[0] = b'N';
    assert_eq!(sniffed(&old), Sniffed::Plain, "the checksum is all there is");
    for (compression, kind) in COMPRESSIONS {
        let short = compress(compression, b"short");
        assert_eq!(sniffed(&short), Sniffed::Compressed(compression));
        let tar = compress(compression, &tarball(&[entry(b"a", b'0', b"1")]));
        assert_eq!(sniffed(&tar), Sniffed::Archive(kind));
    }
}

#[test]
fn hostile_tar_members_are_refused_and_the_rest_is_read() {
    let bytes = tarball(&[
        entry(b"first", b'0', b"1"),
        entry(b"../up", b'0', b"secret"),
        entry(b"/abs", b'0', b"secret"),
        entry(b"a/../b", b'0', b"secret"),
        entry(b"c:x", b'0', b"secret"),
        entry(b"", b'0', b"secret"),
        entry(b"link", b'2', b""),
        header(b"hard", b'1', 7000),
        entry(b"device", b'3', b""),
        entry(b"pipe", b'6', b""),
        entry(b"sparse", b'S', b"secret"),
        entry(b"odd", b'?', b"secret"),
        entry(b"first", b'0', b"secret"),
        entry(b"./first", b'0', b"secret"),
        entry(b"folder/", b'5', b""),
        entry(b"folder_of_old/", b'0', b""),
        [entry(b"long", b'L', b"nul\0inside\0"), entry(b"x", b'0', b"secret")].concat(),
        [pax(&[("GNU.sparse.major", "1")]), entry(b"pax_sparse", b'0', b"secret")].concat(),
        entry(b"last", b'0', b"2"),
    ]);
    let refused = |refusal: &str| ok(refusal, b"");
    assert_eq!(
        members(&bytes, ArchiveKind::Tar),
        [
            ok("first", b"1"),
            refused("ParentPath"),
            refused("AbsolutePath"),
            refused("ParentPath"),
            refused("DriveLetter"),
            refused("EmptyName"),
            refused("SymbolicLink"),
            refused("HardLink"),
            refused("Device"),
            refused("Device"),
            refused("Sparse"),
            refused("UnknownType(63)"),
            refused("Duplicate"),
            refused("Duplicate"),
            refused("NulInName"),
            refused("Sparse"),
            ok("last", b"2"),
        ]
    );
}

#[test]
fn long_names_of_pax_and_gnu_are_used() {
    let long = "x/".repeat(200) + "end";
    let mut ustar = header(b"tail", b'0', 0);
    ustar[345..349].copy_from_slice(b"head");
    seal(&mut ustar);
    let bytes = tarball(&[
        [entry(b"", b'L', format!("{long}\0").as_bytes()), entry(b"x", b'0', b"1")].concat(),
        [pax(&[("comment", "a\n20 path=forged"), ("path", "é")]), entry(b"y", b'0', b"2")].concat(),
        [pax(&[("size", "2")]), header(b"sized", b'0', 0), {
            let mut content = vec![0; BLOCK];
            content[..2].copy_from_slice(b"34");
            content
        }]
        .concat(),
        entry(b"settings", b'g', b""),
        ustar,
    ]);
    assert_eq!(
        members(&bytes, ArchiveKind::Tar),
        [ok(&long, b"1"), ok("é", b"2"), ok("sized", b"34"), ok("head/tail", b"")]
    );
}

#[test]
fn tars_of_the_crate_with_sizes_in_base_256_are_read() {
    let mut builder = ::tar::Builder::new(Vec::new());
    let mut header = ::tar::Header::new_gnu();
    header.as_gnu_mut().unwrap().size = [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3];
    builder.append_data(&mut header, "a", &b"123"[..]).unwrap();
    assert_eq!(members(&builder.into_inner().unwrap(), ArchiveKind::Tar), [ok("a", b"123")]);
}

#[test]
fn a_truncated_tar_is_an_error_wherever_it_is_cut() {
    let whole = tarball(&[entry(b"a", b'0', b"1"), entry(b"b", b'0', &[7; 700])]);
    for cut in 0..whole.len() - 2 * BLOCK {
        let (found, error) = fails(&whole[..cut], ArchiveKind::Tar);
        let complete = match cut {
            0..1024 => 0,
            1024..2560 => 1,
            _ => 2,
        };
        assert!(
            matches!(error, ArchiveError::Truncated { members } if members == complete),
            "{cut}: {error:?}"
        );
        if let Some((name, content)) = found.last() {
            match name.as_str() {
                "a" => assert_eq!(content.is_ok(), cut > 512),
                _ => assert_eq!(content.is_ok(), cut >= 1024 + 512 + 700),
            }
        }
    }
}

#[test]
fn a_truncated_compressed_tar_is_an_error() {
    let large = noise(200_000);
    let tar = tarball(&[entry(b"a", b'0', b"1"), entry(b"b", b'0', &large)]);
    for (compression, kind) in COMPRESSIONS {
        let whole = compress(compression, &tar);
        for cut in [whole.len() / 2, whole.len() - 9, whole.len() - 1] {
            let (found, error) = fails(&whole[..cut], kind);
            assert!(
                matches!(error, ArchiveError::Truncated { members: 0..=2 }),
                "{compression:?} {cut}: {error:?}"
            );
            assert!(found.len() <= 2);
        }
        let (_, error) = fails(&whole[..whole.len() / 2], kind);
        assert!(error.to_string().contains("truncated"));
    }
}

#[test]
fn a_damaged_compressed_tar_is_an_error() {
    let large = noise(200_000);
    let tar = tarball(&[entry(b"a", b'0', &large), entry(b"b", b'0', &large)]);
    for (compression, kind) in COMPRESSIONS {
        let mut bytes = compress(compression, &tar);
        let middle = bytes.len() / 2;
        bytes[middle..middle + 64].fill(0x55);
        let (_, error) = fails(&bytes, kind);
        assert!(
            matches!(error, ArchiveError::Corrupt { .. } | ArchiveError::Truncated { .. }),
            "{compression:?}: {error:?}"
        );
    }
    let mut bad = tarball(&[entry(b"a", b'0', b"1"), entry(b"b", b'0', b"2")]);
    bad[1024] ^= 1;
    let (found, error) = fails(&bad, ArchiveKind::Tar);
    assert_eq!(found, [ok("a", b"1")]);
    assert!(matches!(error, ArchiveError::Corrupt { members: 1, .. }));
    assert_eq!(
        error.to_string(),
        "the archive is damaged: a member's header has a wrong checksum; 1 member was read before"
    );
}

#[test]
fn streams_one_behind_the_other_are_read_to_the_end() {
    let content = noise(5000);
    let tar = tarball(&[entry(b"a", b'0', b"1"), entry(b"b", b'0', &content)]);
    let (first, second) = tar.split_at(1700);
    for (compression, kind) in COMPRESSIONS {
        let bytes = [compress(compression, first), compress(compression, second)].concat();
        assert_eq!(members(&bytes, kind), [ok("a", b"1"), ok("b", &content)], "{compression:?}");
    }
    let padded = [gzip(first), gzip(b""), gzip(second), vec![0; 700]].concat();
    assert_eq!(names(&padded, ArchiveKind::TarGz), ["a", "b"]);
    let (_, error) = fails(&[gzip(&tar), b"rubbish".to_vec()].concat(), ArchiveKind::TarGz);
    assert!(matches!(error, ArchiveError::Corrupt { members: 2, .. }));
    let mut skippable = b"\x50\x2a\x4d\x18\x04\0\0\0data".to_vec();
    skippable.extend(compress(Compression::Zstd, &tar));
    assert_eq!(sniffed(&skippable), Sniffed::Archive(ArchiveKind::TarZst));
    assert_eq!(names(&skippable, ArchiveKind::TarZst), ["a", "b"]);
}

#[test]
fn archives_one_behind_the_other_are_both_read() {
    let bytes = [
        tarball(&[entry(b"a", b'0', b"1")]),
        vec![0; 20 * BLOCK],
        tarball(&[entry(b"b", b'0', b"2")]),
        b"what fills a tape".to_vec(),
    ]
    .concat();
    assert_eq!(names(&bytes, ArchiveKind::Tar), ["a", "b"]);
}

#[test]
fn an_endless_name_does_not_fill_the_memory() {
    let bytes = tarball(&[header(b"", b'L', 1 << 32)]);
    assert!(matches!(fails(&bytes, ArchiveKind::Tar).1, ArchiveError::Corrupt { members: 0, .. }));
}

#[test]
fn content_that_the_visitor_leaves_is_passed_over_and_break_ends() {
    let large = noise(100_000);
    let files: [(&str, &[u8]); 3] = [("a", &large), ("b", &large), ("c", b"3")];
    for (kind, _) in KINDS {
        let dir = tempfile::tempdir().unwrap();
        let path = file(&dir, &written(kind, &files));
        let mut seen = 0;
        read(&path, kind, &Limits::default(), &mut |member| {
            seen += 1;
            let mut some = [0; 10];
            let _ = member.data.read(&mut some).unwrap();
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(seen, 3);
        read(&path, kind, &Limits::default(), &mut |_| {
            seen += 1;
            ControlFlow::Break(())
        })
        .unwrap();
        assert_eq!(seen, 4);
    }
}

#[test]
fn bombs_are_given_up() {
    let zeros = vec![0; 3 << 20];
    let files: [(&str, &[u8]); 3] = [("a", b"1"), ("b", &zeros), ("c", b"3")];
    let ratio = Limits { ratio_floor: 1 << 20, max_ratio: 50, ..Limits::default() };
    let total = Limits { max_total_bytes: 2 << 20, ..Limits::default() };
    let few = Limits { max_members: 2, ..Limits::default() };
    for (kind, _) in KINDS {
        let dir = tempfile::tempdir().unwrap();
        let path = file(&dir, &written(kind, &files));
        for (limits, expected) in
            [(ratio, Bomb::Ratio(50)), (total, Bomb::Total(2 << 20)), (few, Bomb::Members(2))]
        {
            let (found, result) = collect(&path, kind, &limits);
            if kind == ArchiveKind::Tar && expected == Bomb::Ratio(50) {
                assert!(result.is_ok(), "nothing swells");
                continue;
            }
            let Err(ArchiveError::Bomb { bomb, members }) = result else {
                panic!("{kind:?}: {result:?}");
            };
            assert_eq!(bomb, expected, "{kind:?}");
            assert!(members <= 2);
            if found.len() == 2 && expected != Bomb::Members(2) {
                assert!(found[1].1.is_err(), "{kind:?}: the member was not cut short");
            }
        }
    }
}

#[test]
fn a_member_larger_than_allowed_is_refused_alone() {
    let limits = Limits { max_member_bytes: 4, ..Limits::default() };
    for (kind, _) in KINDS {
        let dir = tempfile::tempdir().unwrap();
        let path = file(&dir, &written(kind, &[("a", b"12345"), ("b", b"1234")]));
        let (found, result) = collect(&path, kind, &limits);
        result.unwrap();
        assert_eq!(found, [ok("TooLarge", b""), ok("b", b"1234")]);
    }
}

#[test]
fn a_single_compressed_file_is_read_and_limited() {
    let dir = tempfile::tempdir().unwrap();
    for (compression, _) in COMPRESSIONS {
        let path = file(&dir, &compress(compression, &vec![0; 1 << 20]));
        let mut bytes = Vec::new();
        let mut reader = open_compressed(&path, compression, &Limits::default()).unwrap();
        reader.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes.len(), 1 << 20);
        let limits = Limits { ratio_floor: 1000, max_ratio: 10, ..Limits::default() };
        let mut reader = open_compressed(&path, compression, &limits).unwrap();
        let error = reader.read_to_end(&mut Vec::new()).unwrap_err();
        let bomb = error.get_ref().unwrap().downcast_ref::<Bomb>();
        assert_eq!(bomb, Some(&Bomb::Ratio(10)));
    }
}

#[test]
fn hostile_zip_members_are_refused_and_the_rest_is_read() {
    let with = |name: &str, change: &dyn Fn(&mut ZipMember)| {
        let mut made = member(name, b"secret");
        change(&mut made);
        made
    };
    let mut folder = member("folder/", b"");
    folder.attributes = 0;
    let bytes = zipped(&[
        member("first", b"1"),
        member("../up", b"secret"),
        member("/abs", b"secret"),
        member("..\\up", b"secret"),
        member("C:\\x", b"secret"),
        member("a\0b", b"secret"),
        member("", b"secret"),
        with("encrypted", &|made| made.flags = 1),
        with("link", &|made| made.attributes = 0o120_777 << 16),
        with("device", &|made| made.attributes = 0o020_666 << 16),
        with("implode", &|made| made.method = 6),
        with("aes", &|made| made.method = 99),
        with("full/", &|_| {}),
        with("renamed", &|made| made.local_name = Some(b"RENAMED".to_vec())),
        with("stored", &|made| made.size = 60),
        folder,
        member("first", b"secret"),
        member("last", b"2"),
    ]);
    let refused = |refusal: &str| ok(refusal, b"");
    assert_eq!(
        members(&bytes, ArchiveKind::Zip),
        [
            ok("first", b"1"),
            refused("ParentPath"),
            refused("AbsolutePath"),
            refused("ParentPath"),
            refused("DriveLetter"),
            refused("NulInName"),
            refused("EmptyName"),
            refused("Encrypted"),
            refused("SymbolicLink"),
            refused("Device"),
            refused("Method(6)"),
            refused("Encrypted"),
            refused("DirectoryWithContent"),
            refused("HeaderMismatch"),
            refused("HeaderMismatch"),
            refused("Duplicate"),
            ok("last", b"2"),
        ]
    );
}

#[test]
fn backslashes_separate_in_a_zip_of_windows_only() {
    let on = |host: u8, name: &str| {
        let mut made = member(name, b"");
        made.host = host;
        names(&zipped(&[made]), ArchiveKind::Zip).remove(0)
    };
    assert_eq!(on(0, r"a\b.dcm"), "a/b.dcm");
    assert_eq!(on(3, r"a\b.dcm"), "a/b.dcm", "no other separator");
    assert_eq!(on(3, r"x/a\b.dcm"), r"x/a\b.dcm");
    let mut dos_folder = member(r"folder\", b"");
    (dos_folder.host, dos_folder.attributes) = (0, 0x10);
    assert!(names(&zipped(&[dos_folder]), ArchiveKind::Zip).is_empty());
}

#[test]
fn names_in_code_page_437_are_decoded() {
    let mut made = member("", b"");
    made.name = b"M\x81ller".to_vec();
    assert_eq!(names(&zipped(&[made]), ArchiveKind::Zip), ["Müller"]);
    assert_eq!(names(&zipped(&[member("Müller", b"")]), ArchiveKind::Zip), ["Müller"]);
}

#[test]
fn a_wrong_checksum_concerns_one_zip_member() {
    let mut wrong = member("b", b"22");
    wrong.crc ^= 1;
    let bytes = zipped(&[member("a", b"1"), wrong, member("c", b"3")]);
    assert_eq!(
        members(&bytes, ArchiveKind::Zip),
        [ok("a", b"1"), ("b".into(), Err(io::ErrorKind::InvalidData)), ok("c", b"3")]
    );
}

#[test]
fn deflated_content_of_another_length_is_an_error_of_its_member() {
    let deflated = |size: u32| {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&[7; 1000]).unwrap();
        let mut made = member("a", &[7; 1000]);
        made.content = encoder.finish().unwrap();
        (made.method, made.size) = (8, size);
        made
    };
    let found = |made| members(&zipped(&[made]), ArchiveKind::Zip).remove(0).1;
    assert_eq!(found(deflated(1000)), Ok(vec![7; 1000]));
    assert_eq!(found(deflated(999)), Err(io::ErrorKind::InvalidData));
    assert_eq!(found(deflated(1001)), Err(io::ErrorKind::UnexpectedEof));
    let mut cut = deflated(1000);
    cut.content.truncate(5);
    assert_eq!(found(cut), Err(io::ErrorKind::UnexpectedEof));
}

#[test]
fn other_compressions_of_a_zip_are_read() {
    for (method, compression) in [(12, Compression::Bzip2), (93, Compression::Zstd), (95, Compression::Xz)] {
        let mut made = member("a", &[7; 1000]);
        made.content = compress(compression, &[7; 1000]);
        made.method = method;
        assert_eq!(members(&zipped(&[made]), ArchiveKind::Zip), [ok("a", &[7; 1000])]);
    }
}

#[test]
fn overlapping_zip_members_are_refused_before_any_is_visited() {
    let shared = member("a", b"1");
    let mut second = member("a", b"1");
    second.offset = Some(0);
    let (found, error) = fails(&zipped(&[shared, second]), ArchiveKind::Zip);
    assert!(found.is_empty());
    assert_eq!(error.to_string(), "the archive is damaged: its members overlap; 0 members were read before");
    let mut quoted = member("b", &[0; 100]);
    quoted.content[..4].copy_from_slice(b"PK\x03\x04");
    let mut inside = member("c", b"");
    inside.offset = Some(40);
    let (_, error) = fails(&zipped(&[quoted, inside]), ArchiveKind::Zip);
    assert!(matches!(error, ArchiveError::Corrupt { members: 0, .. }));
}

#[test]
fn a_truncated_zip_is_an_error_wherever_it_is_cut() {
    let whole = zipped(&[member("a", b"1"), member("b", b"2")]);
    for cut in 4..whole.len() {
        let (found, error) = fails(&whole[..cut], ArchiveKind::Zip);
        assert!(found.is_empty());
        assert!(matches!(error, ArchiveError::Truncated { members: 0 }));
    }
}

#[test]
fn a_zip_whose_directory_lies_is_an_error() {
    let whole = zipped(&[member("a", b"1"), member("b", b"2")]);
    let end = whole.len() - 22;
    for at in [end + 10, end + 12, end + 16, end + 18] {
        let mut lies = whole.clone();
        lies[at] = lies[at].wrapping_add(1);
        let (found, _) = fails(&lies, ArchiveKind::Zip);
        assert!(found.is_empty(), "{at}");
    }
}

#[test]
fn an_archive_comment_with_the_end_mark_in_it_is_a_comment() {
    let mut bytes = zipped(&[member("a", b"1")]);
    let comment = zipped(&[]);
    let at = bytes.len() - 2;
    bytes[at..].copy_from_slice(&((comment.len() + 3) as u16).to_le_bytes());
    bytes.extend([&comment[..], b"end"].concat());
    assert_eq!(names(&bytes, ArchiveKind::Zip), ["a"]);
}

#[test]
fn zips_of_the_crate_with_zip64_and_descriptors_are_read() {
    let options = ::zip::write::SimpleFileOptions::default();
    let mut writer = ::zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    writer.start_file("a", options.large_file(true)).unwrap();
    writer.write_all(b"1").unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    assert_eq!(members(&bytes, ArchiveKind::Zip), [ok("a", b"1")]);

    let mut writer = ::zip::ZipWriter::new_stream(Vec::new());
    writer.start_file("a", options).unwrap();
    writer.write_all(b"1").unwrap();
    writer.start_file("b", options.large_file(true)).unwrap();
    writer.write_all(b"2").unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    assert_eq!(members(&bytes, ArchiveKind::Zip), [ok("a", b"1"), ok("b", b"2")]);
}

#[test]
fn more_members_than_16_bits_count_are_read() {
    let many: Vec<ZipMember> = (0..70_000).map(|n| member(&n.to_string(), b"")).collect();
    let without_zip64 = zipped(&many);
    assert_eq!(names(&without_zip64, ArchiveKind::Zip).len(), 70_000);
    let mut writer = ::zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    for n in 0..66_000 {
        writer.start_file(n.to_string(), ::zip::write::SimpleFileOptions::default()).unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    assert_eq!(names(&bytes, ArchiveKind::Zip).len(), 66_000);
}

#[test]
fn a_missing_archive_is_an_error_of_reading() {
    let nowhere = Path::new("/nowhere/DOE_JANE.zip");
    let error =
        read(nowhere, ArchiveKind::Zip, &Limits::default(), &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert!(matches!(error, ArchiveError::Io(_)));
    assert!(!error.to_string().contains("DOE"));
}
