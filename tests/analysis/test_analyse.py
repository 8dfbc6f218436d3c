"""No model's answer makes danger calm, and VIP rules apply after it."""

from dataclasses import replace

from izer_bridge.analysis.analyse import analyse
from izer_bridge.analysis.budget import Spending
from izer_bridge.analysis.ports import AnalyserAnswer
from izer_bridge.domain.analysis import Analysis, Category, Priority, ResponseTime, Sentiment
from izer_bridge.domain.cost import Budget, Usage
from izer_bridge.domain.danger import Danger
from izer_bridge.domain.importance import Importance, Treatment
from izer_bridge.domain.message import Subject
from izer_bridge.domain.work import AnalysisRecord
from tests.analysis.subjects import subject
from tests.analysis.test_budget import FakeSpent
from tests.store.ledgers import Clock
from tests.store.messages import ANALYSIS

CALM = replace(
    ANALYSIS,
    urgency_score=2,
    category=Category.INQUIRY,
    sentiment=Sentiment.NEUTRAL,
    priority_level=Priority.LOW,
    action_required=False,
    recommended_response_time=ResponseTime.ONE_DAY,
    business_context="Fren ayarının fiyatını soruyor.",
    dangers=(),
    explanation=(),
)


class Model:
    """Judges everything calm."""

    async def analyse(self, subject: Subject) -> AnalyserAnswer:
        return AnalyserAnswer(CALM, Usage(1, 0, 0))


async def judged(text: str, customer: Treatment | None = None) -> AnalysisRecord:
    # Without a cap the amount spent is never asked for.
    spending = Spending(FakeSpent(), None, Budget(), Clock())
    return await analyse(subject(text), Importance(customer), Model(), "m", spending)


async def test_a_models_calm_answer_is_raised() -> None:
    record = await judged("fren ayarı kaç para, ön fren hiç tutmuyor")
    found: Analysis = record.analysis
    assert (record.analyser, record.raised_because) == ("openai", None)
    assert (found.urgency_score, found.category, found.dangers) == (
        8,
        Category.TECHNICAL,
        (Danger.RIDE,),
    )
    assert found.business_context.endswith(CALM.business_context)
    assert found.explanation == ("danger ride (fren … tutmuyor); without it inquiry, urgency 2",)
    assert (await judged("fren ayarı kaç para")).analysis == CALM


async def test_a_vip_is_raised_from_there() -> None:
    record = await judged("gidon kırıldı", Treatment())
    assert (record.analysis.urgency_score, record.raised_because) == (10, "important customer")
    assert record.judged is not None
    assert record.judged.urgency_score == 8
