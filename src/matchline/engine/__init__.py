"""The engine decides: it reserves, matches and keeps data. It knows no SQL, no HTTP and no telephony."""

from matchline.chance import Chance
from matchline.clock import Clock
from matchline.engine.configure import Keeper
from matchline.engine.match import Matching
from matchline.engine.node import Node
from matchline.engine.policy import Builtins
from matchline.engine.records import Records
from matchline.engine.reserve import Reservations
from matchline.engine.sweep import Sweeper
from matchline.store import Store


class Engine:
    """The parts of the engine over one store."""

    def __init__(self, store: Store, clock: Clock, chance: Chance, builtins: Builtins) -> None:
        self.store = store
        self.node = Node()
        self.keeper = Keeper(store, clock, builtins)
        self.reservations = Reservations(store, clock, chance, self.keeper)
        self.matching = Matching(store, clock, self.keeper)
        self.records = Records(store, clock, chance, self.keeper)
        self.sweeper = Sweeper(store, clock, self.keeper, self.node)
