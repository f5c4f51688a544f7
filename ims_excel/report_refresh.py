"""What a person reads of a refresh."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.gst.amounts import format_rupees
from ims_excel.pipelines.refresh import UNCHANGED
from ims_excel.pipelines.whats_changed import KINDS, WORDS
from ims_excel.portal.differences import FIELD_WORDS
from ims_excel.report_uploads import plural, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ims_excel.pipelines.refresh import RefreshResult
    from ims_excel.pipelines.whats_changed import RefreshRow

SHOWN_OF_A_KIND = 10
"""Documents of one kind that are listed; the sheet "What changed" has them all."""


def refresh_report(result: RefreshResult) -> str:
    """Say what a newer download brought, the most pressing first, and what to do about it."""
    words = {kind: f"{word[0].lower()}{word[1:]}" for kind, word in WORDS.items()}
    found = [f"{result.counts[kind]:,} {words[kind]}" for kind in KINDS]
    said = [text for text, kind in zip(found, KINDS, strict=True) if result.counts[kind]]
    lines = [
        f"{result.book}  {result.recipient}",
        f"  {', '.join(result.old)} → {', '.join(result.new)}",
        "  " + " · ".join([*said, f"{result.counts[UNCHANGED]:,} unchanged"]),
    ]
    for kind in KINDS:
        rows = [row for row in result.rows if row.what == kind]
        if rows:
            lines += ["", f"{len(rows):,} {words[kind]}", *_listed(rows)]
    lines += ["", *(f"Note: {notice}" for notice in result.notices)] if result.notices else []
    return "\n".join([*lines, "", *_next(result)])


def _listed(rows: Sequence[RefreshRow]) -> Iterator[str]:
    for row in rows[:SHOWN_OF_A_KIND]:
        supplier = row.supplier_name or row.supplier_gstin
        value = f"  {format_rupees(row.value)}" if row.value is not None else ""
        status = f"  {row.status}" if row.status else ""
        yield f"  {row.cell or row.section:<14} {row.number} of {row.date}, {supplier}{value}{status}"
        if row.amends:
            yield f"{'':17}amends {row.amends}"
        if row.again:
            yield f"{'':17}reported again, was {row.again}"
        if row.is_conflict or not row.changes:
            yield from (f"{'':17}{line}" for line in row.note.splitlines())
            continue
        for change in row.changes:
            yield (f"{'':17}{FIELD_WORDS[change.field]}: {change.old or 'blank'} → {change.new or 'blank'}")
    if len(rows) > SHOWN_OF_A_KIND:
        more = len(rows) - SHOWN_OF_A_KIND
        yield f'  … and {more:,} more: see the sheet "What changed".'


def _next(result: RefreshResult) -> Iterator[str]:
    if result.written is None:
        yield "The workbook was left as it is."
        return
    if result.has_news:
        yield f'Refreshed: {result.written}  (see its sheet "What changed")'
    else:
        yield f"Copied as it was: {result.written}"
    if result.asked:
        yield (
            f"{result.asked:,} {plural(result.asked, 'decision')} asked for again: harvest writes no upload "
            "until somebody presses"
        )
        yield 'Delete in the cell "Changed since the last download" of the row, or types OK there.'
        yield "(With --skip-invalid it writes one without these rows.)"
    yield f"Next: decide on what is new, save, then run  ims-xl harvest {quoted(result.written)}"
