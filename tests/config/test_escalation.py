"""`[business_hours]` and `[escalation]`: their results, and one-line errors."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from izer_bridge import config
from izer_bridge.config.secrets import secret
from izer_bridge.domain.errors import ConfigError
from izer_bridge.domain.escalation import Target

MAIL = "[escalation.email]\nto = ['a@example.com']\n"


def load(folder: Path, text: str) -> config.Config:
    (folder / "given.toml").write_text(text, "utf-8")
    return config.load(folder / "given.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[shop]\ntime_zone = 'Europe/Izmir'", "shop.time_zone = 'Europe/Izmir': expected a time"),
        ("[shop]\ntime_zone = '../passwd'", "expected a time zone"),
        ("[business_hours]\nmonday = ['09:00-25:00']", "business_hours.monday"),
        ("[business_hours]\nmonday = ['09:60-19:00']", "expected opening and closing such as"),
        ("[business_hours]\nmonday = ['19:00-09:00']", "expected opening and closing such as"),
        ("[business_hours]\nmonday = ['9-19']", "expected opening and closing such as"),
        ("[business_hours]\nmonday = ['09:00-12:00', '11:00-19:00']", "none within another"),
        ("[business_hours]\nholidays = ['2026-02-30']", "business_hours.holidays.0 = '2026-02-30'"),
        ("[business_hours]\nholidays = ['23.04']", 'expected a day such as "2026-03-20"'),
        (
            "[business_hours]\n"
            + "\n".join(
                f"{day}day = []" for day in ("mon", "tues", "wednes", "thurs", "fri", "satur")
            ),
            "open on one weekday at least",
        ),
        ("[escalation]\nowner = '12'", "escalation.owner = '12'"),
        ("[escalation]\nwebhook_url = 'ftp://x'", "escalation.webhook_url"),
        ("[escalation]\nstep_minutes = 0", "escalation.step_minutes = 0"),
        ("[escalation.email]\nto = ['owner']", "expected an e-mail address such as"),
        ("[escalation.email]\nto = ['a@b\\nBcc: c@d']".replace("'", '"'), "expected an e-mail"),
        ("[escalation.email]\nto = ['şef@example.com']", "expected ASCII letters before the @"),
        ("[escalation.email]\nto = ['sef@ö..com']", "expected an e-mail address such as"),
        (MAIL + "host = 'mail'\nsender = 'köprü@b'", "expected ASCII letters before the @"),
        (MAIL, "to needs host"),
        (MAIL + "host = 'mail'\nsender = 'bridge'", "expected an e-mail address such as"),
        (MAIL + "host = 'mail'\nsender = 'b@c'\nuser = 'u'\nsecurity = 'none'", "a password goes"),
        ("[escalation.email]\nsecurity = 'ssl'", "'starttls', 'tls' or 'none'"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(tmp_path, text)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_nobody_is_told_of_anything_unless_somebody_is_set(tmp_path: Path) -> None:
    assert config.Config().escalation.targets == frozenset()
    given = load(
        tmp_path,
        "[escalation]\nowner = '0555 000 00 01'\nwebhook_url = 'http://127.0.0.1/'\n"
        + MAIL
        + "host = 'localhost'\nsender = 'b@c'\nuser = 'u'\nsecurity = 'none'",
    ).escalation
    assert given.owner == "+905550000001"
    assert given.targets == {Target.OWNER, Target.WEBHOOK, Target.EMAIL}


def test_a_turkish_domain_is_written_as_servers_know_it(tmp_path: Path) -> None:
    text = "[escalation.email]\nto = ['sef@örnek.com']\nhost = 'mail'\nsender = 'b@örnek.com'"
    email = load(tmp_path, text).escalation.email
    assert (email.to, email.sender) == (("sef@xn--rnek-4qa.com",), "b@xn--rnek-4qa.com")


def test_the_hours_are_those_of_the_settings(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        """
        [shop]
        time_zone = "Europe/Berlin"
        [business_hours]
        monday = ["08:00-12:00", "13:00-24:00"]
        tuesday = ["00:00-01:00"]
        holidays = ["03-04", "2026-03-05"]
        """,
    )
    hours = loaded.business_hours.clock(loaded.shop.zone)
    start = datetime(2026, 3, 2, 11, 50, tzinfo=ZoneInfo("Europe/Berlin"))
    assert hours.after(start, timedelta(minutes=20)) == start.replace(hour=13, minute=10)
    assert hours.after(start, timedelta(hours=12)) == start.replace(day=3, hour=0, minute=50)
    friday = start.replace(day=6, hour=9, minute=50)
    assert hours.after(start, timedelta(hours=13)) == friday.replace(minute=0) + timedelta(
        minutes=50
    )


def test_a_secret_is_a_credential_a_file_or_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert secret("smtp_password") is None
    monkeypatch.setenv("SMTP_PASSWORD", "variable")
    assert _shown() == "variable"
    (tmp_path / "named").write_text("file\n")
    monkeypatch.setenv("SMTP_PASSWORD_FILE", str(tmp_path / "named"))
    assert _shown() == "file"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert _shown() == "file"
    # What the unit hands over of a secret that is not set.
    (tmp_path / "smtp_password").write_text("\n")
    assert _shown() == "file"
    (tmp_path / "smtp_password").write_text("credential\n")
    assert _shown() == "credential"
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    monkeypatch.setenv("SMTP_PASSWORD_FILE", str(tmp_path / "gone"))
    with pytest.raises(ConfigError, match="smtp_password cannot be read"):
        secret("smtp_password")


def _shown() -> str:
    found = secret("smtp_password")
    assert found is not None
    return found.get_secret_value()
