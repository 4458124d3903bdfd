"""The environment of both commands: made once, installed from hashed files."""

import contextlib
import errno
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
ENVIRONMENT = PROJECT / ".venv"
REQUIREMENTS = PROJECT / "requirements.txt"
DEV_REQUIREMENTS = PROJECT / "requirements-dev.txt"

NO_INDEX = (
    "The package index cannot be reached: check the network connection (or the proxy "
    "and index settings of pip), then run this again."
)
DISK_FULL = (
    "The disk is full: make room (the packages take about 1 GB), then run this again."
)
NO_VENV = (
    "This Python has no venv module: install it (on Debian and Ubuntu with "
    "'sudo apt-get install python3-venv'), then run this again."
)

# What pip, uv, venv, DuckDB and the systems under them print in these two cases.
DISK_FULL_SIGNS = (
    "no space left on device",
    "not enough space on the disk",
    "disk quota exceeded",
    "errno 28]",
    "os error 28)",
    "os error 112)",
)
NO_INDEX_SIGNS = (
    "from versions: none",
    "newconnectionerror",
    "nameresolutionerror",
    "max retries exceeded",
    "connection refused",
    "connection reset",
    "connecttimeout",
    "read timed out",
    "proxyerror",
    "sslerror",
    "error sending request",
    "failed to fetch",
    "could not connect",
)


class Failure(Exception):
    """What went wrong and what to do about it, in one sentence."""


def run_command(main: Callable[[list[str]], int]) -> int:
    """Run one of the two commands; a failure is one sentence and an exit code."""
    try:
        # So that ending this process ends its children too.
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
        return main(sys.argv[1:])
    except Failure as failure:
        sentence = str(failure)
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        sentence = DISK_FULL if full else f"This could not be done: {error}"
    print(sentence, file=sys.stderr)
    return 1


def prepare(requirement_files: Sequence[Path], environment: Path = ENVIRONMENT) -> Path:
    """Return the environment's Python, with every requirement file installed."""
    if not is_ready(environment, requirement_files):
        with only_one(environment.with_name(f"{environment.name}.lock")):
            if not is_usable(environment, requirement_files[0]):
                create(environment)
            for path in requirement_files:
                if not is_stamped(environment, path):
                    install(environment, path)
    return environment_python(environment)


def is_ready(environment: Path, requirement_files: Sequence[Path]) -> bool:
    """Whether every file is installed completely and the environment runs."""
    return is_usable(environment, requirement_files[0]) and all(
        is_stamped(environment, path) for path in requirement_files
    )


def is_usable(environment: Path, base_file: Path) -> bool:
    """Whether the environment runs and can be added to rather than made again."""
    if unfinished_path(environment).exists() or not is_stamped(environment, base_file):
        return False
    try:
        return subprocess.call([environment_python(environment), "-c", ""]) == 0
    except OSError:
        return False


def is_stamped(environment: Path, requirement_file: Path) -> bool:
    """Whether exactly this file was installed completely for exactly this Python."""
    try:
        stamp = stamp_path(environment, requirement_file).read_text()
    except OSError:
        return False
    return stamp == fingerprint(requirement_file)


def fingerprint(requirement_file: Path) -> str:
    """Return what decides whether an installation is still the right one."""
    digest = hashlib.sha256(requirement_file.read_bytes()).hexdigest()
    return f"{digest} {sys.version.split()[0]}\n"


def environment_python(environment: Path) -> Path:
    """Return where an environment keeps its Python on this system."""
    windows = environment / "Scripts" / "python.exe"
    return windows if os.name == "nt" else environment / "bin" / "python"


def stamp_path(environment: Path, requirement_file: Path) -> Path:
    """Return the file that records that a requirement file is installed."""
    return environment / f"{requirement_file.name}.stamp"


def unfinished_path(environment: Path) -> Path:
    """Return the file that exists for as long as an installation runs."""
    return environment / "unfinished"


def create(environment: Path) -> None:
    """Make an empty environment, replacing a broken or outdated one."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise Failure(NO_VENV) from None
    say(f"Making {environment} ...")
    # If the rest of the old environment cannot be removed, it must not look complete.
    for stamp in environment.glob("*.stamp"):
        stamp.unlink()
    # Run by the environment's own Python, this would delete the Python that runs it.
    base_python = getattr(sys, "_base_executable", None) or sys.executable
    code, output = run_quietly([base_python, "-m", "venv", "--clear", str(environment)])
    if code:
        raise Failure(reason_of(output, "The environment could not be made"))


def install(environment: Path, requirement_file: Path) -> None:
    """Install a hashed requirement file and stamp it."""
    say(f"Installing {requirement_file.name}, once; this takes about a minute ...")
    unfinished_path(environment).touch()
    python = environment_python(environment)
    arguments = ["install", "--require-hashes", "-r", str(requirement_file)]
    code, output = -1, ""
    if shutil.which("uv"):
        code, output = run_quietly(["uv", "pip", *arguments, "--python", str(python)])
    # Where uv fails pip may not: it has index settings of its own.
    if code and not is_disk_full(output):
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input"]
        code, output = run_quietly([*pip, *arguments, "--progress-bar", "off"])
    if code:
        raise Failure(reason_of(output, "The packages could not be installed"))
    stamp_path(environment, requirement_file).write_text(fingerprint(requirement_file))
    unfinished_path(environment).unlink()


@contextlib.contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Wait until no other start.py or test.py is preparing the same environment."""
    with path.open("a") as handle:
        if sys.platform == "win32":
            import msvcrt

            while True:
                with contextlib.suppress(OSError):
                    msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)
                    break
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def run_quietly(command: Sequence[str]) -> tuple[int, str]:
    """Run a command to its end; return its exit code and all of its output."""
    result = subprocess.run(
        command,
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return result.returncode, result.stdout.decode("utf-8", "replace")


def reason_of(output: str, what: str) -> str:
    """Return one sentence for the output of a command that failed."""
    if is_disk_full(output):
        return DISK_FULL
    if any(sign in output.lower() for sign in NO_INDEX_SIGNS):
        return NO_INDEX
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line[6:].strip() for line in lines if line.lower().startswith("error:")]
    return f"{what}: {(errors or lines or ['it gave no reason.'])[-1]}"


def is_disk_full(output: str) -> bool:
    """Whether a command failed for lack of disk space."""
    return any(sign in output.lower() for sign in DISK_FULL_SIGNS)


def say(sentence: str) -> None:
    """Print a line immediately, into a pipe too."""
    print(sentence, flush=True)
