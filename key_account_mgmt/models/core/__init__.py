from . import calendar_day
from . import guarded
from . import notice
from . import policy_doc
from . import res_company
from . import res_users
