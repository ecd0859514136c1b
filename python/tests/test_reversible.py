"""Encrypted originals, and the way back."""

from __future__ import annotations

import io
import pickle
import shutil
import subprocess
from pathlib import Path

import pydicom
import pytest

import deidentification
from deidentification import (
    Key,
    KeyFileError,
    NotRestoredError,
    PrivateKey,
    Profile,
    RunRefusedError,
    SettingsError,
    deidentify,
    reidentify,
)

from .conftest import dataset, files, leaks

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl")


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A private key and its certificate."""
    return make(tmp_path, "me")


def make(folder: Path, name: str, *words: str) -> tuple[Path, Path]:
    key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command = ["openssl", "req", "-x509", *kind, "-keyout", key, "-out", certificate, "-subj", "/CN=x", "-days", "2"]
    subprocess.run([*command, *(words or ("-nodes",))], check=True, capture_output=True)
    return key, certificate


def test_a_study_comes_back(study: Path, tmp_path: Path, key: Key, pair: tuple[Path, Path]) -> None:
    private, certificate = pair
    out, back = tmp_path / "out", tmp_path / "back"
    deidentify(study, out, key=key, subject="S1", encrypt_for=certificate)
    assert leaks(out) == []
    restoration = reidentify(out, back, private_key=private)
    assert (restoration.read, restoration.restored, restoration.failed, restoration.errors) == (4, 4, 0, ())
    for file in files(back):
        before, after = pydicom.dcmread(study / file), pydicom.dcmread(back / file)
        assert before.to_json_dict() == after.to_json_dict()
        assert (back / file).stat().st_mode & 0o077 == 0, "only you can read it"
    again = reidentify(str(out), str(back), private_key=PrivateKey(private))
    assert again.failed == 4 and {error.cause for error in again.errors} == {"exists"}


def test_one_instance_comes_back(image: Path, key: Key, pair: tuple[Path, Path]) -> None:
    private, certificate = PrivateKey(pair[0], certificate=pair[1]), pair[1]
    sealed = Profile.load("neuro").apply(image, key=key, subject="S1", encrypt_for=[certificate])
    assert b"Doe" not in sealed
    restored = private.restore(sealed)
    assert pydicom.dcmread(io.BytesIO(restored)).PatientName == "Doe^Jane"
    ds = Profile.load("neuro").apply(dataset(), key=key, encrypt_for=certificate)
    assert private.restore(ds).PatientID == "PAT0815" and ds.PatientID != "PAT0815"
    assert pickle.loads(pickle.dumps(private)).restore(sealed) == restored
    assert repr(private) == "<PrivateKey>" and private.path == pair[0]


def test_what_cannot_come_back_says_why(
    image: Path, study: Path, tmp_path: Path, key: Key, pair: tuple[Path, Path]
) -> None:
    private = PrivateKey(pair[0])
    other = make(tmp_path, "other")
    sealed = Profile.load("default").apply(image, key=key, encrypt_for=other[1])
    plain = Profile.load("default").apply(image, key=key)
    for data, kind in [(sealed, "not_a_recipient"), (plain, "not_reversible"), (b"text", "not_dicom")]:
        with pytest.raises(NotRestoredError) as raised:
            private.restore(data)
        assert raised.value.kind == kind and pickle.loads(pickle.dumps(raised.value)).kind == kind
    (study / "notes.txt").write_text("x")
    restoration = reidentify(study, tmp_path / "back", private_key=private)
    assert (restoration.failed, restoration.skipped) == (4, 1)
    assert {error.cause for error in restoration.errors} == {"not_reversible"}
    (tmp_path / "a.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    for path, kind in [(tmp_path / "absent", "input_missing"), (tmp_path / "a.zip", "archive")]:
        with pytest.raises(RunRefusedError) as refused:
            reidentify(path, tmp_path / "back2", private_key=private)
        assert refused.value.kind == kind


def test_keys_and_certificates_are_looked_at_first(image: Path, tmp_path: Path, key: Key) -> None:
    secret = tmp_path / "secret"
    secret.write_text("open sesame\n")
    private, certificate = make(tmp_path, "locked", "-passout", f"file:{secret}")
    sealed = Profile.load("default").apply(image, key=key, encrypt_for=certificate)
    with pytest.raises(KeyFileError, match="encrypted"):
        PrivateKey(private)
    assert b"Doe" in PrivateKey(private, passphrase_file=secret).restore(sealed)
    for wrong in (image, tmp_path / "absent"):
        with pytest.raises(KeyFileError):
            PrivateKey(wrong)
        with pytest.raises(SettingsError, match="certificate"):
            deidentify(image, tmp_path / "out", key=key, encrypt_for=[certificate, wrong])
    assert not (tmp_path / "out").exists()
    with pytest.raises(KeyFileError, match="not the one"):
        PrivateKey(private, passphrase_file=secret, certificate=make(tmp_path, "third")[1])
    assert deidentification.reidentify is reidentify
