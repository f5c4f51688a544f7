"""Decoding: a record's bytes become a ``Document`` (domain file 1.5).

Nearly every record takes the fast path: a strict msgspec struct with exactly the canonical keys, and a
count of quotes that proves that no key stands twice and that every amount is a plain JSON number. Any other
record takes the tolerant path, which knows the aliases and spellings of the register (7.1–7.14).
"""

from __future__ import annotations

import re
from collections.abc import Callable  # noqa: TC003  the table of readers is typed at run time
from decimal import Decimal
from enum import Enum
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from ims_excel.exceptions import ImsError
from ims_excel.gst.codes import Action
from ims_excel.portal.document import Document, Outline, identity_key, join_identity
from ims_excel.portal.jsontext import JsonError, Number, load_flat, load_unique, shown
from ims_excel.portal.wire import Field, Kind, by_folded_key, by_wire_name, fields_of, fold_field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ims_excel.portal.sections import Section

    RawRecord = bytes | msgspec.Raw

_Struct = TypeVar("_Struct", Document, Outline)

REQUIRED = frozenset({"supplier_gstin", "number", "date"})
WIDEST = 40
"""Orders of magnitude an amount may have; beyond it is not money and would only fill the memory."""

_AMOUNT = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_GSTIN_LENGTH = 15
_PERIOD_DIGITS = 6
_YES = frozenset({"y", "yes", "true", "1"})
_NO = frozenset({"n", "no", "false", "0"})


class RecordError(ImsError):
    """A record that cannot be used.

    Attributes:
        key: the wire key at fault, or "" for the record as a whole.
        what: the complaint, a sentence.
    """

    def __init__(self, key: str, what: str) -> None:
        self.key = key
        self.what = what
        super().__init__(f"{key}: {what}" if key else what)

    def __reduce__(self) -> tuple[object, ...]:
        return (RecordError, (self.key, self.what))


@cache
def decoder(section: Section) -> Callable[[RawRecord], Document]:
    """Make the function that decodes a section's records.

    The function raises RecordError for a record that is no object, lacks what identifies a document, has a
    key twice, or an action that does not exist. An amount that is no number goes to ``unreadable``.
    """
    is_regular = checker(section)

    def decode(raw: RawRecord) -> Document:
        document = is_regular(raw)
        return tolerant(section, bytes(raw)) if document is None else _settle(document)

    return decode


@cache
def checker(section: Section) -> Callable[[RawRecord], Document | None]:
    """Make the function that reads a section's canonical records, and gives None for any other.

    Its documents are not finished: they are good for what identifies them, and for a check of the rest.
    """
    strict = msgspec.json.Decoder(strict_document(section)).decode
    as_tuple = msgspec.structs.astuple
    amounts, others = _places(section)
    amounts_of, others_of = itemgetter(*amounts), itemgetter(*others)

    def decode(raw: RawRecord) -> Document | None:
        data = bytes(raw)
        try:
            document: Document = strict(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        values = as_tuple(document)
        rest = others_of(values)
        quotes = 4 * (len(rest) - rest.count(None))
        for amount in amounts_of(values):
            if amount is not None:
                quotes += 2
                if not -WIDEST <= amount.adjusted() <= WIDEST:
                    return None
        # Each key and each text has two quotes. More of them mean a key twice, a null, an amount in quotes,
        # or a harmless quote in a name: the tolerant path finds out which.
        return document if data.count(b'"') == quotes else None

    return decode


@cache
def decoder_again(section: Section) -> Callable[[RawRecord], Document]:
    """Make the function that decodes records which ``checker`` has found canonical."""
    strict = msgspec.json.Decoder(strict_document(section)).decode
    return lambda raw: _settle(strict(raw))


@cache
def outliner(section: Section) -> Callable[[RawRecord], Outline]:
    """Make the function that reads no more than the outline of records which ``checker`` found canonical."""
    outline = msgspec.json.Decoder(_strict(section, Outline)).decode
    return lambda raw: _settle_outline(outline(raw))


@cache
def identifier(section: Section) -> Callable[[RawRecord], str]:
    """Make the function that reads what identifies a section's records, and as a rule nothing else of them.

    It raises RecordError as the decoder does, and less often: only the identity is looked at.
    """
    identify = msgspec.json.Decoder(_identity_struct(section)).decode
    as_tuple = msgspec.structs.astuple
    decode = decoder(section)

    def identity(raw: RawRecord) -> str:
        try:
            parts = as_tuple(identify(raw))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return identity_key(section, decode(raw))
        # A part that is missing may stand there under another name.
        return identity_key(section, decode(raw)) if None in parts else join_identity(section, parts)

    return identity


_IDENTITY = ("supplier_gstin", "number", "date", "return_period", "source_form")


@cache
def _identity_struct(section: Section) -> type[Any]:
    wires = {field.name: field.wire for field in fields_of(section)}
    fields: list[Any] = [(name, str | None, None) for name in _IDENTITY]
    return msgspec.defstruct(
        "Identity", fields, rename={name: wires[name] for name in _IDENTITY}, gc=False, module=__name__
    )


def tolerant(section: Section, data: bytes) -> Document:
    """Decode a record that is not written in the canonical way.

    Raises:
        RecordError: it cannot be used.
    """
    known, _ = wire_view(section, data)
    facts: dict[str, Any] = {}
    unreadable: dict[str, str] = {}
    fields = by_wire_name(section)
    for wire, value in known.items():
        field = fields[wire]
        if value is None:
            continue
        try:
            facts[field.name] = _READERS[field.kind](value)
        except ValueError:
            unreadable[field.name] = shown(value)
    if "action" in unreadable or not facts.keys() >= REQUIRED:
        raise _problem(section, facts, unreadable)
    return _settle(strict_document(section)(**facts, unreadable=unreadable or None))


def wire_view(section: Section, data: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read a record's keys: the known ones under their canonical wire names, and the unknown as they came.

    The canonical name wins where an alias says something too (7.3). Numbers are ``Number``; an inverted flag
    (7.12) is turned into the letter of its canonical name.

    Raises:
        RecordError: no object, or a key twice.
    """
    record, canonical = load_flat(data), by_wire_name(section)
    if record is None:
        record = _load(data)
    if record.keys() <= canonical.keys():
        return record, {}
    spellings = by_folded_key(section)
    known: dict[str, Any] = {}
    aliased: list[tuple[Field, str, Any]] = []
    unknown: dict[str, Any] = {}
    for key, value in record.items():
        if key in canonical:
            known[key] = value
        elif field := spellings.get(fold_field(key)):
            aliased.append((field, key, value))
        else:
            unknown[key] = value
    for field, key, value in aliased:
        if known.get(field.wire) is None:
            known[field.wire] = _inverted(value) if fold_field(key) == field.inverted else value
    return known, unknown


def _load(data: bytes) -> dict[str, Any]:
    try:
        record = load_unique(data)
    except JsonError as problem:
        raise RecordError("", str(problem)) from problem
    if not isinstance(record, dict):
        raise RecordError("", f"a record must be an object of keys and values, and this is {shown(record)}.")
    return record


class Flag(Enum):
    """A flag as the offline file writes it (7.10)."""

    YES = "Y"
    NO = "N"


# Looked up in their enums they take longer than the rest of _settle.
_FLAG_SET, _NO_ACTION = Flag.YES, Action.NO_ACTION


@cache
def strict_document(section: Section) -> type[Document]:
    """Make the struct of a section's canonical records: a ``Document`` that knows wire names only."""
    return _strict(section, Document)


def _strict(section: Section, base: type[_Struct]) -> type[_Struct]:
    """Make a struct that knows wire names only, and, if it is to be a whole document, no others."""
    wires = {field.name: field for field in fields_of(section)}
    types = {Kind.AMOUNT: Decimal, Kind.FLAG: Flag, Kind.ACTION: Action}
    fields: list[Any] = []
    for name in base.__struct_fields__:
        field = wires.get(name)
        if name in REQUIRED:
            fields.append((name, str))
        elif field is None:
            fields.append((name, None, None))
        else:
            fields.append((name, types.get(field.kind, str) | None, None))
    made: type[Any] = msgspec.defstruct(
        f"{section.key.upper()}{base.__name__}",
        fields,
        bases=(base,),
        rename={name: wires[name].wire if name in wires else f" {name}" for name in base.__struct_fields__},
        forbid_unknown_fields=base is Document,
        kw_only=True,
        gc=False,
        module=__name__,
    )
    return made


def _places(section: Section) -> tuple[list[int], list[int]]:
    """Tell where in a document the amounts stand, and where everything else does."""
    names = {field.name for field in fields_of(section) if field.kind is Kind.AMOUNT}
    amounts = [place for place, name in enumerate(Document.__struct_fields__) if name in names]
    others = [place for place, name in enumerate(Document.__struct_fields__) if name not in names]
    return amounts, others


def _settle(document: Any) -> Document:  # noqa: ANN401  its flags are not booleans yet
    """Turn flags into booleans, a missing action into No Action, and capitalise the GSTIN."""
    document.pending_blocked = document.pending_blocked is _FLAG_SET
    document.remarks_blocked = document.remarks_blocked is _FLAG_SET
    document.itc_blocked = document.itc_blocked is _FLAG_SET
    return _settle_outline(document)  # type: ignore[return-value]


def _settle_outline(document: Any) -> Outline:  # noqa: ANN401  likewise
    if document.itc_reduction is not None:
        document.itc_reduction = document.itc_reduction is _FLAG_SET
    if document.action is None:
        document.action = _NO_ACTION
    gstin = document.supplier_gstin
    if len(gstin) != _GSTIN_LENGTH or not gstin.isupper():
        document.supplier_gstin = gstin.strip().upper()
    return document  # type: ignore[no-any-return]


def _problem(section: Section, facts: Mapping[str, Any], unreadable: Mapping[str, str]) -> RecordError:
    """Say what keeps a record from being used."""
    wires = {field.name: field.wire for field in fields_of(section)}
    if "action" in unreadable:
        return RecordError(wires["action"], f"must be N, A, R or P, and it is {unreadable['action']}.")
    lacking = next(name for name in wires if name in REQUIRED and name not in facts)
    if lacking in unreadable:
        return RecordError(wires[lacking], f"must be text, and it is {unreadable[lacking]}.")
    return RecordError(wires[lacking], "is missing; without it the document has no identity.")


def amount_of(value: object) -> Decimal | None:
    """Read an amount (₹) from a JSON number or its text; None for an empty text.

    Raises:
        ValueError: it is no number, or one that no amount of money can be.
    """
    text = value.strip() if isinstance(value, str) else "?"
    if not text:
        return None
    if not _AMOUNT.fullmatch(text):
        raise ValueError(text)
    amount = Decimal(text)
    if not -WIDEST <= amount.adjusted() <= WIDEST:
        raise ValueError(text)
    return amount


def text_of(value: object) -> str:
    """Read a text; a number is taken as its digits, a boolean as Y or N.

    Raises:
        ValueError: it is a list or an object.
    """
    if isinstance(value, bool):
        return "Y" if value else "N"
    if isinstance(value, str):
        return str(value)
    raise ValueError


def _text_only(value: object) -> str:
    if isinstance(value, str) and not isinstance(value, Number):
        return value
    raise ValueError


def place_of(value: object) -> str:
    """Read a place-of-supply code; the number 7 is the code 07.

    Raises:
        ValueError: it is a list or an object.
    """
    return str(value).zfill(2) if isinstance(value, Number) else text_of(value)


def period_of(value: object) -> str:
    """Read a return period; the number 32026 is 032026, the number 3 is 03 (7.2).

    Raises:
        ValueError: it is a list or an object.
    """
    if not isinstance(value, Number):
        return text_of(value)
    return str(value).zfill(2 if len(value) <= 2 else _PERIOD_DIGITS)  # noqa: PLR2004


def _flag_of(value: object) -> Flag | None:
    text = str(value).strip().casefold()
    if text in _YES:
        return Flag.YES
    if text in _NO:
        return Flag.NO
    if text:
        raise ValueError(text)
    return None


def _action_of(value: object) -> Action | None:
    text = text_of(value).strip().upper()
    return Action(text) if text else None


def _inverted(value: object) -> object:
    """Turn "is Pending allowed" into "is Pending blocked" (7.12); what is neither stays."""
    try:
        flag = _flag_of(value) if value is not None else None
    except ValueError:
        return value
    return {Flag.YES: "N", Flag.NO: "Y", None: None}[flag]


_READERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: text_of,
    Kind.TEXT_ONLY: _text_only,
    Kind.PLACE: place_of,
    Kind.PERIOD: period_of,
    Kind.AMOUNT: amount_of,
    Kind.FLAG: _flag_of,
    Kind.ACTION: _action_of,
}
