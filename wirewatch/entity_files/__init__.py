"""Entities in files: CSV, JSON lines, and FollowTheMoney, the format that OpenSanctions publishes."""

from wirewatch.entity_files.read import Unread, read_entities
from wirewatch.entity_files.records import FORMATS, FileFormat, Record, Skipped
from wirewatch.entity_files.write import write_entities

__all__ = ["FORMATS", "FileFormat", "Record", "Skipped", "Unread", "read_entities", "write_entities"]
