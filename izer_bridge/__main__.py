"""The program: it assembles only the command that is typed, if one is."""

import sys

from izer_bridge.cli import COMMANDS, app_of


def main(arguments: list[str] | None = None) -> None:
    words = sys.argv[1:] if arguments is None else arguments
    typed = [word for word in words[:1] if word in COMMANDS]
    app_of(typed or COMMANDS)(args=arguments, prog_name="izer-bridge")


if __name__ == "__main__":
    main()
