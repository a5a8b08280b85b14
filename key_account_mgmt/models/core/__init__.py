from . import guarded
from . import notice
from . import exception_kind
from . import policy_doc
from . import res_users
