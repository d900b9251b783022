"""The model repository, where the service lets it be changed."""


def index_of_loaded(setting):
    return _index(setting)


def unloading(setting):
    setting.client.unload_model(setting.model)
    return _index(setting)


def call_of_unloaded(setting):
    return setting.infer()


def unloaded_is_ready(setting):
    return setting.client.is_model_ready(setting.model)


def loading(setting):
    setting.client.load_model(setting.model)
    return _index(setting)


def call_of_loaded_again(setting):
    return setting.infer()


def unloading_of_unknown(setting):
    setting.client.unload_model("no_such_model")


def loading_of_unknown(setting):
    setting.client.load_model("no_such_model")


def _index(setting):
    index = setting.client.get_model_repository_index()
    if isinstance(index, list):
        return index
    index = setting.client.get_model_repository_index(as_json=True)
    return index.get("models", [])
