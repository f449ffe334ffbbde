"""Claims about how a learner behaves in a process: it computes, and does nothing else."""

from __future__ import annotations

import pickle

import numpy as np

from iml_general.checks.elsewhere import N_THREADS, Notes, notes_on
from iml_general.checks.result import CheckFailedError, CheckSkippedError, require, require_same
from iml_general.checks.subject import ROUND_OFF, Subject


def travels(subject: Subject) -> None:
    """Learner and states pickle, and a state from another process answers here as it did there."""
    notes = notes_on(subject)
    expected = "a state that was made in another process answers here as it did there"
    for rule, pickled in notes.states.items():
        try:
            state = pickle.loads(pickled)
        except Exception as error:  # whatever a class does when unpickled
            raise CheckFailedError(f"unpickling raised {type(error).__name__}: {error}", expected) from error
        require_same(subject.predict(state), notes.answers[rule], "answers", expected, ROUND_OFF)


def same_answers_elsewhere(subject: Subject) -> None:
    """The same rows and seed give the same answers in another process with another hash seed."""
    notes = _noted(subject)
    expected = "the same answers, but for round-off, whatever PYTHONHASHSEED is"
    state = subject.fitted()
    for rule, found in notes.answers.items():
        under = subject.under(rule) if rule else subject
        here = under.predict(under.updated(state) if rule else state)
        what = f"answers after {f'update ({rule})' if rule else 'fit'}"
        require_same(np.asarray(found), here, what, expected, ROUND_OFF)


def prints_nothing(subject: Subject) -> None:
    """Nothing goes to standard output or error; warnings would."""
    printed = _noted(subject).printed.strip()
    last = printed.splitlines()[-1] if printed else ""
    require(not printed, f"{len(printed.splitlines())} lines, the last: {last}", "nothing on either stream")


def writes_no_files(subject: Subject) -> None:
    """Nothing is written to the working directory."""
    files = _noted(subject).files
    require(not files, f"wrote {', '.join(files[:5])}", "no files in the working directory")


def leaves_no_threads(subject: Subject) -> None:
    """No thread of Python is left, and no pool of threads in a library: it would slow down other jobs.

    A library may keep a thread or two that wait, as XGBoost does for the messages of a cluster. Of XLA, with
    which JAX computes, only those that compute count: it keeps a dozen that wait.
    """
    notes = _noted(subject)
    expected = (
        "one thread throughout: join your own, and ask libraries for one (n_jobs, nthread; "
        "torch and JAX under the decorator iml_general.plugins.threads.one_thread)"
    )
    require(not notes.threads, f"left these threads running: {', '.join(notes.threads[:5])}", expected)
    n = notes.n_library_threads
    require(n < N_THREADS // 2, f"a library left {n} threads running (it was offered {N_THREADS})", expected)


def _noted(subject: Subject) -> Notes:
    """What was noted in the other process; that a learner doesn't get there is another check's claim."""
    try:
        return notes_on(subject)
    except CheckFailedError as failed:
        raise CheckSkippedError(f"it doesn't run in another process: {failed.seen}") from failed
