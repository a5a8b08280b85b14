from . import test_periods
from . import test_metric_sales
from . import test_metric_scope
from . import test_metric_registry
from . import test_metric_explain
from . import test_metric_value
