Feature: Making one good with a ship
  A worker flies one shipload: it buys at a source, delivers to a factory waypoint, and its ship is free.
  What a market makes of it is awaited without a ship.

  Background:
    Given these markets
      | market | good        | type   | volume |
      | A1     | IRON        | EXPORT | 60     |
      | A1     | IRON_ORE    | IMPORT | 60     |
      | B1     | IRON_ORE    | EXPORT | 60     |
      | B2     | QUARTZ_SAND | EXPORT | 60     |
      | C1     | FAB_MATS    | EXPORT | 20     |
      | C1     | IRON        | IMPORT | 60     |
      | C1     | QUARTZ_SAND | IMPORT | 60     |

  Scenario: W1 buys a raw good where it is exported, and reports units, cost and waypoint
    When IRON_ORE is produced
    And the factory is over
    Then the factory is COMPLETED
    And 40 IRON_ORE were acquired
    And the cost told is what the agent paid
    And the node of IRON_ORE tells 40 units bought at B1 and what they cost

  Scenario Outline: W2 the better source is the one with <better>
    Given these markets
      | market   | good     | type   | supply     | activity     | premium     |
      | <first>  | IRON_ORE | EXPORT | <supply_1> | <activity_1> | <premium_1> |
      | <second> | IRON_ORE | EXPORT | <supply_2> | <activity_2> | <premium_2> |
    And B1 has SCARCE IRON_ORE
    When IRON is produced
    And the factory is over
    Then the factory is COMPLETED
    And every IRON_ORE was bought at <second>, though <first> was looked at too

    Examples:
      | better                  | first | supply_1 | activity_1 | premium_1 | second | supply_2  | activity_2 | premium_2 |
      | more supply             | B2    | HIGH     | STRONG     | 0         | C2     | ABUNDANT  | WEAK       | 5         |
      | more activity           | B2    | HIGH     | WEAK       | 0         | C2     | HIGH      | STRONG     | 5         |
      | a shorter way           | C2    | HIGH     | WEAK       | 0         | B2     | HIGH      | WEAK       | 5         |
      | the lower ask, all same | B2    | HIGH     | WEAK       | 5         | B3     | HIGH      | WEAK       | 0         |
      | anything but SCARCE     | B2    | SCARCE   | STRONG     | 0         | C2     | LIMITED   | RESTRICTED | 5         |

  Scenario: W3 fills only the free part of the hold
    Given FACTORY-1 carries 25 IRON_ORE
    When IRON_ORE is produced
    And the factory is over
    Then the factory is COMPLETED
    And the market B1 sold IRON_ORE in tranches of 15
    And FACTORY-1 has 40 IRON_ORE aboard

  Scenario: W4 splits a purchase into tranches of at most the trade volume
    Given B1 trades 15 IRON_ORE at a time
    When IRON_ORE is produced
    And the factory is over
    Then 40 IRON_ORE were acquired
    And the market B1 sold IRON_ORE in tranches of 15, 15, 10
    And the market was looked at again before every tranche

  Scenario: W5 makes a good of one input: acquire, deliver, wait, lift
    Given markets that produce and consume every half hour
    And A1 has LIMITED IRON
    When IRON is produced
    And the factory is over
    Then the factory is COMPLETED
    And these things happened in this order
      | what       | good     | where |
      | PURCHASED  | IRON_ORE | B1    |
      | SOLD       | IRON_ORE | A1    |
      | PRODUCING  | IRON     | A1    |
      | PURCHASED  | IRON     | A1    |
    And IRON was awaited for more than 10 minutes

  Scenario: W6 makes a good of several inputs, all of them delivered before the wait
    Given C1 has LIMITED FAB_MATS
    And B2 has ABUNDANT QUARTZ_SAND
    When FAB_MATS is produced with strategy=prefer-buy
    And FAB_MATS is being waited for at its market
    Then IRON and QUARTZ_SAND were delivered to C1 before that
    When C1 comes to have MODERATE FAB_MATS
    And the factory is over
    Then the factory is COMPLETED
    And no FAB_MATS was bought before C1 had it

  Scenario: W7 makes the inputs of the inputs first
    When FAB_MATS is produced
    And the factory is over
    Then the factory is COMPLETED
    And these things happened in this order
      | what      | good     | where |
      | PURCHASED | IRON_ORE | B1    |
      | SOLD      | IRON_ORE | A1    |
      | PURCHASED | IRON     | A1    |
      | SOLD      | IRON     | C1    |
      | PURCHASED | FAB_MATS | C1    |

  Scenario: W8 looks again after 30 seconds and then every 60, and decides on what was stored
    Given A1 has LIMITED IRON
    When IRON is produced
    And IRON is being waited for at its market
    And 10 minutes pass
    Then A1 was looked at 30 seconds after the delivery and then every 60
    And the stored data of A1 are those of the last look
    And the node of IRON is PRODUCING, and tells why, since when, and when it looks again

  Scenario: W8 the two intervals are settings
    Given A1 has LIMITED IRON
    And the setting policy.poll_interval_initial is 120
    And the setting policy.poll_interval_settled is 240
    When IRON is produced
    And IRON is being waited for at its market
    And 25 minutes pass
    Then A1 was looked at 120 seconds after the delivery and then every 240

  Scenario: W9 waits without a time-out, and warns after every 20 checks
    Given A1 has SCARCE IRON
    When IRON is produced
    And IRON is being waited for at its market
    And 80 minutes pass
    Then the factory is ACTIVE
    And warnings were written after 20, 40, 60 checks
    And every ship is free while the market is awaited
    When A1 comes to have MODERATE IRON
    And the factory is over
    Then the factory is COMPLETED

  Scenario: W10 lifts at the first look that finds the good
    Given A1 has SCARCE IRON
    When IRON is produced
    And IRON is being waited for at its market
    And 5 minutes pass
    And A1 comes to have MODERATE IRON
    And the factory is over
    Then IRON was bought within 65 seconds after A1 had it

  Scenario: W10 does not wait for what is there already
    When IRON is produced
    And the factory is over
    Then the factory is COMPLETED
    And IRON was bought within 5 seconds after the last IRON_ORE was delivered

  Scenario: W10 takes what lies there without feeding it where the strategy is smart
    When IRON is produced with strategy=smart
    And the factory is over
    Then the factory is COMPLETED
    And 40 IRON were acquired
    And no IRON_ORE was bought

  Scenario: W11 stops cleanly while it waits for a market
    Given A1 has SCARCE IRON
    When IRON is produced
    And IRON is being waited for at its market
    And 5 minutes pass
    And the factory is stopped
    Then the factory is STOPPED
    And every ship is free and nothing of the factory is at work
    And the factory has no error and its end tells of no cargo
    When A1 comes to have ABUNDANT IRON
    And 10 minutes pass
    Then no IRON was bought

  Scenario: W11 tells which cargo stays aboard when it is stopped
    Given these markets
      | market | good       | type   |
      | D1     | COPPER     | EXPORT |
      | D1     | COPPER_ORE | IMPORT |
      | B3     | COPPER_ORE | EXPORT |
    When COPPER is produced
    And FACTORY-1 has loaded COPPER_ORE
    And the factory is stopped
    Then the factory is STOPPED
    And every ship is free and nothing of the factory is at work
    And the end tells that FACTORY-1 keeps 40 COPPER_ORE

  Scenario: W12 refuses a good that no market sells, and names the markets tried
    When GOLD is produced
    Then the request is refused with "No market exports or exchanges GOLD"
    And the request is refused with "X1-VALE-A1, X1-VALE-B1, X1-VALE-B2"
    And no factory was created

  Scenario: W12 refuses a good that is only bought here, and says where
    Given these markets
      | market | good  | type   |
      | C2     | DRUGS | IMPORT |
    When DRUGS is produced
    Then the request is refused with "only imported, at X1-VALE-C2"
    And no factory was created

  Scenario: W12 a good whose only source is drained waits and names the source
    Given B1 has SCARCE IRON_ORE
    When IRON_ORE is produced
    And 30 minutes pass
    Then the node of IRON_ORE is WAITING_SOURCE because of "X1-VALE-B1"
    And the node of IRON_ORE is WAITING_SOURCE because of "SCARCE"
    And nothing was bought
    When B1 comes to have MODERATE IRON_ORE
    And the factory is over
    Then the factory is COMPLETED

  Scenario: W13 a full hold is a clear error, and nothing is bought
    Given FACTORY-1 is at B1
    And FACTORY-1 was loaded with 40 QUARTZ_SAND behind the factory's back
    When IRON_ORE is produced
    And 30 minutes pass
    Then a leg failed with "FACTORY-1 has no cargo space: 40 of 40 units are full"
    And the node of IRON_ORE is WAITING_SHIP because of "laden with other goods"
    And nothing was bought
    And every ship is free while the market is awaited

  Scenario: W14 a refusal of the game surfaces with its code
    Given the agent's purse is emptied behind the factory's back
    When IRON_ORE is produced
    And 1 minutes pass
    Then a leg failed with "(code 4600)"
    And a worker ended FAILED with "(code 4600)"
    And the reason of the failed leg in the report has "(code 4600)"
    When the purse is full again
    And the factory is over
    Then the factory is COMPLETED

  Scenario: W14 a rate limit is waited out
    Given a server with a rate limit
    And a fleet of 6 cargo ships and a probe
    And another program at the same address has used up the allowance of this minute
    When FAB_MATS is produced
    And the factory is over
    Then the factory is COMPLETED
    And the server refused requests by its limit
    And no leg failed
    And the cost told is what the agent paid

  Scenario Outline: W15 takes whatever quantity there is
    Given A1 trades 6 IRON at a time
    And A1 has <supply> IRON_ORE
    When IRON is produced
    And the factory is over
    Then the factory is COMPLETED
    And the lift stopped at the last IRON above SCARCE, with less than a full hold

    Examples:
      | supply   |
      | MODERATE |
      | SCARCE   |

  Scenario Outline: W16 knows no conversion ratio: any positive output completes
    Given A1 trades <volume> IRON at a time
    When IRON is produced
    And the factory is over
    Then the factory is COMPLETED
    And <ore> IRON_ORE were delivered and <units> IRON were acquired

    Examples:
      | volume | ore | units |
      | 1      | 10  | 5     |
      | 4      | 10  | 20    |
      | 60     | 40  | 40    |
