"""A database that goes away is told from any other fault, and waited for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from optuna.exceptions import StorageInternalError

from iml_general.errors import RunError
from iml_general.study.storage.database import is_outage, patiently

GONE = sa.exc.OperationalError("SELECT 1", {}, Exception("server closed the connection unexpectedly"))


def gone() -> str:
    raise GONE


def gone_and_the_clean_up_fails() -> str:
    """What Optuna does where the connection ends within a query: its handler queries again."""
    try:
        try:
            gone()
        except sa.exc.OperationalError:
            raise sa.exc.PendingRollbackError("Please rollback() fully before proceeding")  # noqa: B904
    except sa.exc.SQLAlchemyError as error:
        raise StorageInternalError("An exception is raised during the commit.") from error


@pytest.mark.parametrize("call", [gone, gone_and_the_clean_up_fails])
def test_an_outage_is_waited_out(call: Callable[[], str]) -> None:
    calls = iter([call, call, lambda: "back"])
    assert patiently(lambda: next(calls)()) == "back"  # noqa: PLW0108 - another one each time


def test_patience_has_an_end_and_the_line_says_what_to_do() -> None:
    with pytest.raises(RunError, match=r"0 s .*server closed.*the same command goes on"):
        patiently(gone, patience_s=0.0)


def test_what_was_already_waited_out_is_not_waited_for_again() -> None:
    with pytest.raises(RunError) as given_up:
        patiently(gone, patience_s=0.0)
    assert not is_outage(given_up.value)


def test_other_faults_are_not_outages() -> None:
    with pytest.raises(sa.exc.IntegrityError):
        patiently(lambda: (_ for _ in ()).throw(sa.exc.IntegrityError("INSERT", {}, Exception("twice"))))
