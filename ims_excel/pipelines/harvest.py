"""harvest: the decisions of a worked-on workbook become the upload."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from ims_excel.audit import Event, FileMark, event_now, mark_of
from ims_excel.gst.codes import Action
from ims_excel.ledger import Item, Part
from ims_excel.options import PortalOptions
from ims_excel.pipelines.choosing import Choice, choose
from ims_excel.pipelines.examining import Again, Examined, examine
from ims_excel.pipelines.marked import ONLY_READ, findings_path, target_of, write_marked
from ims_excel.pipelines.marking import clear_portal_errors, hidden_by_hand, mark_findings
from ims_excel.pipelines.recording import (
    append,
    changed_since,
    changes_of,
    looked_at,
    record,
    rows_to_log,
)
from ims_excel.pipelines.results import HarvestResult, Tally, tally
from ims_excel.pipelines.uploading import UploadFile, default_path, make_uploads, refuse_to_replace, written
from ims_excel.progress import WRITING, silent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ims_excel.decisions import Decision, Entered
    from ims_excel.ledger import Ledger
    from ims_excel.portal.overlay import UploadEntry
    from ims_excel.portal.record import Record
    from ims_excel.progress import Progress
    from ims_excel.workbook.writeback import WriteBackResult

LOST_SHEET = (
    "The workbook lost its hidden sheet and cannot note what was exported: the next harvest sends it again."
)


def harvest(
    book: Path | str,
    upload: Path | str | None = None,
    *,
    out: Path | str | None = None,
    source: Path | str | None = None,
    strict: bool = False,
    skip_invalid: bool = False,
    allow_empty: bool = False,
    everything: bool = False,
    resend_refused: bool = False,
    reset_ledger: bool = False,
    overwrite: bool = False,
    options: PortalOptions | None = None,
    progress: Progress = silent,
    now: datetime | None = None,
) -> HarvestResult:
    """Check a workbook, write the errors into it, and write the upload of its changed records.

    What is exported is noted in the workbook, so that the next harvest sends only what changed since.

    Args:
        book: the worked-on workbook.
        upload: the upload to write; by default ``IMS_<GSTIN>_<time>.json`` beside the workbook.
        out: write the marked workbook here and leave ``book`` alone; what was exported is noted there only.
        source: the download, for a workbook that lost its hidden sheet.
        strict: turn the warnings R34 and R43 into errors.
        skip_invalid: leave rows with errors out of the upload instead of writing none.
        allow_empty: write an upload without records when nothing changed.
        everything: send every record that differs from the download, also what was exported before.
        resend_refused: send rows once more that the portal refused and nobody corrected.
        reset_ledger: forget what was exported before, for a workbook whose notes are damaged.
        overwrite: let ``out`` replace an existing workbook, and the upload a file that is not an upload.
        options: how contested points of the portal's format are settled.
        progress: told of each step, the documents done and the documents in all.
        now: the moment that ages, future dates and the upload's name are taken from; by default the present.

    Raises:
        ImsError: the workbook cannot be read or written, or the upload cannot be written.
    """
    path, settled = Path(book), options or PortalOptions()
    target, moment = target_of(path, out, overwrite=overwrite), now or datetime.now(timezone.utc)
    again = Again(everything, resend_refused, reset_ledger)
    examined = examine(
        path,
        source=Path(source) if source else None,
        options=settled,
        strict=strict,
        now=moment,
        again=again,
        progress=progress,
    )
    choice = choose(examined, settled)
    files: Sequence[UploadFile] = ()
    if _goes_up(choice, skip_invalid=skip_invalid, allow_empty=allow_empty):
        upload_path = _upload_path(upload, examined, moment)
        files = make_uploads(upload_path, examined.snapshot.recipient, choice.entries, settled)
        refuse_to_replace(files, examined.ledger, overwrite=overwrite)
    changed = changed_since(rows_to_log(examined.reading), examined.ledger)
    event = _event(examined, choice, files, changed, moment)
    looked = looked_at(examined.reading, examined.ledger)
    after = _after(examined.ledger, choice, files, event.at).having_seen(changed).without_questions(looked)
    progress(WRITING, 0, 0)
    with written(files, examined.snapshot.recipient, settled):
        result, notices = _write_book(examined, choice, event, after, target)
    return HarvestResult(
        book=path,
        written=target if result.changed or target != path else None,
        recipient=examined.snapshot.recipient,
        findings=examined.findings,
        documents=len(examined.reading.decisions),
        cleared_filters=tuple(result.cleared_filters),
        restored_cells=len(examined.reading.edited) if examined.book.is_writable else 0,
        hidden_rows=hidden_by_hand(examined.book, result),
        findings_file=findings_path(examined.book),
        upload=files[0].path if files else None,
        exported=_by_action(choice.entries),
        deemed_accepted=tally(
            d.record for d in examined.reading.decisions if d.entered.status is Action.NO_ACTION
        ),
        unchanged=sum(not d.is_touched for d in examined.reading.decisions),
        left_out=choice.blocked,
        uploads=tuple(file.path for file in files),
        held_back=len(choice.held),
        waiting=examined.ledger.waiting,
        notices=(*notices, *append(event, path, target, examined.ledger)),
    )


def _goes_up(choice: Choice, *, skip_invalid: bool, allow_empty: bool) -> bool:
    """Tell whether an upload is to be written at all."""
    if choice.is_file_blocked or (choice.blocked and not skip_invalid):
        return False
    return bool(choice.sent) or allow_empty


def _upload_path(upload: Path | str | None, examined: Examined, moment: datetime) -> Path:
    path = Path(upload) if upload else examined.book.path.parent
    if upload and not path.is_dir():
        return path
    return default_path(path, examined.snapshot.recipient, moment)


def _event(
    examined: Examined,
    choice: Choice,
    files: Sequence[UploadFile],
    changed: Sequence[Decision],
    moment: datetime,
) -> Event:
    """Put in the log's terms what this harvest read, decided and writes."""
    actions = Counter(entry.overlay.action.label for file in files for entry in file.entries)
    weights = Counter(finding.severity.value for finding in examined.findings)
    counts = {
        "documents": len(examined.reading.decisions),
        "exported": sum(actions.values()),
        **actions,
        "held back": len(choice.held),
        "errors": weights["error"],
        "warnings": weights["warning"],
    }
    uploads = [FileMark("upload", file.path.name, file.sha256) for file in files]
    book = examined.book.path
    changes = changes_of(changed, examined.ledger)
    files_now = [mark_of("workbook", book), *uploads]
    told = looked_at(examined.reading, examined.ledger).values()
    return event_now("harvest", moment, book, files=files_now, counts=counts, changes=changes, told=told)


def _write_book(
    examined: Examined, choice: Choice, event: Event, after: Ledger, target: Path
) -> tuple[WriteBackResult, list[str]]:
    """Write the findings into the workbook, note what goes up, and clear portal errors dealt with."""
    book, before = examined.book, examined.ledger
    patch = mark_findings(book, examined.reading, examined.findings)
    patch.sheets.extend(examined.settled)
    is_sent = len(after.uploads) > len(before.uploads)
    corrected = [*(choice.sent if is_sent else ()), *choice.reverted]
    clear_portal_errors(patch, book, examined.reading.notes, {decision.place for decision in corrected})
    is_noted = record(
        patch,
        event,
        book=book,
        snapshot=examined.snapshot,
        before=before,
        after=after,
        is_reset=examined.is_reset,
    )
    written = write_marked(book, patch, target, examined.findings)
    if not book.is_writable:
        return written, [ONLY_READ] if is_sent else []
    return written, [] if is_noted or not is_sent else [LOST_SHEET]


def _after(before: Ledger, choice: Choice, files: Sequence[UploadFile], at: str) -> Ledger:
    """Note in the ledger what goes up, and which refusals are no longer open."""
    typed = {decision.record.key: decision.entered for decision in choice.sent}
    parts = [
        Part(file.path.name, file.sha256, [_item(entry, typed) for entry in file.entries]) for file in files
    ]
    reverted = {decision.record.key for decision in choice.reverted}
    after = before.with_parts(parts, at).without_refusals(reverted)
    return after.having_seen([*(choice.sent if files else ()), *choice.reverted])


def _item(entry: UploadEntry, typed: Mapping[str, Entered]) -> Item:
    key = entry.record.key
    return Item(key, typed[key], entry.overlay)


def _by_action(entries: Sequence[UploadEntry]) -> dict[Action, Tally]:
    records: dict[Action, list[Record]] = defaultdict(list)
    for entry in entries:
        records[entry.overlay.action].append(entry.record)
    return {action: tally(records[action]) for action in Action if records[action]}
