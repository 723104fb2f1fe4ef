Feature: What many factories at once, money and interruption ask for

  Background:
    Given these markets
      | market | good               | type   | volume |
      | B1     | COPPER_ORE         | EXPORT | 60     |
      | B2     | SILICON_CRYSTALS   | EXPORT | 60     |
      | B3     | COPPER             | EXPORT | 60     |
      | B3     | COPPER_ORE         | IMPORT | 60     |
      | B4     | ELECTRONICS        | EXPORT | 20     |
      | B4     | SILICON_CRYSTALS   | IMPORT | 60     |
      | B4     | COPPER             | IMPORT | 60     |
      | A1     | IRON               | EXPORT | 60     |
      | A1     | IRON_ORE           | IMPORT | 60     |
      | C1     | IRON_ORE           | EXPORT | 60     |

  Scenario: R4 goes on at another source when the first one degrades
    Given these markets
      | market | good     | type   | supply   | volume |
      | B3     | IRON_ORE | EXPORT | ABUNDANT | 60     |
    And a fleet of 2 cargo ships and a probe
    And A1 has SCARCE IRON_ORE
    And A1 has LIMITED IRON
    When IRON is produced
    And B3 is drained of IRON_ORE once the first tranche was bought
    And 30 minutes pass
    Then IRON_ORE was bought at C1 after B3 was drained, and no more at B3
    When A1 comes to have MODERATE IRON
    And the factory is over
    Then the factory is COMPLETED

  Scenario: R5 waits for money at the floor and spends nothing
    Given a purse of 5040 credits
    When COPPER is produced
    And 20 minutes pass
    Then the node of COPPER_ORE is WAITING_BUDGET because of "budget: 40 credits to spend"
    And the node of COPPER_ORE has a next check ahead
    And nothing was bought
    And every ship is free and only the coordinator is at work

  Scenario: R5 buys no more than the floor allows
    Given a purse of 6000 credits
    When COPPER_ORE is produced
    And the factory is over
    Then the factory is COMPLETED
    And the purse never went below 5000 credits and less than a hold was bought

  Scenario: R6 two factories share a fleet by priority
    Given a fleet of 1 cargo ship and a probe
    And FACTORY-1 carries 40 DRUGS
    When COPPER_ORE is produced with priority=1
    And IRON_ORE is produced with priority=5
    And the ship comes free
    Then IRON_ORE was given the ship although COPPER_ORE asked first

  Scenario: R7 a ship that one factory lets go serves the other within one pass
    Given these markets
      | market | good        | type   |
      | A1     | ELECTRONICS | IMPORT |
    And a fleet of 1 cargo ship and a probe
    When COPPER is produced with terminal=SELL
    And ELECTRONICS is produced with terminal=SELL
    And every factory is over
    Then the factory of COPPER is COMPLETED
    And the factory of ELECTRONICS is COMPLETED
    And the ship went from one factory to the other within 3 seconds, and more than once

  Scenario: R8 looks again at prices that are old before it spends on them
    Given these markets
      | market | good     | type   | supply |
      | B4     | IRON_ORE | EXPORT | HIGH   |
    And a fleet of 2 cargo ships and a probe
    When IRON is produced with ships=FACTORY-1
    And the factory is over
    And B4 comes to have SCARCE IRON_ORE
    And 30 minutes pass
    And IRON is produced with ships=FACTORY-3
    And the factory is over
    Then the factory is COMPLETED
    And IRON_ORE was bought at C1 only, after B4 had been looked at again
    And every price paid had been seen in the 120 seconds before

  Scenario Outline: R9 a stop after <seconds> seconds frees every ship
    Given a fleet of 3 cargo ships and a probe
    When ELECTRONICS is produced
    And <seconds> seconds pass
    And the factory is stopped
    Then the factory is STOPPED
    And every ship is free and nothing of the factory is at work
    And no leg and no intent is open
    And the ledger is what the agent has
    When 10 minutes pass
    Then nothing was bought since the stop

    Examples:
      | seconds |
      | 0       |
      | 3       |
      | 45      |
      | 100     |

  Scenario: R10 another player neither sees nor stops a factory
    Given a second player RIVAL with ships of the same kind
    When ELECTRONICS is produced
    And 2 minutes pass
    Then RIVAL is refused the report, the stop, the ships and the events of it
    When the factory is over
    Then the factory is COMPLETED
