//! The file around a data set: preamble, file meta information, transfer syntax (PS3.10 7).

use crate::walk::chain_is_plausible;
use crate::{Encoding, FaultKind, Faults, Source, Tag, Vr, encode, value};

/// UIDs of the transfer syntaxes whose data set encoding differs from explicit VR little endian.
pub mod transfer_syntax {
    /// Implicit VR Little Endian.
    pub const IMPLICIT_LITTLE: &str = "1.2.840.10008.1.2";
    /// Explicit VR Little Endian.
    pub const EXPLICIT_LITTLE: &str = "1.2.840.10008.1.2.1";
    /// Deflated Explicit VR Little Endian.
    pub const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
    /// Explicit VR Big Endian (retired).
    pub const EXPLICIT_BIG: &str = "1.2.840.10008.1.2.2";
    /// GE's private one: implicit VR little endian with big endian pixel data.
    pub const GE_PRIVATE: &str = "1.2.840.113619.5.2";
    /// Papyrus 3, implicit VR little endian (retired).
    pub const PAPYRUS_3: &str = "1.2.840.10008.1.20";
    /// JPIP Referenced Deflate; the others of the JPIP family carry no pixel data either.
    pub const JPIP_DEFLATED: &str = "1.2.840.10008.1.2.4.95";
    /// JPIP HTJ2K Referenced Deflate.
    pub const JPIP_HTJ2K_DEFLATED: &str = "1.2.840.10008.1.2.4.205";
}

/// The prefix that stands at byte 128 of a DICOM file.
pub const PREFIX: [u8; 4] = *b"DICM";

/// How a file is laid out: where its data set begins and how that is encoded.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The transfer syntax as the file states it, trimmed; `None` if it states none.
    pub declared: Option<String>,
    /// The transfer syntax the data set really has (pixel data apart).
    pub transfer_syntax: String,
    /// Media Storage SOP Class UID (0002,0002), trimmed.
    pub sop_class: Option<String>,
    /// Where the data set begins (deflated or not).
    pub data_set: u64,
    /// Whether the data set is deflated: inflate it and walk the result from 0.
    pub deflated: bool,
    /// The encoding of the data set at top level.
    pub encoding: Encoding,
    /// What was wrong with preamble, meta information and transfer syntax.
    pub faults: Faults,
}

/// The bytes are not a DICOM file and no data set either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotDicom;

impl std::fmt::Display for NotDicom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not a DICOM file")
    }
}

impl std::error::Error for NotDicom {}

/// Finds out whether this is DICOM and how it is laid out.
///
/// With the prefix `DICM` anything is taken for DICOM; without it only what begins with file meta information or
/// with a chain of plausible elements of group 0008.
pub fn open<S: Source>(source: &mut S) -> Result<Layout, NotDicom> {
    let mut faults = Faults::default();
    let with_prefix = |source: &mut S, offset| source.peek::<4>(offset) == Some(PREFIX);
    let mut start = 0;
    let mut certain = true;
    if with_prefix(source, 128) {
        start = 132;
    } else if with_prefix(source, 0) {
        start = 4;
        faults.push(FaultKind::NoPreamble, 0, None);
    } else {
        certain = false;
        faults.push(FaultKind::NoPreamble, 0, None);
    }
    let meta = read_meta(source, start, &mut faults);
    if !certain && meta.elements == 0 {
        let encoding = bare_data_set(source).ok_or(NotDicom)?;
        faults.push(FaultKind::NoMeta, 0, None);
        return Ok(Layout {
            declared: None,
            transfer_syntax: syntax_of(encoding).to_owned(),
            sop_class: None,
            data_set: 0,
            deflated: false,
            encoding,
            faults,
        });
    }
    if meta.elements == 0 {
        faults.push(FaultKind::NoMeta, start, None);
    } else if meta.transfer_syntax.is_none() {
        faults.push(FaultKind::NoTransferSyntax, start, None);
    }
    // What is no UID names nothing, and must not be written again.
    let declared = meta.transfer_syntax.filter(|uid| value::is_uid(uid.as_bytes()));
    if declared.is_none() && meta.elements > 0 && !faults.contains(FaultKind::NoTransferSyntax) {
        faults.push(FaultKind::TransferSyntaxWrong, start, Some(Tag::new(2, 0x10)));
    }
    let deflated = declared.as_deref().is_some_and(|uid| {
        matches!(
            uid,
            transfer_syntax::DEFLATED | transfer_syntax::JPIP_DEFLATED | transfer_syntax::JPIP_HTJ2K_DEFLATED
        )
    });
    if deflated {
        // Some writers declare deflate and then do not.
        let plain = chain_is_plausible(source, meta.end, Encoding::ExplicitLittle, source.size(), 3);
        if !plain {
            let transfer_syntax = declared.clone().unwrap_or_default();
            return Ok(Layout {
                declared,
                transfer_syntax,
                sop_class: meta.sop_class,
                data_set: meta.end,
                deflated: true,
                encoding: Encoding::ExplicitLittle,
                faults,
            });
        }
    }
    let stated = match declared.as_deref() {
        Some(transfer_syntax::IMPLICIT_LITTLE | transfer_syntax::GE_PRIVATE | transfer_syntax::PAPYRUS_3) => {
            Encoding::ImplicitLittle
        }
        Some(transfer_syntax::EXPLICIT_BIG) => Encoding::ExplicitBig,
        _ => Encoding::ExplicitLittle,
    };
    let encoding = sniff(source, meta.end, stated);
    let standard = declared.as_deref().is_some_and(|uid| uid.starts_with("1.2.840.10008.1.2"));
    let mut transfer_syntax = declared.clone().unwrap_or_else(|| syntax_of(encoding).to_owned());
    if declared.is_some() && !standard {
        faults.push(FaultKind::TransferSyntaxUnknown, start, Some(Tag::new(2, 0x10)));
    }
    if declared.is_some() && (encoding != stated || deflated) {
        faults.push(FaultKind::TransferSyntaxWrong, meta.end, Some(Tag::new(2, 0x10)));
        if standard {
            syntax_of(encoding).clone_into(&mut transfer_syntax);
        }
    }
    Ok(Layout {
        declared,
        transfer_syntax,
        sop_class: meta.sop_class,
        data_set: meta.end,
        deflated: false,
        encoding,
        faults,
    })
}

const fn syntax_of(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::ImplicitLittle => transfer_syntax::IMPLICIT_LITTLE,
        Encoding::ExplicitLittle => transfer_syntax::EXPLICIT_LITTLE,
        Encoding::ExplicitBig => transfer_syntax::EXPLICIT_BIG,
    }
}

struct Meta {
    elements: usize,
    end: u64,
    transfer_syntax: Option<String>,
    sop_class: Option<String>,
}

/// Reads the elements of group 0002 by their tags, not by the group length, which real files get wrong.
fn read_meta<S: Source>(source: &mut S, start: u64, faults: &mut Faults) -> Meta {
    let mut meta = Meta { elements: 0, end: start, transfer_syntax: None, sop_class: None };
    let encoding = Encoding::ExplicitLittle;
    let mut declared_end = None;
    while let Some(head) = source.peek::<8>(meta.end) {
        let tag = encoding.tag([head[0], head[1], head[2], head[3]]);
        if tag.group() != 2 {
            break;
        }
        let (vr, header, length) = match Vr::from_bytes([head[4], head[5]]) {
            Some(vr) if vr.has_long_length() => match source.peek::<4>(meta.end + 8) {
                Some(bytes) => (vr, 12, encoding.u32(bytes)),
                None => (vr, 12, u32::MAX),
            },
            Some(vr) => (vr, 8, u32::from(encoding.u16([head[6], head[7]]))),
            None => {
                faults.push(FaultKind::MetaImplicit, meta.end, Some(tag));
                (Vr::Implicit, 8, encoding.u32([head[4], head[5], head[6], head[7]]))
            }
        };
        let value = meta.end + header;
        let end = value + u64::from(length);
        if end > source.size() {
            faults.push(FaultKind::MetaTruncated, meta.end, Some(tag));
            break;
        }
        if tag.element() == 0 && length == 4 && vr != Vr::UI {
            declared_end = source.peek::<4>(value).map(|bytes| end + u64::from(encoding.u32(bytes)));
        }
        if matches!(tag.element(), 0x0002 | 0x0010) && length <= 256 {
            let raw = source.bytes(value, length as usize).unwrap_or_default().to_vec();
            let uid = String::from_utf8_lossy(&raw).trim_matches(['\0', ' ']).to_owned();
            if tag.element() == 0x0010 {
                if raw.len() != uid.len() && raw != [uid.as_bytes(), b"\0"].concat() {
                    faults.push(FaultKind::TransferSyntaxPadded, meta.end, Some(tag));
                }
                meta.transfer_syntax = Some(uid).filter(|uid| !uid.is_empty());
            } else {
                meta.sop_class = Some(uid).filter(|uid| !uid.is_empty());
            }
        }
        meta.elements += 1;
        meta.end = end;
    }
    if meta.elements > 0 && declared_end != Some(meta.end) {
        faults.push(FaultKind::MetaGroupLengthWrong, start, Some(Tag::new(2, 0)));
    }
    meta
}

/// The encoding in which the data set at `start` really reads, the stated one first.
fn sniff<S: Source>(source: &mut S, start: u64, stated: Encoding) -> Encoding {
    let order = [stated, Encoding::ExplicitLittle, Encoding::ImplicitLittle, Encoding::ExplicitBig];
    let end = source.size();
    for count in [6, 2, 1] {
        if let Some(&encoding) =
            order.iter().find(|&&encoding| chain_is_plausible(source, start, encoding, end, count))
        {
            return encoding;
        }
    }
    stated
}

/// Without prefix and meta information: at least four plausible elements that begin in group 0008.
fn bare_data_set<S: Source>(source: &mut S) -> Option<Encoding> {
    let head = source.peek::<4>(0)?;
    [Encoding::ExplicitLittle, Encoding::ImplicitLittle, Encoding::ExplicitBig].into_iter().find(
        |&encoding| {
            encoding.tag(head).group() == 0x0008 && chain_is_plausible(source, 0, encoding, source.size(), 4)
        },
    )
}

/// What goes into new file meta information.
#[derive(Clone, Copy, Debug)]
pub struct NewMeta<'a> {
    /// Media Storage SOP Class UID.
    pub sop_class: &'a str,
    /// Media Storage SOP Instance UID, the new one.
    pub sop_instance: &'a str,
    /// The transfer syntax of what follows.
    pub transfer_syntax: &'a str,
    /// Implementation Class UID of this software.
    pub implementation: &'a str,
    /// Implementation Version Name, at most 16 characters.
    pub implementation_version: &'a str,
}

/// Appends a zeroed preamble, the prefix and file meta information that says nothing of where the file comes from
/// (PS3.10 7.1): no source AE title, no private information.
pub fn write_meta(out: &mut Vec<u8>, meta: &NewMeta<'_>) -> Result<(), encode::ValueTooLong> {
    out.extend_from_slice(&[0; 128]);
    out.extend_from_slice(&PREFIX);
    let length_at = out.len() + 8;
    let encoding = Encoding::ExplicitLittle;
    encode::element(out, encoding, Tag::new(2, 0), Vr::UL, &[0; 4])?;
    let start = out.len();
    encode::element(out, encoding, Tag::new(2, 1), Vr::OB, &[0, 1])?;
    for (element, vr, value) in [
        (0x0002, Vr::UI, meta.sop_class),
        (0x0003, Vr::UI, meta.sop_instance),
        (0x0010, Vr::UI, meta.transfer_syntax),
        (0x0012, Vr::UI, meta.implementation),
        (0x0013, Vr::SH, meta.implementation_version),
    ] {
        encode::element(out, encoding, Tag::new(2, element), vr, value.as_bytes())?;
    }
    let length = (out.len() - start) as u32;
    out[length_at..length_at + 4].copy_from_slice(&length.to_le_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_meta_is_read_back() {
        let mut file = Vec::new();
        let meta = NewMeta {
            sop_class: "1.2.840.10008.5.1.4.1.1.4",
            sop_instance: "2.25.1",
            transfer_syntax: transfer_syntax::EXPLICIT_BIG,
            implementation: "2.25.2",
            implementation_version: "TEST",
        };
        write_meta(&mut file, &meta).unwrap();
        let data_set = file.len() as u64;
        file.extend_from_slice(b"\x00\x08\x00\x60CS\x00\x02MR");
        let layout = open(&mut &file[..]).unwrap();
        assert_eq!(layout.data_set, data_set);
        assert_eq!(layout.encoding, Encoding::ExplicitBig);
        assert_eq!(layout.sop_class.as_deref(), Some(meta.sop_class));
        assert!(layout.faults.is_empty());
    }

    #[test]
    fn text_is_not_dicom() {
        assert_eq!(open(&mut &b"subject;input;output\n"[..]).unwrap_err(), NotDicom);
        assert_eq!(open(&mut &b""[..]).unwrap_err(), NotDicom);
    }
}
