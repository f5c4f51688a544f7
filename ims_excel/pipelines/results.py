"""What the verbs return: counts, findings and paths; nothing is printed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ims_excel.findings import Finding, Severity
from ims_excel.gst.amounts import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal
    from pathlib import Path

    from ims_excel.gst.codes import Action
    from ims_excel.portal.record import Record


@dataclass(frozen=True)
class Tally:
    """A number of documents and what they are worth (₹); credit notes lower the sums.

    Attributes:
        documents: how many.
        taxable_value: their taxable value.
        itc: IGST, CGST, SGST and cess together.
    """

    documents: int = 0
    taxable_value: Decimal = ZERO
    itc: Decimal = ZERO


def tally(records: Iterable[Record]) -> Tally:
    """Count documents and add up their taxable value and tax (₹)."""
    documents, taxable, itc = 0, ZERO, ZERO
    for record in records:
        document, sign = record.glimpse, -1 if record.section.reduces_itc else 1
        heads = (document.igst, document.cgst, document.sgst, document.cess)
        documents += 1
        taxable += sign * (document.taxable_value or ZERO)
        itc += sign * sum(filter(None, heads), ZERO)
    return Tally(documents, taxable, itc)


@dataclass(frozen=True)
class BuildResult:
    """What ``build`` made.

    Attributes:
        book: the workbook.
        recipient: whose it is.
        sections: documents by sheet title, in the official order.
        read_only: records of sections that can only be acted on online, by sheet title.
        sources: names of the files it came from.
        notices: what else is to be known.
    """

    book: Path
    recipient: str
    sections: dict[str, int]
    read_only: dict[str, int]
    sources: tuple[str, ...]
    notices: tuple[str, ...] = ()

    @property
    def documents(self) -> int:
        """How many documents wait for a decision."""
        return sum(self.sections.values())


@dataclass(frozen=True)
class ValidateResult:
    """What ``validate`` found.

    Attributes:
        book: the workbook that was read.
        written: the workbook the findings were written into; None when nothing had to be written.
        recipient: whose it is.
        findings: all of them, errors first.
        documents: rows that found their record.
        cleared_filters: titles of the sheets whose filters were cleared.
        restored_cells: portal cells that were put back.
        hidden_rows: rows that people hid; they were read, and stay hidden.
        findings_file: where the findings are, for a workbook of a format that is only read.
    """

    book: Path
    written: Path | None
    recipient: str
    findings: tuple[Finding, ...]
    documents: int
    cleared_filters: tuple[str, ...] = ()
    restored_cells: int = 0
    hidden_rows: int = 0
    findings_file: Path | None = None

    def of(self, severity: Severity) -> tuple[Finding, ...]:
        """The findings of one severity."""
        return tuple(finding for finding in self.findings if finding.severity is severity)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that keep rows out of the upload."""
        return self.of(Severity.ERROR)


@dataclass(frozen=True)
class HarvestResult(ValidateResult):
    """What ``harvest`` did.

    Attributes:
        upload: the upload file, or the first part of it; None when none was written.
        exported: what it holds, by action.
        deemed_accepted: what is still at No Action.
        unchanged: rows with a decision the portal already has.
        left_out: rows that errors kept out.
        uploads: all parts of the upload, in the order they are to go up.
        held_back: rows that the portal refused and nobody corrected (L1).
        waiting: earlier uploads that nobody has reported on or confirmed yet; they count as uploaded.
        notices: what else is to be known.
    """

    upload: Path | None = None
    exported: dict[Action, Tally] = field(default_factory=dict)
    deemed_accepted: Tally = field(default_factory=Tally)
    unchanged: int = 0
    left_out: int = 0
    uploads: tuple[Path, ...] = ()
    held_back: int = 0
    waiting: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def exported_documents(self) -> int:
        """How many records go up."""
        return sum(part.documents for part in self.exported.values())


@dataclass(frozen=True)
class UnmatchedError:
    """A portal error that belongs to no row: what the report says of it."""

    section: str
    supplier_gstin: str
    number: str
    code: str
    message: str
    advice: str


@dataclass(frozen=True)
class MatchedError:
    """A portal error and the cell it was written to."""

    cell: str
    document: str
    code: str
    message: str
    advice: str


@dataclass(frozen=True)
class ErrorsResult:
    """What ``errors`` brought back from the portal.

    Attributes:
        book: the workbook that was read.
        written: the workbook the errors were written into; None when nothing had to be written.
        recipient: whose it is.
        matched: errors that found their row.
        unmatched: errors that did not; listed on the sheet "Unmatched errors".
        notices: what the report says of the upload as a whole.
        cleared: portal errors of an earlier report that were taken away.
        uploads: names of the uploads it is about; none where that cannot be told.
        taken: records of theirs that the portal has from now on.
        refused: records that stay open until they are corrected.
        unsure: records that an unmatched error may be about, and that wait until that is known.
        to_resend: records that go up again as they are, as the whole upload was refused.
    """

    book: Path
    written: Path | None
    recipient: str
    matched: tuple[MatchedError, ...]
    unmatched: tuple[UnmatchedError, ...]
    notices: tuple[str, ...]
    cleared: int
    uploads: tuple[str, ...] = ()
    taken: int = 0
    refused: int = 0
    unsure: int = 0
    to_resend: int = 0
