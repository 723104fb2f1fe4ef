"""What is left of a life, beside what the sandbox itself wrote down."""

from collections import Counter
from dataclasses import dataclass, field

from tests.daemon.stage import Stage

from goodsfactory.domain.container import ContainerStatus, ContainerType
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.money import IntentState, LedgerEntry, MoneyKind
from goodsfactory.domain.player import Player
from goodsfactory.sandbox.transactions import MarketTransaction

_BOOKED = {MoneyKind.PURCHASE: "PURCHASE", MoneyKind.REFUEL: "PURCHASE", MoneyKind.SALE: "SELL"}
_BAD = (
    EventKind.CONTAINER_CRASHED,
    EventKind.SHIP_LOST,
    EventKind.CARGO_LOST,
    EventKind.BALANCE_CORRECTED,
    EventKind.UNIVERSE_RESET,
    EventKind.FACTORY_FAILED,
    EventKind.FACTORY_STOPPED,
)


@dataclass
class Findings:
    """All lists are empty, and all counts 0, where nothing went wrong.

    ``doubles`` are purchases that no order explains, ``differences`` credits by agent, ``ended`` factories
    that did not complete. ``starts_refused`` are sentences with which a daemon did not start.
    """

    bugs: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    doubles: list[str] = field(default_factory=list)
    unbooked: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    starts_refused: list[str] = field(default_factory=list)
    siege_told: list[str] = field(default_factory=list)
    factories: int = 0
    purchases: int = 0
    ships_ordered: int = 0
    aboard: Counter[str] = field(default_factory=Counter)

    def put_aboard(self, good: str, units: int) -> int:
        """Units that the test itself gives to a ship; returns them."""
        self.aboard[good] += units
        return units

    def complaints(self) -> list[str]:
        """Everything that went wrong, one sentence each."""
        lists = {
            "bug": self.bugs,
            "crash": self.crashes,
            "bought twice": self.doubles,
            "books": self.unbooked,
            "ended": self.ended,
            "lost": self.lost,
            "leaked": self.leaked,
            "difference": self.differences,
            "start": self.starts_refused,
        }
        told = [f"{what}: {one}" for what, found in lists.items() for one in found]
        return told if self.siege_told else [*told, "nobody was told of a server that answers nonsense"]


async def inspect(one: Stage, factories: list[str], findings: Findings) -> None:
    """Compare everything the daemon keeps with the sandbox, at the end of a life."""
    findings.factories = len(factories)
    for event in await one.events(*_BAD):
        _sort(event, findings)
    for player in await one.application.players():
        await _books(one, player, findings)
        await _fleet(one, player, findings)
        for report in await one.application.factories(player.id, ()):
            if report.factory.status is not FactoryStatus.COMPLETED:
                why = [report.factory.error] + [f"{n.state} {n.reason}" for n in report.nodes.values()]
                findings.ended.append(f"{report.factory.target_good} is {report.factory.status}: {why}")
    await _planners(one, findings)


def _sort(event: Event, findings: Findings) -> None:
    match event.kind:
        case EventKind.CONTAINER_CRASHED:
            findings.crashes.append(event.message)
        case EventKind.SHIP_LOST | EventKind.CARGO_LOST:
            findings.lost.append(event.message)
        case EventKind.BALANCE_CORRECTED:
            findings.differences.append(event.message)
        case _:
            findings.ended.append(event.message)


async def _books(one: Stage, player: Player, findings: Findings) -> None:
    """Every trade of the sandbox is one ledger row and no more, and the sums agree."""
    ledger = await one.ledger(player)
    agent = one.world.agents.find(player.agent_symbol)
    prefix = f"{player.agent_symbol}-"
    trades = [trade for trade in one.trades.all if trade.ship.startswith(prefix)]
    findings.purchases += sum(trade.type == "PURCHASE" for trade in trades)
    told, booked = Counter(map(_trade, trades)), Counter(_entry(row) for row in ledger if row.kind in _BOOKED)
    for trade, count in (told - booked).items():
        where = findings.doubles if trade[0] == "PURCHASE" else findings.unbooked
        where.append(f"the ledger does not know {trade} ({count})")
    findings.unbooked += [f"the game does not know {row} ({n})" for row, n in (booked - told).items()]
    if difference := agent.credits - sum(row.amount for row in ledger):
        findings.differences.append(f"{player.agent_symbol} has {difference:+,} credits that no row explains")
    for intent in await one.application.store.transact(lambda tx: tx.money.open_intents(player.id)):
        assert intent.state is IntentState.OPEN
        findings.leaked.append(f"{intent.kind} of {intent.subject} is open still")
    await _needs(one, player, ledger, findings)


def _trade(trade: MarketTransaction) -> tuple[object, ...]:
    return (trade.type, trade.ship, trade.good, trade.units, trade.unit_price, trade.waypoint)


def _entry(row: LedgerEntry) -> tuple[object, ...]:
    return (_BOOKED[row.kind], row.ship, row.good, row.units, row.unit_price, row.waypoint)


async def _needs(one: Stage, player: Player, ledger: list[LedgerEntry], findings: Findings) -> None:
    """No leg bought more than it was to carry, and no more ships came than were ordered."""
    bought = Counter[str]()
    for row in ledger:
        if row.kind is MoneyKind.PURCHASE and row.leg_id:
            bought[row.leg_id] += row.units
    for leg_id, units in bought.items():
        leg = await one.application.store.transact(lambda tx, leg_id=leg_id: tx.legs.get(leg_id))  # type: ignore[misc]
        if leg is None or units > leg.units or leg.clears:
            findings.doubles.append(f"leg {leg_id} bought {units} units: {leg}")
    ships = sum(row.kind is MoneyKind.SHIP for row in ledger)
    if ships > findings.ships_ordered:
        findings.doubles.append(f"{ships} ships were bought, {findings.ships_ordered} ordered")


async def _fleet(one: Stage, player: Player, findings: Findings) -> None:
    """Every ship is known, and none claimed by somebody who has ended."""
    agent = one.world.agents.find(player.agent_symbol)
    real = {ship.symbol for ship in one.world.fleets.of(agent)}
    ships = await one.application.ships(player.id)
    known = {ship.symbol for ship, _ in ships}
    findings.lost += [f"{symbol} is not known" for symbol in sorted(real - known)]
    findings.lost += [f"{symbol} does not exist" for symbol in sorted(known - real)]
    running = await one.application.store.transact(
        lambda tx: tx.containers.find(statuses=(ContainerStatus.RUNNING, ContainerStatus.PENDING))
    )
    alive = {container.id for container in running}
    for ship, claim in ships:
        if claim is not None and (claim.container_id not in alive or claim.operation.endswith("worker")):
            findings.leaked.append(f"{ship.symbol} is claimed by {claim.container_id}")


async def _planners(one: Stage, findings: Findings) -> None:
    """Each agent has somebody who gives ships to work, and each container that is to run does."""
    running = await one.application.store.transact(
        lambda tx: tx.containers.find(statuses=(ContainerStatus.RUNNING, ContainerStatus.PENDING))
    )
    served = {row.player_id for row in running if row.type is ContainerType.PLANNER}
    for player in await one.application.players():
        if player.id not in served:
            findings.leaked.append(f"{player.agent_symbol} has no planner")
    for row in running:
        if not one.application.engine.is_running(row.id):
            findings.leaked.append(f"{row.id} should run and does not")


async def troubles_told(one: Stage, player: Player, factories: list[str]) -> list[str]:
    """What status and why say of a server that answers nonsense, as it is now."""
    application = one.application
    statistics = await application.statistics()
    told = [str(statistics["game_trouble"] or ""), *statistics["game_unreadable"]]
    for factory in factories:
        report = await application.factory(player.id, factory)
        if not report.factory.status.is_over:
            told += [node.reason for node in report.nodes.values()]
    return [sentence for sentence in told if "cannot be understood" in sentence or "game server" in sentence]
