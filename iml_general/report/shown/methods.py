"""How a run measured, in sentences that hold the run's own numbers: a methods paragraph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from iml_general.protocol.episode import GROUPS
from iml_general.report.shown.answer import by_learner
from iml_general.report.text.rounding import count_range
from iml_general.report.text.wording import listing, plain
from iml_general.study.storage.record import RunRecord

if TYPE_CHECKING:
    from iml_general.report.findings.comparison import ComparisonReport

DESIGN = (
    "In stage 1 a learner sees statements marked with a tag, and questions with their answers: the statements"
    " of the reliable tag agree with the answers, those of the unreliable tag do not. In stage 2 it sees only"
    " statements about new aliases, under both tags. The IML gap is the exact match on untagged questions"
    " about new aliases of the reliable tag minus that about new aliases of the unreliable tag, after stage"
    " 2; the conflict preference is, where both tags speak of an alias and disagree, the rate of answers of"
    " the reliable tag minus that of the unreliable tag. An effect is controlled by subtracting its value"
    " under the same rows with shuffled tags, paired by seed."
)


def methods(report: ComparisonReport) -> tuple[str, ...]:
    """Describe what was done.

    Args:
        report: The report.

    Returns:
        Paragraphs of plain text: the design, one per run, the statistics.
    """
    runs = (" ".join(_run(report, run)) for run in report.records)
    return DESIGN, *runs, " ".join(_statistics(report))


def _run(report: ComparisonReport, run: RunRecord) -> Iterator[str]:
    keys = set(run.scores.select("study", "world").unique().iter_rows())
    pairs = [pair for pair in report.pairs if pair.key[:2] in keys]
    facts = run.provenance
    about = f" ({plain(facts['world'])})" if "world" in facts else ""
    yield f"Study {plain(run.name)} took place in the world {plain(run.plan['world']['name'])}{about}."
    swept = run.plan.get("sweep") or {"factors": [], "values": []}
    varied = {key.removeprefix("protocol.") for key in swept["factors"]}
    protocol = {name: value for name, value in run.plan.get("protocol", {}).items() if name not in varied}
    sizes = [f"{group.replace('_', ' ')} {protocol[group]}" for group in GROUPS if group in protocol]
    if sizes:
        yield f"Numbers of aliases by group: {listing(sizes)}."
    for name, group in (("reliable", "corroborated"), ("unreliable", "contradicted")):
        if f"alpha_{name}" in protocol:
            alpha = protocol[f"alpha_{name}"]
            yield f"Stage-1 statements about {group} aliases were true with probability {alpha:g}."
    if varied:
        names, values = listing(swept["factors"]), listing([str(value) for value in swept["values"]])
        yield plain(f"The sweep set {names} to {values}, everything else being equal; the ideal observer was")
        yield "measured at each value, too, where the factor is not a learner's own, and the controls as"
        yield "without the sweep."
    subjects = [pair for pair in pairs if pair.is_subject]
    yield f"Measured were {listing(by_learner(subjects)) or 'no learners'}."
    controls = [f"{pair.learner} {pair.rule} ({pair.role})" for pair in pairs if not pair.is_subject]
    yield f"Controls and references were {listing(list(dict.fromkeys(controls))) or 'missing'}."
    seeds = f" ({plain(facts['seeds'])})" if "seeds" in facts else ""
    counts = count_range([n for pair in pairs for n in pair.seed_counts])
    yield f"Each was measured on {counts} seeds{seeds}; a seed draws a fresh world, a fresh split of the"
    yield "aliases into groups, and the learner's randomness."
    if not run.complete or run.failures.height:
        yield f"Of {run.units_total} units of work {run.units_done} were done, {run.failures.height} failed."
    versions = {name: fact for name, fact in facts.items() if name.startswith("version of ")}
    software = [f"{name.removeprefix('version of ')} {fact}" for name, fact in versions.items()]
    yield f"Software and data: {plain(listing(software)) or 'not recorded'}."


def _statistics(report: ComparisonReport) -> Iterator[str]:
    settings = report.settings
    is_claim = report.verdicts["role"] == "subject"
    tests = report.verdicts.filter(is_claim & report.verdicts["p"].is_not_null()).height
    within = " within each run" if len(report.records) > 1 else ""
    yield "Seeds are the independent units. For every learner, update rule and endpoint we give the mean"
    yield "controlled effect over seeds with its 95% t-interval. Two-sided one-sample t-tests against 0 at"
    yield f"level {settings.alpha:g} are Holm-corrected over all claims{within} ({tests} tests in all);"
    yield f"equivalence to 0 is tested by two one-sided t-tests against ±{settings.sesoi:g}, the smallest"
    yield "effect of interest (SESOI). BCa bootstrap intervals and sign-flip permutation tests are robustness"
    yield "checks."
    if report.faults:
        yield f"The controls failed: {' '.join(plain(fault) for fault in report.faults)}"
    else:
        yield "The positive control showed both effects and the negative control showed neither."
