"""Writes a software bill of materials, CycloneDX 1.6 as JSON, of what is installed: `make sbom`.

python -m scripts.dependencies.sbom FILE [EXTRA ...]
"""

from __future__ import annotations

import sys
import uuid
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from scripts.dependencies.installed import EXTRAS, ROOT, Installed, everything


def bill_of(found: dict[str, Installed]) -> str:
    """Write the bill.

    Args:
        found: The distributions by name, this program among them.

    Returns:
        CycloneDX 1.6 as JSON: components with version, licence and package URL, and who needs whom. Its
        number depends on nothing but that.
    """
    components = {name: _component(one) for name, one in found.items()}
    contents = "\n".join(f"{one.name}=={one.version}" for one in found.values())
    bill = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_URL, contents))
    bill.metadata.component = components[ROOT]
    bill.components.update(one for name, one in components.items() if name != ROOT)
    for name, one in found.items():
        bill.register_dependency(components[name], [components[need] for need in one.requires])
    return JsonV1Dot6(bill).output_as_string(indent=1)


def _component(one: Installed) -> Component:
    kind = ComponentType.APPLICATION if one.name == ROOT else ComponentType.LIBRARY
    url = PackageURL("pypi", name=one.name, version=one.version)
    licence = LicenseFactory().make_from_string(one.licence)
    return Component(
        type=kind, name=one.name, version=one.version, purl=url, bom_ref=str(url), licenses=[licence]
    )


def main() -> None:
    """Write the file that is asked for."""
    file, *extras = sys.argv[1:]
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    Path(file).write_text(bill_of(everything(tuple(extras) or EXTRAS)), "utf-8")


if __name__ == "__main__":
    main()
