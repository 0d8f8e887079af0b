"""What a scheduler runs: a file for each batch pipeline, in the form of Airflow and in that of DolphinScheduler.

Both call the same command lines (`command_lines.py`). Neither scheduler is imported here.
"""
