//! Unique identifiers that the builders name.

/// Implicit VR Little Endian.
pub const IMPLICIT_LE: &str = "1.2.840.10008.1.2";
/// Explicit VR Little Endian.
pub const EXPLICIT_LE: &str = "1.2.840.10008.1.2.1";
/// Explicit VR Big Endian (retired).
pub const EXPLICIT_BE: &str = "1.2.840.10008.1.2.2";
/// Deflated Explicit VR Little Endian.
pub const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
/// JPEG Baseline (Process 1): pixel data in fragments.
pub const JPEG_BASELINE: &str = "1.2.840.10008.1.2.4.50";
/// High-Throughput JPEG 2000, lossless only; newer than many readers.
pub const HTJ2K_LOSSLESS: &str = "1.2.840.10008.1.2.4.201";
/// MR Image Storage.
pub const MR_IMAGE: &str = "1.2.840.10008.5.1.4.1.1.4";
/// The instance that the gallery's files claim to be.
pub const GALLERY_INSTANCE: &str = "1.2.3.4.5.6.7.8";
/// The implementation that wrote the gallery.
pub const GALLERY_IMPLEMENTATION: &str = "1.2.3.4";
