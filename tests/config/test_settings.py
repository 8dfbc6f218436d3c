"""Settings: the documented file is the default, and errors name the key."""

import tomllib
from base64 import b64encode
from datetime import time
from pathlib import Path

import pytest

from izer_bridge import config
from izer_bridge.agents.routing import Hours
from izer_bridge.agents.rules import rules_of
from izer_bridge.config.agents import Agent
from izer_bridge.config.removed import what_holds
from izer_bridge.domain.analysis import Priority
from izer_bridge.domain.errors import ConfigError
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.importance import Treatment

DOCUMENTED = Path(__file__).parents[2] / "config.toml"


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def load(text: str) -> config.Config:
    Path("given.toml").write_text(text, "utf-8")
    return config.load(Path("given.toml"))


def test_the_documented_file_holds_the_defaults() -> None:
    documented = config.load(DOCUMENTED).model_dump()
    agents = documented.pop("agents")
    defaults = config.load().model_dump()
    assert defaults.pop("agents") == {}
    assert documented == defaults
    assert agents == {"agent_hub": Agent().model_dump()}


def test_the_documented_file_names_every_key() -> None:
    written = tomllib.loads(DOCUMENTED.read_text("utf-8"))
    known = config.Config().model_dump()
    assert written.keys() == known.keys()
    for section, values in known.items():
        if isinstance(values, dict) and section != "agents":
            assert written[section].keys() == values.keys()
    assert written["agents"]["agent_hub"].keys() == Agent().model_dump().keys()


def test_the_environment_stands_above_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IZER_API__PORT", "8200")
    monkeypatch.setenv("IZER_VIP__NUMBERS", '["0555 111 22 33", "77@lid"]')
    monkeypatch.setenv("IZER_AGENTS__BUSINESS_WORKFLOW__URL", "http://127.0.0.1:8093/")
    loaded = load("[api]\nport = 8101\n[openai]\nmodel = 'other'\n")
    assert loaded.api.port == 8200
    assert loaded.openai.model == "other"
    assert loaded.vip.numbers == ("+905551112233", "77@lid")
    assert loaded.agent("business_workflow").url == "http://127.0.0.1:8093"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[telegram]\nx = 1",
            "telegram: there is no such setting; allowed: agents, agents_builtin",
        ),
        (
            "[api]\nprot = 1",
            "api.prot: there is no such setting; allowed: allowed_hosts, ",
        ),
        ("[api]\nport = 99999", "api.port = 99999"),
        ("[api]\nport = 'x'", "api.port = 'x'"),
        ("[api]\nhost = 'shop'", "api.host = 'shop': expected localhost or an IP address"),
        ("[api]\nallowed_hosts = ['http://a']", "expected a host's name without scheme or port"),
        ("[api]\nwebhook_secrets = ['A-1']", "expected a name such as shop_secret"),
        ("[vip]\nnumbers = ['12']", "vip.numbers.0 = '12'"),
        ("[vip]\nnumbers = ['1-2@g.us']", "expected a phone number in any spelling"),
        (
            "[vip]\nnumber = '1'",
            "vip.number: there is no such setting; allowed: customers, numbers",
        ),
        ("[[vip.customers]]\nnumber = '12'", "vip.customers.0.number = '12'"),
        (
            "[[vip.customers]]\nnumber = '+905551112233'\nx = 1",
            "x: there is no such setting; "
            "allowed: agent, answer_within_minutes, escalate, name, number, priority",
        ),
        (
            "[[groups.rules]]\ngroup = 'T'\nagent = 'chef'",
            "groups.rules: there is no agent 'chef'; allowed: agent_hub",
        ),
        ("[[groups.rules]]\ngroup = 'T'\npriority = 'x'", "'low', 'normal', 'high' or 'critical'"),
        ("[[groups.rules]]\ngroup = 'T'\nanswer_within_minutes = 0", "greater than or equal to 1"),
        ("[openai]\nbase_url = 'ftp://x'", "openai.base_url = 'ftp://x': expected http://"),
        ("[whatsapp]\nproxy = 'proxy:1'", "whatsapp.proxy"),
        ("[store]\nurl = 'postgres://u@h/d'", "allowed: sqlite://, mysql://, mariadb://"),
        ("[store]\nurl = 'mysql://host'", "expected mysql://user:password@host:port/database"),
        ("[agents.chef]\ntimeout_seconds = 3", "agents.chef: it is not built in (agent_hub, "),
        ("[agents.'Chef 1']\nurl = 'https://a'", "agents.Chef 1: expected a name of a-z"),
        ("[agents.chef]\nurl = 'http://10.0.0.5:1'", "expected https://, or allow_http = true"),
        ("[agents.chef]\nurl = 'https://u:hunter2@a'", "https://…@a': holds a user"),
        ("[agents.chef]\nurl = 'https://a'\nkind = 'x'", "'http' or 'a2a'"),
        ("[agents.chef]\nurl = 'https://a'\nsecrets = ['whsec_A+b=']", "agents.chef.secrets.0"),
        ("[agents.agent_hub]\nkind = 'a2a'", "kind = 'a2a' needs a url"),
        ("[routing]\nwhen_down = 'chef'", "routing.when_down: there is no agent 'chef'"),
        ("[[vip.customers]]\nnumber = '+905551112233'\nagent = 'chef'", "vip.customers: there is"),
        ("[[routing.rules]]\nagent = 'agent_hub'\nhours = '9'", "expected hours such as 09:00"),
        ("[[routing.rules]]\nagent = 'chef'", "there is no agent 'chef'"),
        ("[[routing.rules]]\nagent = 'agent_hub'\nmin_urgency = 3", "last rule must have no"),
        ("[[routing.rules]]\nagent = 'agent_hub'\ncolour = 3", "allowed: agent, categories, days"),
        ("[routing]\nrules = []", "last rule must have no"),
        (
            "[[events.targets]]\nname = 'crm'\nurl = 'http://u:pw@a.example'\nsecrets = ['s']",
            "events.targets.0 = {…}: target crm: beyond this machine customers' words need https",
        ),
        ("[[events.targets]]\nname = 'crm'\nurl = ''\nsecrets = ['s']", "expected https://host"),
        ("[[events.targets]]\nname = 'crm'\nurl = 'https://a'\nsecrets = []", "at least 1 item"),
        (
            "[[events.targets]]\nname = 'crm'\nurl = 'https://a'\nsecrets = ['s']\ntypes = ['x']",
            "'draft.created'",
        ),
        (
            "[events]\ntargets = [{name='a',url='https://a',secrets=['s']}"
            ", {name='a',url='https://b',secrets=['s']}]",
            "two targets have the name a",
        ),
        ("[retention]\nmessages_days = 6", "expected 0 (for ever) or 7 to 36500 days"),
        ("[log]\nlevel = 'loud'", "'debug', 'info', 'warning' or 'error'"),
        ("api = [", "given.toml is not valid TOML"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_allowed(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(text)
    assert said in str(error.value)


@pytest.mark.parametrize("said", ["normal", "medium", "Medium", " NORMAL"])
def test_what_was_called_medium_is_normal(said: str) -> None:
    given = f"[[vip.customers]]\nnumber = '0555 111 22 33'\npriority = '{said}'"
    [customer] = load(given).vip.customers
    assert customer.priority is Priority.NORMAL


@pytest.mark.parametrize(
    "saved",
    [
        b"\xef\xbb\xbf[vip]\r\nnumbers = ['0555 111 22 33']\r\n",
        b"\xef\xbb\xbf# T\xc3\xbcrk\xc3\xa7e\n[vip]\nnumbers = ['905551112233@c.us']",
    ],
)
def test_what_windows_editors_save_is_read(saved: bytes) -> None:
    Path("config.toml").write_bytes(saved)
    assert config.load().vip.numbers == ("+905551112233",)
    assert config.load(Path("config.toml")).vip.numbers == ("+905551112233",)


@pytest.mark.parametrize(
    ("saved", "said"),
    [
        ("[vip]".encode("utf-16"), "given.toml is in UTF-16"),
        ("[vip]".encode("utf-16-be"), "given.toml is in UTF-16"),
        ("[log]\n# Türkçe".encode("cp1254"), "given.toml is not UTF-8 (line 2)"),
    ],
)
def test_another_encoding_is_named(saved: bytes, said: str) -> None:
    Path("given.toml").write_bytes(saved)
    with pytest.raises(ConfigError) as error:
        config.load(Path("given.toml"))
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("IZER_TELEGRAM__X", "1", "IZER_TELEGRAM__X: there is no setting 'telegram'"),
        ("IZER_VIP__NUMBERS", "0555", "IZER_VIP__NUMBERS"),
        ("IZER_API__PORT", "eighty", "api.port = 'eighty'"),
        ("IZER_API__PROT", "1", "api.prot"),
    ],
)
def test_a_wrong_variable_is_named(
    variable: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigError) as error:
        config.load()
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[reply]\nmin_confidence = 0.8",
            "reply.min_confidence: it is no longer a setting; remove it: "
            "an agent less sure than 0.6 makes a draft",
        ),
        ("[media]\ndownload = false", "remove it: set media.max_mb = 0 to keep no files"),
        (
            "[worker]\nlease_spare_seconds = 5",
            "worker: it is no longer a setting; remove it: a lease",
        ),
        (
            "[agents.chef]\nurl = 'https://a'\nmax_concurrent = 2",
            "agents.chef.max_concurrent: it is no",
        ),
        (
            "[agents_builtin.ports]\nagent_hub = 1",
            "agents_builtin.ports: it is no longer a setting",
        ),
    ],
)
def test_of_a_key_that_went_is_said_what_holds_now(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(text)
    assert said in str(error.value)
    assert "; allowed:" not in str(error.value)


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("IZER_WORKER__LEASE_SPARE_SECONDS", "variable IZER_WORKER__LEASE_SPARE_SECONDS: it is no"),
        ("IZER_WHATSAPP__GATE", "whatsapp.gate: it is no longer a setting; remove it: held"),
        ("IZER_AGENTS__CHEF__BREAKER_FAILURES", "agents.chef.breaker_failures: it is no longer"),
    ],
)
def test_of_a_variable_that_went_too(
    variable: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "1")
    with pytest.raises(ConfigError) as error:
        config.load()
    assert said in str(error.value)


def test_no_key_that_there_is_is_said_to_have_gone() -> None:
    written = tomllib.loads(DOCUMENTED.read_text("utf-8"))
    for section, values in written.items():
        assert what_holds(section) is None
        for key in values if isinstance(values, dict) else ():
            assert what_holds(f"{section}.{key}") is None
    for key in written["agents"]["agent_hub"]:
        assert what_holds(f"agents.agent_hub.{key}") is None


def test_somebody_is_treated_as_his_part_says() -> None:
    loaded = load(
        """
        [vip]
        numbers = ["0555 111 22 33", "0555 111 22 44"]
        [[vip.customers]]
        number = "+90 555 111 22 44"
        agent = "code_debugger"
        answer_within_minutes = 30
        [[groups.rules]]
        group = "Management"
        priority = "high"
        escalate = false
        """
    ).importance
    assert loaded.of_person("+905551112233", None) == Treatment()
    ayse = Treatment(agent="code_debugger", answer_within_minutes=30)
    assert loaded.of_person("+905551112244", None) == ayse
    group = Jid.parse("1@g.us")
    assert loaded.of_group(group, "MANAGEMENT", is_own=True) == Treatment(
        Priority.HIGH, is_raised=False
    )
    assert loaded.of_group(group, "Sales Team", is_own=True) == Treatment()
    assert loaded.of_group(group, "Bisikletçiler", is_own=True) is None


def test_an_agent_is_a_section_and_a_rule() -> None:
    loaded = load(
        """
        [agents.chef]
        url = "https://chef.example/"
        capabilities = ["cooking"]
        [[vip.customers]]
        number = "0555 111 22 33"
        agent = "chef"
        [[routing.rules]]
        agent = "chef"
        keywords = ["Öğle  YEMEĞİ"]
        groups = ["İzer Management"]
        hours = "18:30-09:00"
        [[routing.rules]]
        agent = "agent_hub"
        """
    )
    assert loaded.agent_names == (*config.AGENT_NAMES, "chef")
    assert loaded.capabilities["chef"] == ("cooking",)
    assert loaded.capabilities["code_debugger"] == ("debug", "code", "technical")
    rule = rules_of(loaded.routing)[0]
    assert rule.keywords == {"ogle yemegi"}
    assert rule.groups == {"izer management"}
    assert rule.hours == Hours(time(18, 30), time(9))


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "10.0.0.5"])
def test_allow_http_is_for_this_machine_unless_it_is_asked_for(host: str) -> None:
    allowed = "allow_http = true" if host == "10.0.0.5" else ""
    url = f"http://{host}:8093"
    assert load(f"[agents.chef]\nurl = '{url}'\n{allowed}").agent("chef").url == url


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml does not exist"):
        config.load(Path("nowhere.toml"))


@pytest.mark.attack("no secret of an URL stands in an error about the settings")
@pytest.mark.parametrize(
    "text",
    [
        "[store]\nurl = 'postgres://shop:hunter2@db/shop'",
        "[store]\nurl = '//shop:hunter2@db/shop'",
        "[store]\nurl = 'shop:hunter2@db/shop'",
        "[store]\nurl = 'mysql://shop:hunter2@[db/shop'",
        "[store]\nurl = 'mysql://shop:hunter2@d\u2100b/shop'",
        "[store]\nurl = 'mysql://shop:hunter2@db'",
        "[store]\nurl = ['mysql://shop:hunter2@db/shop']",
        "[api]\nhost = 'mysql://shop:hunter2@db/shop'",
        "[openai]\nbase_url = 'ftp://hooks.example/services/hunter2'",
        "[openai]\nbase_url = 'hooks.example/services/hunter2'",
        "[openai]\nbase_url = 'ftp://hooks.example?key=hunter2'",
        "[whatsapp]\nproxy = 'shop:hunter2@proxy'",
        "[agents.chef]\nurl = 'https://a'\nsecrets = ['whsec_hunter2=']",
        "[events]\ntargets = ['https://a/hunter2']",
    ],
)
def test_a_secret_in_a_value_is_not_shown(text: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(text)
    assert "hunter2" not in str(error.value)


def test_of_a_url_is_shown_who_is_called() -> None:
    with pytest.raises(ConfigError, match=r"store\.url = 'postgres://…@db/…'"):
        load("[store]\nurl = 'postgres://shop:hunter2@db/shop'")


def test_the_key_comes_from_credentials_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "from-environment")
    key = config.openai_key()
    assert key is not None
    assert key.get_secret_value() == "from-environment"
    (tmp_path / "named").write_text("from-file\n")
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(tmp_path / "named"))
    key = config.openai_key()
    assert key is not None
    assert key.get_secret_value() == "from-file"
    (tmp_path / "openai_api_key").write_text("from-credential\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    key = config.openai_key()
    assert key is not None
    assert key.get_secret_value() == "from-credential"
    assert "credential" not in repr(key)


@pytest.mark.parametrize(
    ("host", "needs_token"),
    [("127.0.0.1", False), ("::1", False), ("localhost", False), ("0.0.0.0", True), ("::", True)],  # noqa: S104
)
def test_beyond_loopback_a_token_is_asked_for(host: str, needs_token: bool) -> None:
    assert load(f"[api]\nhost = '{host}'").api.needs_token is needs_token
    assert load(f"[api]\nhost = '{host}'\nrequire_token = true").api.needs_token


def test_a_signing_secret_must_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    good = "whsec_" + b64encode(bytes(32)).decode()
    monkeypatch.setenv("SHOP_SECRET", good)
    [secret] = config.signing_secrets(["shop_secret"])
    assert secret.get_secret_value() == good
    for wrong in (good.removeprefix("whsec_"), "whsec_AAAA", "whsec_ü", "whsec_"):
        monkeypatch.setenv("SHOP_SECRET", wrong)
        with pytest.raises(ConfigError, match="shop_secret must be whsec_") as error:
            config.signing_secrets(["shop_secret"])
        assert wrong.removeprefix("whsec_") == "" or wrong not in str(error.value)
    with pytest.raises(ConfigError, match="OTHER_SECRET_FILE"):
        config.signing_secrets(["other_secret"])
