"""What the commands share: problems become exit code 2, contested points options listed apart."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ims_excel.exceptions import ImsError
from ims_excel.options import PortalOptions
from ims_excel.progress import silent
from ims_excel.terminal import printable

if TYPE_CHECKING:
    from ims_excel.progress import Progress

UNUSABLE = 2
"""The exit code for unusable input or options."""

_CONTESTED = "Contested points of the portal's format"

_Command = TypeVar("_Command", bound=Callable[..., Any])
_Result = TypeVar("_Result")

json_option = click.option("--json", "json_output", is_flag=True, help="Print the result as JSON.")


class _ContestedOption(click.Option):
    """An option that settles a contested point; listed apart in --help."""


class Verb(click.Command):
    """A command whose --help shows examples and lists contested points apart."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the contested points in a section of their own."""
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
        """Say in one line what stands in the way, and exit with its code."""
        try:
            return super().invoke(ctx)
        except ImsError as problem:
            click.echo(printable(f"ims-xl: {problem}"), err=True)
            ctx.exit(UNUSABLE)


def contested(command: _Command) -> _Command:
    """Add one option for each contested point, as options.py defines them."""
    for spec in reversed(fields(PortalOptions)):
        flag = "--" + spec.name.replace("_", "-")
        rule = spec.metadata["point"] if spec.metadata["point"].startswith("R") else ""
        text = f"{spec.metadata['help']} ({rule})" if rule else spec.metadata["help"]
        settings: dict[str, Any] = {"default": spec.default, "show_default": True, "help": text}
        if isinstance(spec.default, bool):
            settings.update(is_flag=True, show_default=False)
        elif "choices" in spec.metadata:
            settings["type"] = click.Choice(spec.metadata["choices"])
        else:
            settings |= {"type": click.IntRange(min=0), "metavar": "N"}
        command = click.option(flag, spec.name, cls=_ContestedOption, **settings)(command)
    return command


def portal_options(values: dict[str, Any]) -> PortalOptions:
    """Take the contested options out of a command's values."""
    return PortalOptions(**{spec.name: values.pop(spec.name) for spec in fields(PortalOptions)})


def show(result: _Result, words: Callable[[_Result], str], *, json_output: bool) -> None:
    """Print a result for a script, or in words for a person."""
    from ims_excel.report import as_json

    click.echo(as_json(result) if json_output else printable(words(result)))


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Show progress on stderr when a person is watching."""
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    said, counted = TextColumn("{task.description}"), TextColumn("{task.fields[counted]}")
    console = Console(stderr=True)
    with Progress(SpinnerColumn(), said, BarColumn(), counted, console=console, transient=True) as bar:
        task = bar.add_task("Beginning", total=None, counted="")

        def advance(step: str, done: int, total: int) -> None:
            counted = f"{done:,} of {total:,}" if total else ""
            bar.update(task, description=step, completed=done, total=total or None, counted=counted)

        yield advance
