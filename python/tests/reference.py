"""The reference of the API, made of signatures and docstrings: ``docs/python-reference.md``.

``python python/tests/reference.py`` writes it; a test fails when it is not what this makes.
"""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

HERE = Path(__file__).resolve()
PACKAGE = HERE.parents[1] / "deidentification"
PAGE = HERE.parents[2] / "docs" / "python-reference.md"

#: Where the modern API is defined, and CATI's modules.
OWN = ("_run", "_profile", "_plan", "_inspect", "_reidentify", "errors")
CATI = (
    "anonymizer", "ano_function", "archive", "config", "dicom", "tag_lists", "aggregator", "utils/get_tags_diff",
)  # fmt: skip

HEAD = """# Reference of the Python API

Made from the docstrings by `python python/tests/reference.py`; `help()` shows the same. Start with [python.md](python.md).
"""


def page() -> str:
    """The text of the page."""
    public = _all(PACKAGE / "__init__.py")
    parts = [HEAD, "## deidentification\n"]
    found = {}
    for module in OWN:
        found.update(_documented(PACKAGE / f"{module}.py", "deidentification"))
    missing = [name for name in public if name not in found and name not in ("CONFIG_FOLDER", "__version__")]
    assert not missing, f"without a docstring: {missing}"
    parts += [found[name] for name in public if name in found]
    for module in CATI:
        path = PACKAGE / f"{module}.py"
        dotted = "deidentification." + module.replace("/", ".")
        parts.append(f"## {dotted}\n\n{ast.get_docstring(_tree(path))}\n")
        documented = _documented(path, dotted)
        parts += [documented[name] for name in _all(path) if name in documented]
    text = "\n".join(parts)
    text = re.sub(r":(?:exc|func|class|meth|mod|data):`~?(?:[\w.]+\.)?(\w+)`", r"`\1`", text)
    text = re.sub(r"\s+# doctest: \+SKIP", "", text).replace("``", "`").replace("(_WithKind)", "(DeidentificationError)")
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _all(path: Path) -> list[str]:
    for node in _tree(path).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return list(ast.literal_eval(node.value))
    return []


def _documented(path: Path, module: str) -> dict[str, str]:
    """Functions and classes of a file by name, in Markdown."""
    found: dict[str, str] = {}
    for node in _tree(path).body:
        if isinstance(node, ast.FunctionDef) and not _is_overload(node):
            found[node.name] = f"### {node.name}\n\n{_function(node, '')}"
        elif isinstance(node, ast.ClassDef):
            found[node.name] = _class(node)
    return found


def _is_overload(node: ast.FunctionDef) -> bool:
    return any(getattr(decorator, "id", "") == "overload" for decorator in node.decorator_list)


def _class(node: ast.ClassDef) -> str:
    bases = ", ".join(ast.unparse(base) for base in node.bases)
    parts = [f"### {node.name}\n", f"    class {node.name}({bases})\n" if bases else "", _prose(ast.get_docstring(node))]
    previous: str | None = None
    for member in node.body:
        if isinstance(member, ast.FunctionDef) and not _is_overload(member):
            words = ast.get_docstring(member)
            if words is None or (member.name.startswith("_") and member.name not in ("__init__", "__len__")):
                continue
            if any(getattr(decorator, "id", "") == "property" for decorator in member.decorator_list):
                kind = f": {ast.unparse(member.returns)}" if member.returns else ""
                parts.append(f"- **{member.name}**`{kind}`  \n{_indented(words)}\n")
            else:
                parts.append(f"#### {node.name}.{member.name}\n\n{_function(member, node.name)}")
        elif isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name):
            name = member.target.id
            previous = None if name.startswith("_") else f"- **{name}**`: {ast.unparse(member.annotation)}`"
            if previous:
                parts.append(f"{previous}\n")
        elif isinstance(member, ast.Expr) and isinstance(member.value, ast.Constant) and previous:
            parts[-1] = f"{previous}  \n{_indented(inspect.cleandoc(str(member.value.value)))}\n"
            previous = None
    return "\n".join(part for part in parts if part)


def _function(node: ast.FunctionDef, of: str) -> str:
    arguments = ast.unparse(node.args)
    for first in ("self, ", "cls, ", "self", "cls"):
        if of and arguments.startswith(first):
            arguments = arguments[len(first) :]
            break
    result = f" -> {ast.unparse(node.returns)}" if node.returns and node.name != "__init__" else ""
    name = of if node.name == "__init__" else f"{of}.{node.name}" if of else node.name
    return f"    {name}({arguments}){result}\n\n{_prose(ast.get_docstring(node))}"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.splitlines())


def _prose(text: str | None) -> str:
    """Docstrings are read as they are written: sections `Args`, `Returns` and `Raises` as lists."""
    if text is None:
        return ""
    lines: list[str] = []
    listed = False
    for line in text.splitlines():
        if line in ("Args:", "Returns:", "Raises:"):
            listed = True
            lines += [f"**{line[:-1]}**", ""]
        elif listed and line.startswith("    ") and not line.startswith("     "):
            lines.append(f"- {line.strip()}")
        elif listed and line.startswith("     "):
            lines.append(f"  {line.strip()}")
        elif line.startswith((">>> ", "... ")):
            lines.append(f"    {line}")
        else:
            listed = listed and not line
            lines.append(line)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
