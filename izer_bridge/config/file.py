"""Reads a settings file as editors of any system save it; it does not know its content."""

import codecs
import tomllib
from pathlib import Path
from typing import Any

from izer_bridge.domain.errors import ConfigError


def read_toml(file: Path) -> dict[str, Any]:
    """UTF-8, also with the byte order mark that Windows editors put before it.

    Raises ConfigError that says what is wrong with the file.
    """
    try:
        data = file.read_bytes()
        # TOML contains no zero byte, and every second byte of a UTF-16 file is one.
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in data:
            raise ConfigError(f"{file} is in UTF-16 or no text: save it as UTF-8")
        return tomllib.loads(data.decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file} is not valid TOML: {error}") from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{file} is not UTF-8 (line {line}): save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error}") from None
