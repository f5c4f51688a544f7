from __future__ import annotations

import json
import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from portal_helpers import INVOICE, NOTE, invoice, note, raw

from ims_excel.gst.codes import Action
from ims_excel.portal import decoding
from ims_excel.portal.decoding import RecordError, decoder, tolerant, wire_view
from ims_excel.portal.sections import B2B, B2BA, B2BCN, B2BCNA, ECOMA, SECTIONS, Section


def decode(record: object, section: Section = B2B):
    return decoder(section)(raw(record))


def test_an_invoice():
    document = decode(INVOICE)
    assert document.supplier_gstin == "27ZZZCS1101B1ZH"
    assert document.supplier_name == "Sahyadri Alloys"
    assert (document.number, document.date, document.document_type) == ("SA/417", "12-03-2026", "R")
    assert (document.value, document.taxable_value) == (Decimal(118000), Decimal(100000))
    assert (document.igst, document.cgst, document.sgst, document.cess) == (0, 9000, 9000, 0)
    assert document.action is Action.NO_ACTION
    assert (document.place_of_supply, document.source_form, document.return_period) == ("27", "R1", "032026")
    assert document.filing_status == "Filed"
    assert (document.pending_blocked, document.remarks_blocked, document.itc_blocked) == (False, False, False)
    assert (document.remarks, document.itc_reduction, document.unreadable) == (None, None, None)


def test_an_amended_note_with_everything():
    document = decode(
        note(
            ont_num="CN/9", ont_dt="01-02-2026", action="P", remarks="as agreed", itcRedReq="N",
            declIgst=1.5, declCgst=0, declSgst=0, declCess=2, ispendactblocked="Y", isRemarksBlocked="Y",
            itcRedReqBlocked="Y", ItcAvailabilityCheck="T", hash="ab",
        ),
        B2BCNA,
    )  # fmt: skip
    assert (document.number, document.date) == ("CN/12", "28-03-2026")
    assert (document.original_number, document.original_date) == ("CN/9", "01-02-2026")
    assert (document.action, document.remarks, document.itc_reduction) == (Action.PENDING, "as agreed", False)
    assert (document.declared_igst, document.declared_cgst) == (Decimal("1.5"), 0)
    assert (document.declared_sgst, document.declared_cess) == (0, 2)
    assert (document.pending_blocked, document.remarks_blocked, document.itc_blocked) == (True, True, True)
    assert (document.itc_availability, document.portal_hash) == ("T", "ab")


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.key)
def test_the_sample_records_take_the_fast_path(section: Section, monkeypatch: pytest.MonkeyPatch):
    from portal_helpers import SAMPLES

    records = json.loads((SAMPLES / "download.json").read_text())["imsDetails"][section.key]
    monkeypatch.setattr(decoding, "tolerant", lambda section, data: pytest.fail(f"slow: {data!r}"))
    assert all(decode(record, section).supplier_gstin == record["stin"] for record in records)


@given(
    chosen=st.sets(st.sampled_from(sorted(INVOICE))),
    amount=st.decimals(min_value=-(10**38), max_value=10**38, places=2),
    name=st.text(st.characters(codec="utf-8"), max_size=8),
)
def test_both_paths_see_the_same(chosen: set[str], amount: Decimal, name: str):
    required = {"stin", "inum", "idt"}
    record = {key: value for key, value in INVOICE.items() if key in chosen | required} | {"tradenm": name}
    data = raw({**record, "val": 1.5}).replace(b"1.5", f"{amount:f}".encode())
    assert decoder(B2B)(data) == tolerant(B2B, data)
    assert decoder(B2B)(data).value == amount
    assert decoder(B2B)(data).supplier_name == name


ALIASES = [
    (B2B, "stin", "ctin", "27ZZZCS1101B1ZH", "supplier_gstin", "27ZZZCS1101B1ZH"),
    (B2B, "srcform", "rtnTyp", "R1A", "source_form", "R1A"),
    (B2B, "rtnprd", "sRtnPrd", "022026", "return_period", "022026"),
    (B2B, "inv_typ", "invtyp", "DE", "document_type", "DE"),
    (B2BCN, "itcRedReqBlocked", "isItcRedReqBlocked", True, "itc_blocked", True),
    (B2BCN, "itcRedReq", "itc_red_req", "N", "itc_reduction", False),
    (B2BCN, "declIgst", "decl_igst", 1.25, "declared_igst", Decimal("1.25")),
    (B2BCN, "declCgst", "decl_cgst", 1, "declared_cgst", Decimal(1)),
    (B2BCN, "declSgst", "decl_sgst", 1, "declared_sgst", Decimal(1)),
    (B2BCN, "declCess", "decl_cess", 1, "declared_cess", Decimal(1)),
    (B2BCN, "nt_num", "ntnum", "X", "number", "X"),
    (B2BCN, "nt_dt", "ntdt", "01-01-2026", "date", "01-01-2026"),
    (B2BA, "oinum", "org_inum", "X", "original_number", "X"),
    (B2BA, "oinum", "oinv_num", "X", "original_number", "X"),
    (ECOMA, "oidt", "org_idt", "01-01-2026", "original_date", "01-01-2026"),
    (B2BCNA, "ont_num", "oinv_num", "X", "original_number", "X"),
    (B2B, "ispendactblocked", "ispendactnallwd", "N", "pending_blocked", True),
    (B2B, "ispendactblocked", "ispendactnallwd", "Y", "pending_blocked", False),
    (B2B, "ispendactblocked", "ispendactnallwd", False, "pending_blocked", True),
]


@pytest.mark.parametrize("case", ALIASES, ids=lambda case: f"{case[0].key}-{case[2]}-{case[3]}")
def test_an_alias_is_read(case: tuple[Section, str, str, object, str, object]):
    section, canonical, alias, value, name, expected = case
    base = NOTE if section.is_note else INVOICE
    record = {key: item for key, item in base.items() if key != canonical}
    assert getattr(decode({**record, alias: value}, section), name) == expected


def test_the_canonical_name_wins_unless_it_says_nothing():
    assert decode(invoice(rtnTyp="R5")).source_form == "R1"
    assert decode({"rtnTyp": "R5", **INVOICE}).source_form == "R1"
    assert decode(invoice(srcform=None, rtnTyp="R5")).source_form == "R5"
    assert decode(invoice(ispendactblocked="Y", ispendactnallwd="Y")).pending_blocked is True


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Y", True), ("N", False), ("y", True), ("Yes", True), ("NO", False), (True, True), (False, False),
        (1, True), (0, False), ("1", True), ("0", False), ("true", True), ("False", False), (None, False),
        ("", False), (..., False), (" Y ", True),
    ],
)  # fmt: skip
def test_flags(value: object, expected: bool):
    assert decode(invoice(ispendactblocked=value)).pending_blocked is expected
    assert decode(invoice(isRemarksBlocked=value)).remarks_blocked is expected
    assert decode(note(itcRedReqBlocked=value), B2BCN).itc_blocked is expected
    answer = decode(note(itcRedReq=value), B2BCN).itc_reduction
    assert answer is (None if value in (None, "", ...) else expected)


def test_a_flag_that_says_neither_is_kept_as_unreadable():
    document = decode(invoice(ispendactblocked="maybe"))
    assert (document.pending_blocked, document.unreadable) == (False, {"pending_blocked": "maybe"})
    assert decode(invoice(ispendactnallwd="x", ispendactblocked=...)).unreadable == {"pending_blocked": "x"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [("A", Action.ACCEPTED), ("r", Action.REJECTED), (" P", Action.PENDING), (None, Action.NO_ACTION),
     ("", Action.NO_ACTION), (..., Action.NO_ACTION), ("n", Action.NO_ACTION)],
)  # fmt: skip
def test_actions(value: object, expected: Action):
    assert decode(invoice(action=value)).action is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9000", "9000"), ("9000.00", "9000"), ("0.005", "0.005"), ("1e3", "1000"), ('"9000.00"', "9000"),
        ('" 12.5 "', "12.5"), ('"1E3"', "1000"), ("-5", "-5"), ('"-5.10"', "-5.1"), ('""', None),
        ("null", None), ("1" * 40, "1" * 40),
    ],
)  # fmt: skip
def test_amounts(text: str, expected: str | None):
    document = decoder(B2B)(raw(INVOICE).replace(b"118000", text.encode()))
    assert document.value == (None if expected is None else Decimal(expected))
    assert document.unreadable is None


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('"abc"', "abc"), ('"NaN"', "NaN"), ('"Infinity"', "Infinity"), ('"1_000"', "1_000"),
        ('"1,000"', "1,000"), ("true", "true"), ("[1]", '["1"]'), ("1e400", "1e400"), ("1e-400", "1e-400"),
        ('"１２"', "１２"), ("1e99999999999999999999", "1e99999999999999999999"),
    ],
)  # fmt: skip
def test_an_amount_that_is_none_is_kept_as_text(text: str, kept: str):
    document = decoder(B2B)(raw(INVOICE).replace(b"118000", text.encode()))
    assert (document.value, document.unreadable) == (None, {"value": kept})


def test_a_missing_amount_stays_none():
    document = decode(invoice(cess=...))
    assert (document.cess, document.igst, document.unreadable) == (None, 0, None)


@pytest.mark.parametrize(
    ("changes", "name", "expected"),
    [
        ({"pos": 7}, "place_of_supply", "07"),
        ({"pos": "7"}, "place_of_supply", "7"),
        ({"rtnprd": 32026}, "return_period", "032026"),
        ({"rtnprd": 3}, "return_period", "03"),
        ({"rtnprd": "03"}, "return_period", "03"),
        ({"inum": 1234567890123456}, "number", "1234567890123456"),
        ({"inum": ""}, "number", ""),
        ({"idt": "31-02-2026"}, "date", "31-02-2026"),
        ({"tradenm": None}, "supplier_name", None),
        ({"tradenm": 5}, "supplier_name", "5"),
        ({"stin": " 27zzzcs1101b1zh "}, "supplier_gstin", "27ZZZCS1101B1ZH"),
        ({"stin": "27zzzcs1101b1zh"}, "supplier_gstin", "27ZZZCS1101B1ZH"),
        ({"srcfilstatus": True}, "filing_status", "Y"),
        ({"tradenm": 'A "quoted": name'}, "supplier_name", 'A "quoted": name'),
        ({"unknown": {"deep": [1]}}, "number", "SA/417"),
    ],
)
def test_texts(changes: dict[str, object], name: str, expected: object):
    document = decode(invoice(**changes))
    assert getattr(document, name) == expected
    assert document.unreadable is None


def test_text_that_is_an_object_is_kept_as_unreadable():
    document = decode(invoice(tradenm={"a": 1}))
    assert (document.supplier_name, document.unreadable) == (None, {"supplier_name": '{"a": "1"}'})


@pytest.mark.parametrize(
    ("record", "key", "says"),
    [
        (invoice(stin=...), "stin", "is missing"),
        (invoice(inum=None), "inum", "is missing"),
        (invoice(idt=...), "idt", "is missing"),
        (invoice(idt=12032026), "idt", "must be text, and it is 12032026"),
        (invoice(stin=27), "stin", "must be text, and it is 27"),
        (invoice(inum=["A"]), "inum", "must be text"),
        (invoice(action="X"), "action", "must be N, A, R or P, and it is X"),
        (invoice(action=["A"]), "action", "must be N, A, R or P"),
        ([1], "", "must be an object"),
        ("text", "", "must be an object"),
        (None, "", "must be an object"),
    ],
)
def test_a_record_that_cannot_be_used(record: object, key: str, says: str):
    with pytest.raises(RecordError, match=says) as caught:
        decode(record)
    assert caught.value.key == key
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_note_needs_its_own_keys():
    with pytest.raises(RecordError, match="nt_num: is missing"):
        decode(INVOICE, B2BCN)


@pytest.mark.parametrize("key", sorted(INVOICE))
def test_no_key_stands_twice_unnoticed(key: str):
    twice = raw(INVOICE)[:-1] + b"," + raw({key: INVOICE[key]})[1:]
    with pytest.raises(RecordError, match=f'the key "{key}" twice'):
        decoder(B2B)(twice)
    spaced = twice.replace(b'":', b'" : ')
    with pytest.raises(RecordError, match=f'the key "{key}" twice'):
        decoder(B2B)(spaced)


def test_keys_twice_are_not_outweighed_by_nulls_and_colons():
    for name in ("null", "a:b", "", None):
        twice = raw(invoice(tradenm=name))[:-1] + b',"val":1}'
        with pytest.raises(RecordError, match='"val" twice'):
            decoder(B2B)(twice)


def test_the_wire_view_keeps_what_is_unknown():
    known, unknown = wire_view(B2B, raw(invoice(extra=[1.50], itc_red_req="Y", oinum="X")))
    assert unknown == {"extra": ["1.5"], "oinum": "X"}
    assert known["itcRedReq"] == "Y"
