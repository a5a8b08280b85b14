from . import sales_report
from . import kam_account
from . import res_users
from . import digest
from . import spreadsheet_dashboard
