"""Drive a real LibreOffice from a test, doing to a workbook what people do.

    @pytest.mark.libreoffice
    def test_a_sorted_sheet_is_read_all_the_same(office, book, tmp_path):
        with office.edit(book, out=tmp_path / "sorted.xlsx") as doc:
            sheet = doc.sheet("B2B")
            sheet.sort("A5:AA30", by="H", descending=True)
            sheet.set("T5", "Accepted")

The fixture ``office`` (``tests/conftest.py``) starts one LibreOffice for a test session, or one for each
worker of pytest-xdist, when the first test asks for it. Where there is none the tests are skipped, saying so;
with ``CI=true`` in the environment they fail. On Debian: ``apt-get install libreoffice-calc python3-uno``.

    .venv/bin/pytest -m libreoffice          only these tests
    .venv/bin/pytest -m "not libreoffice"    all the others

Looked for: ``soffice`` on the path (or ``SOFFICE``), and a Python that can ``import uno``: ``UNO_PYTHON``,
``/usr/bin/python3`` or the one LibreOffice brings along. In it ``driver.py`` does the work; see there.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DRIVER = Path(__file__).with_name("driver.py")
START_LIMIT = 150  # seconds; a little more than the driver's own
ANSWER_LIMIT = 120
STOP_LIMIT = 15

Value: TypeAlias = "str | float | None"  # None in a request: leave alone; in a reply: an error


class OfficeError(Exception):
    """LibreOffice refused a command, or is gone."""


def find_soffice() -> str | None:
    """Find LibreOffice's starter."""
    return os.environ.get("SOFFICE") or shutil.which("soffice") or shutil.which("libreoffice")


def find_python(soffice: str) -> str | None:
    """Find a Python that knows UNO, or return None."""
    beside = Path(soffice).resolve().parent
    wanted = [
        os.environ.get("UNO_PYTHON"),
        "/usr/bin/python3",
        beside / "python",
        beside / "python.exe",
        sys.executable,
    ]
    return next((str(python) for python in wanted if python and knows_uno(python)), None)


def knows_uno(python: str | Path) -> bool:
    """Say whether a Python can import uno."""
    with contextlib.suppress(OSError):
        return subprocess.run([python, "-c", "import uno"], capture_output=True, check=False).returncode == 0
    return False


class Office:
    """One running LibreOffice, driven through ``driver.py``."""

    def __init__(self, soffice: str, python: str, log: Path) -> None:
        """Start it and wait until it answers; what it says on stderr goes to the log."""
        self._log = log
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                [python, DRIVER, soffice],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
                start_new_session=True,  # so that LibreOffice can be killed along with the driver
            )
        self._replies: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True).start()
        self._answer(START_LIMIT)

    def _listen(self, replies: IO[str]) -> None:
        for line in replies:
            self._replies.put(line)
        self._replies.put("")

    def _answer(self, limit: float) -> Any:
        """Wait for one reply; raise OfficeError for a refusal, a silence or an end."""
        try:
            line = self._replies.get(timeout=limit)
        except queue.Empty:
            self.stop()
            raise OfficeError(f"no answer within {limit} seconds") from None
        if not line:
            self.stop()
            raise OfficeError(
                f"LibreOffice is gone:\n{self._log.read_text(encoding='utf-8', errors='replace')}"
            )
        reply = json.loads(line)
        if "error" in reply:
            raise OfficeError(reply["error"])
        return reply["result"]

    def do(self, command: str, **request: Any) -> Any:
        """Send one of the driver's commands and return its result."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # then the driver's end is what the answer tells
            self._process.stdin.write(json.dumps({"do": command, **request}) + "\n")
            self._process.stdin.flush()
        return self._answer(ANSWER_LIMIT)

    @contextmanager
    def edit(self, path: Path, out: Path | None = None) -> Iterator[Document]:
        """Open a file; at the end save it to ``out``, if given, and close it."""
        document = Document(self, self.do("open_file", path=str(path.resolve())))
        try:
            yield document
            if out is not None:
                document.save_as(out)
        finally:
            if self._process.poll() is None:
                document.do("close")

    def stop(self) -> None:
        """End LibreOffice, kindly at first."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_LIMIT)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


class Document:
    """An open file."""

    def __init__(self, office: Office, number: int) -> None:
        self._office = office
        self._number = number

    def do(self, command: str, **request: Any) -> Any:
        """Send a command about this document."""
        return self._office.do(command, doc=self._number, **request)

    def sheet(self, title: str) -> Sheet:
        """Speak about one sheet."""
        return Sheet(self, title)

    @property
    def sheets(self) -> list[str]:
        """Titles in order, hidden sheets too."""
        return self.do("sheets")

    @property
    def properties(self) -> dict[str, str]:
        """Custom document properties."""
        return self.do("properties")

    def add_sheet(self, title: str, position: int = 0) -> Sheet:
        self.do("add_sheet", title=title, position=position)
        return self.sheet(title)

    def copy_sheet(self, title: str, new_title: str, position: int = 0) -> Sheet:
        self.do("copy_sheet", title=title, new_title=new_title, position=position)
        return self.sheet(new_title)

    def move_sheet(self, title: str, position: int) -> None:
        self.do("move_sheet", title=title, position=position)

    def delete_sheet(self, title: str) -> None:
        self.do("delete_sheet", title=title)

    def define_name(self, name: str, formula: str) -> None:
        self.do("define_name", name=name, formula=formula)

    def recalculate(self) -> None:
        self.do("recalculate")

    def save_as(self, path: Path, password: str = "") -> Path:
        """Save as .xlsx, .xlsm, .xls, .ods, .csv (the first sheet) or .pdf, as the suffix says."""
        self.do("save_as", path=str(path.resolve()), password=password)
        return path


class Sheet:
    """A sheet of an open file. Addresses as in A1, columns by letters, rows from 1."""

    def __init__(self, document: Document, title: str) -> None:
        self._document = document
        self._title = title

    def do(self, command: str, **request: Any) -> Any:
        """Send a command about this sheet."""
        return self._document.do(command, sheet=self._title, **request)

    # cells

    def get(self, cells: str) -> list[list[Value]]:
        """Values row by row: text, float, "" where empty, None for an error."""
        return self.do("get", cells=cells)

    def column(self, cells: str) -> list[Value]:
        """The first column of ``get``."""
        return [row[0] for row in self.get(cells)]

    def describe(self, cell: str) -> dict[str, Any]:
        """One cell's kind, shown, formula, error, format and validated."""
        return self.do("describe", cell=cell)

    def set(self, cell: str, *values: Value | Sequence[Value]) -> None:
        """Put values in a row from a cell on; a list is a row of several. Text stays text."""
        rows = [list(value) if isinstance(value, (list, tuple)) else [value] for value in values]
        self.do("put", cell=cell, values=rows)

    def type(self, cell: str, text: str) -> None:
        """Type as a person would: 12 is a number, =A1 a formula, 'x text."""
        self.do("type_in", cell=cell, text=text)

    def clear(self, cells: str) -> None:
        self.do("clear", cells=cells)

    def fill_down(self, cells: str) -> None:
        self.do("fill_down", cells=cells)

    def paste(self, source: str, at: str, source_sheet: str | None = None) -> None:
        self.do("paste", source=source, at=at, source_sheet=source_sheet)

    def move(self, source: str, at: str) -> None:
        self.do("move", source=source, at=at)

    def merge(self, cells: str) -> None:
        self.do("merge", cells=cells)

    def number_format(self, cells: str, code: str) -> None:
        self.do("number_format", cells=cells, code=code)

    def to_text(self, cells: str) -> None:
        self.do("to_text", cells=cells)

    def to_number(self, cells: str) -> None:
        self.do("to_number", cells=cells)

    def background(self, cells: str, colour: int) -> None:
        self.do("background", cells=cells, colour=colour)

    def comment(self, cell: str, text: str) -> None:
        self.do("comment", cell=cell, text=text)

    def comments(self) -> list[str]:
        return self.do("comments")

    def conditional_format(self, cells: str, formula: str, colour: int = 0xFF0000) -> None:
        self.do("conditional_format", cells=cells, formula=formula, colour=colour)

    def conditional_formats(self) -> int:
        return self.do("conditional_formats")

    def validation(self, cell: str) -> dict[str, Any]:
        """The rule of a cell: kind, operator, formulas, blank_allowed, on_error, error, input, entries."""
        return self.do("validation", cell=cell)

    def allows(self, cell: str, value: str | float) -> bool:
        """Whether a person could type the value there."""
        return self.do("allows", cell=cell, value=value)

    # rows and columns

    def used_range(self) -> str:
        return self.do("used_range")

    def sort(self, cells: str, *, by: str, descending: bool = False) -> None:
        """Sort an area without its headings by a column; columns outside it stay."""
        self.do("sort", cells=cells, by=by, descending=descending)

    def filter(self, cells: str, **keep: str | float | list[str | float]) -> None:
        """Keep rows with given values, by column: ``filter("A4:Z30", T="Accepted")``. Headings first."""
        lists = {column: kept if isinstance(kept, list) else [kept] for column, kept in keep.items()}
        self.do("keep_rows", cells=cells, keep=lists)

    def unfilter(self, cells: str) -> None:
        """Show every row again."""
        self.do("keep_rows", cells=cells, keep={})

    def visible_rows(self, first: int, last: int) -> list[int]:
        return self.do("visible_rows", first=first, last=last)

    def show_rows(self, first: int, last: int, *, visible: bool) -> None:
        self.do("show_rows", first=first, last=last, visible=visible)

    def visible_columns(self, first: str, last: str) -> list[bool]:
        return self.do("visible_columns", first=first, last=last)

    def show_columns(self, first: str, last: str, *, visible: bool) -> None:
        self.do("show_columns", first=first, last=last, visible=visible)

    def insert_rows(self, before: int, count: int = 1) -> None:
        self.do("insert_rows", before=before, count=count)

    def delete_rows(self, first: int, last: int | None = None) -> None:
        self.do("delete_rows", first=first, last=last or first)

    def duplicate_row(self, row: int) -> None:
        self.do("duplicate_row", row=row)

    def insert_columns(self, before: str, count: int = 1) -> None:
        self.do("insert_columns", before=before, count=count)

    def delete_columns(self, first: str, last: str | None = None) -> None:
        self.do("delete_columns", first=first, last=last or first)

    def move_column(self, column: str, before: str) -> None:
        self.do("move_column", column=column, before=before)

    def copy_column(self, column: str, before: str) -> None:
        self.do("copy_column", column=column, before=before)

    def group(self, cells: str, *, columns: bool = False) -> None:
        self.do("group", cells=cells, columns=columns)

    def freeze(self, columns: int, rows: int) -> None:
        self.do("freeze", columns=columns, rows=rows)

    def name_range(self, cells: str, name: str, *, buttons: bool = True) -> None:
        """Define a database range: what LibreOffice has for a table."""
        self.do("name_range", cells=cells, name=name, buttons=buttons)

    # the sheet itself

    def rename(self, title: str) -> None:
        self.do("rename", title=title)
        self._title = title

    def show(self, *, visible: bool) -> None:
        self.do("show_sheet", visible=visible)

    def is_visible(self) -> bool:
        return self.do("is_visible")

    def chart(self, cells: str, name: str = "chart") -> None:
        self.do("chart", cells=cells, name=name)

    def charts(self) -> list[str]:
        return self.do("charts")

    def protect(self, password: str = "") -> None:
        self.do("protect", password=password)

    def is_protected(self) -> bool:
        return self.do("is_protected")
