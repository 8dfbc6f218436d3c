"""`[agents_builtin]`: how the four agents of our own write, what they know, where they listen."""

from pydantic import Field, model_validator

from izer_bridge.config.values import LoopbackHost, Section


class Ports(Section):
    """Of `izer-bridge agents`; 0 takes a free one."""

    agent_hub: int = Field(8092, ge=0, le=65535)
    business_workflow: int = Field(8093, ge=0, le=65535)
    code_debugger: int = Field(8094, ge=0, le=65535)
    general_purpose: int = Field(8095, ge=0, le=65535)

    @model_validator(mode="after")
    def _are_different(self) -> "Ports":
        taken = [port for port in self.model_dump().values() if port]
        if len(set(taken)) < len(taken):
            raise ValueError("expected a port of its own for each agent")
        return self


class BuiltinAgents(Section):
    """An empty `model` is openai.model; without `knowledge_dir` nothing is known."""

    write_with_openai: bool = True
    model: str = ""
    knowledge_dir: str = ""
    host: LoopbackHost = "127.0.0.1"
    ports: Ports = Ports()
