"""Which ships there are: bought, sold and moved by hand, or by another program, while we work."""

from goodsfactory.domain.ship import Ship
from goodsfactory.ports.game_api import GameApi
from goodsfactory.ports.store import Store, Transaction


class RollCall:
    """Reads the fleet of one player and stores it, without touching what a container is moving."""

    def __init__(self, api: GameApi, store: Store, player_id: int) -> None:
        self._api = api
        self._store = store
        self._player_id = player_id

    async def call(self) -> list[Ship]:
        """Store every ship that nobody holds, forget those that are gone; returns all that answered.

        A ship under claim is newer in the store than in a list that was asked for before it moved. Raises
        Unavailable, StaleToken or Refused, and changes nothing then.
        """
        ships = await self._api.ships()

        def keep(tx: Transaction) -> None:
            held = {claim.ship for claim in tx.claims.of_player(self._player_id)}
            known = {ship.symbol for ship in tx.ships.of_player(self._player_id)}
            tx.ships.save(
                self._player_id,
                [ship for ship in ships if ship.symbol not in held or ship.symbol not in known],
            )
            for symbol in sorted(known - held - {ship.symbol for ship in ships}):
                tx.ships.remove(symbol)

        await self._store.transact(keep)
        return ships
