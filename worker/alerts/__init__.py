"""What matches mean for alerts (gather, independence), why some are not told (untold), and writing what is (record)."""
