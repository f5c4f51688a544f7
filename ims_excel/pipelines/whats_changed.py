"""What a refresh brought, as rows for people: the sheet "What changed", and the same for scripts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from ims_excel.audit import Told
from ims_excel.pipelines.recording import heading_cell
from ims_excel.pipelines.refresh_cells import last_sheets
from ims_excel.pipelines.refreshing import ACTED, CHANGED, RETURNED, kind_of
from ims_excel.portal.differences import FIELD_WORDS
from ims_excel.workbook.cells import address
from ims_excel.workbook.grid import CHANGES_SHEET, CONFLICT, NEW, TAKEN, WITHDRAWN
from ims_excel.workbook.writeback import NewSheet

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
    from decimal import Decimal

    from ims_excel.pipelines.refreshing import Meeting, News
    from ims_excel.pipelines.returning import Earlier
    from ims_excel.portal.amending import AmendmentPair
    from ims_excel.portal.differences import FieldChange
    from ims_excel.portal.record import Record
    from ims_excel.workbook.celltext import Value
    from ims_excel.workbook.read import Book

KINDS = (CONFLICT, CHANGED, NEW, ACTED, TAKEN, WITHDRAWN, RETURNED)
"""What can have happened to a document, in the order people should look at it."""
WORDS = {
    CONFLICT: "Conflict: decided online in another way",
    CHANGED: "Changed by the supplier",
    NEW: "New",
    ACTED: "Acted on online",
    TAKEN: "Taken by the portal",
    WITHDRAWN: "No longer in the IMS",
    RETURNED: "Back in the IMS",
}

MOST_LINES = 5_000
"""Lines of the sheet; people look at the marks in the rows when there are more."""

_HEADINGS = (
    "What", "Sheet", "Supplier", "GSTIN", "Number", "Date", "Field", "Before", "Now", "This row", "To do",
)  # fmt: skip
_WIDTHS = (36, 10, 34, 20, 22, 12, 22, 26, 26, 14, 60)
_CONFIRM = (
    "Look at the decision again; then press Delete in Changed since the last download, or type OK there."
)
_NOTHING = "Nothing has changed since the download before."
_MORE = "… and more, marked in the sheets; ims-xl log lists them all."


@dataclass(frozen=True)
class RefreshRow:
    """A document that a newer download brought news of.

    Attributes:
        what: one of ``KINDS``.
        cell: where it stands ("B2B!C14"); "" for a document whose row or sheet was deleted.
        section: its sheet title.
        supplier_gstin: whose document it is.
        supplier_name: the supplier's name, "" when the portal does not say.
        number: the document's number.
        date: its date, dd-mm-yyyy.
        value: its value (₹); None when the portal does not say.
        status: what its row says, as the portal's label; "" without a row or a readable Status.
        asks: it stops harvest until somebody has looked.
        changes: the fields that differ; of a new amendment, from its original; of a new document that was
            reported before, from what it was then.
        amends: number and date of the original of a new amendment, "" when it is not known.
        again: number and date of a new document when it was reported before, and what was decided then.
        note: what its cell "Changed since the last download" says.
    """

    what: str
    cell: str
    section: str
    supplier_gstin: str
    supplier_name: str
    number: str
    date: str
    value: Decimal | None
    status: str
    asks: bool = False
    changes: tuple[FieldChange, ...] = ()
    amends: str = ""
    again: str = ""
    note: str = ""

    @property
    def is_conflict(self) -> bool:
        """Whether it was decided online in another way."""
        return self.what == CONFLICT


def rows_of(
    book: Book, meeting: Meeting, originals: Mapping[str, AmendmentPair], asking: Container[str]
) -> list[RefreshRow]:
    """List what happened, the most pressing first."""
    numbers = {sheet.title: sheet.columns["number"] for sheet in book.sheets}
    rows = [_met(news, numbers, is_asking=news.key in asking) for news in meeting.rows if news.is_said]
    rows += [
        _new(record, originals.get(record.key), meeting.earlier.get(record.key)) for record in meeting.added
    ]
    return sorted(rows, key=lambda row: (KINDS.index(row.what), not row.asks))


def with_places(
    rows: Sequence[RefreshRow], book: Book, meeting: Meeting, new_rows: Mapping[str, int]
) -> tuple[RefreshRow, ...]:
    """Say where new documents have come, given the first new row of each sheet."""
    cells: list[str] = []
    numbers = {sheet.title: sheet.columns["number"] for sheet in book.sheets}
    titles = last_sheets(book)
    count = Counter[str]()
    for record in meeting.added:
        title = titles.get(record.section, "")
        row = new_rows.get(title, 0) + count[title]
        cells.append(address(title, row, numbers[title]) if title in new_rows else "")
        count[title] += 1
    coming = iter(cells)
    return tuple(replace(row, cell=next(coming)) if row.what == NEW else row for row in rows)


def _met(news: News, numbers: Mapping[str, int], *, is_asking: bool) -> RefreshRow:
    decision = news.decision
    cell, status = "", ""
    if decision is not None:
        place = decision.place
        cell = address(place.sheet, place.row, numbers[place.sheet])
        shown = news.record.document.action if news.verdict.takes_portal else decision.entered.status
        status = shown.label if shown else ""
    row = replace(_row(kind_of(news), news.record), cell=cell, status=status, asks=is_asking)
    return replace(row, changes=news.changes, note=news.verdict.text)


def _new(record: Record, pair: AmendmentPair | None, earlier: Earlier | None) -> RefreshRow:
    row = _row(NEW, record)
    if pair:
        row = replace(row, changes=pair.differences, amends=pair.original_name)
    if earlier:
        again = ", ".join(filter(None, (earlier.name, earlier.decided)))
        row = replace(row, changes=earlier.changes, again=again, note=earlier.text)
    return row


def _row(what: str, record: Record) -> RefreshRow:
    document = record.document
    return RefreshRow(
        what=what,
        cell="",
        section=record.section.sheet,
        supplier_gstin=document.supplier_gstin,
        supplier_name=document.supplier_name or "",
        number=document.number,
        date=document.date,
        value=document.value,
        status=document.action.label,
    )


def told_of(rows: Iterable[RefreshRow]) -> Iterator[Told]:
    """Put in the log's terms what a newer download brought."""
    for row in rows:
        fields = "; ".join(
            f"{FIELD_WORDS[c.field]}: {c.old or 'blank'} → {c.new or 'blank'}" for c in row.changes
        )
        note = "" if fields and not row.is_conflict else " · ".join(row.note.splitlines())
        document = f"{row.number} of {row.supplier_name or row.supplier_gstin}"
        yield Told(document, WORDS[row.what], note or fields)


def changes_sheet(book: Book, rows: Sequence[RefreshRow]) -> NewSheet:
    """Make the sheet: a line a field, or a line a document where no field differs."""
    lines = list(islice((line for row in rows for line in _lines(row)), MOST_LINES + 1))
    if len(lines) > MOST_LINES:
        lines[MOST_LINES:] = [[_MORE]]
    return NewSheet(
        title=CHANGES_SHEET,
        rows=[[*_HEADINGS], *lines] if lines else [[_NOTHING]],
        widths=_WIDTHS,
        heading_like=heading_cell(book),
    )


def _lines(row: RefreshRow) -> Iterator[list[Value]]:
    what = f"{WORDS[row.what]}; amends {row.amends}" if row.amends else WORDS[row.what]
    what += f"; reported again, was {row.again}" if row.again else ""
    document = [what, row.section, row.supplier_name, row.supplier_gstin, row.number, row.date]
    fields = [(FIELD_WORDS[c.field], c.old or "blank", c.new or "blank") for c in row.changes]
    note = " · ".join(row.note.splitlines())
    advice = _CONFIRM if row.asks else note if row.what == WITHDRAWN else ""
    if row.is_conflict:
        advice = f"{note}. {advice}"
    for field in fields or [("", "", "")]:
        yield [*document, *field, row.status, advice]
