//! `deidentification IN OUT`.

use crate::desk::{Desk, snapshot};
use deid_testkit::planted::{LeakHunt, Words};
use deid_testkit::study::{Subject, mr_instance};

#[test]
fn folder_becomes_a_folder() {
    let desk = Desk::with_study();
    snapshot!(desk.run("in out --key key").all(), @"
    exit 0
    -- stdout
    read             3 files [size]
    written          3 files [size]   to out
    quarantined      0
    skipped          0

    Profile       default
    Key           [id] (key)
    Report        out.report.csv
                  out.report.jsonl
    ");
    snapshot!(desk.tree("out"), @"
    out/ge/2.dcm
    out/philips/3
    out/siemens/1.dcm
    ");
}

#[test]
fn identity_is_gone_and_the_rest_is_there() {
    let desk = Desk::new();
    let mut words = Words::new();
    desk.write("in/1.dcm", mr_instance(&Subject::planted(&mut words)));
    let ran = desk.run("in out --key key");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let hunt = LeakHunt::new(words.planted());
    assert_eq!(hunt.search(&desk.read("out/1.dcm")), []);
    assert_eq!(hunt.search(ran.all().as_bytes()), []);
}

#[test]
fn subject_becomes_name_and_id() {
    let desk = Desk::with_study();
    assert_eq!(desk.run("in out --key key --subject SUB01").code, Some(0));
    let table = desk.run("diff in/siemens/1.dcm out/siemens/1.dcm").stdout;
    let rows: Vec<_> = table.lines().filter(|row| row.contains("\t(0010,00")).collect();
    snapshot!(rows.join("\n").replace('\t', "|"), @"
    changed|(0010,0010)|Patient's Name|Doe^Jane|SUB01
    changed|(0010,0020)|Patient ID|ID0001|SUB01
    changed|(0010,0030)|Patient's Birth Date|19800229|
    changed|(0010,0040)|Patient's Sex|F|
    ");
}

#[test]
fn patient_id_as_the_code_is_told() {
    let desk = Desk::with_study();
    let ran = desk.run("in out --key key --subject id0001");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert!(ran.stdout.contains("Subjects      3 files have the Patient ID"), "{}", ran.stdout);
    assert!(!ran.all().to_lowercase().contains("id0001"), "{}", ran.all());
    let json = desk.run("in out2 --key key --subject id0001 --json").json();
    assert_eq!(json["remarks"]["code_is_patient_id"], 3);
}

#[test]
fn file_becomes_a_file() {
    let desk = Desk::with_study();
    assert_eq!(desk.run("in/ge/2.dcm new.dcm --key key").code, Some(0));
    assert!(desk.path("new.dcm").is_file());
}

#[test]
fn same_input_profile_and_key_give_the_same_output() {
    let desk = Desk::with_study();
    desk.run("in a --key key --jobs 1");
    desk.run("in b --key key --jobs 3");
    for path in ["siemens/1.dcm", "ge/2.dcm", "philips/3"] {
        assert_eq!(desk.read(&format!("a/{path}")), desk.read(&format!("b/{path}")), "{path}");
    }
}

#[test]
fn key_is_made_once_and_named() {
    let desk = Desk::with_study();
    let first = desk.run("in out");
    assert_eq!(first.stderr, "made a new key: DESK/home/config/deidentification/key\n");
    assert!(
        first.stdout.contains("DESK/home/config/deidentification/key, made for this run"),
        "{}",
        first.stdout
    );
    assert_eq!(desk.run("in again").stderr, "");
    assert_eq!(desk.read("out/siemens/1.dcm"), desk.read("again/siemens/1.dcm"));
}

#[cfg(unix)]
#[test]
fn key_belongs_to_its_user() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::with_study();
    desk.run("in out");
    let mode = desk.path("home/config/deidentification/key").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[cfg(unix)]
#[test]
fn key_that_others_can_read_is_remarked_on() {
    let desk = Desk::with_study();
    desk.restrict("key", 0o644);
    let ran = desk.run("in out --key key");
    assert_eq!(ran.code, Some(0));
    assert!(ran.stderr.starts_with("warning: others can read the key in key\n"), "{}", ran.stderr);
}

#[test]
fn dry_run_writes_nothing_but_says_what_it_would() {
    let desk = Desk::with_study();
    let ran = desk.run("in out --dry-run");
    assert_eq!(ran.code, Some(0));
    assert!(ran.stdout.contains("dry run: nothing was written"), "{}", ran.stdout);
    assert!(ran.stdout.contains("random, for this run only"), "{}", ran.stdout);
    assert!(!desk.path("out/siemens").exists());
    assert!(!desk.path("home").exists());
}

#[test]
fn what_is_quarantined_stays_out_unless_asked_for() {
    let desk = Desk::with_study();
    desk.write("in/broken.dcm", &desk.read("in/ge/2.dcm")[..1000]);
    let ran = desk.run("in out --key key");
    snapshot!(ran.all(), @"
    exit 1
    -- stdout
    read             4 files [size]
    written          3 files [size]   to out
    quarantined      1
    skipped          0

    Not written, by cause:
           1  faulty                    The file is damaged or cannot be read to its last byte.

    Faults met, by number of files:
           1  truncated_header          The file ends within the header of an element.

    Profile       default
    Key           [id] (key)
    Report        out.report.csv
                  out.report.jsonl

    Next          The report says why each file was quarantined; --quarantine DIR copies the originals
                  to a folder of your own.
    ");
    assert!(!desk.path("out/broken.dcm").exists());

    assert_eq!(desk.run("in two --key key --quarantine held").code, Some(1));
    assert_eq!(desk.tree("held").lines().count(), 1, "{}", desk.tree("held"));
}

#[test]
fn files_that_are_not_dicom_are_left_out() {
    let desk = Desk::with_study();
    desk.write("in/notes.txt", "Jane Doe came late");
    assert_eq!(desk.run("in out --key key").code, Some(0));
    assert!(!desk.path("out/notes.txt").exists());
    let strict = desk.run("in strict --key key --strict");
    assert_eq!(strict.code, Some(1));
    let why = "Next          1 file is not DICOM, which --strict does not accept: exit code 1.\n";
    assert!(strict.stdout.ends_with(why), "{}", strict.stdout);
    assert!(desk.path("strict/ge/2.dcm").exists(), "everything else is done");
}

#[test]
fn forced_value_wins_over_the_profile() {
    let desk = Desk::with_study();
    let words = ["in", "out", "--key", "key", "--set", "InstitutionName=Site 7", "--set", "(0008,0050)=A1"];
    assert_eq!(desk.run_words(&words).code, Some(0));
    let table = desk.run("diff in/ge/2.dcm out/ge/2.dcm").stdout;
    assert!(table.contains("(0008,0080)\tInstitution Name\tGeneral Hospital\tSite 7\n"), "{table}");
    assert!(table.contains("(0008,0050)\tAccession Number\tACC4711\tA1\n"), "{table}");
}

#[test]
fn other_file_of_that_name_stays_unless_told_otherwise() {
    let desk = Desk::with_study();
    desk.write("out/ge/2.dcm", "mine");
    let ran = desk.run("in out --key key");
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("target_exists"), "{}", ran.stdout);
    assert_eq!(desk.read("out/ge/2.dcm"), b"mine");
    assert_eq!(desk.run("in out --key key --overwrite").code, Some(0));
    assert_ne!(desk.read("out/ge/2.dcm"), b"mine");
}

#[test]
fn help_is_one_screen_or_two() {
    let desk = Desk::new();
    snapshot!(desk.run("-h").stdout, @"
    De-identify DICOM files, folders and archives

    Usage: deidentification [OPTIONS] IN OUT
           deidentification [OPTIONS] --list FILE
           deidentification <COMMAND>

    Commands:
      compare     Say whether originals and results convert to the same images and sidecars, series by
                  series
      demo        Write a small synthetic study, de-identify it and show before and after
      diff        Show which elements two DICOM files differ in, values included
      explain     Say for each element of a DICOM file what would happen to it, and by which rule
      key         Make keys: of a study, of its sites; link codes of its sites
      profile     List, show or check profiles
      reidentify  Put the original values back into files that were de-identified with --encrypt-for
      help        Print this message or the help of the given subcommand(s)

    Arguments:
      [IN]   A file, a folder, or an archive: zip, tar, tar.gz, tar.bz2, tar.xz, tar.zst
      [OUT]  A folder, or an archive by its extension; for a single file also a file. May be IN itself

    Options:
          --subject <ID>
              The code that becomes PatientName and PatientID. Without it the name is Unknown and the ID
              is made from the key
          --subjects <FILE>
              Codes by Patient ID: lines `PatientID,code` or `PatientID,issuer,code`, or columns named
              in the first line, `date_shift_days` among them; who is not in it is quarantined
      -c, --profile <NAME|FILE>
              A built-in profile (see `profile list`), or a file .toml or .tsv
          --key <FILE>
              The key that pseudonyms are made with. Without it, the one in the user's configuration
              folder, made there if it is missing
          --cut-ties
              Make pseudonyms with a key that is thrown away: nobody can tell any more who is who, nor
              add to the result later
          --list <FILE>
              Jobs to do in turn: a line `subject;input;output` for each
          --jobs <N>
              Number of threads; by default one for each processor
          --dry-run
              Do everything but write: the summary says what would be
          --json
              Print one line of JSON at the end instead of the summary
          --overwrite
              Replace files in OUT that have other content
          --merge-subjects
              Allow --subject for an input with several PatientIDs, and --subjects with one code for
              several: they become one subject, whose dates move by one number of days
          --strict
              Exit with 1 if there were files that are not DICOM
          --keep-captures
              Keep captures (Secondary Capture; JPEG and PNG, in OUT/captures): you vouch for what their
              pixels show
          --quarantine <DIR>
              Copy the originals of what was quarantined to this folder, which only you can read
          --report <DIR>
              Write the reports into this folder instead of beside OUT
          --report-names <FILE>
              Write which line of the report is which input path. Identifies people: keep it apart from
              OUT
          --crosswalk <FILE>
              Write who got which code, and which study became which. Identifies people: keep it apart
              from OUT
          --compare
              Compare IN and OUT afterwards, as `compare` does with the run's profile; the report has it
              too
          --layout <TEMPLATE>
              Call files of OUT by a template such as `{subject}/{modality}/{instance}.dcm`, or as in IN
              (`input`), whatever the profile says
          --set <(gggg,eeee)=VALUE|Keyword=VALUE>
              Set an element of the data set to a value, whatever the profile says; may be repeated
          --encrypt-for <CERT.pem>
              Encrypt the original values into each file for the holder of this X.509 certificate (RSA,
              P-256 or P-384); may be repeated. `reidentify` puts them back
      -h, --help
              Print help (see more with '--help')
      -V, --version
              Print version

    Exit codes: 0 all done, 1 some files were quarantined or failed, 2 usage, 3 nothing was done.
    CATI's form works as well: deidentification -in IN -out OUT [-id SUBJECT] [-c PROFILE].
    Subcommands win over paths: write ./demo for a folder of that name.
    ");
}

#[test]
fn codes_come_from_a_table_and_strangers_are_quarantined() {
    use deid_testkit::study::{Subject, mr_instance};
    let desk = Desk::new();
    desk.write("in/1", mr_instance(&Subject { patient_id: "4711".into(), ..Subject::default() }));
    desk.write("in/2", mr_instance(&Subject { patient_id: "0815".into(), ..Subject::default() }));
    desk.write("codes.csv", "PatientID,code\n4711,SUB01\n");
    let ran = desk.run("in out --subjects codes.csv --json --key key");
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stdout.contains("\"by_cause\":{\"unknown_subject\":1}"), "{}", ran.stdout);
    let difference = desk.run("diff in/1 out/1").stdout;
    assert!(difference.contains("Patient ID\t4711\tSUB01"), "{difference}");
    assert!(difference.contains("Patient's Name\tDoe^Jane\tSUB01"), "{difference}");
}

#[test]
fn result_that_could_not_replace_the_input_is_named() {
    let desk = Desk::with_study();
    desk.write("in/broken.dcm", &desk.read("in/ge/2.dcm")[..1000]);
    let ran = desk.run("in in --key key");
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("kB   to DESK/in.deidentified\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("With --quarantine DIR"), "{}", ran.stdout);

    let ran = desk.run("in in --key key --quarantine held");
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("kB   to in\n"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("--quarantine DIR"), "{}", ran.stdout);
    assert_eq!(desk.tree("held"), "held/broken.dcm");
    assert!(!desk.path("in/broken.dcm").exists(), "it was moved");
}

#[test]
fn archive_of_a_kind_that_is_not_written_is_refused() {
    let desk = Desk::with_study();
    for name in ["out.7z", "out.rar", "out.tar.lz", "out.tar.Z"] {
        let ran = desk.run(&format!("in {name} --key key"));
        assert_eq!(ran.code, Some(2), "{name}");
        assert!(ran.stderr.contains("cannot be written\nhint: archives written are .zip"), "{}", ran.stderr);
        assert!(!desk.path(name).exists());
    }
    std::fs::create_dir(desk.path("out.7z")).unwrap();
    assert_eq!(desk.run("in out.7z --key key").code, Some(0), "a folder of that name is meant");
}

#[test]
fn value_that_cannot_be_forced_is_refused_with_the_reason() {
    let desk = Desk::with_study();
    for (set, why) in [
        ("StudyDate=foo", "none of VR DA: YYYYMMDD"),
        ("PatientSex=\u{e9}", "beyond ASCII"),
        ("(0012,0062)=NO", "the program writes it"),
        ("SpecificCharacterSet=ISO_IR 192", "all other texts"),
        ("(0002,0010)=1.2", "written anew"),
        ("(0029,1010)=x", "private"),
        ("ReferencedImageSequence=x", "a sequence"),
    ] {
        let ran = desk.run_words(&["in", "out", "--key", "key", "--set", set]);
        assert_eq!(ran.code, Some(2), "{set}");
        assert!(ran.stderr.contains(why), "{set}\n{}", ran.stderr);
    }
    assert!(!desk.path("out").exists());
}

#[test]
fn pictures_are_counted_and_go_to_one_folder() {
    let desk = Desk::with_study();
    // A picture of one grey pixel.
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\
        \0\0\0\nIDAT\x78\x9c\x63\x60\0\0\0\x02\0\x01\x48\xaf\xa4\x71\0\0\0\0IEND\xae\x42\x60\x82";
    desk.write("in/ge/screen.png", png);
    let ran = desk.run("in out --key key --keep-captures");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert!(desk.path("out/captures/screen.png").exists(), "{}", desk.tree("out"));
    assert!(ran.stdout.contains("Pictures      1 JPEG or PNG picture was written"), "{}", ran.stdout);
    assert!(ran.stdout.contains("pixels not inspected"), "{}", ran.stdout);
    let json = desk.run("in out2 --key key --keep-captures --json").json();
    assert_eq!(json["pictures"], 1);
}

#[test]
fn reports_go_where_they_are_asked_for() {
    let desk = Desk::with_study();
    std::fs::create_dir(desk.path("reports")).unwrap();
    let ran = desk.run("in out --key key --report reports");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert_eq!(desk.tree("reports"), "reports/out.report.csv\nreports/out.report.jsonl");
    assert!(ran.stdout.contains("Report        reports/out.report.csv\n"), "{}", ran.stdout);
    assert!(!desk.path("out.report.csv").exists());
}

#[test]
fn originals_in_the_quarantine_are_counted() {
    let desk = Desk::with_study();
    desk.write("in/broken.dcm", &desk.read("in/ge/2.dcm")[..1000]);
    let ran = desk.run("in out --key key --quarantine held");
    assert!(ran.stdout.contains("Quarantine    held   (1 of 1 original copied)\n"), "{}", ran.stdout);
    assert_eq!(desk.run("in out2 --key key --quarantine held --json").json()["quarantine_failed"], 0);
}

#[test]
fn dry_run_in_place_says_that_the_input_would_stay() {
    let desk = Desk::with_study();
    desk.write("in/broken.dcm", &desk.read("in/ge/2.dcm")[..1000]);
    let ran = desk.run("in in --key key --dry-run");
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("The input would not be replaced"), "{}", ran.stdout);
}
