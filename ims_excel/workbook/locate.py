"""Finding our sheets and columns again: by the hidden names row, else by headings, never by position."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from ims_excel.portal.record import DECLARED_HEADS
from ims_excel.portal.sections import SECTIONS, section_for
from ims_excel.workbook.grid import HEADING_ROW, NAMES_ROW
from ims_excel.workbook.layout import load_layout

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ims_excel.portal.sections import Section
    from ims_excel.workbook.exact import RowRead

PEEK_ROWS = 30
"""The names row and the headings are looked for in this many rows from the top."""
PEEK_COLUMNS = 1024
"""… and in this many columns from the left."""

_MIN_NAMES = 4
_MIN_HEADINGS = 6
_TELLING = {"supplier_gstin", "number"}  # a list of documents, not a summary of them
_HEADINGS_BELOW = 6  # rows between names and headings, some of them inserted by people
_KEY = re.compile(r"key(?::(\w+))?")


@dataclass(frozen=True)
class Found:
    """One of our sheets.

    Attributes:
        section: whose records it holds.
        columns: by machine name, the 0-based columns that carry it, from left to right; more than one
            where people copied a column.
        heading_row: 1-based.
        names_row: 1-based; None when it is gone and the headings told.
        headings: by 0-based column, the text in the heading row; people's own columns too.
    """

    section: Section
    columns: Mapping[str, tuple[int, ...]]
    heading_row: int
    names_row: int | None
    headings: Mapping[int, str] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[str, ...]:
        """Machine names of the input columns that are gone."""
        return tuple(name for name in input_fields(self.section) if name not in self.columns)


def input_fields(section: Section) -> tuple[str, ...]:
    """List the machine names of the columns that people fill in."""
    itc = ("itc_reduction", *DECLARED_HEADS) if section.carries_itc_reduction else ()
    return ("status", *itc, "remarks")


def find_by_names(title: str, rows: Sequence[RowRead]) -> Found | None:
    """Find the names row among a sheet's first rows; None when it is no sheet of ours, or lost that row."""
    for row in rows:
        names = {column: _machine_name(value) for column, value in enumerate(row.values)}
        if len(set(names.values()) - {""}) < _MIN_NAMES:
            continue
        columns = _by_name(names)
        section = (
            _key_section(row)
            or _title_section(title)
            or _banner_section(rows, row.number)
            or _likeliest(columns, rows)
        )
        heading_row = _heading_row(section, rows, row.number)
        return Found(section, columns, heading_row, row.number, _texts(rows, heading_row))
    return None


def find_by_headings(title: str, rows: Sequence[RowRead]) -> Found | None:
    """Find the heading row of a sheet whose names row is gone; case and spaces do not count."""
    titled = _title_section(title)
    best: Found | None = None
    for row in rows:
        for section in (titled,) if titled else SECTIONS:
            wanted = _names_by_heading()[section]
            columns = _by_name({c: wanted.get(_fold(value), "") for c, value in enumerate(row.values)})
            is_ours = len(columns) >= _MIN_HEADINGS and columns.keys() >= _TELLING
            if is_ours and (best is None or len(columns) > len(best.columns)):
                best = Found(section, columns, row.number, None, _texts(rows, row.number))
    return best


def heading_of(section: Section, name: str) -> str:
    """Say what people read above a column, as shipped."""
    columns = load_layout().sheets[section].columns
    return next((column.heading for column in columns if column.name == name), name)


def _machine_name(value: object) -> str:
    if not isinstance(value, str):
        return ""
    text = value.strip()
    return "key" if _KEY.fullmatch(text) else text if text in _machine_names() else ""


def _key_section(row: RowRead) -> Section | None:
    for value in row.values:
        match = _KEY.fullmatch(value.strip()) if isinstance(value, str) else None
        if match and match[1]:
            return section_for(match[1])
    return None


def _title_section(title: str) -> Section | None:
    """Tell the section from a title such as "B2B-CN", "b2b (2)" or "B2B copy"."""
    text = _fold(title)
    fitting = [
        section
        for section in SECTIONS
        if re.match(re.escape(section.sheet.casefold()) + r"(?![\w-])", text) is not None
    ]
    return max(fitting, key=lambda section: len(section.sheet), default=None)


def _banner_section(rows: Sequence[RowRead], names_row: int) -> Section | None:
    """Tell the section from the title that build writes above the names row."""
    texts = (value for row in rows if row.number < names_row for value in row.values)
    sections = (_title_section(text) for text in texts if isinstance(text, str))
    return next((section for section in sections if section), None)


def _likeliest(columns: Mapping[str, Sequence[int]], rows: Sequence[RowRead]) -> Section:
    """Tell the section from its columns alone: which there are, and what stands above them."""

    def agreement(section: Section) -> int:
        sheet = load_layout().sheets[section]
        differing = set(columns) ^ {column.name for column in sheet.columns}
        texts = {
            (name, _fold(row.values[place]))
            for name, places in columns.items()
            for place in places
            for row in rows
            if place < len(row.values)
        }
        return sum((column.name, _fold(column.heading)) in texts for column in sheet.columns) - len(differing)

    return max(SECTIONS, key=agreement)


def _heading_row(section: Section, rows: Sequence[RowRead], names_row: int) -> int:
    """Find the headings below the names: the row that agrees with most of them, else where build puts it."""
    wanted = _names_by_heading()[section]
    best, most = names_row + HEADING_ROW - NAMES_ROW, 0
    for row in rows:
        agreeing = sum(_fold(value) in wanted for value in row.values)
        if 0 < row.number - names_row <= _HEADINGS_BELOW and agreeing > most:
            best, most = row.number, agreeing
    return best


def _texts(rows: Sequence[RowRead], number: int) -> dict[int, str]:
    row = next((row for row in rows if row.number == number), None)
    texts = enumerate(row.values if row else ())
    return {column: text.strip() for column, text in texts if isinstance(text, str) and text.strip()}


def _by_name(names: Mapping[int, str]) -> dict[str, tuple[int, ...]]:
    columns: dict[str, tuple[int, ...]] = {}
    for column, name in names.items():
        if name:
            columns[name] = (*columns.get(name, ()), column)
    return columns


def _fold(value: object) -> str:
    return " ".join(value.replace("\u00a0", " ").split()).casefold() if isinstance(value, str) else ""


@lru_cache(maxsize=1)
def _machine_names() -> frozenset[str]:
    return frozenset(name for sheet in load_layout().sheets.values() for name in sheet.positions)


@lru_cache(maxsize=1)
def _names_by_heading() -> dict[Section, dict[str, str]]:
    """By section, the machine name under each heading as shipped."""
    return {
        section: {_fold(column.heading): column.name for column in sheet.columns}
        for section, sheet in load_layout().sheets.items()
    }
