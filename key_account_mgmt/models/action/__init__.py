from . import action
