from . import tier_report
from . import tier_declaration
from . import tier_sheet
from . import handover_slip
from . import profile_papers
from . import visit_paper
