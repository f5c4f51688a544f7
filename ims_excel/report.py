"""What a person reads in the terminal, and the same as JSON for scripts."""

from __future__ import annotations

import json
import re
import textwrap
from collections import defaultdict
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import asdict

from ims_excel.findings import Finding, Severity
from ims_excel.gst.amounts import format_rupees
from ims_excel.gst.codes import Action
from ims_excel.pipelines.rulebook import SOURCES
from ims_excel.report_uploads import left_over, plural, quoted, settled_of, uploads_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ims_excel.pipelines.results import (
        BuildResult,
        ErrorsResult,
        HarvestResult,
        Tally,
        ValidateResult,
    )
    from ims_excel.pipelines.rulebook import RuleEntry

SHOWN_OF_A_KIND = 10
"""Findings of one rule that are listed; the rest are counted and stand in the workbook."""


def build_report(result: BuildResult) -> str:
    """Say what build made: counts by section, and what comes next."""
    counts = " · ".join(f"{title} {count:,}" for title, count in result.sections.items())
    found = f"{result.documents:,} {plural(result.documents, 'document')} of {result.recipient}"
    verb = "waits" if result.documents == 1 else "wait"
    lines = [
        f"{result.book}",
        f"  {found} {verb} for a decision: {counts}"
        if result.documents
        else f"  No documents of {result.recipient} to decide on.",
    ]
    if result.read_only:
        names = ", ".join(f"{title} ({count:,})" for title, count in result.read_only.items())
        lines.append(f"  Read-only: {names}. Act on these on the portal's dashboard.")
    if result.documents:
        book = quoted(result.book)
        lines.append(f"Next: decide in the Status columns, save, then run  ims-xl harvest {book}")
    lines += result.notices
    return "\n".join(lines)


def validate_report(result: ValidateResult) -> str:
    """Say what validate found, errors first."""
    lines = [*_heading(result), *_findings(result.findings)]
    errors = len({finding.place for finding in result.errors})
    lines.append(
        f"{errors:,} {plural(errors, 'row')} with errors; correct them and run validate again."
        if errors
        else "No errors: the workbook is ready for harvest."
    )
    return "\n".join(lines)


def harvest_report(result: HarvestResult) -> str:
    """Say what harvest found and wrote: errors, warnings, sums, and the file to upload."""
    lines = [*_heading(result), *_findings(result.findings), *_sums(result), ""]
    if result.upload is not None:
        lines += uploads_of(result)
        if result.left_out:
            lines.append(f"{result.left_out:,} {plural(result.left_out, 'row')} with errors left out.")
    elif result.errors:
        rest = ", or leave those rows out with --skip-invalid." if result.exported else "."
        lines.append(f"No upload was written: correct the errors above and harvest again{rest}")
    elif result.held_back:
        lines.append("Nothing else to upload, so no file was written.")
    else:
        lines.append(
            "Nothing to upload: every Status, remark and ITC answer is what the portal already has. Only "
            "changed records are uploaded, so no file was written (--allow-empty writes an empty one)."
        )
    return "\n".join([*lines, *left_over(result)])


def errors_report(result: ErrorsResult) -> str:
    """Say which rows the portal's errors belong to."""
    lines = [f"{result.book}  {result.recipient}", *(f"  {notice}" for notice in result.notices)]
    groups = defaultdict(list)
    for error in result.matched:
        groups[error.code, error.message, error.advice].append(f"{error.cell:<16} {error.document}")
    for (code, message, advice), places in groups.items():
        lines += ["", f"{code + ': ' if code else ''}{message}"]
        if advice:
            lines.append(f"  What to do: {advice}")
        lines += _first_of(places, "the workbook's portal error column has them all")
    if result.unmatched:
        count = len(result.unmatched)
        errors = (
            f"{count:,} portal {plural(count, 'error')} that {'matches' if count == 1 else 'match'} no row"
        )
        lines += ["", f'{errors}, listed on the sheet "Unmatched errors":']
        lines += _first_of(
            [
                " ".join(f"{e.section} {e.supplier_gstin} {e.number}: {e.message}".split())
                for e in result.unmatched
            ],
            "the sheet has them all",
        )
    marked = len(result.matched)
    lines += ["", f"{marked:,} {plural(marked, 'portal error')} written to {result.written or result.book}."]
    if result.cleared:
        lines.append(f"{result.cleared:,} of an earlier report cleared.")
    lines += settled_of(result)
    if marked:
        book = quoted(result.written or result.book)
        lines.append(f"Next: correct the highlighted cells, save, and run  ims-xl harvest {book}")
    return "\n".join(lines)


def as_json(result: object) -> str:
    """Put a result in JSON for scripts: the fields of its class, amounts as text with all their paise."""
    return json.dumps(_plain(result), indent=2, ensure_ascii=False)


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, Struct):
        value = asdict(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.label if isinstance(value, Action) else value.value
    if isinstance(value, (Path, Decimal)):
        return str(value)
    if isinstance(value, dict):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    if hasattr(value, "_asdict"):
        return _plain(value._asdict())
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _heading(result: ValidateResult) -> Iterator[str]:
    yield f"{result.book}  {result.recipient}  {result.documents:,} {plural(result.documents, 'document')}"
    if result.cleared_filters:
        yield f"  Filters cleared on {', '.join(result.cleared_filters)}."
    if result.hidden_rows:
        hidden, verb = result.hidden_rows, "is" if result.hidden_rows == 1 else "are"
        yield f"  {hidden:,} {plural(hidden, 'row')} {verb} hidden by hand: read as the others, left hidden."
    if result.restored_cells:
        restored = result.restored_cells
        yield f"  {restored:,} portal {plural(restored, 'cell')} put back to what the portal said."
    if result.findings_file is not None:
        yield f"  A workbook of this format is not written to: the findings are in {result.findings_file}."
        yield "  Save it as .xlsx in Excel or LibreOffice to have them in their cells."
    elif result.written is None:
        yield "  The workbook was left as it is: nothing in it had to change."
    elif result.written != result.book:
        yield f"  Marked copy: {result.written}"


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    for severity, word in ((Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "note")):
        of_kind = [finding for finding in findings if finding.severity is severity]
        if of_kind:
            yield ""
            yield f"{len(of_kind):,} {plural(len(of_kind), word)}"
            yield from _by_rule(of_kind)


def _by_rule(findings: Iterable[Finding]) -> Iterator[str]:
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.rule].append(finding)
    for rule, group in groups.items():
        for finding in group[:SHOWN_OF_A_KIND]:
            where = f"{finding.cell}  " if finding.cell else ""
            document = f"{finding.document}: " if finding.document else ""
            yield f"  {rule:<4} {where}{document}{finding.what}"
            if finding.fix:
                yield f"       {finding.fix}"
        if len(group) > SHOWN_OF_A_KIND:
            rest = len(group) - SHOWN_OF_A_KIND
            yield f'       … and {rest:,} more of {rule}: see "Sheet validation errors" in the workbook.'


def _sums(result: HarvestResult) -> Iterator[str]:
    yield ""
    yield f"{'':34}{'documents':>10}  {'taxable value':>20}  {'tax (ITC)':>18}"
    for action in Action:
        if action in result.exported:
            name = "Back to No Action" if action is Action.NO_ACTION else action.label
            yield _sum_line(f"To upload: {name}", result.exported[action])
    yield _sum_line("No Action, so deemed accepted", result.deemed_accepted)
    yield f"{'As the portal has it':34}{result.unchanged:>10,}"
    if result.held_back:
        yield f"{'Refused and not corrected yet':34}{result.held_back:>10,}"
    if result.left_out:
        yield f"{'Left out because of errors':34}{result.left_out:>10,}"


def _sum_line(name: str, part: Tally) -> str:
    taxable, itc = format_rupees(part.taxable_value), format_rupees(part.itc)
    return f"{name:34}{part.documents:>10,}  {taxable:>20}  {itc:>18}"


def _first_of(lines: Sequence[str], rest: str) -> Iterator[str]:
    yield from (f"  {line}" for line in lines[:SHOWN_OF_A_KIND])
    if len(lines) > SHOWN_OF_A_KIND:
        yield f"  … and {len(lines) - SHOWN_OF_A_KIND:,} more; {rest}."


def rules_report(entries: Sequence[RuleEntry]) -> str:
    """List rules for reading: id, severity and title, then what the rule says and where it comes from."""
    lines = []
    for entry in entries:
        lines.append(f"{entry.id:<5} {entry.severity:<8} {entry.title}")
        lines += textwrap.wrap(entry.text, 96, initial_indent=" " * 15, subsequent_indent=" " * 15)
        lines.append(f"{'':15}Source: {entry.source} ({entry.confidence})")
    said = " ".join(entry.source for entry in entries)
    used = {code: words for code, words in SOURCES.items() if re.search(rf"\b{code}\b", said)}
    return "\n".join([*lines, "", "Sources", *(f"  {code:<6} {words}" for code, words in used.items())])
