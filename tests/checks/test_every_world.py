"""Every registered world conforms to the contract."""

from iml_general.checks import parametrize
from iml_general.plugins import registry


@parametrize(registry.registered("worlds"))
def test_conforms(check) -> None:
    check()
