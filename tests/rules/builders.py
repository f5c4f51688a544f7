"""Small records and decisions, so that each test shows only what it is about."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal

from ims_excel.decisions import NOTHING_DECLARED, Decision, Entered, Reading
from ims_excel.findings import Place
from ims_excel.gst.codes import Action
from ims_excel.options import PortalOptions
from ims_excel.portal.record import Document, Record
from ims_excel.portal.sections import B2B, B2BCN
from ims_excel.rules import Context, check

A, R, P, N = Action.ACCEPTED, Action.REJECTED, Action.PENDING, Action.NO_ACTION
RECIPIENT = "27ZZZCK4501A1ZH"
MAHARASHTRA = "27ZZZCS1101B1ZH"
GUJARAT = "24ZZZFD2202C1ZQ"
WITH_FLAG = b'{"itcRedReqBlocked": "N"}'


def money(text):
    return None if text is None else Decimal(text)


def declared(*amounts):
    return tuple(money(amount) for amount in amounts)


def record(section=B2B, *, raw=WITH_FLAG, occurrence=1, **facts):
    """An intra-State document of ₹1,00,000 with ₹9,000 + ₹9,000; amendments get an original."""
    document = {
        "supplier_gstin": MAHARASHTRA, "supplier_name": "Sahyadri Alloys", "number": "SA/417",
        "date": "12-03-2026", "document_type": None if section.is_eco else "R", "value": "118000",
        "taxable_value": "100000", "igst": "0", "cgst": "9000", "sgst": "9000", "cess": "0",
        "place_of_supply": "27", "source_form": "R1", "return_period": "032026", "filing_status": "Filed",
    }  # fmt: skip
    if section.is_amendment:
        document |= {"original_number": "SA/388", "original_date": "21-02-2026"}
    document |= facts
    for field in ("value", "taxable_value", "igst", "cgst", "sgst", "cess"):
        document[field] = money(document[field])
    return Record(section, Document(**document), raw, section.key, occurrence)


def inter_state(section=B2B, **facts):
    """A document of ₹25,000 from Gujarat with ₹4,500 IGST."""
    return record(
        section,
        **{
            "supplier_gstin": GUJARAT, "value": "29500", "taxable_value": "25000", "igst": "4500",
            "cgst": "0", "sgst": "0", **facts,
        },
    )  # fmt: skip


def entered(status=N, remarks="", itc=None, amounts=NOTHING_DECLARED, **cells):
    """Input cells; `status_cell="#N/A"` is a cell whose text cannot be used."""
    unreadable = tuple((name.removesuffix("_cell"), text) for name, text in cells.items())
    return Entered(status, remarks, itc, declared(*amounts), unreadable)


def decision(
    status=N, remarks="", itc=None, amounts=NOTHING_DECLARED, *, of=None, before=None, row=6, sent=None,
    refused=None, **cells
):  # fmt: skip
    """Someone's decision on a record the portal had at No Action, unless `before` says otherwise."""
    its_record = of or record()
    now = entered(status, remarks, itc, amounts, **cells)
    place = Place(its_record.section.sheet, row)
    return Decision(its_record, place, now, before or entered(), sent, refused)


def credit_note(status=A, remarks="", itc=None, amounts=NOTHING_DECLARED, **more):
    """A decision on an intra-State credit note with ₹9,000 + ₹9,000."""
    more.setdefault("of", record(B2BCN))
    return decision(status, remarks, itc, amounts, **more)


def reading(*decisions, **more):
    return Reading(tuple(decisions), **more)


def context(*, strict=False, recipient=RECIPIENT, book=None, downloaded="02-04-2026", **options):
    day = datetime.strptime(downloaded, "%d-%m-%Y").replace(tzinfo=timezone.utc)
    return Context(PortalOptions(**options), recipient, date(2026, 4, 3), day, strict, book)


def found(*decisions, rule=None, strict=False, **options):
    """The findings on some decisions; of one rule where it is named."""
    findings = check(reading(*decisions), context(strict=strict, **options))
    return [finding for finding in findings if rule in (None, finding.rule)]


def rules_of(findings):
    return {finding.rule for finding in findings}
