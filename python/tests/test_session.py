"""Several instances that tell of one another."""

from __future__ import annotations

import io
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pydicom
import pytest

from deidentification import Key, Profile, QuarantinedError, deidentify

from .conftest import dataset, files, save


def _study(folder: Path) -> Path:
    """The physician's name stands in the first file's header, and in the second one's description."""
    save(dataset(1), folder / "IM1")
    ds = dataset(2)
    del ds.ReferringPhysicianName
    ds.SeriesDescription = "t1 Houseman"
    save(ds, folder / "IM2")
    return folder


@pytest.mark.parametrize("profile", ["default", "cati_collector", "neuro"])
def test_a_session_does_what_a_run_does(tmp_path: Path, key: Key, profile: str) -> None:
    study = _study(tmp_path / "study")
    deidentify(study, tmp_path / "out", key=key, profile=profile, subject="S1")
    session = Profile.load(profile).session([study / name for name in files(study)], key=key, subject="S1")
    assert len(session) == 2 and "2 instances" in repr(session)
    for name in files(study):
        expected = (tmp_path / "out" / name).read_bytes()
        assert session.apply(study / name) == expected
        assert session.apply((study / name).read_bytes()) == expected


def test_a_name_of_one_header_goes_from_the_texts_of_all(tmp_path: Path, key: Key) -> None:
    study = _study(tmp_path)
    profile = Profile.load("cati_collector")
    second = pydicom.dcmread(study / "IM2")
    assert "Houseman" in profile.apply(second, key=key).SeriesDescription, "one instance does not know"
    session = profile.session(key=key)
    assert "Houseman" in session.apply(second).SeriesDescription
    assert session.add(study / "IM1") is True and session.add(b"text") is False and session
    assert "Houseman" not in session.apply(second).SeriesDescription, "what is added counts at once"


def test_a_session_holds_identities_and_stays(key: Key) -> None:
    session = Profile.load("default").session(key=key)
    with pytest.raises(TypeError, match="identities"):
        pickle.dumps(session)
    with pytest.raises(QuarantinedError):
        session.apply(b"text")


def test_threads_share_a_session_and_a_profile(key: Key) -> None:
    profile = Profile.load("neuro")
    instances = []
    for number in range(40):
        buffer = io.BytesIO()
        dataset(number, patient=f"PAT{number % 3}").save_as(buffer)
        instances.append(buffer.getvalue())
    session = profile.session(instances, key=key)
    alone = [session.apply(instance) for instance in instances]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(session.apply, instances)) == alone
        assert len(set(pool.map(lambda data: profile.apply(data, key=key), instances))) == 40
