"""Numbers that are dates: which styles show them so, and what they show."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ims_excel.workbook.package import local_name

if TYPE_CHECKING:
    from ims_excel.workbook.cells import CellValue
    from ims_excel.workbook.package import Package

# openpyxl is imported where it is used: what the fast reader reads does without.

EPOCH_1900 = datetime(1899, 12, 30)  # noqa: DTZ001  a workbook's times have no zone
EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001


class DateStyles(NamedTuple):
    """Which cell styles (by index) show a number as a date or as a duration."""

    dates: frozenset[int] = frozenset()
    durations: frozenset[int] = frozenset()


def read_date_styles(package: Package) -> DateStyles:
    """Learn from styles.xml which styles are dates; none without that part."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format  # noqa: PLC0415

    used = [
        BUILTIN_FORMATS.get(code, "") if isinstance(code, int) else code for code in cell_formats(package)
    ]
    durations = frozenset(index for index, code in enumerate(used) if is_timedelta_format(code))
    dates = frozenset(index for index, code in enumerate(used) if is_date_format(code))
    return DateStyles(dates - durations, durations)


def cell_formats(package: Package) -> list[str | int]:
    """List the number format of each cell style: its code, or its number where that is built in.

    Raises:
        WorkbookError: styles.xml is damaged.
    """
    name = package.related(package.workbook_part, "styles")
    if name is None:
        return []
    tree = package.tree(name)
    own = {
        int(node.get("numFmtId", "")): node.get("formatCode", "")
        for node in tree.iter()
        if local_name(node.tag) == "numFmt" and node.get("numFmtId", "").isdecimal()
    }
    with package.naming_damage(name):
        used = [
            int(node.get("numFmtId") or 0)
            for group in tree
            if local_name(group.tag) == "cellXfs"
            for node in group
            if local_name(node.tag) == "xf"
        ]
    return [own.get(number, number) for number in used]


@lru_cache(maxsize=1 << 12)
def as_date(number: float, epoch: datetime) -> date | datetime | time | float:
    """Turn a serial number into what it shows: a date, a date with a time, or (below 1) a time.

    A number that is no date stays as it is.
    """
    from openpyxl.utils.datetime import from_excel  # noqa: PLC0415

    if number < 0:
        return number
    try:
        moment = from_excel(number, epoch)
    except (ValueError, OverflowError):
        return number
    if isinstance(moment, datetime) and number.is_integer():
        return moment.date()
    return moment if isinstance(moment, (datetime, time)) else number


def as_duration(number: float) -> timedelta | float:
    """Turn a number of days into a duration; a number too large for one stays."""
    try:
        return timedelta(days=number)
    except (ValueError, OverflowError):
        return number


def from_iso(text: str) -> CellValue:
    """Read the ISO 8601 form of strict files; the text itself when it is none."""
    from openpyxl.utils.datetime import from_ISO8601  # noqa: PLC0415

    try:
        moment: date | datetime | time | timedelta = from_ISO8601(text)  # type: ignore[no-untyped-call]
    except ValueError:
        return text
    if isinstance(moment, datetime) and "T" not in text:
        return moment.date()
    return moment
