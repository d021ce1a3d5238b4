"""Plans (任务分解、巡察整改): what was promised, by whom, by when, and how far it has come.

Room: plans, problem trees, measures and tasks, reports, dispatch, evaluation, papers.
Knows: headings and the tasks below them; a task's work is a case on its own procedure.
Never knows: petitions, inspections, monitoring; how a case moves.
Sources: requirements R017–R018, R065–R092, R320; cases.md §4.5, §4.6.
"""
