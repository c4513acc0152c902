"""Texts of events that tests of several areas tell of."""

FERRY = (
    "The night ferry between Valdoria and the outer islands ran aground on a sandbank on Sunday, and its ninety "
    "passengers were taken off by fishing boats before the tide turned, the coast guard said. Nobody was hurt. The "
    "captain told investigators that a buoy marking the channel had drifted half a mile during the storm."
)
# The same event in other words.
FERRY_AGAIN = (
    "Ninety passengers of the night ferry to the outer islands were rescued by fishing boats on Sunday after it "
    "ran aground near Valdoria on a sandbank. A drifted buoy is thought to be the cause, the coast guard said."
)
