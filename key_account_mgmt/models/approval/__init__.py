# Policy as data: which documents need whose approval.
from . import approval_route
from . import approval_step
from . import approval_escalation
from . import approval_delegation

# What happened: written by the engine only.
from . import approval_record
from . import approval_request
from . import approval_request_step
from . import approval_decision

# The engine: opens, decides, advances, closes.
from . import approval_request_engine
from . import approval_request_step_engine
from . import approval_request_step_moves
from . import approval_jobs
from . import job
from . import approval_absence

# How a document takes part.
from . import approval_mixin
from . import approval_mixin_engine
from . import approval_mixin_view
from . import ir_attachment
from . import notice
from . import ir_http
