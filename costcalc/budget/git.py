"""Files of an old commit, read through git and nothing checked out.

One `git cat-file --batch` answers every question, so that two hundred specs cost one process and not two hundred
calls of `git show`; it takes the names that `git show` takes, `REV:path`.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path, PurePosixPath

from costcalc.errors import Fault, Location, Problem, Source, SpecError
from costcalc.text.compose import LARGEST_FILE, decode


class Repository:
    """The repository around a folder. Use it in a `with`: it holds a process."""

    def __init__(self, start: Path) -> None:
        """Find it.

        Raises:
            Fault: git is not installed, there is no repository, or git refuses to read it.
        """
        lines = _git(start, "rev-parse", "--show-toplevel", "--is-shallow-repository").splitlines()
        if len(lines) != 2:  # a bare repository has no files beside it
            raise Fault(f"{start} is not in a working tree of git")
        self.folder = Path(lines[0])
        self.shallow = lines[1] == "true"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Repository:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._process is not None:
            self._process.communicate()
            self._process = None

    def revision(self, name: str) -> Revision:
        """A commit, tag or branch by its name; empty for the index.

        Raises:
            Fault: there is no such revision here; what to do about it depends on whether the clone is shallow.
        """
        if name and (name.startswith("-") or not name.isprintable() or self.ask(f"{name}^{{tree}}", "tree") is None):
            raise self._unknown(name)
        return Revision(self, name)

    def _unknown(self, name: str) -> Fault:
        if self.ask("HEAD^{tree}", "tree") is None:
            return Fault(f"there is no '{name}': this repository has no commit yet", "commit first")
        remote, slash, branch = name.partition("/")
        fetched = f"git fetch --depth=1 {remote} {branch}:refs/remotes/{name}"
        if self.shallow:
            hint = fetched if slash else "git fetch --unshallow"
            message = f"there is no '{name}' here: this clone is shallow, its history is cut off"
            return Fault(message, f"fetch it: {hint} (in GitHub Actions: actions/checkout with fetch-depth: 0)")
        hint = f"fetch it: {fetched}" if slash else "git branch --all lists the branches"
        return Fault(f"there is no commit, branch or tag '{name}' in this repository", hint)

    def ask(self, name: str, kind: str = "blob") -> bytes | None:
        """The content of the object that git knows by this name, None where there is none of this kind."""
        if "\n" in name:
            return None
        process = self._answering()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(name.encode("utf-8", "surrogateescape") + b"\n")
            process.stdin.flush()
            answer = process.stdout.readline().rsplit(None, 2)
            size = answer[-1] if len(answer) > 1 and answer[-1].isdigit() else b""
            if not answer:
                raise Fault("git stopped answering")
            if not size or answer[-1:] in ([b"missing"], [b"ambiguous"]):
                return None
            content = process.stdout.read(int(size) + 1)[:-1]
        except OSError as error:
            raise Fault(f"git stopped answering: {error.strerror}") from None
        return content if answer[-2] == kind.encode() else None

    def _answering(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            command = ["git", "-C", str(self.folder), "cat-file", "--batch", "--follow-symlinks"]
            self._process = subprocess.Popen(  # noqa: S603  the user's git; what is asked comes through its input
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_ENVIRONMENT,
            )
        return self._process

    def relative(self, path: Path) -> str | None:
        """A path as git writes it, from the root of the repository; None for one outside."""
        try:
            return Path(os.path.realpath(path)).relative_to(os.path.realpath(self.folder)).as_posix()
        except (ValueError, OSError):
            return None


class Revision:
    """The files of one commit."""

    def __init__(self, repository: Repository, name: str) -> None:
        self.repository = repository
        self.name = name
        self._read: dict[str, Source | None] = {}

    def find(self, path: Path) -> Source | None:
        """The text that the file at `path` had, None where it did not exist."""
        inside = self.repository.relative(path)
        if inside is None:
            return None
        if inside not in self._read:
            content = self.repository.ask(f"{self.name}:{inside}")
            if content is not None and len(content) > LARGEST_FILE:
                raise SpecError([_at(f"{self.name}:{inside}", f"larger than {LARGEST_FILE // 2**20} MiB")])
            self._read[inside] = None if content is None else decode(content, f"{self.name}:{inside}")
        return self._read[inside]

    def read(self, path: str, name: str) -> Source:
        """The same for a reader of specs: a file that did not exist is a problem."""
        source = self.find(Path(path))
        if source is None:
            inside = self.repository.relative(Path(path))
            raise SpecError([_at(f"{self.name}:{inside or name}", f"no such file in {self.name or 'the index'}")])
        return source

    def files(self) -> list[Path]:
        """The path of every file."""
        output = _git(self.repository.folder, "ls-tree", "-r", "-z", "--name-only", "--full-tree", self.name)
        return [self.repository.folder / PurePosixPath(name) for name in output.split("\0") if name]


_ENVIRONMENT = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False, env=_ENVIRONMENT)  # noqa: S603  a name that git refuses begins with '-', and none comes here
    except OSError:
        raise Fault("git is not installed", "a lock file or a stored report needs none: --base FILE") from None
    if done.returncode:
        raise _refusal(folder, done.stderr.decode("utf-8", "replace"))
    return done.stdout.decode("utf-8", "surrogateescape")


def _refusal(folder: Path, said: str) -> Fault:
    if "not a git repository" in said:
        return Fault("this is not a git repository", "--base takes a lock file or a stored report too")
    if "dubious ownership" in said:
        return Fault("git does not trust this repository: it belongs to somebody else",
                     f"git config --global --add safe.directory {folder.resolve()}")  # fmt: skip
    return Fault(f"git cannot read this repository: {said.strip().partition(chr(10))[0].removeprefix('fatal: ')}")


def _at(name: str, message: str) -> Problem:
    return Problem(message, Location(Source(name, ""), 0, 0))
