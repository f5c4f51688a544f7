"""Formulas that stand in the way when a cell is overwritten: shared ones, arrays, data tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ims_excel.workbook.cells import column_index, column_letters
from ims_excel.workbook.escaping import element_text
from ims_excel.workbook.markup import TAG_REST, MarkupError, Splice, attributes_in, parse, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ims_excel.workbook.celltext import Said

_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f(?=\s)(" + TAG_REST + rb")>")
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})?\$?(\d+)?(?::\$?([A-Z]{1,3})?\$?(\d+)?)?")
_WHOLE = (b"array", b"dataTable")
_LAST_COLUMN, _LAST_ROW = 16_383, 1_048_576


class Box(NamedTuple):
    """A range of cells: 1-based rows, 0-based columns, the last ones included."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def of(cls, reference: str) -> Box:
        """Read "A5:Z100", "$A$5", "A:C" or "5:9"; anything else covers the sheet."""
        found = _REFERENCE.fullmatch(reference)
        if not found:
            return cls(1, 0, _LAST_ROW, _LAST_COLUMN)
        left, top, right, bottom = found.groups()
        if ":" not in reference:
            right, bottom = left, top
        return cls(
            int(top) if top else 1,
            column_index(left) if left else 0,
            int(bottom) if bottom else _LAST_ROW,
            column_index(right) if right else _LAST_COLUMN,
        )

    def __str__(self) -> str:
        first = f"{column_letters(self.left)}{self.top}"
        last = f"{column_letters(self.right)}{self.bottom}"
        return first if first == last else f"{first}:{last}"

    def holds(self, row: int, column: int) -> bool:
        """Tell whether a cell lies in the range."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right


class _Master(NamedTuple):
    formula: str
    address: str
    reference: str


class FormulaLog:
    """Keeps formulas whole while cells are overwritten.

    A shared formula stands in full only in its first cell; when that is overwritten, the next cell of the
    group is given the text, translated to its place. An array formula cannot be changed in part.

    Attributes:
        orphans: shared formulas by their index, whose first cell is overwritten and no heir was met yet.
        removed: a formula is overwritten, so that the calculation chain is no longer true.
    """

    def __init__(self) -> None:
        self.orphans: dict[str, _Master] = {}
        self.removed = False
        self._wholes: list[Box] = []

    def note_stretch(self, stretch: bytes) -> None:
        """Look for array formulas and data tables of more than one cell."""
        # The attribute that tells their range, rare otherwise too. Searching backwards takes half the time.
        if stretch.rfind(b"ref") < 0:
            return
        for found in _FORMULA.finditer(stretch):
            attributes = attributes_in(found[1])
            if b"t" in attributes and attributes[b"t"][2][1:-1] in _WHOLE and b"ref" in attributes:
                box = Box.of(value_of(attributes[b"ref"]))
                if (box.top, box.left) != (box.bottom, box.right):
                    self._wholes.append(box)

    def overwrite(self, said: Said, address: str) -> None:
        """Take note that the cell at ``address`` loses what it said."""
        formula = said.formula
        if formula is None:
            return
        self.removed = True
        kind, index = formula.attributes.get("t"), formula.attributes.get("si")
        if kind == "shared" and index is not None and formula.text:
            self.orphans[index] = _Master(formula.text, address, formula.attributes.get("ref", address))

    def inherit(self, data: bytes, address: str, offset: int) -> Splice | None:
        """Give a cell that stays the formula it shared, if that has lost its first cell.

        Args:
            data: the cell's bytes.
            address: where it stands in the sheet.
            offset: where its bytes stand in the part.

        Raises:
            MarkupError: when the formula cannot be read.
        """
        formula = parse(data).first("f")
        if formula is None or formula.attributes.get("t") != "shared" or formula.text:
            return None
        master = self.orphans.pop(formula.attributes.get("si", ""), None)
        if master is None:
            return None
        text = translated(master.formula, master.address, address)
        if text is None:
            raise MarkupError(f"the formula of {master.address}")
        index = formula.attributes["si"]
        opening = f'<{formula.tag} t="shared" ref="{_left_over(master, address)}" si="{index}">'
        heir = f"{opening}{element_text(text)}</{formula.tag}>"
        return Splice(offset + formula.start, offset + formula.end, heir.encode())

    def in_the_way(self, cells: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], Box] | None:
        """Find a cell to be written that belongs to an array formula, and the array's range."""
        if not self._wholes:
            return None
        return next(((cell, box) for cell in cells for box in self._wholes if box.holds(*cell)), None)


def translated(formula: str, origin: str, address: str) -> str | None:
    """Move a formula, without its "=", from one cell to another; None when it cannot be read."""
    # Only workbooks with shared formulas pay for this import.
    from openpyxl.formula.tokenizer import TokenizerError  # noqa: PLC0415
    from openpyxl.formula.translate import Translator, TranslatorError  # noqa: PLC0415

    try:
        return str(Translator(f"={formula}", origin=origin).translate_formula(address))[1:]
    except (TokenizerError, TranslatorError, ValueError):
        return None


def _left_over(master: _Master, heir: str) -> Box:
    """Cut the range of a shared formula in one column or row to begin at its new first cell."""
    box, first = Box.of(master.reference), Box.of(heir)
    if box.left == box.right:
        return box._replace(top=first.top)
    return box._replace(left=first.left) if box.top == box.bottom else box
