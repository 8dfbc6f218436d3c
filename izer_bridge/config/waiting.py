"""`[waiting]`: what the board's clock of a waiting customer does."""

from typing import Literal

from izer_bridge.config.values import Section


class Waiting(Section):
    """`keeps`: it leaves the clock running. `stops`: it counts as an answer."""

    automatic_answer: Literal["keeps", "stops"] = "keeps"
