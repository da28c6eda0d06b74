"""matchline serve: where it listens, what it is configured by, what keeps it from starting."""

import socket
from pathlib import Path

from .command import CONFIGURATION, Server, refused, run


def test_it_says_where_it_listens_and_answers_there(running: Server) -> None:
    assert running.address[1] > 0
    assert running.client.get("/healthz").text == "ok"
    assert running.client.get("/readyz").text == "ok"
    assert running.client.get("/genesys/1/admin/node/status").text == "ONLINE"


def test_a_call_finds_the_session_that_the_app_began(running: Server) -> None:
    session = running.reserve(customer="Zoë")
    found = running.ask(
        "match-interaction", {"_access_number": session["_access_number"], "_return_user_data": "true"}
    )
    assert (found["_id"], found["user_data"]) == (session["_id"], {"customer": "Zoë"})


def test_without_a_file_it_serves_a_sample_and_says_what_to_try(server: Server) -> None:
    server.start("--store", "memory://", "--port", "0")
    assert "curl" in server.wait_for(r"(?s)(Try it.*/openapi\.json)")
    number = server.wait_for(r"_access_number=([^']+)'")
    session = server.reserve()
    assert session["_access_number"] == number
    assert server.ask("match-interaction", {"_access_number": number})["_id"] == session["_id"]


def test_it_is_configured_by_environment_variables(server: Server) -> None:
    server.start(
        MATCHLINE_CONFIG=str(server.config),
        MATCHLINE_STORE=server.store,
        MATCHLINE_HOST="127.0.0.1",
        MATCHLINE_PORT="0",
        MATCHLINE_LOG_LEVEL="warning",
    )
    assert server.options("server") == {"default_region": "US"}
    assert Path(server.store.removeprefix("sqlite:///")).exists()


def test_a_command_line_option_wins_over_its_environment_variable(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        server.start("--port", "0", "--store", "memory://", MATCHLINE_PORT=port, MATCHLINE_STORE="nonsense")
    assert server.client.get("/healthz").text == "ok"


def test_settings_of_the_process_may_stand_in_the_file_and_are_not_stored(server: Server) -> None:
    process = f'[process]\nhost = "127.0.0.1"\nport = 0\nstore = "{server.store}"\n'
    server.config.write_text(process + CONFIGURATION)
    server.start("--config", str(server.config))
    sections = server.client.get("/genesys/1/admin/options").json()["sections"]
    assert "process" not in sections
    assert "server" in sections


def test_a_file_seeds_an_empty_store_and_is_later_compared_or_applied(server: Server) -> None:
    server.start()
    assert server.reserve()["_expiration_time"] == "600"
    server.kill()

    server.config.write_text(CONFIGURATION.replace("= 600", "= 700").replace('"+1 800 555 0101"', ""))
    server.start()
    said = server.wait_for(r"(?s)(The store differs.*--apply\))")
    assert '[resources.DNIS] _booking_expiration_timeout: "600" → "700"' in said
    assert "[resources.DNIS] numbers: - +1 800 555 0101" in said
    assert server.options("resources.DNIS") == {"_booking_expiration_timeout": "600"}, "the store is in force"
    server.kill()

    server.start("--config", str(server.config), "--store", server.store, "--port", "0", "--apply")
    assert server.options("resources.DNIS") == {"_booking_expiration_timeout": "700"}
    assert "differs" not in server.output
    server.kill()

    server.start()
    assert "differs" not in server.output


def test_a_faulty_file_keeps_it_from_starting_and_every_fault_is_told(tmp_path: Path) -> None:
    config = tmp_path / "bad.toml"
    config.write_text('[server]\nmax_ttl = 0\n[service.x]\n_service = "nothing"\n')
    complaint = refused(run(tmp_path, "serve", "--config", str(config), "--port", "0"))
    assert f"{config}:2: [server] max_ttl" in complaint
    assert f"{config}:4: [service.x] _service" in complaint
    assert not (tmp_path / "var").exists(), "nothing was begun"


def test_what_keeps_it_from_starting_is_one_sentence(running: Server, tmp_path: Path) -> None:
    port = str(running.address[1])
    busy = refused(run(tmp_path, "serve", "--store", "memory://", "--port", port))
    assert busy.startswith(f"matchline: cannot listen on 127.0.0.1:{port}")
    assert "unknown store URL" in refused(run(tmp_path, "serve", "--store", "mysql://x", "--port", "0"))
    (tmp_path / "text").write_text("no database\n" * 100)
    damaged = refused(run(tmp_path, "serve", "--store", f"sqlite:///{tmp_path / 'text'}", "--port", "0"))
    assert "cannot open" in damaged


def test_a_store_serves_one_process_at_a_time(running: Server, tmp_path: Path) -> None:
    complaint = refused(run(tmp_path, "serve", "--store", running.store, "--port", "0"))
    assert "another process is using this store" in complaint
    assert running.client.get("/readyz").text == "ok"
