"""What the words in a report mean, and what the source paper calls the same things."""

from __future__ import annotations

from iml_general.judging.decision import FINDINGS, VERDICTS
from iml_general.judging.effects import IML_GAP, TRUST
from iml_general.protocol.lies import LIES
from iml_general.protocol.protocol import CONFLICT, UNDEFINED, UNSEEN, configure_protocol
from iml_general.report.findings.comparison import ComparisonReport
from iml_general.report.text.wording import listing, plain

Meanings = tuple[tuple[str, str], ...]

PAPER = (
    "Krasheninnikov et al., Implicit meta-learning may lead language models to trust more reliable sources,"
    " ICML 2024, arXiv 2310.15047"
)

BEFORE: Meanings = (
    (
        "IML",
        "Implicit meta-learning: stage 1 taught the learner whom to trust, so that in stage 2 it takes the"
        " word of the reliable source over that of the unreliable one, although nothing in stage 2 rewards"
        " that.",
    ),
    (
        "update rule",
        "What stage 2 does to a fitted learner. grow: add parts fitted to stage 2. refit: keep every"
        " tree's structure, update leaf values. continue: go on with gradient steps or partial fits. append:"
        " add rows to memory. retrain: fit anew on both stages together.",
    ),
    (
        "EM",
        "Exact match: the share of probes whose most probable answer is the true one. Where answers are"
        " numbers R2 stands in its place: 1 less the mean squared error in units of that of whoever answers"
        " each question with its mean. It is 1 at most, 0 of who knows the mean alone, and less of who does"
        " worse.",
    ),
    (
        "twin",
        "Stage 2 learned a second time from the same state, with the reliable and the unreliable source"
        " changing places in all that they say where they disagree, and nothing else different. What stays"
        " the same whoever speaks cancels between the two; what follows the source is trust.",
    ),
    (
        "finding",
        "What the verdicts on one learner, update rule and level say together. Only a finding of trust is"
        " counted as IML, never a gap alone.",
    ),
    (
        "controlled",
        "The effect under a condition minus the effect under its control, paired by seed. Verdicts are on"
        " controlled effects only.",
    ),
)
AFTER: Meanings = (
    ("unseen", "Aliases that were never trained on: what is answered without any knowledge."),
    (
        "undefined",
        "An effect has no value in any seed: a score that it needs does not exist under the condition, or too"
        " little was memorised for a share of it to mean anything.",
    ),
    (
        "interval",
        "95% t-interval of the mean over seeds. A seed is an independent replicate: a fresh world, a fresh"
        " split and fresh randomness of the learner.",
    ),
    (
        "sweep",
        "Factors take several values while everything else stays as it is: each point, a value of each of"
        " them, is a configuration of its own, measured on the same number of seeds and judged by itself.",
    ),
    (
        "upper anchor",
        "The ideal observer at one point of a sweep: what could be had there. Nothing is expected of it, so"
        " it makes no study valid or invalid; the positive control, which stands outside the sweep, does.",
    ),
    (
        "controls",
        "The ideal observer (positive control) must learn trust and the tag-blind learner (negative"
        " control), which never sees the tag, must not: otherwise the study is invalid.",
    ),
    (
        "corrected p",
        "Two-sided one-sample t-test, Holm-corrected over all learners and endpoints that the study claims.",
    ),
    (
        "p of equivalence",
        "Two one-sided t-tests of the effect lying within the smallest effect of interest.",
    ),
    (
        "sign-flip p, BCa interval",
        "A permutation test and a bootstrap interval beside the verdict; a flag says where they disagree.",
    ),
)

PAPER_NAMES = {
    "corroborated": "D1cons QA1",
    "contradicted": "D2incons QA2",
    UNDEFINED: "QA3",
    "new_reliable": "D5cons",
    "new_unreliable": "D6cons",
    "new_neutral": "D0cons",
    UNSEEN: "QA7",
}
NO_COUNTERPART = "no counterpart"


def terms(report: ComparisonReport) -> Meanings:
    """Say what the words of a report mean, verdicts and findings aside.

    Args:
        report: The report.

    Returns:
        Word and meaning: general words, every effect, every condition, words of the statistics.
    """
    effects = ((plain(one.words), plain(one.definition)) for one in report.effects_table)
    conditions = ((plain(one.words), plain(one.summary)) for one in report.conditions)
    share = (
        "share of ideal",
        f"Controlled {plain(report.endpoints[0].words)} as a percentage of that of the ideal observer, which"
        " infers each source's reliability from stage 1 and answers by Bayes' rule. At a point of a sweep the"
        " upper anchor is the ideal observer.",
    )
    return *BEFORE, *effects, *conditions, share, *AFTER


def finding_terms(report: ComparisonReport) -> Meanings:
    """Say what each finding means under a study's settings.

    Args:
        report: The report.

    Returns:
        Word and meaning, in the order in which they are decided.
    """
    primary, sesoi = TRUST.words, report.settings.sesoi
    meanings = {
        "not internalised": f"Neither new group is above unseen by {sesoi:g}: nothing carried over from"
        " statements to questions, so trust can't be measured.",
        "trusts": f"The verdict on {primary} is present: what the reliable source says is believed over what"
        " the unreliable one says, because of what stage 1 taught.",
        "distrusts": f"The verdict on {primary} is reversed: the unreliable source is believed.",
        "gap only": f"The verdict on the {IML_GAP.words} is present or reversed, but {primary} was not shown."
        " What contradicted statements got wrong spills over, as noise, to other aliases under the same tag,"
        " and that alone makes a gap, even in a learner that can't weigh sources: no evidence of IML.",
        "no trust": f"The verdict on {primary} is absent: it is shown to be too small to be of interest.",
        "undecided": "None of these could be shown, which doesn't mean that there is no trust.",
    }
    order = sorted(FINDINGS, key=lambda finding: finding != "not internalised")
    return tuple((finding, meanings[finding]) for finding in order)


def verdict_terms(report: ComparisonReport) -> Meanings:
    """Say what each verdict and each flag means under a study's settings.

    Args:
        report: The report.

    Returns:
        Word and meaning: the verdicts in the order in which they are decided, then the flags.
    """
    settings = report.settings
    bounds = listing([f"{getattr(settings, one.sesoi):g} ({plain(one.words)})" for one in report.endpoints])
    can_saturate = listing([plain(one.words) for one in report.endpoints if one.ceiling]) or "none here"
    meanings = {
        "not internalised": f"Neither new group is above unseen by {settings.sesoi:g}, so the effect can't be"
        " measured.",
        "present": f"Corrected p below {settings.alpha:g}, the interval above 0, and the mean at least the"
        f" smallest effect of interest: {bounds}.",
        "reversed": "The mirror image: the effect is in favour of the unreliable source.",
        "absent": "Equivalent to 0: the effect is shown to lie within the smallest effect of interest.",
        "saturated": f"In place of absent, for an effect with a ceiling ({can_saturate}): the scores that it"
        f" compares are all {settings.saturation:g} or more, so it had no room to show, and nothing is known"
        " of it.",
        "inconclusive": "None of these could be shown, which doesn't mean absent. As many seeds as are said"
        f" to be needed would decide it with a probability of {settings.power:.0%}, if the effect is as large"
        " as it looks or, should that be more, as the smallest effect of interest.",
    }
    order = sorted(VERDICTS, key=lambda verdict: verdict != "not internalised")
    flag = (
        "unequal memory (flag)",
        "The learner memorised the statements of one group better than those of the other: EM on them"
        f" differs by more than {settings.sesoi:g}, so a gap may be one of memory.",
    )
    return *((verdict, meanings[verdict]) for verdict in order), flag


def notation(report: ComparisonReport) -> tuple[tuple[str, str, str], ...]:
    """Say what the groups of a report's runs are, and what the source paper calls them.

    Args:
        report: The report.

    Returns:
        Name, the paper's name and meaning of every group, then of other words that differ.
    """
    groups: dict[str, str] = {}
    for run in report.records:
        protocol = configure_protocol(run.plan.get("protocol", {}))
        for source in protocol.taught:
            true = f"true with probability {source.reliability:g}, else {LIES[protocol.lies]}"
            groups.setdefault(
                source.taught_group, f"stage 1: statements of the {source.name} source, {true}; and questions"
            )
        groups.setdefault(UNDEFINED, "stage 1: questions without any statements")
        for source in protocol.sources:
            groups.setdefault(source.new_group, f"stage 2: true statements of the {source.name} source")
        groups.setdefault(
            CONFLICT, "stage 2: the reliable and the unreliable source disagree on every question"
        )
        groups.setdefault(UNSEEN, "never trained on")
    return (
        *((name, PAPER_NAMES.get(name, NO_COUNTERPART), text) for name, text in groups.items()),
        ("graded reliability", "alpha; D8, D9", "share of stage-1 aliases whose statements are true"),
        (
            "affinity",
            "gradient alignment",
            "how strongly learning a statement moves the answer to its question",
        ),
    )
