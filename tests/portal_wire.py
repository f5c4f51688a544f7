"""What the simulated portal holds and refuses: wire records, answers, the form of uploads, the rules.

Written from the domain file alone (sections 1–3, 5), in the portal's own JSON, without ims_excel, so that a
misreading there is not repeated here. Contested points are settled as its section 7 rules, strictly.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

Wire = dict[str, Any]

TAXES = ("iamt", "camt", "samt", "cess")
AMOUNTS = ("val", "txval", *TAXES)
DECLARED = ("declIgst", "declCgst", "declSgst", "declCess")
ANSWER = ("action", "itcRedReq", *DECLARED, "remarks")
LONGEST_REMARK = 250

MODIFIED = "Supplier has modified or deleted this record after it was downloaded."
UNKNOWN = "No such record is available in IMS."
RETURN_FILED = "Action on this record is not allowed as GSTR-3B for the period has been filed."
TWICE = "The record is reported twice in the file."
NO_PENDING = "Pending action is not allowed for this record."
NO_REMARKS = "Remarks are not allowed for this record."
NO_ITC = "Reduction of ITC can not be declared for this record."
ITC_MISSING = "Enter a value for the column itcRedReq"
ITC_MISSING_CODE = "IMSSAV0054"


@dataclass(frozen=True)
class Shape:
    """What the records of a section look like, and where their amendments go."""

    amended: str
    note: bool = False
    amendment: bool = False
    itc: bool = False
    eco: bool = False

    @property
    def number(self) -> str:
        return "nt_num" if self.note else "inum"

    @property
    def date(self) -> str:
        return "nt_dt" if self.note else "idt"

    @property
    def originals(self) -> tuple[str, ...]:
        if not self.amendment:
            return ()
        return ("ont_num", "ont_dt") if self.note else ("oinum", "oidt")

    @property
    def texts(self) -> tuple[str, ...]:
        kind = () if self.eco else ("inv_typ",)
        return ("stin", *self.originals, self.number, *kind, self.date, "pos", "srcform", "rtnprd")

    @property
    def required(self) -> set[str]:
        return {*self.texts, *AMOUNTS, "action"}

    @property
    def allowed(self) -> set[str]:
        return self.required | {"remarks"} | ({"itcRedReq", *DECLARED} if self.itc else set())


SHAPES = {
    "b2b": Shape("b2ba"),
    "b2ba": Shape("b2ba", amendment=True, itc=True),
    "b2bdn": Shape("b2bdna", note=True),
    "b2bdna": Shape("b2bdna", note=True, amendment=True, itc=True),
    "b2bcn": Shape("b2bcna", note=True, itc=True),
    "b2bcna": Shape("b2bcna", note=True, amendment=True, itc=True),
    "ecom": Shape("ecoma", eco=True),
    "ecoma": Shape("ecoma", amendment=True, itc=True, eco=True),
}


class Answer(NamedTuple):
    """What the recipient has answered: action letter, remarks, and Y or N with the amounts of a partial Y."""

    action: str = "N"
    remarks: str = ""
    reduce: str | None = None
    declared: tuple[Decimal, ...] | None = None


@dataclass
class Held:
    """A document on the portal: its facts in wire form, the recipient's answer, what happened to it."""

    section: str
    record: Wire
    answer: Answer = field(default_factory=Answer)
    history: list[str] = field(default_factory=list)


class Refusal(Exception):  # noqa: N818  the portal refuses; nothing broke
    """An action that the portal does not take."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class SchemaError(Exception):
    """An upload that is not formed as it must be."""


def identity_of(section: str, record: Wire) -> str:
    """Join what identifies a record (domain file 5.2)."""
    shape = SHAPES[section]
    number = record[shape.number].strip().casefold()
    return "|".join(
        (section, record["stin"], number, record[shape.date], record["rtnprd"], record["srcform"])
    )


def wire(held: Held) -> Wire:
    """Write a document as the download has it."""
    answer, record = held.answer, {**held.record, "action": held.answer.action}
    if answer.remarks:
        record["remarks"] = answer.remarks
    if answer.reduce:
        record["itcRedReq"] = answer.reduce
    for key, amount in zip(DECLARED, answer.declared or (), strict=False):
        record[key] = int(amount) if amount == int(amount) else float(amount)
    return record


def answer_of(record: Wire) -> Answer:
    """Read the answer that a record carries."""
    given = [record.get(key) for key in DECLARED]
    if given.count(None) not in (0, len(given)):
        raise Refusal("Enter all four amounts declared for ITC reduction, or none.")
    declared = None if None in given else tuple(money(amount) for amount in given)
    return Answer(
        record.get("action", "N"), record.get("remarks") or "", record.get("itcRedReq") or None, declared
    )


def effective(record: Wire, answer: Answer) -> Answer:
    """Settle an answer: amounts that are the whole tax mean a full reduction (7.8)."""
    full = answer.declared == tuple(money(record[tax]) for tax in TAXES)
    return answer._replace(declared=None) if full else answer


def check_answer(section: str, record: Wire, answer: Answer) -> None:
    """Refuse an answer that the record does not allow (domain file 2.6, 2.7, R2, R30–R33, R40–R49)."""
    if answer.action == "P" and record.get("ispendactblocked") == "Y":
        raise Refusal(NO_PENDING)
    check_itc(section, record, answer)
    if not answer.remarks:
        return
    partly = answer.action == "A" and (answer.reduce == "N" or effective(record, answer).declared)
    if record.get("isRemarksBlocked") == "Y" or not (answer.action in ("R", "P") or partly):
        raise Refusal(NO_REMARKS)
    if len(answer.remarks) > LONGEST_REMARK:
        raise Refusal(f"Remarks can have at most {LONGEST_REMARK} characters.")


def check_itc(section: str, record: Wire, answer: Answer) -> None:
    """Refuse an ITC answer that is missing, out of place, or more than the tax."""
    blocked = record.get("itcRedReqBlocked") == "Y"
    if answer.reduce is None and answer.declared is None:
        asked = section != "ecoma" or "itcRedReqBlocked" in record
        if answer.action == "A" and SHAPES[section].itc and asked and not blocked:
            raise Refusal(ITC_MISSING, ITC_MISSING_CODE)
        return
    if answer.action != "A" or not SHAPES[section].itc or blocked:
        raise Refusal(NO_ITC)
    if answer.declared is None:
        return
    if answer.reduce != "Y" or not any(answer.declared):
        raise Refusal("Amounts can be declared only when ITC is to be reduced.")
    if any(amount > money(record[tax]) for amount, tax in zip(answer.declared, TAXES, strict=True)):
        raise Refusal("The amount declared is more than the tax of the record.")
    if answer.declared[1] != answer.declared[2]:
        raise Refusal("Central tax and State/UT tax declared must be equal.")


def may_reduce(section: str, record: Wire, original: Held, *, accepted: bool) -> bool:
    """Tell whether an amendment's ITC reduction may be declared (FAQ25, after R51 in the domain file)."""
    taxes, before = (sum(money(facts[tax]) for tax in TAXES) for facts in (record, original.record))
    downward = taxes < before
    if section == "b2bcna":
        return not (downward and accepted and original.answer.reduce == "Y")
    return downward and accepted


def check_record(place: str, shape: Shape, record: object) -> None:
    """Refuse a record that is not formed as the upload's schema wants it (domain file 2.4, 2.8)."""
    must(isinstance(record, dict), f"{place} must be an object")
    must(record.keys() >= shape.required, f"{place} lacks {sorted(shape.required - record.keys())}")
    must(record.keys() <= shape.allowed, f"{place} has {sorted(record.keys() - shape.allowed)}")
    for key in shape.texts:
        must(isinstance(record[key], str) and record[key], f"{place}.{key} must be text")
    for key in {*AMOUNTS, *DECLARED} & record.keys():
        must(is_amount(record[key]), f"{place}.{key} must be an amount")
    for key in (shape.date, *shape.originals[1:]):
        must(re.fullmatch(r"\d\d-\d\d-\d{4}", record[key]), f"{place}.{key} must be a date")
    must(re.fullmatch(r"\d\d", record["pos"]), f"{place}.pos must be a code")
    must(record["action"] in ("N", "A", "R", "P"), f"{place}.action")
    must(record.get("itcRedReq", "Y") in ("Y", "N"), f"{place}.itcRedReq")
    remarks = record.get("remarks", "-")
    must(isinstance(remarks, str) and remarks.strip(), f"{place}.remarks must be text, or be left out")


def is_amount(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    amount = Decimal(str(value))
    return amount.is_finite() and amount >= 0 and amount == round(amount, 2)


def strict_json(data: bytes) -> Any:
    """Read an upload's bytes: UTF-8 without a mark, no key twice, plain numbers of at most two decimals."""

    def once(pairs: list[tuple[str, Any]]) -> Wire:
        must(len(dict(pairs)) == len(pairs), f"a key stands twice among {[key for key, _ in pairs]}")
        return dict(pairs)

    def plain(text: str) -> float:
        must(re.fullmatch(r"\d+\.\d{1,2}", text) and not float(text).is_integer(), f"number {text}")
        return float(text)

    def no_constant(text: str) -> None:
        raise SchemaError(text)

    try:
        return json.loads(
            data.decode("utf-8"), object_pairs_hook=once, parse_float=plain, parse_constant=no_constant
        )
    except ValueError as problem:
        raise SchemaError(f"invalid JSON: {problem}") from problem


def must(holds: object, complaint: str) -> None:
    if not holds:
        raise SchemaError(f"Invalid file: {complaint}")


def is_filed(record: Wire) -> bool:
    return record.get("srcfilstatus", "Filed") == "Filed"


def money(value: object) -> Decimal:
    return Decimal(str(value))


def months(period: str) -> tuple[str, str]:
    """Give MMYYYY as year and month, so that periods can be ordered."""
    return period[2:], period[:2]
