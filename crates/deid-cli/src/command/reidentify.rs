//! `deidentification reidentify IN OUT --private-key KEY`: the original values back in their places.

use std::fs;
use std::path::Path;

use deid_core::OpenError;
use deid_io::archive::{self, Sniffed};
use deid_io::reidentify::Restoration;
use deid_io::run::RunError;
use deid_reversible::{Opener, PrivateKeyError};
use zeroize::Zeroizing;

use super::run::refusal;
use crate::arguments::ReidentifyArguments;
use crate::exit::{Exit, Failure};
use crate::speech::{say, tell};

pub(crate) fn run(arguments: &ReidentifyArguments) -> Result<Exit, Failure> {
    let opener = opener(arguments)?;
    if arguments.input.is_file() && matches!(archive::sniff(&arguments.input), Ok(Sniffed::Archive(_))) {
        let failure = Failure::nothing_done(format!("{} is an archive", arguments.input.display()));
        return Err(failure.hint("reidentify reads files and folders: unpack it first"));
    }
    let mut untold = None;
    let mut tell_file = |ordinal: u64, path: &Path, why: deid_io::reidentify::NotRestored| {
        if !why.is_skipped() {
            let file = match path.to_str().filter(|path| !path.contains(char::is_control)) {
                Some(path) if why.is_known_file() => path.to_owned(),
                _ => format!("file {ordinal}"),
            };
            tell(&format!("not restored: {file}: {why}"));
            untold = Some(why);
        }
    };
    let result =
        deid_io::reidentify::reidentify(&arguments.input, &arguments.output, &opener, &mut tell_file)
            .map_err(|error| match error {
                // Originals are never put in the place of what was de-identified.
                RunError::OutputInsideInput => {
                    Failure::nothing_done(error.to_string()).hint("name an OUT beside IN")
                }
                error => refusal(&error),
            })?;
    if let Some(deid_io::reidentify::NotRestored::Originals(error)) = untold
        && error == OpenError::NotARecipient.into()
    {
        tell("hint: --private-key takes the key of one of the certificates that --encrypt-for was given");
    }
    say(&in_words(&result, &arguments.output))?;
    Ok(match result {
        Restoration { failed: 0, restored: 1.., .. } => Exit::Done,
        Restoration { restored: 0, .. } => Exit::Nothing,
        _ => Exit::Some,
    })
}

fn in_words(result: &Restoration, output: &Path) -> String {
    let Restoration { read, restored, failed, skipped, partly, left_out } = result;
    let mut words = format!("{read} files read: {restored} restored, {failed} failed, {skipped} not DICOM");
    if *restored > 0 {
        words.extend([format!(
            "\nWhat is in {} identifies people again; only you can read it.",
            output.display()
        )]);
    }
    if *partly > 0 {
        words.extend([format!(
            "\nIn {partly} of them, {left_out} attributes in all are still de-identified: they were too large to be kept."
        )]);
    }
    words
}

/// What opens the originals. Keys and passphrases come from files only.
fn opener(arguments: &ReidentifyArguments) -> Result<Opener, Failure> {
    let read = |what: &str, file: &Path| {
        fs::read(file)
            .map(Zeroizing::new)
            .map_err(|error| Failure::usage(format!("{what} {}: {error}", file.display())))
    };
    let key = read("private key", &arguments.private_key)?;
    let passphrase =
        arguments.passphrase_file.as_deref().map(|file| read("passphrase file", file)).transpose()?;
    let certificate = arguments.certificate.as_deref().map(|file| read("certificate", file)).transpose()?;
    // The end of the line is no part of it, as for openssl's `file:`.
    let passphrase = passphrase
        .as_ref()
        .map(|text| text.split(|&byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default());
    Opener::new(&key, passphrase, certificate.as_ref().map(|bytes| bytes.as_slice())).map_err(|error| {
        let failure = Failure::usage(format!("private key {}: {error}", arguments.private_key.display()));
        match error {
            PrivateKeyError::PassphraseMissing => {
                failure.hint("--passphrase-file names a file that holds it")
            }
            _ => failure,
        }
    })
}
