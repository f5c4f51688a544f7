"""confirm: an upload went through without errors, so the portal has all of it; or nothing of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from ims_excel.audit import FileMark, event_now, mark_of, time_of
from ims_excel.exceptions import DownloadError
from ims_excel.ledger import Standing
from ims_excel.pipelines.entering import before_of
from ims_excel.pipelines.examining import open_book, open_ledger
from ims_excel.pipelines.joining import join
from ims_excel.pipelines.marked import target_of
from ims_excel.pipelines.recording import append, changed_since, changes_of, record, rows_to_log
from ims_excel.pipelines.settling import find_upload
from ims_excel.progress import LOOKING, WRITING, silent
from ims_excel.workbook.shown import IDENTITY_FIELDS
from ims_excel.workbook.writeback import BookPatch, write_back

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ims_excel.decisions import Decision
    from ims_excel.ledger import Ledger, Upload
    from ims_excel.progress import Progress


@dataclass(frozen=True)
class ConfirmResult:
    """What ``confirm`` noted.

    Attributes:
        book: the workbook that was read.
        written: the workbook it was noted in; None when it was known before.
        recipient: whose it is.
        upload: the upload's name.
        records: how many records it holds.
        failed: the portal has none of them.
        to_resend: how many of them go up again for that.
        waiting: names of uploads that nobody has confirmed or reported on yet.
        notices: what else is to be known.
    """

    book: Path
    written: Path | None
    recipient: str
    upload: str
    records: int
    failed: bool = False
    to_resend: int = 0
    waiting: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


def confirm(
    book: Path | str,
    upload: Path | str,
    *,
    failed: bool = False,
    out: Path | str | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
    now: datetime | None = None,
) -> ConfirmResult:
    """Note in the workbook that the portal processed an upload without errors.

    Args:
        book: the workbook the upload was harvested from.
        upload: the upload; its name is enough when the file is gone.
        failed: note the contrary: it was refused as a whole, or never uploaded, and all of it goes up again.
        out: write the workbook here and leave ``book`` alone.
        overwrite: let ``out`` replace an existing workbook.
        progress: told of each step, the documents done and the documents in all.
        now: the time for the log; by default the present.

    Raises:
        ImsError: the upload is not this workbook's, or an error report contradicts; or the workbook cannot be
            read or written.
    """
    path = Path(book)
    target, moment = target_of(path, out, overwrite=overwrite), now or datetime.now(timezone.utc)
    progress(LOOKING, 0, 0)
    opened, snapshot = open_book(path)
    before = open_ledger(opened)
    found = find_upload(before, Path(upload))
    if not failed:
        _refuse_contradiction(found, Path(upload))
    reading = join(opened, snapshot, before, facts=IDENTITY_FIELDS, progress=progress)
    changed = changed_since(rows_to_log(reading), before)
    standing = Standing.VOID if failed else Standing.TAKEN
    settled = before.settled([found.number], otherwise=standing, at=time_of(moment))
    after = settled.having_seen(changed)
    event = event_now(
        "confirm",
        moment,
        path,
        files=[mark_of("workbook", path), FileMark("upload", found.name, found.sha256)],
        counts={"to send again" if failed else "taken": found.records},
        changes=changes_of(changed, before),
    )
    patch = BookPatch(sheets=[], new_sheets=[])
    record(patch, event, book=opened, snapshot=snapshot, before=before, after=after)
    progress(WRITING, 0, 0)
    written = write_back(path, patch, target)
    return ConfirmResult(
        book=path,
        written=target if written.changed or target != path else None,
        recipient=snapshot.recipient,
        upload=found.name,
        records=found.records,
        failed=failed,
        to_resend=_to_resend(reading.decisions, after, found) if failed else 0,
        waiting=after.waiting,
        notices=tuple(append(event, path, target, before)),
    )


def _to_resend(decisions: Sequence[Decision], after: Ledger, upload: Upload) -> int:
    """Count the records of a failed upload whose rows say something else than the portal has."""
    keys = after.keys_of([upload.number])
    rows = (decision for decision in decisions if decision.record.key in keys)
    return sum(
        decision.entered != (state.entered if state and state.entered else before_of(decision.record.outline))
        for decision, state in ((row, after.state(row.record.key)) for row in rows)
    )


def _refuse_contradiction(found: Upload, path: Path) -> None:
    if found.standing is Standing.VOID and found.reported:
        raise DownloadError(
            path, "was refused as a whole, says the portal's report; harvest again and upload that."
        )
    if found.refused:
        raise DownloadError(
            path,
            f"did not go through without errors: the portal's report names {found.refused:,} of its records. "
            "Correct them and harvest again, and confirm that upload.",
        )
