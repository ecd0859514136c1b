"""Unusual names, values and files; and that no message, nor what it came of, tells of a path or a value."""

from __future__ import annotations

import gzip
import io
import math
import os
import stat
import tarfile
import traceback
import warnings
import zipfile
from pathlib import Path
from typing import Any, Callable

import pydicom
import pytest

import deidentification
from deidentification import DeidentificationError, Key, Profile, QuarantinedError, SettingsError
from deidentification import archive, config, dicom
from deidentification.aggregator import DicomAggregator
from deidentification.anonymizer import (
    Anonymizer,
    anonymize,
    anonymize_file,
    check_anonymize,
    check_anonymize_fast,
    check_folder_anonymize,
)
from deidentification.utils.get_tags_diff import get_tag_diff

from .conftest import dataset, save

#: Latin-1: no UTF-8.
NAME = os.fsdecode(b"M\xfcller")


def told(error: BaseException) -> str:
    """All that an exception and those it came of say."""
    texts = []
    seen: BaseException | None = error
    while seen is not None:
        texts += [str(seen), repr(seen), repr(vars(seen)), str(getattr(seen, "filename", ""))]
        seen = seen.__cause__ or seen.__context__
    return "\n".join(texts + traceback.format_exception_only(type(error), error))


def truncated(folder: Path) -> Path:
    """An archive that ends within a member."""
    path = folder / "Doe_Jane.tar"
    with tarfile.open(path, "w") as packed:
        packed.add(save(dataset(), folder / "IM1"), "IM1")
    path.write_bytes(path.read_bytes()[:700])
    return path


def test_anonymous_tells_no_path(tmp_path: Path) -> None:
    secret = tmp_path / "Doe_Jane"
    secret.mkdir()
    cut = truncated(secret)
    text = secret / "text.dcm"
    text.write_text("text")
    table = secret / "Doe.tsv"
    table.write_text("Tags\tName\tAction\n(0008,0020\tx\tQ\n")
    wide = secret / "wide.tsv"
    wide.write_bytes("Tags".encode("utf-16"))
    image = save(dataset(), secret / "IM1")
    out = secret / "out"
    missing = secret / "missing"
    calls: list[Callable[[], object]] = [
        lambda: anonymize(cut, out, anonymous=True),
        lambda: anonymize(cut, out, anonymous=True, error_no_dicom=False),
        lambda: anonymize(text, out, anonymous=True),
        lambda: anonymize(missing, out, anonymous=True),
        lambda: anonymize(image, out, config_profile=str(table), anonymous=True),
        lambda: anonymize(image, out, config_profile=str(missing), anonymous=True),
        lambda: anonymize(secret, secret / "below", anonymous=True),
        lambda: anonymize_file(missing, out, anonymous=True),
        lambda: anonymize_file(image, text, anonymous=True),
        lambda: check_anonymize(cut, anonymous=True),
        lambda: check_anonymize_fast(text, anonymous=True),
        lambda: check_folder_anonymize(missing, anonymous=True),
        lambda: Anonymizer(text, out, anonymous=True),
        lambda: Anonymizer(missing, out, anonymous=True),
        lambda: Anonymizer(image, text / "below", anonymous=True).run_ano(),
        lambda: config.load_config_profile(table, anonymous=True),
        lambda: config.load_config_profile(wide, anonymous=True),
        lambda: config.load_config_profile(missing, anonymous=True),
    ]
    for number, call in enumerate(calls):
        with pytest.raises(DeidentificationError) as caught:
            call()
        assert "Doe" not in told(caught.value), (number, told(caught.value))
    with pytest.raises(DeidentificationError, match="Doe"):
        config.load_config_profile(missing)


def test_no_value_comes_with_what_pydicom_cannot_write() -> None:
    ds = dataset()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ds.add_new(0x00280010, "US", "Doe^Jane")
    with pytest.raises(QuarantinedError) as caught:
        Profile.load("default").apply(ds)
    assert "Doe" not in told(caught.value)
    assert caught.value.__context__ is None and caught.value.__cause__ is None


@pytest.mark.skipif(os.name != "posix", reason="names of files are Unicode there")
def test_names_that_are_not_utf8(tmp_path: Path, key: Key, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "study"
    image = save(dataset(), folder / "IM1").rename(folder / NAME)
    profile = Profile.load("default")
    assert profile.apply(image, key=key)
    with image.open("rb") as file:
        assert profile.apply(file, key=key)
    session = profile.session([image], key=key)
    assert len(session) == 1 and session.apply(image)
    assert deidentification.deidentify(folder, tmp_path / NAME, key=key, jobs=1).written == 1
    assert deidentification.check(tmp_path / NAME)
    assert deidentification.diff(image, image) == []
    for name in ("packed.tar.gz", "packed.zip"):
        archive.pack(tmp_path / name, folder)
        archive.unpack(tmp_path / name, tmp_path / f"{name}.out")
        assert len([path for path in (tmp_path / f"{name}.out").rglob("*") if path.is_file()]) == 1
        assert archive.unpack_first(tmp_path / name, tmp_path / f"{name}.first")
        assert deidentification.deidentify(tmp_path / name, tmp_path / f"{name}.new", key=key).written == 1
    get_tag_diff(image, image, tmp_path / "diff.txt")
    capsys.readouterr().out.encode()
    assert "M" in (tmp_path / "diff.txt").read_text(encoding="utf-8")


def test_halves_of_characters_are_no_values(tmp_path: Path, image: Path, key: Key) -> None:
    profile = Profile.load("default")
    for settings in (
        {"subject": NAME},
        {"forced": {"InstitutionName": NAME}},
        {"subjects": {"PAT0815": NAME}},
        {"subjects": {NAME: "S1"}},
    ):
        with pytest.raises(SettingsError, match="no character"):
            profile.apply(image, key=key, **settings)
        with pytest.raises(SettingsError, match="no character"):
            deidentification.deidentify(image, tmp_path / "out", key=key, **settings)
    with pytest.raises(SettingsError, match="no character"):
        anonymize(image, tmp_path / "out", forced_values={(0x0010, 0x0010): NAME})


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_what_is_no_regular_file_is_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    save(dataset(), folder / "IM1")
    os.mkfifo(folder / "A_pipe")
    (folder / "B_link").symlink_to(tmp_path / "nowhere")
    aggregator = DicomAggregator()
    aggregator.add_dicom_sources([folder, folder / "A_pipe"])
    assert [len(files) for files in aggregator.aggregate().values()] == [1]
    assert not dicom.is_dicom(folder / "A_pipe") and not dicom.is_dicom(folder)
    with pytest.raises(OSError):
        dicom.is_dicom(tmp_path / "nowhere")
    aggregator.add_dicom_sources([tmp_path / "nowhere"])
    with pytest.raises(FileNotFoundError):
        aggregator.aggregate()


@pytest.mark.skipif(os.name != "posix", reason="modes")
def test_differences_are_for_whoever_asked(image: Path, tmp_path: Path) -> None:
    out = tmp_path / "diff.txt"
    out.write_text("before")
    out.chmod(0o644)
    get_tag_diff(image, image, out)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_a_result_holds_from_another_folder(
    study: Path, tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = deidentification.deidentify("study", "out", key=key)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert result.report_jsonl is not None and result.report_jsonl.is_absolute() and len(result.rows) == 4


def test_wrong_numbers_of_threads_and_wrong_progress(study: Path, tmp_path: Path, key: Key) -> None:
    for jobs in (-1, 10**30):
        for call in (
            lambda: deidentification.deidentify(study, tmp_path / "out", key=key, jobs=jobs),
            lambda: deidentification.check(study, jobs=jobs),
            lambda: deidentification.compare(study, study, jobs=jobs),
        ):
            with pytest.raises(ValueError, match="number of threads"):
                call()
    wrong: Any = 1.5
    with pytest.raises(TypeError, match="number of threads"):
        deidentification.deidentify(study, tmp_path / "out", key=key, jobs=wrong)
    for wrong in (1, "bar"):
        with pytest.raises(TypeError, match="progress"):
            deidentification.deidentify(study, tmp_path / "out", key=key, progress=wrong)
    assert not (tmp_path / "out").exists()


def test_values_that_are_missing(study: Path, tmp_path: Path, key: Key) -> None:
    missing: list[Any] = [math.nan, math.inf]
    try:
        import pandas

        missing += [pandas.NaT, pandas.NA]
    except ImportError:
        pass
    for value in missing:
        with pytest.raises(SettingsError, match="missing"):
            deidentification.deidentify(study, tmp_path / "out", key=key, forced={"StudyDate": value})
        with pytest.raises(SettingsError, match="missing"):
            anonymize(study, tmp_path / "out", forced_values={(0x0008, 0x0020): value})
        with pytest.raises(SettingsError, match="leave out"):
            deidentification.deidentify(study, tmp_path / "out", key=key, subjects={"PAT0815": value})


def test_subjects_of_a_series(study: Path, tmp_path: Path, key: Key) -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"PatientID": ["PAT0815"], "code": [17]}).set_index("PatientID")
    deidentification.deidentify(study, tmp_path / "out", key=key, subjects=table["code"])
    assert deidentification.check(tmp_path / "out", subjects=table["code"])
    with pytest.raises(TypeError, match="mapping"):
        deidentification.deidentify(study, tmp_path / "out2", key=key, subjects=table)


def test_texts_beside_members_are_looked_at(study: Path, tmp_path: Path, key: Key) -> None:
    for name in ("out.zip", "out.tar.gz"):
        deidentification.deidentify(study, tmp_path / name, key=key)
        assert deidentification.check(tmp_path / name)
        assert check_anonymize(tmp_path / name) and check_anonymize_fast(tmp_path / name)
    with zipfile.ZipFile(tmp_path / "out.zip", "a") as packed:
        packed.comment = b"Jane Kowalczyk, born 3.4.1970"
    check = deidentification.check(tmp_path / "out.zip")
    assert not check and check.reasons == {"Comment in a zip": 1} and check.files[0].format == "archive"
    assert not check_anonymize(tmp_path / "out.zip") and not check_anonymize_fast(tmp_path / "out.zip")
    deidentification.deidentify(tmp_path / "out.zip", tmp_path / "new.zip", key=key)
    assert deidentification.check(tmp_path / "new.zip")
    tar = gzip.decompress((tmp_path / "out.tar.gz").read_bytes())
    for name, clean in (("Kowalczyk_Jane.tar", False), ("study.tar", True), ("", True)):
        buffer = io.BytesIO()
        with gzip.GzipFile(name, "wb", fileobj=buffer) as file:
            file.write(tar)
        (tmp_path / "named.tar.gz").write_bytes(buffer.getvalue())
        assert bool(deidentification.check(tmp_path / "named.tar.gz")) is clean, name
    (tmp_path / "named.tar.gz").write_bytes(buffer.getvalue())
    deidentification.deidentify(tmp_path / "named.tar.gz", tmp_path / "again.tar.gz", key=key)
    # Neither name nor comment nor time.
    assert (tmp_path / "again.tar.gz").read_bytes()[3:8] == bytes(5)


def test_marks_that_name_somebody(study: Path, tmp_path: Path, key: Key) -> None:
    deidentification.deidentify(study, tmp_path / "out", key=key)
    assert deidentification.check(tmp_path / "out")
    path = next(path for path in (tmp_path / "out").rglob("*") if path.is_file())
    for keyword, value in (
        ("DeidentificationMethod", "by hand of Jane Kowalczyk"),
        ("LongitudinalTemporalInformationModified", "KOWALCZYK"),
        ("PatientIdentityRemoved", "KOWALCZYK"),
    ):
        ds = pydicom.dcmread(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            setattr(ds, keyword, value)
            save(ds, tmp_path / "marked")
        check = deidentification.check(tmp_path / "marked")
        assert not check and len(check.reasons) == 1, check.reasons


def test_an_empty_folder_has_nothing_to_change(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert check_anonymize(tmp_path / "empty") and check_folder_anonymize(tmp_path / "empty")
    assert not deidentification.check(tmp_path / "empty"), "there is nothing to vouch for"


def test_warnings_point_at_the_caller(study: Path, tmp_path: Path) -> None:
    broken = study / "t1" / "broken"
    broken.write_bytes((study / "t1" / "IM1").read_bytes()[:-5])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        anonymize(study, tmp_path / "out", forced_values={(0x0008, 0x0020): "no date"})
    assert len(caught) == 2 and {Path(one.filename).name for one in caught} == {Path(__file__).name}


@pytest.mark.parametrize("name", ["out", "out.zip", "out.tar.gz"])
def test_a_run_stops_within_a_large_file(study: Path, tmp_path: Path, key: Key, name: str) -> None:
    for path in list(study.rglob("IM*"))[1:]:
        path.unlink()
    (path,) = (path for path in study.rglob("*") if path.is_file())
    content = path.read_bytes()
    at = content.rindex(b"\xe0\x7f\x10\x00OW\0\0") + 8
    length = 1 << 30
    path.write_bytes(content[:at] + length.to_bytes(4, "little"))
    # No blocks of the disk.
    os.truncate(path, at + 4 + length)
    before = set(tmp_path.iterdir())

    def stop(phase: str, *_: int) -> None:
        if phase == "process":
            raise InterruptedError

    with pytest.raises(InterruptedError):
        deidentification.deidentify(study, tmp_path / name, key=key, progress=stop)
    assert set(tmp_path.iterdir()) == before


def test_options_by_any_name() -> None:
    wanted = Profile.ps315(options=["retain-uids", "retain-longitudinal-modified-dates"])
    names = ["Retain UIDs Option", "Retain Longitudinal Temporal Information with Modified Dates Option"]
    for options in (names, ["RetainUIDs", "retain_longitudinal_modified_dates"]):
        assert Profile.ps315(options=options) == wanted
    assert Profile.ps315(options="retain-uids").options == ("retain-uids",)
    with pytest.raises(deidentification.ProfileError, match="nonsense"):
        Profile.ps315(options=["nonsense"])


def test_a_check_is_a_table_too(study: Path) -> None:
    pytest.importorskip("pandas")
    table = deidentification.check(study).to_pandas()
    assert len(table) == 4 and not table["is_deidentified"].any() and "Patient's Name" in table["remaining"][0]
