"""``iml cache``: what is kept of finished units, and how to be rid of it."""

from __future__ import annotations

from typing import Annotated

import typer

from iml_general.commands.arguments import Cache
from iml_general.errors import UsageError

caches = typer.Typer(invoke_without_command=True)


@caches.callback()
def cache(context: typer.Context, folder: Cache = None) -> None:
    """Show which finished units of work are kept for other runs: how many of each learner, and their size."""
    if context.invoked_subcommand is not None and folder is not None:
        raise UsageError(f"write `iml cache {context.invoked_subcommand} --cache DIR`")
    if context.invoked_subcommand is None:
        from iml_general.commands.cache import show_cache

        show_cache(folder)


@caches.command()
def clear(
    folder: Cache = None,
    older_than: Annotated[
        float | None,
        typer.Option("--older-than", metavar="DAYS", min=0, help="Only what was kept longer ago than this."),
    ] = None,
) -> None:
    """Remove what is kept: nothing is lost but time."""
    from iml_general.commands.cache import clear_cache

    clear_cache(folder, older_than)
