"""Measuring, unless it was measured before: what workers call in place of `iml_general.measuring.measure`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from iml_general.measuring.measure import Measurement, measure, measure_competence
from iml_general.measuring.readings import Reading
from iml_general.measuring.under_way import FitUnderWay
from iml_general.protocol import Condition
from iml_general.seeds import Seed
from iml_general.study.cache.entry import DamagedError, Entry, as_bytes, from_bytes
from iml_general.study.cache.files import CantTellError
from iml_general.study.cache.folder import CacheFolder
from iml_general.study.cache.key import Key, Keys, Kind
from iml_general.study.plan.entrant import Entrant
from iml_general.study.plan.resolve import Study

DATE_FORMAT = "%Y-%m-%d %H:%M:%S UTC"

Tell = Callable[[str], None]
"""Called with a line that the user should see; the same line may come often."""


@dataclass(frozen=True, eq=False)
class Found:
    """A measurement, and whether it was made just now.

    Attributes:
        entry: What was measured.
        is_reused: Whether it was measured before.
    """

    entry: Entry
    is_reused: bool

    @property
    def measurement(self) -> Measurement:
        """Score rows, costs and competence."""
        return self.entry.measurement


class Reuse:
    """Measures what a study has to measure, and keeps it for others; or finds what they have kept."""

    def __init__(self, study: Study, folder: CacheFolder | None, since: float, tell: Tell) -> None:
        """Make ready.

        Args:
            study: The study.
            folder: Where what was measured is kept; None if nothing is kept or reused.
            since: Seconds since 1970, before this process loaded any code of the study's.
            tell: Told what the user should know.
        """
        self._folder, self._tell = folder, tell
        self._keys = Keys(study, since) if folder is not None else None

    def scores(
        self,
        entrant: Entrant,
        seeds: Sequence[Seed],
        conditions: Sequence[Condition],
        readings: Sequence[Reading] = (),
        under_way: FitUnderWay | None = None,
    ) -> Found:
        """Do what `iml_general.measuring.measure.measure` does.

        Args:
            entrant: The configuration.
            seeds: The replicates.
            conditions: What it goes through.
            readings: What is read off states.
            under_way: What other lengths of stage 1 have begun; no matter for what is found.

        Returns:
            What was measured, now or before.

        Raises:
            LearnerError: If the learner is at fault; that is never kept.
        """

        def measured(began: str) -> Entry:
            found = measure(entrant.variants, entrant.setting, seeds, conditions, readings, under_way)
            return Entry(found, (), began)

        return self._found("scores", entrant, seeds, conditions, readings, measured)

    def competences(self, entrant: Entrant, seeds: Sequence[Seed], condition: Condition) -> Found:
        """Do what `iml_general.measuring.measure.measure_competence` does.

        Args:
            entrant: The configuration.
            seeds: The replicates.
            condition: The condition, the first stage of which is stage 1.

        Returns:
            The competence on each seed, measured now or before.

        Raises:
            LearnerError: If the learner is at fault; that is never kept.
        """

        def measured(began: str) -> Entry:
            values = measure_competence(entrant.variants[0], entrant.setting, seeds, condition)
            return Entry(Measurement([], {}, sum(values) / len(values)), tuple(values), began)

        return self._found("competence", entrant, seeds, (condition,), (), measured)

    def has(
        self,
        entrant: Entrant,
        seeds: Sequence[Seed],
        conditions: Sequence[Condition],
        readings: Sequence[Reading],
    ) -> bool:
        """Whether `scores` would find what was measured before; nothing is measured."""
        key = self._key("scores", entrant, seeds, conditions, readings)
        return key is not None and self._read(key) is not None

    def _found(
        self,
        kind: Kind,
        entrant: Entrant,
        seeds: Sequence[Seed],
        conditions: Sequence[Condition],
        readings: Sequence[Reading],
        measured: Callable[[str], Entry],
    ) -> Found:
        key = self._key(kind, entrant, seeds, conditions, readings)
        known = self._read(key) if key is not None else None
        if known is not None:
            return Found(known, True)
        entry = measured(datetime.now(UTC).strftime(DATE_FORMAT))
        if key is not None:
            self._write(key, entry)
        return Found(entry, False)

    def _key(
        self,
        kind: Kind,
        entrant: Entrant,
        seeds: Sequence[Seed],
        conditions: Sequence[Condition],
        readings: Sequence[Reading],
    ) -> Key | None:
        if self._keys is None:
            return None
        try:
            return self._keys.of(kind, entrant, seeds, conditions, readings)
        except CantTellError as error:
            self._tell(f"learner {entrant.name!r} is neither kept in the cache nor reused: {error}")
            return None

    def _read(self, key: Key) -> Entry | None:
        assert self._folder is not None
        digest = key.digest
        try:
            content = self._folder.read(digest)
            return from_bytes(content, key.parts) if content is not None else None
        except (OSError, DamagedError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            self._tell(f"cache entry {str(self._folder.file(digest))!r} can't be used ({why}): measured anew")
            return None

    def _write(self, key: Key, entry: Entry) -> None:
        assert self._folder is not None
        assert self._keys is not None
        if not self._keys.still_holds(key):
            self._tell("a file that rows depend on was changed during the run: what was measured is not kept")
            return
        try:
            self._folder.write(key.digest, as_bytes(key.parts, entry))
        except OSError as error:
            self._tell(
                f"the cache {str(self._folder.path)!r} can't be written ({error.strerror}):"
                " what is measured is not kept there"
            )
