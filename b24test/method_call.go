package b24test

import (
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// callMethods returns the methods of calls of an external telephony.
func callMethods() map[string]procedure {
	return map[string]procedure{
		"telephony.externalcall.register":          registerCall,
		"telephony.externalcall.finish":            finishCall,
		"telephony.externalcall.attachrecord":      attachRecord,
		"telephony.externalcall.show":              isRinging,
		"telephony.externalcall.hide":              isRinging,
		"telephony.externalcall.searchcrmentities": searchCallers,
		"telephony.call.attachtranscription":       attachTranscription,
	}
}

// caller is a record with a phone number.
type caller struct {
	kind   string // CONTACT
	typeID int
	record *record
}

// callers returns the records with a phone number, the nearest first.
func (p *Portal) callers(number string) []caller {
	var list []caller
	wanted := digits(number)
	for _, kind := range []struct {
		name   string
		typeID int
	}{{"CONTACT", 3}, {"COMPANY", 4}, {"LEAD", 1}} {
		for r := range each(p.table(twins()[kind.typeID]).rows()) {
			for _, c := range contacts(r.fields) {
				if c.kind == "PHONE" && wanted != "" && digits(c.value) == wanted {
					list = append(list, caller{kind: kind.name, typeID: kind.typeID, record: r})
					break
				}
			}
		}
	}
	return list
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if isNumeral(r) {
			return r
		}
		return -1
	}, s)
}

func registerCall(p *Portal, req Request) (any, error) {
	args := capitals(req.params)
	number := args.Text("PHONE_NUMBER")
	_, hasStart := args.Isset("CALL_START_DATE")
	switch kind := args.Int("TYPE"); {
	case args.Int("USER_ID") <= 0 && args.Text("USER_PHONE_INNER") == "":
		return nil, badRequest("ERROR_CORE", "USER_ID or USER_PHONE_INNER should be set")
	case kind < 1 || kind > 4:
		return nil, badRequest("ERROR_CORE", "Unknown TYPE")
	case hasStart && !looksLikeTime(args.Text("CALL_START_DATE")):
		return nil, badRequest("ERROR_CORE", "CALL_START_DATE should be in the ISO-8601 format")
	case digits(number) == "":
		return nil, badRequest("ERROR_CORE", "Unsupported phone number format")
	}
	fields := map[string]any{
		"PHONE_NUMBER": number, "CALL_TYPE": php.Number(args.Int("TYPE")), "PORTAL_USER_ID": php.Number(args.Int("USER_ID")), "PORTAL_NUMBER": args.Text("LINE_NUMBER"),
		"CALL_START_DATE": args.Text("CALL_START_DATE"), "CRM_ENTITY_TYPE": nil, "CRM_ENTITY_ID": nil, "EXTERNAL_CALL_ID": nil, "CALL_CATEGORY": "external",
	}
	if !hasStart {
		new(store).stamp(fields, "CALL_START_DATE")
	}
	if id, ok := args.Isset("EXTERNAL_CALL_ID"); ok {
		fields["EXTERNAL_CALL_ID"] = php.String(id)
	}
	lead := p.nameCaller(fields, args, req)
	created := php.NewArray()
	if lead != nil {
		created.Add(php.Object("ENTITY_TYPE", "LEAD", "ENTITY_ID", lead))
	}
	s := p.table("voximplant.statistic")
	s.given++
	id := "externalCall." + textID(s.given)
	fields["CALL_ID"] = id
	p.ringing[id] = fields
	return php.Object("CALL_ID", id, "CRM_CREATED_LEAD", lead, "CRM_CREATED_ENTITIES", created,
		"CRM_ENTITY_TYPE", fields["CRM_ENTITY_TYPE"], "CRM_ENTITY_ID", fields["CRM_ENTITY_ID"]), nil
}

// nameCaller finds the record of a call, or creates a lead if the request wants one; it returns the
// id of the lead, or nil.
func (p *Portal) nameCaller(fields map[string]any, args *php.Array, req Request) any {
	if args.Text("CRM_ENTITY_TYPE") != "" && args.Int("CRM_ENTITY_ID") > 0 {
		fields["CRM_ENTITY_TYPE"], fields["CRM_ENTITY_ID"] = strings.ToUpper(args.Text("CRM_ENTITY_TYPE")), php.Number(args.Int("CRM_ENTITY_ID"))
		return nil
	}
	if found := p.callers(args.Text("PHONE_NUMBER")); len(found) > 0 {
		fields["CRM_ENTITY_TYPE"], fields["CRM_ENTITY_ID"] = found[0].kind, php.Number(php.Int(found[0].record.id))
		return nil
	}
	if args.Int("CRM_CREATE") != 1 {
		return nil
	}
	s := p.table("crm.lead")
	lead := map[string]any{
		"ID": s.idValue(s.nextID()), "TITLE": args.Text("PHONE_NUMBER") + " - Incoming call", "ASSIGNED_BY_ID": args.Text("USER_ID"), "STATUS_ID": "NEW",
		"SOURCE_ID": args.Text("CRM_SOURCE"), "CREATED_BY_ID": req.user(),
	}
	s.changeContacts(lead, []contact{{kind: "PHONE", value: args.Text("PHONE_NUMBER")}})
	s.stamp(lead, "DATE_CREATE")
	s.stamp(lead, "DATE_MODIFY")
	id := php.Number(php.Int(s.insert(lead).id))
	fields["CRM_ENTITY_TYPE"], fields["CRM_ENTITY_ID"] = "LEAD", id
	return id
}

func finishCall(p *Portal, req Request) (any, error) {
	args := capitals(req.params)
	id := args.Text("CALL_ID")
	fields := p.ringing[id]
	switch {
	case id == "":
		return nil, badRequest("INVALID_ARGUMENT", "CALL_ID must be a string")
	case args.Int("USER_ID") <= 0 && args.Text("USER_PHONE_INNER") == "":
		return nil, badRequest("ERROR_CORE", "USER_ID or USER_PHONE_INNER should be set")
	case fields == nil:
		return nil, badRequest("ERROR_CORE", "Call is not found (call should be registered prior to finishing)")
	}
	delete(p.ringing, id)
	s := p.table("voximplant.statistic")
	fields["ID"] = s.idValue(s.nextID())
	fields["CALL_DURATION"], fields["CALL_VOTE"], fields["COST"] = php.Number(args.Int("DURATION")), php.Number(args.Int("VOTE")), decimal(number(args.Text("COST")))
	fields["COST_CURRENCY"], fields["CALL_FAILED_REASON"], fields["COMMENT"] = args.Text("COST_CURRENCY"), args.Text("FAILED_REASON"), nil
	fields["CALL_FAILED_CODE"] = "200"
	if code := args.Text("STATUS_CODE"); code != "" {
		fields["CALL_FAILED_CODE"] = code
	}
	fields["CRM_ACTIVITY_ID"] = p.callActivity(fields, req)
	fields["CALL_RECORD_URL"] = args.Text("RECORD_URL")
	s.insert(fields)
	answer := php.NewArray()
	for name := range strings.FieldsSeq(`CALL_ID EXTERNAL_CALL_ID PORTAL_USER_ID PHONE_NUMBER PORTAL_NUMBER INCOMING CALL_DURATION CALL_START_DATE CALL_STATUS
		CALL_VOTE COST COST_CURRENCY CALL_FAILED_CODE CALL_FAILED_REASON CRM_ACTIVITY_ID COMMENT CRM_ENTITY_TYPE CRM_ENTITY_ID`) {
		answer.Set(name, fields[name])
	}
	answer.Set("INCOMING", php.Text(fields["CALL_TYPE"]))
	answer.Set("CALL_STATUS", php.Number(php.Int(fields["CALL_FAILED_CODE"] == "200")))
	return answer, nil
}

// callActivity adds the activity of a finished call to its record; nil if it has none.
func (p *Portal) callActivity(call map[string]any, req Request) any {
	typeID := map[any]int{"LEAD": 1, "DEAL": 2, "CONTACT": 3, "COMPANY": 4}[call["CRM_ENTITY_TYPE"]]
	id := php.Int(call["CRM_ENTITY_ID"])
	if !p.exists(typeID, id) {
		return nil
	}
	s := p.table("crm.activity")
	w := &writing{req: req, fields: map[string]any{
		"ID": s.idValue(s.nextID()), "TYPE_ID": "2", "OWNER_TYPE_ID": php.Number(typeID).String(), "OWNER_ID": php.Number(id).String(), "EDITOR_ID": req.user(),
		"SUBJECT": "Call " + php.Text(call["PHONE_NUMBER"]), "START_TIME": call["CALL_START_DATE"], "COMPLETED": "Y", "BINDINGS": php.List(bound(typeID, id)),
		"RESPONSIBLE_ID": php.Text(call["PORTAL_USER_ID"]), "DIRECTION": php.Text(call["CALL_TYPE"]),
		"COMMUNICATIONS": php.List(php.Object("TYPE", "PHONE", "VALUE", call["PHONE_NUMBER"], "ENTITY_TYPE_ID", php.Number(typeID), "ENTITY_ID", php.Number(id))),
	}}
	w.usualActivity()
	w.now("CREATED", "LAST_UPDATED")
	return php.Number(php.Int(s.insert(w.fields).id))
}

// isRinging answers telephony.externalcall.show and hide.
func isRinging(p *Portal, req Request) (any, error) {
	return p.ringing[capitals(req.params).Text("CALL_ID")] != nil, nil
}

func searchCallers(p *Portal, req Request) (any, error) {
	number := capitals(req.params).Text("PHONE_NUMBER")
	if number == "" {
		return nil, badRequest("ERROR_CORE", "PHONE_NUMBER is empty")
	}
	list := php.NewArray()
	for _, c := range p.callers(number) {
		name := strings.TrimSpace(php.Text(c.record.fields["NAME"]) + " " + php.Text(c.record.fields["LAST_NAME"]))
		if name == "" {
			name = php.Text(c.record.fields["TITLE"])
		}
		assigned := php.Int(c.record.fields["ASSIGNED_BY_ID"])
		list.Add(php.Object("CRM_ENTITY_TYPE", c.kind, "CRM_ENTITY_ID", php.Number(php.Int(c.record.id)), "ASSIGNED_BY_ID", php.Number(assigned), "NAME", name,
			"ASSIGNED_BY", php.Object("ID", php.Number(assigned).String(), "TIMEMAN_STATUS", "CLOSED", "USER_PHONE_INNER", nil, "WORK_PHONE", nil, "PERSONAL_PHONE", nil,
				"PERSONAL_MOBILE", nil)))
	}
	return list, nil
}

func attachTranscription(p *Portal, req Request) (any, error) {
	args := capitals(req.params)
	id := args.Text("CALL_ID")
	v, _ := args.Get("MESSAGES")
	messages, isList := v.(*php.Array)
	switch {
	case id == "":
		return nil, badRequest("ERROR_CORE", "CALL_ID should be set")
	case !isList:
		return nil, badRequest("ERROR_CORE", "MESSAGES should be an array")
	}
	for key, v := range messages.All() {
		message, _ := v.(*php.Array)
		if text := wrongMessage(capitals(message)); text != "" {
			return nil, badRequest("ERROR_CORE", "MESSAGES["+key+"]["+text)
		}
	}
	s := p.table("voximplant.statistic")
	for r := range each(s.rows()) {
		if r.fields["CALL_ID"] == id {
			transcript := php.Number(p.data.serial.next())
			s.set(r, map[string]any{"TRANSCRIPT_ID": transcript, "TRANSCRIPT_PENDING": "N"})
			return php.Object("TRANSCRIPT_ID", transcript), nil
		}
	}
	return nil, badRequest("ERROR_CORE", "Call "+id+" is not found. Is it finished?")
}

// wrongMessage returns what is wrong with a message of a transcription.
func wrongMessage(m *php.Array) string {
	switch side := m.Text("SIDE"); {
	case side != "Client" && side != "User":
		return "SIDE] should be either Client or User"
	case m.Int("START_TIME") < 0:
		return "START_TIME] should be greater or equal to zero"
	case m.Int("STOP_TIME") <= 0:
		return "STOP_TIME] should be greater than zero"
	case m.Text("MESSAGE") == "":
		return "MESSAGE] is empty"
	}
	return ""
}
