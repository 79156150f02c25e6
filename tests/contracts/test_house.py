"""The fixtures of every test do catch what they forbid."""

from __future__ import annotations

import logging
import os
import socket
import threading
from pathlib import Path

import platformdirs
import pytest
from PySide6.QtCore import QSettings, QThread
from PySide6.QtWidgets import QWidget
from support import leaks, logs, network


def test_that_home_and_settings_lie_in_a_folder_of_the_test(home: Path) -> None:
    assert Path.home() == home
    assert Path(platformdirs.user_data_dir("vae-studio")).is_relative_to(home)
    assert Path(QSettings("VAE Studio", "test").fileName()).is_relative_to(home)
    assert os.environ["QT_QPA_PLATFORM"] in ("offscreen", "xcb")


def test_that_a_running_python_thread_is_named_as_a_leak() -> None:
    before, gate = set(threading.enumerate()), threading.Event()
    thread = threading.Thread(target=gate.wait, name="forgotten")
    thread.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leaks, "GRACE_S", 0.01)
        assert leaks.leaked_threads(before) == ["forgotten"]
    gate.set()
    assert leaks.leaked_threads(before) == []


def test_that_a_running_qthread_is_named_as_a_leak(qapp: object) -> None:
    thread = QThread()
    thread.setObjectName("forgotten")
    thread.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leaks, "GRACE_S", 0.01)
        assert leaks.leaked_threads(set(threading.enumerate())) == ["forgotten"]
    thread.quit()
    assert thread.wait(5000)


def test_that_an_open_window_is_named_as_a_leak(qapp: object) -> None:
    before = {id(window) for window in leaks._windows_since(set())}
    window = QWidget()
    window.setObjectName("left open")
    assert leaks.leaked_windows(before) == ["QWidget('left open')"]
    window.deleteLater()
    del window
    assert leaks.leaked_windows(before) == []


def test_that_a_warning_in_the_log_is_heard_unless_expected() -> None:
    listener = logs.Listener()
    record = logging.LogRecord("vae_studio", logging.WARNING, "", 0, "low on %s", ("space",), None)
    listener.emit(record)
    assert listener.unexpected([]) == ["vae_studio: low on space"]
    assert listener.unexpected(["low on"]) == []


@pytest.mark.parametrize("host", ["203.0.113.7", "example.org"])
def test_that_reaching_another_machine_raises_and_is_remembered(
    host: str, no_network: list[str]
) -> None:
    with pytest.raises(network.OutsideConnectionError):
        socket.create_connection((host, 80), timeout=1)
    assert no_network == [host]
    no_network.clear()


def test_that_a_server_of_the_test_itself_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


@pytest.mark.window
def test_that_marked_tests_run_on_a_window_system(qapp: object) -> None:
    assert qapp.platformName() == "xcb"  # type: ignore[attr-defined]
