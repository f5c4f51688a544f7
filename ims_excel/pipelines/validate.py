"""validate: check a worked-on workbook as harvest does, and write the findings into it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ims_excel.options import PortalOptions
from ims_excel.pipelines.examining import Examined, examine
from ims_excel.pipelines.marked import findings_path, target_of, write_marked
from ims_excel.pipelines.marking import hidden_by_hand, mark_findings
from ims_excel.pipelines.results import ValidateResult
from ims_excel.progress import WRITING, silent

if TYPE_CHECKING:
    from datetime import datetime

    from ims_excel.progress import Progress
    from ims_excel.workbook.writeback import WriteBackResult


def validate(
    book: Path | str,
    *,
    out: Path | str | None = None,
    source: Path | str | None = None,
    strict: bool = False,
    overwrite: bool = False,
    options: PortalOptions | None = None,
    progress: Progress = silent,
    now: datetime | None = None,
) -> ValidateResult:
    """Check a workbook by the portal's rules and write the errors into it; no upload is written.

    Args:
        book: the worked-on workbook.
        out: write the marked workbook here and leave ``book`` alone.
        source: the download, for a workbook that lost its hidden sheet.
        strict: turn the warnings R34 and R43 into errors.
        overwrite: let ``out`` replace an existing workbook.
        options: how contested points of the portal's format are settled.
        progress: told of each step, the documents done and the documents in all.
        now: the moment that ages and future dates are measured from; by default the present.

    Raises:
        ImsError: the workbook cannot be read or written.
    """
    path = Path(book)
    target = target_of(path, out, overwrite=overwrite)
    examined = examine(
        path,
        source=Path(source) if source else None,
        options=options or PortalOptions(),
        strict=strict,
        now=now,
        progress=progress,
    )
    progress(WRITING, 0, 0)
    written = write_findings(examined, target)
    return ValidateResult(
        book=path,
        written=target if written.changed or target != path else None,
        recipient=examined.snapshot.recipient,
        findings=examined.findings,
        documents=len(examined.reading.decisions),
        cleared_filters=tuple(written.cleared_filters),
        restored_cells=len(examined.reading.edited) if examined.book.is_writable else 0,
        hidden_rows=hidden_by_hand(examined.book, written),
        findings_file=findings_path(examined.book),
    )


def write_findings(examined: Examined, target: Path) -> WriteBackResult:
    """Write the findings into the workbook, or a copy of it, with its filters cleared."""
    patch = mark_findings(examined.book, examined.reading, examined.findings)
    patch.sheets.extend(examined.settled)
    return write_marked(examined.book, patch, target, examined.findings)
