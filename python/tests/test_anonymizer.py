"""CATI's `anonymizer`: what programs written for it expect.

What of CATI's tool callers depend on, and where it is tested (M: test_cati_modules, A: this file, V: test_values,
D: test_docs):

| surface | tests |
|---|---|
| `deidentification -in -out [-id] [-c]`, also `-ID`, `python -m` | M module_as_a_command, console_scripts |
| without a subject the name is `Unknown` | M without_a_subject_the_name_is_unknown |
| profiles `cati_collector`, `data_sharing`, a path | A config_profile, config_profile_is_a_path_too; V a_table_from_a_spreadsheet |
| `dicom_tag_diff -f -s [-o]`, `utils.get_tags_diff.get_tag_diff` | M console_scripts, tag_diff |
| in: file, folder, zip, tar, tar.gz, tgz, tar.bz2 | A file_goes_into_a_folder, each_kind_of_archive_is_read |
| out: a folder, or an archive by its extension | A each_kind_of_archive_is_written |
| the same path: overwritten | A same_path_is_overwritten, paths_in_every_way; M one_subject |
| signatures | A signatures_are_those_of_cati |
| `anonymize` | A folder_to_folder_leaves_nothing_behind, tags_to_keep_and_delete, forced_values_win, odd uses |
| `anonymize_file`, `report_path`, `capture_folder` | A anonymize_file_* |
| `check_anonymize`, `check_anonymize_fast`, `check_folder_anonymize` | A check_* |
| class `Anonymizer`: `run_ano`, `runCheck`, `result`, `tags_config` | A class_*, creator_in_a_sequence_counts_there |
| `AnonymizerError` < `DeidentificationError` | A exceptions_are_those_of_cati |
| `forced_values` win | A forced_values_win; V cati_takes_values_as_they_are |
| `config_profile` with lists is an error | A config_profile_and_lists_contradict |
| "not a DICOM file" with the path, without it if `anonymous` | A a_file_that_is_no_dicom_is_an_error, class_refuses_what_is_no_dicom |
| `config.tag_to_tuple`, `load_config_profile` | M tag_to_tuple, profiles_are_loaded_by_name, profiles_are_loaded_by_path |
| `archive.*`, `get_archive_extensions` | M pack_and_unpack, pack_by_kind, archives_that_are_none, nothing_leaves_the_folder |
| `tag_lists.conf_profile`, `conf_profile_range`, `safe_private_attributes`, `annex_e` | M tables |
| `ano_function.*` from IPython, zipped or not | M one_subject, several_subjects, lists_from_everywhere, from_ipython |
| the tags kept in 2019 | M lists_of_2019, one_subject |
| `aggregator.DicomAggregator` | M aggregator |
| `dicom.*`, `info`, `CONFIG_FOLDER` | M what_a_file_is, info |
| `anon_example` | M without_a_subject_the_name_is_unknown |
| `deidentification_report.csv`, modalities and SOP classes left out | A what_is_no_image_is_left_out_and_listed |
| `keep_capture`, captures | A captures_are_kept_when_asked_for, anonymize_file_keeps_captures_where_told |
| spectroscopy: cleaned instead of copied | A raw_spectroscopy_is_cleaned |
| (0012,0062) and (0012,0063) | A folder_to_folder_leaves_nothing_behind |
| defects: others' output wiped | A output_is_overwritten_and_other_subjects_stay, a_file_that_is_no_dicom_... |
| defects: SOP UID and AE titles in the meta, preamble | A folder_to_folder_leaves_nothing_behind (all secrets) |
| defects: captures and raw spectra copied, report with original names | A captures_*, raw_spectroscopy_is_cleaned, what_is_no_image_* |
| defects: several UIDs, nested tags, unkeyed UIDs | A several_uids_and_nested_names_are_no_trouble, pseudonyms_are_keyed |
| nothing on stderr | A nothing_is_said_when_all_is_well; M module_as_a_command |
"""

from __future__ import annotations

import inspect
import multiprocessing
import os
import re
import shutil
import tarfile
import warnings
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pydicom
import pytest

import deidentification
from deidentification import DeidentificationError, anonymizer, dicom
from deidentification.anonymizer import Anonymizer, AnonymizerError, anonymize, anonymize_file
from deidentification.config import load_config_profile

from .conftest import SECONDARY_CAPTURE, SR, dataset, files, leaks, png, save

NAME = (0x0010, 0x0010)


def test_signatures_are_those_of_cati() -> None:
    def names(function: object) -> list[str]:
        return list(inspect.signature(function).parameters)  # type: ignore[arg-type]

    lists = ["tags_to_keep", "tags_to_delete", "forced_values", "config_profile", "anonymous"]
    assert names(anonymize) == ["dicom_in", "dicom_out", *lists, "tempdir_prefix", "error_no_dicom", "keep_capture"]
    assert names(anonymize_file) == ["dicom_file_in", "dicom_folder_out", *lists, "report_path", "capture_folder"]
    assert names(anonymizer.check_anonymize) == ["dicom_in", *lists, "tempdir_prefix"]
    assert names(anonymizer.check_anonymize_fast) == ["dicom_in", *lists, "tempdir_prefix"]
    assert names(anonymizer.check_folder_anonymize) == ["dicom_folder", *lists]
    assert names(Anonymizer) == [
        "dicom_filein", "dicom_fileout", "tags_config", "forced_values", "config_profile", "anonymous", "report_path",
        "keep_capture",
    ]  # fmt: skip


def test_exceptions_are_those_of_cati() -> None:
    assert issubclass(AnonymizerError, DeidentificationError)
    assert anonymizer.DeidentificationError is deidentification.DeidentificationError
    assert str(AnonymizerError("no. {}", "path")) == "no. path"
    assert str(AnonymizerError("no. {}", "path", True)) == "no. "


def test_folder_to_folder_leaves_nothing_behind(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = anonymize(str(study), str(out))
    assert files(out) == ["t1/IM1", "t1/IM2", "t1/IM3", "t2/IM1"]
    assert leaks(out) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "out", "study"], "no report beside the output"
    assert result.written == 4 and len(result.rows) == 4
    ds = pydicom.dcmread(out / "t1" / "IM1")
    assert ds.PatientIdentityRemoved == "YES"
    assert ds.PatientName == "Unknown" and ds.PatientID.startswith("ANON")
    assert ds.DeidentificationMethod
    assert ds.get((0x2001, 0x1003)) is not None, "safe private"
    assert ds.get((0x2005, 0x1045)) is None
    other = pydicom.dcmread(out / "t1" / "IM2")
    assert ds.SeriesInstanceUID == other.SeriesInstanceUID != pydicom.dcmread(out / "t2" / "IM1").SeriesInstanceUID


def test_file_goes_into_a_folder(image: Path, tmp_path: Path) -> None:
    anonymize(str(image), str(tmp_path / "out"))
    assert files(tmp_path / "out") == ["IM04"]


@pytest.mark.parametrize("name", ["in.zip", "in.tar", "in.tar.gz", "in.tgz", "in.tar.bz2"])
def test_each_kind_of_archive_is_read(study: Path, tmp_path: Path, name: str) -> None:
    archive = tmp_path / name
    if name.endswith(".zip"):
        with zipfile.ZipFile(archive, "w") as packed:
            for file in files(study):
                packed.write(study / file, file)
    else:
        mode = {"tar": "w", "gz": "w:gz", "tgz": "w:gz", "bz2": "w:bz2"}[name.rsplit(".", 1)[1]]
        with tarfile.open(archive, mode) as packed_tar:
            packed_tar.add(study, ".")
    anonymize(str(archive), str(tmp_path / "out"))
    assert files(tmp_path / "out") == files(study)
    assert leaks(tmp_path / "out") == []


@pytest.mark.parametrize("name", ["out.zip", "out.tar", "out.tar.gz", "out.tgz", "out.tar.bz2"])
def test_each_kind_of_archive_is_written(study: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    anonymize(str(study), str(out))
    anonymize(str(study), str(out), tags_to_keep=[(0x0008, 0x0020)])
    if name.endswith(".zip"):
        with zipfile.ZipFile(out) as packed:
            names = packed.namelist()
    else:
        with tarfile.open(out) as packed_tar:
            names = packed_tar.getnames()
    assert sorted(names) == files(study)


def test_same_path_is_overwritten(study: Path, tmp_path: Path) -> None:
    before = files(study)
    anonymize(str(study), str(study))
    assert files(study) == before and leaks(study) == []
    archive = tmp_path / "a.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(save(dataset(), tmp_path / "x" / "IM"), "IM")
    anonymize(str(archive), str(archive))
    with tarfile.open(archive) as packed:
        assert packed.getnames() == ["IM"]
    file = save(dataset(), tmp_path / "y" / "IM")
    anonymize(str(file), str(file))
    assert leaks(file.parent) == []


def test_output_is_overwritten_and_other_subjects_stay(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    other = save(dataset(), out / "S2" / "IM1")
    anonymize(str(study), str(out / "S1"))
    anonymize(str(study), str(out / "S1"), forced_values={NAME: "S1"})
    assert pydicom.dcmread(out / "S1" / "t1" / "IM1").PatientName == "S1"
    assert other.exists()


def test_tags_to_keep_and_delete(image: Path, tmp_path: Path) -> None:
    keep, delete = [(0x0008, 0x0032)], [(0x0008, 0x0008)]
    anonymize(str(image), str(tmp_path / "out"), tags_to_keep=keep, tags_to_delete=delete)
    ds = pydicom.dcmread(tmp_path / "out" / "IM04")
    assert ds.AcquisitionTime == "101112" and "ImageType" not in ds


def test_forced_values_win(image: Path, tmp_path: Path) -> None:
    forced = {NAME: "0001XXXX", (0x0008, 0x0050): "acc", (0x0020, 0x0013): 7, (0x0008, 0x0008): ["A", "B"]}
    anonymize(str(image), str(tmp_path / "out"), tags_to_delete=[(0x0008, 0x0050)], forced_values=forced)
    ds = pydicom.dcmread(tmp_path / "out" / "IM04")
    assert (ds.PatientName, ds.PatientID) == ("0001XXXX", "0001XXXX")
    assert (ds.AccessionNumber, ds.InstanceNumber, list(ds.ImageType)) == ("acc", 7, ["A", "B"])
    anonymize(str(image), str(tmp_path / "two"), forced_values={NAME: "A^B", (0x0010, 0x0020): "id"})
    ds = pydicom.dcmread(tmp_path / "two" / "IM04")
    assert (ds.PatientName, ds.PatientID) == ("A^B", "id")
    with pytest.raises(DeidentificationError):
        anonymize(str(image), str(tmp_path / "three"), forced_values={(0x0010, 0x4000): "é"})


@pytest.mark.parametrize("profile", ["cati_collector", "data_sharing"])
def test_config_profile(image: Path, tmp_path: Path, profile: str) -> None:
    anonymize(str(image), str(tmp_path / "out"), config_profile=profile)
    ds = pydicom.dcmread(tmp_path / "out" / "IM04")
    assert profile in "\\".join(ds.DeidentificationMethod)
    assert ("AcquisitionTime" in ds and ds.AcquisitionTime == "101112") == (profile == "cati_collector")
    assert ds.get((0x2005, 0x101D)) is not None and ds.PatientName == "Unknown"


def test_config_profile_is_a_path_too(image: Path, tmp_path: Path) -> None:
    table = tmp_path / "mine.table"
    table.write_text("Tags\tName\tAction\tPrivate Creator\n(0008,0032)\tAcquisition Time\t\t\n")
    anonymize(str(image), str(tmp_path / "out"), config_profile=str(table))
    assert pydicom.dcmread(tmp_path / "out" / "IM04").AcquisitionTime == "101112"


def test_config_profile_and_lists_contradict(image: Path, tmp_path: Path) -> None:
    for lists in ({"tags_to_keep": [NAME]}, {"tags_to_delete": [NAME]}):
        with pytest.raises(DeidentificationError, match="Both tags_to_keep/tags_to_delete and config_profile"):
            anonymize(str(image), str(tmp_path / "out"), config_profile="data_sharing", **lists)  # type: ignore[arg-type]
    with pytest.raises(DeidentificationError, match=r"Profile .* does not exists\."):
        anonymize(str(image), str(tmp_path / "out"), config_profile="wrong")
    assert not (tmp_path / "out").exists()


def test_input_and_output_are_looked_at(study: Path, image: Path, tmp_path: Path) -> None:
    with pytest.raises(DeidentificationError, match="does not exist"):
        anonymize(str(tmp_path / "absent"), str(tmp_path / "out"))
    with pytest.raises(DeidentificationError, match="could not be a file"):
        anonymize(str(study), str(image))
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(DeidentificationError, match="has to be a folder"):
        anonymize(str(image), str(file))
    with pytest.raises(DeidentificationError, match="has to be a folder"):
        anonymize_file(str(image), str(file))
    (tmp_path / "bad.zip").write_text("no archive")
    with pytest.raises(DeidentificationError):
        anonymize(str(tmp_path / "bad.zip"), str(tmp_path / "out"))


def test_a_file_that_is_no_dicom_is_an_error_and_deletes_nothing(study: Path, tmp_path: Path) -> None:
    stranger = study / "t2" / "notes.txt"
    stranger.write_text("notes")
    out = tmp_path / "out"
    earlier = save(dataset(), out / "earlier" / "IM1")
    with pytest.raises(AnonymizerError, match=f".*not a DICOM file.*{re.escape(str(stranger))}"):
        anonymize(str(study), str(out))
    with pytest.raises(AnonymizerError, match="not a DICOM file") as raised:
        anonymize(str(study), str(out), anonymous=True)
    assert str(tmp_path) not in str(raised.value)
    assert files(out) == ["earlier/IM1"] and earlier.exists()
    result = anonymize(str(study), str(out), error_no_dicom=False)
    assert (result.written, result.skipped) == (4, 1)
    single = tmp_path / "test_file.json"
    single.write_text('{"a": 1}')
    with pytest.raises(AnonymizerError, match=f"not a DICOM file.*{re.escape(str(single))}"):
        anonymize(str(single), str(out), error_no_dicom=False)
    archive = tmp_path / "IM_w_png.tar.gz"
    (tmp_path / "a.png").write_bytes(png())
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(tmp_path / "a.png", "a.png")
    with pytest.raises(AnonymizerError):
        anonymize(str(archive), str(tmp_path / "out.tar.gz"))
    assert not (tmp_path / "out.tar.gz").exists()


def test_what_is_no_image_is_left_out_and_listed(tmp_path: Path) -> None:
    save(dataset(1, sop_class=SR, modality="SR"), tmp_path / "in" / "sr")
    save(dataset(2), tmp_path / "in" / "mr")
    save(dataset(3, sop_class="1.2.840.10008.5.1.4.1.1.66"), tmp_path / "in" / "raw")
    save(dataset(4, sop_class=SECONDARY_CAPTURE), tmp_path / "in" / "capture")
    anonymize(str(tmp_path / "in"), str(tmp_path / "out"))
    assert files(tmp_path / "out") == ["deidentification_report.csv", "mr"]
    lines = (tmp_path / "out" / "deidentification_report.csv").read_text().splitlines()
    assert lines[0] == "input DICOM filename,state,modality,SOP Class UID,Series Description,Image Type"
    assert len(lines) == 4 and all(",removed," in line for line in lines[1:])
    assert leaks(tmp_path / "out") == []
    archive = tmp_path / "sr.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(tmp_path / "in" / "sr", "sr")
    anonymize(str(archive), str(tmp_path / "only.tar.gz"))
    with tarfile.open(tmp_path / "only.tar.gz") as packed:
        assert packed.getnames() == ["deidentification_report.csv"]


def test_missing_series_description_is_no_error(tmp_path: Path) -> None:
    ds = dataset(1, modality="ANN")
    del ds.SeriesDescription
    result = anonymize(str(save(ds, tmp_path / "in")), str(tmp_path / "out"))
    assert result.skipped == 1


def test_captures_are_kept_when_asked_for(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    save(dataset(1, sop_class=SECONDARY_CAPTURE), folder / "sc")
    save(dataset(2), folder / "mr")
    (folder / "a.png").write_bytes(png())
    anonymize(str(folder), str(tmp_path / "out"), keep_capture=True)
    assert files(tmp_path / "out") == ["captures/a.png", "captures/sc", "mr"]
    assert leaks(tmp_path / "out") == [], "metadata of pictures goes"
    with pytest.raises(AnonymizerError, match="not a DICOM file"):
        anonymize(str(folder / "a.png"), str(tmp_path / "no"))
    for name in ("a.png", "sc"):
        out = tmp_path / f"single-{name}"
        anonymize(str(folder / name), str(out), keep_capture=True)
        assert files(out) == [f"captures/{name}"]


def test_anonymize_file_keeps_captures_where_told(tmp_path: Path) -> None:
    sc, picture = save(dataset(1, sop_class=SECONDARY_CAPTURE), tmp_path / "sc"), tmp_path / "a.png"
    picture.write_bytes(png())
    for number, capture in enumerate((sc, picture)):
        out, captures = tmp_path / f"out{number}", tmp_path / f"captures{number}"
        anonymize_file(str(capture), str(out), capture_folder=str(captures))
        assert files(captures) == [capture.name] and not out.exists()
        inside = tmp_path / f"inside{number}"
        anonymize_file(str(capture), str(inside), capture_folder=str(inside / "captures"))
        assert files(inside) == [f"captures/{capture.name}"]
    anonymize_file(str(sc), str(tmp_path / "none"))
    assert not (tmp_path / "none").exists()
    with pytest.raises(AnonymizerError, match=f".*not a DICOM file.*{re.escape(str(picture))}"):
        anonymize_file(str(picture), str(tmp_path / "none"))


def test_anonymize_file_reports_what_it_leaves_out(image: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    sr = save(dataset(1, sop_class=SR, modality="SR"), tmp_path / "sr")
    for _ in range(2):
        anonymize_file(str(sr), str(tmp_path / "out"), report_path=report)
    assert len(report.read_text().splitlines()) == 3 and not (tmp_path / "out").exists()
    anonymize_file(str(image), str(tmp_path / "out"), report_path=report, forced_values={NAME: "S1"})
    assert files(tmp_path / "out") == ["IM04"] and len(report.read_text().splitlines()) == 3
    assert pydicom.dcmread(tmp_path / "out" / "IM04").PatientID == "S1"


def test_raw_spectroscopy_is_cleaned(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    fields = {
        "PatientName": "Doe^Jane", "PatientID": "PAT0815", "PatientSex": "F", "PatientBirthDate": "19700403",
        "StudyDate": "20240131", "SeriesDescription": "svs", "ModelName": "Prisma", "TR": "2000.0", "TE": "30.0",
        "DwellTime": "833", "MRFrequency": "123.25", "Nucleus": "1H", "VectorSize": "4", "NumberOfRows": "1",
        "NumberOfColumns": "1", "NumberOf3DParts": "1", "CSIMatrixSize[0]": "1", "CSIMatrixSize[1]": "1",
        "CSIMatrixSize[2]": "1",
    }  # fmt: skip
    lines = [">>> Begin of header <<<", *(f"{key}: {value}" for key, value in fields.items()), ">>> End of header <<<", ""]
    (folder / "svs.rda").write_bytes("\r\n".join(lines).encode() + bytes(range(64)))
    assert dicom.is_spectro(folder / "svs.rda")
    anonymize(str(folder), str(tmp_path / "out"), forced_values={NAME: "S1"})
    assert files(tmp_path / "out") == ["svs.rda"] and leaks(tmp_path / "out") == []
    content = (tmp_path / "out" / "svs.rda").read_bytes()
    assert content.endswith(bytes(range(64))) and b"TE: 30.0" in content
    anonymize_file(str(folder / "svs.rda"), str(tmp_path / "file"), forced_values={NAME: "S1"})
    assert leaks(tmp_path / "file") == []


def test_a_damaged_file_is_not_silently_absent(image: Path, tmp_path: Path) -> None:
    whole = image.read_bytes()
    damaged = tmp_path / "in" / "damaged"
    damaged.parent.mkdir()
    damaged.write_bytes(whole[:-5])
    with pytest.raises(AnonymizerError, match="faulty"):
        anonymize(str(damaged), str(tmp_path / "out"))
    save(dataset(2), tmp_path / "in" / "good")
    with pytest.warns(deidentification.DeidentificationWarning, match="1 of 2 files.*faulty"):
        anonymize(str(tmp_path / "in"), str(tmp_path / "out"))
    assert (tmp_path / "out" / "good").exists() and not (tmp_path / "out" / "damaged").exists()


# -- check --


def test_check_is_true_when_nothing_but_uids_would_change(study: Path, tmp_path: Path) -> None:
    out, archive = tmp_path / "out", tmp_path / "out.tar.gz"
    for forced in (None, {NAME: "S1"}):
        anonymize(str(study), str(out), forced_values=forced)
        assert anonymizer.check_anonymize(str(out), forced_values=forced) is True
        assert anonymizer.check_folder_anonymize(str(out), forced_values=forced) is True
        assert anonymizer.check_anonymize_fast(str(out), forced_values=forced) is True
        assert anonymizer.check_anonymize(str(out / "t1" / "IM1"), forced_values=forced) is True
        anonymize(str(study), str(archive), forced_values=forced)
        assert anonymizer.check_anonymize(str(archive), forced_values=forced) is True
        assert anonymizer.check_anonymize_fast(str(archive), forced_values=forced) is True
    assert anonymizer.check_anonymize(str(out)) is False, "S1 is a name like another"
    for check in (anonymizer.check_anonymize, anonymizer.check_folder_anonymize, anonymizer.check_anonymize_fast):
        assert check(str(study)) is False
    save(dataset(9), out / "z" / "IM9")
    assert anonymizer.check_anonymize(str(out), forced_values={NAME: "S1"}) is False
    assert anonymizer.check_anonymize_fast(str(out), forced_values={NAME: "S1"}) is True, "the first file only"


def test_check_goes_by_the_profile(image: Path, tmp_path: Path) -> None:
    anonymize(str(image), str(tmp_path / "out"), config_profile="cati_collector")
    file = str(tmp_path / "out" / "IM04")
    assert anonymizer.check_anonymize(file, config_profile="cati_collector") is True
    assert anonymizer.check_anonymize(file) is False
    anonymize(str(image), str(tmp_path / "two"), tags_to_keep=[(0x0008, 0x0020)])
    assert anonymizer.check_anonymize(str(tmp_path / "two"), tags_to_keep=[(0x0008, 0x0020)]) is True
    assert anonymizer.check_anonymize(str(tmp_path / "two")) is False


def test_check_wants_files_that_can_be_checked(image: Path, tmp_path: Path) -> None:
    with pytest.raises(DeidentificationError, match="does not exist"):
        anonymizer.check_anonymize(str(tmp_path / "absent"))
    with pytest.raises(DeidentificationError, match="not a folder"):
        anonymizer.check_folder_anonymize(str(image))
    text = tmp_path / "text"
    text.write_text("x")
    with pytest.raises(AnonymizerError, match=f"not a DICOM file.*{re.escape(str(text))}"):
        anonymizer.check_anonymize(str(text))
    (tmp_path / "empty").mkdir()
    with pytest.raises(DeidentificationError, match="not handled"):
        anonymizer.check_anonymize_fast(str(tmp_path / "empty"))


# -- the class --


def test_class_writes_the_file_it_was_told(image: Path, tmp_path: Path) -> None:
    anonymizer_ = Anonymizer(str(image), str(tmp_path / "IM04_ano"))
    assert anonymizer_.result is None
    assert anonymizer_.run_ano() == 1
    assert anonymizer_.run_ano() == 1
    ds = pydicom.dcmread(tmp_path / "IM04_ano")
    assert "ImageType" in ds and not ds.get((0x0008, 0x0032)) and ds.PatientIdentityRemoved == "YES"
    assert anonymizer_.runCheck() is False and anonymizer_.result is False
    done = Anonymizer(str(tmp_path / "IM04_ano"), "")
    assert done.runCheck() is True and done.result is True
    assert sorted(path.name for path in tmp_path.iterdir()) == ["IM04_ano", "home", "in1"]


def test_class_takes_actions(image: Path, tmp_path: Path) -> None:
    config = {
        (0x0008, 0x0032): {"action": "K"},
        (0x0008, 0x0008): {"action": "X"},
        (0x0008, 0x103E): {"action": "Z", "name": "Series Description"},
        (0x0008, 0x0070): {"action": "D"},
        (0x0020, 0x000D): {"action": "U"},
        (0x2005, 0x101D): {"action": "K", "private_creator": "Philips MR Imaging DD 001"},
        (0x2005, 0x1045): {"action": "K", "private_creator": ["TOTO", "Another"]},
    }
    Anonymizer(str(image), str(tmp_path / "out"), tags_config=config).run_ano()
    ds = pydicom.dcmread(tmp_path / "out")
    assert ds.AcquisitionTime == "101112" and "ImageType" not in ds and ds.SeriesDescription == ""
    assert ds.Manufacturer not in ("", "Philips") and ds.StudyInstanceUID != "1.2.3.4.5.100"
    assert ds.get((0x2005, 0x101D)) is not None and ds.get((0x2005, 0x1045)) is None
    with pytest.raises(DeidentificationError, match="Action not recognized"):
        Anonymizer(str(image), "", tags_config={(0x0008, 0x0008): {"action": "Q"}})


def test_class_takes_a_creators_block(image: Path, tmp_path: Path) -> None:
    config = {(0x2005, 0x0010): {"action": "K", "private_creator": "Philips MR Imaging DD 001"}}
    Anonymizer(str(image), str(tmp_path / "out"), config).run_ano()
    ds = pydicom.dcmread(tmp_path / "out")
    assert ds.get((0x2005, 0x0010)) is not None and ds.get((0x2005, 0x101D)) is not None


def test_class_takes_what_load_config_profile_gives(image: Path, tmp_path: Path) -> None:
    Anonymizer(str(image), str(tmp_path / "out"), load_config_profile("data_sharing"), config_profile="mine").run_ano()
    ds = pydicom.dcmread(tmp_path / "out")
    assert ds.get((0x2005, 0x101D)) is not None
    assert "mine" in "\\".join(ds.DeidentificationMethod)


def test_creator_in_a_sequence_counts_there(image: Path, tmp_path: Path) -> None:
    ds = pydicom.dcmread(image)
    inner = pydicom.Dataset()
    inner.private_block(0x3033, "Test", create=True).add_new(0x11, "SH", "keep me")
    inner.add_new((0x3035, 0x1011), "SH", "nobody's")
    ds.ReferencedImageSequence = [inner]
    config = {
        (0x3033, 0x1011): {"private_creator": ["Other", "Test"], "action": "K"},
        (0x3035, 0x1011): {"private_creator": "Test2", "action": "K"},
    }
    Anonymizer(str(save(ds, tmp_path / "in")), str(tmp_path / "out"), config).run_ano()
    item = pydicom.dcmread(tmp_path / "out").ReferencedImageSequence[0]
    assert item.get((0x3033, 0x1011)) is not None and item.get((0x3035, 0x1011)) is None


def test_class_refuses_what_is_no_dicom(tmp_path: Path) -> None:
    path = tmp_path / "IM.tar.gz"
    with tarfile.open(path, "w:gz") as packed:
        packed.add(save(dataset(), tmp_path / "IM"), "IM")
    with pytest.raises(AnonymizerError, match=rf".*not a DICOM file.*{re.escape(str(path))}"):
        Anonymizer(str(path), "out")
    with pytest.raises(AnonymizerError, match=rf"^((?!{re.escape(str(path))}).)*$"):
        Anonymizer(str(path), "out", anonymous=True)
    with pytest.raises(AnonymizerError):
        Anonymizer(str(tmp_path / "absent"), "out")


def test_class_leaves_out_what_is_no_image(tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    sr = save(dataset(1, sop_class=SR, modality="SR"), tmp_path / "sr")
    assert Anonymizer(str(sr), str(tmp_path / "out"), report_path=report).run_ano() == 0
    assert ",removed,SR," in report.read_text() and not (tmp_path / "out").exists()
    capture = save(dataset(1, sop_class=SECONDARY_CAPTURE), tmp_path / "sc")
    assert Anonymizer(str(capture), str(tmp_path / "out")).run_ano() == 0
    assert Anonymizer(str(capture), str(tmp_path / "out"), keep_capture=True).run_ano() == 1


def test_several_uids_and_nested_names_are_no_trouble(tmp_path: Path) -> None:
    ds = dataset()
    ds.add_new((0x0008, 0x0058), "UI", ["1.2.3.4.5.7", "1.2.3.4.5.8"])
    out = tmp_path / "out"
    assert Anonymizer(str(save(ds, tmp_path / "in")), str(out)).run_ano() == 1
    read = pydicom.dcmread(out)
    assert len(read[0x0008, 0x0058].value) == 2
    assert read.file_meta.MediaStorageSOPInstanceUID == read.SOPInstanceUID
    assert Anonymizer(str(out), "").runCheck() is True, "nested tags do not overwrite each other"


def test_pseudonyms_are_keyed(image: Path, tmp_path: Path, home: Path) -> None:
    def uid(name: str) -> str:
        anonymize(str(image), str(tmp_path / name))
        return str(pydicom.dcmread(tmp_path / name / "IM04").SOPInstanceUID)

    first = uid("a")
    assert uid("b") == first
    (home / "config" / "deidentification" / "key").unlink()
    assert uid("c") != first


def test_nothing_is_said_when_all_is_well(study: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        anonymize(str(study), str(tmp_path / "out"), tempdir_prefix="mine")
    assert capfd.readouterr() == ("", "")


# -- odd uses --


def test_paths_in_every_way(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    expected = files(study)
    strange = tmp_path / "dossier é 中 espace"
    shutil.copytree(study, strange)
    for number, source in enumerate(("study", "study/", "./study", Path("study"), study, strange)):
        anonymize(source, f"out {number}/")
        assert files(tmp_path / f"out {number}") == expected
    monkeypatch.chdir(study)
    anonymize(".", "../dot")
    assert files(tmp_path / "dot") == expected
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(study)
    anonymize("link", "study/")
    assert files(study) == expected and leaks(study) == [], "the same folder by another name"


def test_one_file_into_its_own_folder(study: Path) -> None:
    others = {name: (study / name).read_bytes() for name in files(study)[1:]}
    anonymize(study / "t1" / "IM1", study / "t1")
    assert pydicom.dcmread(study / "t1" / "IM1").PatientName == "Unknown"
    assert {name: (study / name).read_bytes() for name in files(study)[1:]} == others


def test_output_does_not_lie_in_the_input(study: Path) -> None:
    before = files(study)
    for output in ("out", "out.zip"):
        with pytest.raises(DeidentificationError, match="inside the input"):
            anonymize(study, study / output)
    assert files(study) == before


def test_nothing_and_almost_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert anonymize(tmp_path / "empty", tmp_path / "out").read == 0
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    assert anonymize(tmp_path / "empty.zip", tmp_path / "out").read == 0
    (tmp_path / "zero").write_bytes(b"")
    with pytest.raises(AnonymizerError, match="not a DICOM file"):
        anonymize(tmp_path / "zero", tmp_path / "out")


@pytest.mark.skipif(os.name != "posix", reason="modes")
def test_input_that_cannot_be_written(study: Path, tmp_path: Path) -> None:
    for path in [*study.rglob("*"), study]:
        path.chmod(0o500 if path.is_dir() else 0o400)
    anonymize(study, tmp_path / "out")
    assert files(tmp_path / "out") == files(study)
    for path in [study, *study.rglob("*")]:
        path.chmod(0o700)


def test_threads_and_processes(study: Path, tmp_path: Path) -> None:
    anonymize(study, tmp_path / "before")
    with ThreadPoolExecutor(4) as threads:
        jobs = [
            threads.submit(anonymize, study, tmp_path / f"out{number}", forced_values={NAME: f"S{number}"})
            for number in range(8)
        ]
        assert [job.result().written for job in jobs] == [4] * 8
    for number in range(8):
        assert pydicom.dcmread(tmp_path / f"out{number}" / "t1" / "IM1").PatientID == f"S{number}"
    for method in set(multiprocessing.get_all_start_methods()) & {"fork", "spawn"}:
        with multiprocessing.get_context(method).Pool(2) as pool:
            targets = [tmp_path / f"{method}{number}" for number in range(2)]
            results = pool.starmap(anonymize, [(study, target) for target in targets])
        assert [result.written for result in results] == [4, 4]
        assert leaks(targets[0]) == leaks(targets[1]) == []


def test_other_folder_at_hand(image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(image.parent)
    waiting = Anonymizer(image.name, "out")
    monkeypatch.chdir(tmp_path)
    assert waiting.run_ano() == 1 and (image.parent / "out").is_file()
