"""The three readers, and what must hold whatever they are given.

``try_…(path, random)`` reads one broken file with everything that follows from it, and returns "read" or
"refused". Anything else that comes out is a finding: an exception that is no ImsError, a message that shows
its Python, a changed input, a file left behind, two readers that disagree, or something lost on the way.
"""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ims_excel.exceptions import ImsError
from ims_excel.pipelines.build import build
from ims_excel.pipelines.demo import SAMPLE_RECIPIENT
from ims_excel.pipelines.entering import INPUT_FIELDS
from ims_excel.pipelines.errors import errors
from ims_excel.pipelines.harvest import harvest
from ims_excel.pipelines.validate import validate
from ims_excel.portal.download import read_downloads
from ims_excel.portal.embedding import dump_snapshot, load_snapshot
from ims_excel.portal.errors import read_error_reports
from ims_excel.workbook import read as reading
from ims_excel.workbook.read import read_book
from ims_excel.workbook.scan import SheetScan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    from ims_excel.portal.snapshot import Snapshot
    from ims_excel.workbook.read import Book, SheetRead

CORPUS = Path(__file__).with_name("corpus")
SAMPLES = Path(__file__).parents[2] / "samples"
LONGEST_MESSAGE = 4_000
OFTEN_ENOUGH = 0.04
"""How many inputs of the JSON readers go on into a workbook, which takes a hundred times longer."""

_INTERNALS = re.compile(
    r"Traceback|object at 0x|NoneType|subscriptable|codec can't|<class |list index|Errno|report this"
)
_UNREAD_PARTS = re.compile(
    r"docProps/(?:app|core)\.xml|xl/(?:theme|charts|drawings|media|printerSettings)/.*"
)


class FindingError(Exception):
    """Something that must not happen; the text says what."""


@dataclass(frozen=True)
class Target:
    """A reader that is given broken files.

    Attributes:
        name: of the target and of its folder in the corpus.
        kind: what ``mutate`` takes its files for.
        suffix: of its files' names.
        check: reads one; returns "read" or "refused", raises for a finding.
    """

    name: str
    kind: str
    suffix: str
    check: Callable[[Path, Random, frozenset[str], Path], str]

    def suffix_of(self, data: bytes) -> str:
        """Choose the suffix of an input's name, which may be a zip."""
        return ".zip" if self.kind == "json" and data.startswith(b"PK") else self.suffix

    def seeds(self) -> list[Path]:
        """List the files that are broken: the corpus, and the samples for the two JSON readers."""
        own = sorted(path for path in (CORPUS / self.name).iterdir() if path.suffix != ".md")
        return own + [SAMPLES / name for name in _SAMPLES.get(self.name, ())]


_SAMPLES = {
    "download": [
        "download.json",
        "variant_api_data.json",
        "variant_flat_boolean.json",
        "variant_impg.json",
        "variant_rtnTyp_snake.json",
    ],
    "report": ["error_offline.json", "error_api.json"],
}


def try_download(path: Path, random: Random, _changed: frozenset[str], _seed: Path) -> str:
    """Read a download and carry it through the workbook's hidden sheet; now and then build the workbook."""
    snapshot = attempt(lambda: read_downloads([path], recipient=SAMPLE_RECIPIENT))
    recipient = SAMPLE_RECIPIENT if snapshot else None
    snapshot = snapshot or attempt(lambda: read_downloads([path]))
    if snapshot is None:
        return "refused"
    if said(snapshot) != said(load_snapshot(dump_snapshot(snapshot))):
        raise FindingError("the hidden sheet changes what the download says")
    if random.random() < OFTEN_ENOUGH:
        goes_round(path, recipient)
    return "read"


def said(snapshot: Snapshot) -> object:
    """Put in comparable terms what a snapshot says."""
    sections = {
        section.key: [(r.key, r.raw, r.source_key, r.document) for r in records]
        for section, records in snapshot.sections.items()
    }
    return snapshot.recipient, snapshot.downloaded_at, snapshot.sources, sections, dict(snapshot.others)


def goes_round(download: Path, recipient: str | None) -> None:
    """Build a download's workbook and harvest it untouched: nothing may have changed."""
    book = download.with_name("built.xlsx")
    build(download, book, gstin=recipient, overwrite=True)
    result = harvest(book, download.with_name("upload.json"))
    if result.upload or result.restored_cells:
        raise FindingError(
            f"an untouched workbook has changes: {result.restored_cells} cells, {result.upload}"
        )


def try_report(path: Path, random: Random, _changed: frozenset[str], _seed: Path) -> str:
    """Read an error report; now and then write it into a workbook."""
    report = attempt(lambda: read_error_reports([path]))
    if report is None:
        return "refused"
    for error in report.errors:
        texts = (
            error.source_key,
            error.supplier_gstin,
            error.number,
            error.code,
            error.message,
            error.advice,
        )
        if not all(type(text) is str for text in texts):
            raise FindingError(f"not all texts are texts: {texts!r}")
    if random.random() < OFTEN_ENOUGH:
        out = path.with_name("out.xlsx")
        if attempt(lambda: errors(CORPUS / "workbook" / "decided.xlsx", path, out=out)):
            read_book(out)
    return "read"


def try_workbook(path: Path, random: Random, changed: frozenset[str], seed: Path) -> str:
    """Read a workbook with both readers, then run a verb on it and read what that wrote."""
    book = attempt(lambda: content(read_book(path)))
    with only_exactly():
        exact = attempt(lambda: content(read_book(path)))
    if book is not None and exact is not None and book != exact:
        raise FindingError(f"the readers disagree: {difference(book, exact)}")
    if changed and all(map(_UNREAD_PARTS.fullmatch, changed)) and book != as_it_was(seed):
        raise FindingError(f"a change in {', '.join(changed)} changes what is read")
    out = path.with_name("out.xlsx")
    verb = random.choice((validate, harvest, errors))
    if verb is validate:
        result = attempt(lambda: validate(path, out=out))
    elif verb is harvest:
        result = attempt(lambda: harvest(path, path.with_name("upload.json"), out=out))
    else:
        result = attempt(lambda: errors(path, SAMPLES / "error_offline.json", out=out))
    if result is None:
        if out.exists() or path.with_name("upload.json").exists():
            raise FindingError(f"{verb.__name__} refused the workbook and left a file behind")
        return "refused"
    if book is None:
        raise FindingError(f"{verb.__name__} took a workbook that read_book refused")
    if typed(read_book(path)) != typed(read_book(out)):
        raise FindingError(f"{verb.__name__} changed what people typed")
    if path.with_name("upload.json").exists():
        json.loads(path.with_name("upload.json").read_bytes())
    return "read"


TARGETS = {
    target.name: target
    for target in (
        Target("download", "json", ".json", try_download),
        Target("workbook", "xlsx", ".xlsx", try_workbook),
        Target("report", "json", ".json", try_report),
    )
}


def attempt(read: Callable[[], Any]) -> Any:
    """Call a reader; None when it refuses its file properly."""
    try:
        return read()
    except ImsError as problem:
        text = str(problem)
        is_list = "records cannot be used:" in text
        if ("\n" in text and not is_list) or _INTERNALS.search(text) or not 20 < len(text) < LONGEST_MESSAGE:
            raise FindingError(f"a message not fit for people: {text[:LONGEST_MESSAGE]}") from problem
        return None


@contextmanager
def only_exactly() -> Iterator[None]:
    """Let the exact reader read what is for the fast one, too."""
    usual = reading.read_sheet
    reading.read_sheet = lambda *_: (SheetScan("for the test"), ())
    try:
        yield
    finally:
        reading.read_sheet = usual


def content(book: Book) -> dict[str, object]:
    """Put in comparable terms everything that was read."""
    found: dict[str, object] = {"properties": book.properties, "blob": book.blob, "others": book.other_sheets}
    found["ledger"] = getattr(book, "ledger_blob", None)
    for number, sheet in enumerate(book.sheets):
        found[f"sheet {number}"] = (sheet.title, sheet.section.key, sheet.columns, sheet.heading_row)
        found[f"sheet {number} filter"] = (sheet.hidden_rows, sheet.filtered)
        for row in sheet.rows:
            found[f"sheet {number} row {row.number}"] = ours(sheet, row.values)
    return found


def ours(sheet: SheetRead, values: Any) -> list[tuple[str, object]]:
    """Give a row's values in our columns with their types, as 1, 1.0 and True are equal otherwise."""
    chosen = [values[column] if column < len(values) else None for column in sorted(sheet.columns.values())]
    return [(type(value).__name__, value) for value in chosen]


def difference(one: dict[str, object], other: dict[str, object]) -> str:
    """Name the first thing in which two contents differ."""
    key = next(key for key in [*one, *other] if one.get(key) != other.get(key))
    return f"{key}: {one.get(key)!r:.600} and {other.get(key)!r:.600}"


def as_it_was(seed: Path) -> dict[str, object] | None:
    """Read the file that was broken."""
    return attempt(lambda: content(read_book(seed)))


def typed(book: Book) -> dict[object, object]:
    """Give what people typed, by sheet and row."""
    found = {}
    for sheet in book.sheets:
        columns = [sheet.columns[name] for name in INPUT_FIELDS if name in sheet.columns]
        for row in sheet.rows:
            values = [row.values[column] if column < len(row.values) else None for column in columns]
            if any(value is not None for value in values):
                found[sheet.title, row.number] = values
    return found
