from . import tier_report
from . import tier_declaration
from . import tier_sheet
