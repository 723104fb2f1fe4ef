Feature: Making a good of many with a whole fleet
  A planner decides what is wanted, ships come and go. Nothing waits for a level to be complete.

  Background:
    Given these markets
      | market | good               | type   | volume |
      | A1     | IRON               | IMPORT | 60     |
      | B1     | COPPER_ORE         | EXPORT | 60     |
      | B2     | SILICON_CRYSTALS   | EXPORT | 60     |
      | B3     | COPPER             | EXPORT | 60     |
      | B3     | COPPER_ORE         | IMPORT | 60     |
      | B4     | ELECTRONICS        | EXPORT | 20     |
      | B4     | SILICON_CRYSTALS   | IMPORT | 60     |
      | B4     | COPPER             | IMPORT | 60     |
      | C1     | MICROPROCESSORS    | EXPORT | 20     |
      | C1     | SILICON_CRYSTALS   | IMPORT | 60     |
      | C1     | COPPER             | IMPORT | 60     |
      | C2     | ADVANCED_CIRCUITRY | EXPORT | 20     |
      | C2     | ELECTRONICS        | IMPORT | 20     |
      | C2     | MICROPROCESSORS    | IMPORT | 20     |
      | D1     | IRON_ORE           | IMPORT | 60     |
      | D1     | IRON               | EXPORT | 60     |
      | B1     | IRON_ORE           | EXPORT | 60     |

  Scenario: C1 one ship is enough for the whole tree
    Given a fleet of 1 cargo ship and a probe
    When ADVANCED_CIRCUITRY is produced
    And the factory is over
    Then the factory is COMPLETED
    And all 6 nodes are done
    And only FACTORY-1 was used, one leg after the other
    And 40 ADVANCED_CIRCUITRY were acquired

  Scenario: C2 makes no good before its inputs have come
    Given a fleet of 6 cargo ships and a probe
    When ADVANCED_CIRCUITRY is produced
    And the factory is over
    Then the factory is COMPLETED
    And no good was taken from its factory waypoint before every input had been delivered there

  Scenario: C3 counts a shared input once
    When ADVANCED_CIRCUITRY is produced
    Then the factory has 6 nodes although its tree shows 9 places
    And COPPER stands twice in the tree and is one node
    When the factory is over
    Then COPPER_ORE was delivered to one place and COPPER to two

  Scenario: C4 finds idle cargo ships and skips probes, laden ships and busy ones
    Given a fleet of 5 cargo ships and a probe
    And FACTORY-4 carries 5 DRUGS
    And IRON is produced with units=400 terminal=SELL ships=FACTORY-5
    And FACTORY-5 flies for IRON
    When ADVANCED_CIRCUITRY is produced with ships=FACTORY-1,FACTORY-2,FACTORY-4,FACTORY-5,FACTORY-6
    Then these ships are judged so
      | ship      | verdict                                  |
      | FACTORY-1 | eligible                                 |
      | FACTORY-2 | FACTORY-2 is a probe and carries nothing |
      | FACTORY-3 | FACTORY-3 is not among --ships           |
      | FACTORY-4 | FACTORY-4 is laden with 5 DRUGS          |
      | FACTORY-5 | FACTORY-5 is claimed by worker-          |
      | FACTORY-6 | eligible                                 |
    When the factory is over
    Then the factory is COMPLETED
    And only FACTORY-1 and FACTORY-6 were used while FACTORY-5 was busy

  Scenario: C5 waits with a reason while no ship is free, and starts when one comes free
    Given a fleet of 1 cargo ship and a probe
    And IRON is produced with terminal=SELL
    And FACTORY-1 flies for IRON
    When COPPER is produced with terminal=SELL
    And 2 minutes pass
    Then the factory is PENDING
    And the node of COPPER_ORE is WAITING_SHIP because of "1 of 1 ships busy: no ship is free"
    When every factory is over
    Then the factory of IRON is COMPLETED
    And the factory of COPPER is COMPLETED
    And COPPER was begun within 5 seconds after IRON let FACTORY-1 go

  Scenario: C5 is refused at once where that was asked for
    Given a fleet of 1 cargo ship and a probe
    And IRON is produced with terminal=SELL
    And FACTORY-1 flies for IRON
    When COPPER is produced with fail_if_no_ship
    Then the request is refused with "No ship can work for this factory: 1 of 1 ships busy: no ship is free."
    And nothing was bought for COPPER

  Scenario: C6 ships are free again on completion
    Given a fleet of 6 cargo ships and a probe
    When ADVANCED_CIRCUITRY is produced
    And the factory is over
    Then the factory is COMPLETED
    And every ship is free and nothing of the factory is at work
    And every assigned ship was freed, once for each time

  Scenario: C6 ships are free again on failure
    Given B3 has LIMITED COPPER
    When COPPER is produced
    And COPPER is being waited for at its market
    And the universe is reset
    And the factory is over
    Then the factory is FAILED
    And every ship is free and nothing of the factory is at work
    And every assigned ship was freed, once for each time

  Scenario: C6 ships are free again when it is stopped in full swing
    Given a fleet of 6 cargo ships and a probe
    When ADVANCED_CIRCUITRY is produced
    And 3 ships are at work at once
    And the factory is stopped
    Then the factory is STOPPED
    And every ship is free and nothing of the factory is at work
    And every assigned ship was freed, once for each time
    When 10 minutes pass
    Then nothing was bought since the stop

  Scenario: C7 writes down tree, ships, start, each node, and completion with units and credits
    Given a fleet of 3 cargo ships and a probe
    When ADVANCED_CIRCUITRY is produced
    And the factory is over
    Then the first event shows the whole tree and its 6 nodes
    And the events name every ship that was given work
    And the events tell the start of work, after the first ship was given work
    And the events tell for each of the 6 nodes that it is done
    And the last event of its life tells the units and the credits
    And the events are numbered without a step back in time

  Scenario: C8 reports target, quantity, cost, nodes, ships and completion
    Given a fleet of 3 cargo ships and a probe
    When ADVANCED_CIRCUITRY is produced
    And 3 minutes pass
    Then the report agrees with the ledger and the legs, and is not completed
    When the factory is over
    Then the report agrees with the ledger and the legs, and is completed
    And 40 ADVANCED_CIRCUITRY were acquired

  Scenario: C9 stays in the given system
    Given a fleet of 3 cargo ships and a probe
    And these markets
      | market    | good       | type   | supply   |
      | X1-HILL-A1 | COPPER_ORE | EXPORT | ABUNDANT |
      | X1-HILL-A1 | COPPER     | EXPORT | ABUNDANT |
    And FACTORY-3 is at X1-HILL-A1
    When COPPER is produced with system=X1-VALE
    And the factory is over
    Then the factory is COMPLETED
    And all of its work was done in X1-VALE
    And FACTORY-3 was not used

  Scenario: C10 works in the system of the ship where none is given
    Given these markets
      | market     | good       | type   | supply   |
      | X1-HILL-B1 | COPPER_ORE | EXPORT | MODERATE |
      | X1-HILL-A1 | COPPER_ORE | IMPORT | MODERATE |
      | X1-HILL-A1 | COPPER     | EXPORT | MODERATE |
    And FACTORY-1 is at X1-HILL-A1
    When COPPER is produced
    And the factory is over
    Then the factory is COMPLETED
    And all of its work was done in X1-HILL

  Scenario: C11 gives the work of a failed worker to another ship
    Given a fleet of 2 cargo ships and a probe
    And FACTORY-1 is at B1
    And FACTORY-1 was loaded with 40 DRUGS behind the factory's back
    When COPPER_ORE is produced
    And the factory is over
    Then the factory is COMPLETED
    And FACTORY-1 failed with "FACTORY-1 has no cargo space" and FACTORY-3 did the work
    And the second ship was not sent before a pause of 15 seconds

  Scenario: C11 replaces a ship that vanishes
    Given a fleet of 2 cargo ships and a probe
    And FACTORY-1 is at B1
    And FACTORY-1 vanishes from the game
    When COPPER_ORE is produced
    And the factory is over
    Then the factory is COMPLETED
    And FACTORY-1 failed with "(code 404)" and FACTORY-3 did the work

  Scenario: C11 reports an error that comes again and again
    Given the setting policy.roll_call_interval is 86400
    And the agent's purse is emptied behind the factory's back
    When COPPER_ORE is produced
    And 40 minutes pass
    Then the factory is not over
    And the reason of COPPER_ORE tells at least 3 failures with "(code 4600)"
    And the pauses between the failures grew

  Scenario: C12 tells which import was looked for, and where, when no market can make a good
    Given these markets
      | market | good     | type   |
      | B2     | CLOTHING | EXPORT |
      | C1     | CLOTHING | EXPORT |
      | C2     | FABRICS  | EXPORT |
    When CLOTHING is produced
    Then the node of CLOTHING is to be bought because of "no factory waypoint for CLOTHING, which needs FABRICS"
    And the node of CLOTHING is to be bought because of "X1-VALE-B2 does not import FABRICS; X1-VALE-C1 does not import FABRICS"

  Scenario: C12 tells which input no market sells, and which markets were tried
    Given these markets
      | market | good     | type   |
      | B2     | CLOTHING | EXPORT |
      | B2     | FABRICS  | IMPORT |
    When CLOTHING is produced
    Then the node of CLOTHING is to be bought because of "making it needs FABRICS, which no market exports or exchanges"
    And the node of CLOTHING is to be bought because of "known: X1-VALE-A1, X1-VALE-B1, X1-VALE-B2"

  Scenario: C13 uses only ships of its own player
    Given a fleet of 2 cargo ships and a probe
    And the setting policy.roll_call_interval is 86400
    And a second player RIVAL with ships of the same kind
    When ADVANCED_CIRCUITRY is produced
    And the factory is over
    Then the factory is COMPLETED
    And only FACTORY-1 and FACTORY-3 were used
    And no ship of RIVAL moved, and nobody asked the game in its name

  Scenario: C13 takes no order for a ship of somebody else
    Given a second player RIVAL with ships of the same kind
    When COPPER is produced with ships=RIVAL-1
    Then the request is refused with "RIVAL-1 is not a ship of this player"
    And no factory was created

  Scenario: C14 is PENDING until work starts, with its tree stored from the beginning
    When ADVANCED_CIRCUITRY is produced
    Then the factory is PENDING
    And the stored row has a tree of 6 nodes and no start
    When the first ship is given work
    And 3 seconds pass
    Then the factory is ACTIVE
    And the stored row has a tree of 6 nodes and its start, 3 seconds later at most

  Scenario: C15 is COMPLETED with quantity, cost and time
    When COPPER is produced
    And the factory is over
    Then the factory is COMPLETED
    And the stored row has 40 units, the cost from the ledger, and the time of the last event
    And the cost told is what the agent paid

  Scenario: C16 is FAILED with the error and its time when nothing can help
    Given B3 has SCARCE COPPER
    When COPPER is produced
    And COPPER is being waited for at its market
    And the universe is reset
    And the factory is over
    Then the factory is FAILED
    And the stored row has the error "The universe was reset" and the time of the last event

  Scenario: C17 works on independent nodes with different ships at the same time
    Given a fleet of 6 cargo ships and a probe
    When ADVANCED_CIRCUITRY is produced
    And the factory is over
    Then the factory is COMPLETED
    And SILICON_CRYSTALS and COPPER_ORE were carried by different ships at the same time
    And ELECTRONICS and MICROPROCESSORS were carried by different ships at the same time
    And 3 or more ships worked at once

  Scenario: C18 starts a parent when its own inputs are there, whatever else is missing
    Given a fleet of 6 cargo ships and a probe
    And B2 has SCARCE SILICON_CRYSTALS
    And these markets
      | market | good                     | type   | supply   |
      | A1     | FAB_MATS                 | EXPORT | MODERATE |
      | A1     | QUARTZ_SAND              | IMPORT | MODERATE |
      | C2     | QUARTZ_SAND              | EXPORT | SCARCE   |
    When FAB_MATS is produced
    And IRON has been delivered
    Then QUARTZ_SAND is still missing and IRON was made and brought without it
    When C2 comes to have ABUNDANT QUARTZ_SAND
    And the factory is over
    Then the factory is COMPLETED
