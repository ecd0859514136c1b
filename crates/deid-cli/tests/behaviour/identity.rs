//! Who becomes whom: codes and offsets from tables, crosswalks, keys of sites, keys that are thrown away.

use crate::desk::{Desk, snapshot};
use deid_testkit::study::{Subject, mr_instance};

fn desk(ids: &[&str]) -> Desk {
    let desk = Desk::new();
    for (index, id) in ids.iter().enumerate() {
        let subject = Subject { patient_id: (*id).into(), ..Subject::default() };
        desk.write(&format!("in/{}", index + 1), mr_instance(&subject));
    }
    desk
}

/// The value behind the name of an element in the table of `diff`: before and after.
fn change(desk: &Desk, name: &str, before: &str, after: &str) -> (String, String) {
    let table = desk.run(&format!("diff {before} {after}")).stdout;
    let line = table.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{name} in {table}"));
    let fields: Vec<&str> = line.split('\t').collect();
    (fields[fields.len() - 2].to_owned(), fields[fields.len() - 1].to_owned())
}

#[test]
fn offset_of_the_table_moves_the_dates() {
    let desk = desk(&["4711"]);
    desk.write("codes.csv", "PatientID,code,date_shift_days\n4711,SUB01,-1\n");
    let ran = desk.run("in out --subjects codes.csv -c neuro --key key");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let (before, after) = change(&desk, "Study Date", "in/1", "out/1");
    assert_eq!((before.as_str(), after.as_str()), ("20200310", "20200309"));
}

#[test]
fn one_code_for_two_people_has_to_be_meant() {
    let desk = desk(&["4711", "0815"]);
    desk.write("codes.csv", "# ours\nPatientID,code\n\n4711,SUB01\n0815,SUB01\n");
    snapshot!(desk.run("in out --subjects codes.csv -c neuro --key key").all(), @"
    exit 2
    -- stderr
    error: line 5 of the table of subjects gives another Patient ID the code of line 4; nothing was written (allow it by merging subjects)
    hint: if they are one person, --merge-subjects says so; else give each a code of its own
    ");
    assert!(!desk.path("out").exists());
    let ran = desk.run("in out --subjects codes.csv -c neuro --key key --merge-subjects");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    // One person: the time between the two visits stays.
    let [first, second] =
        ["1", "2"].map(|file| change(&desk, "Study Date", &format!("in/{file}"), &format!("out/{file}")));
    assert_eq!(first, second);
    let ran = desk.run("in both -c neuro --key key --subject S1 --merge-subjects");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let [first, second] =
        ["1", "2"].map(|file| change(&desk, "Study Date", &format!("in/{file}"), &format!("both/{file}")));
    assert_eq!(first, second);
}

#[test]
fn dates_in_names_move_with_those_of_the_headers() {
    let desk = Desk::new();
    let subject = Subject { patient_id: "4711".into(), ..Subject::default() };
    desk.write("in/20200310_T1/2020-03-10.dcm", mr_instance(&subject));
    desk.write("codes.csv", "PatientID,code,date_shift_days\n4711,SUB01,-9\n");
    let ran = desk.run("in out --subjects codes.csv -c neuro --key key");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert!(desk.path("out/20200301_T1/2020-03-01.dcm").exists());
    let ran = desk.run("in basic --subjects codes.csv -c basic --key key");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert!(!desk.path("basic/20200310_T1").exists() && !desk.path("basic/20200301_T1").exists());
}

#[test]
fn crosswalk_is_private_and_a_table_of_subjects() {
    let desk = desk(&["4711", "0815"]);
    let ran = desk.run("in out -c neuro --key key --crosswalk who/is.csv");
    assert_eq!(ran.code, Some(3), "a folder for it is not made: {}", ran.all());
    let ran = desk.run("in out -c neuro --key key --crosswalk who.csv");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let text = String::from_utf8(desk.read("who.csv")).unwrap();
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(
        text.starts_with("PatientID,issuer,code,date_shift_days,StudyInstanceUID,new_StudyInstanceUID\n")
    );
    assert!(text.contains("\n4711,,ANON"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(desk.path("who.csv")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // The same codes and dates with another key.
    assert_eq!(desk.run("key new other.key").code, Some(0));
    let ran = desk.run("in again -c neuro --key other.key --subjects who.csv");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert_eq!(
        change(&desk, "Patient ID", "in/1", "out/1").1,
        change(&desk, "Patient ID", "in/1", "again/1").1
    );
    assert_eq!(
        change(&desk, "Study Date", "in/2", "out/2").1,
        change(&desk, "Study Date", "in/2", "again/2").1
    );
    for place in ["out/who.csv", "in/who.csv", "who.csv"] {
        let ran = desk.run(&format!("in out --key key --crosswalk {place}"));
        assert_eq!(ran.code, Some(3), "{place}: {}", ran.all());
    }
}

#[test]
fn no_report_takes_the_place_of_a_crosswalk() {
    let desk = desk(&["4711"]);
    let ran = desk.run("in out --key key --crosswalk out.report.csv");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert!(desk.read("out.report.csv").starts_with(b"PatientID,issuer,code"));
    assert!(desk.read("out.report-2.csv").starts_with(b"ordinal,"));
}

#[test]
fn cut_ties_are_cut() {
    let desk = desk(&["4711"]);
    for out in ["a", "b"] {
        let ran = desk.run(&format!("in {out} --cut-ties"));
        assert_eq!(ran.code, Some(0), "{}", ran.all());
        assert!(ran.stdout.contains("(random, for this run only)"), "{}", ran.stdout);
        assert!(!ran.stderr.contains("made a new key"), "{}", ran.stderr);
    }
    assert_ne!(change(&desk, "Patient ID", "in/1", "a/1").1, change(&desk, "Patient ID", "in/1", "b/1").1);
    for other in ["--key key", "--crosswalk who.csv", "--report-names names.csv", "--encrypt-for holder.pem"]
    {
        assert_eq!(desk.run(&format!("in c --cut-ties {other}")).code, Some(2), "{other}");
    }
}

#[test]
fn an_element_is_set_once() {
    let desk = desk(&["4711"]);
    let ran = desk.run("in out --key key --set PatientComments=a --set (0010,4000)=b");
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    assert!(ran.stderr.contains("(0010,4000) is set twice"), "{}", ran.stderr);
}

#[test]
fn study_links_the_codes_of_its_sites() {
    let desk = desk(&["4711"]);
    assert_eq!(desk.run("key new study.key").code, Some(0));
    assert_eq!(desk.run("key new study.key").code, Some(2), "never overwritten");
    let mut codes = String::from("site,code\n");
    for site in ["Paris", "Lyon"] {
        let ran = desk.run(&format!("key site {site}.key --key study.key --name {site}"));
        assert_eq!(ran.code, Some(0), "{}", ran.all());
        assert_eq!(desk.run(&format!("in {site} --key {site}.key")).code, Some(0));
        let (_, code) = change(&desk, "Patient ID", "in/1", &format!("{site}/1"));
        codes.push_str(&[site, ",", &code, "\n"].concat());
    }
    desk.write("codes.csv", &codes);
    let ran = desk.run("key link codes.csv --key study.key");
    let links: Vec<&str> = ran.stdout.lines().skip(1).map(|line| line.split(',').nth(2).unwrap()).collect();
    assert_eq!(links.len(), 2, "{}", ran.all());
    assert_eq!(links[0], links[1]);
    let sites = String::from_utf8(desk.read("study.key.sites")).unwrap();
    assert!(sites.contains("Paris\t") && sites.contains("Lyon\t"), "{sites}");
    assert_eq!(desk.run("key link codes.csv --key Paris.key").code, Some(2));
    assert_eq!(desk.run("key site x.key --key Paris.key --name x").code, Some(2));
    desk.write("typo.csv", "site,code\nparis,ANON000000000000\n");
    snapshot!(desk.run("key link typo.csv --key study.key").all(), @"
    exit 2
    -- stderr
    error: typo.csv: line 2: no site of this name in study.key.sites (which has Paris, Lyon); is it Paris?
    hint: another name leads to another link; `key site` adds names to that list, and you may add lines to it
    ");
    let ran = desk.run("key site lyon.key --key study.key --name lyon");
    assert!(ran.stderr.contains("there is a site called Lyon already"), "{}", ran.all());
    std::fs::remove_file(desk.path("study.key.sites")).unwrap();
    let ran = desk.run("key link codes.csv --key study.key");
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert!(ran.stderr.contains("a misspelt name of a site goes unnoticed"), "{}", ran.all());
    let plain = desk.run("key link codes.csv --key study.key").stdout;
    let [paris, lyon] = [1, 2].map(|line| codes.lines().nth(line).unwrap().split_once(',').unwrap().1);
    for table in [
        format!("\"Site\";\"Subject code\"\r\nParis;{paris}\r\n\"Lyon\" ; {lyon}\r\n"),
        format!("\u{FEFF}CODE\tSITE\tremark\n{paris}\tParis\tx\n{lyon}\tLyon\t\n"),
        format!("# ours\nParis,{paris}\n\n\"Lyon\",\"{lyon}\"\n"),
    ] {
        desk.write("codes.csv", &table);
        assert_eq!(desk.run("key link codes.csv --key study.key").stdout, plain, "{table}");
    }
    desk.write("codes.csv", "Paris,secret\n");
    snapshot!(desk.run("key link codes.csv --key study.key").all(), @"
    exit 2
    -- stderr
    error: codes.csv: line 1: this is no code that a site's key makes
    hint: lines are `site,code`; a code ends in the 12 letters and digits that the site's key gave it
    ");
    // A name with the signs of a table comes back as it is.
    let ran = desk.run_words(&["key", "site", "odd.key", "--key", "study.key", "--name", "a,\"b\"; c"]);
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    desk.write("odd.csv", format!("site,code\n\"a,\"\"b\"\"; c\",{paris}\n"));
    let ran = desk.run("key link odd.csv --key study.key");
    assert!(ran.stdout.lines().nth(1).unwrap().starts_with("\"a,\"\"b\"\"; c\",ANON"), "{}", ran.all());
}
