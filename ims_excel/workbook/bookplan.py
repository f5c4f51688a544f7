"""Which sheets a workbook will have, and where their rows will stand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ims_excel.gst.gstin import is_gstin
from ims_excel.gst.states import STATES
from ims_excel.portal.readonly import columns_of
from ims_excel.portal.sections import READ_ONLY_TITLES, SECTIONS, fold_key
from ims_excel.workbook.grid import (
    CHANGES_SHEET,
    CONFLICTS_SHEET,
    DATA_SHEET,
    FIRST_ROW,
    HOME_SHEET,
    LAST_ROW,
    LOG_SHEET,
    SUMMARY_SHEET,
    UNMATCHED_SHEET,
)
from ims_excel.workbook.ranges import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ims_excel.portal.readonly import ReadOnlyColumn
    from ims_excel.portal.sections import Section
    from ims_excel.portal.snapshot import Snapshot
    from ims_excel.workbook.layout import Layout, SheetLayout

_LONGEST_TITLE = 31
_ILLEGAL = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_RESERVED = (
    HOME_SHEET,
    SUMMARY_SHEET,
    UNMATCHED_SHEET,
    LOG_SHEET,
    CHANGES_SHEET,
    CONFLICTS_SHEET,
    DATA_SHEET,
    "History",
)
"""Titles that are ours, or that Excel keeps for itself."""


@dataclass(frozen=True)
class SectionSheet:
    """A sheet with documents of an editable section.

    Attributes:
        title: the tab's text; "B2B (2)" for a continuation.
        layout: its columns.
        rows: how many documents; a sheet without any is very hidden until a newer download has some.
        number: 1, or that of the continuation.
    """

    title: str
    layout: SheetLayout
    rows: int
    number: int = 1

    @property
    def section(self) -> Section:
        """The section whose documents it holds."""
        return self.layout.section

    @property
    def last_row(self) -> int:
        """The 1-based row of the last document; the first row where there is none."""
        return FIRST_ROW + max(self.rows, 1) - 1

    def range_name(self, name: str) -> str:
        """Give the workbook's name for a column's data, by which formulas call it: ``ims_b2b_status``."""
        number = f"_{self.number}" if self.number > 1 else ""
        return f"ims_{self.section.key}{number}_{name}"

    def cells(self, name: str) -> str:
        """Give the absolute address of a column's data: ``'B2B'!$G$6:$G$9``."""
        letters = self.layout.letters(name)
        return f"{quoted(self.title)}!${letters}${FIRST_ROW}:${letters}${self.last_row}"


@dataclass(frozen=True)
class ReadOnlySheet:
    """A sheet with records that can only be acted on at the portal itself.

    Attributes:
        title: the tab's text.
        key: the section's key in the download.
        columns: the records' keys in order of appearance.
        records: their raw JSON.
    """

    title: str
    key: str
    columns: tuple[ReadOnlyColumn, ...]
    records: Sequence[bytes] = field(repr=False)

    @property
    def last_row(self) -> int:
        """The 1-based row of the last record."""
        return FIRST_ROW + len(self.records) - 1


@dataclass(frozen=True)
class BookPlan:
    """Everything that is known of a workbook before its rows are walked.

    Attributes:
        snapshot: what the portal said.
        layout: what the sheets look like.
        sheets: the sheets people decide on, in tab order; every section has one at least.
        read_only: the sheets behind them.
        built_at: the time written into the workbook.
        tool_version: the version written into it.
        snapshot_sha256: of the snapshot's bytes, in hex.
        protect: lock the portal's columns.
        notes: by key of an amendment, what its alerts say of its original.
    """

    snapshot: Snapshot
    layout: Layout
    sheets: tuple[SectionSheet, ...]
    read_only: tuple[ReadOnlySheet, ...]
    built_at: datetime
    tool_version: str
    snapshot_sha256: str
    protect: bool = False
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections that have documents, in the official order."""
        return tuple(dict.fromkeys(sheet.section for sheet in self.sheets if sheet.rows))

    @property
    def listed(self) -> tuple[Section, ...]:
        """All sections, those without documents last: a newer download may bring some."""
        return (*self.sections, *self.empty_sections)

    @property
    def empty_sections(self) -> tuple[Section, ...]:
        """The sections without documents."""
        return tuple(section for section in SECTIONS if section not in self.sections)

    @property
    def recipient(self) -> str:
        """The recipient's GSTIN."""
        return self.snapshot.recipient

    @property
    def state(self) -> str:
        """The recipient's State, or "" when the GSTIN does not tell."""
        return STATES.get(self.recipient[:2], "") if is_gstin(self.recipient) else ""

    def sheets_of(self, section: Section) -> tuple[SectionSheet, ...]:
        """Give a section's sheets: one, and its continuations."""
        return tuple(sheet for sheet in self.sheets if sheet.section == section)


def plan_sheets(snapshot: Snapshot, layout: Layout, rows_per_sheet: int | None) -> tuple[SectionSheet, ...]:
    """Lay the sections out on sheets, continuing where one is full."""
    most = rows_per_sheet or LAST_ROW - FIRST_ROW + 1
    planned = []
    for section in SECTIONS:
        left = len(snapshot.sections.get(section, ()))
        number = 1
        while left > 0 or number == 1:
            title = section.sheet if number == 1 else f"{section.sheet} ({number})"
            planned.append(SectionSheet(title, layout.sheets[section], min(left, most), number))
            left -= most
            number += 1
    return tuple(planned)


def plan_read_only(
    snapshot: Snapshot, sheets: Sequence[SectionSheet], rows_per_sheet: int | None
) -> tuple[ReadOnlySheet, ...]:
    """Give the sections that only the dashboard can act on their sheets, titled in words where possible."""
    most = rows_per_sheet or LAST_ROW - FIRST_ROW + 1
    names = (*_RESERVED, *(section.sheet for section in SECTIONS), *(sheet.title for sheet in sheets))
    taken = {name.casefold() for name in names}
    planned = []
    for key, records in snapshot.others.items():
        columns = columns_of(records)
        for start in range(0, len(records), most):
            title = _free_title(READ_ONLY_TITLES.get(fold_key(key), key), taken)
            planned.append(ReadOnlySheet(title, key, columns, records[start : start + most]))
    return tuple(planned)


def _free_title(wanted: str, taken: set[str]) -> str:
    """Make a title that Excel takes and no other sheet has; remember it as taken."""
    legal = _ILLEGAL.sub(" ", wanted).strip(" '") or "Section"
    if len(legal) > _LONGEST_TITLE:
        legal = legal.replace(" - amended", " - amd")
    title = legal[:_LONGEST_TITLE].rstrip(" '")
    number = 2
    while title.casefold() in taken:
        tail = f" ({number})"
        title = legal[: _LONGEST_TITLE - len(tail)].rstrip(" '") + tail
        number += 1
    taken.add(title.casefold())
    return title
