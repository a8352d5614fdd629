"""Files of a commit, read by a git that nothing in a working tree can lead astray."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from costcalc.errors import Fault
from costcalc.versions import hardened
from costcalc.versions.git import Repository
from tests.cli.conftest import Scratch


@pytest.fixture
def made(tmp_path: Path) -> Scratch:
    """A repository with one commit: `a.txt` says old; `link` leads to the folder `real`, in which `b.txt` is."""
    scratch = Scratch(tmp_path / "made")
    scratch.folder.mkdir()
    scratch.git("init", "-q", "-b", "main")
    scratch.write("a.txt", "old\n")
    scratch.write("real/b.txt", "inside\n")
    (scratch.folder / "link").symlink_to("real")
    (scratch.folder / "away").symlink_to("../elsewhere")
    (scratch.folder / "round").symlink_to("round")
    scratch.commit()
    scratch.write("a.txt", "new\n")
    return scratch


def text(repository: Repository, name: str, path: Path) -> str | None:
    source = repository.revision(name).find(path)
    return None if source is None else source.text


def test_a_file_of_a_commit_and_of_the_index(made: Scratch) -> None:
    """What was committed, what is staged, and not what lies there."""
    made.git("add", "a.txt")
    made.write("a.txt", "newest\n")
    made.write("2:b", "a stage is no part of a name\n")
    made.git("add", "2:b")
    with Repository(made.folder / "real") as repository:
        assert text(repository, "HEAD", made.folder / "a.txt") == "old\n"
        assert text(repository, "", made.folder / "a.txt") == "new\n"
        assert text(repository, "", made.folder / "2:b") == "a stage is no part of a name\n"
        assert text(repository, "HEAD", made.folder / "missing") is None
        assert text(repository, "HEAD", made.folder.parent / "a.txt") is None


def test_links_are_those_of_the_commit(made: Scratch) -> None:
    """A link of today says nothing about yesterday; a link of yesterday is followed, inside the commit."""
    (made.folder / "a.txt").unlink()
    (made.folder / "a.txt").symlink_to("real/b.txt")
    (made.folder / "link").unlink()
    with Repository(made.folder) as repository:
        revision = repository.revision("HEAD")
        files = revision.reader()
        assert text(repository, "HEAD", made.folder / "a.txt") == "old\n"
        assert text(repository, "HEAD", made.folder / "link/b.txt") == "inside\n"
        resolved = {
            "link/b.txt": "real/b.txt",
            "link/../a.txt": "a.txt",
            "./real/./b.txt": "real/b.txt",
            "round/x": "round/x",
        }
        for path, real in resolved.items():
            assert files.resolve(f"{made.folder}/{path}") == str(made.folder / real)
        for path in ("away/x", "../x"):
            assert not files.resolve(f"{made.folder}/{path}").startswith(f"{made.folder}/")


def test_the_root_may_be_reached_through_a_link(made: Scratch, tmp_path: Path) -> None:
    """As a temporary folder is on some systems."""
    (tmp_path / "alias").symlink_to(made.folder)
    with Repository(tmp_path / "alias") as repository:
        assert text(repository, "HEAD", tmp_path / "alias/a.txt") == "old\n"


def test_other_variables_and_settings_do_not_move_it(
    made: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a variable of the job nor the configuration says which repository, which files or which commits."""
    made.git("clone", "-q", str(made.folder), str(tmp_path / "other"))
    made.git("config", "core.worktree", "/")
    made.git("config", "core.bare", "false")
    for name in ("GIT_DIR", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"):
        monkeypatch.setenv(name, str(tmp_path / "other/.git"))
    monkeypatch.setenv("GIT_WORK_TREE", "/")
    monkeypatch.setenv("GIT_NAMESPACE", "x")
    with Repository(made.folder) as repository:
        assert repository.folder == made.folder
        assert text(repository, "HEAD", made.folder / "a.txt") == "old\n"


def test_without_git_above_there_is_no_repository(
    made: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bare repository is none, and neither is one that only a variable names."""
    made.git("clone", "-q", "--bare", str(made.folder), str(tmp_path / "bare"))
    monkeypatch.setenv("GIT_DIR", str(made.folder / ".git"))
    for folder in (tmp_path / "bare", tmp_path / "bare/refs"):
        with pytest.raises(Fault, match="this is not a git repository"):
            Repository(folder)


def test_a_broken_git_is_not_that_of_a_folder_above(made: Scratch) -> None:
    """An empty `.git` ends the search, and so does one that names a folder beside it."""
    (made.folder / "real/.git").mkdir()
    with pytest.raises(Fault, match=r"git does not take .*real/\.git for a repository"):
        Repository(made.folder / "real")
    (made.folder / "real/.git").rmdir()
    (made.folder / "real/.git").write_text("gitdir: inner\n")
    with pytest.raises(Fault, match="names a folder of this repository as the repository itself"):
        Repository(made.folder / "real")


def test_linked_working_trees_and_submodules(made: Scratch, tmp_path: Path) -> None:
    """Their `.git` is a file that names a folder elsewhere."""
    made.git("worktree", "add", "-q", str(tmp_path / "linked"))
    with Repository(tmp_path / "linked") as repository:
        assert repository.folder == tmp_path / "linked"
        assert text(repository, "HEAD", tmp_path / "linked/a.txt") == "old\n"
    made.git("init", "-q", str(tmp_path / "outer"))
    made.git(
        "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(made.folder), "sub", cwd=tmp_path / "outer"
    )
    with Repository(tmp_path / "outer/sub") as repository:
        assert text(repository, "HEAD", tmp_path / "outer/sub/a.txt") == "old\n"


def test_a_repository_of_somebody_else(made: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    """git refuses it, as it would by itself, and what to type is said."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    with pytest.raises(Fault) as raised:
        Repository(made.folder)
    assert "git does not trust this repository" in raised.value.message
    assert raised.value.hint == f"git config --global --add safe.directory {made.folder}"


@pytest.mark.parametrize(
    ("command", "refused"),
    [
        (["tag", "origin/main"], True),
        (["tag", "-a", "-m", "x", "origin/main"], True),
        (["tag", "origin/main", "HEAD^{tree}"], True),
        (["update-ref", "refs/heads/origin/main", "HEAD"], True),
        (["update-ref", "refs/origin/main", "HEAD"], True),
        (["tag", "origin/main", "HEAD~1"], False),  # the same commit
        (["tag", "main"], False),
    ],
)
def test_a_name_that_stands_for_two(made: Scratch, command: list[str], refused: bool) -> None:
    """git takes the tag and warns; here neither is taken."""
    made.git("update-ref", "refs/remotes/origin/main", "HEAD")
    made.commit("new")
    made.git(*command)
    with Repository(made.folder) as repository:
        if refused:
            with pytest.raises(Fault, match="'origin/main' is the name of several") as raised:
                repository.revision("origin/main")
            assert raised.value.hint == "write the one that is meant: refs/remotes/origin/main"
        for name in ("refs/remotes/origin/main", *([] if refused else ["origin/main", "origin/main^{commit}"])):
            assert text(repository, name, made.folder / "a.txt") == "old\n"


def test_a_branch_that_is_called_as_a_commit(made: Scratch) -> None:
    """A short hash loses against a branch, so it is refused; a whole one never does."""
    commit = made.git("rev-parse", "HEAD")
    made.commit("new")
    made.git("update-ref", f"refs/heads/{commit[:7]}", "HEAD")
    made.git("update-ref", f"refs/heads/{commit}", "HEAD")
    with Repository(made.folder) as repository:
        assert text(repository, commit, made.folder / "a.txt") == "old\n"
        with pytest.raises(Fault, match="is the name of several"):
            repository.revision(commit[:7])
        assert text(repository, commit[:9], made.folder / "a.txt") == "old\n"


def test_git_is_never_that_of_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty or relative part of the PATH would be one; without another there is no git."""
    (tmp_path / "git").write_text("#!/bin/sh\ntouch ran\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join(["", ".", "x/.."]))
    hardened.program.cache_clear()
    with pytest.raises(Fault, match="git is not installed"):
        hardened.program()
    hardened.program.cache_clear()
