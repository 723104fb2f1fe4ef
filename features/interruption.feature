Feature: What is interrupted goes on, and what ends is told

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

  Scenario Outline: R1 killed <moment> it buys nothing twice and loses nothing
    Given a daemon whose database outlives it
    And a fleet of 1 cargo ship and a probe
    And FACTORY-1 has seen every market and is at C1
    When COPPER is produced
    And the daemon is killed <moment>
    And it is started again after <minutes> minutes
    And the factory is over
    Then the factory is COMPLETED
    And COPPER_ORE and COPPER were bought once, one hold of each
    And what is aboard is what the books say
    And no leg and no intent is open
    And the ledger is what the agent has

    Examples:
      | moment                                      | minutes |
      | before the ship is read                     | 0       |
      | before it leaves its berth                  | 0       |
      | after it left its berth                     | 0       |
      | before its flight to the source is ordered  | 0       |
      | after its flight to the source was ordered  | 0       |
      | in the middle of its flight to the source   | 0       |
      | in the middle of its flight to the source   | 60      |
      | before it docks at the source               | 0       |
      | after it docked at the source               | 0       |
      | before it looks at the source               | 0       |
      | before its purchase reaches the market      | 0       |
      | after its purchase, before the answer       | 0       |
      | after its purchase, before the answer       | 60      |
      | once it is laden                            | 0       |
      | before its flight to the factory is ordered | 0       |
      | after its flight to the factory was ordered | 0       |
      | after its flight to the factory was ordered | 60      |
      | before its sale reaches the market          | 0       |
      | after its sale, before the answer           | 0       |
      | after its sale, before the answer           | 60      |
      | once it has delivered                       | 0       |
      | before the lift reaches the market          | 0       |
      | after the lift, before the answer           | 0       |
      | after the lift, before the answer           | 60      |
      | once the lift is aboard                     | 0       |

  Scenario: R2 a restart says how many containers it resumed, and they run
    Given a daemon whose database outlives it
    And a fleet of 3 cargo ships and a probe
    When ELECTRONICS is produced
    And 2 ships are at work at once
    And the daemon is killed in full swing
    And it is started again after 0 minutes
    Then it says that it resumed everything that had not ended, and lost nothing
    And each container runs again, with the ship it had
    When the factory is over
    Then the factory is COMPLETED
    And what is aboard is what the books say
    And the ledger is what the agent has

  Scenario: R2 a restart after the end resumes nobody but the planner
    Given a daemon whose database outlives it
    When COPPER_ORE is produced
    And the factory is over
    And an hour passes
    And the daemon is killed in full swing
    And it is started again after 0 minutes
    Then it says that it resumed everything that had not ended, and lost nothing
    And only the planner runs

  Scenario Outline: R3 a ship that vanishes <moment> is replaced
    Given a fleet of 2 cargo ships and a probe
    And FACTORY-1 has seen every market and is at C1
    When COPPER is produced
    And the ship of the first leg vanishes <moment>
    And the factory is over
    Then the factory is COMPLETED
    And the ship is forgotten, and another one did its work
    And <units> units that went with it are written off
    And no leg and no intent is open
    And the ledger is what the agent has

    Examples:
      | moment           | units |
      | on its way       | 0     |
      | once it is laden | 40    |

  Scenario: R11 a reset of the universe ends all work, says what to do, and keeps the history
    Given a fleet of 3 cargo ships and a probe
    When ELECTRONICS is produced
    And 2 ships are at work at once
    And the universe is reset
    And the factory is over
    Then the factory is FAILED
    And its error says "Register it again with `spacetraders player register FACTORY`."
    And every ship is free and nothing of the factory is at work
    And an event of the agent says the same
    And no leg and no intent is open
    And its history can still be read
    When an hour passes
    Then nothing was asked for the agent in that hour
    When the agent is registered again
    And COPPER is produced
    And the factory is over
    Then the factory is COMPLETED
    And the ledger is what the agent has
    And the books of the old universe are as they were
