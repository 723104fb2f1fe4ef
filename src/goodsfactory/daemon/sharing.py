"""Which agents a daemon should work for when several share them. Pure: one beat's view in, a decision out."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Sharing:
    """What one daemon should do now: agents (player ids) to take, and agents to hand to another."""

    take: tuple[int, ...] = ()
    hand_over: tuple[int, ...] = ()


def share_agents(me: str, workers: Collection[str], owners: Mapping[int, str | None]) -> Sharing:
    """Take what nobody works for, up to a fair share; hand over what is above it.

    ``workers`` are the daemons that can work now; ``owners`` says for each agent the daemon that has it, None
    where nobody alive does. Nothing is handed over while nobody is below the fair share, so
    that agents do not wander.
    """
    if me not in workers:
        return Sharing(hand_over=tuple(sorted(agent for agent, owner in owners.items() if owner == me)))
    fair = math.ceil(len(owners) / len(workers))
    held = dict.fromkeys(workers, 0)
    for owner in owners.values():
        if owner in held:
            held[owner] += 1
    mine = sorted(agent for agent, owner in owners.items() if owner == me)
    free = sorted(agent for agent, owner in owners.items() if owner not in held)
    if len(mine) > fair:
        lacking = sum(fair - count for worker, count in held.items() if worker != me and count < fair)
        surplus = min(len(mine) - fair, max(0, lacking - len(free)))
        return Sharing(hand_over=tuple(mine[len(mine) - surplus :]))
    return Sharing(take=tuple(free[: fair - len(mine)]))
