"""`warmline model`: which models there are, which are here, and fetching one with a progress bar.

Knows: how to say it in a terminal. Does not know: sources, checks, formats of files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.base import EngineError

if TYPE_CHECKING:
    from rich.console import Console

    from engine.catalogue import Entry
    from engine.download_base import Progress

app = typer.Typer(help="See, fetch and find the models.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="[NAME]", help="A name, or a path to a .gguf file.")]


@app.command("list")
def list_models() -> None:
    """Show every model that has a name."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Column, Table

    from bot.config import cache_dir
    from engine import catalogue

    entries = catalogue.load().entries
    name = Column("name", no_wrap=True)
    table = Table(name, "alias", "size", "licence", "measured", "here", box=SIMPLE_HEAD)
    for entry in entries:
        table.add_row(
            entry.name,
            ", ".join(entry.aliases),
            f"{entry.size_bytes / 1e6:,.0f} MB" if entry.size_bytes else "unknown",
            entry.licence,
            "yes" if entry.measured else "no",
            "yes" if entry.seems_here(cache_dir()) else "no",
        )
    console = Console(markup=False)
    console.print(table)
    for entry in entries:
        console.print(f"{entry.name}: {entry.title}. {entry.note}", soft_wrap=True)


@app.command()
def pull(name: Name = "default") -> None:
    """Fetch a model and verify it; go on where an earlier pull stopped."""
    from bot.config import cache_dir

    with _one_sentence():
        typer.echo(ensure(name, cache_dir()))


@app.command()
def path(name: Name = "default") -> None:
    """Print where a model's file lies."""
    from bot.config import cache_dir
    from engine import catalogue

    with _one_sentence():
        found = catalogue.load().resolve(name, cache_dir())
    if not isinstance(found, Path):
        typer.echo(f"{found.name} is not here; `warmline model pull {name}` fetches it", err=True)
        raise typer.Exit(1)
    typer.echo(found)


def ensure(name: str, cache: Path) -> Path:
    """The verified file of a model by name or path, fetched with a progress bar if it is not here.

    Everything shown goes to stderr. Blocks while it fetches; Ctrl-C leaves what can go on later.

    Raises:
        EngineError: with one sentence for the owner.
    """
    from engine import catalogue
    from engine.checksum import ModelDamaged

    known = catalogue.load()
    try:
        found = known.resolve(name, cache)
    except ModelDamaged as error:  # it is deleted already
        typer.echo(f"{error}; fetching it again", err=True)
        found = known.find(name)
    return found if isinstance(found, Path) else _pull(found, cache)


def _pull(entry: Entry, cache: Path) -> Path:
    from rich.console import Console

    from engine import download

    console = Console(stderr=True, markup=False, highlight=False)
    console.print(f"fetching {entry.title} ({entry.licence}) into {cache}", soft_wrap=True)
    with _bar(console) as show:
        return download.pull(entry, cache, show, lambda line: console.print(line, soft_wrap=True))


@contextmanager
def _bar(console: Console) -> Iterator[Callable[[Progress], None]]:
    """A bar with bytes, speed and time left. A new source starts it anew."""
    from rich import progress as bars

    columns = (
        bars.TextColumn("{task.description}", markup=False),
        bars.BarColumn(),
        bars.DownloadColumn(),
        bars.TransferSpeedColumn(),
        bars.TimeRemainingColumn(),
    )
    tasks: dict[str, bars.TaskID] = {}

    with bars.Progress(*columns, console=console) as bar:

        def show(at: Progress) -> None:
            total = at.total_bytes or None
            if at.source not in tasks:
                for old in tasks.values():
                    bar.remove_task(old)
                tasks.clear()
                # What an earlier pull brought is no speed of this one.
                tasks[at.source] = bar.add_task(at.source, total=total, completed=at.done_bytes)
            bar.update(tasks[at.source], total=total, completed=at.done_bytes)

        yield show


@contextmanager
def _one_sentence() -> Iterator[None]:
    """End the command with one line on stderr instead of a traceback."""
    try:
        yield
    except EngineError as error:
        typer.echo(error, err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        typer.echo("stopped; the same command goes on from here", err=True)
        raise typer.Exit(130) from None
