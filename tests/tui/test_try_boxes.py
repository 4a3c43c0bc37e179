"""Journeys of somebody who runs the commands of a page: keys, mouse, questions, stopping, what is said."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widget import Widget

from eks_lab.errors import UnavailableError
from eks_lab.tui.app import EksLabApp
from eks_lab.tui.screens.help import HelpScreen
from eks_lab.tui.screens.home import HomeScreen
from eks_lab.tui.screens.reader import ReaderScreen
from eks_lab.tui.try_access import Ending, Standing
from eks_lab.tui.widgets.callout_box import CalloutBox
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.page_view import PageView
from eks_lab.tui.widgets.try_question import TryQuestion
from eks_lab.tui.widgets.try_run import TryRun
from tests.builders import COURSE, USUAL, WIDE, copied_course, drawn, is_on, make_app, press, settle
from tests.fake_try import NODES, FakeTry

PATIENCE_SECONDS = 60.0
LINE = "$ kubectl get nodes -o custom-columns=NAME:.metadata.name,PODS:.status.capacity.pods"
THREE = f"{LINE}\n$ kubectl get pods -A\n$ kubectl top nodes"


def app_with(tries: FakeTry, home: Path, commands: str = LINE, needs: str = "sandbox") -> EksLabApp:
    course = COURSE
    if (commands, needs) != (LINE, "sandbox"):
        course = copied_course(home)
        page = course / "01-basics" / "10-nodes" / "lesson.md"
        text = page.read_text()
        assert LINE in text
        text = text.replace(LINE, commands)
        page.write_text(text.replace(":::try{needs=sandbox}", f":::try{{needs={needs}}}"))
    app = make_app(home, course=course, lesson="basics.nodes")
    app.tries = tries
    return app


def shown(app: EksLabApp) -> str:
    """Return what stands in the page, without the contents beside it."""
    found = app.screen.query(PageView)
    left = found.first().region.x if found else 0
    lines = (line[left:] for line in drawn(app).splitlines())
    return " ".join(" ".join(lines).replace("▌", " ").replace("▎", " ").split())


def offered(app: EksLabApp) -> dict[str, str]:
    return {hint.description: hint.display for hint in app.screen.query_one(KeyFooter).hints()}


async def box_in_sight(pilot: Pilot[Any]) -> TryRun:
    """Bring the box of the page on the screen."""
    await settle(pilot)
    box = pilot.app.screen.query_one(TryRun)
    await scroll_to(pilot, box)
    return box


async def scroll_to(pilot: Pilot[Any], widget: Widget) -> None:
    """Put a try box near the top of the page."""
    frame = next(each for each in widget.ancestors if isinstance(each, CalloutBox))
    page = pilot.app.screen.query_one(PageView)
    page.scroll_to(y=frame.virtual_region.y - 2, animate=False)
    await settle(pilot)


async def until(pilot: Pilot[Any], text: str) -> None:
    """Wait for a text while commands run."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while text not in shown(pilot.app):  # type: ignore[arg-type]
        assert time.monotonic() < deadline, f"{text!r} does not come:\n{drawn(pilot.app)}"  # type: ignore[arg-type]
        await pilot.pause(0.01)


async def test_the_key_runs_the_box_in_sight_and_shows_what_comes(tmp_path: Path) -> None:
    tries = FakeTry()
    app = app_with(tries, tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "home")
        assert "Run" not in offered(app), "no box is in sight at the top"
        box = await box_in_sight(pilot)
        assert "▶ Run (r)" in shown(app)
        assert offered(app)["Run"] == "r"
        await press(pilot, "r")
        text = shown(app)
        assert "ip-10-0-65-10.ec2.internal 29" in text
        assert "✓ 1 command in 0.2 s." in text
        assert "▶ Run again (r)" in text
        assert "Not built yet" not in text
        assert tries.calls == ["look", LINE.removeprefix("$ ")]
        assert tries.places[0].lesson_id == "basics.nodes"
        assert tries.places[0].folder == COURSE / "01-basics" / "10-nodes"
        assert box.has_focus
        await press(pilot, "x")
        assert "ip-10-0-65-10" not in shown(app)
        assert "▶ Run (r)" in shown(app)
        assert "Clear" not in offered(app)


async def test_a_box_that_goes_on_from_another_one_names_it(tmp_path: Path) -> None:
    course = copied_course(tmp_path)
    page = course / "01-basics" / "10-nodes" / "lesson.md"
    page.write_text(
        page.read_text().replace("console {needs=sandbox}", "console {needs=sandbox after=basics.pods}")
    )
    app = make_app(tmp_path, course=course, lesson="basics.nodes")
    app.tries = FakeTry()
    async with app.run_test(size=USUAL) as pilot:
        await box_in_sight(pilot)
        title = app.library.course.lessons[1].title
        assert f"It goes on from “{title}”: run that box first." in shown(app)


async def test_tab_and_the_mouse_lead_there_too(tmp_path: Path) -> None:
    tries = FakeTry()
    app = app_with(tries, tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        box = await box_in_sight(pilot)
        for _ in range(20):
            await press(pilot, "tab")
            if box.has_focus:
                break
        assert box.has_focus
        assert next(iter(offered(app))) == "Run", "the first key of the footer is the one that matters"
        await press(pilot, "enter")
        assert len(tries.calls) == 2
        await pilot.click(".try--run")
        await settle(pilot)
        assert len(tries.calls) == 4
        await pilot.click(".try--clear")
        await settle(pilot)
        assert box.transcript == ""


async def test_every_command_is_shown_with_its_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = FakeTry((NODES, Ending(0, 0.2)), ("", Ending(0, 0.1)), ("error: no metrics\n", Ending(1, 0.3)))
    app = app_with(tries, tmp_path, THREE)
    async with app.run_test(size=WIDE) as pilot:
        await box_in_sight(pilot)
        await press(pilot, "r")
        text = shown(app)
        assert "(no output)" in text
        assert "error: no metrics ✗ exit code 1" in text
        assert "✗ 1 of 3 commands did not end well." in text
        copied: list[str] = []
        monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
        await press(pilot, "c")
        assert copied == [f"{LINE}\n{NODES}$ kubectl get pods -A\n$ kubectl top nodes\nerror: no metrics"]


async def test_escape_stops_what_runs_wherever_the_focus_is(tmp_path: Path) -> None:
    tries = FakeTry()
    tries.gate = threading.Event()
    app = app_with(tries, tmp_path, THREE)
    async with app.run_test(size=WIDE) as pilot:
        box = await box_in_sight(pilot)
        await pilot.press("r")
        await until(pilot, "▶ Running 1 of 3")
        assert {"Stop"} <= set(offered(app))
        assert "Run" not in offered(app)
        await press(pilot, "escape")
        text = shown(app)
        assert "■ Stopped. 2 of 3 commands not run." in text
        assert "ip-10-0-65-10" in text, "what was printed stays"
        assert len(tries.calls) == 2
        app.screen.query_one(PageView).focus(scroll_visible=False)
        await pilot.press("r")
        await until(pilot, "▶ Running 1 of 3")
        app.screen.query_one(PageView).focus(scroll_visible=False)
        await press(pilot, "escape")
        assert not box.is_busy
        assert is_on(app, ReaderScreen), "escape ended the commands and did not leave the page"
        await press(pilot, "escape")
        assert is_on(app, HomeScreen)


async def test_leaving_the_lesson_ends_what_runs(tmp_path: Path) -> None:
    tries = FakeTry()
    tries.gate = threading.Event()
    app = app_with(tries, tmp_path, THREE)
    async with app.run_test(size=USUAL) as pilot:
        await box_in_sight(pilot)
        await pilot.press("r")
        await until(pilot, "▶ Running 1 of 3")
        app.screen.query_one(PageView).focus(scroll_visible=False)
        await press(pilot, "n")
        assert len(tries.calls) == 2, "the other two commands were never begun"


async def test_a_sandbox_that_is_off_is_started_after_one_question(tmp_path: Path) -> None:
    tries = FakeTry(standing=Standing(is_on=False))
    app = app_with(tries, tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await box_in_sight(pilot)
        await press(pilot, "r")
        assert "The sandbox is off. Start it? It takes a second or two." in shown(app)
        assert list(offered(app))[:2] == ["Yes", "No"]
        assert "Run" not in offered(app)
        await press(pilot, "n")
        assert "Nothing was run." in shown(app)
        assert tries.calls == ["look"]
        assert is_on(app, ReaderScreen)
        await press(pilot, "r", "escape")
        assert is_on(app, ReaderScreen)
        assert tries.calls == ["look", "look"]
        await press(pilot, "r", "y")
        assert tries.calls[-2:] == ["start", LINE.removeprefix("$ ")]
        assert "✓ 1 command in 0.2 s." in shown(app)


async def test_a_start_that_fails_is_said_in_the_page(tmp_path: Path) -> None:
    tries = FakeTry(standing=Standing(is_on=False))
    tries.failure = UnavailableError("port 6443 is taken", hint="Stop what listens there.")
    app = app_with(tries, tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await box_in_sight(pilot)
        await press(pilot, "r")
        await pilot.click(".try-yes")
        await settle(pilot)
        assert "✗ port 6443 is taken" in shown(app)
        assert "Stop what listens there." in shown(app)
        assert "▶ Run (r)" in shown(app), "it can be tried again"
        assert tries.calls == ["look", "start"]


async def test_a_lab_under_way_is_named_before_its_world_is_touched(tmp_path: Path) -> None:
    tries = FakeTry(standing=Standing(lab="The nodes are full"))
    app = app_with(tries, tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await box_in_sight(pilot)
        await press(pilot, "r")
        assert "The lab “The nodes are full” is under way in the sandbox" in shown(app)
        assert len(tries.calls) == 1
        await press(pilot, "y")
        assert len(tries.calls) == 2
        assert not tries.agreed
        await press(pilot, "r")
        assert len(tries.calls) == 4, "for the same lab it is asked once"
        tries.standing = Standing(lab="Another one")
        await press(pilot, "r")
        assert "The lab “Another one” is under way" in shown(app)


async def test_commands_of_another_course_are_shown_and_agreed_to_first(tmp_path: Path) -> None:
    tries = FakeTry(standing=Standing(is_on=False, source="/srv/course"))
    app = app_with(tries, tmp_path, THREE)
    async with app.run_test(size=WIDE) as pilot:
        await box_in_sight(pilot)
        await press(pilot, "r")
        text = shown(app)
        assert "This page comes from /srv/course, not from the course of this program." in text
        question = app.screen.query_one(TryQuestion)
        assert all(line in "\n".join(question._texts) for line in THREE.splitlines())
        assert "The sandbox is off." in text
        await press(pilot, "n")
        assert not tries.agreed
        await press(pilot, "r", "y")
        assert [len(block.lines) for block in tries.agreed] == [3]
        assert tries.calls[-4] == "start"


async def test_the_app_itself_asks_about_a_course_that_is_not_its_own(tmp_path: Path) -> None:
    app = make_app(tmp_path, course=copied_course(tmp_path), lesson="basics.nodes")
    async with app.run_test(size=WIDE) as pilot:
        await box_in_sight(pilot)
        await press(pilot, "r")
        assert "not from the course of this program" in shown(app)
        await press(pilot, "n")
        assert not (tmp_path / "cache" / "try").exists()


async def test_what_is_never_run_says_so_and_has_no_button(tmp_path: Path) -> None:
    tries = FakeTry()
    app = app_with(tries, tmp_path, needs="aws")
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await scroll_to(pilot, app.screen.query_one(".-try").children[-1])
        assert "so the page never runs them" in shown(app)
        assert not app.screen.query(TryRun)
        await press(pilot, "r")
        assert not tries.calls


async def test_long_and_wide_output_is_opened_and_moved(tmp_path: Path) -> None:
    lines = "".join(f"pod-{number:02}{' ' * 120}Running-{number:02}\n" for number in range(40))
    app = app_with(FakeTry((lines, Ending(0, 0.2))), tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        box = await box_in_sight(pilot)
        await press(pilot, "r")
        assert "… 28 more lines: o opens all" in shown(app)
        assert "← → move wide output" in shown(app)
        assert "Running-00" not in shown(app)
        await press(pilot, *["right"] * 12)
        assert "Running-00" in shown(app)
        height = box.size.height
        await press(pilot, "o")
        assert box.size.height == height + 27, "28 lines came and the line that announced them went"
        assert "Show less" in str(app.screen.query_one(".try--open").render())
        await press(pilot, "o")
        assert box.size.height == height


async def test_the_help_screen_lists_its_keys(tmp_path: Path) -> None:
    app = app_with(FakeTry(), tmp_path)
    async with app.run_test(size=(120, 60)) as pilot:
        await box_in_sight(pilot)
        await press(pilot, "r", "question_mark")
        assert is_on(app, HelpScreen)
        text = shown(app)
        assert "Run the commands of this box" in text
        assert "Copy commands and output" in text


async def test_the_key_can_be_another_one(tmp_path: Path) -> None:
    tries = FakeTry()
    app = app_with(tries, tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        from dataclasses import replace

        app.apply_settings(replace(app.settings, keys={"reader.run": "e"}))
        screen = app.screen
        assert isinstance(screen, ReaderScreen)
        screen.action_reload()
        await settle(pilot)
        await box_in_sight(pilot)
        assert "▶ Run (e)" in shown(app)
        await press(pilot, "r")
        assert not tries.calls
        await press(pilot, "e")
        assert len(tries.calls) == 2
        await press(pilot, "e")
        assert len(tries.calls) == 4


async def test_a_box_that_loses_its_parts_first_ends_quietly(tmp_path: Path) -> None:
    app = app_with(FakeTry(), tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        box = await box_in_sight(pilot)
        # As when the program is left while the page still fills: what is mounted last never gets there.
        await box.remove_children()
        box.on_mount()
        await press(pilot, "r")
        await settle(pilot)
        assert app.return_code in (None, 0)
    assert app._exception is None


async def test_leaving_while_the_page_is_built_is_no_defect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Textual puts nothing more into a program that leaves: the last page's boxes never get their parts."""
    compose, left = Widget._compose, []

    async def leave(part: Widget) -> None:
        if part.has_class("try--bar"):
            part.app.exit()
            left.append(part)
        await compose(part)

    monkeypatch.setattr(Widget, "_compose", leave)
    app = app_with(FakeTry(), tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
    assert left
    assert app.return_code == 0
