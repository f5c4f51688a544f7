"""Hostile and broken downloads: refused with one sentence and exit code 2, or built as if nothing were odd.

Whatever comes in, nobody sees a traceback, no file is left half-written, nothing is unpacked anywhere, and
memory and time stay bounded (``MOST_MEGABYTES`` and ``LONGEST_SECONDS`` for each command).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hostile import books, jsons, zips
from hostile.running import (
    DOWNLOAD,
    SAMPLE_RECIPIENT,
    TEXTS_REFUSED,
    assert_refused,
    build,
    contents,
    run,
    run_apart,
)
from ooxml import assert_valid

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DOWNLOADS_REFUSED = {
    **TEXTS_REFUSED,
    jsons.gstin_is_list: r"b2b\[0\]\.stin",
    jsons.section_is_object: "b2b: must be a list",
    jsons.record_is_text: r"b2b\[0\]: a record must be an object",
}

DOWNLOADS_READ = [
    jsons.utf8_with_mark,
    jsons.windows_lines,
    jsons.huge_exponent,
    jsons.tiny_exponent,
    jsons.forty_digits,
    jsons.forty_decimals,
    jsons.million_digits,
    jsons.value_is_object,
    jsons.control_characters,
    jsons.formula_names,
    jsons.long_name,
    jsons.right_to_left,
    jsons.looks_escaped,
    jsons.lower_case_gstin,
    jsons.gstin_with_spaces,
    jsons.many_keys,
]


@pytest.mark.parametrize("spoil", DOWNLOADS_REFUSED, ids=lambda spoil: spoil.__name__)
def test_a_download_is_refused(spoil: Callable[[str], bytes], tmp_path: Path):
    download = tmp_path / "download.json"
    download.write_bytes(spoil(DOWNLOAD))
    before = contents(tmp_path)
    assert_refused(build(download), DOWNLOADS_REFUSED[spoil])
    assert contents(tmp_path) == before


@pytest.mark.parametrize("twist", DOWNLOADS_READ, ids=lambda twist: twist.__name__)
def test_an_odd_download_becomes_a_valid_workbook_without_surprises(
    twist: Callable[[str], bytes], tmp_path: Path
):
    download = tmp_path / "download.json"
    download.write_bytes(twist(DOWNLOAD))
    assert build(download).code == 0
    book = tmp_path / "book.xlsx"
    assert_valid(book)
    sheet = openpyxl.load_workbook(book)["B2B"]
    kinds = {cell.data_type for row in sheet.iter_rows(min_row=6, max_col=5) for cell in row}
    assert kinds <= {"s", "n", "d", "inlineStr"}  # no formulas, no errors
    assert run("harvest", book).code == 3


def test_names_that_look_like_formulas_stay_text(tmp_path: Path):
    download = tmp_path / "download.json"
    download.write_bytes(jsons.formula_names(DOWNLOAD))
    assert build(download).code == 0
    shown = {
        (cell.value, cell.data_type)
        for row in openpyxl.load_workbook(tmp_path / "book.xlsx")["B2B"].iter_rows(min_row=6)
        for cell in row
        if isinstance(cell.value, str)
    }
    assert {("=cmd|'/c calc'!A1", "s"), ("+1+1", "s"), ("-2+3", "s"), ("@SUM(A1)", "s")} <= shown


def test_exponents_do_not_fill_the_memory(tmp_path: Path):
    for spoil in (jsons.huge_exponent, jsons.tiny_exponent):
        download = tmp_path / f"{spoil.__name__}.json"
        download.write_bytes(spoil(DOWNLOAD))
        assert (
            run_apart(
                "build", download, "-o", download.with_suffix(".xlsx"), "--gstin", SAMPLE_RECIPIENT
            ).code
            == 0
        )


# zips of downloads

NAME = "IMS_download.json"
ONE = {NAME: DOWNLOAD.encode()}

ZIPS_REFUSED = {
    "bomb": (partial(zips.bomb, members=ONE, name=NAME, megabytes=4096), "unpack"),
    "bomb that lies": (
        partial(zips.bomb, members=ONE, name=NAME, megabytes=512, declared=50_000),
        "damaged|unpack",
    ),
    "sizes too small": (partial(zips.lying_small, members=ONE), "damaged"),
    "sizes too large": (partial(zips.lying_large, members=ONE), "damaged|unpack"),
    "half": (partial(zips.truncated, members=ONE, keep=0.5), "damaged"),
    "all but the end": (partial(zips.truncated, members=ONE, keep=0.99), "damaged"),
    "flipped bits": (partial(zips.flipped, members=ONE, name=NAME), "damaged"),
    "password": (partial(zips.locked, members=ONE), "password"),
    "strange packing": (partial(zips.packed_strangely, members=ONE), "damaged|unusual"),
    "crowd": (partial(zips.crowded, members=ONE, count=60_000), "60001 files"),
    "nothing": (partial(zips.plain, members={}), "no .json|damaged|empty"),
    "no JSON": (partial(zips.plain, members={"a.txt": b"hello"}), "no .json"),
    "zip in a zip": (partial(zips.nested, data=ONE[NAME], name=NAME, depth=2), "no .json|zip"),
    "workbook": (partial(zips.plain, members={books.TYPES: b"<Types/>", **ONE}), "workbook"),
}

ZIPS_READ = {
    "folder": partial(zips.plain, members={f"a/b/{NAME}": ONE[NAME], "a/": b""}),
    "names that lead out": partial(zips.plain, members=zips.escaping({f"../../{NAME}": ONE[NAME]})),
}


@pytest.mark.parametrize(("make", "says"), ZIPS_REFUSED.values(), ids=ZIPS_REFUSED)
def test_a_zip_is_refused(make: Callable[[Path], None], says: str, tmp_path: Path):
    make(tmp_path / "download.zip")
    before = contents(tmp_path)
    assert_refused(build(tmp_path / "download.zip", run_apart), says)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("make", ZIPS_READ.values(), ids=ZIPS_READ)
def test_an_odd_zip_is_read_and_nothing_is_unpacked(make: Callable[[Path], None], tmp_path: Path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    make(inner / "download.zip")
    assert build(inner / "download.zip").code == 0
    made = ["book.audit.jsonl", "book.xlsx", "download.zip"]
    assert sorted(contents(tmp_path)) == [inner / name for name in made]
