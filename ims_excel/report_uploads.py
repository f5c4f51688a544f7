"""What a person reads of uploads, of what became of them, and of the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.audit import said
from ims_excel.pipelines.recording import clock, summary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ims_excel.audit import Event
    from ims_excel.pipelines.confirm import ConfirmResult
    from ims_excel.pipelines.log import LogResult
    from ims_excel.pipelines.results import ErrorsResult, HarvestResult

_STANDINGS = {
    "sent": "sent, not confirmed yet",
    "taken": "taken by the portal",
    "refused": "refused by the portal",
    "void": "not taken, the whole upload failed",
}


def plural(count: int, word: str) -> str:
    """Give a word its plural where there is not one."""
    return word if count == 1 else f"{word}s"


def quoted(path: Path) -> str:
    """Write a path as it can be typed into a command."""
    return f'"{path}"' if " " in str(path) else str(path)


def uploads_of(result: HarvestResult) -> Iterator[str]:
    """Say where the upload is, or its parts, and what comes next."""
    first, *others = result.uploads
    book = quoted(result.written or result.book)
    records = result.exported_documents
    if others:
        yield f"Upload in {len(result.uploads)} parts  ({records:,} records):"
        yield from (f"  {path}" for path in result.uploads)
        yield "Next: IMS dashboard > Offline > upload the first. Wait until the portal has processed it"
        yield "      before you upload the next, or it refuses that (IMSSAV0015). For each that went through:"
    else:
        yield f"Upload: {first}  ({records:,} {plural(records, 'record')})"
        yield "Next: IMS dashboard > Offline > upload this file. When it went through without errors:"
    yield f"      ims-xl confirm {book} {quoted(first)}"
    yield "      when the portal answers with errors:"
    yield f"      ims-xl errors {book} ERROR_FILE"


def left_over(result: HarvestResult) -> Iterator[str]:
    """Say what is still open with the portal beside this upload."""
    if result.held_back:
        rows = f"{result.held_back:,} {plural(result.held_back, 'row')}"
        yield f"{rows} left out: refused by the portal, and not corrected since (L1)."
    if result.waiting:
        yield f"Counted as uploaded, but not confirmed yet: {', '.join(result.waiting)}."
        yield "  If one was never uploaded, or refused as a whole, its records go up again after"
        yield f"  ims-xl confirm {quoted(result.written or result.book)} UPLOAD --failed"
    yield from result.notices


def settled_of(result: ErrorsResult) -> Iterator[str]:
    """Say what the portal made of the rest of the upload."""
    if not result.uploads:
        return
    names = ", ".join(result.uploads)
    if result.to_resend:
        records = _go_up_again(result.to_resend)
        yield f"{names}: nothing was taken; {records} with the next harvest."
    else:
        yield f"{names}: {result.taken:,} taken by the portal, {result.refused:,} open until corrected."
    if result.unsure:
        wait = "waits" if result.unsure == 1 else "wait"
        yield f"  {result.unsure:,} {wait}: an error that matched no row may be about {_it(result.unsure)}."


def _it(count: int) -> str:
    return "it" if count == 1 else "them"


def _go_up_again(count: int) -> str:
    return f"{count:,} {plural(count, 'record')} {'goes' if count == 1 else 'go'} up again"


def confirm_report(result: ConfirmResult) -> str:
    """Say what was noted of an upload, and which others nobody has confirmed."""
    records = f"{result.records:,} {plural(result.records, 'record')}"
    if result.failed:
        lines = [f"{result.upload}: {records} not with the portal."]
        lines.append(f"  {_go_up_again(result.to_resend).capitalize()} with the next harvest.")
    else:
        lines = [f"{result.upload}: {records} taken by the portal."]
    if result.written is None:
        lines.append("The workbook knew that already.")
    if result.waiting:
        lines.append(f"Not confirmed yet: {', '.join(result.waiting)}")
    return "\n".join([*lines, *result.notices])


def log_report(result: LogResult) -> str:
    """List events, oldest first, each with the decisions that changed; of one document also its uploads."""
    lines = [line for event in result.events for line in _event_lines(event)]
    lines += [
        f"{clock(export.at):<17} {export.action} in {export.upload}: {_STANDINGS[export.standing]}"
        for export in result.exports
    ]
    if not lines:
        about = f" about {result.document}" if result.document is not None else ""
        lines.append(f"Nothing is logged{about}.")
    if result.log is None:
        lines.append("There is no log beside the workbook; these are the newest events it carries itself.")
    if result.damaged:
        numbers = ", ".join(str(number) for number in result.damaged)
        lines.append(f"{result.log} cannot be read in {plural(len(result.damaged), 'line')} {numbers}.")
    return "\n".join(lines)


def _event_lines(event: Event) -> Iterator[str]:
    user = f"  by {event.user}" if event.user else ""
    yield f"{clock(event.at):<17} {event.event:<8}{user}  {summary(event)}"
    for change in event.changes:
        by = f"  by {change.by}" if change.by else ""
        yield f"{'':17} {change.document}: {said(change.old)} → {said(change.new)}{by}"
    for document in event.refused:
        yield f"{'':17} {document}: refused by the portal"
    for told in event.told:
        text = f": {told.text}" if told.text else ""
        yield f"{'':17} {told.document}: {told.what[0].lower()}{told.what[1:]}{text}"
