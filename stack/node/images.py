"""The images that the cluster runs, made by buildah on a machine that reaches no image registry."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from stack.node.layout import (
    CACHE,
    COREDNS_IMAGE,
    PAUSE_IMAGE,
    REPOSITORY,
    RUNTIME_IMAGES,
    TRAINER_IMAGE,
    binary,
    say,
)
from stack.node.toolchain import building
from stack.node.worker import ctr

CONTENT = RUNTIME_IMAGES / "io.containerd.content.v1.content" / "blobs" / "sha256"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
BASE_PACKAGES = "python3,python3-venv,ca-certificates"
PIP_SETTINGS = frozenset(
    {"cert", "index-url", "extra-index-url", "trusted-host", "default-timeout", "timeout"}
)


def build_cluster_images() -> None:
    """The two that the node itself needs; each is one static program."""
    _from_program(PAUSE_IMAGE, binary("pause"))
    _from_program(COREDNS_IMAGE, binary("coredns"))


def build_trainer() -> str:
    """Builds Dockerfile.trainer from the working tree and returns the image's id. Layers come from the cache
    where nothing that they hold has changed."""
    assemble_base(base_of(REPOSITORY / "Dockerfile.trainer"))
    built = build(REPOSITORY / "Dockerfile.trainer", TRAINER_IMAGE)
    sizes = layers(TRAINER_IMAGE)
    shown = ", ".join(f"{size / 1e6:.0f}" for size in sizes)
    say(f"{TRAINER_IMAGE} is {sum(sizes) / 1e9:.2f} GB, its layers in MB: {shown}")
    return built


def build(dockerfile: Path, name: str) -> str:
    """Builds `dockerfile` with this machine's certificates and pip settings lent to it, not copied."""
    sha = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    ).stdout.strip()
    with building(name.rpartition("/")[2].replace(":", "-")) as folder:
        (folder / "pip.conf").write_text(_pip_settings(), encoding="utf-8")
        lent = [f"{folder / 'pip.conf'}:/etc/pip.conf:ro"]
        if CERTIFICATES.exists():
            lent.append(f"{CERTIFICATES}:{CERTIFICATES}:ro")
        buildah("rm", "--all")  # what an interrupted build left; the store is ours alone
        buildah(
            *("bud", "--isolation", "chroot", "--network", "host", "--pull-never", "--layers"),
            *(part for volume in lent for part in ("--volume", volume)),
            *("--build-arg", f"GIT_SHA={sha}", "--file", str(dockerfile), "--tag", name, str(REPOSITORY)),
            shown=True,
        )
    return image_id(name)


def assemble_base(name: str) -> None:
    """The Debian with Python that the Dockerfile's FROM names, where no registry gives it: the same release,
    under the same name, so that the Dockerfile is built as it is."""
    if exists(name):
        return
    with building("base") as folder:
        release = name.rpartition("-")[2]
        say(f"assembling {name} from Debian {release}'s packages")
        root = folder / "root"
        _run("debootstrap", "--variant=minbase", f"--include={BASE_PACKAGES}", release, str(root))
        for waste in (
            "var/cache/apt",
            "var/lib/apt/lists",
            "usr/share/doc",
            "usr/share/man",
            "usr/share/locale",
        ):
            shutil.rmtree(root / waste, ignore_errors=True)
        _commit(name, root, "--cmd", "python3")


def base_of(dockerfile: Path) -> str:
    """The image that a Dockerfile starts from."""
    for line in dockerfile.read_text(encoding="utf-8").splitlines():
        if line.startswith("FROM "):
            return line.split()[1]
    raise RuntimeError(f"{dockerfile} has no FROM line")


def exists(name: str) -> bool:
    return bool(json.loads(buildah("images", "--json", "--filter", f"reference={name}") or "null"))


def image_id(name: str) -> str:
    """The digest of the image's configuration: equal for equal content."""
    return str(json.loads(buildah("inspect", "--type", "image", name))["FromImageID"])


def layers(name: str) -> list[int]:
    """Bytes of each layer, the base's first."""
    manifest = json.loads(buildah("inspect", "--type", "image", name))["Manifest"]
    return [layer["size"] for layer in json.loads(manifest)["layers"]]


def load(name: str) -> None:
    """Hands an image to the node's runtime unless it holds that very image already.

    Only the layers that the runtime lacks travel: the others are shown to buildah as if it had written them
    before, so that a change of code moves no gigabytes.
    """
    record = RUNTIME_IMAGES / "loaded.json"
    loaded = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    if loaded.get(name) == (wanted := image_id(name)):
        return
    say(f"loading {name}")
    try:
        _hand_over(name, {blob.name for blob in CONTENT.iterdir()} if CONTENT.is_dir() else set())
    except RuntimeError as error:
        # The runtime clears up beside the import, and may take a layer away that it was counted on to hold.
        say(f"loading {name} again, with all of its layers: {error}")
        _hand_over(name, set())
    if name in loaded:  # the runtime knows an image by its id too, and would keep the gigabytes for that
        subprocess.run([*ctr(), "images", "rm", f"sha256:{loaded[name]}"], capture_output=True, check=False)
    temporary = record.with_suffix(".tmp")
    temporary.write_text(json.dumps({**loaded, name: wanted}), encoding="utf-8")
    temporary.replace(record)


def _hand_over(name: str, held: set[str]) -> None:
    """Imports an image into the runtime; `held`: digests of layers that stay behind, since it has them."""
    with tempfile.TemporaryDirectory(prefix="load.", dir=CACHE) as folder:
        blobs = Path(folder) / "blobs" / "sha256"
        blobs.mkdir(parents=True)
        for digest in held:
            (blobs / digest).hardlink_to(CONTENT / digest)
        buildah("push", "--quiet", "--disable-compression", name, f"oci:{folder}:{name}")
        for digest in held:
            (blobs / digest).unlink()
        archive = subprocess.Popen(["tar", "--create", "--directory", folder, "."], stdout=subprocess.PIPE)
        importing = [*ctr(), "images", "import", "-"]
        taken = subprocess.run(importing, stdin=archive.stdout, capture_output=True, text=True, check=False)
        if archive.wait() or taken.returncode:
            raise RuntimeError(f"{name} could not be handed to containerd: {taken.stderr.strip()}")


def buildah(*arguments: str, shown: bool = False) -> str:
    """buildah with a store of its own in the cache; `shown` lets its progress through to the terminal."""
    return _run("nice", "-n", "10", *_buildah(), *arguments, shown=shown)


def _buildah() -> list[str]:
    store = CACHE / "buildah"
    return [
        "buildah",
        "--root",
        str(store / "root"),
        "--runroot",
        str(store / "run"),
        "--storage-driver",
        "overlay",
    ]


def _from_program(name: str, program: Path) -> None:
    if exists(name):
        return
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy2(program, Path(folder) / program.name)
        _commit(name, Path(folder), "--entrypoint", json.dumps([f"/{program.name}"]))


def _commit(name: str, root: Path, *config: str) -> None:
    container = buildah("from", "scratch").strip()
    try:
        buildah("add", "--quiet", container, str(root), "/")
        buildah("config", *config, container)
        buildah("commit", "--quiet", container, name)
    finally:
        buildah("rm", container)


def _pip_settings() -> str:
    """This machine's way to its package index, as a pip.conf."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    settings = {}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        if (name := key.rpartition(".")[2]) in PIP_SETTINGS:
            settings[name.replace("default-timeout", "timeout")] = ast.literal_eval(value)
    if "cert" in settings:
        settings["cert"] = str(CERTIFICATES)
    return "\n".join(["[global]", *(f"{key} = {value}" for key, value in settings.items())]) + "\n"


def _run(*command: str, shown: bool = False) -> str:
    done = subprocess.run(
        command,
        stdout=None if shown else subprocess.PIPE,
        stderr=None if shown else subprocess.PIPE,  # apart: buildah warns there beside good output
        text=True,
        check=False,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    )
    if done.returncode:
        said = f"{done.stdout or ''}{done.stderr or ''}"[-3000:]
        raise RuntimeError(f"{' '.join(command)} failed: {said}")
    return done.stdout or ""
