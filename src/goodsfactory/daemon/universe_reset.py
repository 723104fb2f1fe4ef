"""After a reset of the universe: what belonged to the old one ends, and stays readable (law L14)."""

from collections.abc import Collection
from datetime import datetime

from goodsfactory.domain.container import ContainerStatus
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.ports.store import Transaction

REASON = "the universe was reset"


def end_old_work(tx: Transaction, players: Collection[int], now: datetime) -> list[str]:
    """End factories and containers of players that are not of this universe; returns their agents' names."""
    agents: dict[int, str] = {}
    for container in tx.containers.find(statuses=(ContainerStatus.PENDING, ContainerStatus.RUNNING)):
        if container.player_id not in players:
            tx.containers.end(container.id, ContainerStatus.STOPPED, now, reason=REASON)
            agents[container.player_id] = _agent(tx, container.player_id)
    for factory in tx.factories.find(statuses=(FactoryStatus.PENDING, FactoryStatus.ACTIVE)):
        if factory.player_id not in players:
            tx.factories.update(factory.fail(now, REASON))
            agents[factory.player_id] = _agent(tx, factory.player_id)
            sentence = f"{factory.target_good} ended: {REASON}"
            tx.events.append(
                Event(factory.player_id, EventKind.UNIVERSE_RESET, now, sentence, factory_id=factory.id)
            )
    return sorted(agents.values())


def _agent(tx: Transaction, player_id: int) -> str:
    player = tx.players.get(player_id)
    return player.agent_symbol if player else str(player_id)
