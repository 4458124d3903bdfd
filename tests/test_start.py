"""The two commands, and the files they install from."""

import ast
import contextlib
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

from launcher import checks, environment, serving
from launcher.environment import PROJECT, Failure

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
        listener.bind((serving.ADDRESS, 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind((serving.ADDRESS, 0))
        return probe.getsockname()[1]


@pytest.fixture
def copy(tmp_path):
    """Copy the launcher to a checkout that needs one small package and no more."""
    shutil.copy(PROJECT / "start.py", tmp_path)
    shutil.copytree(PROJECT / "launcher", tmp_path / "launcher")
    (tmp_path / "requirements.txt").write_text(
        "six==1.17.0 --hash=sha256:"
        "4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274\n"
    )
    return tmp_path


@pytest.fixture
def prepared(copy):
    """Give the copy an app of one line, and this run's packages for its own."""
    serving_py = copy / "launcher" / "serving.py"
    serving_py.write_text(
        serving_py.read_text().replace("prepare([REQUIREMENTS])", "sys.executable")
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
    folder = tmp_path / "environment"
    python = environment.environment_python(folder)
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    stamp = environment.stamp_path(folder, requirements)
    stamp.write_text(environment.fingerprint(requirements))
    return requirements, folder


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


@pytest.mark.parametrize("name", ["start.py", "test.py"])
@pytest.mark.parametrize("version", [(2, 7, 18), (3, 5, 2), (3, 10, 13)])
def test_an_old_python_is_refused_by_its_number(name, version):
    code = f"import sys; sys.version_info = {version}; exec(open({name!r}).read())"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True
    )
    number = ".".join(map(str, version))
    assert_one_sentence(
        result, f"recon needs Python 3.11 or newer and this is Python {number}: run it"
    )


@pytest.mark.parametrize("name", ["start.py", "test.py", "launcher/__init__.py"])
def test_an_old_python_can_parse_what_it_reads(name):
    source = (PROJECT / name).read_bytes()
    source.decode("ascii")
    tree = ast.parse(source, feature_version=(3, 5))
    too_new = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.arg, ast.Starred)
    assert not any(isinstance(node, too_new) for node in ast.walk(tree))


def test_a_taken_port_is_said_before_anything_slow(copy, busy_port):
    result = run_start(copy, "--port", str(busy_port))
    assert_one_sentence(result, f"Port {busy_port} on 127.0.0.1 is taken")
    assert not (copy / ".venv").exists()


def test_an_address_of_another_machine_is_said(copy, free_port):
    # An address kept for documentation: no machine has it.
    result = run_start(copy, "--address", "192.0.2.1", "--port", str(free_port))
    assert_one_sentence(result, f"recon cannot serve on port {free_port} of 192.0.2.1:")


@pytest.mark.slow
def test_a_network_that_is_away_is_said_and_leaves_nothing_that_passes_for_whole(
    copy, free_port
):
    result = run_start(copy, "--port", str(free_port), **NO_INDEX)
    assert_one_sentence(result, "The package index cannot be reached")
    folder = copy / ".venv"
    assert environment.unfinished_path(folder).exists()
    assert not environment.is_usable(folder, copy / "requirements.txt")


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_missing_venv_module_is_said(module, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(Failure, match="python3-venv"):
        environment.create(tmp_path / "environment")


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("ERROR: [Errno 28] No space left on device", environment.DISK_FULL),
        ("error: failed to copy: No space left on device (os error 28)", "The disk is"),
        ("IO Error: There is not enough space on the disk.", environment.DISK_FULL),
        ("ERROR: Could not find a version (from versions: none)", environment.NO_INDEX),
        ("error: dns error\n  Caused by: error sending request", environment.NO_INDEX),
        ("ERROR: a hash is wrong.\n\nSee the manual", "It failed: a hash is wrong."),
        ("  one\n  two.\n", "It failed: two."),
        ("", "It failed: it gave no reason."),
    ],
)
def test_the_output_of_a_failed_command_becomes_a_sentence(output, sentence):
    assert environment.reason_of(output, "It failed").startswith(sentence)


def test_a_full_disk_met_by_the_launcher_itself_is_said(capsys):
    def main(arguments):
        raise OSError(28, "No space left on device")

    assert environment.run_command(main) == 1
    assert capsys.readouterr().err == environment.DISK_FULL + "\n"


def test_a_demo_market_that_fails_is_said_in_its_own_words(prepared, free_port):
    (prepared / "recon" / "__main__.py").write_text('exit("Error: no market today.")')
    result = run_start(prepared, "--port", str(free_port))
    assert_one_sentence(result, "The demo market could not be built: no market today.")


# ---- installing once ---------------------------------------------------------


def test_a_second_start_does_not_install(installed, monkeypatch):
    requirements, folder = installed
    for step in ("create", "install"):
        monkeypatch.setattr(environment, step, lambda *given: pytest.fail("not again"))
    python = environment.prepare([requirements], folder)
    assert python == environment.environment_python(folder)


def test_only_the_missing_file_is_installed_on_top(installed, monkeypatch):
    requirements, folder = installed
    more = requirements.with_name("requirements-dev.txt")
    more.write_text("pytest==9.2.0\n")
    steps = []
    monkeypatch.setattr(environment, "create", lambda *given: steps.append("create"))
    monkeypatch.setattr(environment, "install", lambda _, path: steps.append(path))
    environment.prepare([requirements, more], folder)
    assert steps == [more]


def outdate(requirements, folder):
    requirements.write_text("pandas==3.1.2\n")


def interrupt(requirements, folder):
    environment.unfinished_path(folder).touch()


def lose_stamp(requirements, folder):
    environment.stamp_path(folder, requirements).unlink()


def lose_python(requirements, folder):
    environment.environment_python(folder).unlink()


def meet_other_python(requirements, folder):
    stamp = environment.stamp_path(folder, requirements)
    stamp.write_text(stamp.read_text().split()[0] + " 3.11.0\n")


@pytest.mark.parametrize(
    "spoil", [outdate, interrupt, lose_stamp, lose_python, meet_other_python]
)
def test_a_broken_or_outdated_environment_is_made_anew(installed, spoil, monkeypatch):
    requirements, folder = installed
    spoil(requirements, folder)
    steps = []

    def create(path):
        steps.append("create")
        shutil.rmtree(path)

    monkeypatch.setattr(environment, "create", create)
    monkeypatch.setattr(environment, "install", lambda *given: steps.append("install"))
    environment.prepare([requirements], folder)
    assert steps == ["create", "install"]


def test_an_install_is_stamped_last(installed, monkeypatch):
    requirements, folder = installed
    stamp = environment.stamp_path(folder, requirements)
    unfinished = environment.unfinished_path(folder)
    stamp.unlink()

    def look(command):
        assert unfinished.exists()
        assert not stamp.exists()
        return 0, ""

    monkeypatch.setattr(environment, "run_quietly", look)
    environment.install(folder, requirements)
    assert not unfinished.exists()
    assert environment.is_ready(folder, [requirements])


def test_pip_is_asked_where_uv_fails(installed, monkeypatch):
    requirements, folder = installed
    asked = []

    def fail_uv(command):
        asked.append("uv" if command[0] == "uv" else "pip")
        return int(command[0] == "uv"), "error: no such index"

    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(environment, "run_quietly", fail_uv)
    environment.install(folder, requirements)
    assert asked == ["uv", "pip"]


# ---- serving -----------------------------------------------------------------


@pytest.mark.slow
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
        assert serving.is_serving(serving.ADDRESS, free_port)
        children = psutil.Process(launcher.pid).children(recursive=True)
        try:
            assert children
            launcher.send_signal(number)
            assert launcher.wait(timeout=20) == code
            assert psutil.wait_procs(children, timeout=5)[1] == []
        finally:
            launcher.kill()
            for child in children:
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.kill()


def test_the_app_gets_its_store_and_nothing_that_calls_out(monkeypatch):
    calls = []
    monkeypatch.setattr(
        subprocess,
        "Popen",
        lambda *args, **options: calls.append((args, options)),
    )
    serving.start_app("python", "127.0.0.1", 8501, Path("some/store"), env={"A": "1"})
    [((command,), options)] = calls
    assert options["env"] == {"A": "1", "RECON_STORE": "some/store"}
    assert "--browser.gatherUsageStats=false" in command
    assert "--server.address=127.0.0.1" in command


def test_an_app_that_ends_at_once_is_not_waited_for(free_port):
    process = subprocess.Popen([sys.executable, "-c", "exit(3)"])
    with pytest.raises(Failure, match="exit code 3"):
        serving.wait_until_serving(process, serving.ADDRESS, free_port)


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8501"),
        ("0.0.0.0", "http://127.0.0.1:8501"),
        ("::1", "http://[::1]:8501"),
    ],
)
def test_the_address_printed_can_be_opened(address, url):
    assert serving.url(address, 8501) == url


def test_the_store_is_the_option_then_the_environment_then_the_project(monkeypatch):
    monkeypatch.setenv("RECON_STORE", "from_environment")
    assert serving.read_options([]).store == Path("from_environment").absolute()
    assert serving.read_options(["--store", "a"]).store == Path("a").absolute()
    monkeypatch.delenv("RECON_STORE")
    assert serving.read_options([]).store == PROJECT / "store"


@pytest.mark.parametrize("is_empty", [True, False])
def test_an_empty_store_is_left_empty_only_where_that_is_asked(monkeypatch, is_empty):
    built = []
    monkeypatch.setattr(serving, "check_port", lambda *given: None)
    monkeypatch.setattr(serving, "prepare", lambda files: "python")
    monkeypatch.setattr(serving, "prepare_store", lambda *given: built.append(given))
    monkeypatch.setattr(serving, "serve", lambda *given: 0)
    assert serving.main(["--store", "a", *(["--empty"] if is_empty else [])]) == 0
    assert bool(built) != is_empty


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http"])
def test_a_port_is_a_number_in_range(port, capsys):
    with pytest.raises(SystemExit):
        serving.read_options(["--port", port])
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


def test_prose_is_wrapped():
    files = [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")]
    no_prose = ("|", "    ", "![")
    wide = [
        f"{path.name}: {line}"
        for path in files
        for line in re.sub("```.*?```", "", path.read_text("utf-8"), flags=re.S).split(
            "\n"
        )
        if len(line) > 100 and not line.startswith(no_prose)
    ]
    assert wide == []


# ---- settings of the app -----------------------------------------------------


def test_the_settings_keep_the_app_on_this_machine():
    text = (PROJECT / ".streamlit" / "config.toml").read_text()
    settings = tomllib.loads(text)
    assert settings["server"]["address"] == "127.0.0.1"
    assert settings["browser"]["gatherUsageStats"] is False
    assert "://" not in text


def test_no_click_waits_for_a_walk_over_every_object_that_the_app_holds():
    # fifty visitors of four real years waited 12 s for it, see benchmarks/load.py
    settings = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text())
    assert settings["runner"]["postScriptGC"] is False


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_theme_has_exactly_ten_chart_colours(mode):
    # With fewer, Streamlit draws a Plotly figure in colours of Plotly's own.
    settings = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text())
    colours = settings["theme"][mode]["chartCategoricalColors"]
    assert len(set(colours)) == 10


def luminance(colour):
    """Return the relative luminance of #rrggbb, as WCAG 2 has it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [
        x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("mode", "place"), [("light", 1), ("dark", 2)])
def test_the_words_of_a_primary_button_can_be_read(mode, place):
    settings = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text())
    style = (PROJECT / "pages" / "style.css").read_text()
    rule = r"stBaseButton-primary.*light-dark\((#\w{6}), (#\w{6})\)"
    words = re.search(rule, style)[place]
    ground = settings["theme"][mode]["primaryColor"]
    low, high = sorted([luminance(words), luminance(ground)])
    assert (high + 0.05) / (low + 0.05) >= 4.5


# ---- test.py -----------------------------------------------------------------


@pytest.fixture
def commands(monkeypatch):
    """Return the commands of test.py, which are noted rather than run."""
    ran = []
    monkeypatch.setattr(checks, "run", lambda command: ran.append(command[2:]) or 0)
    monkeypatch.setattr(checks, "prepare", lambda files: Path("python"))
    return ran


def test_every_check_runs_even_after_one_that_fails(commands, monkeypatch, capsys):
    def run(command):
        commands.append(command[2:])
        return int(command[2] in ("ruff", "mypy"))

    monkeypatch.setattr(checks, "run", run)
    assert checks.main([]) == 1
    names = [command[0] for command in commands]
    assert names == ["ruff", "ruff", "mypy", "pytest"]
    assert capsys.readouterr().out.endswith("test.py: FAILED: lint, types\n")


def test_a_run_without_failures_exits_with_zero(commands, capsys):
    assert checks.main([]) == 0
    assert capsys.readouterr().out.endswith("test.py: all well: lint, types, tests\n")


def test_arguments_go_to_pytest_alone(commands):
    assert checks.main(["-k", "bands"]) == 0
    assert commands == [[*checks.TESTS, "-k", "bands"]]


@pytest.mark.parametrize("tier", checks.TIERS)
def test_a_tier_takes_the_place_of_every_test(commands, tier):
    assert checks.main([tier]) == 0
    tests = [*checks.TESTS, "-m", checks.TIERS[tier]]
    assert commands == [*checks.LINT, *checks.TYPES, tests]
    assert tier in checks.USAGE


def test_help_runs_nothing(commands, capsys):
    assert checks.main(["--help"]) == 0
    assert commands == []
    assert "only pytest runs" in capsys.readouterr().out
