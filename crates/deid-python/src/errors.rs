//! Errors of the libraries as exceptions of `deidentification.errors`.

use std::fmt::Display;

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// Does something without the interpreter's lock. A panic becomes an exception that callers catch, and that does not
/// quote what the panic was about.
pub(crate) fn detached<R: Send>(py: Python<'_>, work: impl FnOnce() -> R + Send) -> PyResult<R> {
    py.detach(|| catch_unwind(AssertUnwindSafe(work)))
        .map_err(|_| PyRuntimeError::new_err("it ended by an internal error"))
}

/// The exception of this name with this message; the module defines it.
pub(crate) fn exception(py: Python<'_>, name: &str, message: &dyn Display) -> PyErr {
    make(py, name, &[&message.to_string()])
}

/// The same with a word that programs can go by.
pub(crate) fn with_kind(py: Python<'_>, name: &str, message: &dyn Display, kind: &str) -> PyErr {
    make(py, name, &[&message.to_string(), kind])
}

fn make(py: Python<'_>, name: &str, arguments: &[&str]) -> PyErr {
    let made = || {
        let class = py.import("deidentification.errors")?.getattr(name)?;
        class.call1(PyTuple::new(py, arguments)?)
    };
    match made() {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}
