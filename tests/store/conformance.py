"""What any store must do, as tests. A backend's test class inherits from this one and says how to open it."""

from __future__ import annotations

import hashlib
import math
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from logbook.errors import NotFoundError, UsageError
from logbook.store.interface import StoreReader, StoreWriter
from logbook.store.writer import Judged
from logbook_schemas.config.identity import freeze
from logbook_schemas.records.findings import Finding
from logbook_schemas.records.judgements import JudgementRecord
from logbook_schemas.records.measures import DataRecord, EndRecord, StartRecord
from logbook_schemas.records.runs import ErrorRecord, JournalEntry
from tests.store.making import attempt, begin, config, epoch, start_of_run


def finding(**changes: object) -> Finding:
    plain = {"code": "C101", "name": "lr-too-high", "severity": "warning", "moment": "config", "message": "too high"}
    return Finding.model_validate({**plain, **changes})


class StoreConformance(ABC):
    @abstractmethod
    def writer(self, place: Path) -> AbstractContextManager[StoreWriter]: ...

    @abstractmethod
    def reader(self, place: Path) -> AbstractContextManager[StoreReader]: ...

    @abstractmethod
    def alive(self, place: Path, uuid: str) -> AbstractContextManager[None]: ...

    def test_a_run_comes_back_as_it_was_recorded(self, tmp_path):
        measured = (epoch(1), epoch(2, val_loss=math.inf, extra={"note": "é\n'\"; DROP TABLE run; --"}))
        with self.writer(tmp_path) as writer:
            run = begin(writer, data=DataRecord(task="classification"), findings=[finding()]).number
            writer.append_record(run, "start", StartRecord(parameters=7))
            for record in measured:
                writer.append_epoch(run, 1, record, b"steps of %d" % record.epoch)
            writer.append_findings(run, 1, [finding(code="E1", name="rising", moment="epoch", epoch=2)])
            writer.end_attempt(run, 1, status="finished", end=EndRecord(status="finished", best_epoch=1))
        with self.reader(tmp_path) as reader:
            whole = reader.run(run)
            assert whole.epochs == measured
            assert whole.config == reader.config(whole.summary.config_hash)
            assert whole.data == DataRecord(task="classification")
            assert whole.start == StartRecord(parameters=7)
            assert whole.end == EndRecord(status="finished", best_epoch=1)
            assert [one.code for one in whole.findings] == ["C101", "E1"]
            assert reader.series(run, 2) == b"steps of 2"
            assert reader.series(run, 3) is None
            assert (whole.summary.status, whole.summary.epochs, whole.summary.best_epoch) == ("finished", 2, 1)

    def test_not_a_number_comes_back_as_such(self, tmp_path):
        with self.writer(tmp_path) as writer:
            run = begin(writer).number
            writer.append_epoch(
                run, 1, epoch(1, train_loss=math.nan, val_loss=math.nan, metrics={"accuracy": -math.inf})
            )
        with self.reader(tmp_path) as reader:
            (record,) = reader.epochs(run)
            assert math.isnan(record.train_loss)
            assert record.metrics["accuracy"] == -math.inf
            summary = reader.summary(run)
            assert math.isnan(summary.last_val_loss)
            assert (summary.best_epoch, summary.best_value) == (None, None)

    def test_equal_configs_share_a_version_and_new_recipes_make_one(self, tmp_path):
        faster = config(optimizer={"kind": "adam", "lr": 0.01})
        elsewhere = config(name="other", optimizer={"kind": "adam", "lr": 0.02})
        with self.writer(tmp_path) as writer:
            begin(writer)
            begin(writer, config(hypothesis="the same recipe"))
            begin(writer, faster)
            begin(writer, elsewhere, parent=("digits-mlp", 1))
            with pytest.raises(NotFoundError, match="digits-mlp@9"):
                begin(writer, config(name="third"), parent=("digits-mlp", 9))
        with self.reader(tmp_path) as reader:
            assert [run.version for run in reader.runs(newest_first=False)] == [1, 1, 2, 1]
            assert [version.parent for version in reader.versions("digits-mlp")] == [None, 1]
            (derived,) = reader.versions("other")
            assert (derived.parent, derived.parent_name) == (1, "digits-mlp")
            assert reader.version_config("digits-mlp", 2) == freeze(faster).body
            assert [run.number for run in reader.find_recipe(freeze(config()).recipe_hash)] == [2, 1]
            assert reader.versions("third") == []

    def test_after_a_resume_the_epochs_beyond_it_count_only_when_trained_again(self, tmp_path):
        with self.writer(tmp_path) as writer:
            run = begin(writer).number
            for number in (1, 2, 3):
                writer.append_epoch(run, 1, epoch(number))
            assert writer.begin_attempt(run, attempt(resumed_from=1)) == 2
            with self.reader(tmp_path) as reader:
                assert [record.epoch for record in reader.epochs(run)] == [1]
                assert reader.summary(run).best_epoch == 1
            writer.append_epoch(run, 2, epoch(2, val_loss=9.0), b"again")
        with self.reader(tmp_path) as reader:
            assert [record.val_loss for record in reader.epochs(run)] == [3.0, 9.0]
            assert [record.epoch for record in reader.history(run)] == [1, 2, 3, 2]
            assert reader.series(run, 2) == b"again"
            assert (reader.summary(run).epochs, reader.summary(run).last_val_loss) == (2, 9.0)

    def test_a_run_without_an_end_runs_while_it_lives_and_has_crashed_afterwards(self, tmp_path):
        with self.writer(tmp_path) as writer:
            run = begin(writer)
        with self.reader(tmp_path) as reader:
            with self.alive(tmp_path, run.uuid):
                assert reader.summary(run.number).status == "running"
                assert reader.last_attempt(run.number).status == "running"
            assert reader.runs()[0].status == "crashed"
            assert reader.run(run.number).attempts[0].status == "crashed"

    def test_what_people_say_last_stands(self, tmp_path):
        said = (
            JournalEntry(kind="tag", text="keep"),
            JournalEntry(kind="untag", text="first"),
            JournalEntry(kind="outcome", text="promising", reason="falls"),
            JournalEntry(kind="note", text="later"),
            JournalEntry(kind="outcome", text="dead-end", reason="explodes"),
        )
        with self.writer(tmp_path) as writer:
            run = begin(writer, config(tags=["first", "second"])).number
            for entry in said:
                writer.add_journal(run, entry)
        with self.reader(tmp_path) as reader:
            summary = reader.summary(run)
            assert summary.tags == ("second", "keep")
            assert (summary.outcome, summary.outcome_reason) == ("dead-end", "explodes")
            assert [entry.text for entry in reader.journal(run)] == [entry.text for entry in said]
            assert all(entry.at for entry in reader.journal(run))

    def test_a_suggestion_stands_until_a_person_speaks_or_the_run_goes_on(self, tmp_path):
        suggestion = JournalEntry(kind="suggestion", text="dead-end", reason="exploded", author="logbook")

        def verdict():
            with self.reader(tmp_path) as reader:
                summary = reader.summary(1)
                return summary.outcome, summary.outcome_reason, summary.outcome_by

        with self.writer(tmp_path) as writer:
            begin(writer)
            writer.end_attempt(1, 1, status="diverged", suggestion=suggestion)
            assert verdict() == ("dead-end", "exploded", "logbook")
            with self.reader(tmp_path) as reader:
                assert [run.number for run in reader.search("outcome:dead-end outcome_by:logbook exploded")] == [1]
                assert reader.search("outcome_by:person") == []
            again = writer.begin_attempt(1, attempt(resumed_from=0))
            assert verdict() == (None, "", None)
            writer.add_journal(1, JournalEntry(kind="outcome", text="promising", reason="nearly"))
            writer.end_attempt(1, again, status="diverged", suggestion=suggestion)
            assert verdict() == ("promising", "nearly", "person")
        with self.reader(tmp_path) as reader:
            assert [entry.kind for entry in reader.journal(1)] == ["suggestion", "outcome", "suggestion"]

    def test_judging_again_may_suggest_an_outcome_and_take_it_back(self, tmp_path):
        def verdict():
            with self.reader(tmp_path) as reader:
                return reader.summary(1).outcome, reader.summary(1).outcome_by, reader.last_row(1)

        with self.writer(tmp_path) as writer:
            begin(writer)
            writer.end_attempt(1, 1, status="diverged")
            _, _, last = verdict()
            entry = JournalEntry(kind="suggestion", text="dead-end", reason="exploded", author="logbook")
            assert writer.append_judgements([Judged(1, 1, last, suggestion=entry)]) == [1]
            assert verdict() == ("dead-end", "logbook", last + 1)
            assert writer.append_judgements([Judged(1, 1, last, suggestion=entry)]) == []
            back = JournalEntry(kind="suggestion", text="", author="logbook")
            assert writer.append_judgements([Judged(1, 1, last + 1, suggestion=back)]) == [1]
            assert verdict() == (None, None, last + 2)
        with self.reader(tmp_path) as reader:
            assert reader.judgements(1) == ()
            assert [entry.text for entry in reader.journal(1)] == ["dead-end", ""]

    def test_where_recipes_lie_is_known_of_every_version(self, tmp_path):
        with self.writer(tmp_path) as writer:
            begin(writer)
            begin(writer, config(training={"seed": 3}))
            begin(writer, config(optimizer={"kind": "adam", "lr": 0.01}))
        with self.reader(tmp_path) as reader:
            known = reader.recipes()
            [chunk] = known.chunks
            hashes = reader.recipes_of(chunk.versions)
            assert len(chunk.versions) == len(chunk.sizes) == 2
            assert sum(chunk.sizes) == len(chunk.packed)
            assert "optimizer{adam}.lr" in known.settings
            assert [run.number for run in reader.of_recipes([*hashes.values()])] == [3, 2, 1]

    def test_every_reference_finds_its_run(self, tmp_path):
        faster = config(optimizer={"kind": "adam", "lr": 0.01})
        with self.writer(tmp_path) as writer:
            first, second = begin(writer), begin(writer, faster)
            writer.append_epoch(1, 1, epoch(4))
            writer.append_epoch(2, 1, epoch(1))
        with self.reader(tmp_path) as reader:
            for reference in ("r1", "1", "@-1", first.words, first.uuid, "digits-mlp@1", first.config_hash[:8]):
                assert reader.resolve(reference) == 1, reference
            for reference in ("r2", "@", "digits-mlp", second.uuid, "digits-mlp@2", second.config_hash):
                assert reader.resolve(reference) == 2, reference
            assert reader.resolve("best:digits-mlp") == 1

    @pytest.mark.parametrize(
        "reference", ["r9", "@-7", "nobody", "digits-mlp@5", "best:nothing", "", "%", "9" * 40, "abcdef"]
    )
    def test_a_reference_to_nothing_is_not_found(self, tmp_path, reference):
        with self.writer(tmp_path) as writer:
            begin(writer)
        with self.reader(tmp_path) as reader, pytest.raises(NotFoundError, match="1 run there"):
            reader.resolve(reference)

    def test_a_near_miss_is_offered_and_an_ambiguous_beginning_refused(self, tmp_path):
        with self.writer(tmp_path) as writer:
            uuids = [begin(writer).uuid for _ in range(2)]
        with self.reader(tmp_path) as reader:
            with pytest.raises(NotFoundError, match="did you mean 'digits-mlp'"):
                reader.resolve("digit-mlp")
            with pytest.raises(UsageError, match="r2, r1"):
                reader.resolve(uuids[0][:6])

    def test_a_run_that_is_not_there_is_not_found(self, tmp_path):
        with self.writer(tmp_path) as writer:
            begin(writer)
            for add in (
                lambda: writer.append_epoch(7, 1, epoch(1)),
                lambda: writer.begin_attempt(7, attempt()),
                lambda: writer.end_attempt(7, 1, status="finished"),
                lambda: writer.add_journal(7, JournalEntry(kind="note", text="?")),
            ):
                with pytest.raises(NotFoundError, match="r7"):
                    add()
        with self.reader(tmp_path) as reader:
            for ask in (reader.summary, reader.run, reader.epochs, reader.last_attempt, reader.start_of_run):
                with pytest.raises(NotFoundError, match="r7"):
                    ask(7)

    def test_an_error_is_kept_whole(self, tmp_path):
        with self.writer(tmp_path) as writer:
            run = begin(writer).number
            error = ErrorRecord(message="RuntimeError: \udcff", traceback="Traceback …\n  line")
            writer.end_attempt(run, 1, status="failed", reason="the model raised", error=error)
        with self.reader(tmp_path) as reader:
            last = reader.last_attempt(run)
            assert (last.status, last.reason) == ("failed", "the model raised")
            assert last.error == ErrorRecord(message="RuntimeError: ?", traceback="Traceback …\n  line")

    def test_contents_are_kept_once_and_by_their_hash(self, tmp_path):
        content = b"def model(): ...\n" * 99
        name = hashlib.sha256(content).hexdigest()
        with self.writer(tmp_path) as writer:
            begin(writer, blobs={name: content})
            begin(writer, blobs={name: content})
            with pytest.raises(ValueError, match="hashes to"):
                writer.put_blobs({"0" * 64: b"something else"})
        with self.reader(tmp_path) as reader:
            assert reader.blob(name) == content
            with pytest.raises(NotFoundError):
                reader.blob("0" * 64)

    def test_of_a_run_that_was_judged_again_the_newest_judgement_counts(self, tmp_path):
        with self.writer(tmp_path) as writer:
            run = begin(writer, findings=[finding(), finding(code="D1", name="gone")]).number
            writer.append_epoch(run, 1, epoch(1))
            with self.reader(tmp_path) as reader:
                last = reader.last_row(run)
            again = [finding(severity="error"), finding(code="E1", name="new")]
            record = JudgementRecord(release="1", rules={"C101": 2})
            assert writer.append_judgements([Judged(run, 1, last, record, again)]) == [run]
            writer.append_findings(run, 1, [finding(code="T1", name="later", moment="epoch", epoch=1)])
        with self.reader(tmp_path) as reader:
            assert [one.code for one in reader.findings(run)] == ["C101", "E1", "T1"]
            assert [one.code for one in reader.all_findings(run)] == ["C101", "D1", "C101", "E1", "T1"]
            (judgement,) = reader.judgements(run)
            assert (judgement.number, judgement.rules, bool(judgement.at)) == (1, {"C101": 2}, True)
            assert reader.run(run).judgements == (judgement,)
            assert reader.search("rule:gone") == []
            assert reader.search('"too high" rule:C101 finding:"too high"')
            assert (reader.rule_statistics("D1")["fired"], reader.rule_statistics("E1")["fired"]) == (0, 1)
            assert reader.summary(run).findings == 3

    def test_a_rule_knows_how_often_it_fired_and_how_those_runs_ended(self, tmp_path):
        with self.writer(tmp_path) as writer:
            begin(writer, findings=[finding(), finding(where="elsewhere")])
            begin(writer, findings=[finding(ignored="on purpose")])
            begin(writer)
            writer.add_journal(1, JournalEntry(kind="outcome", text="dead-end"))
        with self.reader(tmp_path) as reader:
            expected = {"runs": 3, "fired": 2, "ignored": 1, "statuses": {"crashed": 2}, "outcomes": {"dead-end": 1}}
            expected["latest"] = ["r2", "r1"]
            assert reader.rule_statistics("C101") == reader.rule_statistics("lr-too-high") == expected
            assert [(run.findings, run.first_finding) for run in reader.runs(newest_first=False)] == [
                *((2, "C101 lr-too-high"), (0, ""), (0, "")),
            ]

    def test_runs_are_listed_newest_first_and_by_name(self, tmp_path):
        with self.writer(tmp_path) as writer:
            for name in ("a", "b", "a"):
                begin(writer, config(name=name), start=start_of_run(seed=4))
        with self.reader(tmp_path) as reader:
            assert [run.number for run in reader.runs()] == [3, 2, 1]
            assert [run.number for run in reader.runs(name="a", newest_first=False)] == [1, 3]
            assert [run.number for run in reader.runs(limit=1)] == [3]
            assert reader.runs()[0].seed == 4
