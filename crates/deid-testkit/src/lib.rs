//! Builders of exact DICOM bytes, the fault gallery and oracles for tests.
