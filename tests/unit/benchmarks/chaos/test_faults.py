"""Each fault happens, and is mended."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import httpx
import psutil
import pytest

from benchmarks.chaos.__main__ import chosen
from benchmarks.chaos.faults import answers, clocks, files, servers
from benchmarks.chaos.faults.verbs import killed
from benchmarks.chaos.injection import Injection
from benchmarks.chaos.kinds import DAILY, possible
from demand_forecast.tasks.local import LocalTrainerOperator
from trainer.contract import Env, Verb

with_mounts = pytest.mark.skipif(not files.mounts_are_allowed(), reason="this user may not mount")


@pytest.fixture
def runs(one: Injection) -> Path:
    """The folder of the region's runs, with a file in it."""
    folder = one.here.store / one.here.region.name / "runs"
    folder.mkdir(parents=True)
    (folder / "before.json").write_text("kept")
    return folder


def test_a_source_is_cut_and_whole_again(one: Injection) -> None:
    before = one.here.source.read_bytes()
    with files.source_cut(one):
        assert len(one.here.source.read_bytes()) < len(before)
    assert one.here.source.read_bytes() == before


def test_one_byte_of_the_champion_is_flipped_and_put_back(
    one: Injection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "champion"
    folder.mkdir()
    (folder / "config.json").write_bytes(b"0123456789")
    monkeypatch.setattr(files, "champion_folder", lambda _: folder)
    with files.byte_flipped(one):
        content = (folder / "config.json").read_bytes()
        assert sum(now != then for now, then in zip(content, b"0123456789", strict=True)) == 1
    assert (folder / "config.json").read_bytes() == b"0123456789"


@with_mounts
def test_a_read_only_store_takes_nothing_until_it_is_mended(one: Injection, runs: Path) -> None:
    with files.store_read_only(one):
        assert (runs / "before.json").read_text() == "kept"
        with pytest.raises(OSError, match="Read-only") as refused:
            (runs / "new.json").write_text("new")
        assert refused.value.errno == errno.EROFS
    (runs / "new.json").write_text("new")


@with_mounts
def test_a_full_store_takes_little_and_keeps_what_it_took(one: Injection, runs: Path) -> None:
    with files.store_full(one):
        assert (runs / "before.json").read_text() == "kept"
        (runs / "small.json").write_text("small")
        with pytest.raises(OSError, match="No space") as refused:
            (runs / "large.bin").write_bytes(bytes(10**6))
        assert refused.value.errno == errno.ENOSPC
        (runs / "large.bin").unlink()
    assert sorted(path.name for path in runs.iterdir()) == ["before.json", "small.json"]


def test_without_the_right_to_mount_two_faults_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "mounts_are_allowed", lambda: False)
    assert set(DAILY) - set(possible(DAILY)) == {"store read-only", "store full"}


def test_without_a_compiler_no_clock_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "clocks_can_be_wrong", lambda: False)
    assert "clock a day off" not in possible(DAILY)


@pytest.mark.skipif(not clocks.clocks_can_be_wrong(), reason="no C compiler")
def test_verbs_take_it_to_be_a_day_off_and_no_other_process_does(one: Injection) -> None:
    operator = LocalTrainerOperator(
        task_id="announce",
        **{"verb": Verb.ANNOUNCE, "region": one.here.region, "step": "announce", "store_url": "file:///none"},
        **{"arguments": [], "env": {}, "postgres_conn_id": None, "python": sys.executable},
    )
    asked = "import time; print(time.time(), time.monotonic())"
    with clocks.clock_a_day_off(one):
        environ = operator._environment(os.environ)
    told = subprocess.run(
        [sys.executable, "-c", asked], env=environ, capture_output=True, text=True, check=True
    )
    wall, monotonic = map(float, told.stdout.split())
    assert abs(wall - one.at.timestamp()) == pytest.approx(timedelta(days=1).total_seconds(), abs=60)
    assert monotonic == pytest.approx(time.monotonic(), abs=60)
    assert "LD_PRELOAD" not in operator._environment(os.environ)


def test_faults_are_chosen_by_parts_of_their_names() -> None:
    assert set(chosen(DAILY, "score killed,PostgreSQL out")) == {
        "score killed",
        "PostgreSQL out of connections",
    }
    assert chosen(DAILY, "") == DAILY


def test_verbs_are_sent_to_an_influxdb_that_refuses(one: Injection) -> None:
    with answers.influxdb_refuses(one):
        answer = httpx.post(f"{one.environ[Env.INFLUXDB_URL]}/api/v2/write", content=b"demand value=1")
        assert one.notes == [str(answer.status_code)]
        assert answer.is_error
    assert not one.environ


def test_verbs_are_sent_to_an_influxdb_whose_answers_end_early(one: Injection) -> None:
    with (
        answers.influxdb_cuts_answers(one),
        pytest.raises(httpx.RemoteProtocolError, match="without sending"),
    ):
        httpx.post(f"{one.environ[Env.INFLUXDB_URL]}/api/v2/query", content=b"{}")


def test_the_process_of_the_verb_is_killed_and_no_other(one: Injection) -> None:
    sleeps = [sys.executable, "-c", "import time; time.sleep(60)", "trainer"]
    with killed("forecast")(one):
        other = subprocess.Popen([*sleeps, "publish"])
        verb = subprocess.Popen([*sleeps, "forecast"])
        assert verb.wait(timeout=50) == -9
    assert other.poll() is None
    other.kill()
    other.wait()
    assert one.hit
    assert one.notes == ["forecast killed"]


def test_a_verb_that_never_ran_is_told_as_missed(one: Injection) -> None:
    with killed("forecast")(one):
        pass
    assert not one.hit


def test_a_verb_that_had_ended_and_was_not_waited_for_yet_is_told_as_missed(
    one: Injection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Injection, "instant", lambda *_: 0.5)
    with killed("forecast")(one):
        verb = subprocess.Popen(
            [sys.executable, "-S", "-c", "import time; time.sleep(0.2)", "trainer", "forecast"]
        )
        while psutil.Process(verb.pid).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
        time.sleep(0.5)
    assert verb.wait() == 0
    assert not one.hit


def test_a_fault_that_came_too_late_is_sought_earlier_by_half_each_time(one: Injection) -> None:
    longest = []
    for tried in range(3):
        one.tried = tried
        longest.append(max(one.instant(within=8.0) for _ in range(500)))
    assert longest == [pytest.approx(8, rel=0.05), pytest.approx(4, rel=0.05), pytest.approx(2, rel=0.05)]


def test_a_run_that_ends_before_the_server_goes_is_told_as_missed(
    one: Injection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Injection, "instant", lambda *_: 60.0)
    with servers.postgres_restarted(one):
        pass
    assert not one.hit
