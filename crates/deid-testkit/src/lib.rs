//! What the tests of this workspace are made of; not published and used as a dev-dependency only.
//!
//! - [`bytes`] writes DICOM byte by byte, right or wrong on purpose.
//! - [`gallery`] holds the broken and odd files met in practice, each with a name and a story.
//! - [`study`] makes plausible MR images of three vendors about a [`study::Subject`] of your choice.
//! - [`planted`] makes unique words to plant in files, and hunts for them in whatever came out.
//! - [`raw`] makes the files of raw formats beside DICOM.
//! - [`real`] lists the real files beside the project.
//! - [`vendor`] writes the headers that vendors hide in private elements.
//! - [`tags`] and [`uids`] name the numbers that the builders need.
//!
//! Nothing here judges or repairs DICOM: a test states what it expects of the code it tests.
//!
//! ```
//! use deid_testkit::bytes::{Part10, explicit};
//! use deid_testkit::planted::{Words, search};
//! use deid_testkit::{tags, uids};
//!
//! let mut words = Words::new();
//! let name = words.plant("PatientName");
//! let file = Part10::new(uids::EXPLICIT_LE, explicit(tags::PATIENT_NAME, "PN", &*name)).bytes();
//! assert_eq!(search(&file, words.planted())[0].slot, "PatientName");
//! ```

pub mod bytes;
pub mod gallery;
pub mod planted;
pub mod raw;
pub mod real;
pub mod study;
pub mod tags;
pub mod uids;
pub mod vendor;
