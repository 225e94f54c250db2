package b24test

// peopleFamilies returns users, departments and workgroups, and the settings of custom fields.
func peopleFamilies() []family {
	user := pickedGrammar("= ! < > % @ != >= <= >< !% !@ =% %= ?")
	user.reading = userValue
	return []family{
		{
			entity: "user", id: "ID", verbs: map[string]operation{"get": list, "search": list, "fields": fields, "add": addUser, "update": updateUser},
			find: userNames(), findVerb: "search", sort: true, both: true, loose: true, grammar: user, free: []string{"UF_USR_"},
			naming: [3]naming{inFilter: namingAnyCase, inOrder: namingSnake}, strays: [3]stray{inOrder: strayUnknown}, turns: turnsORM,
			texts: textUser, noCount: totalOnRows, paging: byOffset,
		},
		{
			entity: "department", id: "ID", verbs: map[string]operation{"get": list, "fields": fields}, exact: true, names: capitalNames(),
			sort: true, loose: true, grammar: grammar{engine: iblockSQL, groups: groupsDropped}, filterable: []string{"ID", "NAME", "PARENT", "UF_HEAD"},
			naming: [3]naming{inOrder: namingAnyCase}, texts: textAll, order: "LEFT_MARGIN", wraps: true,
		},
		{
			entity: "sonet_group", id: "ID", verbs: lists("get"), exact: true, names: capitalNames(),
			scopes: []scope{{arg: "GROUP_ID", field: "ID"}}, grammar: groupGrammar(operatorsOf(pickedOperators)),
			naming: [3]naming{inOrder: namingAnyCase}, turns: turnsAsc, texts: textAll, order: "-ID", wraps: true,
		},
		{
			entity: "socialnetwork.api.workgroup", id: "id", rows: "workgroups", verbs: lists("list"), exact: true, checked: true, camel: true,
			grammar: groupGrammar(classicOperators()), implied: impliedAlways,
			naming: [3]naming{inFilter: namingCapitals, inOrder: namingSnake, inSelect: namingSnake}, strays: [3]stray{inOrder: strayUnknown},
			turns: turnsORM, texts: textNumbers, selects: []string{"id"}, withID: true, noCount: totalAbsent,
		},
		{
			entity: "userfieldconfig", id: "id", rows: "fields", verbs: lists("list"), exact: true, checked: true, camel: true,
			scopes: []scope{{arg: "moduleId", field: "moduleId", required: true}}, grammar: ormGrammar(logicSnake), implied: impliedAlways,
			bare: []string{"entityId"}, naming: [3]naming{namingCamel, namingCamel, namingSnake}, strays: everywhere(strayUnknown), turns: turnsORM,
			texts: textNumbers, noCount: totalAbsent,
		},
	}
}

// talkFamilies returns those of chats, calls and the feed.
func talkFamilies() []family {
	calls := pickedGrammar(pickedOperators)
	calls.reading, calls.groups = someValue, groupsKept
	return []family{
		{
			entity: "im.recent", id: "id", textID: true, records: true, merged: true, rows: "items", more: "hasMore", verbs: lists("list"),
			order: "-date_update", filterable: []string{}, orderable: []string{}, paging: byLimit, limit: pageSize, most: 200, noCount: totalMinus,
		},
		{
			entity: "im.dialog.messages", id: "id", rows: "messages", verbs: map[string]operation{"get": history},
			scopes: []scope{{arg: "DIALOG_ID", field: "dialog_id", required: true}}, order: "-id", filterable: []string{}, limit: 20, most: 50, noCount: totalNever,
			unread: "unread", beside: []string{"users", "files"},
		},
		{
			entity: "im.dialog.users", id: "id", verbs: map[string]operation{"list": members},
			scopes: []scope{{arg: "DIALOG_ID", field: "dialog_id", required: true}}, filterable: []string{}, paging: byLimit, limit: pageSize, most: 200,
			noCount: totalAlways,
		},
		{
			entity: "log.blogcomment.user", id: "id", rows: "comments", verbs: map[string]operation{"get": history}, order: "-id", filterable: []string{},
			limit: 100, most: 1000, noCount: totalNever, within: "comment_id", beside: []string{"files"},
		},
		{
			entity: "im.search.user", id: "id", byID: true, verbs: lists("list"), find: []string{"name", "first_name", "last_name"}, order: "id",
			filterable: []string{}, paging: byLimit, limit: 10, most: 50, noCount: totalAlways,
		},
		{
			entity: "log.blogpost", id: "ID", verbs: map[string]operation{"get": history}, scopes: []scope{{arg: "POST_ID", field: "ID"}},
			order: "-ID", filterable: []string{}, texts: textAll, limit: pageSize, most: 200, wraps: true,
		},
		{
			entity: "voximplant.statistic", id: "ID", verbs: lists("get"), sort: true, both: true, grammar: calls, naming: everywhere(namingAnyCase),
			turns: turnsExact,
			joins: []join{{member: "CRM_BINDINGS", fields: map[string]string{
				"CRM_BINDINGS.ENTITY_TYPE": "ENTITY_TYPE", "CRM_BINDINGS.ENTITY_ID": "ENTITY_ID",
			}}},
			texts: textAll, paging: byOffset,
		},
		{
			entity: "telephony.externalline", id: "NUMBER", textID: true, verbs: lists("get"), texts: textAll, filterable: []string{},
			order: "NUMBER", paging: allRows, noCount: totalNever,
		},
		{
			entity: "imopenlines.config.list", id: "ID", verbs: lists("get"), inside: "params", grammar: ormGrammar(logicExact),
			naming: everywhere(namingSnake), strays: everywhere(strayUnknown), turns: turnsORM,
			texts: textAll, paging: byLimit, limit: pageSize, most: 200, noCount: totalNever,
		},
		{
			entity: "calendar.event", id: "ID", verbs: lists("get"), filterable: []string{}, texts: textAll, order: "DATE_FROM",
			scopes: []scope{
				{arg: "type", field: "CAL_TYPE", required: true},
				{arg: "ownerId", field: "OWNER_ID"},
				{arg: "from", field: "DATE_TO", op: ">="},
				{arg: "to", field: "DATE_FROM", op: "<="},
			}, paging: allRows, noCount: totalNever,
		},
	}
}

// eventFamilies returns the queues of events.
func eventFamilies() []family {
	all := []family{{
		entity: "event.offline", id: "ID", verbs: lists("list"), grammar: strictGrammar(ormSQL, "= > < >= <= @ %"),
		naming: everywhere(namingAnyCase), strays: [3]stray{inFilter: strayWrong, inOrder: strayWrong}, turns: turnsORM,
		texts: textAll, order: "ID", paging: byOffset, noCount: totalAlways,
	}}
	for _, entity := range []string{"im.v2.event", "imbot.v2.event"} {
		all = append(all, family{
			entity: entity, id: "eventId", rows: "events", more: "hasMore", verbs: lists("get"), exact: true, checked: true,
			filterable: []string{}, orderable: []string{}, confirms: true,
			order: "eventId", paging: byLimit, limit: 100, most: 1000, noCount: totalNever,
		})
	}
	return all
}
