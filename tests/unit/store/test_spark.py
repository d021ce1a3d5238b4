"""The setting names the engine; without pyspark, Java or a cluster it is said and nothing is asked."""

import sys

import pytest

from qingyuan.store import cluster
from qingyuan.store import engine as module
from qingyuan.store.engine import Engine, engine
from qingyuan.store.spark import SparkEngine, _address


def test_without_pyspark_the_setting_is_refused_in_words(monkeypatch, raises_problem):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    monkeypatch.setattr(module, "_ENGINES", {})
    monkeypatch.setenv("QINGYUAN_ENGINE", "spark://127.0.0.1:1")
    with raises_problem("store.spark_missing"):
        engine()


def test_without_the_setting_it_is_duckdb(monkeypatch):
    monkeypatch.setattr(module, "_ENGINES", {})
    monkeypatch.delenv("QINGYUAN_ENGINE", raising=False)
    assert isinstance(engine(), Engine)
    assert not isinstance(engine(), SparkEngine)


def test_files_are_named_as_the_cluster_wants_them():
    assert _address("/data/store/x.parquet") == "file:///data/store/x.parquet"
    assert _address("s3://bucket/x.parquet") == "s3a://bucket/x.parquet"


@pytest.mark.parametrize("told", ['openjdk version "11.0.2"', "nothing"])
def test_an_old_java_is_no_java(monkeypatch, told):
    monkeypatch.setattr(cluster, "find_spec", lambda _: object())
    monkeypatch.setattr(cluster.shutil, "which", lambda _: "/usr/bin/java")
    monkeypatch.setattr(cluster.subprocess, "run", lambda *_, **__: type("R", (), {"stderr": told}))
    assert "17" in cluster.why_not()


def test_without_a_cluster_none_is_started(monkeypatch, raises_problem):
    monkeypatch.setattr(cluster, "why_not", lambda: "no Java")
    with raises_problem("store.spark_missing"), cluster.local_cluster():
        pytest.fail("a cluster was started")
