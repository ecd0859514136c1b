"""Tags and values as people write them."""

from __future__ import annotations

import datetime
import io
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.tag import Tag
from pydicom.valuerep import PersonName

import deidentification
from deidentification import DeidentificationWarning, Key, Profile, QuarantinedError, SettingsError, deidentify
from deidentification._values import tag_of, text_of
from deidentification.anonymizer import Anonymizer, anonymize

from .conftest import dataset, files

ACCESSION = (0x0008, 0x0050)


@pytest.mark.parametrize(
    "tag", [ACCESSION, [8, 0x50], Tag(8, 0x50), 0x00080050, "(0008,0050)", "0008,0050", "AccessionNumber"]
)
def test_a_tag_is_written_in_many_ways(tag: Any) -> None:
    assert tag_of(tag) == ACCESSION


@pytest.mark.parametrize("tag", ["Nonsense", "(0008)", (8,), (8, 0x50, 1), ("0", "0"), (8, 0x10000), -1, None, 1.5, True])
def test_what_is_no_tag_is_refused(tag: Any) -> None:
    with pytest.raises(SettingsError, match="a tag is"):
        tag_of(tag)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""), ("a", "a"), (b"a", "a"), (7, "7"), (7.0, "7"), (0.1, "0.1"), (1 / 3, "0.33333333333333"),
        (-1e-7 / 3, "-3.3333333333e-08"), (["A", 2], "A\\2"), (datetime.date(2020, 1, 2), "20200102"),
        (datetime.datetime(2020, 1, 2, 3, 4, 5, 6), "20200102030405.000006"), (datetime.time(1, 2, 3), "010203"),
        (PersonName("A^B"), "A^B"),
    ],
)  # fmt: skip
def test_values_become_dicoms_texts(value: object, text: str) -> None:
    made = text_of(value)
    assert len(made) <= 16 or not isinstance(value, float)
    assert made == text or (isinstance(value, float) and float(made) == pytest.approx(value, rel=1e-9))


def test_forced_values_are_what_the_command_takes(key: Key) -> None:
    ds = dataset()
    ds.SpecificCharacterSet = "ISO_IR 100"
    forced = {"InstitutionName": "Hôpital", Tag("StudyDate"): datetime.date(2020, 1, 2), "EchoTime": 1 / 3}
    out = Profile.load("default").apply(ds, key=key, forced=forced)
    assert (out.InstitutionName, out.StudyDate) == ("Hôpital", "20200102") and float(out.EchoTime) == pytest.approx(1 / 3)
    for wrong in (
        {"StudyDate": "2020-01-02"}, {"PatientIdentityRemoved": "NO"}, {"SpecificCharacterSet": "X"}, {"Rows": 3},
        {(0x2005, 0x1045): "x"}, {(0x0002, 0x0010): "1.2"}, {"ReferencedImageSequence": "x"}, {"PatientSex": "é"},
    ):  # fmt: skip
        with pytest.raises(SettingsError) as raised:
            Profile.load("default").apply(ds, key=key, forced=wrong)
        assert "2020-01" not in str(raised.value)


def test_letters_that_a_file_has_not_keep_it_out(image: Path, tmp_path: Path, key: Key) -> None:
    with pytest.raises(QuarantinedError, match="edit_failed"):
        Profile.load("default").apply(image, key=key, forced={"InstitutionName": "医院"})
    result = deidentify(image, tmp_path / "out", key=key, forced={"InstitutionName": "医院"})
    assert result.quarantined == 1 and result.errors[0]["remarks"] == ["not_in_character_set"]


def test_cati_takes_values_as_they_are(image: Path, tmp_path: Path) -> None:
    with pytest.warns(DeidentificationWarning, match=r"\(0008,0020\)"):
        anonymize(image, tmp_path / "a", forced_values={(8, 0x20): "2020-01-02", (0x2005, 0x1045): "mine"})
    ds = pydicom.dcmread(tmp_path / "a" / "IM04")
    assert ds[8, 0x20].value == "2020-01-02" and ds[0x2005, 0x1045].value == "mine"
    with pytest.warns(DeidentificationWarning, match=r"\(0012,0062\)"):
        anonymize(image, tmp_path / "b", forced_values={(0x12, 0x62): "NO"})
    assert pydicom.dcmread(tmp_path / "b" / "IM04").PatientIdentityRemoved == "YES"
    anonymize(image, tmp_path / "c", tags_to_keep=iter([Tag("AcquisitionTime"), "(0018,0081)"]))
    assert "AcquisitionTime" in pydicom.dcmread(tmp_path / "c" / "IM04")
    Anonymizer(image, tmp_path / "d", {Tag("AcquisitionTime"): {"action": "K"}}).run_ano()
    assert "AcquisitionTime" in pydicom.dcmread(tmp_path / "d")


def test_files_are_called_by_a_layout(study: Path, tmp_path: Path, key: Key) -> None:
    deidentify(study, tmp_path / "out", key=key, subject="S1", layout="{subject}/{modality}-{series-number}/{instance}.dcm")
    assert all(name.startswith("S1/MR-") and name.endswith(".dcm") for name in files(tmp_path / "out"))
    deidentify(study, tmp_path / "bids", key=key, profile="bids", subject="S1", layout="input")
    assert "t1/IM1" in files(tmp_path / "bids")
    with pytest.raises(SettingsError, match="layout"):
        deidentify(study, tmp_path / "no", key=key, layout="../{subject}")


def test_a_table_from_a_spreadsheet_is_read(image: Path, tmp_path: Path) -> None:
    table = tmp_path / "mine.tsv"
    table.write_bytes("Tags\tName\tAction\tPrivate Creator\n(0008,0032)\tDurée\tK\t\n".encode("latin-1"))
    assert deidentification.config.load_config_profile(table)[8, 0x32]["name"] == "Durée"
    for profile in (table, Profile.load(table)):
        out = Profile.apply(Profile.load(profile) if isinstance(profile, Path) else profile, dataset())
        assert out.AcquisitionTime == "101112"
    anonymize(image, tmp_path / "out", config_profile=table)
    buffer = io.BytesIO((tmp_path / "out" / "IM04").read_bytes())
    assert pydicom.dcmread(buffer).AcquisitionTime == "101112"
