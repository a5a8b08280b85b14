from . import guarded
from . import notice
from . import policy_doc
from . import res_users
