from __future__ import annotations

import ast
import json
from decimal import Decimal
from pathlib import Path

import pytest
from portal_simulator import Answer, Portal, Refusal
from portal_wire import MODIFIED, NO_ITC, NO_PENDING, NO_REMARKS, RETURN_FILED, SHAPES, TWICE, UNKNOWN

from ims_excel.portal.download import read_downloads
from ims_excel.resources import resource_dir

HERE = Path(__file__).parent
SAMPLES = resource_dir("samples")
RECIPIENT = "27ZZZCK4501A1ZH"
HALF = {"declIgst": 0, "declCgst": 450, "declSgst": 450, "declCess": 0}
SECTIONS_WITHOUT_ITC = ("b2b", "b2bdn", "ecom")


@pytest.fixture
def portal() -> Portal:
    return Portal(RECIPIENT)


def fact(section="b2b", **facts):
    """What a supplier reported: an intra-State document of ₹10,000 with ₹900 + ₹900."""
    shape = SHAPES[section]
    named = {shape.number: "SA/1", shape.date: "12-03-2026"}
    named |= dict(zip(shape.originals, ("SA/0", "12-02-2026"), strict=False))
    kind = {} if shape.eco else {"inv_typ": "R"}
    return {
        "stin": "27ZZZCS1101B1ZH", "tradenm": "Sahyadri Alloys", **named, **kind, "val": 11800, "pos": "27",
        "txval": 10000, "iamt": 0, "camt": 900, "samt": 900, "cess": 0, "srcform": "R1", "rtnprd": "032026",
        "srcfilstatus": "Filed", **facts,
    }  # fmt: skip


def sent(section="b2b", action="A", **more):
    """The record of ``fact`` as an upload has it."""
    record = fact(section)
    return {key: record[key] for key in record if key not in ("tradenm", "srcfilstatus")} | {
        "action": action,
        **more,
    }


def upload(**sections):
    return {"rtin": RECIPIENT, "reqtyp": "SAVE", "invdata": sections}


def refusal_of(answer, section="b2b"):
    """The message of the only record in the error file."""
    assert answer.status_cd == "PE"
    (record,) = answer.error_file["imsDetailsErr"][section]
    return record["error_msg"]


@pytest.mark.parametrize("module", ["portal_simulator.py", "portal_wire.py"])
def test_the_portal_is_independent(module):
    tree = ast.parse((HERE / module).read_text(encoding="utf-8"))
    names = [
        name
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in [getattr(node, "module", None), *(alias.name for alias in node.names)]
        if name
    ]
    assert "copy" in names or "json" in names
    assert not [name for name in names if name.startswith("ims_excel")]


def test_the_sample_upload_is_taken_whole(portal):
    download = json.loads((SAMPLES / "download.json").read_bytes())
    for section, records in download["imsDetails"].items():
        for record in records:
            portal.add(section, record)
    assert portal.download() == download
    answer = portal.upload((SAMPLES / "upload.json").read_bytes())
    assert (answer.status_cd, answer.error_file, answer.message) == ("P", None, "")
    assert (len(answer.accepted), portal.sent_unchanged) == (14, [])
    half = portal.state()["b2bcn|24ZZZFD2202C1ZQ|dc-cn-019|29-03-2026|032026|R1"]
    assert half.declared == (Decimal(2250), 0, 0, 0)


def test_its_download_is_what_the_tool_reads(portal, tmp_path):
    identities = [portal.add(section, fact(section)) for section in SHAPES]
    half = (Decimal(0), Decimal("450.5"), Decimal("450.5"), Decimal(0))
    portal.act_online(identities[4], "A", "Half availed", reduce="Y", declared=half)
    path = tmp_path / "download.json"
    path.write_text(json.dumps(portal.download(with_recipient=True)), encoding="utf-8")
    snapshot = read_downloads([path])
    records = [record for records in snapshot.sections.values() for record in records]
    assert (snapshot.recipient, [record.key for record in records]) == (RECIPIENT, identities)
    note = records[4].document
    assert (note.action.value, note.remarks, note.itc_reduction) == ("A", "Half availed", True)
    assert (note.declared_cgst, note.declared_sgst) == (Decimal("450.5"), Decimal("450.5"))


def test_good_records_are_kept_and_bad_ones_come_back(portal):
    good, bad = portal.add("b2b", fact()), portal.add("b2b", fact(inum="SA/2"))
    portal.refuse_next(bad, "Not today", "IMSSAV9999")
    file = upload(b2b=[sent(action="P", remarks="Awaiting goods"), sent(inum="SA/2")])
    answer = portal.upload(file)
    assert (answer.status_cd, answer.accepted) == ("PE", [good])
    assert answer.error_file == {
        "imsDetailsErr": {"b2b": [sent(inum="SA/2", error_cd="IMSSAV9999", error_msg="Not today")]}
    }
    assert portal.state() == {good: Answer("P", "Awaiting goods"), bad: Answer()}
    assert portal.upload(upload(b2b=[sent(inum="SA/2")])).status_cd == "P"
    assert portal.state()[bad] == Answer("A")


def test_a_record_sent_again_unchanged_is_counted(portal):
    identity = portal.add("b2bcn", fact("b2bcn"))
    whole = {"declIgst": 0, "declCgst": 900, "declSgst": 900, "declCess": 0}
    portal.upload(upload(b2bcn=[sent("b2bcn", itcRedReq="Y")]))
    assert portal.sent_unchanged == []
    portal.upload(upload(b2bcn=[sent("b2bcn", itcRedReq="Y", **whole)]))
    assert portal.sent_unchanged == [identity]
    portal.upload(upload(b2bcn=[sent("b2bcn", "N")]))
    assert (portal.sent_unchanged, portal.state()) == ([identity], {identity: Answer()})


def test_an_upload_replaces_the_whole_answer(portal):
    identity = portal.add("b2b", fact(action="R", remarks="Not ours"))
    assert portal.state() == {identity: Answer("R", "Not ours")}
    portal.upload(upload(b2b=[sent(action="R")]))
    assert portal.state() == {identity: Answer("R")}


@pytest.mark.parametrize(
    "file",
    [
        upload() | {"rtin": "24ZZZFD2202C1ZQ"},
        upload() | {"reqtyp": "RESET"},
        upload() | {"gstin": RECIPIENT},
        {"imsDetails": {}},
        upload(eco=[]),
        upload(b2b={}),
        upload(b2b=[sent(tradenm="Sahyadri")]),
        upload(b2b=[sent(itcRedReq="Y")]),
        upload(b2b=[sent(itc_red_req="Y")]),
        upload(b2b=[{key: value for key, value in sent().items() if key != "pos"}]),
        upload(ecom=[sent("ecom", inv_typ="R")]),
        upload(b2b=[sent(val="11800")]),
        upload(b2b=[sent(val=True)]),
        upload(b2b=[sent(val=-1)]),
        upload(b2b=[sent(val=1.005)]),
        upload(b2b=[sent(inum=1)]),
        upload(b2b=[sent(idt="2026-03-12")]),
        upload(b2b=[sent(pos="7")]),
        upload(b2b=[sent(action="X")]),
        upload(b2b=[sent(action="R", remarks="")]),
        upload(b2bcn=[sent("b2bcn", itcRedReq="Yes")]),
        upload(b2b=[sent(), "SA/2"]),
    ],
)
def test_a_badly_formed_file_is_refused_whole(portal, file):
    identity = portal.add("b2b", fact())
    answer = portal.upload(file)
    assert (answer.status_cd, answer.accepted, answer.error_file) == ("ER", [], None)
    assert answer.message
    assert portal.state() == {identity: Answer()}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"val": 11800', b'"val": 11800.0'),
        (b'"val": 11800', b'"val": 1.18e4'),
        (b'"val": 11800', b'"val": NaN'),
        (b'"action": "A"', b'"action": "A", "action": "R"'),
        (b'{"rtin"', b'\xef\xbb\xbf{"rtin"'),
        (b"Z", b"\xff"),
        (b"}}", b"}"),
    ],
)
def test_bytes_must_be_plain_json(portal, old, new):
    identity = portal.add("b2b", fact())
    data = json.dumps(upload(b2b=[sent()])).encode()
    assert old in data
    assert portal.upload(data.replace(old, new)).status_cd == "ER"
    assert portal.upload(data).accepted == [identity]


def test_a_file_can_be_too_long():
    portal = Portal(RECIPIENT, most_records=1)
    portal.add("b2b", fact())
    assert portal.upload(upload(b2b=[sent(), sent(inum="SA/2")])).status_cd == "ER"
    assert portal.upload(upload(b2b=[sent()])).status_cd == "P"


@pytest.mark.parametrize(
    ("facts", "record", "message"),
    [
        ({}, {"inum": "SA/9"}, UNKNOWN),
        ({}, {"idt": "13-03-2026"}, UNKNOWN),
        ({}, {"inum": "sa/1"}, MODIFIED),
        ({}, {"pos": "29"}, MODIFIED),
        ({}, {"inv_typ": "DE"}, MODIFIED),
        ({}, {"txval": 10000.5}, MODIFIED),
        ({"ispendactblocked": "Y"}, {"action": "P"}, NO_PENDING),
        ({"isRemarksBlocked": "Y"}, {"action": "R", "remarks": "Not ours"}, NO_REMARKS),
        ({}, {"remarks": "Fine"}, NO_REMARKS),
        ({}, {"action": "N", "remarks": "Undecided"}, NO_REMARKS),
        ({}, {"action": "R", "remarks": "x" * 251}, "Remarks can have at most 250 characters."),
    ],
)
def test_what_a_record_does_not_allow_is_refused(portal, facts, record, message):
    identity = portal.add("b2b", fact(**facts))
    assert refusal_of(portal.upload(upload(b2b=[sent(**record)]))) == message
    assert portal.state() == {identity: Answer()}


@pytest.mark.parametrize("action", ["A", "R", "P", "N"])
@pytest.mark.parametrize("section", SECTIONS_WITHOUT_ITC)
def test_every_plain_action_is_taken(portal, section, action):
    identity = portal.add(section, fact(section))
    portal.upload(upload(**{section: [sent(section, action)]}))
    assert portal.state() == {identity: Answer(action)}


def test_remarks_of_the_full_length_are_taken(portal):
    portal.add("b2b", fact())
    assert portal.upload(upload(b2b=[sent(action="R", remarks="x" * 250)])).status_cd == "P"


@pytest.mark.parametrize(
    ("facts", "answer", "message"),
    [
        ({}, {}, "Enter a value for the column itcRedReq"),
        ({"itcRedReqBlocked": "Y"}, {"itcRedReq": "N"}, NO_ITC),
        ({}, {"action": "R", "itcRedReq": "Y"}, NO_ITC),
        ({}, {"itcRedReq": "Y", "remarks": "Whole"}, NO_REMARKS),
        ({}, {"itcRedReq": "N", **HALF}, "Amounts can be declared only when ITC is to be reduced."),
        ({}, HALF, "Amounts can be declared only when ITC is to be reduced."),
        (
            {},
            {"itcRedReq": "Y", **dict.fromkeys(HALF, 0)},
            "Amounts can be declared only when ITC is to be reduced.",
        ),
        (
            {},
            {"itcRedReq": "Y", "declCgst": 1},
            "Enter all four amounts declared for ITC reduction, or none.",
        ),
        (
            {},
            {"itcRedReq": "Y", **HALF, "declCgst": 900.01, "declSgst": 900.01},
            "The amount declared is more than the tax of the record.",
        ),
        (
            {},
            {"itcRedReq": "Y", **HALF, "declSgst": 449},
            "Central tax and State/UT tax declared must be equal.",
        ),
    ],
)
def test_a_wrong_itc_answer_is_refused(portal, facts, answer, message):
    portal.add("b2bcn", fact("b2bcn", **facts))
    assert refusal_of(portal.upload(upload(b2bcn=[sent("b2bcn", **answer)])), "b2bcn") == message


@pytest.mark.parametrize(
    ("facts", "answer", "kept"),
    [
        ({}, {"itcRedReq": "Y"}, Answer("A", "", "Y")),
        ({}, {"itcRedReq": "N", "remarks": "Not availed"}, Answer("A", "Not availed", "N")),
        (
            {},
            {"itcRedReq": "Y", **HALF, "remarks": "Half"},
            Answer("A", "Half", "Y", (Decimal(0), Decimal(450), Decimal(450), Decimal(0))),
        ),
        ({"itcRedReqBlocked": "Y"}, {}, Answer("A")),
    ],
)
def test_a_right_itc_answer_is_kept(portal, facts, answer, kept):
    identity = portal.add("b2bcn", fact("b2bcn", **facts))
    assert portal.upload(upload(b2bcn=[sent("b2bcn", **answer)])).status_cd == "P"
    assert portal.state() == {identity: kept}


def test_the_missing_itc_answer_has_its_code(portal):
    portal.add("b2bcn", fact("b2bcn"))
    answer = portal.upload(upload(b2bcn=[sent("b2bcn")]))
    assert answer.error_file["imsDetailsErr"]["b2bcn"][0]["error_cd"] == "IMSSAV0054"


def test_an_eco_amendment_without_the_flag_needs_no_itc_answer(portal):
    portal.add("ecoma", fact("ecoma"))
    assert portal.upload(upload(ecoma=[sent("ecoma")])).status_cd == "P"


def test_a_record_twice_in_a_file_is_refused_once(portal):
    identity = portal.add("b2b", fact())
    answer = portal.upload(upload(b2b=[sent(), sent(action="R")]))
    assert (answer.accepted, refusal_of(answer)) == ([identity], TWICE)
    assert portal.state() == {identity: Answer("A")}


def test_an_edit_before_filing_resets_the_action(portal):
    """R66."""
    identity = portal.add("b2b", fact(srcfilstatus="Not Filed"))
    portal.act_online(identity, "A")
    assert portal.supplier_edits(identity, txval=9000) == identity
    assert portal.state() == {identity: Answer()}
    assert portal.download()["imsDetails"]["b2b"][0]["txval"] == 9000
    assert refusal_of(portal.upload(upload(b2b=[sent()]))) == MODIFIED
    assert portal.upload(upload(b2b=[sent(txval=9000)])).status_cd == "P"


def test_a_redated_document_has_a_new_identity(portal):
    old = portal.add("b2b", fact(srcfilstatus="Not Filed"))
    new = portal.supplier_edits(old, idt="15-03-2026")
    assert (list(portal.state()), new != old) == ([new], True)
    assert refusal_of(portal.upload(upload(b2b=[sent()]))) == MODIFIED


def test_after_filing_nothing_is_edited_or_withdrawn_in_place(portal):
    identity = portal.add("b2b", fact(srcfilstatus="Not Filed"))
    portal.act_online(identity, "P")
    portal.supplier_files(identity)
    assert portal.download()["imsDetails"]["b2b"][0]["srcfilstatus"] == "Filed"
    for edit in (portal.supplier_edits, portal.supplier_withdraws):
        with pytest.raises(ValueError, match="amended"):
            edit(identity)
    assert portal.state() == {identity: Answer("P")}


def test_a_withdrawn_document_is_gone(portal):
    portal.supplier_withdraws(portal.add("b2b", fact(srcfilstatus="Not Filed")))
    assert portal.download() == {"imsDetails": {}}
    assert refusal_of(portal.upload(upload(b2b=[sent()]))) == MODIFIED


def test_an_amendment_stands_beside_its_original(portal):
    original = portal.add("b2b", fact())
    portal.act_online(original, "A")
    first = portal.supplier_amends(original, period="042026", inum="SA/1R", camt=450, samt=450)
    second = portal.supplier_amends(
        original, period="052026", inum="SA/1S", camt=990, samt=990, idt="01-05-2026"
    )
    assert list(portal.state()) == [original, first, second]
    down, up = portal.download()["imsDetails"]["b2ba"]
    assert (down["oinum"], down["oidt"], down["inum"]) == ("SA/1", "12-03-2026", "SA/1R")
    assert (down["itcRedReqBlocked"], up["itcRedReqBlocked"]) == ("N", "Y")
    assert (down["action"], down["srcfilstatus"]) == ("N", "Not Filed")
    portal.supplier_files(first)
    again = portal.supplier_amends(first, period="062026")
    assert portal.documents[again].record["oinum"] == "SA/1R"
    with pytest.raises(ValueError, match="edited, not amended"):
        portal.supplier_amends(second, period="062026")


def test_filing_the_return_keeps_pending_later_and_unfiled_records(portal):
    """R62."""
    accepted, pending = portal.add("b2b", fact(action="A")), portal.add("b2b", fact(inum="P", action="P"))
    silent = portal.add("b2b", fact(inum="N"))
    later = portal.add("b2b", fact(inum="L", rtnprd="012027", action="R"))
    unfiled = portal.add("b2b", fact(inum="U", srcfilstatus="Not Filed", action="A"))
    assert portal.file_gstr3b("122026") == [accepted, silent]
    assert list(portal.state()) == [pending, later, unfiled]
    assert portal.final_state()[accepted] == Answer("A")
    assert refusal_of(portal.upload(upload(b2b=[sent(action="R")]))) == RETURN_FILED
    assert portal.file_gstr3b() == [later]
    amendment = portal.supplier_amends(silent, period="042026", camt=1, samt=1)
    assert portal.documents[amendment].record["itcRedReqBlocked"] == "N"


def test_online_actions_obey_the_same_rules(portal):
    identity = portal.add("b2bcn", fact("b2bcn"))
    portal.set_flags(identity, ispendactblocked="Y")
    for action in ("P", "A"):
        with pytest.raises(Refusal):
            portal.act_online(identity, action)
    portal.act_online(identity, "A", reduce="Y")
    assert portal.state() == {identity: Answer("A", "", "Y")}


def test_a_document_cannot_be_reported_twice_or_without_its_facts(portal):
    portal.add("b2b", fact())
    with pytest.raises(ValueError, match="there already"):
        portal.add("b2b", fact(inum="sa/1 "))
    with pytest.raises(ValueError, match="pos"):
        portal.add("b2b", {key: value for key, value in fact(inum="2").items() if key != "pos"})
