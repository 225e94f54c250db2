package b24test

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/b24go/b24/b24test/internal/php"
)

// talkMethods returns the methods of messages, notifications, the feed, events and what people
// write below tasks.
func talkMethods() map[string]procedure {
	methods := map[string]procedure{
		"im.message.add":             addMessage,
		"log.blogpost.add":           addPost,
		"calendar.event.add":         addEvent,
		"calendar.event.update":      updateEvent,
		"calendar.event.delete":      deleteEvent,
		"calendar.event.getbyid":     eventByID,
		"calendar.event.get.nearest": nearestEvents,
	}
	for _, name := range []string{"im.notify", "im.notify.system.add", "im.notify.personal.add"} {
		methods[name] = notify
	}
	for entity, text := range map[string]string{"task.commentitem": "POST_MESSAGE", "task.checklistitem": "TITLE", "task.elapseditem": ""} {
		methods[entity+".add"] = func(p *Portal, req Request) (any, error) { return addPart(p, req, entity, text) }
		methods[entity+".delete"] = func(p *Portal, req Request) (any, error) { return deletePart(p, req, entity) }
	}
	return methods
}

// addMessage answers im.message.add.
func addMessage(p *Portal, req Request) (any, error) {
	args := capitals(req.params)
	_, attached := args.Isset("ATTACH")
	dialog := args.Text("DIALOG_ID")
	switch {
	case dialog == "" || php.Int(dialog) == 0 && !strings.HasPrefix(dialog, "chat"):
		return nil, badRequest("USER_ID_EMPTY", "User ID can't be empty")
	case args.Text("MESSAGE") == "" && !attached:
		return nil, badRequest("MESSAGE_EMPTY", "Message can't be empty")
	}
	s := p.table("im.dialog.messages")
	fields := map[string]any{
		"id": s.idValue(s.nextID()), "dialog_id": dialog, "author_id": php.Number(php.Int(req.user())), "text": args.Text("MESSAGE"), "unread": false,
	}
	s.stamp(fields, "date")
	return php.Number(php.Int(s.insert(fields).id)), nil
}

// notify answers im.notify and the like. A portal numbers notifications and messages together.
func notify(p *Portal, req Request) (any, error) {
	args := capitals(req.params)
	switch {
	case cmp.Or(args.Int("USER_ID"), args.Int("TO")) <= 0:
		return nil, badRequest("USER_ID_EMPTY", "User ID can't be empty")
	case args.Text("MESSAGE") == "":
		return nil, badRequest("MESSAGE_EMPTY", "Message can't be empty")
	}
	s := p.table("im.dialog.messages")
	s.lastID++
	return php.Number(int(s.lastID)), nil
}

// addPost answers log.blogpost.add.
func addPost(p *Portal, req Request) (any, error) {
	args := capitals(req.params)
	text := args.Text("POST_MESSAGE")
	if text == "" {
		return nil, badRequest("SONET_CONTROLLER_LIVEFEED_BLOGPOST_ADD_ERROR", "Blog post hasn't been added")
	}
	s := p.table("log.blogpost")
	fields := map[string]any{
		"ID": s.idValue(s.nextID()), "DETAIL_TEXT": text, "TITLE": cmp.Or(args.Text("POST_TITLE"), text), "PUBLISH_STATUS": "P",
		"AUTHOR_ID": cmp.Or(args.Text("USER_ID"), req.user()),
	}
	s.stamp(fields, "DATE_PUBLISH")
	return php.Number(php.Int(s.insert(fields).id)), nil
}

// lacksEvent returns the error for a required argument of a method of the calendar.
func lacksEvent(req Request, names ...string) error {
	for _, name := range names {
		v, ok := req.params.Isset(name)
		stamp, isStamped := req.params.Isset(name + "_ts")
		if (!ok || v == "") && (!isStamped || php.Int(stamp) == 0) {
			return badRequest("", `The required parameter "`+name+`" for the method "`+strings.ToLower(req.Method)+`" is not set`)
		}
	}
	return nil
}

// eventFields returns the fields of an event that the arguments set.
func eventFields(req Request) map[string]any {
	fields := map[string]any{}
	for name, field := range map[string]string{
		"type": "CAL_TYPE", "ownerId": "OWNER_ID", "name": "NAME", "from": "DATE_FROM", "to": "DATE_TO", "section": "SECTION_ID", "description": "DESCRIPTION",
		"color": "COLOR", "text_color": "TEXT_COLOR", "accessibility": "ACCESSIBILITY", "importance": "IMPORTANCE", "private_event": "PRIVATE_EVENT",
		"is_meeting": "IS_MEETING", "location": "LOCATION", "timezone_from": "TZ_FROM", "timezone_to": "TZ_TO", "skip_time": "DT_SKIP_TIME", "rrule": "RRULE",
	} {
		if v, ok := req.params.Isset(name); ok {
			fields[field] = v
		}
	}
	for name, field := range map[string]string{"from_ts": "DATE_FROM", "to_ts": "DATE_TO"} {
		if n := req.params.Int(name); n > 0 && fields[field] == nil {
			fields[field] = time.Unix(int64(n), 0).UTC().Format(time.RFC3339)
		}
	}
	return fields
}

func addEvent(p *Portal, req Request) (any, error) {
	needs := []string{"type", "name", "from", "to"}
	if req.params.Text("type") != "company_calendar" {
		needs = slices.Insert(needs, 1, "ownerId")
	}
	if err := lacksEvent(req, needs...); err != nil {
		return nil, err
	}
	s := p.table("calendar.event")
	w := &writing{req: req, fields: eventFields(req)}
	id := s.nextID()
	w.usual("ID", s.idValue(id), "PARENT_ID", id, "DELETED", "N", "CREATED_BY", req.user(), "DT_SKIP_TIME", "N", "IS_MEETING", "N", "ACCESSIBILITY", "busy",
		"IMPORTANCE", "normal", "PRIVATE_EVENT", "", "DESCRIPTION", "", "LOCATION", "", "OWNER_ID", "0")
	w.now("DATE_CREATE", "TIMESTAMP_X")
	s.insert(w.fields)
	return php.Number(php.Int(id)), nil
}

// event returns the event that the argument id names; nil if there is none.
func (p *Portal) event(req Request) (*store, *record) {
	s := p.table("calendar.event")
	i, ok := s.find(php.IntString(req.params.Text("id")))
	if !ok {
		return s, nil
	}
	return s, s.rows().at(i)
}

func updateEvent(p *Portal, req Request) (any, error) {
	if err := lacksEvent(req, "id", "ownerId", "type"); err != nil {
		return nil, err
	}
	s, r := p.event(req)
	if r == nil {
		return nil, badRequest("", "An error occurred while changing the event")
	}
	fields := eventFields(req)
	s.stamp(fields, "TIMESTAMP_X")
	s.set(r, fields)
	return php.Number(php.Int(r.id)), nil
}

func deleteEvent(p *Portal, req Request) (any, error) {
	if req.params.Int("id") <= 0 {
		return nil, badRequest("", "Event id not specified")
	}
	s, r := p.event(req)
	if r == nil {
		return nil, badRequest("", "An error occurred while deleting the event")
	}
	s.drop(r.id)
	return true, nil
}

func eventByID(p *Portal, req Request) (any, error) {
	if err := lacksEvent(req, "id"); err != nil {
		return nil, err
	}
	s, r := p.event(req)
	if r == nil {
		return php.NewArray(), nil
	}
	return newTeller(s, nil, req).row(r), nil
}

// nearestEvents answers calendar.event.get.nearest: the next events of the calendar, the first one
// first.
func nearestEvents(p *Portal, req Request) (any, error) {
	s := p.table("calendar.event")
	now := time.Now().UTC()
	until := now.AddDate(0, 0, cmp.Or(req.params.Int("days"), 60)).Format(time.RFC3339)
	kind, owner := cmp.Or(req.params.Text("type"), "user"), cmp.Or(req.params.Text("ownerId"), req.user())
	var found []*record
	for r := range each(s.rows()) {
		from := r.fields["DATE_FROM"]
		if equal(r.fields["CAL_TYPE"], kind) && equal(r.fields["OWNER_ID"], owner) && compare(from, now.Format(time.RFC3339)) >= 0 && compare(from, until) <= 0 {
			found = append(found, r)
		}
	}
	slices.SortStableFunc(found, func(a, b *record) int { return compare(a.fields["DATE_FROM"], b.fields["DATE_FROM"]) })
	if most := req.params.Int("maxEventsCount"); most > 0 && len(found) > most {
		found = found[:most]
	}
	return s.tellAll(req, found, nil), nil
}

// addPart adds a comment, a position of a checklist or a time to a task.
func addPart(p *Portal, req Request, entity, text string) (any, error) {
	s := p.table(entity)
	places := req.places()
	var given *php.Array
	if len(places) > 1 {
		given, _ = places[1].(*php.Array)
	}
	noun := map[string]string{"task.commentitem": "Comment text is not specified<br>", "task.checklistitem": "TASKS_ERROR_EXCEPTION_#8; Item name not specified; 8/TE/ACTION_FAILED_TO_BE_PROCESSED<br>"}
	switch task, ok := p.table("tasks.task").find(php.Text(places[0])); {
	case !ok || task < 0:
		return nil, badRequest("ERROR_CORE", "TASKS_ERROR_EXCEPTION_#8; Action not allowed; 8/TE/ACTION_FAILED_TO_BE_PROCESSED<br>")
	case text != "" && given.Text(text) == "":
		return nil, badRequest("ERROR_CORE", noun[entity])
	}
	fields := map[string]any{}
	s.write(fields, req, given, true)
	w := &writing{req: req, fields: fields}
	w.fields["ID"], w.fields["TASK_ID"] = s.idValue(s.nextID()), places[0]
	switch entity {
	case "task.commentitem":
		w.usual("AUTHOR_ID", req.user())
		w.now("POST_DATE")
	case "task.checklistitem":
		w.usual("CREATED_BY", req.user(), "IS_COMPLETE", "N", "IS_IMPORTANT", "N", "SORT_INDEX", "0", "PARENT_ID", "0")
	default:
		w.usual("USER_ID", req.user(), "MINUTES", php.Number(php.Int(fields["SECONDS"])/60).String(), "SOURCE", "2")
		w.now("CREATED_DATE", "DATE_START", "DATE_STOP")
	}
	return php.Number(php.Int(s.insert(fields).id)), nil
}

// deletePart removes one of them; its id is the second argument.
func deletePart(p *Portal, req Request, entity string) (any, error) {
	s := p.table(entity)
	places := req.places()
	if len(places) < 2 || !s.drop(php.Text(places[1])) {
		return nil, badRequest("ERROR_CORE", "TASKS_ERROR_EXCEPTION_#8; Action not allowed; 8/TE/ACTION_FAILED_TO_BE_PROCESSED<br>")
	}
	return true, nil
}
