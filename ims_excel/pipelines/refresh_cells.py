"""What refresh writes into the section sheets: new facts, marks, and rows for new documents."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ims_excel.exceptions import WorkbookError
from ims_excel.findings import Place
from ims_excel.pipelines.entering import INPUT_FIELDS
from ims_excel.pipelines.returning import OPEN_THEN
from ims_excel.workbook.appending import NewRows
from ims_excel.workbook.grid import ASKED, CHANGE, CHANGED, CONFLICT, LAST_ROW, NEW, WITHDRAWN
from ims_excel.workbook.notes import with_notes
from ims_excel.workbook.shown import SHOWN
from ims_excel.workbook.values import batch
from ims_excel.workbook.writeback import SheetPatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ims_excel.decisions import Reading
    from ims_excel.pipelines.refreshing import Meeting, News
    from ims_excel.pipelines.returning import Earlier
    from ims_excel.portal.record import Record
    from ims_excel.portal.sections import Section
    from ims_excel.workbook.read import Book, SheetRead

ROOM_FOR = ("key", CHANGED, CHANGE)
"""Columns without which a workbook cannot be refreshed."""

_FLAGS = ("pending_blocked", "remarks_blocked", "itc_blocked", "itc_availability")
_PORTAL = (*SHOWN, "alerts", *_FLAGS, *(f"previous_{name}" for name in INPUT_FIELDS))
_MOST_MARK = 2_000
"""Characters of a mark, which may grow from download to download while nobody looks at it."""


def section_patches(
    book: Book, reading: Reading, meeting: Meeting, alerts: Mapping[str, str]
) -> list[SheetPatch]:
    """Work out the changes of all section sheets.

    Args:
        book: the workbook.
        reading: its rows.
        meeting: the same beside the newer download.
        alerts: by key of an amendment, what to say of its original.
    """
    by_sheet: defaultdict[str, list[News]] = defaultdict(list)
    for news in meeting.rows:
        if news.decision is not None:
            by_sheet[news.decision.place.sheet].append(news)
    asked = {row.decision.place for row in reading.unconfirmed if row.is_open}
    last = _last_rows(reading)
    marks: defaultdict[str, dict[int, tuple[str, str]]] = defaultdict(dict)
    for place, said in reading.marks.items():
        marks[place.sheet][place.row] = said
    added = _by_sheet(book, meeting.added)
    patches = []
    for sheet in book.sheets:
        patch = SheetPatch(sheet.title, {}, clear_filter=False)
        _mark(patch, sheet, by_sheet[sheet.title], asked, marks[sheet.title])
        _rewrite(patch, sheet, by_sheet[sheet.title], alerts)
        _append(patch, book, sheet, added.get(sheet.title, ()), alerts, last.get(sheet.title, 0))
        _say_again(patch, sheet, added.get(sheet.title, ()), meeting.earlier)
        patches.append(patch)
    return patches


def _last_rows(reading: Reading) -> dict[str, int]:
    """Find the last document of each sheet."""
    last: dict[str, int] = {}
    for rows in (reading.decisions, reading.withdrawn, reading.misplaced):
        for row in rows:
            last[row.place.sheet] = max(row.place.row, last.get(row.place.sheet, 0))
    return last


def _mark(
    patch: SheetPatch,
    sheet: SheetRead,
    rows: Iterable[News],
    asked: set[Place],
    marks: Mapping[int, tuple[str, str]],
) -> None:
    """Write what is new beside each row, and take away what was new the last time and needs no look."""
    places = (sheet.columns[CHANGE], sheet.columns[CHANGED])
    news_at = {news.decision.place.row: news for news in rows if news.decision}
    for number in {**news_at, **marks}:
        said = marks.get(number, ("", ""))
        waiting = said if Place(sheet.title, number) in asked else ("", "")
        wanted = _wanted(news_at.get(number), *waiting)
        for place, was, now in zip(places, said, wanted, strict=True):
            if was != now:
                patch.cells[number, place] = now or None
        if wanted[1]:
            patch.show_columns = frozenset(places[1:])


def _wanted(news: News | None, waiting: str, text: str) -> tuple[str, str]:
    """Say what marks a row gets; one that waits for a look keeps waiting, unless nothing is left to ask."""
    if news is None:
        return waiting, text
    verdict = news.verdict
    if verdict.word == WITHDRAWN and waiting:
        return WITHDRAWN, f"{verdict.text}\n{OPEN_THEN}{text}"[:_MOST_MARK]
    if not waiting or verdict.is_settled:
        return verdict.word, verdict.text
    word = CONFLICT if CONFLICT in (waiting, verdict.word) else ASKED
    lines = dict.fromkeys([*text.splitlines(), *verdict.text.splitlines()])
    return word, "\n".join(lines)[-_MOST_MARK:]


def _rewrite(patch: SheetPatch, sheet: SheetRead, rows: Iterable[News], alerts: Mapping[str, str]) -> None:
    """Write the cells of changed documents that say something else now."""
    placed = [(news.decision, news) for news in rows if news.decision]
    for decision, news in placed:
        if news.key != news.old_key:
            patch.cells[decision.place.row, sheet.columns["key"]] = news.key
    changed = [(decision, news.record) for decision, news in placed if news.changes]
    names = [name for name in _PORTAL if name in sheet.columns]
    old = batch([decision.record for decision, _ in changed], names)
    new = batch([record for _, record in changed], names)
    for name, before, after in zip(names, old, new, strict=True):
        for (decision, _), was, now in zip(changed, before, after, strict=True):
            if was != now:
                patch.cells[decision.place.row, sheet.columns[name]] = now
    if sheet.section.is_amendment and "alerts" in names:
        own, keys = new[names.index("alerts")], [record.key for _, record in changed]
        for (decision, _), text in zip(changed, with_notes(own, keys, alerts), strict=True):
            patch.cells[decision.place.row, sheet.columns["alerts"]] = text
    taking = [(decision, news.record) for decision, news in placed if news.verdict.takes_portal]
    inputs = [name for name in INPUT_FIELDS if name in sheet.columns]
    for name, values in zip(inputs, batch([record for _, record in taking], inputs), strict=True):
        for (decision, _), value in zip(taking, values, strict=True):
            patch.cells[decision.place.row, sheet.columns[name]] = value


def _append(  # noqa: PLR0917  a place and what comes there
    patch: SheetPatch,
    book: Book,
    sheet: SheetRead,
    records: Sequence[Record],
    alerts: Mapping[str, str],
    last: int,
) -> None:
    """Put rows for new documents behind the last one."""
    if not records:
        return
    first = sheet.heading_row + 1
    patch.show_sheet = not last
    last = last or first
    if last + len(records) > LAST_ROW:
        what = f"sheet {sheet.title} has no room for {len(records):,} new documents; build a new workbook."
        raise WorkbookError(book.path, what)
    names = [""] * (max(sheet.columns.values()) + 1)
    for name, column in sheet.columns.items():
        names[column] = name
    columns = batch(records, names)
    columns[sheet.columns[CHANGE]] = [NEW] * len(records)
    if "alerts" in sheet.columns:
        place = sheet.columns["alerts"]
        columns[place] = with_notes(columns[place], [record.key for record in records], alerts)
    patch.rows = NewRows(columns, len(records), first, last)


def _say_again(
    patch: SheetPatch, sheet: SheetRead, records: Sequence[Record], earlier: Mapping[str, Earlier]
) -> None:
    """Say beside new documents what they were when they were reported before."""
    if patch.rows is not None and any(record.key in earlier for record in records):
        place, texts = sheet.columns[CHANGED], [earlier.get(record.key) for record in records]
        patch.rows.columns[place][:] = [found.text if found else None for found in texts]
        patch.show_columns = frozenset([place])


def last_sheets(book: Book) -> dict[Section, str]:
    """Give the last sheet of each section: there new documents come."""
    return {sheet.section: sheet.title for sheet in book.sheets}


def _by_sheet(book: Book, added: Iterable[Record]) -> dict[str, list[Record]]:
    """Choose the sheet of each new document: the last one of its section."""
    last = last_sheets(book)
    by_sheet: defaultdict[str, list[Record]] = defaultdict(list)
    for record in added:
        if record.section in last:
            by_sheet[last[record.section]].append(record)
    return by_sheet


def without_sheet(book: Book, added: Iterable[Record]) -> list[Section]:
    """Name the sections of new documents whose sheet people deleted."""
    there = {sheet.section for sheet in book.sheets}
    return list(dict.fromkeys(record.section for record in added if record.section not in there))
