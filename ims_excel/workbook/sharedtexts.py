"""The texts of single shared strings, without holding all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.workbook.celltext import string_text
from ims_excel.workbook.elements import ElementScan
from ims_excel.workbook.exact import unescape
from ims_excel.workbook.markup import MarkupError, parse

if TYPE_CHECKING:
    from collections.abc import Collection

    from ims_excel.workbook.package import Package


def shared_texts(package: Package, indexes: Collection[int]) -> dict[int, str]:
    """Look up shared strings by their index; those that do not exist are left out.

    Raises:
        WorkbookError: when the part that holds them is damaged.
    """
    name = package.related(package.workbook_part, "sharedStrings")
    if not indexes or name is None:
        return {}
    texts: dict[int, str] = {}
    try:
        scan = ElementScan(package.open(name), b"sst", b"si")
        index, last = -1, max(indexes)
        for stretch in scan.stretches():
            for found in scan.items(stretch):
                index += 1
                if index in indexes:
                    texts[index] = unescape(string_text(parse(scan.text(found)[0])))
            if index >= last:
                break
    except MarkupError:
        raise package.damaged(name) from None
    return texts
