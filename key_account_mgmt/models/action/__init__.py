from . import action
from . import action_jobs
from . import job
from . import notice
