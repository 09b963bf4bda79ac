"""Where results lie: files written whole, the model store by URL, and the run whose steps fill it.

A result exists once its run's manifest does; everything that other rooms need of that is here.
"""

from trainer.store.files import folder_url, write_whole
from trainer.store.run import Run, code_versions, parse_as_of
from trainer.store.store import Store, StoredFile

__all__ = ["Run", "Store", "StoredFile", "code_versions", "folder_url", "parse_as_of", "write_whole"]
