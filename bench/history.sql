-- What happened before, by table; @at is the instant of row i, @of the factory it belongs to, @id that of factory i.

-- factories 0
INSERT INTO goods_factories SELECT @id, player_id, target_good, system_symbol, dependency_tree, 'COMPLETED',
metadata, 40, 4000, @at, @at, @at, @at, ships_used, market_queries, parallel_levels, estimated_speedup FROM
n, goods_factories WHERE goods_factories.id = :like;

-- factories 1
INSERT INTO nodes SELECT @id, 'COPPER', :player, 'DONE', 'nothing needs it', @at, NULL, 40, 4000, 0,
'["FACTORY-1"]', '[]' FROM n;

-- factories 2
INSERT INTO factory_books (factory_id, player_id, kind, good, units, amount) SELECT @id, :player,
'PURCHASE', 'COPPER_ORE', 40, -4000 FROM n;

-- totals
INSERT INTO leg_totals (factory_id, good, feeds, clears, player_id, legs, bought, cost, delivered, revenue,
arrived, troubled, failures, seconds, moved_at, delivered_at, ships, taken) SELECT owners.id, 'QUARTZ_SAND',
'GLASSWARE', 0, :player, :legs * count(*) / (SELECT count(*) FROM owners), 40, 400, 40, 500, 1, 0, 0, 300, @at,
@at, '{}', '{}' FROM owners, n GROUP BY owners.id;

-- legs
INSERT INTO legs (id, factory_id, player_id, good, feeds, clears, hand_over, source, destination, units, value,
reason, created_at, state, ship, container_id, bought, cost, delivered, revenue, failure, not_before,
assigned_at, laden_at, traded_at, ended_at, at_hand) SELECT printf('%012x', :first + i), @of, :player,
'QUARTZ_SAND', 'GLASSWARE', 0, 'SELL', 'X1-AA1-B1', 'X1-AA1-C12', 40, 900,
'GLASSWARE at X1-AA1-C12 lasts 0.8 steps, 120 more are needed', @at, 'DONE', printf('FACTORY-%X', 1 +
i % 40), printf('worker-%012x', :first + i), 40, 4000, 40, 4400, NULL, NULL, @at, @at, @at, @at, 0 FROM n;

-- containers
INSERT INTO containers (id, type, player_id, status, metadata, iteration, max_iterations, restart_count,
epoch, created_at, updated_at, heartbeat_at, last_effect, exit_reason) SELECT printf('worker-%012x', :first
+ i), 'goods_factory_worker', :player, 'COMPLETED', json_object('factory_id', @of, 'leg_id',
printf('%012x', :first + i), 'ship', printf('FACTORY-%X', 1 + i % 40)), 1, 1, 0, 1, @at, @at, @at, NULL,
'delivered 40 QUARTZ_SAND to X1-AA1-C12' FROM n;

-- container_logs
INSERT INTO container_logs (container_id, at, level, message, metadata) SELECT printf('worker-%012x', :first
+ i * 4), @at, 'WARNING', 'the price is older than 120 s. Trying again in 15 s.', '{}' FROM n;

-- events
INSERT INTO events (player_id, kind, at, message, factory_id, good, ship, container_id, data) SELECT
:player, CASE i % 10 WHEN 0 THEN 'LEG_ASSIGNED' WHEN 1 THEN 'CONTAINER_STARTED' WHEN 2 THEN 'SHIP_FREED'
WHEN 3 THEN 'PURCHASED' WHEN 4 THEN 'LEG_LADEN' WHEN 5 THEN 'NODE_STATE' WHEN 6 THEN 'SOLD' WHEN 7 THEN
'LEG_DONE' WHEN 8 THEN 'REFUELLED' ELSE 'CONTAINER_ENDED' END, @at, printf('FACTORY-%X carries 40
QUARTZ_SAND from X1-AA1-B1 (the hold is full)', 1 + i % 40), @of, 'QUARTZ_SAND', printf('FACTORY-%X', 1 + i
% 40), printf('worker-%012x', (:first + i) / :per), json_object('leg_id', printf('%012x', (:first + i) /
:per), 'output', 'GLASSWARE', 'source', 'X1-AA1-B1') FROM n;

-- intents
INSERT INTO intents (id, universe, player_id, ship, container_id, kind, good, units, unit_price, waypoint,
reserved, units_before, credits_before, created_at, state, factory_id, leg_id, settled_at, subject,
reference, ledger_row) SELECT printf('%012x', :first + i), (SELECT universe FROM players WHERE id =
:player), :player, printf('FACTORY-%X', 1 + i % 40), printf('worker-%012x', (:first + i) / :per),
'PURCHASE', 'QUARTZ_SAND', 40, 100, 'X1-AA1-B1', 4400, 0, 1000000, @at, 'DONE', @of, printf('%012x', (:first
+ i) / :per), @at, printf('FACTORY-%X', 1 + i % 40), NULL, :first + i FROM n;

-- ledger
INSERT INTO ledger (player_id, kind, amount, at, ship, good, units, unit_price, waypoint, factory_id,
leg_id, intent_id, balance_after, player_sum) SELECT :player, CASE i % 3 WHEN 0 THEN 'PURCHASE' WHEN 1 THEN
'SALE' ELSE 'REFUEL' END, CASE i % 3 WHEN 0 THEN -4000 WHEN 1 THEN 4400 ELSE -400 END, CAST((:begin + i * :step) * 1000000
AS INTEGER), printf('FACTORY-%X', 1 + i % 40), 'QUARTZ_SAND', 40, 100, 'X1-AA1-B1', short_id(@of), printf('%012x', (:first + i) /
:per), printf('%012x', :first + i), 1000000, :sum + CASE i % 3 WHEN 0 THEN -4000 WHEN 1 THEN 400 ELSE 0 END
FROM n;

-- market_history
INSERT OR IGNORE INTO market_history (universe, waypoint, good, observed_at, type, trade_volume, supply,
activity, ask, bid) SELECT (SELECT universe FROM players WHERE id = :player),
printf('X1-AA1-B%d', i % 100), 'QUARTZ_SAND', @at, 'EXPORT', 60, 'HIGH', 'WEAK', 30, 20 FROM n;
