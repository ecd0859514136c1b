//! Against `openssl cms`: each opens what the other sealed. Certificates are made for the test.
#![allow(clippy::print_stdout, reason = "says when there is no openssl")]

use deid_core::{Body, Engine, Key, Open, OpenError, Scratch, Seal, SessionFacts, Settings, reidentify};
use deid_dicom::{Encoding, ROOT, Tag, Tree, open, walk};
use deid_reversible::{CertificateError, Opener, PrivateKeyError, Sealer};
use deid_testkit::planted::{Words, search};
use deid_testkit::study::{Subject, mr_instance};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use tempfile::TempDir;

const TEXT: &[u8] = b"the original values";

/// A folder with keys and certificates.
struct Desk(TempDir);

impl Desk {
    /// `None`, and a word about it, where there is no openssl.
    fn new() -> Option<Self> {
        let found = Command::new("openssl").arg("version").stdout(Stdio::null()).status();
        if found.is_ok_and(|status| status.success()) {
            return Some(Desk(tempfile::tempdir().unwrap()));
        }
        println!("not run: there is no openssl");
        None
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    fn openssl(&self, line: &str) {
        let words = line.split_whitespace();
        let done = Command::new("openssl").args(words).current_dir(self.0.path()).output().unwrap();
        assert!(done.status.success(), "{line}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// A key of this kind in `NAME.key` and its certificate in `NAME.pem`.
    fn recipient(&self, name: &str, kind: &str) {
        let curve = kind.strip_prefix("ec:");
        let algorithm = match curve {
            Some(curve) => format!("ec -pkeyopt ec_paramgen_curve:{curve}"),
            None => kind.to_owned(),
        };
        self.openssl(&format!(
            "req -x509 -newkey {algorithm} -nodes -keyout {name}.key -out {name}.pem -days 2 -subj /CN={name}"
        ));
    }

    fn opener(&self, name: &str) -> Opener {
        Opener::new(&self.read(&format!("{name}.key")), None, None).unwrap()
    }

    fn sealer(&self, names: &[&str]) -> Sealer {
        let files: Vec<Vec<u8>> = names.iter().map(|name| self.read(&format!("{name}.pem"))).collect();
        Sealer::new(&files).unwrap()
    }
}

const KINDS: [&str; 4] = ["rsa:2048", "rsa:3072", "ec:P-256", "ec:P-384"];

#[test]
fn openssl_opens_what_is_sealed_here() {
    let Some(desk) = Desk::new() else { return };
    for kind in KINDS {
        desk.recipient("r", kind);
        for length in [0, 1, 15, 16, 17, 100_000] {
            let plaintext: Vec<u8> = (0..length).map(|n| n as u8).collect();
            let sealed = desk.sealer(&["r"]).seal(&plaintext).unwrap();
            assert_eq!(desk.opener("r").open(&sealed).unwrap(), plaintext, "{kind}");
            fs::write(desk.path("sealed"), &sealed).unwrap();
            desk.openssl("cms -decrypt -inform DER -in sealed -recip r.pem -inkey r.key -binary -out opened");
            assert_eq!(desk.read("opened"), plaintext, "{kind}");
        }
    }
}

#[test]
fn what_openssl_seals_is_opened_here() {
    let Some(desk) = Desk::new() else { return };
    fs::write(desk.path("text"), TEXT).unwrap();
    for kind in KINDS {
        desk.recipient("r", kind);
        let rsa = kind.starts_with("rsa");
        let keys: &[&str] = if rsa {
            &[
                "",
                "-keyopt rsa_padding_mode:oaep",
                "-keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256",
                "-keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256 -keyopt rsa_mgf1_md:sha256",
            ]
        } else {
            &["", "-keyopt ecdh_kdf_md:sha256", "-keyopt ecdh_kdf_md:sha384"]
        };
        for cipher in ["-aes256", "-aes192", "-aes128", "-des3"] {
            for key in keys {
                for form in ["", "-stream", "-keyid"] {
                    // OpenSSL wraps for Triple-DES with Triple-DES, which RFC 5753 leaves behind.
                    if cipher == "-des3" && !rsa {
                        continue;
                    }
                    let line = format!(
                        "cms -encrypt -binary -in text -outform DER {form} {cipher} -out sealed -recip r.pem {key}"
                    );
                    desk.openssl(&line);
                    let sealed = desk.read("sealed");
                    assert_eq!(desk.opener("r").open(&sealed).as_deref(), Ok(TEXT), "{kind}: {line}");
                    let certificate = desk.read("r.pem");
                    let named = Opener::new(&desk.read("r.key"), None, Some(&certificate)).unwrap();
                    assert_eq!(named.open(&sealed).as_deref(), Ok(TEXT), "{kind}, by certificate: {line}");
                }
            }
        }
    }
}

#[test]
fn each_of_two_recipients_opens_and_a_third_does_not() {
    let Some(desk) = Desk::new() else { return };
    desk.recipient("a", "rsa:2048");
    desk.recipient("b", "ec:P-256");
    for (name, kind) in [("c", "rsa:2048"), ("d", "ec:P-256"), ("e", "ec:P-384")] {
        desk.recipient(name, kind);
    }
    let sealed = desk.sealer(&["a", "b"]).seal(TEXT).unwrap();
    for name in ["a", "b"] {
        assert_eq!(desk.opener(name).open(&sealed).as_deref(), Ok(TEXT), "{name}");
    }
    for name in ["c", "d", "e"] {
        assert_eq!(desk.opener(name).open(&sealed), Err(OpenError::NotARecipient), "{name}");
    }
    fs::write(desk.path("sealed"), &sealed).unwrap();
    for name in ["a", "b"] {
        desk.openssl(&format!(
            "cms -decrypt -inform DER -in sealed -recip {name}.pem -inkey {name}.key -out opened"
        ));
        assert_eq!(desk.read("opened"), TEXT);
    }
    let rsa = desk.sealer(&["a", "c"]).seal(TEXT).unwrap();
    assert_eq!(desk.opener("c").open(&rsa).as_deref(), Ok(TEXT));
}

#[test]
fn private_keys_are_read_as_openssl_writes_them() {
    let Some(desk) = Desk::new() else { return };
    fs::write(desk.path("pass"), "secret words\n").unwrap();
    for kind in KINDS {
        desk.recipient("r", kind);
        let sealed = desk.sealer(&["r"]).seal(TEXT).unwrap();
        desk.openssl("pkey -in r.key -outform DER -out pkcs8.der");
        desk.openssl("pkey -in r.key -traditional -out traditional.pem");
        desk.openssl("pkey -in r.key -traditional -outform DER -out traditional.der");
        for name in ["r.key", "pkcs8.der", "traditional.pem", "traditional.der"] {
            let opener = Opener::new(&desk.read(name), None, None).unwrap();
            assert_eq!(opener.open(&sealed).as_deref(), Ok(TEXT), "{kind} {name}");
        }
        for (cipher, form) in [
            ("-v2 aes-256-cbc", "PEM"),
            ("-v2 aes-256-cbc", "DER"),
            ("-v2 des3", "PEM"),
            ("-v2 aes-128-cbc -v2prf hmacWithSHA1", "PEM"),
            ("-scrypt", "PEM"),
        ] {
            let line =
                format!("pkcs8 -topk8 -in r.key {cipher} -outform {form} -passout file:pass -out encrypted");
            desk.openssl(&line);
            let key = desk.read("encrypted");
            let opener = Opener::new(&key, Some(b"secret words"), None).unwrap();
            assert_eq!(opener.open(&sealed).as_deref(), Ok(TEXT), "{kind} {cipher}");
            let error = |passphrase| Opener::new(&key, passphrase, None).unwrap_err();
            assert_eq!(error(None), PrivateKeyError::PassphraseMissing);
            assert_eq!(error(Some(b"other")), PrivateKeyError::PassphraseWrong, "{cipher}");
        }
    }
    desk.recipient("other", "rsa:2048");
    let error = Opener::new(&desk.read("r.key"), None, Some(&desk.read("other.pem"))).unwrap_err();
    assert_eq!(error, PrivateKeyError::Certificate);
    desk.openssl("pkey -in other.key -traditional -aes256 -passout file:pass -out old");
    let error = Opener::new(&desk.read("old"), Some(b"secret words"), None).unwrap_err();
    assert_eq!(error, PrivateKeyError::EncryptionNotSupported);
    desk.openssl("genpkey -algorithm ed25519 -out ed.key");
    assert_eq!(Opener::new(&desk.read("ed.key"), None, None).unwrap_err(), PrivateKeyError::KeyNotSupported);
    for not_a_key in [desk.read("other.pem"), b"".to_vec(), b"\x30\x03\x02\x01\0".to_vec()] {
        assert_eq!(Opener::new(&not_a_key, None, None).unwrap_err(), PrivateKeyError::NotAKey);
    }
}

#[test]
fn certificates_that_cannot_be_sealed_for_are_refused() {
    let Some(desk) = Desk::new() else { return };
    desk.recipient("good", "rsa:2048");
    desk.recipient("short", "rsa:1024");
    desk.recipient("curve", "ec:secp256k1");
    desk.openssl("req -x509 -newkey ed25519 -nodes -keyout ed.key -out ed.pem -days 2 -subj /CN=ed");
    desk.openssl("x509 -in good.pem -outform DER -out good.der");
    let good = desk.read("good.pem");
    let refused = |bytes: &[u8]| Sealer::new(&[good.as_slice(), bytes]).unwrap_err();
    assert_eq!(refused(&desk.read("short.pem")), (1, CertificateError::TooShort(1024)));
    assert_eq!(refused(&desk.read("curve.pem")), (1, CertificateError::KeyNotSupported));
    assert_eq!(refused(&desk.read("ed.pem")), (1, CertificateError::KeyNotSupported));
    assert_eq!(refused(&desk.read("good.key")), (1, CertificateError::NotACertificate));
    assert_eq!(refused(&[good.clone(), good.clone()].concat()), (1, CertificateError::Several(2)));
    assert_eq!(Sealer::new::<&[u8]>(&[]).unwrap_err().1, CertificateError::None);
    assert!(Sealer::new(&[desk.read("good.der")]).is_ok());
}

#[test]
fn damage_is_an_error_and_never_a_panic() {
    let Some(desk) = Desk::new() else { return };
    for kind in ["rsa:2048", "ec:P-256"] {
        desk.recipient("r", kind);
        let sealed = desk.sealer(&["r"]).seal(TEXT).unwrap();
        let opener = desk.opener("r");
        assert_eq!(opener.open(&[&sealed[..], &[0]].concat()).as_deref(), Ok(TEXT), "padded to even length");
        for length in 0..sealed.len() {
            assert!(opener.open(&sealed[..length]).is_err(), "{length}");
        }
        for place in (0..sealed.len()).step_by(3) {
            let mut damaged = sealed.clone();
            damaged[place] ^= 0x40;
            // In the text itself CBC notices nothing: the hash in what is sealed does.
            let opened = opener.open(&damaged);
            assert!(opened != Ok(TEXT.to_vec()) || place < sealed.len() - 64, "{place}");
        }
        assert_eq!(opener.open(&[&sealed[..], b"x"].concat()), Err(OpenError::Damaged));
    }
}

/// The whole way with real encryption: nothing of the originals in the output, all of them in openssl's hands.
#[test]
fn a_file_is_sealed_and_comes_back() {
    let Some(desk) = Desk::new() else { return };
    desk.recipient("r", "rsa:2048");
    let mut words = Words::new();
    let subject = Subject { patient_name: words.plant_name("PatientName"), ..Subject::default() };
    let file = mr_instance(&subject);
    assert!(!search(&file, words.planted()).is_empty());
    let engine = Engine::new(Settings {
        profile: deid_profile::built_in("basic").unwrap(),
        key: Key::from_bytes([7; 32]),
        subject: None,
        subjects: None,
        forced: Vec::new(),
        inflate_limit: 1 << 28,
    })
    .unwrap()
    .with_seal(Some(Arc::new(desk.sealer(&["r"]))));
    let done = engine.process(&mut &file[..], &SessionFacts::default(), &mut Scratch::default());
    let Body::Pieces(pieces) = done.body else { panic!() };
    let sealed = [done.head, pieces.to_bytes(&file)].concat();
    assert!(search(&sealed, words.planted()).is_empty());

    let mut tree = Tree::default();
    let start = open(&mut &sealed[..]).unwrap().data_set;
    walk(&mut &sealed[..], start, Encoding::ExplicitLittle, &mut tree);
    let item = tree.find(ROOT, Tag::new(0x0400, 0x0500)).unwrap() + 1;
    let node = tree.node(tree.find(item, Tag::new(0x0400, 0x0520)).unwrap());
    fs::write(desk.path("sealed"), &sealed[node.value_start() as usize..node.value_end() as usize]).unwrap();
    desk.openssl("cms -decrypt -inform DER -in sealed -recip r.pem -inkey r.key -binary -out opened");
    let opened = desk.read("opened");
    let mut inside = Tree::default();
    walk(&mut &opened[..], 0, Encoding::ExplicitLittle, &mut inside);
    assert!(inside.faults.refusal().is_none());
    let modified = inside.find(ROOT, Tag::new(0x0400, 0x0550)).unwrap();
    assert!(inside.find(modified + 1, Tag::new(0x0010, 0x0010)).is_some());
    assert!(!search(&opened, words.planted()).is_empty());

    let back = reidentify(&mut &sealed[..], &desk.opener("r"), 1 << 28).unwrap();
    let Body::Pieces(pieces) = back.body else { panic!() };
    let data_set = open(&mut &file[..]).unwrap().data_set as usize;
    assert_eq!(pieces.to_bytes(&sealed), file[data_set..]);
}
