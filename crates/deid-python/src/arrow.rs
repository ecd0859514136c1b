//! A table as an Arrow stream (Arrow PyCapsule interface), so that pyarrow, polars, pandas and DuckDB take it without our
//! depending on one of them.

use std::sync::Arc;

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{ArrayRef, BooleanArray, RecordBatch, RecordBatchIterator, StringArray, UInt64Array};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

/// A column: name, kind (`bool`, `uint64` or `text`), values.
type Column<'py> = (String, String, Bound<'py, PyAny>);

/// A capsule `arrow_array_stream` with one batch of these columns.
#[pyfunction]
pub(crate) fn arrow_stream<'py>(
    py: Python<'py>,
    columns: Vec<Column<'py>>,
) -> PyResult<Bound<'py, PyCapsule>> {
    let arrays = columns.into_iter().map(|(name, kind, values)| {
        let array: ArrayRef = match &*kind {
            "bool" => Arc::new(BooleanArray::from(values.extract::<Vec<bool>>()?)),
            "uint64" => Arc::new(UInt64Array::from(values.extract::<Vec<u64>>()?)),
            _ => Arc::new(StringArray::from(values.extract::<Vec<Option<String>>>()?)),
        };
        Ok((name, array, kind == "text"))
    });
    let arrays = arrays.collect::<PyResult<Vec<_>>>()?;
    let wrong = |error: arrow_schema::ArrowError| PyValueError::new_err(error.to_string());
    let batch = RecordBatch::try_from_iter_with_nullable(arrays).map_err(wrong)?;
    let schema = batch.schema();
    let stream = FFI_ArrowArrayStream::new(Box::new(RecordBatchIterator::new([Ok(batch)], schema)));
    PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
}
