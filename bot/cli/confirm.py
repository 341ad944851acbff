"""The question before something that cannot be taken back.

Knows: that without a yes, or anybody to say it, nothing is done. Does not know: what is asked.
"""

from __future__ import annotations

import typer


def confirm(question: str, *, to: str, otherwise: str) -> None:
    """Go on only after a yes; without a terminal to ask at, --yes is needed `to` do it.

    `otherwise` is said after a no.
    """
    try:
        agreed = typer.confirm(question, err=True)
    except typer.Abort:
        typer.echo(f"nobody is there to ask: add --yes to {to} without a question", err=True)
        raise typer.Exit(1) from None
    if not agreed:
        typer.echo(otherwise, err=True)
        raise typer.Exit(1)
