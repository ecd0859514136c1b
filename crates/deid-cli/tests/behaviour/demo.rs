//! `deidentification demo OUT`.

use crate::desk::{Desk, snapshot};

#[test]
fn demo_shows_before_and_after_and_finds_no_leak() {
    let desk = Desk::new();
    let ran = desk.run("demo show");
    assert_eq!(ran.stderr, "");
    snapshot!(ran.all(), @r"
    exit 0
    -- stdout
    show/before   11 files about three people who do not exist, with what scanners write about people
    show/after    the same, de-identified with profile default and the key show/key

    Siemens Prisma            before                              after
      PatientName             Lindqvist^Astrid                    Unknown
      PatientID               PAT-20471186                        [code]
      PatientBirthDate        19630418                            (empty)
      PatientAddress          17 Marsh Lane                       (removed)
      StudyDate               20240311                            (empty)
      AccessionNumber         ACC-9014711                         (empty)
      InstitutionName         Uppsala Northern Infirmary          (removed)
      ReferringPhysicianName  Vasilakis^Eleni                     (empty)
      ImageComments           Lindqvist moved a little            (removed)
      StudyInstanceUID        1.2.276.0.99.201.6301.11001         [uid]
      a reference in an item  1.2.276.0.99.201.6301.88004.1       [uid]
      RepetitionTime          2300                                2300
      ImagePositionPatient    -85.5\-120.25\91                    -85.5\-120.25\91
      PixelData               <128 bytes, sha256 bd5dcd12>        <128 bytes, sha256 bd5dcd12>
      private elements        26                                  0
      path, before            Lindqvist_Astrid/20240311_t1_mprage/IM0001.dcm
      path, after             [code]/[date]_t1_mprage/IM0001.dcm

    GE Discovery MR750        before                              after
      PatientName             Okonkwo^Chidinma                    Unknown
      PatientID               PAT-20471286                        [code]
      PatientBirthDate        19871102                            (empty)
      PatientAddress          27 Marsh Lane                       (removed)
      StudyDate               20240312                            (empty)
      AccessionNumber         ACC-9024711                         (empty)
      InstitutionName         Harbour View Clinic                 (removed)
      ReferringPhysicianName  Abernathy^Rupert                    (empty)
      ImageComments           Okonkwo moved a little              (removed)
      StudyInstanceUID        1.2.276.0.99.202.6301.11001         [uid]
      a reference in an item  1.2.276.0.99.202.6301.88004.1       [uid]
      RepetitionTime          2300                                2300
      ImagePositionPatient    -85.5\-120.25\91                    -85.5\-120.25\91
      PixelData               <128 bytes, sha256 bd5dcd12>        <128 bytes, sha256 bd5dcd12>
      private elements        17                                  6
      path, before            Okonkwo_Chidinma/20240312_t1_mprage/IM0001.dcm
      path, after             [code]/[date]_t1_mprage/IM0001.dcm

    Philips Ingenia           before                              after
      PatientName             Beaumont^Thibault                   Unknown
      PatientID               PAT-20471386                        [code]
      PatientBirthDate        19490923                            (empty)
      PatientAddress          37 Marsh Lane                       (removed)
      StudyDate               20240313                            (empty)
      AccessionNumber         ACC-9034711                         (empty)
      InstitutionName         Clinique des Tilleuls               (removed)
      ReferringPhysicianName  Castellani^Bruna                    (empty)
      ImageComments           Beaumont moved a little             (removed)
      StudyInstanceUID        1.2.276.0.99.203.6301.11001         [uid]
      a reference in an item  1.2.276.0.99.203.6301.88004.1       [uid]
      RepetitionTime          2300                                2300
      ImagePositionPatient    -85.5\-120.25\91                    -85.5\-120.25\91
      PixelData               <128 bytes, sha256 bd5dcd12>        <128 bytes, sha256 bd5dcd12>
      private elements        17                                  11
      path, before            Beaumont_Thibault/20240313_t1_mprage/IM0001.dcm
      path, after             [code]/[date]_t1_mprage/IM0001.dcm

    read 11, written 9, quarantined 1, skipped 1.
      1 burned_in_risk: The pixels may show who the patient is.
      1 not_dicom: It is not a DICOM file.

    Leak hunt: 96 words planted, 0 found.
      Names, IDs, dates, addresses and UIDs were searched in the 12 files written and their names, in any
      letter case, also as UTF-16, base64 and hexadecimal, and within compressed streams.

    Next:
      all that changed      deidentification diff show/before/Lindqvist_Astrid/20240311_t1_mprage/IM0001.dcm \
                              show/after/[code]/[date]_t1_mprage/IM0001.dcm
      why, file by file     show/after.report.csv
      vendor headers kept   deidentification show/before show/shared --profile data_sharing
      data of your own      deidentification IN OUT
    ");
    assert!(!desk.path("home").exists(), "the user's own key is not touched");
}

#[test]
fn demo_replaces_nothing() {
    let desk = Desk::new();
    desk.write("show/mine", "mine");
    let ran = desk.run("demo show");
    assert_eq!(ran.code, Some(3));
    assert!(ran.stderr.starts_with("error: show is not empty\n"), "{}", ran.stderr);
    assert_eq!(desk.tree("show"), "show/mine");
}
