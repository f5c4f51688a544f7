"""Assert that a workbook is valid OOXML, as Microsoft's own validator would see it.

    assert_valid(tmp_path / "book.xlsx")                    for workbooks we made: nothing found at all
    assert_no_worse(edited, before=tmp_path / "book.xlsx")  for workbooks others saved: nothing new found

One judge is openxml-audit, a port of the Open XML SDK's validator. Every finding counts, warnings too. Two
versions of Office are asked: 2007, to which everything newer must be marked as ignorable, and Microsoft 365,
which knows and therefore checks the most. The other judge is ``excel_repairs``: what the first lets pass and
Excel does not. A few thousand rows take a second; they are not for large workbooks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from excel_repairs import repairs
from openxml_audit import FileFormat, OpenXmlValidator

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from openxml_audit import ValidationError

VERSIONS = (FileFormat.OFFICE_2007, FileFormat.MICROSOFT_365)
SHOWN = 20


def assert_valid(path: Path) -> None:
    """Fail with a readable list when a judge finds anything in a workbook."""
    complain(path, findings(path))


def assert_no_worse(path: Path, before: Path, versions: Sequence[FileFormat] = VERSIONS) -> None:
    """Fail when a judge finds what it does not find in the workbook this one was made from."""
    known = findings(before, versions)
    complain(path, [finding for finding in findings(path, versions) if finding not in known])


def findings(path: Path, versions: Sequence[FileFormat] = VERSIONS) -> list[str]:
    """List what both judges find, each thing once, as readable lines."""
    found = [
        describe(error)
        for version in versions
        for error in OpenXmlValidator(file_format=version, max_errors=0).validate(path).errors
    ]
    return [*dict.fromkeys(found), *(f"repair: {line}" for line in repairs(path))]


def describe(error: ValidationError) -> str:
    """Put one finding into a line: severity, part, place in the part, complaint.

    That no text is shared is one finding, however many texts on however many sheets there are.
    """
    if "inline-string cell(s)" in error.description:
        return f"{error.severity.value} ({error.error_type.value}): inline-string cells, and no shared texts"
    place = " ".join(filter(None, (error.part_uri, error.path)))
    return f"{error.severity.value} ({error.error_type.value}) {place}: {error.description}"


def complain(path: Path, found: list[str]) -> None:
    """Fail when there is something to complain about."""
    more = f"\n  … and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    assert not found, f"{path.name}: {len(found)} findings\n  " + "\n  ".join(found[:SHOWN]) + more
