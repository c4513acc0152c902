"""Topics, built in and users' own."""

from wirewatch.models import Topic
from wirewatch.store.catalogue import Shelf
from wirewatch.store.tables import topics as table

_SHELF = Shelf(table, "topics", "topic", Topic, ("id", "name"))

upsert_builtin = _SHELF.upsert_builtin
list_all = _SHELF.list_all
list_page = _SHELF.list_page
get = _SHELF.get
find_names = _SHELF.find_names
create = _SHELF.create
update = _SHELF.update
delete = _SHELF.delete
