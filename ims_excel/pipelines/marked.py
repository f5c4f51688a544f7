"""Marked: findings go into the workbook, or beside it where its format is only read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ims_excel.exceptions import WriteError
from ims_excel.files import replacing
from ims_excel.terminal import printable
from ims_excel.workbook.sums import sums_patches
from ims_excel.workbook.writeback import WriteBackResult, write_back

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ims_excel.findings import Finding
    from ims_excel.workbook.read import Book
    from ims_excel.workbook.writeback import BookPatch

_WRITTEN = (".xlsx", ".xlsm")

ONLY_READ = (
    "What was exported cannot be noted in a workbook of this format: save it as .xlsx for the next harvest, "
    "which then sends it again."
)
NO_FINDINGS = "Nothing to say."


def target_of(book: Path, out: Path | str | None, *, overwrite: bool) -> Path:
    """Say which workbook is written: ``out``, or the workbook itself.

    Raises:
        WriteError: ``out`` is not named as a workbook is, and may be meant for the upload; or it is another
            file that is there already, and ``overwrite`` was not asked for.
    """
    target = book if out is None else Path(out)
    kind = book.suffix.casefold()
    if kind in _WRITTEN and target.suffix.casefold() != kind:
        what = f"--out names the workbook to write and must end in {kind}; harvest names its upload with -o."
        raise WriteError(target, what)
    if target.exists() and not overwrite and not (book.exists() and target.samefile(book)):
        what = "exists already, perhaps with decisions in it"
        raise WriteError(target, f"{what}. Choose another name with --out, or pass --force to replace it.")
    return target


def findings_path(book: Book) -> Path | None:
    """Name the file for the findings of a workbook that is only read; None for one that is written."""
    return None if book.is_writable else book.path.with_name(f"{book.path.name}.findings.txt")


def write_marked(book: Book, patch: BookPatch, target: Path, findings: Sequence[Finding]) -> WriteBackResult:
    """Write a patch into a workbook; for one that is only read, write its findings beside it.

    Raises:
        WriteError: when the result cannot be written, or a marked copy of such a workbook is asked for.
    """
    beside = findings_path(book)
    if beside is None:
        patch.sheets += sums_patches(book, patch)
        return write_back(book.path, patch, target)
    if target != book.path:
        what = f"is not written: {book.path.name} is of a format that is only read; save that as .xlsx."
        raise WriteError(target, what)
    lines = [printable(_line(finding)) for finding in findings] or [NO_FINDINGS]
    with replacing(beside) as draft:
        draft.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return WriteBackResult(changed=False)


def _line(finding: Finding) -> str:
    where = ": ".join(filter(None, (finding.cell, finding.document)))
    what = f"{finding.severity.value} {finding.rule}: {finding.what} {finding.fix}"
    return " ".join(f"{where}: {what}".removeprefix(": ").split())
