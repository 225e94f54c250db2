package b24test

// taskFamilies returns those of tasks and related entities.
func taskFamilies() []family {
	part := family{
		id: "ID", verbs: lists("getlist"), grammar: strictGrammar(ormSQL, "! <= < >= >"), naming: everywhere(namingCapitals),
		strays: [3]stray{inFilter: strayArguments, inOrder: strayArguments}, texts: textAll,
		scopes: []scope{{arg: "taskid", field: "TASK_ID", required: true}}, order: "ID",
	}
	comments, checks, elapsed := part, part, part
	comments.entity, checks.entity, elapsed.entity = "task.commentitem", "task.checklistitem", "task.elapseditem"
	comments.positions = []string{"taskid", "order", "filter"}
	comments.paging, comments.noCount = allRows, totalNever
	checks.positions, checks.paging, checks.noCount = []string{"taskid", "order"}, allRows, totalNever
	elapsed.positions = []string{"taskid", "order", "filter", "select", "params"}
	elapsed.paging, elapsed.noCount = byNav, totalAlways
	elapsed.scopes = []scope{{arg: "taskid", field: "TASK_ID", zero: true}}
	items := taskGrammar()
	items.operators, items.logic, items.strict = items.operators[:len(items.operators)-1], logicNone, true
	return []family{
		{
			entity: "tasks.task", exact: true, checked: true, idArgs: []string{"taskId", "id"}, id: "id", rows: "tasks", row: "task",
			verbs:   map[string]operation{"list": list, "get": get, "add": add, "update": update, "delete": remove, "getfields": fields},
			grammar: taskGrammar(), naming: [3]naming{namingCapitals, namingAnyCase, namingCapitals}, allIfNone: true, strays: [3]stray{inOrder: strayTask}, turns: turnsAsc,
			free: []string{"uf"}, camel: true, loud: true, cast: castTask, texts: textNumbers, shy: shyUser, withID: true, order: "id", noCount: totalAbsent,
			missing: missingTask, created: "createdDate", changed: "changedDate",
		},
		{
			entity: "tasks.task.result", id: "id", verbs: lists("list"), exact: true, checked: true, scopes: []scope{{arg: "taskId", field: "taskId", required: true}},
			filterable: []string{}, order: "id", paging: allRows, noCount: totalNever,
		},
		{
			entity: "task.item", id: "ID", verbs: lists("list", "getlist"), positions: []string{"order", "filter", "params", "select"},
			grammar: items, naming: everywhere(namingCapitals), strays: part.strays, free: []string{"UF_"}, texts: textAll, order: "ID", paging: byNav, limit: pageSize, noCount: totalAlways,
		},
		comments, checks, elapsed,
	}
}

// scrumFamilies returns epics and sprints: whatever an ORM refuses gives no rows, and no error.
func scrumFamilies() []family {
	epic := family{
		entity: "tasks.api.scrum.epic", id: "id", verbs: lists("list"), exact: true, checked: true, camel: true, silent: true,
		grammar: ormGrammar(logicExact), naming: everywhere(namingSnake), strays: everywhere(strayUnknown), turns: turnsORM,
		noCount: totalNever,
	}
	sprint := epic
	sprint.entity, sprint.implied = "tasks.api.scrum.sprint", impliedAlways
	return []family{epic, sprint}
}
