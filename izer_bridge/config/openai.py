"""`[openai]`: who analyses, and at what price."""

from datetime import UTC, datetime
from decimal import Decimal

from pydantic import Field, model_validator

from izer_bridge.config.values import HttpUrl, Section
from izer_bridge.domain.cost import Budget, Price, micro_dollars


class ModelPrice(Section):
    """US dollars per million tokens."""

    input: Decimal = Field(ge=0)
    cached_input: Decimal = Field(ge=0)
    output: Decimal = Field(ge=0)


# OpenAI's list in 2025; the operator compares it with today's.
_PRICES = {
    "gpt-5-mini": ModelPrice(
        input=Decimal("0.25"), cached_input=Decimal("0.025"), output=Decimal("2.0")
    ),
}


class OpenAI(Section):
    base_url: HttpUrl = "https://api.openai.com/v1"
    model: str = Field("gpt-5-mini", min_length=1)
    timeout_seconds: float = Field(30.0, gt=0, le=600)
    max_concurrent: int = Field(16, ge=1, le=1000)
    mask: bool = True
    daily_cap_usd: Decimal = Field(Decimal(0), ge=0, le=100_000)
    prices: dict[str, ModelPrice] = Field(default_factory=lambda: dict(_PRICES))

    @property
    def price(self) -> Price | None:
        """The analysing model's price; None if it is unknown."""
        return self.price_of(self.model)

    def price_of(self, model: str) -> Price | None:
        """None if it is unknown."""
        found = self.prices.get(model) or _PRICES.get(model)
        return None if found is None else Price(found.input, found.cached_input, found.output)

    @property
    def budget(self) -> Budget:
        """A day is the server's: the one that the operator's own clock shows."""
        zone = datetime.now().astimezone().tzinfo or UTC
        return Budget(micro_dollars(self.daily_cap_usd), zone)

    @model_validator(mode="after")
    def _can_keep_to_the_cap(self) -> "OpenAI":
        if self.daily_cap_usd and self.price is None:
            raise ValueError(f"daily_cap_usd needs a price for the model {self.model!r}")
        return self
