"""`[agents_builtin]`: how our four agents write, and what they know."""

from izer_bridge.config.values import Section


class BuiltinAgents(Section):
    """An empty `model` is openai.model; without `knowledge_dir` nothing is known."""

    write_with_openai: bool = True
    model: str = ""
    knowledge_dir: str = ""
