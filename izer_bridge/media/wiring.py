"""Builds the media steps from the settings; without a key nothing is put into words."""

from collections.abc import Mapping
from contextlib import AsyncExitStack

from pydantic import SecretStr

from izer_bridge.config import Config
from izer_bridge.media.decide import MediaWording
from izer_bridge.media.ports import FileStore, MediaDescriber
from izer_bridge.media.step import MediaSteps
from izer_bridge.whatsapp.download import Downloads, LinkWait

_DOWNLOAD_SECONDS = 30.0


def build_media_steps(
    config: Config,
    openai_key: SecretStr | None,
    link: LinkWait,
    files: FileStore,
    opened: AsyncExitStack,
) -> MediaSteps:
    """Anything that must be closed at the end is pushed on `opened`."""
    return MediaSteps(
        most_bytes=config.media.most_bytes,
        source=Downloads(link, config.whatsapp.proxy, _DOWNLOAD_SECONDS),
        files=files,
        writers=_writers(config, openai_key, opened),
    )


def _writers(
    config: Config, openai_key: SecretStr | None, opened: AsyncExitStack
) -> Mapping[MediaWording, MediaDescriber]:
    if openai_key is None:
        return {}
    from izer_bridge.media.openai_words import Describer, Transcriber

    media, openai = config.media, config.openai
    endpoint = openai.base_url, openai_key.get_secret_value()
    writers: dict[MediaWording, MediaDescriber] = {}
    if media.transcription_model:
        transcriber = Transcriber(*endpoint, media.transcription_model, openai.timeout_seconds)
        opened.push_async_callback(transcriber.close)
        writers[MediaWording.TRANSCRIPT] = transcriber
    if media.description_model:
        describer = Describer(*endpoint, media.description_model, openai.timeout_seconds)
        opened.push_async_callback(describer.close)
        writers[MediaWording.DESCRIPTION] = describer
    return writers
