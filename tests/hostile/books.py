"""Workbooks that are broken, enormous or no workbooks: ``builder(good, out)`` writes one from a good one.

``good`` is any .xlsx; "the sheet" is its worksheet whose title is B2B, or else the first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zipfile import ZipFile

import openpyxl
from hostile import zips

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHEETS_END = b"</sheetData>"
LAST_ROW, LAST_COLUMN = 1_048_576, "XFD"
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
STRINGS, WORKBOOK, TYPES = "xl/sharedStrings.xml", "xl/workbook.xml", "[Content_Types].xml"
LINKS = "xl/_rels/workbook.xml.rels"


def parts_of(book: Path) -> dict[str, bytes]:
    """Read every part of a package."""
    with ZipFile(book) as package:
        return {name: package.read(name) for name in package.namelist()}


def sheet_part(parts: dict[str, bytes], title: str = "B2B") -> str:
    """Name the part of a sheet; of the first one when there is none of that title."""
    sheets = dict(re.findall(r'<sheet [^>]*?name="([^"]*)"[^>]*?r:id="([^"]*)"', parts[WORKBOOK].decode()))
    wanted = sheets.get(title) or next(iter(sheets.values()))
    for relation in re.findall(r"<Relationship .*?>", parts[LINKS].decode()):
        if f'Id="{wanted}"' in relation:
            return "xl/" + re.search(r'Target="/?(?:xl/)?([^"]*)"', relation)[1]
    raise AssertionError(f"no part for the sheet {title}")


def change(good: Path, out: Path, part: str, edit: Callable[[bytes], bytes]) -> None:
    """Copy a workbook, changing one part ("" is the sheet)."""
    parts = parts_of(good)
    name = part or sheet_part(parts)
    changed = edit(parts[name])
    assert changed != parts[name]
    zips.plain(out, {**parts, name: changed})


def add_rows(good: Path, out: Path, rows: bytes) -> None:
    """Copy a workbook, adding rows behind the last one of the sheet."""
    change(good, out, "", lambda xml: xml.replace(SHEETS_END, rows + SHEETS_END, 1))


# cells and rows


def far_cell(good: Path, out: Path) -> None:
    """A cell in the very last corner: a dense reader lays out 17 thousand million cells for it."""
    add_rows(good, out, b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


def far_space(good: Path, out: Path) -> None:
    """A stray space in Y1048576."""
    add_rows(good, out, b'<row r="1048576"><c r="Y1048576" t="inlineStr"><is><t> </t></is></c></row>')


def million_blank_rows(good: Path, out: Path) -> None:
    """A million rows behind the last one that are formatted and blank, as Ctrl+A and a border leave them."""
    row = '<row r="{0}" s="1" customFormat="1"><c r="A{0}" s="1"/><c r="B{0}" s="1"/></row>'
    add_rows(
        good, out, "".join(row.format(number) for number in range(LAST_ROW - 1_000_000, LAST_ROW)).encode()
    )


def row_beyond_the_last(good: Path, out: Path) -> None:
    """A row number that no sheet has."""
    add_rows(good, out, b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>')


def column_beyond_the_last(good: Path, out: Path) -> None:
    """A cell in the 100,000th column."""
    add_rows(good, out, b'<row r="1048000"><c r="EQXD1048000"><v>1</v></c></row>')


def cell_in_another_row(good: Path, out: Path) -> None:
    """A cell that stands in one row and claims another."""
    add_rows(good, out, b'<row r="900"><c r="A7"><v>1</v></c></row>')


def nonsense_number(good: Path, out: Path) -> None:
    """A number cell that holds no number."""
    add_rows(good, out, b'<row r="900"><c r="A900"><v>one</v></c></row>')


def string_out_of_reach(good: Path, out: Path) -> None:
    """A cell that points at a shared string that is not there."""
    add_rows(good, out, b'<row r="900"><c r="A900" t="s"><v>99999999</v></c></row>')


def remark_out_of_reach(good: Path, out: Path) -> None:
    """A remark that points at a shared string that is not there."""
    mark = b"Goods not received"
    number = re.findall(rb"<si>.*?</si>", parts_of(good)[STRINGS], re.DOTALL)
    inline = re.compile(rb' t="inlineStr"><is><t[^>]*>' + mark + b"[^<]*</t></is>")
    shared = [re.compile(b' t="s"><v>%d</v>' % n) for n, text in enumerate(number) if mark in text]
    change(good, out, "", lambda xml: (shared or [inline])[0].sub(b' t="s"><v>99999999</v>', xml))


def dimension_lies_large(good: Path, out: Path) -> None:
    """A sheet that claims 100,000 columns."""
    change(
        good, out, "", lambda xml: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:EQXD1048576"', xml)
    )


def dimension_lies_small(good: Path, out: Path) -> None:
    """A sheet that claims a single cell: who believes it loses every row."""
    change(good, out, "", lambda xml: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', xml))


def million_merges(good: Path, out: Path) -> None:
    """A hundred thousand merged ranges."""
    merges = "".join(f'<mergeCell ref="AZ{2 * n + 1}:AZ{2 * n + 2}"/>' for n in range(100_000)).encode()
    change(
        good,
        out,
        "",
        lambda xml: xml.replace(SHEETS_END, SHEETS_END + b"<mergeCells>" + merges + b"</mergeCells>"),
    )


# XML


def laughs(good: Path, out: Path, part: str) -> None:
    """A thousand million laughs: entities of entities in a part, used once."""
    entities = ['<!ENTITY l0 "lol">']
    entities += [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)]
    change(good, out, part, lambda xml: with_doctype(xml, "".join(entities), "&l9;"))


def quadratic_laughs(good: Path, out: Path, part: str) -> None:
    """One long entity used very often, which depth limits do not see."""
    long = "x" * 100_000
    change(good, out, part, lambda xml: with_doctype(xml, f'<!ENTITY a "{long}">', "&a;" * 10_000))


def file_entity(good: Path, out: Path, part: str, secret: Path) -> None:
    """An entity that is another file of this computer."""
    entity = f'<!ENTITY a SYSTEM "{secret.as_uri()}">'
    change(good, out, part, lambda xml: with_doctype(xml, entity, "&a;"))


def remote_doctype(good: Path, out: Path, part: str) -> None:
    """A document type to be fetched from somewhere."""
    root = b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'
    change(good, out, part, lambda xml: behind_declaration(xml, root))


def with_doctype(xml: bytes, entities: str, use: str) -> bytes:
    """Declare entities and use them in the first text of a part, or where the rows or sheets begin."""
    declared = behind_declaration(xml, f"<!DOCTYPE x [{entities}]>".encode())
    cell = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{use}</t></is></c></row>'.encode()
    for mark, put in ((b"<sheetData>", cell), (b"<si><t>", use.encode()), (b"<sheets>", use.encode())):
        if mark in declared:
            return declared.replace(mark, mark + put, 1)
    raise AssertionError("nowhere to use the entity")


def behind_declaration(xml: bytes, inserted: bytes) -> bytes:
    """Insert something behind <?xml …?>."""
    end = xml.index(b"?>") + 2
    return xml[:end] + inserted + xml[end:]


def sheet_cut_off(good: Path, out: Path) -> None:
    """A sheet whose XML breaks off, in a zip that is whole."""
    change(good, out, "", lambda xml: xml[: len(xml) // 2])


def workbook_cut_off(good: Path, out: Path) -> None:
    """A workbook.xml that breaks off."""
    change(good, out, WORKBOOK, lambda xml: xml[: len(xml) // 2])


def raw_control_character(good: Path, out: Path) -> None:
    """A control character that XML forbids."""
    add_rows(good, out, b'<row r="900"><c r="A900" t="inlineStr"><is><t>\x07</t></is></c></row>')


def deep_xml(good: Path, out: Path) -> None:
    """Elements 100,000 deep in a part that matters."""
    change(
        good,
        out,
        WORKBOOK,
        lambda xml: xml.replace(b"<sheets>", b"<x>" * 100_000 + b"</x>" * 100_000 + b"<sheets>"),
    )


def utf16_parts(good: Path, out: Path) -> None:
    """Every XML part in UTF-16, which the standard allows and nobody writes."""
    parts = parts_of(good)
    marked = {
        name: re.sub(rb'encoding="[^"]*"', b'encoding="UTF-16"', data, count=1).decode().encode("utf-16")
        if name.endswith((".xml", ".rels"))
        else data
        for name, data in parts.items()
    }
    zips.plain(out, marked)


# packages


def bomb_in_sheet(good: Path, out: Path, megabytes: int = 4096) -> None:
    """A sheet that inflates to gigabytes of spaces between its rows."""
    parts = parts_of(good)
    name = sheet_part(parts)
    spread = parts[name].replace(SHEETS_END, b"\n" + SHEETS_END, 1)
    zips.bomb(out, {**parts, name: spread}, name, megabytes)


def bomb_in_sheet_that_lies(good: Path, out: Path, megabytes: int = 512) -> None:
    """The same, in a zip that claims the sheet is small."""
    parts = parts_of(good)
    name = sheet_part(parts)
    spread = parts[name].replace(SHEETS_END, b"\n" + SHEETS_END, 1)
    zips.bomb(out, {**parts, name: spread}, name, megabytes, declared=50_000)


def bomb_in_strings(good: Path, out: Path, megabytes: int = 4096) -> None:
    """Shared strings that inflate to gigabytes."""
    parts = parts_of(good)
    spread = parts[STRINGS].replace(b"</sst>", b"\n</sst>", 1)
    zips.bomb(out, {**parts, STRINGS: spread}, STRINGS, megabytes)


def bomb_beside(good: Path, out: Path, megabytes: int = 1024) -> None:
    """A picture that inflates to a gigabyte, which nobody needs to look into."""
    zips.bomb(out, {**parts_of(good), "xl/media/image1.bin": b"\n"}, "xl/media/image1.bin", megabytes)


def truncated(good: Path, out: Path, keep: float) -> None:
    """The first part of a workbook."""
    zips.truncated(out, parts_of(good), keep)


def flipped(good: Path, out: Path) -> None:
    """A workbook with broken bytes in the middle of the sheet."""
    parts = parts_of(good)
    zips.flipped(out, parts, sheet_part(parts))


def lying_small(good: Path, out: Path) -> None:
    """A workbook whose parts claim to be ten bytes long."""
    zips.lying_small(out, parts_of(good))


def lying_large(good: Path, out: Path) -> None:
    """A workbook whose parts claim to be four gigabytes long."""
    zips.lying_large(out, parts_of(good))


def overlapping(good: Path, out: Path) -> None:
    """A workbook whose directory names one part's data many times."""
    zips.overlapping(out, parts_of(good), 500)


def locked(good: Path, out: Path) -> None:
    """A workbook zipped with a password."""
    zips.locked(out, parts_of(good))


def escaping(good: Path, out: Path) -> None:
    """A workbook with parts whose names lead out of the package."""
    zips.plain(out, zips.escaping(parts_of(good)))


def crowded(good: Path, out: Path) -> None:
    """A workbook with 60,000 empty parts."""
    zips.crowded(out, parts_of(good), 60_000)


def sheet_twice(good: Path, out: Path) -> None:
    """A workbook with two parts of one name: which is the sheet?"""
    parts = parts_of(good)
    name = sheet_part(parts)
    zips.doubled(out, parts, name, parts[name].replace(b"<v>", b"<v>9"))


def without(good: Path, out: Path, part: str) -> None:
    """A workbook that lacks a part."""
    parts = parts_of(good)
    del parts[part or sheet_part(parts)]
    zips.plain(out, parts)


def without_documents(good: Path, out: Path) -> None:
    """A workbook of which somebody kept the pages and none of the sheets to work on."""
    workbook = openpyxl.load_workbook(good)
    for title in [title for title in workbook.sheetnames if title.startswith(("B2B", "ECO"))]:
        del workbook[title]
    workbook.save(out)


def relation_leads_out(good: Path, out: Path) -> None:
    """A workbook whose sheet is said to stand outside of the package."""
    target = sheet_part(parts_of(good)).removeprefix("xl/").encode()
    pattern = rb'Target="/?(?:xl/)?' + re.escape(target) + b'"'
    change(good, out, LINKS, lambda xml: re.sub(pattern, b'Target="../../../../etc/passwd"', xml))


def strict_ooxml(good: Path, out: Path) -> None:
    """A workbook in the strict form that Excel offers as "Strict Open XML Spreadsheet"."""
    main, strict = (
        b"schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"purl.oclc.org/ooxml/spreadsheetml/main",
    )
    office, strict_office = (
        b"schemas.openxmlformats.org/officeDocument/2006",
        b"purl.oclc.org/ooxml/officeDocument",
    )
    changed = {n: d.replace(main, strict).replace(office, strict_office) for n, d in parts_of(good).items()}
    zips.plain(out, changed)


# other kinds of file


def somebody_elses(good: Path, out: Path) -> None:
    """A workbook that was not built by ims-xl."""
    openpyxl.Workbook().save(out)


def encrypted(good: Path, out: Path) -> None:
    """What stands at the start of a workbook with a password: an OLE container."""
    name = "EncryptedPackage".encode("utf-16-le")
    out.write_bytes(OLE + bytes(504) + name + bytes(4096))


def old_xls(good: Path, out: Path) -> None:
    """What stands at the start of an .xls."""
    out.write_bytes(OLE + bytes(504) + "Workbook".encode("utf-16-le") + bytes(4096))


def csv(good: Path, out: Path) -> None:
    """A CSV with the wrong name."""
    out.write_text("GSTIN,Value,Status\n27ZZZCS1101B1ZH,118000,Accepted\n", encoding="utf-8")


def html(good: Path, out: Path) -> None:
    """A web page that calls itself a workbook, as many old programs export."""
    out.write_text(
        "<html><body><table><tr><td>27ZZZCS1101B1ZH</td></tr></table></body></html>", encoding="utf-8"
    )


def pdf(good: Path, out: Path) -> None:
    """A PDF."""
    out.write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")


def json_file(good: Path, out: Path) -> None:
    """The download instead of the workbook."""
    out.write_text('{"imsDetails": {}}', encoding="utf-8")


def empty(good: Path, out: Path) -> None:
    """No bytes at all."""
    out.write_bytes(b"")


def zeros(good: Path, out: Path) -> None:
    """What a full disk or a crashed computer leaves."""
    out.write_bytes(bytes(20_000))


def other_zip(good: Path, out: Path) -> None:
    """A zip of something else."""
    zips.plain(out, {"download.json": b"{}"})


def word_document(good: Path, out: Path) -> None:
    """A package of another program."""
    parts = {
        name: parts_of(good)[name].replace(b"spreadsheetml.sheet", b"wordprocessingml.document")
        for name in (TYPES, "_rels/.rels", WORKBOOK, LINKS)
    }
    zips.plain(out, parts)


def lock_file(good: Path, out: Path) -> None:
    """The little file that Excel puts beside an open workbook."""
    out.write_bytes(b"\x05Asha " + b" " * 49 + b"\x04\x00A\x00s\x00h\x00a\x00" + b" \x00" * 50)
