"""The built-in services, one file each. They are discovered: a file with a `service` is a built-in."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from matchline.engine.service import Service


def builtin_services() -> Mapping[str, Service]:
    """Every built-in by its name."""
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    found = (module.service for module in modules if hasattr(module, "service"))
    return {service.name: service for service in found}
