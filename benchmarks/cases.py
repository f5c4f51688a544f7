"""What is measured: our verbs, and beside each what else does the same."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from month import write_decided, write_download, write_error_report, write_newer_download
from values import write_values

from ims_excel.workbook.read import read_book

if TYPE_CHECKING:
    from collections.abc import Iterator

PEERS = Path(__file__).parent / "peers"
OURS = "ims-xl"
INVALID_SHARE = 100
"""One row in so many gets an error text in the write-back."""
_TEXT = "Error R2: Pending is not available: the portal has closed it for this document."


@dataclass(frozen=True)
class Case:
    """One process to measure.

    Attributes:
        task: what it does: "build", "harvest", "errors", "refresh", "write-back",
            "start-up".
        name: who does it.
        command: the process.
        most: the largest number of documents it is asked for; beyond, it would take minutes or all memory.
        expected: its exit codes.
    """

    task: str
    name: str
    command: tuple[str, ...]
    most: int = 10_000_000
    expected: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Files:
    """The files of a month in a folder of their own."""

    folder: Path

    def __getattr__(self, name: str) -> str:
        """Give the path of a file: ``files.decided_xlsx`` is ``decided.xlsx``."""
        return str(self.folder / name.replace("_", "."))

    def make(self, documents: int) -> None:
        """Make what the cases read."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_download(Path(self.download_json), documents)
        write_error_report(Path(self.report_json), documents)
        write_newer_download(Path(self.newer_json), documents)
        write_values(Path(self.download_json), Path(self.form_pickle), Path(self.rows_pickle))
        subprocess.run(
            [*_IMS_XL, "build", self.download_json, "-o", self.built_xlsx], check=True, stdout=sys.stderr
        )
        write_decided(Path(self.built_xlsx), Path(self.decided_xlsx))
        self._write_cells()

    def _write_cells(self) -> None:
        """Choose the cells of the write-back: rows evenly spread, the column of our own errors."""
        cells = {}
        for sheet in read_book(Path(self.decided_xlsx)).sheets:
            numbers = [row.number for row in sheet.rows][::INVALID_SHARE]
            cells[sheet.title] = [(number, sheet.columns["sheet_errors"] + 1, _TEXT) for number in numbers]
        Path(self.cells_json).write_text(json.dumps(cells), encoding="utf-8")


_IMS_XL = (sys.executable, "-m", "ims_excel")


def cases(files: Files) -> Iterator[Case]:
    """List what to run on the files of a month, ours first in every task."""
    marked = ("--out", files.marked_xlsx, "--force")
    upload = ("-o", files.upload_json, "--skip-invalid")
    to_build = (files.form_pickle, files.rows_pickle)
    to_mark = (files.decided_xlsx, files.cells_json)

    yield Case("build", OURS, (*_IMS_XL, "build", files.download_json, "-o", files.out_xlsx, "--force"))
    yield _peer("build", "bare XML (floor)", "build_floor.py", *to_build, files.floor_xml)
    yield _peer("build", "XlsxWriter", "build_xlsxwriter.py", *to_build, files.xlsxwriter_xlsx)
    yield _peer("build", "openpyxl", "build_openpyxl.py", files.rows_pickle, files.openpyxl_xlsx)
    yield _peer("build", "PyExcelerate", "build_pyexcelerate.py", files.rows_pickle, files.pyexcelerate_xlsx)

    harvest = (*_IMS_XL, "harvest", files.decided_xlsx, *marked, *upload)
    yield Case("harvest", OURS, harvest, expected=(1,))
    yield _peer("harvest", "calamine (read only)", "harvest_calamine.py", files.decided_xlsx)
    yield _peer("harvest", "openpyxl", "harvest_openpyxl.py", *to_mark, files.openpyxl_xlsx, most=100_000)

    yield Case("errors", OURS, (*_IMS_XL, "errors", files.decided_xlsx, files.report_json, *marked))

    refresh = (*_IMS_XL, "refresh", files.decided_xlsx, files.newer_json, *marked)
    yield Case("refresh", OURS, refresh, expected=(1,))

    yield _peer("write-back", OURS, "write_back_ims_xl.py", *to_mark, files.marked_xlsx)
    openpyxl = ("write_back_openpyxl.py", *to_mark, files.openpyxl_xlsx)
    yield _peer("write-back", "openpyxl", *openpyxl, most=100_000)

    yield Case("start-up", OURS, (*_IMS_XL, "--help"))


def _peer(task: str, name: str, script: str, *arguments: str, most: int = Case.most) -> Case:
    return Case(task, name, (sys.executable, str(PEERS / script), *arguments), most)


def main() -> None:
    """Make the files of a month in FOLDER unless they are there, and print the cases as JSON."""
    files, documents = Files(Path(sys.argv[1])), int(sys.argv[2])
    if not files.folder.exists():
        files.make(documents)
    print(json.dumps([asdict(case) for case in cases(files)]))


if __name__ == "__main__":
    main()
