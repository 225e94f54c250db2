package b24test

import "strings"

// knownV3 returns the entities of REST 3.0 that every portal has, as far as they are documented
// (docs/protocol.md 9.3, 9.5, 9.9).
func knownV3() map[string]EntityV3 {
	return map[string]EntityV3{
		"tasks.task": taskV3(),
		"main.eventlog": {
			Fields: fieldsV3(map[TypeV3]string{
				IntV3: "id* userId guestId", DateTimeV3: "timestampX",
				StringV3: "severity! auditTypeId moduleId! itemId! remoteAddr! userAgent! requestUri! siteId! description!",
			}),
			Methods: []string{"list", "tail", "get", "field.list", "field.get"},
		},
		"mail.message": {Limit: 25, MaxLimit: 200, Methods: []string{"list", "get", "field.list", "field.get"}},
		"mail.mailbox": {Limit: 25, MaxLimit: 100, Methods: []string{"list", "get", "field.list", "field.get"}},
		"timeman.record": {
			FilterBy: []string{"userId"}, Methods: []string{"list", "get", "update", "field.list", "field.get"},
			Fields: fieldsV3(map[TypeV3]string{IntV3: "id* userId", DateTimeV3: "startTime endTime", StringV3: "status!"}),
		},
		"note.collection": {MaxLimit: 200, AddItem: true, Methods: []string{"list", "get", "add", "update", "delete", "field.list"}},
		"note.document":   {MaxLimit: 200, AddItem: true, Methods: []string{"get", "add", "update", "delete", "field.list", "field.get"}},
	}
}

func taskV3() EntityV3 {
	def := EntityV3{
		AddItem:    true,
		guarded:    true,
		ListFields: []string{idField},
		Methods:    []string{"list", "get", "add", "update", "delete", "field.list", "field.get"},
		Relations: map[string]RelationV3{
			"creator": {Entity: "user"}, "responsible": {Entity: "user"}, "changedBy": {Entity: "user"}, "closedBy": {Entity: "user"},
			"group": {Entity: "group"}, "parent": {Entity: "tasks.task"},
			"accomplices": {Entity: "user", From: "accompliceIds", Many: true}, "auditors": {Entity: "user", From: "auditorIds", Many: true},
		},
		Fields: fieldsV3(map[TypeV3]string{
			IntV3: `id* creatorId responsibleId groupId stageId! epicId! storyPoints! flowId! parentId! numberOfReminders! chatId! plannedDuration!
				actualDuration! estimatedTime changedById! statusChangedById! closedById! outlookVersion!`,
			StringV3: `title description! priority status durationType! guid! xmlId! mark siteId! link! declineReason!`,
			BoolV3: `needsControl! containsChecklist! containsSubTasks! containsResults! replicate! allowsChangeDeadline allowsTimeTracking
				matchesWorkTime! addInReport! isMultitask! requireResult!`,
			DateTimeV3: `created deadline startPlan endPlan statusChanged! started changed closed activity`,
			ArrayV3:    `checklist! fileIds! accompliceIds! auditorIds! rights! crmItemIds! dependsOn! scenarios! inFavorite! inPin!`,
		}),
	}
	for name, f := range def.Fields {
		f.NoFilter = name != idField
		f.Required = name == "title" || name == "creatorId" || name == "responsibleId"
		def.Fields[name] = f
	}
	return def
}

// fieldsV3 returns fields from names by type: with ! for one that cannot be filtered or ordered by,
// with * for one that cannot be written.
func fieldsV3(names map[TypeV3]string) map[string]FieldV3 {
	fields := map[string]FieldV3{}
	for kind, list := range names {
		for name := range strings.FieldsSeq(list) {
			plain := strings.TrimRight(name, "!*")
			shut := strings.HasSuffix(name, "!")
			fields[plain] = FieldV3{Type: kind, NoFilter: shut, NoSort: shut, ReadOnly: strings.HasSuffix(name, "*")}
		}
	}
	return fields
}
