"""A study plan: a TOML file with every default visible once resolved, and one-line complaints."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Interval, Len
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from iml_general.errors import UsageError, unknown
from iml_general.options import PositiveFloat, PositiveInt

Level = Literal["default", "tuned", "sought"]
Reading = Literal["affinity", "influence", "decoding", "belief"]

MOST = 100_000
"""Seeds, trials or configurations of one study: more are a slip of the hand, and would fill the memory."""
Several = Annotated[int, Interval(ge=2, le=MOST)]
Trials = Annotated[int, Interval(ge=1, le=MOST)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class WorldPlan(_Section):
    """Which world is drawn.

    Attributes:
        name: A registered world, ``module:Class`` or ``path/to/file.py:Class``.
        options: Fields of that world's class.
    """

    name: str = "statements"
    options: dict[str, Any] = Field(default_factory=dict)


class LearnerPlan(_Section):
    """One learner that takes part.

    Attributes:
        name: A registered learner, ``module:Class`` or ``path/to/file.py:Class``.
        rules: Update rules to measure; all that the learner knows if empty.
        options: Fields of the learner's class, but not ``rule``; a search leaves them as they are.
        encoding: Options of the encoding in which this learner differs from the study's; likewise.
        trials: Trials of each of its searches, if not as many as the plan's other learners get.
        levels: Levels of evidence at which it takes part, of those that the plan has; all if empty.
        optional: Whether the study goes without it, and says so, where it can't be loaded: its
            library may not be installed.
    """

    name: str
    rules: list[str] = Field(default_factory=list)
    options: dict[str, Any] = Field(default_factory=dict)
    encoding: dict[str, Any] = Field(default_factory=dict)
    trials: Trials | None = None
    levels: list[Level] = Field(default_factory=list)
    optional: bool = False


class SearchPlan(_Section):
    """How configurations are searched for, at the levels ``tuned`` and ``sought``.

    Attributes:
        trials: Configurations that a search tries.
        seeds: Search seeds that each of them is measured on.
        wave: Configurations that are drawn together, knowing only what earlier waves found: so a
            search finds the same with any number of workers. Up to so many can run at once.
        maximise: What ``sought`` maximises: the name of an effect, which is controlled, or
            ``["competence", EFFECT]`` for both at once.
        encodings: Whether the codes of aliases and tags are factors of the search.
        hopeless: A configuration is stopped early if its seeds so far are worse than the best
            one's with a p value below this (Wilcoxon signed-rank test); 0 stops none. Where two
            things are maximised none is stopped.
    """

    trials: Trials = 40
    seeds: Several = 8
    wave: PositiveInt = 8
    maximise: str | list[str] = "trust"
    encodings: bool = True
    hopeless: Annotated[float, Interval(ge=0, lt=1)] = 0.1


class SweepPlan(_Section):
    """One factor at several values; several factors make a grid.

    Attributes:
        name: The factor's name; if empty, what its first key says after its section.
        factors: Keys that all take the value, such as ``["protocol.sources.reliable.stage1"]``: of a
            learner ``options.NAME``, of one of them only ``options.LEARNER.NAME``, of the world
            ``world.NAME``, ``protocol.NAME``, ``encoding.NAME``.
        values: The values, no two of them equal.
        along: Keys that vary with these, but not to the same value: each with as many values of its own,
            in the same order, such as ``{"protocol.sources.unreliable.reliability": [0.5, 0.25, 0.0]}``.
    """

    name: str = ""
    factors: Annotated[list[str], Len(1)]
    values: Annotated[list[Any], Len(1)]
    along: dict[str, list[Any]] = Field(default_factory=dict)


class PredictionPlan(_Section):
    """A law that is written down before a study that tries it.

    Attributes:
        predictor: The effect that is read before the update, such as ``"influence_gap"``.
        outcome: The effect that it is to predict.
        slopes: Outcome per predictor, by learner and rule, as ``"extra-trees, refit"``.
    """

    predictor: str = "influence_gap"
    outcome: str = "statement_weight"
    slopes: dict[str, float] = Field(default_factory=dict)


class LimitsPlan(_Section):
    """What ends a unit of work that does not end by itself.

    Attributes:
        seconds: Time that a unit may take before its process is killed.
        memory_mb: Resident memory, in MB, at which its process is killed.
        failures: After so many failed units in a row a learner's other units are not tried.
        deaths: After so many deaths of its process, by whatever cause, a unit is given up.
    """

    seconds: PositiveFloat = 1800.0
    memory_mb: PositiveInt = 8192
    failures: PositiveInt = 3
    deaths: PositiveInt = 5


class Plan(_Section):
    """What a study does, as its author wrote it.

    Attributes:
        name: The study's name, in every row.
        seeds: Number of confirmation seeds; at least 2, since one has no spread.
        root_seed: From which all seeds are derived.
        world: Which world is drawn.
        conditions: What every learner goes through on every seed: names of conditions, each with the
            one that it is compared with. The first that is compared with another one is the study's
            primary one: searches measure only that pair.
        protocol: As `iml_general.protocol.protocol.configure_protocol` takes it.
        encoding: Options of `iml_general.encoding.options.Encoding`.
        verdict: Options of `iml_general.judging.decision.VerdictSettings`.
        learners: Who takes part, with what options. The positive and the negative control always
            take part.
        all_learners: Whether every registered learner that `learners` does not name takes part
            too, with its defaults.
        levels: Levels of evidence: the learner's defaults (or the options that the plan gives it),
            the configuration tuned for stage-1 competence, the one sought for its effect.
        search: How configurations are searched for.
        limits: What ends a unit of work that does not end by itself.
        sweep: Factors to be varied together, if there are any; then there is no other level.
        sample: Configurations of every subject that are drawn at random from its search space, to stand in
            place of the one with its defaults; 0 draws none. Then there is no other level, and no sweep.
        readings: What is read beside the scores: off states after stage 1, before any update, or off answers.
        prediction: What is predicted of the configurations of a sample.
    """

    name: Annotated[str, Len(1, 300)]
    seeds: Several = 20
    root_seed: Annotated[int, Ge(0)] = 0
    world: WorldPlan = Field(default_factory=WorldPlan)
    conditions: Annotated[list[str], Len(1)] = Field(default=["informative", "shuffled", "no_stage1"])
    protocol: dict[str, Any] = Field(default_factory=dict)
    encoding: dict[str, Any] = Field(default_factory=dict)
    verdict: dict[str, Any] = Field(default_factory=dict)
    learners: list[LearnerPlan] = Field(default_factory=list)
    all_learners: bool = False
    levels: Annotated[list[Level], Len(1)] = Field(default=["default"])
    search: SearchPlan = Field(default_factory=SearchPlan)
    limits: LimitsPlan = Field(default_factory=LimitsPlan)
    sweep: list[SweepPlan] = Field(default_factory=list)
    sample: Annotated[int, Interval(ge=0, le=MOST)] = 0
    readings: list[Reading] = Field(default_factory=list)
    prediction: PredictionPlan = Field(default_factory=PredictionPlan)


def read_plan(path: Path) -> dict[str, Any]:
    """Read a plan file, as far as it is TOML.

    Args:
        path: The file.

    Returns:
        Its keys and values, not yet checked.

    Raises:
        UsageError: If it can't be read or is not TOML; says where.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"plan {str(path)!r} does not exist: give a preset's name or a TOML file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"plan {str(path)!r} can't be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"plan {str(path)!r} is not TOML: {error}") from None


def check_plan(values: Mapping[str, Any], where: str) -> Plan:
    """Check keys and types of a plan.

    Args:
        values: Keys and values, as `read_plan` gives them.
        where: The file or preset they are from, for messages.

    Returns:
        The plan.

    Raises:
        UsageError: For the first misspelt key or wrong value; names it and what is allowed.
    """
    try:
        return Plan.model_validate(dict(values))
    except ValidationError as error:
        faults = error.errors()
        # A key that is misspelt is missing too, and its name is the better hint.
        first = next((fault for fault in faults if fault["type"] == "extra_forbidden"), faults[0])
        place = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            allowed = _keys_at(first["loc"][:-1])
            raise UsageError(f"plan {where}: {unknown('key', place, allowed)}") from None
        if first["type"] == "list_type" and isinstance(first["input"], dict):
            raise UsageError(
                f"plan {where}: {place} is a list of tables: write [[{place}]] over each"
            ) from None
        given = "" if first["type"] == "missing" else f" = {first['input']!r}"
        raise UsageError(f"plan {where}: {place}{given}: {first['msg']}") from None


def _keys_at(location: tuple[int | str, ...]) -> list[str]:
    """Full names of the keys allowed beside a misspelt one."""
    sections: dict[str, type[BaseModel]] = {
        "world": WorldPlan,
        "learners": LearnerPlan,
        "search": SearchPlan,
        "limits": LimitsPlan,
        "sweep": SweepPlan,
        "prediction": PredictionPlan,
    }
    names = [part for part in location if isinstance(part, str)]
    model = sections[names[0]] if names else Plan
    prefix = "".join(f"{part}." for part in location)
    return [prefix + key for key in model.model_fields]
