"""Files of every kind that people hand in for a workbook, and files made to do harm."""

import io
import pickle
import struct
import zipfile
from pathlib import Path

import pytest
import tables

from ims_excel.exceptions import WorkbookError
from ims_excel.workbook import archive
from ims_excel.workbook.kinds import FileKind, kind_of
from ims_excel.workbook.package import open_package

OLE = (
    bytes.fromhex("d0cf11e0a1b11ae1").ljust(30, b"\0")
    + struct.pack("<H", 9)
    + bytes(16)
    + struct.pack("<I", 0)
)


def ole(stream: str) -> bytes:
    return OLE.ljust(512, b"\0") + stream.encode("utf-16-le").ljust(512, b"\0")


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return buffer.getvalue()


@pytest.fixture
def book(tmp_path):
    return tables.with_xlsxwriter(tmp_path / "book.xlsx", {"B2B": "a | b", "B2B-CN": "c"})


def read_all(path: Path) -> None:
    with open_package(path) as package:
        for name in package.names:
            for _ in package.open(name):
                pass


def refusal(path: Path) -> str:
    with pytest.raises(WorkbookError) as caught:
        read_all(path)
    assert caught.value.path == path
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")
    return caught.value.what


@pytest.mark.parametrize(
    ("content", "kind", "says"),
    [
        (b"", FileKind.EMPTY, "is empty"),
        (ole("EncryptedPackage"), FileKind.ENCRYPTED, "is protected by a password"),
        (
            ole("Workbook"),
            FileKind.XLS,
            "is an old .xls workbook: open it in Excel or LibreOffice and save it as .xlsx",
        ),
        (OLE[:20], FileKind.XLS, "is an old .xls workbook"),
        (b"GSTIN,Status\n27AAA,Accepted\n", FileKind.TEXT, "is a text or CSV file"),
        ("GSTIN\tStatus\n".encode("utf-16"), FileKind.TEXT, "is a text or CSV file"),
        (b'\xef\xbb\xbf {"imsDetails": {}}', FileKind.JSON, "is a JSON file, not a workbook"),
        (b"[1]", FileKind.JSON, "is a JSON file"),
        (b"%PDF-1.7\n", FileKind.PDF, "is a PDF"),
        (b"<html><table>", FileKind.MARKUP, "is an HTML or XML file"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", FileKind.BINARY, "is not a workbook"),
        (zipped("mimetype", "content.xml"), FileKind.ODS, "is an OpenDocument spreadsheet (.ods)"),
        (zipped("[Content_Types].xml", "xl/workbook.bin"), FileKind.XLSB, "is a binary workbook (.xlsb)"),
        (zipped("Index/Document.iwa"), FileKind.NUMBERS, "is an Apple Numbers document"),
        (zipped("download.json"), FileKind.OTHER_ZIP, "is a zip but not a workbook"),
        (b"PK\x03\x04" + bytes(40), FileKind.BROKEN_ZIP, "is cut off or damaged"),
    ],
    ids=lambda value: value.name if isinstance(value, FileKind) else "",
)
def test_a_file_of_another_kind_gets_its_own_sentence(tmp_path, content, kind, says):
    path = tmp_path / "book.xlsx"
    path.write_bytes(content)
    assert kind_of(path) is kind
    assert says in refusal(path)


def test_a_workbook_is_known_by_content_and_not_by_name(book, tmp_path):
    renamed = book.rename(tmp_path / "book.csv")
    assert kind_of(renamed) is FileKind.OOXML


def test_paths_that_are_no_files(tmp_path):
    assert "there is no such file" in refusal(tmp_path / "none.xlsx")
    assert "is a folder" in refusal(tmp_path)
    lock = tmp_path / "~$book.xlsx"
    lock.write_bytes(b"user")
    assert "pass book.xlsx instead" in refusal(lock)


def test_a_file_that_may_not_be_read_is_probably_open_in_excel(book, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert "close it in Excel" in refusal(book)


def test_every_length_of_a_cut_off_file_is_refused(book, tmp_path):
    whole = book.read_bytes()
    cut = tmp_path / "cut.xlsx"
    for length in range(1, len(whole), 97):
        cut.write_bytes(whole[:length])
        assert refusal(cut)


def test_every_flipped_byte_is_refused_or_harmless(book, tmp_path):
    """Only WorkbookError comes out, and content that is read is what was written."""
    whole = book.read_bytes()
    flipped = tmp_path / "flipped.xlsx"
    with open_package(book) as package:
        sheet = package.read("xl/worksheets/sheet1.xml")
    for position in range(0, len(whole), 13):
        flipped.write_bytes(whole[:position] + bytes([whole[position] ^ 0x55]) + whole[position + 1 :])
        try:
            with open_package(flipped) as package:
                assert package.read("xl/worksheets/sheet1.xml") == sheet
        except WorkbookError:
            pass
        except KeyError:
            assert b"xl/worksheets/sheet1.xml" in whole[position - 30 : position + 30]


def test_sheets_are_listed_in_tab_order_with_their_parts(book):
    with open_package(book) as package:
        assert [(sheet.title, sheet.name, sheet.state) for sheet in package.sheets] == [
            ("B2B", "xl/worksheets/sheet1.xml", "visible"),
            ("B2B-CN", "xl/worksheets/sheet2.xml", "visible"),
        ]
        assert package.content_types["xl/worksheets/sheet1.xml"].endswith("worksheet+xml")
        assert not package.date1904


def test_strict_files_and_absolute_targets_list_their_sheets(book):
    workbook = tables.read_part(book, "xl/workbook.xml")
    workbook = workbook.replace(tables.MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main")
    workbook = workbook.replace(
        "schemas.openxmlformats.org/officeDocument/2006", "purl.oclc.org/ooxml/officeDocument"
    )
    tables.replace_part(
        book, "xl/workbook.xml", workbook.replace("<workbookPr ", '<workbookPr date1904="1" ')
    )
    relations = tables.read_part(book, "xl/_rels/workbook.xml.rels")
    relations = relations.replace('Target="worksheets', 'Target="/xl/worksheets')
    relations = relations.replace(
        "schemas.openxmlformats.org/officeDocument/2006", "purl.oclc.org/ooxml/officeDocument"
    )
    tables.replace_part(book, "xl/_rels/workbook.xml.rels", relations)
    with open_package(book) as package:
        assert [sheet.name for sheet in package.sheets] == [
            "xl/worksheets/sheet1.xml",
            "xl/worksheets/sheet2.xml",
        ]
        assert package.related(package.workbook_part, "styles") == "xl/styles.xml"
        assert package.date1904


def test_a_sheet_whose_part_is_missing_is_refused(book):
    relations = tables.read_part(book, "xl/_rels/workbook.xml.rels")
    relations = relations.replace("worksheets/sheet2.xml", "worksheets/gone.xml")
    tables.replace_part(book, "xl/_rels/workbook.xml.rels", relations)
    assert "are missing" in refusal(book)


def test_links_outside_are_no_parts(book):
    relations = tables.read_part(book, "xl/_rels/workbook.xml.rels")
    link = '<Relationship Id="rId99" Type="x/externalLink" Target="file:///c:/a.xlsx" TargetMode="External"/>'
    tables.replace_part(
        book, "xl/_rels/workbook.xml.rels", relations.replace("</Relationships>", link + "</Relationships>")
    )
    with open_package(book) as package:
        assert "rId99" not in package.relationships(package.workbook_part)


@pytest.mark.parametrize(
    "part", ["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"]
)
@pytest.mark.parametrize(
    ("xml", "says"),
    [
        ('<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>', "declares a document type"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', "declares a document type"),
        ("<x><y></x>", "is damaged in its part"),
        ("", "is damaged in its part"),
    ],
)
def test_broken_and_hostile_xml_is_refused(book, part, xml, says):
    tables.replace_part(book, part, xml)
    assert says in refusal(book)


def test_a_word_document_is_no_workbook(book):
    types = tables.read_part(book, "[Content_Types].xml")
    tables.replace_part(
        book,
        "[Content_Types].xml",
        types.replace("spreadsheetml.sheet.main", "wordprocessingml.document.main"),
    )
    assert "is a document or presentation" in refusal(book)


def patched(book: Path, name: str, *, offset: int, value: bytes) -> Path:
    """Change a part's entry in the zip's directory."""
    whole = bytearray(book.read_bytes())
    entry = whole.rindex(name.encode()) - 46
    assert whole[entry : entry + 4] == b"PK\x01\x02"
    whole[entry + offset : entry + offset + len(value)] = value
    book.write_bytes(whole)
    return book


@pytest.mark.parametrize("size", [1, 10, 10_000_000])
def test_a_size_that_lies_is_found_while_inflating(book, size):
    patched(book, "xl/theme/theme1.xml", offset=24, value=struct.pack("<I", size))
    assert refusal(book)


def test_a_declared_size_beyond_the_bounds_is_refused_unread(book):
    patched(book, "xl/theme/theme1.xml", offset=24, value=struct.pack("<I", 0xFFFFFFF0))
    assert "unpacks to more than ims-xl reads" in refusal(book)


def test_a_part_of_blanks_is_a_bomb(book):
    tables.replace_part(book, "xl/worksheets/sheet2.xml", b" " * (9 << 20))
    assert "unpacks to more than 250 times its size" in refusal(book)


def test_bounds_on_the_whole(book, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(archive, "MAX_TOTAL_BYTES", 1000)
        assert "unpacks to more than ims-xl reads (1,000 bytes)" in refusal(book)
    monkeypatch.setattr(archive, "MAX_MEMBERS", 3)
    assert "parts, more than ims-xl reads (3)" in refusal(book)


def test_a_part_that_is_parsed_whole_has_a_bound_of_its_own(book):
    with open_package(book) as package, pytest.raises(WorkbookError, match="is larger than ims-xl reads"):
        package.read("xl/styles.xml", limit=10)


def test_parts_that_share_their_bytes_are_refused(book):
    with zipfile.ZipFile(book) as archive:
        offset = archive.getinfo("xl/styles.xml").header_offset
    patched(book, "xl/theme/theme1.xml", offset=42, value=struct.pack("<I", offset))
    assert "holds parts that overlap" in refusal(book)


@pytest.mark.parametrize("twin", ["xl/styles.xml", "xl/STYLES.xml"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_part_that_stands_there_twice_is_refused(book, twin):
    with zipfile.ZipFile(book, "a") as archive:
        archive.writestr(twin, "<styleSheet/>")
    assert "holds a part twice" in refusal(book)


def test_encrypted_and_exotic_members_are_refused(book, tmp_path):
    exotic = tmp_path / "exotic.xlsx"
    with zipfile.ZipFile(book) as archive, zipfile.ZipFile(exotic, "w", zipfile.ZIP_BZIP2) as other:
        for name in archive.namelist():
            other.writestr(name, archive.read(name))
    assert "packs its part" in refusal(exotic)
    patched(book, "xl/theme/theme1.xml", offset=8, value=b"\x01\x00")
    assert "is protected by a password" in refusal(book)


def test_stored_parts_are_checked_too(book, tmp_path):
    stored = tmp_path / "stored.xlsx"
    with zipfile.ZipFile(book) as archive, zipfile.ZipFile(stored, "w", zipfile.ZIP_STORED) as other:
        for name in archive.namelist():
            other.writestr(name, archive.read(name))
    with open_package(stored) as package:
        assert [sheet.title for sheet in package.sheets] == ["B2B", "B2B-CN"]
    stored.write_bytes(stored.read_bytes().replace(b"<t>c</t>", b"<t>d</t>"))
    assert "is damaged in its part xl/sharedStrings.xml" in refusal(stored)


def test_streams_give_the_content_in_any_portion(book):
    with open_package(book) as package:
        whole = package.read("xl/theme/theme1.xml")
        for size in (1, 7, 4096, 1 << 20):
            stream = package.open("xl/theme/theme1.xml")
            portions = list(iter(lambda stream=stream, size=size: stream.read(size), b""))
            assert b"".join(portions) == whole
            assert max(map(len, portions)) <= size


def test_the_error_can_travel_between_processes(tmp_path):
    with pytest.raises(WorkbookError) as caught:
        open_package(tmp_path / "none.xlsx")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
