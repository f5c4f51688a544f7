from __future__ import annotations

import hashlib
import json
import os
import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING
from zipfile import ZipFile, ZipInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from portal_helpers import INVOICE, NOTE, RECIPIENT, SAMPLES, download, invoice, note, raw, write

from ims_excel.exceptions import DownloadError, OptionError
from ims_excel.portal import intake
from ims_excel.portal.comparing import compare
from ims_excel.portal.download import read_downloads
from ims_excel.portal.sections import B2B, B2BCN, ECOM, ECOMA, SECTIONS

if TYPE_CHECKING:
    from pathlib import Path

    from ims_excel.portal.snapshot import Snapshot

OTHER = "29ZZZFN3303D1Z0"


def read(path: Path, *more: Path, recipient: str | None = None):
    return read_downloads([path, *more], recipient=recipient)


# envelopes


@pytest.mark.parametrize(
    "content",
    [
        {"imsDetails": {"b2b": [INVOICE]}},
        {"rtin": RECIPIENT, "imsDetails": {"b2b": [INVOICE]}},
        {"gstin": RECIPIENT.lower(), "imsDetails": {"b2b": [INVOICE]}},
        {"imsDetails": {"ctin": f" {RECIPIENT} ", "b2b": [INVOICE]}},
        {"imsDetails": {"b2b": [INVOICE], "b2ba": [], "b2bcn": None}, "chksum": "x"},
        {"data": {"b2b": [INVOICE]}, "status": 1},
        {"data": {"imsDetails": {"b2b": [INVOICE]}}},
        {"gstin": RECIPIENT, "rtnprd": "112025", "b2b": [INVOICE], "ecoma": []},
        {"b2b": [INVOICE]},
        {"b2b": [INVOICE], "data": None},
        {"IMSDetails": {"B2B": [INVOICE]}},
    ],
    ids=str,
)
def test_an_envelope(content: object, tmp_path: Path):
    snapshot = read(write(tmp_path / "a.json", content), recipient=RECIPIENT)
    assert list(snapshot.sections) == [B2B]
    (record,) = snapshot.sections[B2B]
    assert (record.document.number, record.section, record.occurrence) == ("SA/417", B2B, 1)
    assert json.loads(record.raw) == INVOICE
    assert (snapshot.recipient, snapshot.others) == (RECIPIENT, {})


def test_the_samples():
    snapshot = read(SAMPLES / "download.json", recipient=RECIPIENT)
    counts = {section.key: len(records) for section, records in snapshot.sections.items()}
    assert list(snapshot.sections) == list(SECTIONS)
    assert counts == {
        "b2b": 4, "b2ba": 2, "b2bdn": 2, "b2bdna": 2, "b2bcn": 3, "b2bcna": 2, "ecom": 2, "ecoma": 1,
    }  # fmt: skip
    flat = read(SAMPLES / "variant_flat_boolean.json")
    assert (flat.recipient, flat.sections[B2B][0].document.filing_status) == (RECIPIENT, "F")
    snake = read(SAMPLES / "variant_rtnTyp_snake.json")
    assert snake.sections[B2B][0].document.return_period == "032026"
    assert snake.sections[B2BCN][0].document.declared_cgst == 900
    imports = read(SAMPLES / "variant_impg.json", recipient=RECIPIENT)
    assert (dict(imports.sections), sorted(imports.others)) == ({}, ["impg", "impga"])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"imsDetailsErr": {"b2b": []}}, "error report; give it to: ims-xl errors"),
        ({"status_cd": "PE", "error_report": {}}, "error report; give it to: ims-xl errors"),
        ({"data": {"error_report": {}}}, "error report; give it to: ims-xl errors"),
        ({"rtin": RECIPIENT, "reqtyp": "SAVE", "invdata": {}}, "is an upload.*Download JSON"),
        ({"rtin": RECIPIENT, "reqtyp": "SAVE", "boedata": {}}, "is an upload"),
        ({"est": "30", "token": "x"}, r"\(a token\)"),
        ({"data": {"est": "30", "token": "x"}}, r"\(a token\)"),
        ({"urls": [{"ul": "x"}], "ek": "y", "fc": 1}, "list of files to fetch"),
        ({"data": "bG9j", "rek": "x"}, "encrypted"),
        ({"fp": "x", "chksum": "y"}, r"keys found: fp, chksum"),
        ({}, "keys found: none"),
        ({"imsDetails": []}, "not an object"),
        ({"imsDetails": {"b2b": {}}}, r"\$\.imsDetails\.b2b: must be a list"),
        ({"imsDetails": {"b2b": "x"}}, r"\$\.imsDetails\.b2b: must be a list"),
        ([INVOICE], "not an object"),
        ("", "is empty"),
        ("hello", "is not JSON: line 1, column 1"),
        ('{"imsDetails": {"b2b": [], "b2b": []}}', r'\$\.imsDetails: has the key "b2b" twice'),
        ('{"imsDetails": {}, "imsDetails": {}}', 'the key "imsDetails" twice'),
    ],
    ids=str,
)
def test_a_file_that_is_no_download_says_what_to_do(content: object, says: str, tmp_path: Path):
    path = write(tmp_path / "a.json", content)
    with pytest.raises(DownloadError, match=says) as caught:
        read(path, recipient=RECIPIENT)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "section"),
    [
        *(
            (key, section)
            for section in SECTIONS
            for key in (section.key, section.key.upper(), section.sheet)
        ),
        *((alias, section) for section in SECTIONS for alias in section.aliases),
        ("e_c2b", ECOM),
        ("E-B2B", ECOM),
        ("e_b2ba", ECOMA),
    ],
)
def test_a_section_key_in_any_spelling(key: str, section, tmp_path: Path):
    record = {**(NOTE if section.is_note else INVOICE)}
    snapshot = read(download(tmp_path / "a.json", **{key: [record]}))
    assert list(snapshot.sections) == [section]
    assert snapshot.sections[section][0].source_key == key


def test_two_keys_of_one_section_come_together(tmp_path: Path):
    path = download(tmp_path / "a.json", e_b2b=[invoice(inum="1")], eco=[invoice(inum="2")])
    records = read(path).sections[ECOM]
    assert [(r.document.number, r.source_key) for r in records] == [("1", "e_b2b"), ("2", "eco")]
    assert [r.source_key for r in (records[0], records[1], records[-1])] == ["e_b2b", "eco", "eco"]


def test_imports_and_unknown_sections_are_kept_to_the_byte(tmp_path: Path):
    text = '{"imsDetails": {"impg": [{"a":  1.50}, 7], "zzz": [[]], "odd": {"b": 2}, "empty": [], "n": 1}}'
    snapshot = read(write(tmp_path / "a.json", text), recipient=RECIPIENT)
    assert snapshot.others == {"impg": [b'{"a":  1.50}', b"7"], "zzz": [b"[]"], "odd": [b'{"b": 2}']}


def test_imports_of_two_files_come_once(tmp_path: Path):
    first = download(tmp_path / "a.json", impg=[{"boenum": "1"}, {"boenum": "1"}])
    second = download(tmp_path / "b.json", impg=[{"boenum": "1"}, {"boenum": "2"}])
    assert read(first, second).others == {
        "impg": [b'{"boenum": "1"}', b'{"boenum": "1"}', b'{"boenum": "2"}']
    }


# whose file it is


def test_the_recipient_must_be_known(tmp_path: Path):
    path = write(tmp_path / "a.json", {"imsDetails": {}})
    with pytest.raises(OptionError, match="--gstin"):
        read(path)
    assert read(path, recipient=f" {RECIPIENT.lower()}").recipient == RECIPIENT
    assert (
        read(write(tmp_path / "b.json", {"rtin": None, "gstin": RECIPIENT, "b2b": []})).recipient == RECIPIENT
    )


def test_a_malformed_recipient_is_refused(tmp_path: Path):
    path = write(tmp_path / "a.json", {"rtin": "27ZZZ", "imsDetails": {}})
    with pytest.raises(DownloadError, match=r"\$\.rtin: 27ZZZ is not a GSTIN"):
        read(path)
    with pytest.raises(DownloadError, match=r"27 is not a GSTIN"):
        read(write(path, {"rtin": 27, "imsDetails": {}}))
    with pytest.raises(OptionError, match="27AB is not a GSTIN"):
        read(path, recipient="27AB")


def test_another_gstin_than_the_option_says_is_refused(tmp_path: Path):
    with pytest.raises(DownloadError, match=f"{RECIPIENT}, and --gstin says {OTHER}"):
        read(download(tmp_path / "a.json", b2b=[]), recipient=OTHER)


def test_files_of_two_gstins_are_refused_naming_both(tmp_path: Path):
    first = download(tmp_path / "a.json", b2b=[])
    second = write(tmp_path / "b.json", {"rtin": OTHER, "imsDetails": {}})
    with pytest.raises(DownloadError, match=f"b.json: .*{OTHER}, and .*a.json those of {RECIPIENT}"):
        read(first, second)
    silent = write(tmp_path / "c.json", {"imsDetails": {"b2b": [INVOICE]}})
    assert read(silent, first).recipient == RECIPIENT


# several files


def test_the_same_file_twice_counts_once(tmp_path: Path):
    first = download(tmp_path / "a.json", b2b=[INVOICE, INVOICE])
    copy = write(tmp_path / "copy.json", first.read_bytes())
    snapshot = read(first, first, copy)
    assert len(snapshot.sections[B2B]) == 2
    assert [(s.name, s.sha256) for s in snapshot.sources] == [
        ("a.json", hashlib.sha256(first.read_bytes()).hexdigest())
    ]


def test_equal_records_of_two_files_collapse_however_they_are_written(tmp_path: Path):
    first = download(tmp_path / "a.json", b2b=[INVOICE, invoice(inum="2")], b2bcn=[NOTE])
    turned = json.dumps(dict(reversed(INVOICE.items())), indent=4).replace("118000", "118000.00")
    turned = turned.replace('"ispendactblocked": "N"', '"ispendactblocked": false')
    second = write(tmp_path / "b.json", f'{{"b2b": [{turned}, {json.dumps(invoice(inum="3"))}]}}')
    snapshot = read(first, second)
    assert [r.document.number for r in snapshot.sections[B2B]] == ["SA/417", "2", "3"]
    assert [r.occurrence for r in snapshot.sections[B2B]] == [1, 1, 1]
    assert len(snapshot.sections[B2BCN]) == 1
    assert [source.name for source in snapshot.sources] == ["a.json", "b.json"]


@pytest.mark.parametrize("change", [{"val": 118001}, {"action": "A"}, {"tradenm": ...}, {"new": 1}])
def test_two_files_that_contradict_each_other_are_refused(change: dict[str, object], tmp_path: Path):
    first = download(tmp_path / "a.json", b2b=[INVOICE])
    second = download(tmp_path / "b.json", b2b=[invoice(inum="9"), invoice(**change)])
    with pytest.raises(DownloadError, match=r"b\.json: .*SA/417 of .* \(B2B\) than .*a\.json"):
        read(first, second)


def test_the_file_that_is_contradicted_is_named(tmp_path: Path):
    files = [
        download(tmp_path / f"{name}.json", b2b=[invoice(inum=name)]) for name in ("first", "second", "third")
    ]
    with pytest.raises(DownloadError, match=r"last\.json: .*than .*second\.json"):
        read(*files, download(tmp_path / "last.json", b2b=[invoice(inum="second", val=1)]))


ROWS = [
    INVOICE,
    invoice(inum="2"),
    invoice(inum="2", val=5),
    invoice(inum=3),
    invoice(inum="4", more="unknown"),
    invoice(inum="5", action="A"),
]
SOME_ROWS = st.lists(st.sampled_from(ROWS), max_size=8)


@given(old=SOME_ROWS, new=SOME_ROWS, more=st.lists(st.sampled_from(ROWS), max_size=3))
def test_what_an_earlier_download_has_is_taken_as_if_it_were_checked(old, new, more, tmp_path_factory):
    folder = tmp_path_factory.mktemp("known")
    known = read(download(folder / "old.json", b2b=old))
    files = [download(folder / "new.json", b2b=new), download(folder / "more.json", b2b=more)]
    try:
        fresh = read_downloads(files)
    except DownloadError as problem:
        with pytest.raises(DownloadError, match=re.escape(str(problem))):
            read_downloads(files, known=known)
        return
    found = read_downloads(files, known=known)
    assert compare(known, found) == compare(known, fresh)
    assert told(found) == told(fresh)


def told(snapshot: Snapshot) -> list[tuple[str, str, bytes, bool]]:
    records = (record for records in snapshot.sections.values() for record in records)
    return [(record.source_key, record.key, record.raw, record.is_regular) for record in records]


def test_documents_of_one_identity_are_numbered_and_never_merged(tmp_path: Path):
    path = download(tmp_path / "a.json", b2b=[INVOICE, invoice(inum="sa/417 ", val=5), INVOICE])
    records = read(path).sections[B2B]
    assert [(r.occurrence, r.document.value) for r in records] == [(1, 118000), (2, 5), (3, 118000)]
    assert [r.key for r in records] == [records[0].key, f"{records[0].key}#2", f"{records[0].key}#3"]
    assert records[1].occurrence == 2
    more = download(
        tmp_path / "b.json", b2b=[INVOICE, invoice(inum="sa/417 ", val=5), INVOICE, invoice(val=7)]
    )
    assert [r.occurrence for r in read(path, more).sections[B2B]] == [1, 2, 3, 4]


def test_the_same_number_in_two_sections_is_two_documents(tmp_path: Path):
    snapshot = read(download(tmp_path / "a.json", b2b=[INVOICE], ecom=[INVOICE]))
    assert [r.occurrence for records in snapshot.sections.values() for r in records] == [1, 1]


def test_a_sequence_of_records_can_be_asked_for_any_of_them(tmp_path: Path):
    records = read(download(tmp_path / "a.json", b2b=[invoice(inum=str(n)) for n in range(5)])).sections[B2B]
    assert records[-1].document.number == "4"
    assert [r.document.number for r in records[1:3]] == ["1", "2"]
    assert list(records) == [records[n] for n in range(len(records))]
    with pytest.raises(IndexError):
        records[5]


# what is wrong in a file, all of it


def test_every_unusable_record_is_named_with_its_place(tmp_path: Path):
    path = download(tmp_path / "a.json", b2b=[INVOICE, invoice(inum=...)], b2bcn=[note(action="X"), 5])
    with pytest.raises(DownloadError) as caught:
        read(path)
    assert str(caught.value).splitlines() == [
        f"{path}: 3 records cannot be used:",
        "  $.imsDetails.b2b[1].inum: is missing; without it the document has no identity.",
        "  $.imsDetails.b2bcn[0].action: must be N, A, R or P, and it is X.",
        "  $.imsDetails.b2bcn[1]: a record must be an object of keys and values, and this is 5.",
    ]


def test_one_unusable_record_has_its_place_apart(tmp_path: Path):
    path = download(tmp_path / "a.json", b2b=[invoice(idt=None)])
    with pytest.raises(DownloadError) as caught:
        read(path)
    assert caught.value.place == "$.imsDetails.b2b[0].idt"


def test_only_the_first_ten_of_many_are_shown(tmp_path: Path):
    with pytest.raises(DownloadError) as caught:
        read(download(tmp_path / "a.json", b2b=[invoice(inum=None)] * 13))
    lines = str(caught.value).splitlines()
    assert len(lines) == 12
    assert lines[-1] == "  and 3 more"


# files and zips


def test_paths_that_cannot_be_read(tmp_path: Path):
    with pytest.raises(DownloadError, match=r"gone\.json: there is no such file"):
        read(tmp_path / "gone.json")
    with pytest.raises(DownloadError, match="is a folder"):
        read(tmp_path)
    with pytest.raises(OptionError, match="at least one"):
        read_downloads([])


@pytest.mark.parametrize("head", [b"\xd0\xcf\x11\xe0", b"%PDF-1.7"])
def test_documents_of_another_kind(head: bytes, tmp_path: Path):
    with pytest.raises(DownloadError, match="Excel or PDF"):
        read(write(tmp_path / "a.json", head + b"x" * 100))


def packed(path: Path, **members: bytes) -> Path:
    with ZipFile(path, "w", 8) as archive:
        for name, data in members.items():
            archive.writestr(ZipInfo(name, (2026, 4, 2, 10, 30, 0)), data, 8)
    return path


def test_a_zip_of_several_members(tmp_path: Path):
    content = raw({"rtin": RECIPIENT, "imsDetails": {"b2b": [INVOICE]}})
    path = packed(
        tmp_path / "a.zip",
        **{
            "x/../../y/one.JSON": content,
            "two.json": raw({"b2bcn": [NOTE]}),
            "__MACOSX/x/._one.json": b"\x00junk",
            "._two.json": b"junk",
            ".DS_Store": b"junk",
            "readme.txt": b"hello",
        },
    )
    snapshot = read(path)
    assert [source.name for source in snapshot.sources] == ["a.zip!x/../../y/one.JSON", "a.zip!two.json"]
    assert list(snapshot.sections) == [B2B, B2BCN]
    assert snapshot.downloaded_at.replace(tzinfo=None) == datetime(2026, 4, 2, 10, 30)
    assert snapshot.downloaded_at.tzinfo is not None
    assert os.listdir(tmp_path) == ["a.zip"]  # noqa: PTH208


def test_a_zip_is_known_by_its_content_not_its_name(tmp_path: Path):
    path = packed(tmp_path / "a.json", **{"one.json": raw({"b2b": [INVOICE]})})
    assert len(read(path, recipient=RECIPIENT).sections[B2B]) == 1


def test_a_bad_member_is_named(tmp_path: Path):
    with pytest.raises(DownloadError, match=r"a\.zip!in/b\.json: .*keys found"):
        read(packed(tmp_path / "a.zip", **{"in/b.json": b"{}"}))


def test_zips_over_the_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = packed(tmp_path / "a.zip", **{"a.json": raw({"b2b": []}) + b" " * 100_000})
    assert read(path, recipient=RECIPIENT).sections == {}
    monkeypatch.setattr(intake, "RATIO_MATTERS_FROM", 1000)
    with pytest.raises(DownloadError, match="far more than it should"):
        read(path, recipient=RECIPIENT)
    monkeypatch.setattr(intake, "MAX_BYTES", 99_999)
    with pytest.raises(DownloadError, match="would unpack to more"):
        read(path, recipient=RECIPIENT)
    monkeypatch.setattr(intake, "MAX_MEMBERS", 0)
    with pytest.raises(DownloadError, match="holds 1 files"):
        read(path, recipient=RECIPIENT)


def test_zips_without_a_download(tmp_path: Path):
    with pytest.raises(DownloadError, match=r"no \.json file"):
        read(packed(tmp_path / "a.zip", **{"__MACOSX/a.json": b"{}"}))
    with pytest.raises(DownloadError, match="is a workbook"):
        read(packed(tmp_path / "a.xlsx", **{"[Content_Types].xml": b"x"}))
    with pytest.raises(DownloadError, match="damaged zip"):
        read(write(tmp_path / "b.zip", b"PK\x03\x04 and no more"))


def test_the_oldest_file_tells_the_age(tmp_path: Path):
    first = download(tmp_path / "a.json", b2b=[INVOICE])
    second = download(tmp_path / "b.json", b2bcn=[NOTE])
    old = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
    os.utime(second, (old.timestamp(), old.timestamp()))
    snapshot = read(first, second)
    assert snapshot.downloaded_at == old
    assert isinstance(snapshot.downloaded_at.utcoffset(), timedelta)


@pytest.mark.parametrize("date_time", [(1980, 1, 1, 0, 0, 0), (1980, 0, 0, 0, 0, 0)])
def test_a_zip_that_does_not_date_its_members_is_dated_itself(date_time: tuple[int, ...], tmp_path: Path):
    info = ZipInfo("a.json")
    info.date_time = date_time
    with ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, raw({"b2b": []}))
    os.utime(tmp_path / "a.zip", (1_700_000_000, 1_700_000_000))
    assert read(tmp_path / "a.zip", recipient=RECIPIENT).downloaded_at.timestamp() == 1_700_000_000
