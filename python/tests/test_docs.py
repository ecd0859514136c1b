"""The pages: their code runs, their names exist, the reference is what the docstrings say."""

from __future__ import annotations

import importlib
import inspect
import io
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pydicom
import pytest

import deidentification
from deidentification import Key

from . import reference
from .conftest import dataset, save

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = ("python.md", "coming-from-cati.md", "coming-from-others.md")


def _blocks(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)


def test_there_is_code() -> None:
    assert [len(_blocks(page)) > 0 for page in PAGES] == [True, True, True]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl")
@pytest.mark.parametrize("page", PAGES)
def test_code_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All blocks of a page, one after the other, beside a study."""
    monkeypatch.chdir(tmp_path)
    pytest.importorskip("pandas")
    pytest.importorskip("tqdm")
    for number in (1, 2):
        save(dataset(number), Path("study", f"IM{number}"))
        save(dataset(number, patient="OTHER99"), Path("study2", f"IM{number}"))
    save(dataset(), Path("image.dcm"))
    Key.create("project.key")
    Path("mine.tsv").write_text("Tags\tName\tAction\n(0008,0020)\tStudy Date\tK\n")
    Path("subjects.txt").write_text("S1;study;list1\nS2;study2;list2\n")
    request = ["openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=x", "-days", "2"]
    subprocess.run([*request, "-keyout", "me.key", "-out", "me.pem"], check=True, capture_output=True)
    names: dict[str, Any] = {"data": Path("image.dcm").read_bytes(), "dataset": pydicom.dcmread("image.dcm")}
    if shutil.which("dcm2niix") is None:
        import functools

        monkeypatch.setattr(deidentification, "compare", functools.partial(deidentification.compare, attributes=True))
    for block in _blocks(page):
        exec(compile(block, page, "exec"), names)


def test_names_exist() -> None:
    """What the page for CATI's users lists is there."""
    text = (DOCS / "coming-from-cati.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:3] for line in text.splitlines() if line.startswith("| `")]
    found = 0
    for names, place in rows:
        modules = re.findall(r"`(deidentification(?:\.\w+)+)`", place)
        if not modules:
            continue
        module = importlib.import_module(modules[0])
        for name in re.findall(r"`(?:[\w.]*\.)?(\w+)`", names):
            assert hasattr(module, name) or name == modules[0].rsplit(".", 1)[1], f"{modules[0]}.{name}"
            found += 1
    assert found >= 18


def test_reference_is_made_from_the_docstrings() -> None:
    page = reference.PAGE.read_text(encoding="utf-8")
    assert page == reference.page(), "run `python python/tests/reference.py`"
    for name in deidentification.__all__:
        assert name in ("CONFIG_FOLDER", "__version__") or f"### {name}\n" in page


def test_everything_public_has_a_docstring() -> None:
    for name in deidentification.__all__:
        value = getattr(deidentification, name)
        if not inspect.isclass(value) and not callable(value):
            continue
        assert inspect.getdoc(value), name
        for member, found in vars(value).items() if inspect.isclass(value) else ():
            if not member.startswith("_") and (callable(found) or isinstance(found, property)):
                assert inspect.getdoc(found), f"{name}.{member}"


NOTEBOOK = """
import deidentification
result = deidentification.deidentify("study", "out", progress=True, subject="S1")
print(result.summary)
"""


def test_in_a_notebook(study: Path, tmp_path: Path) -> None:
    """A bar in a notebook, by a kernel of its own."""
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    pytest.importorskip("tqdm")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(NOTEBOOK)])
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(study.parent)}}).execute()
    written = io.StringIO()
    for output in notebook.cells[0].outputs:
        written.write(str(output.get("text", "")))
    assert "'written': 4" in written.getvalue()
