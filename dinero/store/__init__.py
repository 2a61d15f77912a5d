"""What the dashboard remembers: SQLite, and all of the SQL there is.

The store knows no accounting rule: states and texts are handed to it.
"""

from pathlib import Path

from dinero.model.clock import Clock, SystemClock
from dinero.store.alarms import Alarms
from dinero.store.attention import Attention
from dinero.store.calls import Calls
from dinero.store.charts import Charts
from dinero.store.column_mappings import ColumnMappings
from dinero.store.consultations import Consultations
from dinero.store.contacts import Contacts
from dinero.store.database import Database
from dinero.store.documents import Documents
from dinero.store.entries import Entries
from dinero.store.fees import Fees
from dinero.store.history import History
from dinero.store.leases import Leases
from dinero.store.ledger_items import LedgerItems
from dinero.store.look_ups import LookUps
from dinero.store.matches import Matches
from dinero.store.operations import Operations
from dinero.store.orders import Orders
from dinero.store.past import Past
from dinero.store.payouts import Payouts
from dinero.store.products import Products
from dinero.store.reconciliations import Reconciliations
from dinero.store.registered import RegisteredSales
from dinero.store.sessions import Sessions
from dinero.store.settings import Choices, Secrets
from dinero.store.sheets import Sheets
from dinero.store.shops import Shops
from dinero.store.states import States
from dinero.store.sums import Sums
from dinero.store.ties import Ties
from dinero.store.transfers import Transfers


class Store:
    """The database in a data folder, in parts. Safe to share between threads."""

    def __init__(self, folder: Path, *, clock: Clock | None = None) -> None:
        self.folder = folder
        self.clock = clock or SystemClock()
        self.path = folder / "dinero.db"
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        database = Database(self.path, self.clock)
        self.connect, self.transaction, self.close = database.connect, database.transaction, database.close
        self.rows, self.row, self.merge_log = database.rows, database.row, database.merge_log
        self._database = database
        self.history = History(database)
        self.look_ups = LookUps(database)
        self.charts = Charts(self.look_ups)
        self.sums = Sums(database)
        self.shops = Shops(database)
        self.settings = Choices(database, self.charts, self.sums, self.shops, self.history)
        self.secrets = Secrets(database)
        self.sessions = Sessions(database)
        self.reconciliations = Reconciliations(database, self.look_ups)
        self.states = States(database)
        self.calls = Calls(database)
        self.leases = Leases(database)
        self.orders = Orders(database, self.leases, self.history)
        self.attention = Attention(database)
        self.documents = Documents(database, self.leases, self.history)
        self.payouts = Payouts(database)
        self.column_mappings = ColumnMappings(database)
        self.matches = Matches(database, self.history)
        self.fees = Fees(database)
        self.ledger_items = LedgerItems(database, self.leases, self.history)
        self.entries = Entries(database)
        self.registered = RegisteredSales(database)
        self.ties = Ties(database)
        self.operations = Operations(database)
        self.transfers = Transfers(database)
        self.past = Past(database)
        self.products = Products(database)
        self.consultations = Consultations(database)
        self.contacts = Contacts(database)
        self.alarms = Alarms(database)
        self.sheets = Sheets(database)

    @property
    def in_transaction(self) -> bool:
        """Whether this thread is in the middle of a write. Nobody else may be asked anything then: a call may take
        minutes, and what it stores, such as a new token, would be undone with the write."""
        return self._database.in_transaction
