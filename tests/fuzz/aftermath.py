"""Aftermath: what must be on the disk after a command was killed or failed, wherever that happened."""

from __future__ import annotations

import json
import tempfile
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from fuzz.targets import CORPUS, SAMPLES, typed

from ims_excel.audit import read_events
from ims_excel.ledger import load_ledger
from ims_excel.workbook.read import read_book
from ims_excel.workbook.writeback import BookPatch, SheetPatch, write_back

if TYPE_CHECKING:
    from collections.abc import Callable

EARLIER = b'{"an": "upload of before"}'
"""What stands where the upload goes, in the cases in which something stands there."""


@dataclass
class Desk:
    """A folder with a worked-on workbook in it, on which a command runs.

    Attributes:
        folder: the folder.
        verb: "harvest", "validate" or "errors".
        has_earlier: another file stands where the upload goes.
    """

    folder: Path
    verb: str
    has_earlier: bool = False

    def __post_init__(self) -> None:
        """Lay out the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.before = worked_on()
        self.book.write_bytes(self.before)
        self.typed = typed(read_book(self.book))
        if self.has_earlier:
            self.upload.write_bytes(EARLIER)

    @property
    def book(self) -> Path:
        """The workbook."""
        return self.folder / "book.xlsx"

    @property
    def upload(self) -> Path:
        """Where the upload goes."""
        return self.folder / "upload.json"

    @property
    def arguments(self) -> list[object]:
        """What to call the command with."""
        if self.verb == "harvest":
            return ["harvest", self.book, "-o", self.upload, *(["--force"] if self.has_earlier else [])]
        return (
            ["errors", self.book, SAMPLES / "error_offline.json"]
            if self.verb == "errors"
            else ["validate", self.book]
        )

    @property
    def drafts(self) -> list[Path]:
        """What killed commands left behind."""
        return list(self.folder.glob(".ims-xl-*.tmp"))

    def state(self) -> str:
        """Tell "old" from "new", once everything is found whole.

        Raises:
            AssertionError: something is half-done.
        """
        is_old = self.book.read_bytes() == self.before
        book = read_book(self.book)
        assert zipfile.ZipFile(self.book).testzip() is None
        assert typed(book) == self.typed
        uploaded = self.upload.exists() and self.upload.read_bytes() != EARLIER
        if uploaded:
            records = json.loads(self.upload.read_bytes())["invdata"]
            assert sum(map(len, records.values())) == RECORDS
        if self.has_earlier:
            assert self.upload.exists()
        if book.ledger_blob is not None:
            assert not is_old
            sent = load_ledger(book.ledger_blob).uploads
            assert not sent or uploaded, "the workbook believes sent what is in no upload"
        log = read_events(self.book)
        assert log is None or len(log.damaged) <= 1
        known = {self.book, self.upload, self.book.with_suffix(".audit.jsonl"), *self.drafts}
        assert set(self.folder.iterdir()) <= known
        return "old" if is_old else "new"

    def finish(self, run: Callable[..., int]) -> None:
        """Run the command again, as people do, and find everything done and nothing lost."""
        left = set(self.drafts)
        assert run(*self.arguments) in ({0, 3} if self.verb == "harvest" else {0, 1})
        assert self.state() == "new"
        assert set(self.drafts) == left  # no more, and young ones may be another run's
        if self.verb == "harvest":
            assert self.upload.read_bytes() != EARLIER
            log = read_events(self.book)
            assert log is not None
            assert log.events[-1].event == "harvest"


RECORDS = 6
"""How many records the workbook's upload has."""


@lru_cache(maxsize=1)
def worked_on() -> bytes:
    """Make the workbook: one remark of it deserves a warning, so that every verb has something to write."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "book.xlsx"
        book = read_book(CORPUS / "workbook" / "decided.xlsx")
        sheet = book.sheets[0]
        row = next(iter(sheet.rows)).number
        cells = {(row, sheet.columns["remarks"]): "=1+1"}
        patch = SheetPatch(title=sheet.title, cells=cells, clear_filter=False)
        write_back(book.path, BookPatch(sheets=[patch], new_sheets=[]), out)
        return out.read_bytes()
