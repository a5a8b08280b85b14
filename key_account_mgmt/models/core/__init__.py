from . import guarded
from . import notice
from . import res_users
