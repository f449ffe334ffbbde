"""Whether a run kept to what was written down before it: point by point, for the report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """One thing that was written down.

    Attributes:
        what: What it is: plan, code, seeds or begin.
        kept: Whether the run kept to it; None where its record does not tell.
        why: What was found, in a sentence.
    """

    what: str
    kept: bool | None
    why: str


@dataclass(frozen=True)
class Adherence:
    """A run beside its preregistration.

    Attributes:
        registered: When it was written down, as it stands there.
        sha256: Of the file, to be compared with a copy that somebody else keeps.
        claims: Hypotheses in words.
        points: What was compared.
    """

    registered: str
    sha256: str
    claims: tuple[str, ...]
    points: tuple[Point, ...]

    @property
    def kept(self) -> bool:
        """Whether the run kept to all of it, as far as its record tells, and the record tells all."""
        return all(point.kept for point in self.points)

    @property
    def in_words(self) -> str:
        """The whole in one sentence."""
        broken = [point.what for point in self.points if point.kept is False]
        open_ = [point.what for point in self.points if point.kept is None]
        if self.kept:
            return f"The run kept to what was preregistered on {self.registered}."
        told = f"not kept to: {', '.join(broken)}" if broken else ""
        untold = f"can't be told: {', '.join(open_)}" if open_ else ""
        return f"Preregistered on {self.registered}; {'; '.join(part for part in (told, untold) if part)}."
