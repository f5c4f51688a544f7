"""Checking rows that were put behind the last one: each cell says what was asked, and nothing was lost."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from xml.parsers import expat

from ims_excel.workbook.cells import address, column_index
from ims_excel.workbook.celltext import EMPTY, Said, plain
from ims_excel.workbook.verifyparts import MismatchError

if TYPE_CHECKING:
    from ims_excel.workbook.appending import Appended

_SPEAKS = re.compile(rb"<(?:[\w.-]+:)?(?:v|f|is)[\s/>]")


def same_rows(was: bytes, now: bytes, appended: Appended, title: str) -> None:
    """Compare new rows with what was asked; the rows that gave way for them said nothing.

    Raises:
        MismatchError: when they differ.
    """
    if _SPEAKS.search(was):
        raise MismatchError(f"sheet {title}, rows behind the last document")
    reader = _Reader()
    try:
        reader.parser.Parse(b"<rows>" + now + b"</rows>", True)
    except (expat.ExpatError, ValueError, KeyError):
        raise MismatchError(f"sheet {title}, its new rows") from None
    if reader.rows != list(range(appended.first, appended.last + 1)):
        raise MismatchError(f"sheet {title}, its new rows")
    cells = reader.cells
    for column, values in enumerate(appended.rows.columns):
        for row, value in enumerate(values, start=appended.first):
            said = cells.pop((row, column), EMPTY)
            is_blank = said is EMPTY and value is None
            if not (is_blank or said.is_already(plain(value, date1904=appended.date1904))):
                raise MismatchError(address(title, row, column))
    if any(said.text for said in cells.values()):
        raise MismatchError(f"sheet {title}, cells of its new rows that nobody asked for")


@lru_cache(maxsize=64)
def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


@lru_cache(maxsize=16_384)
def _column(letters: str) -> int:
    if not (letters.isascii() and letters.isalpha() and letters.isupper()):
        raise ValueError(letters)
    return column_index(letters)


class _Reader:
    """Collects the cells of rows: prefixes do not count, a formula is refused."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.cells: dict[tuple[int, int], Said] = {}
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self._kind = "n"
        self._row = "-"
        self._place = (0, 0)
        self._texts: list[str] = []
        self._is_text = False

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        if name == "row":
            self._row = attributes["r"]
            self.rows.append(int(self._row))
        elif name == "c":
            letters, row, behind = attributes["r"].partition(self._row)
            if not row or behind:
                raise ValueError(attributes["r"])
            self._place = self.rows[-1], _column(letters)
            self._kind, self._texts = attributes.get("t", "n"), []
            if self._place in self.cells:
                raise ValueError(attributes["r"])
        elif name == "f":
            raise ValueError("a formula")
        self._is_text = name in ("v", "t")

    def _end(self, tag: str) -> None:
        self._is_text = False
        if _local(tag) == "c":
            self.cells[self._place] = Said(self._kind, "".join(self._texts)) if self._texts else EMPTY

    def _text(self, text: str) -> None:
        if self._is_text:
            self._texts.append(text)
