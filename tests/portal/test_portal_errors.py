from __future__ import annotations

import json
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from portal_helpers import INVOICE, RECIPIENT, SAMPLES, invoice, note, write

from ims_excel.exceptions import ErrorReportError
from ims_excel.portal.advice import CODES, PHRASES, WORDS, advice_on
from ims_excel.portal.errors import NO_REASON, ErrorReport, read_error_reports
from ims_excel.portal.sections import B2B, B2BCN, ECOMA
from ims_excel.workbook.shown import SHOWN

if TYPE_CHECKING:
    from pathlib import Path

INPUTS = {"status", "remarks", "itc_reduction", *(f"declared_{h}" for h in ("igst", "cgst", "sgst", "cess"))}


def report(tmp_path: Path, content: object) -> ErrorReport:
    return read_error_reports([write(tmp_path / "error.json", content)])


def offline(tmp_path: Path, **sections: object) -> ErrorReport:
    return report(tmp_path, {"imsDetailsErr": sections})


def test_the_offline_sample():
    found = read_error_reports([SAMPLES / "error_offline.json"])
    first, second = found.errors
    assert (first.section, first.source_key, first.supplier_gstin) == (B2B, "b2b", "07ZZZCY5505F1ZP")
    assert (first.number, first.date, first.return_period) == ("1234567890123456", "27-03-2026", "032026")
    assert (first.code, first.fields) == ("", ())
    assert first.message.startswith("Supplier has modified")
    assert "refresh" in first.advice
    assert (second.section, second.number, second.fields) == (B2BCN, "DC-CN-019", ("status",))
    assert (found.recipient, found.notices) == (None, [])


def test_the_sample_of_the_interface():
    found = read_error_reports([SAMPLES / "error_api.json"])
    assert [(e.section, e.source_key, e.number, e.code) for e in found.errors] == [
        (B2B, "b2b", "1234567890123456", "IMSSAVxxxx"),
        (B2BCN, "cn", "DC-CN-019", "IMSSAV0054"),
    ]
    assert found.errors[1].fields == ("itc_reduction",)
    assert (found.errors[1].date, found.errors[1].return_period) == (None, "032026")
    assert found.notices == [
        "The portal processed the upload with errors, 12 records processed, 2 records with errors."
    ]


def test_a_group_speaks_of_each_of_its_documents(tmp_path: Path):
    group = {
        "stin": "24zzzfd2202c1zq", "error_cd": "X1", "error_msg": "no",
        "inv": [{"inum": "CN1", "rtnprd": 32026}, {"nt_num": "CN2", "nt_dt": "01-01-2026"}, "CN3"],
    }  # fmt: skip
    errors = report(
        tmp_path, {"error_report": {"cn": [group], "e_c2ba": {**group, "inv": {"inum": "E"}}}}
    ).errors
    assert [(e.number, e.return_period, e.date, e.code, e.supplier_gstin) for e in errors] == [
        ("CN1", "032026", None, "X1", "24ZZZFD2202C1ZQ"),
        ("CN2", None, "01-01-2026", "X1", "24ZZZFD2202C1ZQ"),
        ("CN3", None, None, "X1", "24ZZZFD2202C1ZQ"),
        ("E", None, None, "X1", "24ZZZFD2202C1ZQ"),
    ]
    assert [e.section for e in errors] == [B2BCN, B2BCN, B2BCN, ECOMA]


def test_an_unknown_section_is_kept(tmp_path: Path):
    (error,) = offline(tmp_path, impg=[{"boenum": "7", "error_msg": "no"}]).errors
    assert (error.section, error.source_key, error.number, error.message) == (None, "impg", "", "no")


@pytest.mark.parametrize(
    ("record", "code", "message"),
    [
        ({"error_msg": " no "}, "", "no"),
        ({"error_cd": "A1", "error_msg": None}, "A1", NO_REASON),
        ({"err_cd": "A1", "err_msg": "no"}, "A1", "no"),
        ({"errorCode": 17, "errorMsg": ["one", "two"]}, "17", "one; two"),
        ({}, "", NO_REASON),
    ],
)
def test_code_and_message_in_any_spelling(record: dict, code: str, message: str, tmp_path: Path):
    (error,) = offline(tmp_path, b2b=[{**INVOICE, **record}]).errors
    assert (error.code, error.message) == (code, message)


def test_other_spellings_of_a_note_and_numbers_as_numbers(tmp_path: Path):
    record = note(nt_num=..., nt_dt=..., rtnprd=..., ntnum=17, ntdt="01-01-2026", sRtnPrd="022026")
    (error,) = offline(tmp_path, **{"B2B-CN": [record]}).errors
    assert (error.section, error.number, error.date, error.return_period) == (
        B2BCN, "17", "01-01-2026", "022026",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "notice"),
    [
        ({"status_cd": "P", "proc_cnt": "5", "err_cnt": "0"}, "completely, 5 records processed."),
        ({"status_cd": "PE", "error_report": {"b2b": [INVOICE]}}, "with errors."),
        ({"status_cd": "ER"}, "refused the whole upload"),
        ({"status_cd": "IP"}, "still processing"),
        ({"status_cd": "REC"}, "has received"),
        ({"status_cd": "XX"}, "status XX, which is not known"),
    ],
)
def test_the_status_becomes_a_notice(content: dict, notice: str, tmp_path: Path):
    assert notice in report(tmp_path, content).notices[0]


def test_a_failure_of_the_whole_file_comes_with_advice(tmp_path: Path):
    content = {"status_cd": "ER", "err_cd": "IMSSAV0015", "err_msg": "Save in progress", "error_report": None}
    assert report(tmp_path, content).notices == [
        "The portal refused the whole upload: no record of it was taken.",
        f"IMSSAV0015: Save in progress {CODES['IMSSAV0015'].what_to_do}",
    ]
    nested = {"status_cd": "0", "error": {"error_cd": "RET2B1010", "message": "Unauthorised"}}
    assert report(tmp_path, nested).notices[-1].startswith("RET2B1010: Unauthorised The portal did not")


def test_a_report_without_errors_says_so(tmp_path: Path):
    assert offline(tmp_path).notices == ["error.json lists no errors."]
    assert offline(tmp_path, b2b=[], count=0).notices == ["error.json lists no errors."]


@pytest.mark.parametrize(
    ("content", "recipient"),
    [
        ({"rtin": RECIPIENT.lower(), "imsDetailsErr": {}}, RECIPIENT),
        ({"imsDetailsErr": {"gstin": RECIPIENT}}, RECIPIENT),
        ({"gstin": RECIPIENT, "status_cd": "P"}, RECIPIENT),
        ({"data": {"rtin": RECIPIENT, "error_report": {}}}, RECIPIENT),
        ({"rtin": None, "imsDetailsErr": {}}, None),
    ],
)
def test_whose_report_it_is(content: dict, recipient: str | None, tmp_path: Path):
    assert report(tmp_path, content).recipient == recipient


def test_reports_of_two_gstins_are_refused(tmp_path: Path):
    first = write(tmp_path / "a.json", {"rtin": RECIPIENT, "imsDetailsErr": {}})
    second = write(tmp_path / "b.json", {"rtin": "29ZZZFN3303D1Z0", "imsDetailsErr": {}})
    with pytest.raises(ErrorReportError, match=rf"b\.json: belongs to 29ZZ.*a\.json to {RECIPIENT}"):
        read_error_reports([first, second])


def test_several_reports_in_a_zip_and_the_same_error_once(tmp_path: Path):
    bad = invoice(error_msg="no")
    with ZipFile(tmp_path / "e.zip", "w") as archive:
        archive.writestr("1/e.json", json.dumps({"imsDetailsErr": {"b2b": [bad]}}))
        archive.writestr("2/e.json", json.dumps({"imsDetailsErr": {"b2b": [bad, invoice(inum="2")]}}))
    assert [e.number for e in read_error_reports([tmp_path / "e.zip"]).errors] == ["SA/417", "2"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"imsDetails": {"b2b": []}}, "is a download.*ims-xl build"),
        ({"data": {"b2b": []}}, "is a download"),
        ({"gstin": RECIPIENT, "impg": []}, "is a download"),
        ({"rtin": RECIPIENT, "reqtyp": "SAVE", "invdata": {}}, "is an upload"),
        ({"a": 1}, "keys found: a"),
        ({}, "keys found: none"),
        ([], "not an object"),
        ({"imsDetailsErr": [1]}, r"\$\.imsDetailsErr: must be an object"),
        ({"imsDetailsErr": {"b2b": ["x"]}}, r"\$\.imsDetailsErr\.b2b\[0\]: must be an object"),
        ({"rtin": "27", "imsDetailsErr": {}}, r"\$\.rtin: 27 is not a GSTIN"),
        ('{"imsDetailsErr": {}, "imsDetailsErr": {}}', "twice"),
        ("", "is empty"),
    ],
    ids=str,
)
def test_a_file_that_is_no_report_says_what_it_is(content: object, says: str, tmp_path: Path):
    with pytest.raises(ErrorReportError, match=says):
        report(tmp_path, content)


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        ("Enter a value for the column itcRedReq", ("itc_reduction",)),
        ("No action taken in B2B Credit Notes", ("itc_reduction",)),
        ("Remarks cannot exceed 250 characters", ("remarks",)),
        ("declIgst exceeds iamt", ("declared_igst", "igst")),
        ("Invalid action", ("status",)),
        ("Invoice number and pos do not match", ("number", "place_of_supply")),
        ("Transaction failed for this position", ()),
        ("Something went wrong", ()),
    ],
)
def test_the_columns_a_message_is_about(message: str, fields: tuple[str, ...]):
    assert advice_on("", message).fields == fields


def test_a_known_code_counts_more_than_the_words():
    assert advice_on(" imssav0054 ", "Invalid action") == CODES["IMSSAV0054"]
    assert advice_on("IMSSAV0015", "Invalid action").fields == ("status",)


def test_every_column_named_exists():
    named = {field for advice in (*CODES.values(), *(a for _, a in PHRASES)) for field in advice.fields}
    assert named | {field for _, field in WORDS} <= INPUTS | set(SHOWN)
