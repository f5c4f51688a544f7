"""Writing the workbook: XlsxWriter draws the form, rows are stamped into it, the file replaces the old one.

The form is drawn twice, which takes a tenth of a second: before the rows, for the styles they are stamped in,
and after them, when it is known what they add up to. So each record is decoded once.
"""

from __future__ import annotations

import hashlib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from itertools import islice, zip_longest
from typing import TYPE_CHECKING

from ims_excel.files import replacing
from ims_excel.progress import silent
from ims_excel.workbook.bookplan import BookPlan, plan_read_only, plan_sheets
from ims_excel.workbook.drawing import DATA_COLUMNS, draw, part_name, sheet_titles, sparse_columns
from ims_excel.workbook.embed import to_cells
from ims_excel.workbook.grid import DATA_SHEET, FIRST_ROW
from ims_excel.workbook.notes import with_notes
from ims_excel.workbook.packing import PackageWriter
from ims_excel.workbook.readonly_sheet import read_only_batches, sheet_columns
from ims_excel.workbook.stamp import SheetRows, stamp
from ims_excel.workbook.totals import HEADS, Totals
from ims_excel.workbook.validations import STATUS_LIST, STATUS_LIST_WITHOUT_PENDING
from ims_excel.workbook.values import batches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from ims_excel.portal.record import Record
    from ims_excel.portal.sections import Section
    from ims_excel.portal.snapshot import Snapshot
    from ims_excel.progress import Progress
    from ims_excel.workbook.bookplan import SectionSheet
    from ims_excel.workbook.layout import Layout
    from ims_excel.workbook.values import Batch

_CELL_BYTES = 80
"""A generous guess at a cell's XML, for parts that may grow beyond 2 GiB."""


@dataclass(frozen=True)
class BuiltWorkbook:
    """What was written.

    Attributes:
        path: the workbook.
        sections: documents by the section's sheet title, in the official order.
        read_only: records of sections that can only be acted on online, by sheet title.
        titles: all sheets in tab order.
    """

    path: Path
    sections: Mapping[str, int]
    read_only: Mapping[str, int]
    titles: tuple[str, ...]


def write_workbook(
    path: Path,
    snapshot: Snapshot,
    snapshot_blob: bytes,
    layout: Layout,
    *,
    protect: bool = False,
    built_at: datetime,
    tool_version: str,
    rows_per_sheet: int | None = None,
    notes: Mapping[str, str] | None = None,
    progress: Progress = silent,
) -> BuiltWorkbook:
    """Write the workbook of a snapshot, replacing ``path`` in one step.

    Args:
        path: the .xlsx to write.
        snapshot: what the portal said.
        snapshot_blob: the same as bytes, which travel inside.
        layout: what the sheets look like.
        protect: lock the portal's columns.
        built_at: the time to write into it, with its time zone.
        tool_version: the version to write into it.
        rows_per_sheet: documents of a sheet before it continues on another; by default what Excel holds.
        notes: by key of an amendment, what its alerts say of its original.
        progress: called with a sheet's title, the documents done and the documents in all.

    Raises:
        WriteError: when the file cannot be written.
    """
    plan = plan_book(
        snapshot,
        snapshot_blob,
        layout,
        built_at=built_at,
        tool_version=tool_version,
        protect=protect,
        rows_per_sheet=rows_per_sheet,
        notes=notes,
    )
    with replacing(path) as draft:
        _write_package(draft, plan, snapshot_blob, progress)
    return BuiltWorkbook(
        path=path,
        sections={
            section.sheet: sum(sheet.rows for sheet in plan.sheets_of(section)) for section in plan.sections
        },
        read_only={sheet.title: len(sheet.records) for sheet in plan.read_only},
        titles=tuple(sheet_titles(plan)),
    )


def plan_book(
    snapshot: Snapshot,
    snapshot_blob: bytes,
    layout: Layout,
    *,
    built_at: datetime,
    tool_version: str,
    protect: bool = False,
    rows_per_sheet: int | None = None,
    notes: Mapping[str, str] | None = None,
) -> BookPlan:
    """Decide what sheets there will be and where their rows stand."""
    sheets = plan_sheets(snapshot, layout, rows_per_sheet)
    return BookPlan(
        snapshot=snapshot,
        layout=layout,
        sheets=sheets,
        read_only=plan_read_only(snapshot, sheets, rows_per_sheet),
        built_at=built_at,
        tool_version=tool_version,
        snapshot_sha256=hashlib.sha256(snapshot_blob).hexdigest(),
        protect=protect,
        notes=notes or {},
    )


def sheet_rows(
    plan: BookPlan, snapshot_blob: bytes, totals: Totals, progress: Progress = silent
) -> Iterator[tuple[str, SheetRows]]:
    """Give every data sheet's title and rows, in tab order; ``totals`` grow while the rows are walked."""
    with ThreadPoolExecutor(1, thread_name_prefix="snapshot") as pool:
        packed = pool.submit(to_cells, snapshot_blob)  # while the rows are made
        yield from _document_rows(plan, totals, progress)
        for other in plan.read_only:
            sparse = sparse_columns(sheet_columns(other))
            yield other.title, SheetRows(FIRST_ROW, len(other.records), sparse, read_only_batches(other))
        yield DATA_SHEET, _data_rows(packed.result())


def _document_rows(plan: BookPlan, totals: Totals, progress: Progress) -> Iterator[tuple[str, SheetRows]]:
    walks: dict[Section, Iterator[Record]] = {}
    for sheet in plan.sheets:
        if not sheet.rows:
            continue
        walk = walks.setdefault(sheet.section, iter(plan.snapshot.sections[sheet.section]))
        sparse = sparse_columns(sheet.layout.columns)
        batches_of = _section_batches(sheet, walk, totals, progress)
        yield (
            sheet.title,
            SheetRows(FIRST_ROW, sheet.rows, sparse, _noted(sheet, plan, batches_of)),
        )


def _section_batches(
    sheet: SectionSheet, walk: Iterator[Record], totals: Totals, progress: Progress
) -> Iterator[Batch]:
    """Give the values of a sheet's documents and count them in."""
    names = [column.name for column in sheet.layout.columns]
    status, *heads = (names.index(name) for name in ("status", *HEADS))
    done = 0
    for batch in batches(islice(walk, sheet.rows), names):
        totals.count_in(sheet.section, batch[status], [batch[head] for head in heads])
        done += len(batch[status])
        progress(sheet.title, done, sheet.rows)
        yield batch


def _noted(sheet: SectionSheet, plan: BookPlan, batches_of: Iterator[Batch]) -> Iterator[Batch]:
    """Let the alerts of amendments say what they amend; all other batches go through as they are."""
    names = [column.name for column in sheet.layout.columns]
    if not (plan.notes and sheet.section.is_amendment and "alerts" in names):
        return batches_of
    alerts, keys = names.index("alerts"), names.index("key")
    return (
        [*batch[:alerts], with_notes(batch[alerts], batch[keys], plan.notes), *batch[alerts + 1 :]]
        for batch in batches_of
    )


def _data_rows(snapshot_cells: Sequence[str]) -> SheetRows:
    """Lay out the very hidden sheet: the snapshot's cells, a gap, the two status lists."""
    columns = (snapshot_cells, (), STATUS_LIST, STATUS_LIST_WITHOUT_PENDING)
    rows = list(zip_longest(*columns))
    batch: Batch = [list(values) for values in zip(*rows, strict=True)]
    return SheetRows(1, len(rows), [True] * len(DATA_COLUMNS), [batch])


def _write_package(draft: Path, plan: BookPlan, snapshot_blob: bytes, progress: Progress) -> None:
    totals = Totals()
    form = zipfile.ZipFile(BytesIO(draw(plan, totals)))
    with PackageWriter(draft) as package:
        package.write("[Content_Types].xml", [form.read("[Content_Types].xml")])
        for title, rows in sheet_rows(plan, snapshot_blob, totals, progress):
            name = part_name(plan, title)
            expected = rows.count * len(rows.sparse) * _CELL_BYTES
            package.write(name, stamp(form.read(name), rows), expected)
        final = zipfile.ZipFile(BytesIO(draw(plan, totals)))
        for name in final.namelist():
            if name not in package.written:
                package.write(name, [final.read(name)])
