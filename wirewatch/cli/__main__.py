from wirewatch.cli import app

app(prog_name="wirewatch")
