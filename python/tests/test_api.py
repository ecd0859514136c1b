"""The modern API."""

from __future__ import annotations

import io
import multiprocessing
import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.data import get_testdata_file

import deidentification
from deidentification import (
    CompareError,
    DeidentificationError,
    Key,
    KeyFileError,
    NotDicomError,
    Profile,
    ProfileError,
    QuarantinedError,
    RunRefusedError,
    SettingsError,
    deidentify,
)

from .conftest import SECONDARY_CAPTURE, dataset, files, leaks, save

# -- profiles and keys --


def test_profiles() -> None:
    assert Profile.names()[:2] == ("default", "basic")
    assert Profile.load("default").options == ("retain-safe-private",)
    profile = Profile.ps315(options=["retain-uids", "Retain_Device_Identity"])
    assert profile.options == ("retain-uids", "retain-device-identity") and profile.name == "ps315"
    assert Profile.ps315().options == ()
    assert "ps315" in repr(profile) and Profile.load("basic").description
    for wrong in ("nonsense", Path("absent.toml")):
        with pytest.raises(ProfileError):
            Profile.load(wrong)
    with pytest.raises(ValueError, match="line|option"):
        Profile.ps315(options=["retain-everything"])


def test_profiles_come_from_files_and_pickle_with_their_bases(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text('name = "base"\n[[rule]]\ntag = "StudyDate"\naction = "keep"\n')
    (tmp_path / "mine.toml").write_text('name = "mine"\nbase = "base.toml"\n')
    profile = Profile.load(tmp_path / "mine.toml")
    packed = pickle.dumps(profile)
    for path in tmp_path.glob("*.toml"):
        path.unlink()
    again = pickle.loads(packed)
    assert again == profile and hash(again) == hash(profile) and again.name == "mine"
    plan = again.plan(io.BytesIO(_bytes(dataset())))
    assert next(action for action in plan if action.path == "(0008,0020)").action == "keep"
    for other in (Profile.load("neuro"), Profile.ps315(["retain-uids"]), Profile.from_text("Tags\n(8,20)", "tsv", "t")):
        assert pickle.loads(pickle.dumps(other)) == other


def test_keys(tmp_path: Path, key: Key, home: Path) -> None:
    made = Key.create(tmp_path / "new" / "key")
    assert made == Key.from_file(str(tmp_path / "new" / "key")) and made != key
    assert pickle.loads(pickle.dumps(key)) == key
    secret = (tmp_path / "key").read_text().split()[1]
    assert secret.encode() not in pickle.dumps(key) and secret not in repr(key) + str(vars(type(key)))
    assert Key.default().path == home / "config" / "deidentification" / "key"
    with pytest.raises(TypeError):
        pickle.dumps(Key.throwaway())
    with pytest.raises(KeyFileError):
        Key.create(tmp_path / "key")
    (tmp_path / "wrong").write_text("secret")
    with pytest.raises(OSError, match="not a key file") as raised:
        Key.from_file(tmp_path / "wrong")
    assert isinstance(raised.value, DeidentificationError) and "secret" not in str(raised.value)


def test_key_pickles_as_its_file(tmp_path: Path, key: Key) -> None:
    packed = pickle.dumps(key)
    os.unlink(tmp_path / "key")
    with pytest.raises(KeyFileError):
        pickle.loads(packed)


def test_other_processes_do_the_same(key: Key) -> None:
    profile, data = Profile.load("default"), _bytes(dataset())
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(partial(profile.apply, key=key), [data]) == [profile.apply(data, key=key)]


# -- one instance --


def _bytes(ds: pydicom.Dataset) -> bytes:
    buffer = io.BytesIO()
    ds.save_as(buffer)
    return buffer.getvalue()


def test_apply_on_bytes_and_files(image: Path, key: Key) -> None:
    profile = Profile.load("default")
    data = image.read_bytes()
    out = profile.apply(data, key=key, subject="S1")
    assert isinstance(out, bytes)
    for same in (bytearray(data), memoryview(data), io.BytesIO(data), image.open("rb")):
        assert profile.apply(same, key=key, subject="S1") == out
    with tempfile.TemporaryFile() as nameless:
        nameless.write(data)
        nameless.seek(0)
        assert profile.apply(nameless, key=key, subject="S1") == out
    ds = pydicom.dcmread(io.BytesIO(out))
    assert (ds.PatientName, ds.PatientID) == ("S1", "S1") and ds.PixelData == dataset().PixelData
    assert profile.apply(data, key=key, subjects={"PAT0815": "S1"}) == out
    assert profile.apply(data, key=key, subject="S2") != out
    forced = profile.apply(data, key=key, subject="S1", forced={(0x0008, 0x0050): "A1"})
    assert pydicom.dcmread(io.BytesIO(forced)).AccessionNumber == "A1"


def test_apply_takes_paths_and_says_what_it_does_not_take(image: Path, key: Key) -> None:
    profile = Profile.load("default")
    expected = profile.apply(image.read_bytes(), key=key)
    assert profile.apply(image, key=key) == profile.apply(str(image), key=key) == expected
    for wrong in (None, 5, [1], io.StringIO("text"), object()):
        with pytest.raises(TypeError, match="an instance is bytes"):
            profile.apply(wrong, key=key)  # type: ignore[call-overload]


def test_data_sets_in_odd_states(key: Key) -> None:
    profile = Profile.load("default")
    without = dataset()
    without.file_meta = None  # type: ignore[assignment]
    assert profile.apply(without, key=key).PatientName == "Unknown" and without.file_meta is None
    item = profile.apply(dataset().ReferencedImageSequence[0], key=key)
    assert item.PatientName == "Unknown"
    broken = dataset()
    broken["SeriesDescription"]._value = ["DoeSecret", 5]
    with pytest.raises(QuarantinedError, match="pydicom cannot write") as raised:
        profile.apply(broken, key=key)
    assert "DoeSecret" not in str(raised.value) and raised.value.__cause__ is None


def test_apply_again_and_again_keeps_no_memory(key: Key) -> None:
    statm = Path("/proc/self/statm")
    if not statm.exists():
        pytest.skip("no /proc")

    def resident() -> int:
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    profile, data = Profile.load("neuro"), _bytes(dataset())
    for _ in range(2000):
        profile.apply(data, key=key)
    before = resident()
    for _ in range(10_000):
        profile.apply(data, key=key)
    assert resident() - before < 8 << 20


def test_apply_is_what_a_run_does(image: Path, key: Key, tmp_path: Path) -> None:
    for name in Profile.names():
        out = tmp_path / name / "file"
        deidentify(image, out, profile=name, key=key, subject="S1")
        produced = out if out.is_file() else next(path for path in out.parent.rglob("*") if path.is_file() and "report" not in path.name)
        assert Profile.load(name).apply(image.read_bytes(), key=key, subject="S1", name=image.name) == produced.read_bytes()


def test_apply_on_a_data_set(key: Key) -> None:
    ds = dataset()
    before = ds.to_json()
    out = Profile.load("default").apply(ds, key=key, subject="S1")
    assert ds.to_json() == before and ds.file_meta.SourceApplicationEntityTitle == "PACSNODE"
    assert isinstance(out, pydicom.Dataset) and out.PatientID == "S1" and "AcquisitionTime" not in out
    assert out.file_meta.TransferSyntaxUID == ds.file_meta.TransferSyntaxUID
    assert (out.PixelData, out[0x2001, 0x1003].value) == (ds.PixelData, 1000.0)


def test_apply_on_a_data_set_without_a_file(key: Key) -> None:
    ds = pydicom.Dataset()
    for name in ("SOPClassUID", "SOPInstanceUID", "Modality", "PatientName", "PatientID", "StudyDate", "EchoTime"):
        setattr(ds, name, getattr(dataset(), name))
    if pydicom.__version__.startswith("2"):
        ds.is_little_endian, ds.is_implicit_VR = True, False
    out = Profile.load("default").apply(ds, key=key)
    assert out.PatientName == "Unknown" and out.EchoTime == 3.4 and out.StudyDate == ""


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small.dcm", "JPEG2000.dcm", "rtplan.dcm", "image_dfl.dcm", "MR_small_bigendian.dcm", "MR_small_implicit.dcm"])
def test_apply_on_files_of_pydicom(name: str, key: Key) -> None:
    found = get_testdata_file(name, download=False)
    if found is None:
        pytest.skip("pydicom does not bring this file along")
    path = Path(str(found))
    ds = pydicom.dcmread(path)
    out = Profile.load("basic").apply(ds, key=key, subject="S1")
    assert out.PatientID == "S1" and out.get("PixelData") == ds.get("PixelData")
    assert pydicom.dcmread(io.BytesIO(Profile.load("basic").apply(path.read_bytes(), key=key))).PatientName == "Unknown"


def test_what_cannot_be_vouched_for_does_not_come_out(key: Key) -> None:
    profile = Profile.load("default")
    data = _bytes(dataset())
    for wrong, cause in [(b"text", "not_dicom"), (data[:-3], "faulty"), (_bytes(dataset(sop_class=SECONDARY_CAPTURE)), "burned_in_risk")]:
        with pytest.raises(QuarantinedError) as raised:
            profile.apply(wrong, key=key)
        assert raised.value.cause == cause and raised.value.description
        assert pickle.loads(pickle.dumps(raised.value)).cause == cause
    with pytest.raises(QuarantinedError, match="unknown_subject"):
        profile.apply(data, key=key, subjects={"other": "S1"})
    for settings in ({"subject": "a^b"}, {"subjects": {"x": "a/b"}}, {"forced": {(2, 0x10): "x"}}):
        with pytest.raises(SettingsError):
            profile.apply(data, key=key, **settings)  # type: ignore[call-overload]


# -- looking --


def test_plan_is_data(image: Path, home: Path) -> None:
    plan = deidentification.plan(image)
    by_path = {action.path: action for action in plan}
    name = by_path["(0010,0010)"]
    assert (name.name, name.action, name.rule) == ("Patient's Name", "replace", "subject")
    assert by_path["(0008,0018)"].action == "remap-uid" and by_path["(0018,0081)"].action == "keep"
    assert "E.1-1" in by_path["(0008,0020)"].origin
    assert plan.cause is None and 0 < len(plan.changes) < len(plan) == len(plan.to_dicts())
    assert plan[0] in plan[:3] and "elements change" in repr(plan)
    assert "Doe" not in repr(plan.to_dicts())
    assert Profile.load("basic").plan(dataset(sop_class=SECONDARY_CAPTURE)).cause is None
    assert Profile.load("default").plan(dataset(sop_class=SECONDARY_CAPTURE)).cause == "burned_in_risk"
    with pytest.raises(NotDicomError):
        deidentification.plan(b"text")
    assert not (home / "config").exists(), "no key is made to look at something"


def test_diff(image: Path, key: Key) -> None:
    out = Profile.load("default").apply(image.read_bytes(), key=key, subject="S1")
    differences = deidentification.diff(image, out)
    by_path = {one.path: one for one in differences}
    assert (by_path["(0010,0010)"].old, by_path["(0010,0010)"].new) == ("Doe^Jane", "S1")
    assert by_path["(0008,0032)"].change == "removed" and by_path["(0012,0062)"].change == "added"
    assert by_path["(0008,1140)[0].(0010,0010)"].name == "Patient's Name"
    assert deidentification.diff(dataset(), image.open("rb")) == []
    with pytest.raises(NotDicomError, match="second"):
        deidentification.diff(image, b"text")


def test_check_says_why_not(study: Path, tmp_path: Path, key: Key) -> None:
    check = deidentification.check(study)
    assert not check and len(check.files) == 4 and check.reasons["Patient's Name"] == 4
    assert {remaining.path for remaining in check.files[0].remaining} >= {"(0010,0010)", "(0002,0016)", "preamble"}
    deidentify(study, tmp_path / "out", key=key)
    check = deidentification.check(tmp_path / "out")
    assert check and check.is_deidentified and check.reasons == {} and check.files[0].is_marked
    deidentify(study, tmp_path / "out.zip", key=key, subject="S1")
    assert not deidentification.check(tmp_path / "out.zip")
    assert deidentification.check(tmp_path / "out.zip", subject="S1")
    (tmp_path / "out" / "x.txt").write_text("x")
    assert deidentification.check(tmp_path / "out").reasons == {"not_dicom": 1}
    with pytest.raises(RunRefusedError, match="does not exist") as raised:
        deidentification.check(tmp_path / "absent")
    assert raised.value.kind == "input_missing"
    (tmp_path / "empty").mkdir()
    assert not deidentification.check(tmp_path / "empty")


RDA = {
    "PatientName": "Doe^Jane", "PatientID": "PAT0815", "PatientBirthDate": "19700403", "StudyDate": "20240131",
    "ModelName": "Prisma", "TR": "2000.0", "VectorSize": "4", "NumberOfRows": "1", "NumberOfColumns": "1",
    "NumberOf3DParts": "1", "CSIMatrixSize[0]": "1", "CSIMatrixSize[1]": "1", "CSIMatrixSize[2]": "1",
}  # fmt: skip


def rda() -> bytes:
    """Spectroscopy as Siemens writes it."""
    lines = [">>> Begin of header <<<", *(f"{name}: {value}" for name, value in RDA.items()), ">>> End of header <<<", ""]
    return "\r\n".join(lines).encode() + bytes(64)


@pytest.mark.parametrize("profile", ["default", "neuro", "data_sharing"])
@pytest.mark.parametrize("subject", [None, "S1"])
def test_check_of_raw_formats_and_archives(
    study: Path, tmp_path: Path, key: Key, profile: str, subject: str | None
) -> None:
    (study / "svs.rda").write_bytes(rda())
    before = deidentification.check(study, profile=profile, subject=subject)
    found = {file.path.name: file for file in before.files}["svs.rda"]
    assert found.format == "rda" and not found.is_dicom and not found.is_deidentified
    assert {"(0010,0010)", "(0010,0020)", "(0010,0030)"} <= {remaining.path for remaining in found.remaining}
    for name in ("out", "out.zip", "out.tar.gz"):
        deidentify(study, tmp_path / name, key=key, profile=profile, subject=subject)
        checks = [
            deidentification.check(tmp_path / name, profile=profile, subject=subject, jobs=jobs) for jobs in (1, 2, 0)
        ]
        assert checks[0], checks[0].reasons
        assert checks[0] == checks[1] == checks[2] and len(checks[0].files) == 5


SPAR = "examination_name : x\nscan_id : svs\npatient_name : Doe^Jane\npatient_birth_date : 1970.04.03\nsamples : 2\nrows : 1\n"


def test_check_of_a_payload_before_its_header(tmp_path: Path) -> None:
    for first in ("sdat", "SPAR"):
        archive, folder = tmp_path / f"{first}.zip", tmp_path / first
        folder.mkdir()
        contents = {"a.sdat": bytes(16), "a.SPAR": SPAR.encode(), "b.sdat": bytes(16)}
        with zipfile.ZipFile(archive, "w") as packed:
            for name in sorted(contents, key=lambda name: not name.endswith(first)):
                packed.writestr(name, contents[name])
                (folder / name).write_bytes(contents[name])
        for path in (archive, folder):
            check = deidentification.check(path)
            formats = {file.path.name: (file.format, file.is_deidentified) for file in check.files}
            assert formats["a.sdat"] == ("raw_payload", True), path
            assert formats["b.sdat"] == (None, False) and not formats["a.SPAR"][1]


def test_check_knows_the_codes_of_a_table(study: Path, tmp_path: Path, key: Key) -> None:
    table = {"PAT0815": "S 1"}
    deidentify(study, tmp_path / "out", key=key, subjects=table)
    check = deidentification.check(tmp_path / "out", subjects=table)
    assert check, check.reasons
    assert not deidentification.check(study, subjects=table)
    assert not deidentification.check(tmp_path / "out", subjects={"other": "S2"})
    assert not deidentification.check(tmp_path / "out")


@pytest.mark.parametrize("profile", ["default", "basic", "neuro", "cati_collector", "data_sharing", "tcia"])
def test_check_is_content_with_what_a_run_wrote(study: Path, tmp_path: Path, key: Key, profile: str) -> None:
    deidentify(study, tmp_path / "out", key=key, profile=profile)
    check = deidentification.check(tmp_path / "out", profile=profile)
    assert check, check.reasons


def test_compare(study: Path, tmp_path: Path, key: Key) -> None:
    deidentify(study, tmp_path / "out", key=key)
    comparison = deidentification.compare(study, tmp_path / "out", profile="default", attributes=True)
    assert comparison.is_equal and not comparison.converted and len(comparison.series) == 2
    assert comparison.files_before == comparison.files_after == 4
    (tmp_path / "out" / "t2" / "IM1").unlink()
    assert not deidentification.compare(study, tmp_path / "out", attributes=True).is_equal
    (tmp_path / "empty").mkdir()
    with pytest.raises(CompareError) as raised:
        deidentification.compare(tmp_path / "empty", tmp_path / "out")
    assert raised.value.kind == "nothing"


# -- runs --


def test_result(study: Path, tmp_path: Path, key: Key) -> None:
    save(dataset(5, sop_class=SECONDARY_CAPTURE), study / "capture")
    (study / "notes.txt").write_text("x")
    result = deidentify(study, tmp_path / "out", key=key, profile=Profile.load("default"), subject="S1", jobs=2)
    assert result.summary == {"read": 6, "written": 4, "quarantined": 1, "skipped": 1}
    assert result.by_cause == {"burned_in_risk": 1, "not_dicom": 1}
    assert result.report_csv == tmp_path / "out.report.csv" and result.report_csv.exists()
    assert [row["cause"] for row in result.errors] == ["burned_in_risk"]
    assert len(result.rows) == 6 and result.rows[-1]["actions"]["removed"] > 0
    assert leaks(tmp_path / "out") == [] and "Doe" not in str(result.rows)
    again = deidentify(study, tmp_path / "out", key=tmp_path / "key", subject="S1", report=tmp_path / "reports")
    assert again.written == 4 and again.report_jsonl is not None and again.report_jsonl.parent == tmp_path / "reports"
    pickle.loads(pickle.dumps(result))


def test_dry_run_and_tables(study: Path, tmp_path: Path, key: Key) -> None:
    result = deidentify(study, tmp_path / "out", key=key, dry_run=True)
    assert result.written == 4 and result.rows == [] and not (tmp_path / "out").exists()
    deidentify(
        study, tmp_path / "out", key=key, subjects={"PAT0815": "S 1"}, crosswalk=tmp_path / "who.csv",
        report_names=tmp_path / "names.csv",
    )  # fmt: skip
    assert "S 1" in (tmp_path / "who.csv").read_text() and "IM1" in (tmp_path / "names.csv").read_text()
    table = tmp_path / "table.csv"
    table.write_text("other,S2\n")
    assert deidentify(study, tmp_path / "out2", key=key, subjects=table, quarantine=tmp_path / "q").quarantined == 4
    assert len(files(tmp_path / "q")) == 4


def test_refusals_are_typed(study: Path, tmp_path: Path, key: Key) -> None:
    save(dataset(1, patient="OTHER99"), study / "other")
    for arguments, kind in [
        ({"input": tmp_path / "absent"}, "input_missing"),
        ({"output": study / "inside"}, "output_inside_input"),
        ({"subject": "S1"}, "several_subjects"),
    ]:
        with pytest.raises(RunRefusedError) as raised:
            deidentify(**{"input": study, "output": tmp_path / "out", "key": key, **arguments})  # type: ignore[arg-type]
        assert raised.value.kind == kind and str(raised.value) and not (tmp_path / "out").exists()
        assert pickle.loads(pickle.dumps(raised.value)).kind == kind
    with pytest.raises(SettingsError):
        deidentify(study, tmp_path / "out", key=key, subject="a^b")
    assert deidentify(study, tmp_path / "out", key=key, subject="S1", merge_subjects=True).written == 5


def test_data_frames(study: Path, tmp_path: Path, key: Key) -> None:
    result = deidentify(study, tmp_path / "out", key=key)
    pandas = pytest.importorskip("pandas")
    frame = result.to_pandas()
    assert isinstance(frame, pandas.DataFrame) and list(frame["outcome"]) == ["written"] * 4 and frame["removed"].sum() > 0
    assert len(deidentification.plan(study / "t1" / "IM1").to_pandas()) > 10


def test_polars_frames(study: Path, tmp_path: Path, key: Key) -> None:
    polars = pytest.importorskip("polars")
    frame = deidentify(study, tmp_path / "out", key=key).to_polars()
    assert isinstance(frame, polars.DataFrame) and frame["outcome"].to_list() == ["written"] * 4
    empty = deidentify(study, tmp_path / "no", key=key, dry_run=True).to_polars()
    assert empty.schema == frame.schema and frame.schema["removed"] == polars.UInt64


def test_arrow(study: Path, tmp_path: Path, key: Key) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    (study / "notes.txt").write_text("x")
    result = deidentify(study, tmp_path / "out", key=key)
    table = pyarrow.table(result)
    assert table.column("outcome").to_pylist() == ["skipped"] + ["written"] * 4
    assert table.column("cause").null_count == 4 and table.schema.field("removed").type == pyarrow.uint64()
    assert table.column("burned_in_risk").to_pylist() == [False] * 5
    empty = pyarrow.table(deidentify(study, tmp_path / "no", key=key, dry_run=True))
    assert empty.num_rows == 0 and empty.schema == table.schema
    result.__arrow_c_stream__()


def test_progress(study: Path, tmp_path: Path, key: Key) -> None:
    told: list[tuple[Any, ...]] = []
    deidentify(study, tmp_path / "out", key=key, progress=lambda *numbers: told.append(numbers))
    assert told[-1][:3] == ("process", 4, 4) and told[-1][3] == told[-1][4] > 0

    class Bar:
        n, total, refreshed = 0, None, 0

        def refresh(self) -> None:
            self.refreshed += 1

    bar = Bar()
    deidentify(study, tmp_path / "out2", key=key, progress=bar)
    assert (bar.n, bar.total) == (4, 4) and bar.refreshed > 0

    def stop(*_: object) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        deidentify(study, tmp_path / "out3", key=key, progress=stop)


def test_tqdm(study: Path, tmp_path: Path, key: Key) -> None:
    tqdm = pytest.importorskip("tqdm")
    with tqdm.tqdm(file=io.StringIO()) as bar:
        deidentify(study, tmp_path / "out", key=key, progress=bar)
        assert bar.n == bar.total == 4
    deidentify(study, tmp_path / "out2", key=key, progress=True)


def test_other_threads_go_on(study: Path, tmp_path: Path, key: Key) -> None:
    """The interpreter's lock is released: this thread counts while a run is under way."""
    folder = tmp_path / "many"
    for number in range(300):
        save(dataset(number), folder / f"IM{number}")
    running = threading.Thread(target=deidentify, args=(folder, tmp_path / "out"), kwargs={"key": key, "jobs": 1})
    running.start()
    counted = 0
    while running.is_alive():
        counted += 1
        time.sleep(0.0005)
    assert counted > 3 and len(files(tmp_path / "out")) == 300


INTERRUPTED = """
import signal, sys, deidentification

# Whoever started the tests may have it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)

def interrupt(phase, files, *others):
    if phase == "process" and files > 20:
        signal.raise_signal(signal.SIGINT)

try:
    deidentification.deidentify(sys.argv[1], sys.argv[2], jobs=1, progress=interrupt)
except KeyboardInterrupt:
    print("stopped", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c_stops_a_batch_cleanly(tmp_path: Path) -> None:
    folder, out = tmp_path / "many", tmp_path / "out"
    first, many = folder / "0" / "IM0", 20_000
    first.parent.mkdir(parents=True)
    first.write_bytes(_bytes(dataset()))
    for number in range(1, many):
        below = folder / f"{number // 100}"
        below.mkdir(exist_ok=True)
        os.link(first, below / f"IM{number}")
    words = [sys.executable, "-c", INTERRUPTED, str(folder), str(out)]
    ran = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert (ran.stdout, ran.stderr) == ("stopped\n", "")
    written = files(out)
    assert 0 < len(written) < many
    assert not any(".deidentification-" in name for name in written), "nothing half done is left"
    assert all(pydicom.dcmread(out / name).PatientName == "Unknown" for name in written[:100])
    assert len((tmp_path / "out.report.jsonl").read_text().splitlines()) == len(written) + 1


def test_real_data_if_it_is_there(tmp_path: Path, key: Key) -> None:
    folder = Path(__file__).parents[3] / "shared" / "data" / "siemens-VE11C-Prisma"
    if not folder.is_dir():
        pytest.skip("no real data here")
    result = deidentify(folder, tmp_path / "out", key=key, profile="neuro", report=tmp_path)
    assert result.written > 0
    check = deidentification.check(tmp_path / "out", profile="neuro")
    assert check, check.reasons
