"""The worker: the ledger's runner, the timetable, the sender, and the jobs of each feature."""

from importlib import import_module
from pkgutil import iter_modules


def load() -> None:
    """Import every module here, so that its jobs and periodic tasks are registered.

    The modules import heavy libraries only inside their functions.
    """
    for module in iter_modules(__path__):
        if not module.name.startswith("_"):
            import_module(f"{__name__}.{module.name}")
