//! Bytes of DICOM as spans: walk, splice, decode. No I/O and no policy.
//!
//! [`open`] finds out how a file is laid out, [`walk()`] turns its data set into a [`Tree`] of spans, [`splice()`]
//! carries out [`Edits`] by copying every span that no edit concerns. Values are decoded only where somebody asks
//! ([`value`], [`charset`], [`calendar`]); what is wrong with a file is data ([`Faults`]).
//!
//! ```
//! use deid_dicom::{Change, Edits, Spliced, Tag, Tree, Vr, open, splice, walk};
//!
//! let file = b"\x08\0\x60\0CS\x02\0MR\x10\0\x10\0PN\x08\0Doe^Jane\x10\0\x20\0LO\x02\0I1\x18\0\x50\0DS\x02\x001 ";
//! let mut source = &file[..];
//! let layout = open(&mut source).unwrap();
//! let mut tree = Tree::default();
//! walk(&mut source, layout.data_set, layout.encoding, &mut tree);
//!
//! let mut edits = Edits::default();
//! edits.changes.push((1, Change::Value(Vr::PN, b"Unknown".to_vec())));
//! let mut spliced = Spliced::default();
//! splice(&tree, file.len() as u64, &edits, &mut spliced).unwrap();
//! let output = spliced.to_bytes(file);
//! assert_eq!(&output[10..26], b"\x10\0\x10\0PN\x08\0Unknown ");
//! assert_eq!(&output[26..], &file[26..]);
//! ```

pub mod calendar;
pub mod charset;
pub mod deflate;
pub mod encode;
mod fault;
mod meta;
mod source;
pub mod splice;
mod tag;
pub mod transcode;
pub mod tree;
pub mod value;
mod vr;
mod walk;

pub use fault::{Fault, FaultKind, FaultPolicy, Faults};
pub use meta::{Layout, NewMeta, NotDicom, PREFIX, open, transfer_syntax, write_meta};
pub use source::Source;
pub use splice::{Change, Edits, Piece, Place, SpliceError, Spliced, splice};
pub use tag::{InvalidTag, Tag};
pub use tree::{Encoding, Kind, Node, NodeIndex, ROOT, Tree};
pub use vr::Vr;
pub use walk::walk;
