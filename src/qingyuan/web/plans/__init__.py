"""Plans (任务分解、巡察整改): trees of tasks and measures, reports, dispatch, evaluation."""
