"""The whole turn on one screen: recall → plan → act → check → tell → suggest, with a stop to ask back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from langgraph.graph import END, START, StateGraph

from agent.state import TurnState

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph.state import CompiledStateGraph

    from agent.nodes import Nodes


def build(nodes: Nodes, checkpointer: BaseCheckpointSaver[Any]) -> CompiledStateGraph[TurnState]:
    """Wire the stages; what each one does is in `agent/nodes.py`."""
    graph: StateGraph[TurnState] = StateGraph(TurnState)
    graph.add_node("recall", nodes.recall)
    graph.add_node("plan", nodes.plan)
    graph.add_node("ask", nodes.ask)
    graph.add_node("act", nodes.act)
    graph.add_node("check", nodes.check)
    graph.add_node("tell", nodes.tell)
    graph.add_node("decline", nodes.decline)
    graph.add_node("suggest", nodes.suggest)

    graph.add_edge(START, "recall")
    graph.add_edge("recall", "plan")
    graph.add_conditional_edges("plan", _after_plan)
    graph.add_conditional_edges("ask", _after_plan)
    graph.add_edge("act", "check")
    graph.add_conditional_edges("check", _after_check)
    graph.add_edge("tell", "suggest")
    graph.add_edge("suggest", END)
    graph.add_edge("decline", END)
    return graph.compile(checkpointer=checkpointer)


def _after_plan(state: TurnState) -> Literal["act", "ask", "decline"]:
    kinds: dict[str, Literal["act", "ask", "decline"]] = {"plan": "act", "clarify": "ask", "decline": "decline"}
    return kinds[state["decision"]["kind"]]


def _after_check(state: TurnState) -> Literal["tell", "decline"]:
    return "decline" if state.get("refusal") else "tell"
