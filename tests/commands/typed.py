"""Commands as they are typed, inside this process: what they said and how they ended."""

from dataclasses import dataclass

from typer.testing import CliRunner

from izer_bridge.__main__ import app


@dataclass(frozen=True)
class Said:
    """How a command ended; `error` is an exception that came out of it."""

    code: int
    out: str
    err: str
    error: BaseException | None


def typed(*arguments: str, answer: str | None = None) -> Said:
    result = CliRunner().invoke(app, arguments, input=answer, prog_name="izer-bridge")
    raised = result.exception
    error = None if isinstance(raised, SystemExit) else raised
    return Said(result.exit_code, result.stdout, result.stderr, error)
