//! A table as an Arrow stream (Arrow PyCapsule interface), so that pyarrow, polars, pandas and DuckDB take it without our
//! depending on one of them.

use std::sync::Arc;

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{ArrayRef, BooleanArray, RecordBatch, RecordBatchIterator, StringArray, UInt64Array};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

/// The values of a column, all of one kind.
#[derive(FromPyObject)]
pub(crate) enum Column {
    #[pyo3(transparent)]
    Booleans(Vec<bool>),
    #[pyo3(transparent)]
    Numbers(Vec<u64>),
    #[pyo3(transparent)]
    Texts(Vec<Option<String>>),
}

/// A capsule `arrow_array_stream` with one batch of these columns.
#[pyfunction]
pub(crate) fn arrow_stream(py: Python<'_>, columns: Vec<(String, Column)>) -> PyResult<Bound<'_, PyCapsule>> {
    let arrays = columns.into_iter().map(|(name, column)| {
        let nullable = matches!(column, Column::Texts(_));
        let array: ArrayRef = match column {
            Column::Booleans(values) => Arc::new(BooleanArray::from(values)),
            Column::Numbers(values) => Arc::new(UInt64Array::from(values)),
            Column::Texts(values) => Arc::new(StringArray::from(values)),
        };
        (name, array, nullable)
    });
    let wrong = |error: arrow_schema::ArrowError| PyValueError::new_err(error.to_string());
    let batch = RecordBatch::try_from_iter_with_nullable(arrays).map_err(wrong)?;
    let schema = batch.schema();
    let stream = FFI_ArrowArrayStream::new(Box::new(RecordBatchIterator::new([Ok(batch)], schema)));
    PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
}
