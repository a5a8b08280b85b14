from . import visit_mode
from . import visit_purpose
from . import visit
