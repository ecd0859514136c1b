//! What the DICOM standard says, as generated tables.
