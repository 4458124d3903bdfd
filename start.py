"""Start recon: python3 start.py

The first start makes `.venv` beside this file, installs requirements.txt into it
and builds a demo market; every later one only serves. test.py uses the same
environment, and so the first half of this file.

Only the standard library, and only syntax that Python 2.7 can parse: an old
Python must get far enough to say in a sentence that it is too old.
"""

import argparse
import contextlib
import errno
import hashlib
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

MINIMUM_PYTHON = (3, 11)
PROJECT = os.path.dirname(os.path.abspath(__file__))
ENVIRONMENT = os.path.join(PROJECT, ".venv")
REQUIREMENTS = os.path.join(PROJECT, "requirements.txt")
ADDRESS = "127.0.0.1"
PORT = 8501

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

# What pip, uv, venv, DuckDB and the systems under them say in these two cases.
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


# ---- the environment, shared with test.py ------------------------------------


def check_python(version):
    """Refuse a Python older than the packages can run on."""
    if tuple(version[:2]) < MINIMUM_PYTHON:
        raise Failure(
            "recon needs Python {}.{} or newer and this is Python {}: "
            "run it with a newer one.".format(
                MINIMUM_PYTHON[0],
                MINIMUM_PYTHON[1],
                ".".join(str(part) for part in version[:3]),
            )
        )


def prepare(requirement_files, environment=ENVIRONMENT):
    """Return the environment's Python, every requirement file installed in it."""
    python = environment_python(environment)
    if not is_ready(environment, requirement_files):
        with only_one(environment + ".lock"):
            if not is_usable(environment, requirement_files[0]):
                create(environment)
            for path in requirement_files:
                if not is_stamped(environment, path):
                    install(environment, path)
    return python


def is_ready(environment, requirement_files):
    """Whether every file has been installed, to the end, and still runs."""
    return is_usable(environment, requirement_files[0]) and all(
        is_stamped(environment, path) for path in requirement_files
    )


def is_usable(environment, base_file):
    """Whether the environment runs and can be added to rather than made anew."""
    if os.path.exists(unfinished_path(environment)):
        return False
    if not is_stamped(environment, base_file):
        return False
    try:
        code = subprocess.call([environment_python(environment), "-c", ""])
    except OSError:
        return False
    return code == 0


def is_stamped(environment, requirement_file):
    """Whether exactly this file, for exactly this Python, was installed to the end."""
    try:
        with io.open(stamp_path(environment, requirement_file)) as stamp:
            return stamp.read() == fingerprint(requirement_file)
    except (IOError, OSError):
        return False


def fingerprint(requirement_file):
    """Return what decides whether an installation is still the right one."""
    with io.open(requirement_file, "rb") as requirements:
        digest = hashlib.sha256(requirements.read()).hexdigest()
    return "{} {}\n".format(digest, sys.version.split()[0])


def environment_python(environment):
    """Return where an environment keeps its Python on this system."""
    if os.name == "nt":
        return os.path.join(environment, "Scripts", "python.exe")
    return os.path.join(environment, "bin", "python")


def stamp_path(environment, requirement_file):
    """Return the file that says a requirement file is installed."""
    return os.path.join(environment, os.path.basename(requirement_file) + ".stamp")


def unfinished_path(environment):
    """Return the file that is there for as long as an installation runs."""
    return os.path.join(environment, "unfinished")


def create(environment):
    """Make an empty environment, in place of a broken or outdated one."""
    try:
        import ensurepip
        import venv
    except ImportError:
        raise Failure(NO_VENV)
    del ensurepip, venv
    say("Making {} ...".format(environment))
    # If the rest of the old environment cannot be removed, it must not pass for whole.
    for name in os.listdir(environment) if os.path.isdir(environment) else ():
        if name.endswith(".stamp"):
            os.remove(os.path.join(environment, name))
    # Started with the environment's own Python, this would saw off its own branch.
    base_python = getattr(sys, "_base_executable", None) or sys.executable
    code, output = run_quietly([base_python, "-m", "venv", "--clear", environment])
    if code:
        raise Failure(explain(output, "The environment could not be made"))


def install(environment, requirement_file):
    """Install a hashed requirement file and stamp it."""
    say(
        "Installing {}, once; this takes about a minute ...".format(
            os.path.basename(requirement_file)
        )
    )
    with io.open(unfinished_path(environment), "w"):
        pass
    python = environment_python(environment)
    arguments = ["install", "--require-hashes", "-r", requirement_file]
    code = None
    if shutil.which("uv"):
        code, output = run_quietly(["uv", "pip"] + arguments + ["--python", python])
    # What uv cannot do, pip may: it has index settings of its own.
    if code is None or (code and not is_disk_full(output)):
        code, output = run_quietly(
            [python, "-m", "pip", "--disable-pip-version-check", "--no-input"]
            + arguments
            + ["--progress-bar", "off"]
        )
    if code:
        raise Failure(explain(output, "The packages could not be installed"))
    with io.open(stamp_path(environment, requirement_file), "w") as stamp:
        stamp.write(fingerprint(requirement_file))
    os.remove(unfinished_path(environment))


@contextlib.contextmanager
def only_one(path):
    """Wait until no other start.py or test.py is preparing the same environment."""
    with io.open(path, "a") as handle:
        if os.name == "nt":
            import msvcrt

            while True:
                try:
                    msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)
                    break
                except OSError:
                    continue
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def run_quietly(command):
    """Run a command to its end; return its exit code and all that it said."""
    result = subprocess.run(
        command,
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return result.returncode, result.stdout.decode("utf-8", "replace")


def explain(output, what):
    """Return one sentence for the output of a command that failed."""
    if is_disk_full(output):
        return DISK_FULL
    if any(sign in output.lower() for sign in NO_INDEX_SIGNS):
        return NO_INDEX
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line[6:].strip() for line in lines if line.lower().startswith("error:")]
    return "{}: {}".format(what, (errors or lines or ["it gave no reason."])[-1])


def is_disk_full(output):
    """Whether a command failed for want of room."""
    return any(sign in output.lower() for sign in DISK_FULL_SIGNS)


def say(sentence):
    """Print a line at once, also into a pipe."""
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def run_command(main, arguments):
    """Run one of the two commands; what fails is one sentence and an exit code."""
    try:
        check_python(sys.version_info)
        # So that ending this process ends its children too.
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
        return main(arguments)
    except Failure as failure:
        sentence = str(failure)
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        sentence = DISK_FULL if full else "This could not be done: {}".format(error)
    sys.stderr.write(sentence + "\n")
    return 1


# ---- the application ---------------------------------------------------------


def main(arguments):
    """Prepare what is missing, then serve until Ctrl-C."""
    options = read_options(arguments)
    check_port(options.address, options.port)
    python = prepare([REQUIREMENTS])
    if not options.empty:
        prepare_store(python, options.store)
    return serve(python, options.address, options.port, options.store)


def read_options(arguments):
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(
        prog="start.py",
        description="Start recon. The first start installs what it needs.",
    )
    parser.add_argument(
        "--store",
        metavar="DIR",
        type=os.path.abspath,
        default=os.environ.get("RECON_STORE") or os.path.join(PROJECT, "store"),
        help="where the data are; a demo market is built in an empty one "
        "(default: RECON_STORE, or store/ beside this file)",
    )
    parser.add_argument(
        "--empty",
        action="store_true",
        help="build no demo market: in an empty store the app asks what to load",
    )
    parser.add_argument(
        "--port",
        metavar="N",
        type=port_number,
        default=PORT,
        help="port to serve on (default: {})".format(PORT),
    )
    parser.add_argument(
        "--address",
        metavar="A",
        default=ADDRESS,
        help="address to serve on (default: {}, this machine only)".format(ADDRESS),
    )
    return parser.parse_args(arguments)


def port_number(text):
    """Return a port given in words of the command line."""
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)


def check_port(address, port):
    """Refuse a port that something else listens on."""
    try:
        family, kind, protocol, _, target = socket.getaddrinfo(
            address, port, type=socket.SOCK_STREAM
        )[0]
        with contextlib.closing(socket.socket(family, kind, protocol)) as probe:
            # A port that was only just given up is free, except that Windows would
            # then also call a port free that is in use.
            if os.name != "nt":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(target)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Failure(
                "Port {} on {} is taken, perhaps by a recon that runs already: "
                "end that program, or choose another port with --port.".format(
                    port, address
                )
            )
        raise Failure(
            "recon cannot serve on port {} of {}: {}.".format(
                port, address, error.strerror
            )
        )


def prepare_store(python, store):
    """Build the demo market where there are no data yet."""
    if os.path.exists(os.path.join(store, "CURRENT")):
        return
    say("Building a demo market in {} ...".format(store))
    result = subprocess.run(
        [python, "-m", "recon", "demo", "--store", store],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    output = result.stderr.decode("utf-8", "replace")
    if result.returncode:
        raise Failure(explain(output, "The demo market could not be built"))
    sys.stderr.write(output)


def serve(python, address, port, store):
    """Run the app until it ends or is ended; return the exit code."""
    process = start_app(python, address, port, store)
    try:
        wait_until_serving(process, address, port)
        say("recon is at {}  (Ctrl-C ends it)".format(url(address, port)))
        code = process.wait()
    except KeyboardInterrupt:
        say("Ending recon ...")
        return 0
    finally:
        stop(process)
    if code:
        raise Failure("The app ended with exit code {}.".format(code))
    return 0


def start_app(python, address, port, store, **options):
    """Start the app's server; `options` go to Popen."""
    environment = dict(options.pop("env", os.environ), RECON_STORE=store)
    # Given here as well as in .streamlit/config.toml: a setting in the user's
    # environment outranks that file, and these keep the app from calling out.
    command = [
        python,
        "-m",
        "streamlit",
        "run",
        "app.py",
        "--server.address={}".format(address),
        "--server.port={}".format(port),
        "--server.headless=true",
        "--server.fileWatcherType=none",
        "--browser.gatherUsageStats=false",
        "--logger.hideWelcomeMessage=true",
    ]
    return subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdin=subprocess.DEVNULL, **options
    )


def wait_until_serving(process, address, port, patience_seconds=60):
    """Return once the server answers; fail if it ends or stays silent."""
    deadline = time.time() + patience_seconds
    while time.time() < deadline:
        if process.poll() is not None:
            raise Failure(
                "The app ended at once with exit code {}.".format(process.returncode)
            )
        if is_serving(address, port):
            return
        time.sleep(0.1)
    raise Failure("The app did not answer within {} seconds.".format(patience_seconds))


def is_serving(address, port):
    """Whether the server says that it is well."""
    import http.client

    connection = http.client.HTTPConnection(reachable(address), port, timeout=5)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def reachable(address):
    """Return the address to call a server at that listens on `address`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)


def url(address, port):
    """Return the address to type into a browser."""
    host = reachable(address)
    return "http://{}:{}".format("[" + host + "]" if ":" in host else host, port)


def stop(process):
    """End the app, by force if it does not listen."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(run_command(main, sys.argv[1:]))
