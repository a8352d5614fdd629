"""Versions of a network and how they differ: snapshots, their layers matched, git commits, lock files, reports."""
