"""The file that is written before a run: plans, code, seeds, hypotheses, and when."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import tomli_w
from pydantic import BaseModel, ConfigDict, ValidationError

from iml_general.errors import UsageError
from iml_general.study.plan.origin import CODE_OF, VERSION_OF, provenance
from iml_general.study.plan.resolve import Study

DATE_FORMAT = "%Y-%m-%d %H:%M:%S UTC"
HEAD = """\
# A preregistration of iml_general: what runs of these plans are going to be. `iml run` and
# `iml report` with `--preregistration FILE` say whether a run kept to it. The date is this machine's own
# word: for others to rely on it, leave the file, or its SHA-256, where they can see when it came.

"""


class PlannedRun(BaseModel):
    """One run that is going to be.

    Attributes:
        name: The study's name.
        plan_sha256: Digest of `plan`.
        seeds: Which confirmation seeds, in words.
        code: SHA-256 of packages, and versions of libraries, by what they are of.
        plan: The resolved plan, every default spelled out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str
    plan_sha256: str
    seeds: str
    code: dict[str, str]
    plan: dict[str, Any]


class _Content(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: Literal[1]
    registered: str
    claims: list[str]
    runs: list[PlannedRun]


@dataclass(frozen=True)
class Registration:
    """A preregistration as it was read.

    Attributes:
        registered: When it was written, UTC.
        sha256: Of the whole file.
        claims: Hypotheses in words.
        runs: What is going to be run.
    """

    registered: datetime
    sha256: str
    claims: tuple[str, ...]
    runs: tuple[PlannedRun, ...]


def registration_text(studies: Sequence[Study], claims: Sequence[str]) -> str:
    """Write down what is going to be run.

    Args:
        studies: The studies.
        claims: Hypotheses in words.

    Returns:
        TOML text.
    """
    now = datetime.now(UTC).strftime(DATE_FORMAT)
    runs = [_planned(study) for study in studies]
    return HEAD + tomli_w.dumps({"format": 1, "registered": now, "claims": list(claims), "runs": runs})


def write_registration(studies: Sequence[Study], claims: Sequence[str], out: Path) -> str:
    """Write down, in a file that must not exist, what is going to be run.

    Args:
        studies: The studies.
        claims: Hypotheses in words.
        out: The file.

    Returns:
        SHA-256 of the file.

    Raises:
        UsageError: If the file exists or can't be written, or two studies have one name.
    """
    names = [study.plan["name"] for study in studies]
    for name in names:
        if names.count(name) > 1:  # runs are compared with the plan of their name
            raise UsageError(
                f"plan {name!r} is named twice: name it once, or give one of the two another name"
            )
    content = registration_text(studies, claims).encode()
    try:
        with out.open("xb") as file:  # what was written down is not written over
            file.write(content)
    except FileExistsError:
        raise UsageError(
            f"{str(out)!r} exists: a preregistration is not written over, name another file"
        ) from None
    except OSError as error:
        raise UsageError(f"{str(out)!r} can't be written ({error.strerror}): name another file") from None
    return hashlib.sha256(content).hexdigest()


def read_registration(path: Path) -> Registration:
    """Read a preregistration.

    Args:
        path: The file.

    Returns:
        What it says.

    Raises:
        UsageError: If it can't be read, is none, or a plan in it is not the one that its digest is of.
    """
    where = f"preregistration {str(path)!r}"
    try:
        content = path.read_bytes()
        values = _Content.model_validate(tomllib.loads(content.decode()))
        registered = datetime.strptime(values.registered, DATE_FORMAT).replace(tzinfo=UTC)
    except OSError as error:
        raise UsageError(f"{where} can't be read: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{where} is none: {place}: {first['msg']}; `iml preregister` writes one") from None
    except ValueError as error:
        raise UsageError(f"{where} is none: {error}; `iml preregister` writes one") from None
    for run in values.runs:
        if plan_digest(run.plan) != run.plan_sha256:
            raise UsageError(f"{where}: the plan of {run.name!r} was changed after it was written down")
    digest = hashlib.sha256(content).hexdigest()
    return Registration(registered, digest, tuple(values.claims), tuple(values.runs))


def plan_digest(plan: Mapping[str, Any]) -> str:
    """SHA-256 of a resolved plan: of its JSON with sorted keys, without those that have no value."""
    return hashlib.sha256(json.dumps(without_null(plan), sort_keys=True).encode()).hexdigest()


def without_null(value: Any) -> Any:
    """A nested plan without the keys that have no value: TOML has no word for that."""
    if isinstance(value, Mapping):
        return {key: without_null(inner) for key, inner in value.items() if inner is not None}
    return [without_null(inner) for inner in value] if isinstance(value, list | tuple) else value


def _planned(study: Study) -> dict[str, Any]:
    facts = provenance(study, "")
    plan = without_null(study.plan)
    return {
        "name": study.plan["name"],
        "plan_sha256": plan_digest(plan),
        "seeds": facts["seeds"],
        "code": {key: text for key, text in facts.items() if key.startswith((CODE_OF, VERSION_OF))},
        "plan": plan,
    }
