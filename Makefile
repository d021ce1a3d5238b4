# 清源 / Qingyuan. 两个命令就够：make demo · make test / two commands are enough
# 每个动词都是一条看得见的命令；说明见 README / every verb is a visible command
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
QINGYUAN := .venv/bin/qingyuan
ARGS ?=

.PHONY: help demo test setup up check layers format messages docs bench soak reset

help:      ## 列出动词 / list the verbs
	@awk -F ':[^#]*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: setup      ## 演示城市 http://127.0.0.1:8000 / the demo city
	@$(QINGYUAN) demo $(ARGS)

test: setup      ## 全部测试，两个进程 / all tests, two processes (ARGS="tests/unit -k gb3838")
	@deploy/system-packages
	@$(PYTHON) -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

setup:      ## 备好环境，可重复运行 / prepare everything, idempotent
	@deploy/setup

up: setup      ## 正式城市：网页、接入、任务 / a city that is not the demo
	@$(QINGYUAN) up $(ARGS)

check: setup      ## 格式、层次、类型、迁移、译文、生成的文档 / format, layers, types, …; no tests
	@deploy/check

layers: setup      ## 只查层次 / the layers alone
	@.venv/bin/lint-imports

format: setup      ## 整理格式（会改文件）/ format (changes files)
	@.venv/bin/ruff format --quiet . && .venv/bin/ruff check --fix --quiet .

messages: setup      ## 收集待译文字，列出未译 / gather texts, list what has no English
	@$(PYTHON) deploy/messages.py gather
	@$(PYTHON) deploy/messages.py list

docs: setup      ## 重新生成文档中由代码得来的部分 / print the generated pages again
	@$(PYTHON) deploy/generate_docs.py

bench: setup      ## 与别的做法并排测量 / measured side by side
	@for script in bench/*.py; do [ ! -e "$$script" ] || $(PYTHON) "$$script" $(ARGS) || exit 1; done

soak: setup      ## 夜间：百万变异帧、200 次 kill -9、无界面演示种子 1 到 10 / the nightly run
	@$(PYTHON) bench/hj212/soak.py --frames 1000000 --seed $$(date +%j)
	@$(PYTHON) bench/hj212/kills.py 200 $$(date +%j)
	@for seed in 1 2 3 4 5 6 7 8 9 10; do $(QINGYUAN) demo --headless --seed $$seed $(ARGS) || exit 1; done

reset: setup      ## 删去演示城市的数据 / remove the demo city's data
	@$(PYTHON) deploy/reset.py
