"""harvest: the decisions of a worked-on workbook become the upload."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from ims_excel.exceptions import WriteError
from ims_excel.files import replacing
from ims_excel.gst.codes import Action
from ims_excel.options import PortalOptions
from ims_excel.pipelines.examining import Examined, examine
from ims_excel.pipelines.results import HarvestResult, Tally, tally
from ims_excel.pipelines.validate import write_findings
from ims_excel.portal.overlay import UploadEntry
from ims_excel.portal.upload import looks_like_upload, upload_bytes, verify_upload
from ims_excel.rules import blocked_places
from ims_excel.rules.outcome import is_changed, overlay_for

if TYPE_CHECKING:
    from ims_excel.decisions import Decision
    from ims_excel.findings import Place
    from ims_excel.portal.record import Record


def harvest(
    book: Path | str,
    upload: Path | str | None = None,
    *,
    out: Path | str | None = None,
    source: Path | str | None = None,
    strict: bool = False,
    skip_invalid: bool = False,
    allow_empty: bool = False,
    overwrite: bool = False,
    options: PortalOptions | None = None,
    now: datetime | None = None,
) -> HarvestResult:
    """Check a workbook, write the errors into it, and write the upload of its changed records.

    Args:
        book: the worked-on workbook.
        upload: the upload to write; by default ``IMS_<GSTIN>_<time>.json`` beside the workbook.
        out: write the marked workbook here and leave ``book`` alone.
        source: the download, for a workbook that lost its hidden sheet.
        strict: turn the warnings R34 and R43 into errors.
        skip_invalid: leave rows with errors out of the upload instead of writing none.
        allow_empty: write an upload without records when nothing changed.
        overwrite: let the upload replace a file that is not an upload.
        options: how contested points of the portal's format are settled.
        now: the moment that ages, future dates and the upload's name are taken from; by default the present.

    Raises:
        ImsError: the workbook cannot be read or written, or the upload cannot be written.
    """
    path, settled = Path(book), options or PortalOptions()
    moment = now or datetime.now(timezone.utc)
    target = Path(out) if out else path
    examined = examine(
        path, source=Path(source) if source else None, options=settled, strict=strict, now=moment
    )
    upload_path = _upload_path(upload, examined, moment, overwrite=overwrite)
    blocked = blocked_places(examined.findings)
    entries = _entries(examined, blocked, settled)
    data = None
    if (not blocked or skip_invalid) and not _has_file_error(examined) and (entries or allow_empty):
        data = upload_bytes(examined.snapshot.recipient, entries, settled)
    written = write_findings(examined, target)
    if data is not None:
        _write_upload(upload_path, data, examined.snapshot.recipient, entries, settled)
    return HarvestResult(
        book=path,
        written=target if written.changed or target != path else None,
        recipient=examined.snapshot.recipient,
        findings=examined.findings,
        documents=len(examined.reading.decisions),
        cleared_filters=tuple(written.cleared_filters),
        restored_cells=len(examined.reading.edited),
        upload=upload_path if data is not None else None,
        exported=_by_action(entries),
        deemed_accepted=tally(
            d.record for d in examined.reading.decisions if d.entered.status is Action.NO_ACTION
        ),
        unchanged=sum(not d.is_touched for d in examined.reading.decisions),
        left_out=len(blocked),
    )


def _entries(examined: Examined, blocked: set[Place], options: PortalOptions) -> list[UploadEntry]:
    """Choose the changed records, each once, in the order of the download's sections and the sheet."""
    chosen: dict[str, Decision] = {}
    for decision in examined.reading.decisions:
        if decision.is_touched and decision.place not in blocked and is_changed(decision, options):
            chosen.setdefault(decision.record.key, decision)
    return [UploadEntry(d.record, overlay_for(d, options)) for d in chosen.values()]


def _has_file_error(examined: Examined) -> bool:
    """Tell whether a finding about the whole file, such as R11, blocks the upload."""
    return any(f.place is None and f.severity.value == "error" for f in examined.findings)


def _by_action(entries: list[UploadEntry]) -> dict[Action, Tally]:
    records: dict[Action, list[Record]] = defaultdict(list)
    for entry in entries:
        records[entry.overlay.action].append(entry.record)
    return {action: tally(records[action]) for action in Action if records[action]}


def _upload_path(upload: Path | str | None, examined: Examined, moment: datetime, *, overwrite: bool) -> Path:
    name = f"IMS_{examined.snapshot.recipient}_{moment.astimezone():%Y%m%d-%H%M%S}.json"
    path = Path(upload) if upload else examined.book.path.parent / name
    if path.is_dir():
        path /= name
    if path.exists() and not overwrite and not looks_like_upload(path):
        raise WriteError(
            path,
            "exists already and is not an upload; choose another name with -o, or pass --force "
            "to replace it.",
        )
    return path


def _write_upload(
    path: Path, data: bytes, recipient: str, entries: list[UploadEntry], options: PortalOptions
) -> None:
    """Write the upload atomically, read it back and compare it with what was decided."""
    with replacing(path) as draft:
        draft.write_bytes(data)
        verify_upload(draft.read_bytes(), recipient, entries, options)
