"""Packages that the client loads and the bridge does not need."""

import subprocess
import sys

_UNUSED = (
    *("PIL", "requests", "httpx", "bs4", "tqdm", "openai", "alembic", "segno", "multiprocessing"),
    *("sqlalchemy.dialects.mysql", "sqlalchemy.orm", "pydoc", "wsgiref", "http.server", "gzip"),
    *("google.protobuf.internal.python_message", "pydantic_settings.sources.providers.cli"),
    *("neonize.ext.interactive_message.base", "htpy"),
)
_LOADED = f"""
import sys, izer_bridge.daemon, izer_bridge.analysis.masking
print(*sorted({{*{_UNUSED}}} & set(sys.modules)))
import requests, PIL.Image, segno, concurrent.futures, argparse, gzip
from google.protobuf import text_format
from neonize.proto import Neonize_pb2
assert text_format.Parse('User: "90"', Neonize_pb2.JID()) == Neonize_pb2.JID(User="90")
assert argparse.ArgumentParser() and gzip.compress(b"") and str(Neonize_pb2.JID(User="90"))
assert requests.get and PIL.Image.open and segno.make_qr
assert concurrent.futures.ProcessPoolExecutor.__module__ == "concurrent.futures.process"
"""

_WITH_A_KEY = """
import sys, izer_bridge.web.openai_client, openai
openai.AsyncOpenAI(api_key="none").chat.completions
print(sum(name.startswith("openai.types.responses.") for name in sys.modules))
from openai.types.responses import Response
assert openai.types.Completion.model_fields and Response.model_fields
assert not hasattr(openai.types, "Nothing")
"""


def test_status_does_not_load_the_client() -> None:
    """It is what an operator types most often; the client doubles its time."""
    looked = "import sys, izer_bridge.conditions.status; print('neonize' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", looked], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_a_bridge_loads_no_packages_for_stickers_and_previews() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def test_of_openais_types_only_those_of_chats_are_loaded_until_others_are_asked_for() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WITH_A_KEY], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 10
