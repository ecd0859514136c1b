//! The extension module `deidentification._native`: what the Python package asks of the libraries.
//!
//! Nothing is decided here. Values of Python become those of the libraries, results become tuples and dicts, errors the
//! exceptions of `deidentification.errors`. The package in `python/deidentification` gives them the names that users
//! know; `_native.pyi` there is the description of this module, and a test holds the two together.
//!
//! - `settings`: profiles, keys, and what else a run is made with;
//! - `instance`: one instance in, one out, by itself or with what a session knows;
//! - `reidentify`: encrypted originals back in their places;
//! - `batch`: a run over files, folders and archives, its progress and its end by Ctrl-C;
//! - `inspect`: check, differences, comparison, headers;
//! - `arrow`: a report for whoever reads Arrow;
//! - `archives` and `tables`: what CATI's modules `archive`, `config` and `tag_lists` offer.
//!
//! Whatever may take long releases the interpreter's lock.

mod archives;
mod arrow;
mod batch;
mod cati;
mod errors;
mod inspect;
mod instance;
mod reidentify;
mod settings;
mod tables;

use pyo3::prelude::*;

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    deid_io::keep_panics_quiet();
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<settings::Profile>()?;
    module.add_class::<settings::Key>()?;
    module.add_class::<instance::Engine>()?;
    module.add_class::<instance::Session>()?;
    module.add_class::<reidentify::PrivateKey>()?;
    for function in [
        wrap_pyfunction!(batch::run, module)?,
        wrap_pyfunction!(batch::command, module)?,
        wrap_pyfunction!(settings::forced_problem, module)?,
        wrap_pyfunction!(settings::tag_of_keyword, module)?,
        wrap_pyfunction!(settings::option_names, module)?,
        wrap_pyfunction!(reidentify::reidentify, module)?,
        wrap_pyfunction!(inspect::check, module)?,
        wrap_pyfunction!(inspect::diff, module)?,
        wrap_pyfunction!(inspect::compare, module)?,
        wrap_pyfunction!(inspect::header, module)?,
        wrap_pyfunction!(inspect::is_dicom, module)?,
        wrap_pyfunction!(inspect::picture, module)?,
        wrap_pyfunction!(inspect::raw_format, module)?,
        wrap_pyfunction!(inspect::first_not_taken, module)?,
        wrap_pyfunction!(arrow::arrow_stream, module)?,
        wrap_pyfunction!(archives::archive_kind, module)?,
        wrap_pyfunction!(archives::unpack, module)?,
        wrap_pyfunction!(archives::pack, module)?,
        wrap_pyfunction!(cati::cati_profile, module)?,
        wrap_pyfunction!(cati::cati_report, module)?,
        wrap_pyfunction!(cati::table_rows, module)?,
        wrap_pyfunction!(cati::job_list, module)?,
        wrap_pyfunction!(tables::confidentiality_table, module)?,
        wrap_pyfunction!(tables::safe_private_attributes, module)?,
        wrap_pyfunction!(tables::cati_filter, module)?,
        wrap_pyfunction!(tables::well_formed_code, module)?,
    ] {
        module.add_function(function)?;
    }
    Ok(())
}
