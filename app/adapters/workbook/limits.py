"""Memory and time limits for a process that parses a stranger's file.

Call `apply_limits` first thing in the child process (a limit cannot be lifted again there). The
parent reads the child's exit code with `died_of_limits`.
"""

import resource
import signal

MEMORY_MB = 1024
CPU_SECONDS = 60
MEGABYTE = 1024 * 1024
FATAL_SIGNALS = frozenset({signal.SIGXCPU, signal.SIGKILL, signal.SIGABRT, signal.SIGSEGV})


def apply_limits(memory_mb: int = MEMORY_MB, cpu_seconds: int = CPU_SECONDS) -> None:
    """Limit this process's address space (megabytes) and processor time (seconds), and forbid core
    dumps, which would put customers' data on the disk. A lower limit already set stays."""
    _lower(resource.RLIMIT_AS, memory_mb * MEGABYTE, grace=0)
    _lower(resource.RLIMIT_CPU, cpu_seconds, grace=2)
    _lower(resource.RLIMIT_CORE, 0, grace=0)


def died_of_limits(exit_code: int) -> bool:
    """Whether a child's exit code (negative signal number, as `subprocess` and `multiprocessing`
    give it) means that it ran out of its memory or time. The parser aborts when memory runs out;
    Python itself raises MemoryError, which the child can report."""
    return exit_code < 0 and -exit_code in FATAL_SIGNALS


def _lower(kind: int, wanted: int, *, grace: int) -> None:
    _, hard = resource.getrlimit(kind)
    ceiling = wanted + grace if hard == resource.RLIM_INFINITY else min(wanted + grace, hard)
    resource.setrlimit(kind, (min(wanted, ceiling), ceiling))
