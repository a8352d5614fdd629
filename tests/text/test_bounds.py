"""Links in a repository must not lead out of it; `.git` is none of its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from costcalc.text.bounds import way_out


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with `.git`, and one beside it."""
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    (folder / "nets").mkdir()
    (tmp_path / "outside").mkdir()
    for path in (folder / "nets/a.yaml", tmp_path / "outside/a.yaml", folder / ".git/config"):
        path.touch()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    ("link", "target", "path", "out"),
    [
        ("nets/b.yaml", "a.yaml", "nets/b.yaml", False),
        ("nets/b.yaml", "../../outside/a.yaml", "nets/b.yaml", True),
        ("nets/b.yaml", "../../outside/missing.yaml", "nets/b.yaml", True),
        ("nets/b.yaml", "/dev/zero", "nets/b.yaml", True),
        ("linked", "nets", "linked/a.yaml", False),
        ("linked", "../outside", "linked/a.yaml", True),
        ("linked", "../outside", "nets/../linked/a.yaml", True),
        ("linked", "../outside", "linked/../outside/a.yaml", True),
        ("linked", "../project-two", "linked/a.yaml", True),  # begins alike
        ("linked", ".", "linked/nets/a.yaml", False),
        ("nets/b.yaml", "../.git/config", "nets/b.yaml", True),
        ("linked", ".git", "linked/config", True),
        ("loop", "loop", "loop/a.yaml", False),  # whoever opens it says so
    ],
)
def test_a_link_of_a_repository(project: Path, link: str, target: str, path: str, out: bool) -> None:
    """It may lead anywhere inside, however its path is written, and nowhere else."""
    (project / link).symlink_to(target)
    for written in (path, f"./{path}", str(project / path)):
        assert (way_out(written) is not None) == out


def test_git_keeps_its_own_files(project: Path) -> None:
    """By whatever letters, and with no link at all."""
    assert way_out(".git/config") == "inside .git, which holds no files of the repository"
    assert way_out("nets/../.GIT/config") is not None
    assert way_out(".github/a.yaml") is None


def test_what_no_repository_wrote(project: Path, tmp_path: Path) -> None:
    """A path outside every repository may go through links, and into one; a repository may itself be a link's target."""
    (tmp_path / "outside/b.yaml").symlink_to(tmp_path / "project/nets/a.yaml")
    (tmp_path / "alias").symlink_to(project)
    assert way_out("../outside/a.yaml") is None
    assert way_out(tmp_path / "outside/b.yaml") is None
    assert way_out(tmp_path / "alias/nets/a.yaml") is None


def test_a_project_without_git(project: Path, tmp_path: Path) -> None:
    """Where a copy has no `.git`, the configuration marks the root."""
    (project / ".git/config").unlink()
    (project / ".git").rmdir()
    (project / "nets/b.yaml").symlink_to(tmp_path / "outside/a.yaml")
    assert way_out("nets/b.yaml") is None
    (project / "costcalc.yaml").touch()
    assert way_out("nets/b.yaml") == "a link that leads out of the project"


def test_a_working_tree_inside_git(project: Path) -> None:
    """Some keep working trees there; these have a `.git` of their own."""
    (project / ".git/tree").mkdir()
    (project / ".git/tree/.git").write_text("gitdir: ../worktrees/tree\n")
    (project / ".git/tree/a.yaml").touch()
    assert way_out(".git/tree/a.yaml") is None
