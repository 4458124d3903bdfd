"""The two commands, and the files they install from."""

import ast
import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import psutil
import pytest

import start

PROJECT = Path(start.PROJECT)
PINS = tomllib.loads((PROJECT / "pyproject.toml").read_text())
# A closed port of this machine: an index that cannot be reached, by pip or by uv.
NO_INDEX = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_FIND_LINKS": "",
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    "PIP_NO_CACHE_DIR": "1",
    "PIP_RETRIES": "0",
    "UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple",
    "UV_HTTP_RETRIES": "0",
    "UV_NO_CACHE": "1",
    "UV_NO_CONFIG": "1",
}


@pytest.fixture
def busy_port():
    with socket.socket() as listener:
        listener.bind((start.ADDRESS, 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind((start.ADDRESS, 0))
        return probe.getsockname()[1]


@pytest.fixture
def copy(tmp_path):
    """Copy the launcher to a checkout that needs one small package and no more."""
    shutil.copy(PROJECT / "start.py", tmp_path)
    (tmp_path / "requirements.txt").write_text(
        "six==1.17.0 --hash=sha256:"
        "4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274\n"
    )
    return tmp_path


@pytest.fixture
def prepared(copy):
    """Give the copy an app of one line, and this run's packages for its own."""
    start_py = copy / "start.py"
    start_py.write_text(
        start_py.read_text().replace(
            "    python = prepare([REQUIREMENTS])\n", "    python = sys.executable\n"
        )
    )
    (copy / "app.py").write_text("import streamlit")
    (copy / "recon").mkdir()
    (copy / "recon" / "__main__.py").write_text(
        "import pathlib, sys\n"
        "store = pathlib.Path(sys.argv[-1])\n"
        "store.mkdir()\n"
        "(store / 'CURRENT').touch()\n"
    )
    return copy


@pytest.fixture
def installed(tmp_path):
    """Return a requirement file and an environment in which it is installed."""
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("pandas==3.1.1\n")
    environment = tmp_path / "environment"
    python = Path(start.environment_python(str(environment)))
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    stamp = Path(start.stamp_path(str(environment), str(requirements)))
    stamp.write_text(start.fingerprint(str(requirements)))
    return requirements, environment


def run_start(folder, *arguments, **environment):
    return subprocess.run(
        [sys.executable, "start.py", *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def assert_one_sentence(result, beginning):
    assert result.returncode == 1
    assert result.stderr.startswith(beginning)
    assert result.stderr.count("\n") == 1
    assert result.stderr.endswith(".\n")


# ---- what can be wrong, in one sentence --------------------------------------


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 5, 2), (3, 10, 13)])
def test_an_old_python_is_refused_by_its_number(version):
    number = ".".join(map(str, version))
    with pytest.raises(start.Failure, match=f"3.11 or newer and this is .*{number}:"):
        start.check_python(version)


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 14, 1), (4, 0, 0)])
def test_a_new_python_is_accepted(version):
    start.check_python(version)


@pytest.mark.parametrize("name", ["start.py", "test.py"])
def test_an_old_python_can_parse_the_commands(name):
    source = (PROJECT / name).read_bytes()
    source.decode("ascii")
    tree = ast.parse(source, feature_version=(3, 5))
    too_new = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        assert not isinstance(node, too_new), node.lineno
        if isinstance(node, ast.arguments):
            assert not node.kwonlyargs + node.posonlyargs
        if isinstance(node, ast.arg):
            assert node.annotation is None, node.lineno
        if isinstance(node, ast.Raise):
            assert node.cause is None, node.lineno


def test_a_taken_port_is_said_before_anything_slow(copy, busy_port):
    result = run_start(copy, "--port", str(busy_port))
    assert_one_sentence(result, f"Port {busy_port} on 127.0.0.1 is taken")
    assert not (copy / ".venv").exists()


def test_an_address_of_another_machine_is_said(copy, free_port):
    # An address kept for documentation: no machine has it.
    result = run_start(copy, "--address", "192.0.2.1", "--port", str(free_port))
    assert_one_sentence(result, f"recon cannot serve on port {free_port} of 192.0.2.1:")


def test_a_network_that_is_away_is_said_and_leaves_nothing_that_passes_for_whole(
    copy, free_port
):
    result = run_start(copy, "--port", str(free_port), **NO_INDEX)
    assert_one_sentence(result, "The package index cannot be reached")
    environment = str(copy / ".venv")
    assert os.path.exists(start.unfinished_path(environment))
    assert not start.is_usable(environment, str(copy / "requirements.txt"))


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_missing_venv_module_is_said(module, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(start.Failure, match="python3-venv"):
        start.create(str(tmp_path / "environment"))


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("ERROR: [Errno 28] No space left on device", start.DISK_FULL),
        ("error: failed to copy: No space left on device (os error 28)", "The disk is"),
        ("IO Error: There is not enough space on the disk.", start.DISK_FULL),
        ("ERROR: Could not find a version (from versions: none)", start.NO_INDEX),
        ("error: dns error\n  Caused by: error sending request", start.NO_INDEX),
        ("ERROR: a hash is wrong.\n\nSee the manual", "It failed: a hash is wrong."),
        ("  one\n  two.\n", "It failed: two."),
        ("", "It failed: it gave no reason."),
    ],
)
def test_the_output_of_a_failed_command_becomes_a_sentence(output, sentence):
    assert start.explain(output, "It failed").startswith(sentence)


def test_a_full_disk_met_by_the_launcher_itself_is_said(capsys):
    def main(arguments):
        raise OSError(28, "No space left on device")

    assert start.run_command(main, []) == 1
    assert capsys.readouterr().err == start.DISK_FULL + "\n"


def test_a_demo_market_that_fails_is_said_in_its_own_words(prepared, free_port):
    (prepared / "recon" / "__main__.py").write_text('exit("Error: no market today.")')
    result = run_start(prepared, "--port", str(free_port))
    assert_one_sentence(result, "The demo market could not be built: no market today.")


# ---- installing once ---------------------------------------------------------


def test_a_second_start_does_not_install(installed, monkeypatch):
    requirements, environment = installed
    for step in ("create", "install"):
        monkeypatch.setattr(start, step, lambda *given: pytest.fail("not again"))
    python = start.prepare([str(requirements)], str(environment))
    assert python == start.environment_python(str(environment))


def test_only_the_missing_file_is_installed_on_top(installed, monkeypatch):
    requirements, environment = installed
    more = requirements.with_name("requirements-dev.txt")
    more.write_text("pytest==9.2.0\n")
    steps = []
    monkeypatch.setattr(start, "create", lambda *given: steps.append("create"))
    monkeypatch.setattr(start, "install", lambda _, path: steps.append(path))
    start.prepare([str(requirements), str(more)], str(environment))
    assert steps == [str(more)]


def outdate(requirements, environment):
    requirements.write_text("pandas==3.1.2\n")


def interrupt(requirements, environment):
    Path(start.unfinished_path(str(environment))).touch()


def lose_stamp(requirements, environment):
    os.remove(start.stamp_path(str(environment), str(requirements)))


def lose_python(requirements, environment):
    os.remove(start.environment_python(str(environment)))


def meet_other_python(requirements, environment):
    stamp = Path(start.stamp_path(str(environment), str(requirements)))
    stamp.write_text(stamp.read_text().split()[0] + " 3.11.0\n")


@pytest.mark.parametrize(
    "spoil", [outdate, interrupt, lose_stamp, lose_python, meet_other_python]
)
def test_a_broken_or_outdated_environment_is_made_anew(installed, spoil, monkeypatch):
    requirements, environment = installed
    spoil(requirements, environment)
    steps = []

    def create(path):
        steps.append("create")
        shutil.rmtree(path)

    monkeypatch.setattr(start, "create", create)
    monkeypatch.setattr(start, "install", lambda *given: steps.append("install"))
    start.prepare([str(requirements)], str(environment))
    assert steps == ["create", "install"]


def test_an_install_is_stamped_last(installed, monkeypatch):
    requirements, environment = installed
    stamp = Path(start.stamp_path(str(environment), str(requirements)))
    unfinished = Path(start.unfinished_path(str(environment)))
    stamp.unlink()

    def look(command):
        assert unfinished.exists()
        assert not stamp.exists()
        return 0, ""

    monkeypatch.setattr(start, "run_quietly", look)
    start.install(str(environment), str(requirements))
    assert not unfinished.exists()
    assert start.is_ready(str(environment), [str(requirements)])


def test_pip_is_asked_where_uv_fails(installed, monkeypatch):
    requirements, environment = installed
    asked = []

    def fail_uv(command):
        asked.append("uv" if command[0] == "uv" else "pip")
        return int(command[0] == "uv"), "error: no such index"

    monkeypatch.setattr(start.shutil, "which", lambda name: name)
    monkeypatch.setattr(start, "run_quietly", fail_uv)
    start.install(str(environment), str(requirements))
    assert asked == ["uv", "pip"]


# ---- serving -----------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="no signals between processes on Windows")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 128 + signal.SIGTERM)]
)
def test_it_serves_a_new_store_until_it_is_ended(prepared, free_port, number, code):
    command = [sys.executable, "start.py", "--port", str(free_port), "--store", "new"]
    with subprocess.Popen(command, cwd=prepared, stdout=subprocess.PIPE) as launcher:
        address = f"recon is at http://127.0.0.1:{free_port}".encode()
        assert any(line.startswith(address) for line in launcher.stdout)
        assert (prepared / "new" / "CURRENT").exists()
        assert start.is_serving(start.ADDRESS, free_port)
        children = psutil.Process(launcher.pid).children(recursive=True)
        assert children
        launcher.send_signal(number)
        assert launcher.wait(timeout=20) == code
    assert psutil.wait_procs(children, timeout=5)[1] == []


def test_the_app_gets_its_store_and_nothing_that_calls_out(monkeypatch):
    calls = []
    monkeypatch.setattr(
        start.subprocess,
        "Popen",
        lambda *args, **options: calls.append((args, options)),
    )
    start.start_app("python", "127.0.0.1", 8501, "some/store", env={"A": "1"})
    [((command,), options)] = calls
    assert options["env"] == {"A": "1", "RECON_STORE": "some/store"}
    assert "--browser.gatherUsageStats=false" in command
    assert "--server.address=127.0.0.1" in command


def test_an_app_that_ends_at_once_is_not_waited_for(free_port):
    process = subprocess.Popen([sys.executable, "-c", "exit(3)"])
    with pytest.raises(start.Failure, match="exit code 3"):
        start.wait_until_serving(process, start.ADDRESS, free_port)


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8501"),
        ("0.0.0.0", "http://127.0.0.1:8501"),
        ("::1", "http://[::1]:8501"),
    ],
)
def test_the_address_printed_can_be_opened(address, url):
    assert start.url(address, 8501) == url


def test_the_store_is_the_option_then_the_environment_then_the_project(monkeypatch):
    monkeypatch.setenv("RECON_STORE", "from_environment")
    assert start.read_options([]).store == os.path.abspath("from_environment")
    assert start.read_options(["--store", "a"]).store == os.path.abspath("a")
    monkeypatch.delenv("RECON_STORE")
    assert start.read_options([]).store == str(PROJECT / "store")


@pytest.mark.parametrize("is_empty", [True, False])
def test_an_empty_store_is_left_empty_only_where_that_is_asked(monkeypatch, is_empty):
    built = []
    monkeypatch.setattr(start, "check_port", lambda *given: None)
    monkeypatch.setattr(start, "prepare", lambda files: "python")
    monkeypatch.setattr(start, "prepare_store", lambda *given: built.append(given))
    monkeypatch.setattr(start, "serve", lambda *given: 0)
    assert start.main(["--store", "a", *(["--empty"] if is_empty else [])]) == 0
    assert bool(built) != is_empty


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http"])
def test_a_port_is_a_number_in_range(port, capsys):
    with pytest.raises(SystemExit):
        start.read_options(["--port", port])
    assert "from 1 to 65535" in capsys.readouterr().err


# ---- the files installed from ------------------------------------------------


def pins(name):
    """Return the version of every package of a requirement file."""
    text = (PROJECT / name).read_text()
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize(
    ("name", "dependencies"),
    [
        ("requirements.txt", PINS["project"]["dependencies"]),
        ("requirements-dev.txt", PINS["dependency-groups"]["dev"]),
    ],
)
def test_what_pyproject_pins_is_what_is_installed(name, dependencies):
    installed_versions = pins(name)
    for dependency in dependencies:
        package, version = dependency.split("==")
        assert installed_versions[package.replace("_", "-")] == version


def test_both_files_agree():
    run, develop = pins("requirements.txt"), pins("requirements-dev.txt")
    assert {name: run[name] for name in run.keys() & develop.keys()} == {
        name: develop[name] for name in run.keys() & develop.keys()
    }


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_hashed(name):
    text = (PROJECT / name).read_text().replace("\\\n", "")
    packages = [line for line in text.splitlines() if line and line[0] not in "# "]
    assert {line.split("==")[0] for line in packages} == set(pins(name))
    assert all("--hash=sha256:" in line for line in packages)


def test_no_committed_file_names_a_machine_or_a_package_registry():
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True
    )
    if listing.returncode:
        pytest.skip("not a git checkout: what is committed is not known")
    # Put together here, so that this file does not name them either.
    folders = ["/" + folder + "/" for folder in ("work", "root", "tmp/w", "opt/wheels")]
    hosts = [host + ".org" for host in ("pypi", "pythonhosted", "npmjs", "deb.debian")]
    words = [*folders, *hosts, "file:" + "///"]
    found = [
        f"{name}: {word}"
        for name in listing.stdout.split("\0")
        if (PROJECT / name).is_file()
        for word in words
        if word.encode() in (PROJECT / name).read_bytes()
    ]
    assert found == []


# ---- settings of the app -----------------------------------------------------


def test_the_settings_keep_the_app_on_this_machine():
    text = (PROJECT / ".streamlit" / "config.toml").read_text()
    settings = tomllib.loads(text)
    assert settings["server"]["address"] == "127.0.0.1"
    assert settings["browser"]["gatherUsageStats"] is False
    assert "://" not in text


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_theme_has_exactly_ten_chart_colours(mode):
    # With fewer, Streamlit draws a Plotly figure in colours of Plotly's own.
    settings = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text())
    colours = settings["theme"][mode]["chartCategoricalColors"]
    assert len(set(colours)) == 10


# ---- test.py -----------------------------------------------------------------


@pytest.fixture
def check_command(monkeypatch):
    """Return test.py as a module whose commands are noted rather than run."""
    # Not `import test`: the standard library has a package of that name.
    spec = importlib.util.spec_from_file_location("check", PROJECT / "test.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.ran = []
    module.broken = ()

    def run(command):
        module.ran.append(command[2:])
        return int(command[2] in module.broken)

    monkeypatch.setattr(module, "run", run)
    monkeypatch.setattr(start, "prepare", lambda files: "python")
    return module


def test_every_check_runs_even_after_one_that_fails(check_command, capsys):
    check_command.broken = ("ruff", "mypy")
    assert check_command.main([]) == 1
    names = [command[0] for command in check_command.ran]
    assert names == ["ruff", "ruff", "mypy", "pytest"]
    assert capsys.readouterr().out.endswith("test.py: FAILED: lint, types\n")


def test_a_run_without_failures_exits_with_zero(check_command, capsys):
    assert check_command.main([]) == 0
    assert capsys.readouterr().out.endswith("test.py: all well: lint, types, tests\n")


def test_arguments_go_to_pytest_alone(check_command):
    assert check_command.main(["-k", "bands"]) == 0
    assert check_command.ran == [[*check_command.TESTS, "-k", "bands"]]


def test_help_runs_nothing(check_command, capsys):
    assert check_command.main(["--help"]) == 0
    assert check_command.ran == []
    assert "only pytest runs" in capsys.readouterr().out
