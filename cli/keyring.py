"""`bursar keyring`: the keys that seal bank details and flows. Whoever loses them loses what they sealed."""

import typer

app = typer.Typer(help="Make or renew the keys that seal bank details. Back the file up.", no_args_is_help=True)


@app.command()
def create() -> None:
    """Make the keyring file if there is none; the embedded mode does this itself at its first start."""
    from cli.configuration import read_settings
    from db.crypto.keyring_file import read_or_create_keyring

    path = read_settings().keyring_path
    existed = path.exists()
    read_or_create_keyring(path)
    typer.echo(f"{'there is already' if existed else 'made'} {path}; back it up apart from the database")


@app.command()
def rotate() -> None:
    """Add a key that seals from now on; old keys still open what they sealed. Restart workers and API afterwards."""
    from cli.configuration import read_settings
    from db.crypto.keyring_file import rotate_keyring

    path = read_settings().keyring_path
    rotate_keyring(path)
    typer.echo(f"{path} has a new key; restart workers and API, and back it up")
