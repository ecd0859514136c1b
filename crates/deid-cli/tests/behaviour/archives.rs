//! Archives in and out.

use crate::desk::Desk;

const EXTENSIONS: [&str; 6] = ["zip", "tar", "tar.gz", "tar.bz2", "tar.xz", "tar.zst"];

#[test]
fn every_kind_of_archive_is_written_and_read_again() {
    let desk = Desk::with_study();
    desk.run("in folder --key key");
    for (index, extension) in EXTENSIONS.iter().enumerate() {
        let place = format!("unpacked{index}");
        let packed = desk.run(&format!("in out.{extension} --key key"));
        assert_eq!(packed.code, Some(0), "{extension}: {}", packed.all());
        let unpacked = desk.run(&format!("out.{extension} {place} --key key"));
        assert_eq!(unpacked.code, Some(0), "{extension}: {}", unpacked.all());
        assert_eq!(desk.tree(&place).replace(&place, "folder"), desk.tree("folder"), "{extension}");
    }
}

#[test]
fn archive_may_be_replaced_by_itself() {
    let desk = Desk::with_study();
    desk.run("in first.zip --key key");
    let before = desk.read("first.zip");
    let ran = desk.run("first.zip first.zip --key key --subject NEW");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert_ne!(desk.read("first.zip"), before);
}

#[test]
fn damaged_archive_is_an_error() {
    let desk = Desk::with_study();
    desk.run("in whole.tar.gz --key key");
    let whole = desk.read("whole.tar.gz");
    desk.write("half.tar.gz", &whole[..whole.len() / 2]);
    let ran = desk.run("half.tar.gz out --key key");
    assert!(matches!(ran.code, Some(1 | 3)), "{}", ran.all());
}
