"""Files of an old commit, read through git and nothing checked out.

One `git cat-file --batch` answers every question, so that two hundred specs cost one process and not two hundred
calls of `git show`.

Whoever proposes a change has written every file of the working tree, so nothing there decides what git does or what a
revision is: see `costcalc.versions.hardened`.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path, PurePosixPath

from costcalc.errors import Fault, Location, Problem, Source, SpecError
from costcalc.spec.load import Files
from costcalc.text.compose import LARGEST_FILE, decode
from costcalc.versions.hardened import arguments, environment, program, root_of

MOST_LINKS = 40
_PLACES = ("refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD")
"""The places in which git looks up a name that is not its own, in this order."""
_SUFFIX = re.compile(r"[\^~:]|@\{")


class Repository:
    """The repository around a folder. Use it in a `with`: it holds a process."""

    def __init__(self, start: Path) -> None:
        """Find it: the nearest folder upwards that has `.git`.

        Raises:
            Fault: git is not installed, there is no repository, or git refuses to read it.
        """
        self.folder, place = root_of(start)
        self._root = os.path.join(str(self.folder), "")
        self._process: subprocess.Popen[bytes] | None = None
        said = self.git("rev-parse", "--absolute-git-dir", "--is-shallow-repository")
        used, _, shallow = said.removesuffix("\n").rpartition("\n")
        if os.path.realpath(used) != str(place):
            raise Fault(f"git does not take {place} for a repository")
        self.shallow = shallow == "true"

    def __enter__(self) -> Repository:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._process is not None:
            self._process.communicate()
            self._process = None

    def has(self, name: str) -> bool:
        """True if git knows a revision of this name, or several."""
        return bool(name) and not name.startswith("-") and name.isprintable() and self._tree(name) is not None

    def _tree(self, name: str) -> str | None:
        return self._id(f"{name}^{{tree}}", "tree")

    def revision(self, name: str) -> Revision:
        """A commit, tag or branch by its name; empty for the index.

        Raises:
            Fault: there is no such revision here; what to do about it depends on whether the clone is shallow. Or
                there are two: a tag called as a branch would forge it.
        """
        if not name:
            return Revision(self, "", "")
        tree = self._tree(name) if self.has(name) else None
        if tree is None:
            raise self._unknown(name)
        self._refuse_doubles(name)
        return Revision(self, name, tree)

    def _refuse_doubles(self, name: str) -> None:
        """Refuse a name that stands for several commits: git would take the first and only warn."""
        stem = _SUFFIX.split(name, maxsplit=1)[0]
        if not stem or re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", stem):
            return
        found: dict[str, str] = {}
        for place in _PLACES:
            one = self._tree(place.format(stem))
            if one is not None:
                found.setdefault(one, place.format(stem))
        if found and re.fullmatch("[0-9a-f]{4,63}", stem):
            for object_ in self.git("rev-parse", f"--disambiguate={stem}").split():
                one = self._tree(object_)
                if one is not None:
                    found.setdefault(one, object_)
        if len(found) > 1:
            said = ", ".join(found.values())
            raise Fault(
                f"'{stem}' is the name of several: {said}", f"write the one that is meant: {[*found.values()][-1]}"
            )

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
        answer = self._ask(name, kind)
        return None if answer is None else answer[1]

    def _id(self, name: str, kind: str) -> str | None:
        """The object's name in git."""
        answer = self._ask(name, kind)
        return None if answer is None else answer[0]

    def _ask(self, name: str, kind: str) -> tuple[str, bytes] | None:
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
        return (answer[0].decode("ascii", "replace"), content) if answer[-2] == kind.encode() else None

    def _answering(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603  the user's git; what is asked comes through its input
                [program(), *arguments(self.folder), "cat-file", "--batch", "--follow-symlinks"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment(self.folder),
            )
        return self._process

    def git(self, *command: str) -> str:
        """Run a command of git and return its output.

        Raises:
            Fault: git refuses.
        """
        whole = [program(), *arguments(self.folder), *command]
        done = subprocess.run(whole, capture_output=True, check=False, env=environment(self.folder))  # noqa: S603  as above
        if done.returncode:
            raise _refusal(self.folder, done.stderr.decode("utf-8", "replace"))
        return done.stdout.decode("utf-8", "surrogateescape")

    def relative(self, path: str | Path) -> str | None:
        """A path as git writes it, from the root of the repository; None for one outside.

        No link of today is followed below the root: what a file was is asked under its own name.
        """
        text = os.path.abspath(path)
        if text.startswith(self._root):
            return text.removeprefix(self._root).replace(os.sep, "/")
        for above in reversed(Path(text).parents):  # the root itself may have been reached through a link
            if os.path.realpath(above) == str(self.folder):
                return Path(text).relative_to(above).as_posix()
        return None


class Revision:
    """The files of one commit; `tree` is git's name for all of them, empty for the index."""

    def __init__(self, repository: Repository, name: str, tree: str) -> None:
        self.repository = repository
        self.name = name
        self.tree = tree
        self._read: dict[str, Source | None] = {}
        self._entries: list[tuple[bool, str]] | None = None

    def find(self, path: str | Path) -> Source | None:
        """The text that the file at `path` had, None where it did not exist."""
        inside = self.repository.relative(path)
        if inside is None:
            return None
        if inside not in self._read:
            content = self.repository.ask(f"{self.tree or ':0'}:{inside}")
            if content is not None and len(content) > LARGEST_FILE:
                raise SpecError([_at(f"{self.name}:{inside}", f"larger than {LARGEST_FILE // 2**20} MiB")])
            self._read[inside] = None if content is None else decode(content, f"{self.name}:{inside}")
        return self._read[inside]

    def files(self) -> list[Path]:
        """The path of every file."""
        return [self.repository.folder / PurePosixPath(name) for _, name in self._listed()]

    def reader(self) -> Files:
        """The files of this commit for a reader of specs: nothing on the disk takes part."""
        return Files(self._text, self._resolved, lambda _: str(self.repository.folder))

    def _text(self, path: str, name: str) -> Source:
        source = self.find(path)
        if source is None:
            inside = self.repository.relative(path)
            raise SpecError([_at(f"{self.name}:{inside or name}", f"no such file in {self.name or 'the index'}")])
        return source

    def _resolved(self, path: str) -> str:
        """The path with the links that the commit had, as `os.path.realpath` does it with those of the disk."""
        root = str(self.repository.folder)
        inside = self.repository.relative(path) if not path.startswith(os.path.join(root, "")) else path[len(root) :]
        if inside is None:
            return os.path.normpath(path)
        links = {name for is_link, name in self._listed() if is_link}
        todo = inside.replace(os.sep, "/").split("/")[::-1]
        done: list[str] = []
        followed = 0
        while todo:
            part = todo.pop()
            if part == "..":
                if not done:
                    return os.path.dirname(root)
                done.pop()
            elif part not in ("", "."):
                name = "/".join([*done, part])
                if name not in links or followed == MOST_LINKS:
                    done.append(part)
                    continue
                followed += 1
                target = self._target(name)
                if target.startswith("/"):
                    return target
                todo += target.split("/")[::-1]
        return os.path.join(root, *done)

    def _target(self, name: str) -> str:
        """The target of a link of the commit."""
        listed = self.repository.git("ls-tree", "-z", "--full-tree", self.tree, "--", name) if self.tree else ""
        words = listed.partition("\t")[0].split()
        return self.repository.git("cat-file", "blob", words[2]) if len(words) == 3 else ""

    def _listed(self) -> list[tuple[bool, str]]:
        """True if it is a link, and the path, of everything in the commit."""
        if self._entries is None:
            command = ("ls-tree", "-r", "--full-tree", self.tree) if self.tree else ("ls-files", "-s", "--full-name")
            output = self.repository.git(*command, "-z")
            pairs = (entry.partition("\t") for entry in output.split("\0") if entry)
            self._entries = [(about.startswith("120000"), name) for about, _, name in pairs]
        return self._entries


def _refusal(folder: Path, said: str) -> Fault:
    if "not a git repository" in said:
        return Fault(f"git does not take {folder / '.git'} for a repository")
    if "dubious ownership" in said:
        return Fault("git does not trust this repository: it belongs to somebody else",
                     f"git config --global --add safe.directory {folder.resolve()}")  # fmt: skip
    return Fault(f"git cannot read this repository: {said.strip().partition(chr(10))[0].removeprefix('fatal: ')}")


def _at(name: str, message: str) -> Problem:
    return Problem(message, Location(Source(name, ""), 0, 0))
