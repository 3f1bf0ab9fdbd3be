"""`make requirements`: pin what pyproject.toml asks for, with the hashes of every platform's files and no address."""

import subprocess
import sys

from tools.set_up import ROOT, ensure_uv, environment

OPTIONS = [
    "--universal",
    "--python-version=3.12",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-header",
    "--annotation-style=line",
    "--quiet",
]


def main(options: list[str]) -> None:
    """Write requirements.txt (what runs) and requirements-dev.txt (the same versions, and what tests need)."""
    compile_ = [ensure_uv(), "pip", "compile", "pyproject.toml", *OPTIONS, *options]
    for output in (["-o", "requirements.txt"], ["--group=dev", "-c", "requirements.txt", "-o", "requirements-dev.txt"]):
        subprocess.run([*compile_, *output], cwd=ROOT, env=environment(), check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
