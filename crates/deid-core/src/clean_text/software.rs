//! Days of releases of software: `SPM12 r7771 (2020-01-13)`, `N4_VE11C_LATEST_20160120`.

use super::scan::Scan;
use std::ops::Range;

/// What the day of a release stands behind.
const RELEASES: &[&str] = &[
    "version", "ver", "vers", "versione", "versie", "wersja", "verze", "build", "built", "rev", "revision",
    "release", "released", "rel", "latest", "stable", "nightly", "snapshot", "svn", "git", "commit", "patch",
    "hotfix", "firmware", "software", "compiled", "beta", "alpha", "rc", "dev",
];

/// Names of software, of the scanners and of who processes what they make.
const SOFTWARE: &[&str] = &[
    "spm",
    "fsl",
    "freesurfer",
    "fastsurfer",
    "ants",
    "afni",
    "niix",
    "dcm",
    "dcmniix",
    "mricron",
    "mricrogl",
    "mrtrix",
    "fmriprep",
    "smriprep",
    "mriqc",
    "qsiprep",
    "aslprep",
    "nipype",
    "nilearn",
    "nibabel",
    "pydicom",
    "dcmtk",
    "gdcm",
    "itk",
    "vtk",
    "itksnap",
    "slicer",
    "elastix",
    "matlab",
    "python",
    "syngo",
    "numaris",
    "xnat",
    "heudiconv",
    "bidscoin",
    "reproin",
    "cat",
    "conn",
    "dpabi",
    "dsi",
    "camino",
    "dipy",
    "tractseg",
    "totalsegmentator",
    "nnunet",
    "monai",
    "synthseg",
    "hdbet",
    "lcmodel",
    "gannet",
    "osprey",
    "tarquin",
    "jmrui",
    "brainvoyager",
    "pmod",
    "mipav",
    "caret",
    "workbench",
    "minc",
    "civet",
    "niftyreg",
    "niftyseg",
    "eddy",
    "topup",
    "osirix",
    "horos",
    "weasis",
    "radiant",
    "orthanc",
    "dcmche",
    "conquest",
    "clearcanvas",
    "ge",
    "orchestra",
    "gadgetron",
    "bart",
    "pulseq",
    "template",
    "numpy",
    "scipy",
    "pytorch",
    "tensorflow",
    "cuda",
    "openmp",
    "linux",
    "centos",
    "ubuntu",
];

/// What begins the name of a Siemens release: VB17, VE11C, XA30.
const BASELINES: &[&str] = &["va", "vb", "vc", "vd", "ve", "xa", "xb", "dv", "mx", "hd", "rx", "ev"];

/// How many runs before a date are looked at.
const BACK: usize = 9;

/// Whether a date stands behind the name of software or its version, with nothing between but what belongs to these.
pub(super) fn is_of_release(scan: &Scan, date: &Range<usize>) -> bool {
    let first = scan.runs.partition_point(|run| run.range.end <= date.start);
    for run in (first.saturating_sub(BACK)..first).rev() {
        let gap = scan.gap(run + 1);
        if gap.len() > 3 || gap.contains([',', ';', '\n', '\r', '|', ')']) {
            return false;
        }
        if scan.is_digits(run) {
            continue;
        }
        let word = scan.letters(run);
        let digits = scan.gap(run + 1).is_empty() && scan.is_digits(run + 1) && run + 1 < first;
        let number = if digits { scan.runs[run + 1].folded.len() } else { 0 };
        // v1.0 and r7771; v1 is a visit.
        let numbered = match word {
            "v" => number > 0 && scan.gap(run + 2) == "." && scan.is_digits(run + 2) && run + 2 < first,
            "r" => number >= 3,
            _ => BASELINES.contains(&word) && (1..=2).contains(&number),
        };
        if numbered || RELEASES.contains(&word) || SOFTWARE.contains(&word) && word.len() > 2 {
            return true;
        }
        // Letters of a version, hashes and the joint before a day.
        let belongs = word.len() <= 2 && !matches!(word, "on" | "am" | "le" | "el" | "il" | "du" | "um")
            || matches!(word, "from" | "vom" | "dated" | "prep" | "fmri");
        if !belongs {
            return false;
        }
    }
    false
}
