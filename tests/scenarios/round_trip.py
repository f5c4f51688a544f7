"""Write docs/round-trip.md from the tables that the tests run: ``python tests/scenarios/round_trip.py``."""

from __future__ import annotations

import sys
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

TESTS = Path(__file__).parents[1]
if __name__ == "__main__":
    sys.path[:0] = [str(TESTS), str(TESTS.parent)]

import test_hostile_books as workbooks  # noqa: E402
import test_hostile_downloads as downloads  # noqa: E402
from hostile import zips  # noqa: E402
from hostile.running import LONGEST_SECONDS, MOST_MEGABYTES  # noqa: E402
from scenarios.all import SCENARIOS  # noqa: E402

from ims_excel.portal import intake  # noqa: E402
from ims_excel.workbook import archive, exact, foreignsheet  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PAGE = TESTS.parent / "docs" / "round-trip.md"

PLAIN = {
    "nothing": "An empty zip.",
    "no JSON": "A zip without a .json in it.",
    "workbook": "A workbook, which is a zip, too.",
    "folder": "The download in folders within the zip.",
    "names that lead out": "Names such as ../../download.json, which lead out of any folder.",
}
"""What zips hold that are written in an ordinary way."""
HEAD, LIMITS = (
    Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("page_head.md", "page_limits.md")
)


def page() -> str:
    """Put the page together."""
    return "\n".join([HEAD, *scenario_tables(), LIMITS, *hostile_tables(), bounds(), ""])


def scenario_tables() -> Iterator[str]:
    for title, scenarios in groupby(SCENARIOS, key=lambda scenario: scenario.group):
        rows = [(scenario.does, scenario.happens) for scenario in scenarios]
        yield f"### {title}\n\n{table(('What you did', 'What happens'), rows)}\n"


def hostile_tables() -> Iterator[str]:
    refused = {name: case[0] for name, case in workbooks.BOOKS_REFUSED.items()}
    yield hostile_table("Workbooks", refused.items(), workbooks.BOOKS_READ.items())
    yield hostile_table("Downloads", named(downloads.DOWNLOADS_REFUSED), named(downloads.DOWNLOADS_READ))
    refused = {name: case[0] for name, case in downloads.ZIPS_REFUSED.items()}
    yield hostile_table("Zips of downloads", refused.items(), downloads.ZIPS_READ.items())
    yield hostile_table("Error reports of the portal", named(workbooks.REPORTS_REFUSED), ())


def named(builders: Iterable[Callable[..., object]]) -> list[tuple[str, Callable[..., object]]]:
    return [(builder.__name__.replace("_", " "), builder) for builder in builders]


def hostile_table(title: str, refused: Iterable[tuple], read: Iterable[tuple]) -> str:
    rows = [
        (name, described(name, builder), outcome)
        for outcome, builders in (("refused", refused), ("read", read))
        for name, builder in builders
    ]
    return f"### {title}\n\n{table(('Case', 'What it is', 'Outcome'), rows)}\n"


def described(name: str, builder: Callable[..., object]) -> str:
    """Take what a builder's docstring says of the file, where that is not too general."""
    if getattr(builder, "func", None) is zips.plain:
        return PLAIN[name]
    function = builder.func if isinstance(builder, partial) else builder
    return (function.__doc__ or "").partition("\n")[0].strip().replace("Write a zip", "A zip")


def bounds() -> str:
    """List the bounds from the constants that set them."""
    rows = [
        (
            "Memory and time of a command on any file of the tables",
            f"{MOST_MEGABYTES} MB, {LONGEST_SECONDS} s",
        ),
        ("Parts in a workbook", f"{archive.MAX_MEMBERS:,}"),
        ("A part of a workbook, unpacked", size(archive.MAX_PART_BYTES)),
        ("A workbook, unpacked", size(archive.MAX_TOTAL_BYTES)),
        (
            f"How much a part may shrink by packing, from {size(archive.RATIO_FREE_BYTES)} on",
            f"to 1/{archive.MAX_RATIO}",
        ),
        ("Settings, styles, lists of parts, each", size(archive.MAX_TREE_BYTES)),
        ("Texts that cells share", f"{exact.MAX_STRINGS:,}, {size(exact.MAX_STRINGS_BYTES)}"),
        ("Characters in a cell", f"{exact.MAX_TEXT:,}"),
        ("Cells kept of a sheet", f"{exact.MAX_CELLS_KEPT:,}"),
        ("Cells kept of an .ods or .xlsb", f"{foreignsheet.MAX_CELLS_KEPT:,}"),
        ("Columns of a sheet, from the left", f"{foreignsheet.MAX_COLUMNS:,}"),
        ("Files in a zip of downloads", f"{intake.MAX_MEMBERS:,}"),
        ("A download, unpacked", size(intake.MAX_BYTES)),
        (
            f"How much a download may shrink by packing, from {size(intake.RATIO_MATTERS_FROM)} on",
            f"to 1/{intake.MAX_RATIO}",
        ),
    ]
    return f"## Bounds\n\n{table(('What', 'At most'), rows)}"


def size(number: int) -> str:
    return f"{number >> 30} GiB" if number >= 1 << 30 else f"{number >> 20} MiB"


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
