# The order is the table of contents: a domain may use only the ones above it.
from . import core
from . import approval
from . import action
from . import account
from . import metric
from . import tier
from . import visit
from . import obligation
from . import deal
from . import review
from . import pursuit
from . import bid
from . import negotiation
from . import plan
