"""What a rule is: its entry in the register, and the function that looks for what it forbids.

A rule is a function under one of three decorators, which turn it into an entry that carries the function:

    @row_rule      one decision at a time, at the stage that concerns it
    @sheet_rule    the whole reading, complaints about single rows (duplicates, moved rows, sequence)
    @file_rule     the survey of everything, complaints about the file and its totals

The function's docstring is what ``ims-xl rules`` prints, so it speaks to accountants.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from ims_excel.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date, datetime

    from ims_excel.decisions import Decision, Reading
    from ims_excel.findings import Place
    from ims_excel.options import PortalOptions


@dataclass(frozen=True, slots=True)
class Context:
    """What rules need to know beside the rows.

    Attributes:
        options: how the contested points are settled.
        recipient: the GSTIN the upload is for, as the download has it; None when nobody said.
        today: the day of the check.
        downloaded_at: when the download was made; None when unknown.
        strict: turn R34 and R43 into errors.
        book_recipient: the GSTIN the workbook itself names; None when it names none (R11).
    """

    options: PortalOptions
    recipient: str | None
    today: date
    downloaded_at: datetime | None = None
    strict: bool = False
    book_recipient: str | None = None


class Complaint(NamedTuple):
    """What a rule has to say: a finding before the rule's name is put to it.

    Attributes:
        what: what is wrong, a sentence.
        fix: what to do, a sentence; "" when there is nothing to do.
        fields: machine names of the columns at fault, the first being the one to look at.
        severity: where it is not the rule's usual one.
        place: the row, where the rule is not asked about one row.
        document: the document's label, likewise.
    """

    what: str
    fix: str = ""
    fields: tuple[str, ...] = ()
    severity: Severity | None = None
    place: Place | None = None
    document: str = ""


class Stage(Enum):
    """Which touched rows a row rule is asked about."""

    TOUCHED = "every touched row"
    REMARKS = "touched rows with a remark"
    REMARKS_SENT = "of these, those whose remark goes to the portal"
    REMARKS_UNSENT = "of these, those whose remark does not"
    ITC = "touched rows with ITC cells filled, or Accepted where the ITC answer belongs"
    ITC_UNSENT = "of these, those whose ITC cells cannot be sent as they are, or are not sent"
    CHANGED = "rows whose decision goes to the portal"


@dataclass(frozen=True)
class Rule:
    """An entry of the register (domain file section 5).

    Attributes:
        id: its id, "R2" or "R10a".
        severity: what it usually does to the row.
        title: what it is about, a few words.
        source: who says so, in the codes of the domain file's section 0.
        confidence: how sure that is.
        says: what it asks for and why, in plain words.
        otherwise: when it weighs differently; "" when never.
    """

    id: str
    severity: Severity
    title: str
    source: str
    confidence: str
    says: str
    otherwise: str = ""

    @property
    def text(self) -> str:
        """What it asks for, and when it weighs differently."""
        return (
            f"{self.says} ({self.otherwise[0].upper()}{self.otherwise[1:]}.)" if self.otherwise else self.says
        )

    @property
    def order(self) -> tuple[bool, int, str]:
        """Its place in the register: R10, R10a, R11, then our own: L1."""
        digits = self.id[1:].rstrip("abcdefghijklmnopqrstuvwxyz")
        return not self.id.startswith("R"), int(digits), self.id

    def finding(self, complaint: Complaint) -> Finding:
        """Put the rule's name to a complaint."""
        what, fix, fields, severity, place, document = complaint
        return Finding(self.id, severity or self.severity, what, fix, place, fields, document)

    def finding_at(self, decision: Decision, complaint: Complaint) -> Finding:
        """Put the rule's name and a decision's row to a complaint."""
        what, fix, fields, severity, _, _ = complaint
        label = decision.record.label
        return Finding(self.id, severity or self.severity, what, fix, decision.place, fields, label)


@dataclass(frozen=True, kw_only=True)
class RowRule(Rule):
    """A rule about one decision."""

    stage: Stage
    check: Callable[[Decision, Context], Complaint | None]


@dataclass(frozen=True, kw_only=True)
class SheetRule(Rule):
    """A rule about rows beside each other."""

    check: Callable[[Reading, Context], Iterable[Complaint]]


@dataclass(frozen=True, slots=True)
class Survey:
    """What the row rules left, for rules about the whole file.

    Attributes:
        reading: everything that was read.
        changed: how many decisions differ from the portal's.
        edited: touched decisions that make no difference to what the portal has.
        exported: those that differ and have no error.
    """

    reading: Reading
    changed: int
    edited: tuple[Decision, ...]
    exported: tuple[Decision, ...]


@dataclass(frozen=True, kw_only=True)
class FileRule(Rule):
    """A rule about the file or its totals."""

    check: Callable[[Survey, Context], Iterable[Complaint]]


def row_rule(
    rule_id: str, severity: Severity, *, title: str, source: str, confidence: str,
    stage: Stage = Stage.TOUCHED, otherwise: str = "",
) -> Callable[[Callable[[Decision, Context], Complaint | None]], RowRule]:  # fmt: skip
    """Make a rule of a function that looks at one decision."""
    return lambda check: RowRule(
        rule_id, severity, title, source, confidence, _docstring(check), otherwise, stage=stage, check=check
    )


def sheet_rule(
    rule_id: str, severity: Severity, *, title: str, source: str, confidence: str, otherwise: str = ""
) -> Callable[[Callable[[Reading, Context], Iterable[Complaint]]], SheetRule]:
    """Make a rule of a function that looks at rows beside each other."""
    return lambda check: SheetRule(
        rule_id, severity, title, source, confidence, _docstring(check), otherwise, check=check
    )


def file_rule(
    rule_id: str, severity: Severity, *, title: str, source: str, confidence: str, otherwise: str = ""
) -> Callable[[Callable[[Survey, Context], Iterable[Complaint]]], FileRule]:
    """Make a rule of a function that looks at the whole file."""
    return lambda check: FileRule(
        rule_id, severity, title, source, confidence, _docstring(check), otherwise, check=check
    )


def _docstring(function: Callable[..., object]) -> str:
    return " ".join((inspect.getdoc(function) or "").split())
