"""What is shipped, and how light the command line is to start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ["templates", "schemas", "samples"]
HEAVY = {"openpyxl", "xlsxwriter", "jsonschema", "jsonschema_rs", "rich", "python_calamine", "lxml"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """The wheel, built as pip would build it, without going to the network."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    with ZipFile(built) as opened:
        yield opened


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_wheel_ships_every_file_of(wheel: ZipFile, folder: str):
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file()}
    shipped = {name.removeprefix("ims_excel/") for name in wheel.namelist()}
    assert there
    assert there <= shipped


def test_the_wheel_ships_every_module_its_types_and_its_licence(wheel: ZipFile):
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / "ims_excel").rglob("*.py")}
    shipped = set(wheel.namelist())
    assert there | {"ims_excel/py.typed"} <= shipped
    assert any(name.endswith("/LICENSE") for name in shipped)
    assert not any(name.startswith(("tests/", "benchmarks/")) for name in shipped)


def test_an_installed_wheel_finds_its_own_files(wheel: ZipFile, tmp_path: Path):
    wheel.extractall(tmp_path / "site")
    site = tmp_path / "site"
    ask = f"""if True:
        import sys
        sys.path.insert(0, {str(site)!r})
        from ims_excel.resources import resource_dir
        print(*map(resource_dir, {FOLDERS}))
    """
    found = run(["-c", ask], cwd=tmp_path)
    assert found.split() == [str(site / "ims_excel" / name) for name in FOLDERS]


def test_the_command_line_starts_without_the_heavy_libraries():
    loaded = run(["-c", "import sys, ims_excel.cli; print(*sys.modules)"], cwd=ROOT)
    assert HEAVY.isdisjoint(name.partition(".")[0] for name in loaded.split())


def run(arguments: list[str], cwd: Path) -> str:
    """Run Python in a process of its own and return what it prints."""
    done = subprocess.run([sys.executable, *arguments], cwd=cwd, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
