"""The command line: parse, call a verb, print the report, choose the exit code; nothing else.

Exit codes: 0 done; 1 errors remain in the workbook; 2 unusable input or options; 3 nothing to upload.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import click

from ims_excel import __version__
from ims_excel.exceptions import ImsError
from ims_excel.options import PortalOptions
from ims_excel.terminal import printable

DONE, ERRORS_REMAIN, UNUSABLE, NOTHING_TO_UPLOAD = 0, 1, 2, 3

_CONTESTED = "Contested points of the portal's format"

_Command = TypeVar("_Command", bound=Callable[..., Any])
_Result = TypeVar("_Result")
_FILE = click.Path(path_type=Path)


class _ContestedOption(click.Option):
    """An option that settles a contested point; listed apart in --help."""


class _Verb(click.Command):
    """A command whose --help shows examples and lists contested points apart."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        common: list[tuple[str, str]] = []
        contested: list[tuple[str, str]] = []
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                (contested if isinstance(parameter, _ContestedOption) else common).append(record)
        for title, records in (("Options", common), (_CONTESTED, contested)):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401
        try:
            return super().invoke(ctx)
        except ImsError as problem:
            click.echo(printable(f"ims-xl: {problem}"), err=True)
            ctx.exit(UNUSABLE)


def _contested(command: _Command) -> _Command:
    """Add one option for each contested point, as options.py defines them."""
    for spec in reversed(fields(PortalOptions)):
        flag = "--" + spec.name.replace("_", "-")
        text = f"{spec.metadata['help']} ({spec.metadata['point']})"
        settings: dict[str, Any] = {"default": spec.default, "show_default": True, "help": text}
        if isinstance(spec.default, bool):
            settings.update(is_flag=True, show_default=False)
        elif "choices" in spec.metadata:
            settings["type"] = click.Choice(spec.metadata["choices"])
        else:
            settings["type"] = click.IntRange(min=0)
        command = click.option(flag, spec.name, cls=_ContestedOption, **settings)(command)
    return command


def _portal_options(values: dict[str, Any]) -> PortalOptions:
    return PortalOptions(**{spec.name: values.pop(spec.name) for spec in fields(PortalOptions)})


_out = click.option("--out", type=_FILE, help="Write the marked workbook here; leave BOOK as it is.")
_source = click.option("--source", type=_FILE, help="The download, if BOOK lost its hidden sheet.")
_strict = click.option("--strict", is_flag=True, help="Make R34 and R43 errors instead of warnings.")
_as_json = click.option("--json", "json_output", is_flag=True, help="Print the result as JSON.")


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
The month in five steps:
  1. IMS dashboard > Offline > Download JSON
  2. ims-xl build download.json -o march.xlsx
  3. decide in Excel, LibreOffice, Google Sheets or WPS, and save
  4. ims-xl harvest march.xlsx -o upload.json      then upload it on the portal
  5. ims-xl errors march.xlsx error.json           if the portal answers with errors

Exit codes: 0 done; 1 errors remain; 2 unusable input or options; 3 nothing to upload.
""",
)
@click.version_option(__version__, prog_name="ims-xl")
def main() -> None:
    """The GST Invoice Management System in a spreadsheet, without macros."""
    _speak_utf8()


@main.command(
    cls=_Verb,
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
@_as_json
def build(inputs: tuple[Path, ...], *, json_output: bool, **values: Any) -> None:  # noqa: ANN401
    """Turn the portal's IMS download into a workbook.

    INPUT is the JSON of IMS dashboard > Offline > Download JSON, or a zip of them; several are merged.
    """
    from ims_excel import build as run
    from ims_excel import report

    with _progress() as progress:
        result = run(inputs, progress=progress, **values)
    _show(result, report.build_report, json_output=json_output)


@main.command(
    cls=_Verb,
    short_help="Check a workbook and write the errors into it.",
    epilog="""\b
Examples:
  ims-xl validate march.xlsx
  ims-xl validate march.xlsx --out marked.xlsx --json
""",
)
@click.argument("book", type=_FILE)
@_out
@_source
@_strict
@_as_json
@_contested
@click.pass_context
def validate(ctx: click.Context, /, book: Path, *, json_output: bool, **values: Any) -> None:  # noqa: ANN401
    """Check a worked-on workbook as harvest does and write the errors into it; no upload is written."""
    from ims_excel import report
    from ims_excel import validate as run

    result = run(book, options=_portal_options(values), **values)
    _show(result, report.validate_report, json_output=json_output)
    ctx.exit(ERRORS_REMAIN if result.errors else DONE)


@main.command(
    cls=_Verb,
    short_help="Check a workbook and write the upload of its changes.",
    epilog="""\b
Examples:
  ims-xl harvest march.xlsx -o upload.json
  ims-xl harvest march.xlsx --skip-invalid
  ims-xl harvest march.xlsx --strict --json

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
@click.option("--skip-invalid", is_flag=True, help="Leave rows with errors out instead of writing no upload.")
@click.option("--allow-empty", is_flag=True, help="Write an upload without records when nothing changed.")
@click.option(
    "--force", "overwrite", is_flag=True, help="Let the upload replace a file that is not an upload."
)
@_as_json
@_contested
@click.pass_context
def harvest(ctx: click.Context, /, book: Path, *, json_output: bool, **values: Any) -> None:  # noqa: ANN401
    """Check a worked-on workbook, write the errors into it, and write the upload of its changed records."""
    from ims_excel import harvest as run
    from ims_excel import report

    result = run(book, options=_portal_options(values), **values)
    _show(result, report.harvest_report, json_output=json_output)
    if result.errors:
        ctx.exit(ERRORS_REMAIN)
    ctx.exit(DONE if result.upload else NOTHING_TO_UPLOAD)


@main.command(
    cls=_Verb,
    short_help="Put the portal's errors back into the workbook.",
    epilog="""\b
Examples:
  ims-xl errors march.xlsx error.json
  ims-xl errors march.xlsx errors.zip --out marked.xlsx
""",
)
@click.argument("book", type=_FILE)
@click.argument("reports", nargs=-1, required=True, type=_FILE, metavar="ERROR...")
@_out
@_source
@_as_json
def errors(book: Path, reports: tuple[Path, ...], *, json_output: bool, **values: Any) -> None:  # noqa: ANN401
    """Put the portal's error report into the workbook's "GST portal validation errors" column.

    ERROR is the error JSON of an upload that ended as "Processed with Error", or a zip with such files.
    """
    from ims_excel import errors as run
    from ims_excel import report

    result = run(book, reports, **values)
    _show(result, report.errors_report, json_output=json_output)


@main.command(
    cls=_Verb,
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
@_as_json
def diff(old: Path, new: Path, *, json_output: bool, gstin: str | None) -> None:
    """Tell what changed from one download to a newer one; no workbook is needed.

    New documents, those the supplier changed and how, actions taken online, and what is no longer there.
    """
    from ims_excel import diff as run
    from ims_excel import report_diff

    result = run(old, new, gstin)
    _show(result, report_diff.diff_report, json_output=json_output)


@main.command(
    cls=_Verb,
    short_help="List every rule that is checked.",
    epilog="""\b
Examples:
  ims-xl rules
  ims-xl rules R24 R43
  ims-xl rules --json
""",
)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@_as_json
def rules(ids: tuple[str, ...], *, json_output: bool) -> None:
    """List every rule that is checked, with its severity and where it comes from."""
    from ims_excel import report
    from ims_excel.pipelines.rulebook import rulebook

    entries = rulebook(ids)
    _show(entries, report.rules_report, json_output=json_output)


@main.command(
    cls=_Verb,
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


def _show(result: _Result, words: Callable[[_Result], str], *, json_output: bool) -> None:
    """Print a result for a script, or in words for a person."""
    from ims_excel.report import as_json

    click.echo(as_json(result) if json_output else printable(words(result)))


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None] | None]:
    """Show progress on stderr when a person is watching."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress, TaskID

    tasks: dict[str, TaskID] = {}
    with Progress(console=Console(stderr=True), transient=True) as bar:

        def advance(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=total)
            bar.update(tasks[step], completed=done, total=total)

        yield advance


def _speak_utf8() -> None:
    """Print rupee signs on Windows consoles too, whose default encoding may lack them."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
