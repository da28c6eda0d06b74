"""The engine decides: it reserves, matches and keeps data. It knows no SQL, no HTTP and no telephony."""

from matchline.chance import Chance
from matchline.clock import Clock, FollowingClock
from matchline.engine.attendance import Attendance
from matchline.engine.browse import Browsing
from matchline.engine.callbacks import Callbacks
from matchline.engine.charts import Charts
from matchline.engine.configure import Keeper
from matchline.engine.follow import Follower
from matchline.engine.guard import Guard
from matchline.engine.history import Historian
from matchline.engine.inquiries import Inquiries
from matchline.engine.keys import Keys
from matchline.engine.lookout import Lookout
from matchline.engine.match import Matching
from matchline.engine.node import Node
from matchline.engine.notes import Notes
from matchline.engine.orchestration import Orchestration
from matchline.engine.passwords import Passwords
from matchline.engine.policy import Builtins
from matchline.engine.records import Records
from matchline.engine.reserve import Reservations
from matchline.engine.sweep import Sweeper
from matchline.engine.timekeeper import Timekeeper
from matchline.engine.visits import Visits
from matchline.engine.watch import Watch
from matchline.observing.metrics import Metrics
from matchline.observing.tracing import Tracer
from matchline.store import Store


class Engine:
    """The parts of the engine over one store."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        chance: Chance,
        builtins: Builtins,
        metrics: Metrics | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        self.metrics = metrics or Metrics()
        self.tracer = tracer
        self.chance = chance
        self.clock = clock
        self.node = Node()
        self.passwords = Passwords(chance)
        self.keeper = Keeper(store, clock, builtins, self.passwords)
        self.notes = Notes(store, clock, self.keeper)
        self.store = store = Watch(store, self.metrics, self.notes, tracer).store()
        self.guard = Guard(clock, self.keeper)
        self.visits = Visits(store, clock, chance, self.keeper, self.passwords)
        self.attendance = Attendance(store, clock, chance, self.keeper, self.node, self.metrics)
        self.keys = Keys(store, clock, chance, self.keeper)
        self.reservations = Reservations(store, clock, chance, self.keeper)
        self.matching = Matching(store, clock, self.keeper)
        self.inquiries = Inquiries(store, clock, self.keeper, self.matching)
        self.records = Records(store, clock, chance, self.keeper)
        self.charts = Charts(store, clock, chance, self.keeper)
        self.orchestration = Orchestration(store, clock, chance, self.keeper, self.charts)
        self.callbacks = Callbacks(store, clock, chance, self.keeper, self.charts, self.reservations)
        self.lookout = Lookout(store, clock, self.node)
        self.browsing = Browsing(store, clock, self.keeper)
        self.historian = Historian(store, clock, chance, self.keeper, self.metrics)
        self.sweeper = Sweeper(store, clock, self.keeper, self.node)
        self.follower = Follower(store, self.keeper)
        self.timekeeper = Timekeeper(store, clock, self.node) if isinstance(clock, FollowingClock) else None
