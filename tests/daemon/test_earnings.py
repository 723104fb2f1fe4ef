"""What a report says a factory earned an hour."""

from pathlib import Path

from tests.store.conftest import Rows, open_inline

from goodsfactory.daemon.reports import read_report
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.money import MoneyKind


def test_an_hour_counts_from_the_order_to_the_end(tmp_path: Path) -> None:
    """Ten hours without a ship and one of work are eleven, as the time it is shown to have taken."""
    rows, hour = Rows(), 3600
    with open_inline(str(tmp_path / "goods.sqlite")) as opened:
        player = opened.run(rows.player).id
        factory = rows.factory(
            player,
            status=FactoryStatus.STOPPED,
            created_at=rows.now,
            started_at=rows.later(10 * hour),
            completed_at=rows.later(11 * hour),
        )
        sale = rows.entry(player, 5500, kind=MoneyKind.SALE, factory_id=factory.id)
        opened.run(lambda tx: tx.factories.add(factory))
        opened.run(lambda tx: tx.money.record(sale))
        report = opened.run(lambda tx: read_report(tx, factory, rows.later(40 * hour)))
    assert report.to_json()["books"]["profit_per_hour"] == 500
