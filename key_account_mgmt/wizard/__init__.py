from . import kam_account_state_wizard
from . import kam_approval_decision_wizard
from . import kam_approval_preview_wizard
from . import kam_policy_transfer_wizard
from . import kam_qualification_wizard
from . import kam_tier_override_wizard
