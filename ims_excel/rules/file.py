"""Rules about the file and its totals (R4, R5, R7, R9–R11, R35, R48, R70)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.findings import Severity
from ims_excel.gst.amounts import format_rupees
from ims_excel.gst.codes import Action
from ims_excel.gst.gstin import has_valid_check_digit, is_gstin
from ims_excel.portal.sections import READ_ONLY_TITLES, fold_key
from ims_excel.rules.outcome import RemarksFate, reduces_in_full, remarks_channel
from ims_excel.rules.registry import Complaint, file_rule
from ims_excel.rules.wording import counted, first_few, listed, place_text, total_tax

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ims_excel.portal.record import Record
    from ims_excel.rules.registry import Context, Survey


@file_rule("R4", Severity.INFO, title="Unchanged rows stay home", source="ADV", confidence="official")
def unchanged_rows_stay_home(survey: Survey, context: Context) -> Iterator[Complaint]:
    """Know that rows without a new decision are not exported; the portal keeps what it has."""
    total = len(survey.reading.decisions)
    unchanged = total - survey.changed
    if not unchanged:
        return
    verb = "is" if unchanged == 1 else "are"
    what = f"{unchanged:,} of {counted(total, 'row')} {verb} unchanged and not exported."
    if survey.edited:
        rows = first_few([place_text(decision.place) for decision in survey.edited])
        edited = counted(len(survey.edited), "row")
        what += f" Among them {edited} edited without a difference to the portal: {rows}."
    yield Complaint(what)


@file_rule("R5", Severity.WARNING, title="Rejections", source="FAQ24", confidence="official")
def rejections_are_meant(survey: Survey, context: Context) -> Iterator[Complaint]:
    """Reject only when sure: the ITC is lost, and for a credit note the supplier's tax goes up again."""
    rejected = [d.record for d in survey.exported if d.entered.status is Action.REJECTED]
    if not rejected:
        return
    plain = [record for record in rejected if not record.section.reduces_itc]
    notes = [record for record in rejected if record.section.reduces_itc]
    parts = []
    if plain:
        parts.append(f"{_with_tax(plain, 'document')} of ITC not taken")
    if notes:
        parts.append(f"{_with_tax(notes, 'credit note')} added back to the suppliers' next GSTR-3B")
    yield Complaint(f"Rejected: {listed(parts)}.", "Reject only when sure.")


def _with_tax(records: Sequence[Record], noun: str) -> str:
    return f"{counted(len(records), noun)} with {format_rupees(total_tax(records))}"


@file_rule(
    "R7", Severity.WARNING, title="What will be deemed accepted", source="FAQ24, IG P1", confidence="official"
)
def silence_is_acceptance(survey: Survey, context: Context) -> Iterator[Complaint]:
    """Know what is still at No Action: it is deemed accepted when GSTR-2B is generated."""
    silent = _left_silent(survey, context)
    if not silent:
        return
    plain = [record for record in silent if not record.section.reduces_itc]
    notes = [record for record in silent if record.section.reduces_itc]
    parts = []
    if plain:
        parts.append(f"{_with_tax(plain, 'document')} of ITC")
    if notes:
        parts.append(f"{_with_tax(notes, 'credit note')} of ITC reduced")
    yield Complaint(
        f"Still at No Action, and so deemed accepted: {listed(parts)}.",
        "Decide on them before GSTR-2B is generated if that is not meant.",
    )


def _left_silent(survey: Survey, context: Context) -> list[Record]:
    """List the records that the portal will find without a decision."""
    withdrawals_are_sent = context.options.undo == "save"
    silent = [
        decision.record
        for decision in survey.reading.decisions
        if decision.entered.status is Action.NO_ACTION
        and (withdrawals_are_sent or decision.before.status is Action.NO_ACTION)
    ]
    silent += [record for record in survey.reading.missing if record.document.action is Action.NO_ACTION]
    return silent


@file_rule("R9", Severity.WARNING, title="Sections to act on elsewhere", source="IG, GA", confidence="ours")
def every_section_is_editable(survey: Survey, context: Context) -> Iterator[Complaint]:
    """Act on imports, ISD documents and unknown sections on the dashboard; here they are only shown."""
    sections = [
        f"{READ_ONLY_TITLES.get(fold_key(name), name)} ({number:,})"
        for name, number in survey.reading.read_only
    ]
    if sections:
        yield Complaint(
            f"Shown read-only, because the offline upload does not take them: {listed(sections)}.",
            "Act on them on the IMS dashboard.",
        )


@file_rule(
    "R10", Severity.ERROR, title="Recipient's GSTIN", source="IG, all", confidence="multiple",
    otherwise="warning where only the check digit is wrong",
)  # fmt: skip
def recipient_is_known(survey: Survey, context: Context) -> Iterator[Complaint]:
    """Name the recipient's GSTIN: the portal takes no upload without it."""
    recipient = context.recipient
    if not recipient:
        yield Complaint(
            "The recipient's GSTIN is not known.", "Pass it with --gstin when building the workbook."
        )
    elif not is_gstin(recipient):
        yield Complaint(
            f"The recipient's GSTIN {recipient} does not have the form of a GSTIN.",
            "Build the workbook again with the right --gstin.",
        )
    elif not has_valid_check_digit(recipient):
        yield Complaint(
            f"The recipient's GSTIN {recipient} does not end in its check digit.",
            "Compare it with the registration certificate.",
            severity=Severity.WARNING,
        )


@file_rule("R11", Severity.ERROR, title="One recipient", source="OURS", confidence="ours")
def recipient_is_the_book_s(survey: Survey, context: Context) -> Iterator[Complaint]:
    """Keep the files of different registrations apart: workbook, download and error file name one GSTIN."""
    recipient, book = context.recipient, context.book_recipient
    if recipient and book and recipient.strip().upper() != book.strip().upper():
        yield Complaint(
            f"The workbook is for {book}, its download for {recipient}.",
            "Build the workbook again from the right download.",
        )


@file_rule(
    "R35", Severity.INFO, title="Remarks help the supplier", source="FAQ25, octagst", confidence="official"
)
def decisions_have_reasons(survey: Survey, context: Context) -> Iterator[Complaint]:
    """Say in Remarks why a document is rejected or pending: it is optional, and the supplier reads it."""
    silent = [
        decision
        for decision in survey.exported
        if decision.entered.status in (Action.REJECTED, Action.PENDING)
        and not decision.entered.remarks
        and remarks_channel(decision, context.options) is RemarksFate.SENT
    ]
    if silent:
        rows = first_few([place_text(decision.place) for decision in silent])
        yield Complaint(
            f"{counted(len(silent), 'row')} rejected or pending without remarks: {rows}.",
            "A reason is optional; it helps the supplier, who can read it.",
        )


@file_rule("R48", Severity.INFO, title="Full reduction of ITC", source="FAQ25, IC", confidence="official")
def full_reductions(survey: Survey, context: Context) -> Iterator[Complaint]:
    """Know that Yes without amounts reduces the ITC by the document's whole tax."""
    full = [decision.record for decision in survey.exported if reduces_in_full(decision)]
    if full:
        yield Complaint(f"ITC is reduced in full for {_with_tax(full, 'document')}.")


@file_rule("R70", Severity.WARNING, title="Age of the download", source="OURS", confidence="ours")
def download_is_fresh(survey: Survey, context: Context) -> Iterator[Complaint]:
    """Work from a fresh download: suppliers add and change documents all the time.

    The limit is three days unless --max-age-days says otherwise.
    """
    if context.downloaded_at is None:
        return
    age = (context.today - context.downloaded_at.date()).days
    if age > context.options.max_age_days:
        yield Complaint(
            f"The download is {counted(age, 'day')} old.",
            "Documents may have come or changed since: download again and run ims-xl refresh.",
        )
