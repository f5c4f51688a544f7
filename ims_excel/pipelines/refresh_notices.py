"""What a person would not expect of a refresh, and should know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.pipelines.refresh_cells import without_sheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ims_excel.decisions import Reading
    from ims_excel.ledger import Ledger
    from ims_excel.pipelines.refreshing import Meeting
    from ims_excel.portal.record import Record
    from ims_excel.workbook.read import Book
    from ims_excel.workbook.writeback import SheetPatch

_NAMED = 3


def notices_of(
    book: Book,
    reading: Reading,
    meeting: Meeting,
    patches: Sequence[SheetPatch],
    *,
    ledger: Ledger,
    left: Sequence[Record],
) -> Iterator[str]:
    """Say what is special about a workbook, a newer download and what was made of them.

    Args:
        book: the workbook.
        reading: its rows.
        meeting: the same beside the newer download.
        patches: what is written into its section sheets.
        ledger: what was exported, as the newer download has it.
        left: records that their upload has left behind.
    """
    yield from _of_sheets(book, meeting, patches)
    yield from _of_rows(reading, meeting)
    if left:
        names = _first_few(left)
        yield (
            f"The portal has other records of their uploads, but not what was decided on {names}: that "
            "counts as not taken and goes up again. If the portal answered with errors, run  ims-xl errors  "
            "first."
        )
    if ledger.waiting:
        yield (
            f"The portal does not show yet what went up in {', '.join(ledger.waiting)}. If that failed, or "
            "was never uploaded, run  ims-xl confirm BOOK UPLOAD --failed"
        )
    if meeting.later:
        documents = f"{meeting.later:,} document{'s' * (meeting.later != 1)}"
        yield (
            f"The download does not show what was uploaded of {documents}, but was made before you noted "
            "that the upload went through: they count as uploaded. Download once more, refresh, and be sure."
        )
    yield from _of_many_gone(meeting)
    for key, (came, went) in meeting.comparison.others.items():
        yield f"Read-only section {key}: {came:,} new or changed, {went:,} gone or changed online."


def _of_sheets(book: Book, meeting: Meeting, patches: Sequence[SheetPatch]) -> Iterator[str]:
    filtered = {sheet.title for sheet in book.sheets if sheet.filtered}
    for patch in patches:
        if patch.title in filtered and (patch.rows or patch.cells):
            yield (
                f"The filter in {patch.title} was left on: it may hide changed rows, and looks at new ones "
                "only when it is applied again."
            )
    for section in without_sheet(book, meeting.added):
        yield f"The sheet of {section.sheet} was deleted, so its new documents have no rows."


def _of_rows(reading: Reading, meeting: Meeting) -> Iterator[str]:
    if meeting.lost:
        yield f"Changed, acted on or withdrawn, but their rows had been deleted: {_first_few(meeting.lost)}."
    if reading.misplaced:
        count = len(reading.misplaced)
        rows = "1 row that shows" if count == 1 else f"{count:,} rows that show"
        were = "was" if count == 1 else "were"
        yield f"{rows} another document than its hidden key names (R24) {were} left alone."


def _first_few(records: Sequence[Record]) -> str:
    names = ", ".join(record.label for record in records[:_NAMED])
    return f"{names} and {len(records) - _NAMED:,} more" if len(records) > _NAMED else names


def _of_many_gone(meeting: Meeting) -> Iterator[str]:
    """Warn where a part of the download seems to be missing: most documents, or whole sections."""
    gone = len(meeting.comparison.withdrawn)
    before = gone + meeting.comparison.unchanged + len(meeting.met)
    if gone > 1 and 2 * gone > before:
        what = f"{gone:,} of {before:,} documents are no longer there."
    elif meeting.emptied:
        what = f"All documents of {', '.join(section.sheet for section in meeting.emptied)} are gone."
    else:
        return
    yield (
        f"{what} If the download came in several files, refresh once more with all of them: the rows come "
        "back with their decisions."
    )
