"""One call alone, of a model that takes two seconds for it, where only the outcome counts."""


def busy(setting):
    return setting.shown(parameters={"busy_ms": 2000})
