"""Options of the protocol: the sources, the sizes of the other groups, and the split of aliases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iml_general.errors import UsageError, unknown
from iml_general.options import Count, PositiveInt, Share, configure, options_of
from iml_general.protocol.lies import Lies
from iml_general.protocol.sources import RELIABLE, UNRELIABLE, Source, symbols_of

SOURCES = (
    Source(RELIABLE, reliability=1.0, stage1=100, stage2=50),
    Source(UNRELIABLE, reliability=0.0, stage1=100, stage2=50),
    Source("neutral", reliability=0.5, stage1=0, stage2=50),
)
"""METHOD section 2's sources; the neutral one's tag is never seen in stage 1."""

UNDEFINED, CONFLICT, UNSEEN = "undefined", "new_conflict", "unseen"


@dataclass(frozen=True)
class Protocol:
    """Options of the protocol; the sizes are numbers of aliases.

    Defaults are the world of METHOD section 8, with 50 aliases in each group that it leaves open.

    Attributes:
        sources: Who speaks. The reliable and the unreliable one are always among them.
        lies: What a source says of an alias of stage 1 if it does not tell the truth: what is true of
            another alias, the opposite, or the answer after the true one.
        undefined: Stage-1 aliases without statements.
        new_conflict: Stage-2 aliases of which the reliable and the unreliable source speak and disagree.
        unseen: Aliases that are never trained on.
        attack_share: Under an attack, of how many of the questions about each new alias a source lies.
        attack_repeats: How often it says each of these lies.
        in_context: Whether stage 1 also gives statements beside their questions, and new ones are asked so.
    """

    sources: tuple[Source, ...] = SOURCES
    lies: Lies = "another"
    undefined: Count = 40
    new_conflict: PositiveInt = 50
    unseen: PositiveInt = 30
    attack_share: Share = 0.0
    attack_repeats: PositiveInt = 1
    in_context: bool = False

    def __post_init__(self) -> None:
        for name, number in Counter(source.name for source in self.sources).items():
            if number > 1:
                raise UsageError(f"protocol: source {name!r} is there twice; give every source once")
        for name in (RELIABLE, UNRELIABLE):
            source = self.source(name)
            if not source.stage1 or not source.stage2:
                raise UsageError(
                    f"protocol: source {name!r} has stage1 = {source.stage1} and stage2 = {source.stage2};"
                    " effects compare it with the other of the two, so it needs aliases in both stages"
                )

    def source(self, name: str) -> Source:
        """The source of a name.

        Raises:
            UsageError: If there is none.
        """
        for source in self.sources:
            if source.name == name:
                return source
        raise UsageError(f"protocol: {unknown('source', name, [one.name for one in self.sources])}")

    @property
    def taught(self) -> tuple[Source, ...]:
        """The sources that speak in stage 1."""
        return tuple(source for source in self.sources if source.stage1)

    @cached_property
    def group_sizes(self) -> dict[str, int]:
        """Number of aliases by group: those of stage 1, those of stage 2, and the unseen."""
        return {
            **{source.taught_group: source.stage1 for source in self.taught},
            UNDEFINED: self.undefined,
            **{source.new_group: source.stage2 for source in self.sources},
            CONFLICT: self.new_conflict,
            UNSEEN: self.unseen,
        }

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups."""
        return tuple(self.group_sizes)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Group sizes in the order of `groups`."""
        return tuple(self.group_sizes.values())

    @property
    def n_aliases(self) -> int:
        """Number of aliases in all groups together."""
        return sum(self.sizes)

    @property
    def symbols(self) -> tuple[str, ...]:
        """Tag symbols, that of no tag first."""
        return symbols_of(len(self.sources))

    def symbol_of_source(self, seed_index: int) -> tuple[int, ...]:
        """Which symbol each source speaks under: its place in `symbols`.

        The sources of stage 1 take turns from seed to seed, so that with two of them the reliable one's
        symbol alternates (counterbalance, METHOD section 3); those first heard in stage 2 keep theirs.

        Args:
            seed_index: Number of the replicate.

        Returns:
            One place per source.
        """
        taught = self.taught
        others = iter(range(1 + len(taught), 1 + len(self.sources)))
        turns = {source.name: 1 + (i + seed_index) % len(taught) for i, source in enumerate(taught)}
        return tuple(turns[source.name] if source.stage1 else next(others) for source in self.sources)

    def split(self, generator: np.random.Generator) -> NDArray[np.int64]:
        """Assign every alias to one group at random.

        Args:
            generator: The only source of randomness.

        Returns:
            Index into `groups` of every alias, shape (n_aliases,).
        """
        return generator.permutation(np.repeat(np.arange(len(self.sizes)), self.sizes))


def configure_protocol(options: Mapping[str, Any], where: str = "protocol") -> Protocol:
    """Make a protocol from what a plan says of it.

    Args:
        options: Values by key. What stands below ``sources`` is a table by source name and changes the
            source of that name, or adds one.
        where: What the options belong to, for messages.

    Returns:
        The protocol.

    Raises:
        UsageError: For a key that is none, or a value that is not allowed.
    """
    changes = options.get("sources", {})
    if not isinstance(changes, Mapping) or not all(isinstance(one, Mapping) for one in changes.values()):
        raise UsageError(
            f"{where}: sources = {changes!r} is not a table by name; write [protocol.sources.NAME]"
        )
    sources = {source.name: options_of(source) for source in SOURCES}
    for name, change in changes.items():
        if change.get("name", name) != name:
            raise UsageError(f"{where}.sources.{name}: name = {change['name']!r}; its key is its name")
        sources[name] = {**sources.get(name, {}), **change, "name": name}
    made = tuple(configure(Source, one, f"{where}.sources.{name}") for name, one in sources.items())
    others = {key: value for key, value in options.items() if key != "sources"}
    for key in others:
        if key not in _OTHERS:
            raise UsageError(f"{where}: {unknown('option', key, ['sources', *_OTHERS])}")
    return replace(configure(Protocol, others, where), sources=made)


def protocol_options(protocol: Protocol) -> dict[str, Any]:
    """Read all options back, ready for JSON; `configure_protocol` makes an equal protocol from them."""
    sources = {
        source.name: {key: value for key, value in options_of(source).items() if key != "name"}
        for source in protocol.sources
    }
    others = {name: getattr(protocol, name) for name in _OTHERS}
    for name in ("lies", "attack_share", "attack_repeats", "in_context"):
        if others[name] == getattr(Protocol, name):
            del others[name]  # goes without saying: what is told apart by its options stays what it was
    return {"sources": sources, **others}


_OTHERS = tuple(field.name for field in fields(Protocol) if field.name != "sources")
