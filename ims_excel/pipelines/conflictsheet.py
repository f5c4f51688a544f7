"""The sheet "Conflicts": what it asks, and what people chose on it, however they moved or changed it."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from ims_excel.pipelines.answers import in_words, what
from ims_excel.pipelines.entering import entered_of
from ims_excel.pipelines.joining import is_withdrawn
from ims_excel.pipelines.owncolumns import writable
from ims_excel.pipelines.recording import heading_cell, input_cell
from ims_excel.workbook.cells import column_letters
from ims_excel.workbook.grid import CONFLICTS_SHEET
from ims_excel.workbook.people import read_sheet_of_ours
from ims_excel.workbook.shown import as_text
from ims_excel.workbook.writeback import NewSheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ims_excel.portal.record import Record
    from ims_excel.team import Dispute
    from ims_excel.workbook.celltext import Value
    from ims_excel.workbook.read import Book, RowRead
    from ims_excel.workbook.writeback import SheetPatch

BEFORE = "Before"
IN_THE_ROW = "in the row"
LEFT_THE_IMS = "left the IMS"
KEEP, SETTLED, NUMBER = "Keep", "Settled", "No."

_HEADINGS = (KEEP, SETTLED, NUMBER, "Sheet", "Supplier", "GSTIN", "Number", "Date", "What")
_WIDTHS = (26, 12, 6, 10, 34, 20, 20, 12, 18)
_VALUE_WIDTH = 36


def conflict_sheet(book: Book, disputes: Sequence[Dispute], records: Mapping[str, Record]) -> NewSheet:
    """List conflicts, each with a dropdown of the values' names in its first cell."""
    names = disputes[0].names if disputes else ()
    rows: list[list[Value]] = [[*_HEADINGS, *names]]
    rows += [_listed(dispute, records[dispute.key]) for dispute in disputes]
    first, last = len(_HEADINGS), len(_HEADINGS) + len(names) - 1
    offered = f"${column_letters(first)}$1:${column_letters(last)}$1"
    return NewSheet(
        title=CONFLICTS_SHEET,
        rows=rows,
        widths=(*_WIDTHS, *[_VALUE_WIDTH] * len(names)),
        heading_like=heading_cell(book),
        columns_like=[input_cell(book)],
        choices={0: offered} if disputes else {},
    )


def settled_sheet(book: Book, settled: Sequence[SheetPatch]) -> list[NewSheet]:
    """Leave what an earlier merge listed and people settled, with nothing to choose from any more."""
    title, rows = read_sheet_of_ours(book.path, CONFLICTS_SHEET, KEEP)
    if not title:
        return []
    by_number = {row.number: row.values for row in rows}
    listed = [[*map(writable, by_number.get(number, ()))] for number in range(1, max(by_number) + 1)]
    for (row, column), value in (cell for p in settled if p.title == title for cell in p.cells.items()):
        listed[row - 1][column] = value
    return [
        NewSheet(
            title=CONFLICTS_SHEET,
            rows=listed,
            heading_like=heading_cell(book),
            columns_like=[input_cell(book)],
            choices={},
        )
    ]


def _listed(dispute: Dispute, record: Record) -> list[Value]:
    document = record.document
    return [
        None,
        LEFT_THE_IMS if is_withdrawn(dispute.key) else None,
        Decimal(dispute.number),
        record.section.sheet,
        document.supplier_name or "",
        document.supplier_gstin,
        document.number,
        document.date,
        what(dispute.field),
        *(in_words(dispute.field, answer) for answer in dispute.values),
    ]


class ConflictsSheet:
    """The sheet "Conflicts" as people left it: its title, "" without one, and what they chose."""

    def __init__(self, book: Book) -> None:
        self.title, rows = read_sheet_of_ours(book.path, CONFLICTS_SHEET, KEEP)
        texts = ((row.number, _texts(row)) for row in rows)
        self._headings: dict[str, int] = {}
        self._rows: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for number, values in texts:
            if not self._headings and {KEEP, NUMBER} <= {*values}:
                self._headings = {text: column for column, text in enumerate(values) if text}
            elif self._headings:
                self._rows[_at(values, self._headings[NUMBER])].append(
                    (number, _at(values, self._headings[KEEP]))
                )

    def keeps(self, dispute: Dispute) -> list[str]:
        """Say what stands in Keep of a conflict, in each row it has."""
        return [keep for _, keep in self._rows.get(str(dispute.number), ())]

    def lists(self, dispute: Dispute) -> bool:
        """Tell whether a conflict still stands on the sheet."""
        return str(dispute.number) in self._rows

    def cells_to_write(self, dispute: Dispute, said: Mapping[str, Value]) -> dict[tuple[int, int], Value]:
        """Say which cells of a conflict's rows are to be written, given what they are to say by heading."""
        rows = [row for row, _ in self._rows.get(str(dispute.number), ())]
        return {(row, self._headings[n]): said[n] for row in rows for n in said if n in self._headings}


def _texts(row: RowRead) -> list[str]:
    return [as_text(value).strip() for value in row.values]


def _at(values: Sequence[str], column: int) -> str:
    return values[column] if column < len(values) else ""


class Choice(NamedTuple):
    """What people chose for a conflict.

    Attributes:
        value: which of the values; None for none.
        snag: why what stands in Keep is no choice, a sentence; "" where nothing does.
    """

    value: int | None = None
    snag: str = ""


def choice_of(keeps: Sequence[str], dispute: Dispute) -> Choice:
    """Read what stands in Keep; a word that may mean values that differ is no choice."""
    said = {_fold(keep): keep for keep in keeps if _fold(keep)}
    if not said:
        return Choice()
    if len(said) > 1:
        return Choice(snag="It stands on the sheet more than once, with different choices in Keep.")
    ((text, keep),) = said.items()
    names = [_fold(name) for name in dispute.names]
    if text in names:
        return Choice(names.index(text))
    meant = dict.fromkeys(_meant(text, names, dispute))
    answers = {dispute.values[place] if place is not None else None for place in meant}
    if not answers - {None}:
        return Choice(snag=f"“{keep}” in Keep is none of these.")
    if len(answers) > 1:
        return Choice(snag=f"“{keep}” in Keep may mean more than one thing; choose from the list.")
    return Choice(next(iter(meant)))


def _meant(text: str, names: Sequence[str], dispute: Dispute) -> Iterator[int | None]:
    """Number the values that a word may mean: by letter, by file, as the value; None for another Status."""
    for place, name in enumerate(names):
        letter, _, copy = name.partition(":")
        files = {copy.strip(), copy.rpartition("/")[2].strip()}
        if text == letter or any(text == file or file.startswith(f"{text} (") for file in files):
            yield place
    words = {text, _status(text)} if dispute.field == "status" else {text}
    said = [_fold(in_words(dispute.field, answer)) for answer in dispute.values]
    yield from (place for place, word in enumerate(said) if word in words)
    if dispute.field == "status" and _status(text) and _status(text) not in said:
        yield None


def _status(text: str) -> str:
    """Read a word for a Status as the column Status does."""
    status = entered_of([text], {"status": 0}).status
    return _fold(status.label) if status else ""


def _fold(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split()).casefold()
