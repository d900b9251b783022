"""One call alone, where only its outcome counts."""


def one_picture(setting):
    return setting.infer()
