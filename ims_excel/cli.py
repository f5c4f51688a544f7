"""The command line: parse, call a verb, print the report, choose the exit code; nothing else.

Exit codes: 0 done; 1 errors remain in the workbook; 2 unusable input or options; 3 nothing to upload.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import Any

import click

from ims_excel import __version__
from ims_excel.cli_options import Verb, contested, json_option, portal_options, progress_bar, show
from ims_excel.cli_refresh import refresh
from ims_excel.cli_team import merge, split
from ims_excel.terminal import printable

DONE, ERRORS_REMAIN, NOTHING_TO_UPLOAD = 0, 1, 3

_FILE = click.Path(path_type=Path)

_out = click.option("--out", type=_FILE, help="Write the marked workbook here; leave BOOK as it is.")
_force = click.option("--force", "overwrite", is_flag=True, help="Let --out replace an existing workbook.")
_source = click.option("--source", type=_FILE, help="The download, if BOOK lost its hidden sheet.")
_strict = click.option(
    "--strict", is_flag=True, help="Make a missing ITC answer (R43), or its reason (R34), an error."
)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
The month in five steps:
  1. IMS dashboard > Offline > Download JSON
  2. ims-xl build download.json -o march.xlsx
  3. decide in Excel, LibreOffice, Google Sheets or WPS, and save
  4. ims-xl harvest march.xlsx -o upload.json      then upload it on the portal
  5. ims-xl confirm march.xlsx upload.json         if the portal took it all, or
     ims-xl errors march.xlsx error.json           if it answers with errors
A newer download comes in with  ims-xl refresh march.xlsx download-2.json

Exit codes: 0 done; 1 errors remain; 2 unusable input or options; 3 nothing to upload.
""",
)
@click.version_option(__version__, prog_name="ims-xl")
def main() -> None:
    """The GST Invoice Management System in a spreadsheet, without macros."""
    _speak_utf8()
    gc.set_threshold(50_000, 20, 100)  # a verb makes a million objects, few of them garbage in cycles
    sys.setswitchinterval(0.001)  # a reader or packer in another thread shall not wait long for its turn


@main.command(
    cls=Verb,
    short_help="Turn the portal's download into a workbook.",
    epilog="""\b
Examples:
  ims-xl build download.json
  ims-xl build part1.zip part2.zip -o march.xlsx
  ims-xl build download.json --gstin 27ZZZCK4501A1ZH --template our-templates
""",
)
@click.argument("inputs", nargs=-1, required=True, type=_FILE, metavar="INPUT...")
@click.option(
    "-o", "--output", "book", type=_FILE, help="The workbook to write [default: IMS_GSTIN_DATE.xlsx]."
)
@click.option("--gstin", help="The recipient's GSTIN, if the download does not name it.")
@click.option("--protect", is_flag=True, help="Lock the portal's columns. Excel then refuses to sort.")
@click.option("--template", type=_FILE, help="A folder with your own templates, laid over the shipped ones.")
@click.option(
    "--force", "overwrite", is_flag=True, help="Replace an existing workbook and the decisions in it."
)
@json_option
def build(inputs: tuple[Path, ...], *, json_output: bool, **values: Any) -> None:  # noqa: ANN401
    """Turn the portal's IMS download into a workbook.

    INPUT is the JSON of IMS dashboard > Offline > Download JSON, or a zip of them; several are merged.
    """
    from ims_excel import build as run
    from ims_excel import report

    with progress_bar() as progress:
        result = run(inputs, progress=progress, **values)
    show(result, report.build_report, json_output=json_output)


@main.command(
    cls=Verb,
    short_help="Check a workbook and write the errors into it.",
    epilog="""\b
Examples:
  ims-xl validate march.xlsx
  ims-xl validate march.xlsx --out marked.xlsx --json
""",
)
@click.argument("book", type=_FILE)
@_out
@_force
@_source
@_strict
@json_option
@contested
@click.pass_context
def validate(ctx: click.Context, /, book: Path, *, json_output: bool, **values: Any) -> None:  # noqa: ANN401
    """Check a worked-on workbook as harvest does and write the errors into it; no upload is written."""
    from ims_excel import report
    from ims_excel import validate as run

    with progress_bar() as progress:
        result = run(book, options=portal_options(values), progress=progress, **values)
    show(result, report.validate_report, json_output=json_output)
    ctx.exit(ERRORS_REMAIN if result.errors else DONE)


@main.command(
    cls=Verb,
    short_help="Check a workbook and write the upload of its changes.",
    epilog="""\b
Examples:
  ims-xl harvest march.xlsx -o upload.json
  ims-xl harvest march.xlsx --skip-invalid
  ims-xl harvest march.xlsx --all --json

Exit codes: 0 done; 1 errors remain; 2 unusable input or options; 3 nothing to upload.
""",
)
@click.argument("book", type=_FILE)
@click.option(
    "-o",
    "--output",
    "upload",
    type=_FILE,
    help="The upload to write [default: IMS_GSTIN_TIME.json].",
)
@_out
@_source
@_strict
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Send every record that differs from the download once more, but what the portal refused.",
)
@click.option(
    "--resend-refused", is_flag=True, help="Send rows again that the portal refused and nobody corrected."
)
@click.option(
    "--reset-ledger", is_flag=True, help="Forget earlier uploads, if BOOK's notes about them are damaged."
)
@click.option("--skip-invalid", is_flag=True, help="Leave rows with errors out instead of writing no upload.")
@click.option("--allow-empty", is_flag=True, help="Write an upload without records when nothing changed.")
@click.option(
    "--force", "overwrite", is_flag=True, help="Let --out replace a workbook, -o a file that is no upload."
)
@json_option
@contested
@click.pass_context
def harvest(ctx: click.Context, /, book: Path, *, json_output: bool, **values: Any) -> None:  # noqa: ANN401
    """Check a worked-on workbook, write the errors into it, and write the upload of its changed records.

    The workbook remembers what was exported: the next harvest sends only what changed since.
    """
    from ims_excel import harvest as run
    from ims_excel import report

    with progress_bar() as progress:
        result = run(book, options=portal_options(values), progress=progress, **values)
    show(result, report.harvest_report, json_output=json_output)
    if result.errors or (result.held_back and not result.upload):
        ctx.exit(ERRORS_REMAIN)
    ctx.exit(DONE if result.upload else NOTHING_TO_UPLOAD)


@main.command(
    cls=Verb,
    short_help="Put the portal's errors back into the workbook.",
    epilog="""\b
Examples:
  ims-xl errors march.xlsx error.json
  ims-xl errors march.xlsx errors.zip --out marked.xlsx
""",
)
@click.argument("book", type=_FILE)
@click.argument("reports", nargs=-1, required=True, type=_FILE, metavar="ERROR...")
@click.option(
    "--upload",
    type=_FILE,
    metavar="NAME",
    help="The upload the report is about [default: the one whose records it repeats].",
)
@_out
@_force
@_source
@json_option
def errors(book: Path, reports: tuple[Path, ...], *, json_output: bool, **values: Any) -> None:  # noqa: ANN401
    """Put the portal's error report into the workbook's "GST portal validation errors" column.

    ERROR is the error JSON of an upload that ended as "Processed with Error", or a zip with such files. The
    records of that upload which it does not name count as taken by the portal.
    """
    from ims_excel import errors as run
    from ims_excel import report

    with progress_bar() as progress:
        result = run(book, reports, progress=progress, **values)
    show(result, report.errors_report, json_output=json_output)


@main.command(
    cls=Verb,
    short_help="Note that an upload went through without errors.",
    epilog="""\b
Examples:
  ims-xl confirm march.xlsx upload.json
  ims-xl confirm march.xlsx upload_p1of3.json
  ims-xl confirm march.xlsx upload.json --failed
""",
)
@click.argument("book", type=_FILE)
@click.argument("upload", type=_FILE)
@click.option(
    "--failed",
    is_flag=True,
    help="The contrary: it was never uploaded, or refused as a whole; send it again.",
)
@_out
@_force
@json_option
def confirm(book: Path, upload: Path, *, json_output: bool, **values: Any) -> None:  # noqa: ANN401
    """Note in the workbook that the portal took an upload: all its records, without errors.

    UPLOAD is the file that harvest wrote; its name is enough when the file is gone.
    """
    from ims_excel import confirm as run
    from ims_excel import report_uploads

    with progress_bar() as progress:
        result = run(book, upload, progress=progress, **values)
    show(result, report_uploads.confirm_report, json_output=json_output)


@main.command(
    cls=Verb,
    short_help="Show what was done with a workbook, and when.",
    epilog="""\b
Examples:
  ims-xl log march.xlsx
  ims-xl log march.xlsx --document SA/25-26/0417
  ims-xl log march.xlsx --json
""",
)
@click.argument("book", type=_FILE)
@click.option("--document", metavar="NUMBER", help="Only what happened to the document of this number.")
@json_option
def log(book: Path, *, json_output: bool, document: str | None) -> None:
    """Show what was done with a workbook, and when.

    Every build, harvest, error report, confirmation, refresh and merge, each decision that changed between
    them, and what newer downloads brought; of one document also the uploads it went up in.
    """
    from ims_excel import read_log as run
    from ims_excel import report_uploads

    show(run(book, document), report_uploads.log_report, json_output=json_output)


@main.command(
    cls=Verb,
    short_help="Tell what changed between two downloads.",
    epilog="""\b
Examples:
  ims-xl diff monday.json friday.json
  ims-xl diff monday.zip friday.zip --gstin 27ZZZCK4501A1ZH --json
""",
)
@click.argument("old", type=_FILE)
@click.argument("new", type=_FILE)
@click.option("--gstin", help="The recipient's GSTIN, if the downloads do not name it.")
@json_option
def diff(old: Path, new: Path, *, json_output: bool, gstin: str | None) -> None:
    """Tell what changed from one download to a newer one; no workbook is needed.

    New documents, those the supplier changed and how, actions taken online, and what is no longer there.
    """
    from ims_excel import diff as run
    from ims_excel import report_diff

    result = run(old, new, gstin)
    show(result, report_diff.diff_report, json_output=json_output)


@main.command(
    cls=Verb,
    short_help="List every rule that is checked.",
    epilog="""\b
Examples:
  ims-xl rules
  ims-xl rules R24 R43
  ims-xl rules --json
""",
)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@json_option
def rules(ids: tuple[str, ...], *, json_output: bool) -> None:
    """List every rule that is checked, with its severity and where it comes from."""
    from ims_excel import report
    from ims_excel.pipelines.rulebook import rulebook

    entries = rulebook(ids)
    show(entries, report.rules_report, json_output=json_output)


@main.command(
    cls=Verb,
    short_help="Run the whole month on the shipped samples.",
    epilog="""\b
Examples:
  ims-xl demo
  ims-xl demo ~/ims-demo
""",
)
@click.argument("directory", type=_FILE, default=Path("demo"), metavar="[DIR]")
def demo(directory: Path) -> None:
    """Run the whole month on the shipped samples: build, decide, harvest, and the portal's errors back in."""
    from ims_excel.pipelines.demo import demo as run

    for line in run(directory):
        click.echo(printable(line))


main.add_command(refresh)
main.add_command(split)
main.add_command(merge)


def _speak_utf8() -> None:
    """Print rupee signs on Windows consoles too, whose default encoding may lack them."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
