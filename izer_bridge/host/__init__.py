"""This machine: state directory, systemd, files, logs, and the loop that every task runs in."""
