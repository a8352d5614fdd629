"""The verdict of a check as text: for people, for programs, and for the services that run it. One file a format."""
