"""What the words in a report mean, and what the source paper calls the same things."""

from __future__ import annotations

from iml_general.judging.verdict import VerdictSettings

PAPER = (
    "Krasheninnikov et al., Implicit meta-learning may lead language models to trust more reliable sources,"
    " ICML 2024, arXiv 2310.15047"
)

TERMS: tuple[tuple[str, str], ...] = (
    (
        "IML",
        "Implicit meta-learning: stage 1 taught the learner which tag to trust, so that in stage 2 it learns"
        " more from statements under the reliable tag, although nothing in stage 2 rewards that.",
    ),
    (
        "update rule",
        "What stage 2 does to a fitted learner. grow: add parts fitted to stage 2. refit: keep every"
        " tree's structure, update leaf values. continue: go on with gradient steps or partial fits. append:"
        " add rows to memory. retrain: fit anew on both stages together.",
    ),
    ("EM", "Exact match: the share of probes whose most probable answer is the true one."),
    (
        "IML gap",
        "EM on the questions about new reliable aliases minus EM on those about new unreliable aliases, after"
        " stage 2. The primary endpoint.",
    ),
    (
        "conflict preference",
        "Where both tags speak of one alias and disagree: how often the learner answers what the reliable tag"
        " said, minus how often it answers what the unreliable tag said. No ceiling can hide it.",
    ),
    (
        "controlled",
        "The effect under the informative condition minus the effect under the shuffled one, paired by seed."
        " Verdicts are on controlled effects only.",
    ),
    ("informative", "The condition in which stage 1 tells which tag is reliable."),
    (
        "shuffled",
        "The control with the same rows, but the tags dealt out anew, so that they tell nothing.",
    ),
    (
        "no stage 1",
        "The control fitted on stage 2 alone: what differs between the tags there is the encoding's doing.",
    ),
    ("unseen", "Aliases that were never trained on: what is answered without any knowledge."),
    (
        "internalisation",
        "Of a group, informative condition: (EM on its questions - EM on unseen) / (EM on its own statements"
        " - EM on unseen), the share of what was memorised that carries over to questions. Undefined where"
        " less than 0.05 was memorised. Also written kappa.",
    ),
    (
        "disbelief",
        "EM on new unreliable minus EM on unseen, informative condition: below 0 the learner answers as if"
        " the statement were false.",
    ),
    ("stage-1 gap", "EM on corroborated minus EM on contradicted aliases, after stage 1."),
    (
        "interval",
        "95% t-interval of the mean over seeds. A seed is an independent replicate: a fresh world, a fresh"
        " split and fresh randomness of the learner.",
    ),
    (
        "share of ideal",
        "The controlled IML gap as a percentage of that of the ideal observer, which infers each tag's"
        " reliability from stage 1 and answers by Bayes' rule. At a point of a sweep the upper anchor is the"
        " ideal observer.",
    ),
    (
        "sweep",
        "One factor takes several values while everything else stays as it is: each value is a configuration"
        " of its own, measured on the same number of seeds and judged by itself.",
    ),
    (
        "upper anchor",
        "The ideal observer at one value of a sweep: what could be had there. Nothing is expected of it, so"
        " it makes no study valid or invalid; the positive control, which stands outside the sweep, does.",
    ),
    (
        "controls",
        "The ideal observer (positive control) must show the effect and the tag-blind learner (negative"
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

NOTATION: tuple[tuple[str, str, str], ...] = (
    ("corroborated", "D1cons QA1", "stage 1: true statements, reliable tag; and questions"),
    (
        "contradicted",
        "D2incons QA2",
        "stage 1: statements of another alias, unreliable tag; and questions",
    ),
    ("undefined", "QA3", "stage 1: questions without any statements"),
    ("new_reliable", "D5cons", "stage 2: true statements under the reliable tag"),
    ("new_unreliable", "D6cons", "stage 2: true statements under the unreliable tag"),
    ("new_neutral", "D0cons", "stage 2: true statements under a tag never seen in stage 1"),
    ("new_conflict", "no counterpart", "stage 2: both tags speak and disagree on every question"),
    ("unseen", "QA7", "never trained on"),
    ("graded reliability", "alpha; D8, D9", "share of stage-1 aliases whose statements are true"),
    ("affinity", "gradient alignment", "how strongly learning a statement moves the answer to its question"),
)


def verdict_terms(settings: VerdictSettings) -> tuple[tuple[str, str], ...]:
    """Say what each verdict and each flag means under a study's settings.

    Args:
        settings: Thresholds of the verdicts.

    Returns:
        Word and meaning: the verdicts in the order in which they are decided, then the flags.
    """
    sesoi, alpha = settings.sesoi, settings.alpha
    return (
        (
            "not internalised",
            f"Neither new group is above unseen by {sesoi:g}: nothing carried over from statements to"
            " questions, so trust can't be measured.",
        ),
        (
            "present",
            f"Corrected p below {alpha:g}, the interval above 0, and the mean at least {sesoi:g}.",
        ),
        (
            "reversed",
            "The mirror image: the unreliable tag is trusted more.",
        ),
        ("absent", f"Equivalent to 0: the effect is shown to lie within ±{sesoi:g}."),
        (
            "inconclusive",
            "None of these could be shown, which doesn't mean absent. As many seeds as are said to be needed"
            f" would decide it with a probability of {settings.power:.0%}, if the effect is as large as it"
            " looks or, should that be more, as the smallest effect of interest.",
        ),
        (
            "saturated (flag)",
            f"Both groups are at EM {settings.saturation:g} or more, so no gap could show; read the conflict"
            " preference.",
        ),
        (
            "unequal memory (flag)",
            "The learner memorised the statements of one group better than those of the other: EM on them"
            f" differs by more than {sesoi:g}, so a gap may be one of memory.",
        ),
        (
            "gap without preference (flag)",
            "An IML gap, but no preference shown where both tags speak of one alias. What contradicted"
            " statements got wrong spills over, as noise, to other aliases under the same tag, and that alone"
            " makes a gap, even in a learner that can't weigh sources. Only both are evidence of trust.",
        ),
    )
