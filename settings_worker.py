"""BURSAR_WORKER__…, a group of settings.py: a worker process, and which release of ours it is."""

from pydantic import Field

from settings_fields import Group, Seconds, Text


class WorkerSettings(Group):
    """BURSAR_WORKER__…: a worker process."""

    build_id: str = Field(
        "",
        max_length=200,
        pattern="^[A-Za-z0-9._-]*$",
        description="this release, for workers of two releases side by side (docs/runbooks/deploy.md); empty: any run"
        " is carried on by any worker",
    )
    deployment: Text = Field("bursar", description="name under which Temporal keeps the builds together")

    niceness: int = Field(
        5,
        ge=0,
        le=19,
        description="how far a worker yields the processor to what else runs on its machine (nice(1)): requests are"
        " answered at once, what they began goes on a moment later; 0: not at all",
    )
    concurrent_activities: int = Field(50, ge=1, description="activities at once, and as many local ones")
    cached_workflows: int = Field(
        1000,
        ge=1,
        description="runs that a worker keeps in memory, about 0.1 MB each; any other is played from its history when"
        " it goes on",
    )
    sticky_seconds: Seconds = Field(
        10,
        description="how long what is next of a run waits for the worker that has it in memory, before any worker plays"
        " it from its history: shorter goes on sooner after a crash, and costs a whole replay whenever all is late",
    )
    graceful_shutdown_seconds: Seconds = Field(240, description="how long a stopping worker finishes what it began")
    seal_seconds: Seconds = Field(1, description="pause between seals of the audit chain and folds of hot accounts")
    outbox_poll_seconds: Seconds = Field(1, description="pause between looks for workflows to start and events to send")
    inbox_longest_pause_seconds: Seconds = Field(
        300, description="longest pause before a partner's message that cannot be processed is looked at again"
    )
    inbox_case_after_seconds: Seconds = Field(3600, description="age from which such a message is a case")
