"""CATI's other modules."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pydicom
import pytest

import deidentification
from deidentification import DeidentificationError, anonymizer, archive, config, dicom, info, tag_lists
from deidentification.aggregator import DicomAggregator
from deidentification.ano_function import fileToList, run_ano_function, run_ano_function_MultiSubjects
from deidentification.utils.get_tags_diff import get_tag_diff

from .conftest import SECONDARY_CAPTURE, SR, dataset, files, leaks, png, save

# -- config --


def test_tag_to_tuple() -> None:
    tags = {"(0008,0020)": (0x0008, 0x0020), "(0010, 005A)": (0x0010, 0x005A), "F010,1010": (0xF010, 0x1010), "(1,1)": (1, 1)}
    for text, tag in tags.items():
        assert config.tag_to_tuple(text) == tag
    for wrong in ("(0010)", "0250 0010", "(2005, 1050, 0001)", "(2005, 1015a)", "000h, 2005"):
        with pytest.raises(ValueError, match=r"Input tag .* must contain .*"):
            config.tag_to_tuple(wrong)


def test_profiles_are_loaded_by_name() -> None:
    loaded = config.load_config_profile("data_sharing")
    assert loaded[0x0029, 0x1010] == {
        "name": "CSA Image Header Info", "action": "K", "private_creator": ["SIEMENS CSA HEADER"],
    }  # fmt: skip
    assert loaded[0x0018, 0x9074] == {"name": "Frame Acquisition DateTime", "action": "X"}
    assert (0x0008, 0x0020) in config.load_config_profile("cati_collector")
    assert len(loaded[0x0021, 0x0010]["private_creator"]) >= 2
    with pytest.raises(DeidentificationError, match=r"Profile .* does not exists\."):
        config.load_config_profile("wrong_profile")
    assert sorted(path.name for path in (deidentification.CONFIG_FOLDER / "profiles").glob("*.tsv")) == [
        "cati_collector.tsv", "data_sharing.tsv",
    ]  # fmt: skip


def test_profiles_are_loaded_by_path(tmp_path: Path) -> None:
    table = tmp_path / "table"
    rows = ["(2005,0010)\tPrivate Creator\tK\tName1", "(2005,0010)\tPrivate Creator\tK\tName2", "(0008,0020)\tDate", "(0008,0021)\t\tX"]
    table.write_text("Tags\tName\tAction\tPrivate Creator\n" + "\n".join(rows) + "\n")
    assert config.load_config_profile(str(table)) == {
        (0x2005, 0x0010): {"name": "Private Creator", "action": "K", "private_creator": ["Name1", "Name2"]},
        (0x0008, 0x0020): {"name": "Date", "action": "K"},
        (0x0008, 0x0021): {"name": "", "action": "X"},
    }
    table.write_text("Tags\tName\tAction\n(zzzz)\tn\tK\n")
    with pytest.raises(ValueError, match="zzzz"):
        config.load_config_profile(str(table))
    with pytest.raises(DeidentificationError, match="^Error occurs during config profile load.$"):
        config.load_config_profile(str(table), anonymous=True)


def test_lists_of_2019() -> None:
    assert len(config.tags_to_keep) == 38 and (0x0008, 0x103E) in config.tags_to_keep
    assert config.forced_values == {}


# -- tag_lists --


def test_tables() -> None:
    assert tag_lists.conf_profile[0x0010, 0x0010] == {"name": "Patient's Name", "profile": "Z"}
    assert len(tag_lists.conf_profile) + len(tag_lists.conf_profile_range) == 656
    assert tag_lists.conf_profile_range[(0x6000, 0x3000), (0x60FE, 0x3000)] == {"name": "Overlay Data", "profile": "X"}
    assert (0x2001, 0x03) in tag_lists.safe_private_attributes["Philips Imaging DD 001"]
    assert tag_lists.annex_e[0x0008, 0x0022] == ["N", "Y", "X/Z", "", "", "", "", "K", "C", "", "", ""]
    assert tag_lists.annex_e[0x0018, 0x1000][5] == "K", "device"
    assert {len(cells) for cells in tag_lists.annex_e.values()} == {12}


# -- dicom and info --


def test_what_a_file_is(image: Path, tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("x")
    picture = tmp_path / "a.png"
    picture.write_bytes(png())
    capture = save(dataset(1, sop_class=SECONDARY_CAPTURE), tmp_path / "sc")
    assert dicom.is_dicom(image) and dicom.is_dicom(str(capture)) and not dicom.is_dicom(text)
    assert [dicom.is_capture(path) for path in (picture, capture, image, text)] == ["image", "dicom", "", ""]
    assert dicom.is_capture_dicom(pydicom.dcmread(capture)) and not dicom.is_capture_dicom(pydicom.dcmread(image))
    assert dicom.is_imaging_modality(dataset()) and not dicom.is_imaging_modality(dataset(1, sop_class=SR, modality="SR"))
    assert not dicom.is_imaging_modality(pydicom.dcmread(capture))
    assert not dicom.is_imaging_modality(pydicom.Dataset())
    assert not dicom.is_spectro(image) and not dicom.is_spectro(text)
    assert dicom.is_spectro(save(dataset(1, sop_class="1.2.840.10008.5.1.4.1.1.4.2"), tmp_path / "mrs"))
    (tmp_path / "e" / "f").mkdir(parents=True)
    assert dicom.is_folder_empty_of_files(tmp_path / "e") and not dicom.is_folder_empty_of_files(str(tmp_path))
    assert not dicom.is_folder_empty_of_files(text)


def test_info() -> None:
    assert info.__version__ == deidentification.__version__
    assert deidentification.CONFIG_FOLDER.is_dir()


# -- archive --


def tree(folder: Path) -> Path:
    for name in ("a/one", "a/b/two", "a/c/three"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder / "a"


@pytest.mark.parametrize("name", ["x.zip", "x.tar", "x.tar.gz", "x.tgz", "x.tar.bz2"])
def test_pack_and_unpack(tmp_path: Path, name: str) -> None:
    packed = tmp_path / "new" / name
    archive.pack(str(packed), [str(tree(tmp_path))])
    assert archive.is_archive_file(str(packed)) and archive.is_archive_ext(name) and archive.is_archive(str(packed))
    archive.unpack(str(packed), str(tmp_path / "out"))
    assert files(tmp_path / "out") == ["a/b/two", "a/c/three", "a/one"]
    first = archive.unpack_first(str(packed), str(tmp_path / "first"))
    assert [Path(first)] == [path for path in (tmp_path / "first").rglob("*") if path.is_file()]
    by_kind = (archive.unzip, archive.unzip_first) if name.endswith("zip") else (archive.untar, archive.untar_first)
    by_kind[0](str(packed), str(tmp_path / "kind"))
    assert files(tmp_path / "kind") == files(tmp_path / "out")
    assert by_kind[1](str(packed), str(tmp_path / "kind2")).startswith(str(tmp_path / "kind2"))


def test_pack_by_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path)
    monkeypatch.chdir(tmp_path)
    archive.pack_zip("z.zip", "a")
    assert sorted(zipfile.ZipFile("z.zip").namelist()) == ["a/b/two", "a/c/three", "a/one"]
    archive.pack_tar("t.tar.gz", ["a/one", "a/b"])
    assert sorted(tarfile.open("t.tar.gz", "r:gz").getnames()) == ["b/two", "one"]
    archive.pack_tar("t.tar", "a/one", "tar")
    assert tarfile.open("t.tar", "r:").getnames() == ["one"]
    assert os.getcwd() == str(tmp_path)


def test_archives_that_are_none(tmp_path: Path) -> None:
    for extension in (".zip", ".gz", ".tar", ".bz2", ".tgz"):
        assert extension in archive.get_archive_extensions()
        path = tmp_path / f"subject_ex.txt{extension}"
        path.write_text("no archive")
        assert archive.is_archive_ext(path)
        with pytest.raises(DeidentificationError, match="extension but it is not a"):
            archive.is_archive_file(str(path))
    plain = tmp_path / "test_file.json"
    plain.write_text("{}")
    assert not archive.is_archive_file(str(plain)) and not archive.is_archive_ext(plain) and not archive.is_archive(plain)
    for function in (archive.unpack, archive.unpack_first):
        with pytest.raises(AttributeError, match="Input_filename must be an archive"):
            function(str(plain), str(tmp_path / "o"))
    with pytest.raises(AttributeError, match="Output_filename must be an archive"):
        archive.pack(str(tmp_path / "o.txt"), [str(plain)])
    with pytest.raises(ValueError, match="is not a tar file"):
        archive.untar(str(plain), str(tmp_path / "o"))
    with pytest.raises(ValueError, match="is not a zip file"):
        archive.unzip(str(plain), str(tmp_path / "o"))


def test_nothing_leaves_the_folder(tmp_path: Path) -> None:
    evil = tmp_path / "evil.zip"
    with zipfile.ZipFile(evil, "w") as packed:
        packed.writestr("../outside", "x")
        packed.writestr("inside", "x")
    archive.unpack(str(evil), str(tmp_path / "out"))
    assert files(tmp_path / "out") == ["inside"] and not (tmp_path / "outside").exists()


# -- utils.get_tags_diff --


def test_tag_diff(image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    anonymizer.anonymize(str(image), str(tmp_path / "out"), forced_values={(0x0010, 0x0010): "S1"})
    assert get_tag_diff(str(image), str(tmp_path / "out" / "IM04")) is None
    text = (image.parent / "diff.txt").read_text()
    assert text.startswith(f"dcm1 = {image}\ndcm2 = ")
    assert "Dcm1 only: (0008, 0032) Acquisition Time: 101112" in text
    assert "Dcm2 only: (0012, 0062) Patient Identity Removed: YES" in text
    assert "Modification (dcm1 -> dcm2): (0010, 0010)\tValue modification\t Doe^Jane  --->  S1" in text
    assert "Output file:" in capsys.readouterr().out
    get_tag_diff(image, image, outpath=str(tmp_path / "same.txt"))
    assert "only" not in (tmp_path / "same.txt").read_text()


# -- ano_function --


def zipped(folder: Path, to: Path) -> Path:
    with zipfile.ZipFile(to, "w") as packed:
        for file in files(folder):
            packed.write(folder / file, file)
    return to


def test_one_subject(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_ano_function("0001XXXX", str(study), str(tmp_path / "out"))
    assert "0001XXXX" in capsys.readouterr().out
    ds = pydicom.dcmread(tmp_path / "out" / "t1" / "IM1")
    assert (ds.PatientName, ds.PatientID) == ("0001XXXX", "0001XXXX")
    assert (ds.StudyDate, ds.SeriesDescription) == ("20240131", "t1 mprage"), "of the list of 2019"
    assert "SeriesDate" not in ds or ds.SeriesDate != "20240131"
    packed = zipped(study, tmp_path / "in.zip")
    run_ano_function("0001XXXX", str(packed), str(tmp_path / "from_zip"))
    assert files(tmp_path / "from_zip") == files(tmp_path / "out")
    run_ano_function("0001XXXX", str(packed), str(packed))
    assert sorted(zipfile.ZipFile(packed).namelist()) == files(study)
    run_ano_function("0001XXXX", str(study), str(study))
    assert pydicom.dcmread(study / "t2" / "IM1").PatientID == "0001XXXX" and leaks(study) == []


def test_subjects_are_not_mixed_up(study: Path, tmp_path: Path) -> None:
    save(dataset(7, patient="OTHER99"), study / "t3" / "IM7")
    with pytest.raises(DeidentificationError, match="2 different Patient IDs"):
        run_ano_function("S1", str(study), str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_several_subjects(study: Path, image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        f"S1;{study};{tmp_path / 'out1'}",
        f"S2;{tmp_path / 'absent'};{tmp_path / 'out2'}",
        "",
        f"S3;{image.parent};{tmp_path / 'out3.zip'}",
    ]
    (tmp_path / "list.txt").write_text("\n".join(lines) + "\n")
    jobs = fileToList(str(tmp_path / "list.txt"))
    assert jobs[0] == ["S1", str(study), str(tmp_path / "out1")] and len(jobs) == 3
    run_ano_function_MultiSubjects(jobs)
    assert re.search("Error during anonymization for  S2", capsys.readouterr().out)
    assert len(files(tmp_path / "out1")) == 4 and (tmp_path / "out3.zip").exists() and not (tmp_path / "out2").exists()
    (tmp_path / "list.txt").write_text("Doe;only two\n")
    with pytest.raises(DeidentificationError, match="line 1") as raised:
        fileToList(tmp_path / "list.txt")
    assert "Doe" not in str(raised.value)


# -- aggregator --


def test_aggregator(study: Path, tmp_path: Path) -> None:
    save(dataset(1), study / "again")
    save(dataset(1, sop_class=SR, modality="SR", series=9), study / "sr")
    (study / "notes.txt").write_text("x")
    aggregator = DicomAggregator()
    assert aggregator.modalities == []
    aggregator.add_dicom_sources([str(study), study, str(study / "again")])
    series = aggregator.aggregate()
    assert {uid: len(paths) for uid, paths in series.items()} == {
        "1.2.3.4.5.200.1": 3, "1.2.3.4.5.200.2": 1, "1.2.3.4.5.200.9": 1,
    }  # fmt: skip
    aggregator.modalities = ["MR"]
    aggregator.aggregate()
    assert sorted(aggregator.aggregate_sources) == ["1.2.3.4.5.200.1", "1.2.3.4.5.200.2"]


# -- commands --


def run(*words: object, module: str = "deidentification") -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", module, *map(str, words)], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("flag", ["-ID", "-id"])
def test_module_as_a_command(study: Path, tmp_path: Path, flag: str) -> None:
    done = run("-in", study, "-out", tmp_path / "out", flag, "0001XXXX", "-c", "cati_collector")
    assert (done.returncode, done.stderr) == (0, "")
    ds = pydicom.dcmread(tmp_path / "out" / "t1" / "IM1")
    assert (ds.PatientName, ds.PatientID) == ("0001XXXX", "0001XXXX")


def test_without_a_subject_the_name_is_unknown(image: Path, tmp_path: Path) -> None:
    done = run("-in", image, "-out", tmp_path / "out", module="deidentification.anon_example")
    assert (done.returncode, done.stderr) == (0, "")
    assert pydicom.dcmread(tmp_path / "out" / "IM04").PatientName == "Unknown"
    assert run("-in", image).returncode == 2


def test_console_scripts(image: Path, tmp_path: Path) -> None:
    scripts = Path(sys.executable).parent
    script = scripts / "deidentification"
    if not script.exists():
        pytest.skip("the package is not installed with its scripts")
    done = subprocess.run([script, "-in", image, "-out", tmp_path / "out"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    diff = [scripts / "dicom_tag_diff", "-f", image, "-s", tmp_path / "out" / "IM04"]
    done = subprocess.run([*diff, "-o", tmp_path / "diff.txt"], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "Doe^Jane" in (tmp_path / "diff.txt").read_text()
    done = subprocess.run(diff, capture_output=True, text=True, check=False)
    assert "(0010,0010)" in done.stdout


def test_commands_are_functions_too(image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from deidentification.__main__ import dicom_tag_diff, main

    assert main(["-in", str(image), "-out", str(tmp_path / "out")]) == 0
    assert dicom_tag_diff(["-f", str(image), "-s", str(image), "-o", str(tmp_path / "d")]) == 0
    monkeypatch.setattr(sys, "argv", ["deidentification", "profile", "list"])
    assert main() == 0


# -- odd uses --


def test_lists_from_everywhere(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes("\ufeffS1; in ; out 1\r\n\r\n# remark\r\nS2;in;sortie é;;\r\n;in;none;remark\r\n".encode())
    assert fileToList(path) == [["S1", "in", "out 1"], ["S2", "in", "sortie é"], ["", "in", "none"]]
    path.write_bytes("S1;in;sortie é\n".encode("latin-1"))
    assert fileToList(str(path)) == [["S1", "in", "sortie é"]]
    path.write_text("")
    assert fileToList(path) == []
    path.write_text("S1;in;out\n", encoding="utf-16")
    with pytest.raises(DeidentificationError, match="UTF-16"):
        fileToList(path)
    with pytest.raises(FileNotFoundError):
        fileToList(tmp_path / "absent")


def test_a_malformed_entry_does_not_stop_the_others(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    jobs = [["S1", study], "x", ("S2", study, tmp_path / "out2", "remark"), ["", study, tmp_path / "out3"]]
    run_ano_function_MultiSubjects(jobs)  # type: ignore[arg-type]
    told = capsys.readouterr().out
    assert "Error during anonymization for  entry 1: expected" in told and "entry 2" in told
    assert pydicom.dcmread(tmp_path / "out2" / "t1" / "IM1").PatientID == "S2"
    nobody = pydicom.dcmread(tmp_path / "out3" / "t1" / "IM1")
    assert nobody.PatientName == "Unknown" and nobody.PatientID.startswith("ANON")


def test_a_subject_may_be_a_number_or_none(study: Path, tmp_path: Path) -> None:
    run_ano_function(12, study, tmp_path / "a")  # type: ignore[arg-type]
    assert pydicom.dcmread(tmp_path / "a" / "t1" / "IM1").PatientID == "12"
    run_ano_function(None, study, tmp_path / "b")
    assert pydicom.dcmread(tmp_path / "b" / "t1" / "IM1").PatientName == "Unknown"


@pytest.mark.skipif(find_spec("IPython") is None, reason="IPython is not there")
def test_from_ipython(study: Path, tmp_path: Path) -> None:
    code = (
        "from deidentification.ano_function import run_ano_function\n"
        f"run_ano_function('S1', {str(study)!r}, {str(tmp_path / 'out')!r})"
    )
    words = [sys.executable, "-m", "IPython", "--colors=NoColor", "-c", code]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "Anonymization done for  S1" in done.stdout, done.stderr
    assert leaks(tmp_path / "out") == []
