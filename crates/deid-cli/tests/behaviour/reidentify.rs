//! `--encrypt-for` and `deidentification reidentify IN OUT`.
#![allow(clippy::print_stdout, reason = "says when there is no openssl")]

use crate::desk::Desk;
use std::process::{Command, Stdio};

/// A desk with a study and the keys of two people; `None`, and a word about it, where there is no openssl.
fn desk() -> Option<Desk> {
    let found = Command::new("openssl").arg("version").stdout(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        println!("not run: there is no openssl");
        return None;
    }
    let desk = Desk::with_study();
    desk.write("pass", "words of mine\n");
    for (name, words) in [
        ("a", "-newkey rsa:2048 -nodes"),
        ("b", "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -passout file:pass"),
        ("c", "-newkey rsa:2048 -nodes"),
        ("short", "-newkey rsa:1024 -nodes"),
    ] {
        let line = format!("req -x509 {words} -keyout {name}.key -out {name}.pem -days 2 -subj /CN={name}");
        let done = Command::new("openssl")
            .args(line.split(' '))
            .current_dir(desk.path(""))
            .stderr(Stdio::null())
            .status();
        assert!(done.unwrap().success());
    }
    Some(desk)
}

const SEALED: &str = "in out --key key --encrypt-for a.pem --encrypt-for b.pem";

#[test]
fn a_study_comes_back_byte_for_byte() {
    let Some(desk) = desk() else { return };
    let ran = desk.run(SEALED);
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert!(!desk.read("out/siemens/1.dcm").windows(8).any(|window| window == b"Doe^Jane"));
    for (to, key) in [("back-a", "a.key --certificate a.pem"), ("back-b", "b.key --passphrase-file pass")] {
        let ran = desk.run(&format!("reidentify out {to} --private-key {key}"));
        assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
        let expected = format!(
            "3 files read: 3 restored, 0 failed, 0 not DICOM\n\
             What is in {to} identifies people again; only you can read it.\n"
        );
        assert_eq!(ran.stdout, expected);
        for file in ["siemens/1.dcm", "ge/2.dcm", "philips/3"] {
            let (before, after) = (desk.read(&format!("in/{file}")), desk.read(&format!("{to}/{file}")));
            let diff = desk.run(&format!("diff in/{file} {to}/{file}"));
            let differing: Vec<&str> =
                diff.stdout.lines().skip(1).filter(|l| !l.contains("\t(0002,")).collect();
            assert!(differing.is_empty(), "{file}: {differing:?}");
            assert!(before[before.len() - 500..] == after[after.len() - 500..]);
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &str| desk.path(path).metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&format!("{to}/ge/2.dcm")), 0o600);
            assert_eq!(mode(&format!("{to}/ge")), 0o700);
        }
    }
    // A single file to a file, and nothing is replaced.
    assert_eq!(desk.run("reidentify out/ge/2.dcm one.dcm --private-key a.key").code, Some(0));
    let ran = desk.run("reidentify out/ge/2.dcm one.dcm --private-key a.key");
    assert_eq!(ran.code, Some(3));
    assert_eq!(ran.stderr, "not restored: 2.dcm: there is a file of that name in the output\n");
}

#[test]
fn what_cannot_be_opened_is_named_without_a_value() {
    let Some(desk) = desk() else { return };
    assert_eq!(desk.run(SEALED).code, Some(0));
    let ran = desk.run("reidentify out back --private-key c.key");
    assert_eq!(ran.code, Some(3));
    assert_eq!(
        ran.stderr,
        "not restored: ge/2.dcm: its originals were not encrypted for this key\n\
         not restored: philips/3: its originals were not encrypted for this key\n\
         not restored: siemens/1.dcm: its originals were not encrypted for this key\n\
         hint: --private-key takes the key of one of the certificates that --encrypt-for was given\n"
    );
    assert_eq!(desk.tree("back"), "");
    // One file is damaged within what is sealed, one was never sealed, one is no DICOM.
    let mut damaged = desk.read("out/ge/2.dcm");
    let sealed = damaged.windows(4).position(|window| window == b"\0\x04\x20\x05").unwrap();
    damaged[sealed + 1500] ^= 1;
    desk.write("mixed/damaged.dcm", &damaged);
    desk.write("mixed/good.dcm", desk.read("out/siemens/1.dcm"));
    desk.write("mixed/plain.dcm", desk.read("in/siemens/1.dcm"));
    desk.write("mixed/read.me", "no DICOM");
    let ran = desk.run("reidentify mixed back --private-key a.key");
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.starts_with("4 files read: 1 restored, 2 failed, 1 not DICOM\n"), "{}", ran.stdout);
    assert_eq!(
        ran.stderr,
        "not restored: damaged.dcm: its encrypted originals are damaged\n\
         not restored: file 3: it holds no encrypted originals\n"
    );
}

#[test]
fn places_and_keys_that_will_not_do_are_refused() {
    let Some(desk) = desk() else { return };
    assert_eq!(desk.run(SEALED).code, Some(0));
    for out in ["out", "out/back", "."] {
        let ran = desk.run(&format!("reidentify out {out} --private-key a.key"));
        assert_eq!(ran.code, Some(3), "{out}: {}", ran.all());
    }
    let refused = |line: &str, words: &str| {
        let ran = desk.run(line);
        assert_eq!(ran.code, Some(2), "{line}: {}", ran.all());
        assert!(ran.stderr.contains(words), "{line}: {}", ran.stderr);
    };
    refused("reidentify out back --private-key b.key", "no passphrase was given\nhint: --passphrase-file");
    refused("reidentify out back --private-key a.pem", "this is no private key");
    refused("reidentify out back --private-key missing", "private key missing: ");
    refused("reidentify out back --private-key a.key --certificate c.pem", "not the one of the private key");
    refused("reidentify out back", "--private-key");
    refused("in out2 --encrypt-for short.pem", "certificate short.pem: its RSA key has 1024 bits");
    refused("in out2 --encrypt-for a.key", "certificate a.key: this is no X.509 certificate");
    assert!(!desk.path("home").exists(), "no key is made for a run that cannot be");
    assert_eq!(desk.run("in out.zip --key key --encrypt-for a.pem").code, Some(0));
    let ran = desk.run("reidentify out.zip back --private-key a.key");
    assert_eq!((ran.code, ran.stderr.contains("unpack it first")), (Some(3), true));
}
