"""People who start, cancel and move jobs; what they are refused is foreseen too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta

from simulation.double.entities import Job, LinkedTask, Site, Task
from simulation.double.rules import RANKS, own_priority
from simulation.timed_session import Refused
from simulation.violation import Violation
from simulation.week import Week

BY = "a person"
FORBIDDEN, DUPLICATE, NOTHING_TO_RUN = "JD006", "JD005", "JD001"


class People:
    """Acts on the jobs of a week, at random."""

    def __init__(self, week: Week) -> None:
        self.week = week
        self.engine = week.engine
        self.random = week.random
        self.number = 0
        self._acts: dict[Callable[[], None], int] = {
            self.run_now: 40,
            self.run_now_schedule: 3,
            self.run_now_linked_task: 8,
            self.cancel: 12,
            self.set_priority: 25,
            self.insert: 30,
        }

    def act(self) -> None:
        """Do one thing."""
        (what,) = self.random.choices(list(self._acts), list(self._acts.values()))
        what()

    def run_now(self) -> None:
        """Start a task by hand."""
        task = self.random.choice([task for task in self.week.made.tasks if not task.is_deleted])
        said = self.engine.session.call("select pgdispatch.run_now(%s, %s)", task.id, BY)
        if self._is_refused(task.title, task.site, min(task.jobs, default=None), said):
            return
        job = self.engine.rules.by_hand(task, self.week.now, BY)
        self.engine.collect([job])
        self.engine.count["run now"] += 1

    def run_now_schedule(self) -> None:
        """Start a small schedule by hand."""
        tasks = self._of_small_schedule()
        if not tasks or tasks[0].schedule is None:
            return
        linked = [t for t in self.week.made.linked_tasks if t.schedule is tasks[0].schedule]
        linked = [t for t in linked if t.enabled]
        query = "select * from pgdispatch.run_now_schedule(%s, %s)"
        rows = self.engine.session.rows(query, tasks[0].schedule.name, BY)
        refused = {row[0] or -row[1]: row[3] for row in rows}
        right = {task.id: self._why_not(task) for task in tasks}
        right |= {-t.id: self._why_not_linked(t) for t in linked}
        if refused != right:
            raise Violation("other rule", f"{tasks[0].schedule.name}: {refused} not {right}")
        jobs = [
            self.engine.rules.by_hand(task, self.week.now, BY)
            for task in tasks
            if right[task.id] is None
        ]
        for one in linked:
            step = self.engine.next_step(one, 0, run_now=True, by=BY)
            jobs += [step] if step and right[-one.id] is None else []
            self.week.linked_runs[one.id, None, None] += right[-one.id] is None
            if right[-one.id] == "no step can run":
                self.week.linked_runs[one.id, None, "suspended"] += 1
        found = self.engine.collect(jobs)
        self._check_sequence([job for job in found if not job.step])
        self.engine.count["run now, schedules"] += 1

    def run_now_linked_task(self) -> None:
        """Start a linked task by hand."""
        linked = self.random.choice(self.week.made.linked_tasks)
        step = self.engine.next_step(linked, 0, run_now=True, by=BY)
        query = "select pgdispatch.run_now_linked_task(%s, %s)"
        said = self.engine.session.call(query, linked.id, BY)
        busy = linked.job.id if linked.job else None
        if self._is_refused(linked.title, linked.site, busy, said, can_run=step is not None):
            return
        assert step is not None
        self.week.linked_runs[linked.id, None, None] += 1
        self.engine.collect([step])
        self.engine.count["run now, linked tasks"] += 1

    def cancel(self) -> None:
        """Cancel a job, waiting or running."""
        job = self._waiting_job()
        if self.random.random() < 0.5 and self.engine.queue.running:
            job = self.random.choice(list(self.engine.queue.running.values()))
        if job is None:
            return
        now = self.week.now
        said = self.engine.session.value("select pgdispatch.cancel(%s, 'no need', %s)", job.id, BY)
        if said != ("cancelled" if job.started_at is None else "requested"):
            raise Violation("other rule", f"cancel of job {job.id} said {said}", job)
        job.tell(now, f"cancel {said}")
        if job.started_at is None:
            self.engine.queue.end(job, now, "cancelled")
            self.engine.go_on(job, "cancelled")
        else:
            job.cancel_asked_at = job.cancel_asked_at or now
        self.engine.count["cancels"] += 1

    def set_priority(self) -> None:
        """Give a waiting job another priority."""
        job = self._waiting_job()
        if job:
            priority = self.random.randint(1, 100)
            query = "select pgdispatch.set_priority(%s, %s)"
            self.engine.session.rows(query, job.id, priority)
            self.engine.queue.set_priority(job, priority, self.week.now)
            self.engine.count["priorities set"] += 1

    def insert(self) -> None:
        """Insert a job without a task, some of them for later."""
        now, random = self.week.now, self.random
        self.number += 1
        priority = random.choice([None, random.randint(1, 100)])
        site = random.choice(self.week.made.sites)
        title, type_ = f"one-off {self.number}", random.choice(list(RANKS))
        job = self.engine.rules.one_off(title, type_, site, now, priority=priority)
        job.datasource = random.choice([None, f"data {random.randrange(600)}"])
        if random.random() < 0.4:
            job.not_before = (now + timedelta(seconds=random.uniform(-60, 7200))).astimezone(UTC)
            self.week.at(max(job.not_before, now), lambda: None)
        columns = {
            "type": type_, "site": site.name, "title": title, "datasource": job.datasource,
            "not_before": job.not_before, "priority": priority, "created_by": "simulation",
        }  # fmt: skip
        self.engine.session.add("job", "id", [columns])
        self.engine.collect([job])
        self.engine.count["inserted"] += 1

    def _waiting_job(self) -> Job | None:
        queue = self.engine.queue
        waiting = [job for _, job in queue.waiting] + list(queue.delayed.values())
        return self.random.choice(waiting) if waiting else None

    def _of_small_schedule(self) -> list[Task]:
        schedule = self.random.choice(self.week.made.schedules)
        tasks = [
            task
            for task in self.week.made.tasks
            if task.schedule is schedule and task.enabled and not task.is_deleted
        ]
        return tasks if len(tasks) < 40 else []

    def _is_refused(
        self,
        what: str,
        site: Site,
        busy: int | None,
        said: object,
        *,
        can_run: bool = True,
    ) -> bool:
        state = FORBIDDEN if not site.run_now_enabled else None
        state = state or (DUPLICATE if busy is not None else None)
        state = state or (None if can_run else NOTHING_TO_RUN)
        refused = said if isinstance(said, Refused) else None
        if (refused.sqlstate if refused else None) != state:
            raise Violation("other rule", f"run now of {what}: {said}, should be {state}")
        if refused and state == DUPLICATE and str(busy) not in refused.text.split():
            raise Violation("other rule", f"{refused.text}: does not name job {busy}")
        self.engine.count["run now, refused"] += refused is not None
        return refused is not None

    def _why_not(self, task: Task) -> str | None:
        if not task.site.run_now_enabled:
            return f"site {task.site.name} does not allow Run Now"
        if task.is_suspended:
            return "suspended"
        return f"has job {min(task.jobs)}" if task.jobs else None

    def _why_not_linked(self, linked: LinkedTask) -> str | None:
        if not linked.site.run_now_enabled:
            return f"site {linked.site.name} does not allow Run Now"
        if linked.job:
            return f"has job {linked.job.id}"
        step = self.engine.next_step(linked, 0, run_now=True, by=BY)
        return None if step else "no step can run"

    def _check_sequence(self, jobs: list[Job]) -> None:
        """All are added at one time, so that their ids decide: they follow §4.2 to §4.7."""
        tasks = [job.task for job in jobs if job.task]
        ties = [(task.usual_seconds(self.week.now), _since(task)) for task in tasks]
        turn = 1 if self.engine.rules.tie_break == "history" else -1
        keys = [
            (own_priority(task), RANKS[task.type], *tie[::turn], task.id)
            for task, tie in zip(tasks, ties, strict=True)
        ]
        if keys != sorted(keys):
            raise Violation("out of order", "a schedule was run by hand in another order", *jobs)


def _since(task: Task) -> float:
    return max(task.created_at, task.enabled_at).timestamp()
