from . import product_scope
from . import deal_member
from . import deal_document
from . import crm_lead
from . import crm_lead_result
from . import kam_account
