from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from portal_helpers import RECIPIENT, SAMPLES, invoice, note, raw, write

from ims_excel.exceptions import ImsError
from ims_excel.gst.codes import Action
from ims_excel.options import PortalOptions
from ims_excel.portal.decoding import decoder
from ims_excel.portal.download import read_downloads
from ims_excel.portal.overlay import ItcReduction, Overlay, UploadEntry
from ims_excel.portal.record import Record
from ims_excel.portal.sections import B2B, B2BA, B2BCN, B2BCNA, ECOM, ECOMA, SECTIONS, Section
from ims_excel.portal.upload import looks_like_upload, read_back, upload_bytes, verify_upload

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT = PortalOptions()
ACCEPT, REJECT = Overlay(Action.ACCEPTED), Overlay(Action.REJECTED, "Not ours")
PARTLY = ItcReduction(True, (Decimal("2250.50"), Decimal(0), Decimal("0.00"), Decimal(0)))


def entry(record: object, overlay: Overlay = ACCEPT, section: Section = B2B, key: str = "") -> UploadEntry:
    data = record if isinstance(record, bytes) else raw(record)
    return UploadEntry(Record(section, decoder(section)(data), data, key or section.key), overlay)


def upload(*entries: UploadEntry, options: PortalOptions = DEFAULT, sections: tuple[str, ...] = ()) -> bytes:
    data = upload_bytes(RECIPIENT, entries, options, sections=sections)
    verify_upload(data, RECIPIENT, entries, options)
    return data


def sent(record: object, overlay: Overlay = ACCEPT, section: Section = B2B, **options: object) -> dict:
    """Upload one record; return it as the portal would parse it."""
    data = upload(entry(record, overlay, section), options=PortalOptions(**options))
    ((found,),) = json.loads(data)["invdata"].values()
    return found


def sample_overlay(record: dict) -> Overlay:
    """Say again what the sample upload says of a record."""
    keys = ("declIgst", "declCgst", "declSgst", "declCess")
    declared = tuple(Decimal(str(record[key])) for key in keys) if keys[0] in record else None
    itc = ItcReduction(record["itcRedReq"] == "Y", declared) if "itcRedReq" in record else None
    return Overlay(Action(record["action"]), record.get("remarks", ""), itc)


def test_the_sample_decisions_give_the_sample_upload_keys_in_order():
    expected = json.loads((SAMPLES / "upload.json").read_text())
    decided = {
        (key, record.get("inum") or record.get("nt_num")): sample_overlay(record)
        for key, records in expected["invdata"].items()
        for record in records
    }
    snapshot = read_downloads([SAMPLES / "download.json"], recipient=RECIPIENT)
    entries = [
        UploadEntry(record, decided[section.key, record.document.number])
        for section, records in snapshot.sections.items()
        for record in records
        if (section.key, record.document.number) in decided
    ]
    assert len(entries) == 14
    written = json.loads(upload(*entries))
    assert written == expected
    assert json.dumps(written) == json.dumps(expected)


def test_the_bytes_are_compact_utf8_without_a_mark():
    data = upload(entry(invoice(inum="9/à"), Overlay(Action.REJECTED, 'Nicht unser – ₹5 \\ "x"')))
    assert data.startswith(b'{"rtin":"27ZZZCK4501A1ZH","reqtyp":"SAVE","invdata":{"b2b":[{"stin":')
    assert '"remarks":"Nicht unser – ₹5 \\\\ \\"x\\""' in data.decode()
    assert b": " not in data


def test_sections_take_the_official_order_and_records_keep_theirs():
    data = upload(
        entry(note(), REJECT, B2BCN), entry(invoice(inum="2")), entry(invoice(inum="1")),
        entry(invoice(oinum="0", oidt="01-01-2026"), ACCEPT, B2BA),
    )  # fmt: skip
    invdata = json.loads(data)["invdata"]
    assert list(invdata) == ["b2b", "b2ba", "b2bcn"]
    assert [record["inum"] for record in invdata["b2b"]] == ["2", "1"]


def test_names_fingerprints_flags_and_unknown_keys_stay_behind():
    record = invoice(hash="ab", ItcAvailabilityCheck="x", error_msg="y", new=1, remarks="old", itcRedReq="Y")
    assert list(sent(record)) == [
        "stin", "inum", "inv_typ", "idt", "val", "action", "pos", "txval", "iamt", "camt", "samt", "cess",
        "srcform", "rtnprd",
    ]  # fmt: skip


def test_an_amended_note_has_every_key_in_its_place():
    record = note(ont_num="CN/9", ont_dt="01-02-2026")
    overlay = Overlay(Action.ACCEPTED, "in part", PARTLY)
    assert list(sent(record, overlay, B2BCNA)) == [
        "stin", "ont_num", "ont_dt", "nt_num", "inv_typ", "nt_dt", "val", "action", "pos", "txval", "iamt",
        "camt", "samt", "cess", "itcRedReq", "declIgst", "declCgst", "declSgst", "declCess", "remarks",
        "srcform", "rtnprd",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("came", "leaves"),
    [
        ("118000", "118000"), ("118000.00", "118000"), ("22.5", "22.5"), ("22.50", "22.5"), ("1.1e3", "1100"),
        ('"9000.00"', "9000"), ('"0.30"', "0.3"), ("-5.25", "-5.25"), ("-0.0", "0"), ("0.125", "0.125"),
        ("1" * 40, "1" * 40), ("100000000000000000000.01", "100000000000000000000.01"),
    ],
)  # fmt: skip
def test_amounts_leave_as_plain_numbers(came: str, leaves: str):
    record = raw(invoice(cess=...)).replace(b"100000", came.encode())
    assert f'"txval":{leaves},'.encode() in upload(entry(record))


@given(
    amounts=st.lists(st.decimals(places=2, allow_nan=False, allow_infinity=False), min_size=6, max_size=6),
    quoted=st.booleans(),
)
def test_amounts_leave_exactly_as_they_came(amounts: list[Decimal], quoted: bool):
    keys = ("val", "txval", "iamt", "camt", "samt", "cess")
    amounts = [amount % 10**15 for amount in amounts]
    text = ",".join(
        f'"{k}":"{a:f}"' if quoted else f'"{k}":{a:f}' for k, a in zip(keys, amounts, strict=True)
    )
    record = raw(invoice(**dict.fromkeys(keys, ...)))[:-1] + b"," + text.encode() + b"}"
    data = upload(entry(record))
    ((key, found),) = read_back(data)
    assert key == "b2b"
    assert [found[key] for key in keys] == amounts
    assert b"e" not in data.split(b'"txval":')[1].split(b'"srcform"')[0].replace(b'"cess"', b"").lower()


def test_texts_leave_as_they_came():
    found = sent(invoice(stin=" 27zzzcs1101b1zh", inum="007", pos="07", rtnprd="03", inv_typ="NEW"))
    assert [found[key] for key in ("stin", "inum", "pos", "rtnprd", "inv_typ")] == [
        " 27zzzcs1101b1zh", "007", "07", "03", "NEW",
    ]  # fmt: skip


def test_identifiers_that_came_as_numbers_leave_as_text():
    found = sent(invoice(inum=1234567890123456, pos=7, rtnprd=32026))
    assert (found["inum"], found["pos"], found["rtnprd"]) == ("1234567890123456", "07", "032026")


def test_other_spellings_leave_under_the_canonical_names():
    record = {"ctin": "27ZZZCS1101B1ZH", **invoice(stin=..., srcform=..., rtnprd=..., inv_typ=...)}
    found = sent({**record, "rtnTyp": "R1A", "sRtnPrd": "022026", "invtyp": "DE"})
    assert (found["stin"], found["srcform"], found["rtnprd"], found["inv_typ"]) == (
        "27ZZZCS1101B1ZH", "R1A", "022026", "DE",
    )  # fmt: skip
    assert list(found)[0] == "stin"  # noqa: RUF015  the order is the point
    assert not {"ctin", "rtnTyp", "sRtnPrd", "invtyp"} & set(found)


def test_what_the_record_lacks_is_not_invented():
    found = sent(invoice(inv_typ=..., cess=..., camt=None))
    assert not {"inv_typ", "cess", "camt"} & set(found)


def test_no_action_is_sent_bare():
    assert sent(invoice(action="A", remarks="old"), Overlay(Action.NO_ACTION))["action"] == "N"


@pytest.mark.parametrize(
    ("itc", "options", "expected"),
    [
        (ItcReduction(True), {}, {"itcRedReq": "Y"}),
        (ItcReduction(False), {}, {"itcRedReq": "N"}),
        (ItcReduction(False), {"full_reduction": "amounts"}, {"itcRedReq": "N"}),
        (ItcReduction(True), {"full_reduction": "amounts"},
         {"itcRedReq": "Y", "declIgst": 0, "declCgst": 900, "declSgst": 900, "declCess": 0}),
        (PARTLY, {}, {"itcRedReq": "Y", "declIgst": 2250.5, "declCgst": 0, "declSgst": 0, "declCess": 0}),
        (PARTLY, {"itc_key_style": "snake"},
         {"itc_red_req": "Y", "decl_igst": 2250.5, "decl_cgst": 0, "decl_sgst": 0, "decl_cess": 0}),
        (None, {}, {}),
    ],
)  # fmt: skip
def test_the_itc_answer(itc: ItcReduction | None, options: dict, expected: dict):
    found = sent(note(cess=...), Overlay(Action.ACCEPTED, "", itc), B2BCN, **options)
    assert {key: value for key, value in found.items() if key.startswith(("itc", "decl"))} == expected


def test_flags_are_echoed_as_they_came_when_asked_for():
    record = invoice(
        srcfilstatus="Not Filed", ispendactblocked=..., ispendactnallwd="N", isRemarksBlocked=True
    )
    found = sent(record, echo_flags=True)
    assert list(found.items())[-3:] == [
        ("srcfilstatus", "Not Filed"), ("ispendactblocked", "Y"), ("isRemarksBlocked", True),
    ]  # fmt: skip


def test_unknown_keys_are_echoed_as_they_came_when_asked_for():
    record = raw(invoice(hash="ab", prev_status="N"))[:-1] + b',"new":{"a":[1.50,null,"x"]}}'
    data = upload(entry(record), options=PortalOptions(echo_unknown=True))
    assert data.endswith(b'"rtnprd":"032026","new":{"a":[1.50,null,"x"]}}]}}')


@pytest.mark.parametrize(
    ("choice", "section", "source", "key"),
    [
        ("source", ECOM, "ecom", "ecom"), ("source", ECOM, "ECO", "eco"), ("source", ECOM, "e_c2b", "e_c2b"),
        ("source", ECOMA, "ecoa", "ecoa"), ("source", ECOMA, "e_b2ba", "e_b2ba"),
        ("source", ECOMA, "E-B2BA", "ecoma"), ("source", ECOM, "", "ecom"),
        ("ecom", ECOM, "eco", "ecom"), ("ecom", ECOMA, "ecoa", "ecoma"),
        ("eco", ECOM, "ecom", "eco"), ("eco", ECOMA, "e_c2ba", "ecoa"),
        ("source", B2BCN, "cdnr", "b2bcn"), ("eco", B2B, "B2B", "b2b"),
    ],
)  # fmt: skip
def test_section_keys(choice: str, section: Section, source: str, key: str):
    record = (
        note() if section.is_note else invoice(**({"oinum": "1", "oidt": "x"} if section is ECOMA else {}))
    )
    options = PortalOptions(eco_keys=choice)
    assert list(json.loads(upload(entry(record, REJECT, section, source), options=options))["invdata"]) == [
        key
    ]


def test_documents_of_two_eco_keys_leave_under_both():
    data = upload(entry(invoice(), ACCEPT, ECOM, "e_c2b"), entry(invoice(), ACCEPT, ECOM, "e_b2b"))
    assert list(json.loads(data)["invdata"]) == ["e_c2b", "e_b2b"]


def test_nothing_to_send():
    assert upload() == b'{"rtin":"27ZZZCK4501A1ZH","reqtyp":"SAVE","invdata":{}}'


def test_empty_sections_as_arrays():
    options = PortalOptions(empty_sections="arrays")
    invdata = json.loads(upload(entry(invoice()), options=options, sections=("b2b", "eco")))["invdata"]
    assert list(invdata) == ["b2b", "b2ba", "b2bdn", "b2bdna", "b2bcn", "b2bcna", "eco", "ecoma"]
    assert [len(records) for records in invdata.values()] == [1, 0, 0, 0, 0, 0, 0, 0]
    assert list(json.loads(upload(options=options))["invdata"]) == [section.key for section in SECTIONS]


@pytest.mark.parametrize(
    ("record", "overlay", "section", "says"),
    [
        (invoice(val="abc"), ACCEPT, B2B, "val is 'abc' in the portal's download, not a number"),
        (invoice(val=""), ACCEPT, B2B, "val is '' in the portal's download, not a number"),
        (invoice(inv_typ={"a": 1}), ACCEPT, B2B, "inv_typ is .* not text"),
        (invoice(pos=None), ACCEPT, B2B, "has no pos"),
        (invoice(rtnprd=..., val=...), ACCEPT, B2B, "has no val, rtnprd"),
        (invoice(idt="2026-03-12"), ACCEPT, B2B, "idt is '2026-03-12' and not written as the portal wants"),
        (invoice(), Overlay(Action.REJECTED, "x" * 251), B2B, "remarks is longer than 250 characters"),
        (invoice(), Overlay(Action.NO_ACTION, "x"), B2B, "does not fit the rest of the record"),
        (invoice(), Overlay(Action.ACCEPTED, "", ItcReduction(True)), B2B, "a key that the portal does not"),
        (note(), Overlay(Action.REJECTED, "", ItcReduction(True)), B2BCN, "action is 'R', and only 'A' fits"),
        (note(), Overlay(Action.ACCEPTED, "", ItcReduction(False, PARTLY.declared)), B2BCN, "only 'Y' fits"),
        (note(), Overlay(Action.ACCEPTED, "", ItcReduction(True, (Decimal(-1),) * 4)), B2BCN, "below 0"),
        (note(), Overlay(Action.ACCEPTED, "", ItcReduction(True, (Decimal("0.125"),) * 4)), B2BCN,
         "declIgst is 0.125, which has more than two decimals"),
    ],
)  # fmt: skip
def test_what_the_portal_would_refuse_is_an_error_with_the_document(
    record: object, overlay: Overlay, section: Section, says: str
):
    entries = [entry(invoice(inum="fine")), entry(note(nt_num="fine"), ACCEPT, B2BCN)]
    bad = entry(record, overlay, section)
    with pytest.raises(ImsError, match=rf"{bad.record.document.number} of .* \({section.sheet}\) .*{says}"):
        upload_bytes(RECIPIENT, [*entries, bad], DEFAULT)


def test_a_malformed_recipient_is_our_own_error():
    with pytest.raises(ImsError, match="The upload cannot be sent"):
        upload_bytes("27", [], DEFAULT)


def test_longer_remarks_when_the_portal_takes_them():
    overlay = Overlay(Action.REJECTED, "x" * 500)
    assert len(sent(invoice(), overlay, remarks_limit=500)["remarks"]) == 500


# reading back

TWO = [entry(invoice(inum="1"), REJECT), entry(note(), Overlay(Action.ACCEPTED, "x", PARTLY), B2BCN)]


@pytest.mark.parametrize(
    ("found", "instead", "says"),
    [
        ('"val":118000', '"val":118000.01', "val of 1 of Sahyadri"),
        ('"val":118000', '"val":"118000"', "val of 1 of"),
        ('"inum":"1"', '"inum":"01"', "the whole record of 1 of"),
        ('"action":"R"', '"action":"A"', "action of 1 of"),
        ('"remarks":"Not ours",', "", "remarks of 1 of"),
        ('"rtnprd":"032026"}],', '"rtnprd":"032026","zz":1}],', "zz of 1 of"),
        ('"declIgst":2250.5', '"declIgst":2250.05', "declIgst of CN/12"),
        ('"itcRedReq":"Y"', '"itcRedReq":"N"', "itcRedReq of CN/12"),
        (',"b2bcn":[', ',"b2bdn":[', "the whole record of CN/12"),
        ('"rtin":"27', '"rtin":"29', "whose it is"),
        ('"reqtyp":"SAVE"', '"reqtyp":"RESET"', "whose it is"),
        ('"invdata"', '"invdate"', "no invdata"),
        ("]}}", "]}", "cannot be read back"),
    ],
)
def test_an_upload_that_differs_on_disk_is_found(found: str, instead: str, says: str):
    text = upload(*TWO).decode()
    assert found in text
    with pytest.raises(ImsError, match=says):
        verify_upload(text.replace(found, instead, 1).encode(), RECIPIENT, TWO, DEFAULT)


def test_records_too_many_or_too_few_are_found():
    data = upload(*TWO)
    with pytest.raises(ImsError, match="more records"):
        verify_upload(data, RECIPIENT, TWO[:1], DEFAULT)
    with pytest.raises(ImsError, match="the whole record of 1 of"):
        verify_upload(data, RECIPIENT, [*TWO, TWO[0]], DEFAULT)
    with pytest.raises(ImsError, match="whose it is"):
        verify_upload(b"[]", RECIPIENT, TWO, DEFAULT)


def test_documents_of_one_number_are_told_apart_by_their_order():
    entries = [entry(invoice(val=1), REJECT), entry(invoice(val=2), ACCEPT)]
    data = upload(*entries)
    with pytest.raises(ImsError, match="val of SA/417"):
        verify_upload(data, RECIPIENT, entries[::-1], DEFAULT)


def test_an_upload_is_recognised(tmp_path: Path):
    assert looks_like_upload(write(tmp_path / "a.json", upload(*TWO)))
    assert looks_like_upload(SAMPLES / "upload.json")
    for other in ("download.json", "error_api.json"):
        assert not looks_like_upload(SAMPLES / other)
    assert not looks_like_upload(write(tmp_path / "b.json", b"\xff"))
    assert not looks_like_upload(tmp_path / "gone.json")


def test_options_other_than_the_ones_it_was_written_with_are_found():
    entries = [UploadEntry(TWO[1].record, Overlay(Action.ACCEPTED, "", ItcReduction(True)))]
    with pytest.raises(ImsError, match="declIgst of"):
        verify_upload(upload(*entries), RECIPIENT, entries, PortalOptions(full_reduction="amounts"))
