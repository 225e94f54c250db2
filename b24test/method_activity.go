package b24test

import (
	"maps"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// The types of activities.
const (
	meetingActivity  = 1
	callActivity     = 2
	emailActivity    = 4
	providerActivity = 6
)

// activityMethods returns the methods of activities, except those that plan them, and of comments.
func activityMethods() map[string]procedure {
	activities := resource{entity: "crm.activity", lost: absent("", "Activity is not found."), settle: settleActivity}
	comments := resource{
		entity: "crm.timeline.comment", settle: settleComment, lost: func(string) error { return badRequest("NOT_FOUND", "Not found") }, void: true,
	}
	methods := methodsOf(activities, comments)
	delete(methods, "crm.activity.get")
	delete(methods, "crm.timeline.comment.get") // as for records
	maps.Copy(methods, map[string]procedure{
		"crm.activity.binding.add":    addBinding,
		"crm.activity.binding.delete": deleteBinding,
		"crm.activity.binding.move":   moveBinding,
		"crm.activity.binding.list":   listBindings,
		"crm.timeline.comment.update": func(p *Portal, req Request) (any, error) {
			if _, err := comments.update(p, req); err != nil {
				return nil, err
			}
			r, err := comments.find(p.table(comments.entity), req)
			if err != nil {
				return nil, err
			}
			return php.Number(php.Int(r.id)), nil // not true, as other updates of the CRM
		},
	})
	return methods
}

// settleActivity completes an activity of crm.activity.add, which belongs to its owner and to
// everyone it communicates with.
func settleActivity(p *Portal, w *writing) error {
	f := w.fields
	f["EDITOR_ID"] = w.req.user()
	if w.old != nil {
		return nil
	}
	kind := php.Int(f["TYPE_ID"])
	if kind == 0 && f["PROVIDER_ID"] != nil {
		kind = providerActivity
	}
	switch {
	case strings.TrimSpace(php.Text(f["SUBJECT"])) == "":
		return badRequest("", "The field SUBJECT is not defined or empty.")
	case kind < meetingActivity || kind > providerActivity:
		return badRequest("", "The field TYPE_ID is not defined or invalid.")
	case kind == providerActivity && php.Text(f["PROVIDER_ID"]) == "":
		return badRequest("", "The custom activity without provider is not supported in current context.")
	case kind == 3 || kind == 5:
		return badRequest("", `The activity type "`+map[int]string{3: "Task", 5: "Other"}[kind]+` is not supported in current context".`)
	}
	bindings, err := p.communicate(w, kind)
	if err != nil {
		return err
	}
	f["TYPE_ID"], f["BINDINGS"] = php.Number(kind).String(), bindings
	owner := p.owner(php.Int(f["OWNER_TYPE_ID"]), php.Int(f["OWNER_ID"]))
	if owner != nil && php.Int(f["RESPONSIBLE_ID"]) <= 0 && owner.fields["ASSIGNED_BY_ID"] != nil {
		f["RESPONSIBLE_ID"] = php.Text(owner.fields["ASSIGNED_BY_ID"])
	}
	w.usualActivity()
	return nil
}

// usualActivity gives an activity what every activity has.
func (w *writing) usualActivity() {
	f := w.fields
	w.usual("RESPONSIBLE_ID", w.req.user(), "COMPLETED", "N", "PRIORITY", "2", "DESCRIPTION_TYPE", "1", "DIRECTION", "0", "AUTHOR_ID", w.req.user())
	if f["DEADLINE"] == nil {
		f["DEADLINE"] = f["START_TIME"]
	}
	w.usual("DEADLINE", "9999-12-31T00:00:00+00:00", "STATUS", map[any]string{"Y": "2"}[f["COMPLETED"]])
	if f["STATUS"] == "" {
		f["STATUS"] = "1"
	}
	switch php.Int(f["TYPE_ID"]) {
	case meetingActivity:
		w.usual("PROVIDER_ID", "CRM_MEETING", "PROVIDER_TYPE_ID", "MEETING")
	case callActivity:
		w.usual("PROVIDER_ID", "VOXIMPLANT_CALL", "PROVIDER_TYPE_ID", "CALL")
	case emailActivity:
		w.usual("PROVIDER_ID", "CRM_EMAIL", "PROVIDER_TYPE_ID", "EMAIL")
	}
}

// communicate completes the communications of an activity and returns its bindings.
func (p *Portal) communicate(w *writing, kind int) (*php.Array, error) {
	bindings, list := php.NewArray(), php.NewArray()
	typeID, id := php.Int(w.fields["OWNER_TYPE_ID"]), php.Int(w.fields["OWNER_ID"])
	if typeID > 0 && id > 0 {
		bindings.Add(bound(typeID, id))
	}
	for _, v := range w.given.Inner("COMMUNICATIONS").All() {
		c, ok := v.(*php.Array)
		if !ok {
			continue
		}
		c = communication(c, kind, typeID, id)
		if wants := map[int]string{callActivity: "PHONE", emailActivity: "EMAIL"}[kind]; wants != "" && c.Text("TYPE") != wants {
			continue
		}
		list.Add(c)
		if b := bound(c.Int("ENTITY_TYPE_ID"), c.Int("ENTITY_ID")); c.Int("ENTITY_ID") > 0 && !isBound(bindings, b) {
			bindings.Add(b)
		}
	}
	switch {
	case list.Len() == 0 && kind != providerActivity:
		return nil, badRequest("", "The field COMMUNICATIONS is not defined or invalid.")
	case list.Len() > 1 && (kind == meetingActivity || kind == callActivity):
		return nil, badRequest("", "The only one communication is allowed for activity of specified type.")
	case bindings.Len() == 0:
		return nil, badRequest("", "Could not build binding. Please ensure that owner info and communications are defined correctly.")
	}
	w.fields["COMMUNICATIONS"] = list
	return bindings, p.checkBound(bindings)
}

// communication completes a communication with the owner of the activity.
func communication(given *php.Array, kind, typeID, id int) *php.Array {
	c := given.Clone()
	if c.Int("ENTITY_ID") <= 0 || c.Int("ENTITY_TYPE_ID") <= 0 {
		c.Set("ENTITY_ID", php.Number(id))
		c.Set("ENTITY_TYPE_ID", php.Number(typeID))
	}
	if c.Text("TYPE") == "" {
		c.Set("TYPE", map[int]string{callActivity: "PHONE", emailActivity: "EMAIL"}[kind])
	}
	return c
}

func bound(typeID, id int) *php.Array {
	return php.Object("OWNER_TYPE_ID", php.Number(typeID), "OWNER_ID", php.Number(id))
}

// isBound reports whether a list has a binding.
func isBound(list, b *php.Array) bool {
	return list.Contains(func(_ string, v any) bool {
		one, _ := v.(*php.Array)
		return one.Int("OWNER_TYPE_ID") == b.Int("OWNER_TYPE_ID") && one.Int("OWNER_ID") == b.Int("OWNER_ID")
	})
}

// checkBound refuses bindings to records that do not exist.
func (p *Portal) checkBound(bindings *php.Array) error {
	for _, v := range bindings.All() {
		b, _ := v.(*php.Array)
		typeID := b.Int("OWNER_TYPE_ID")
		name := "DYNAMIC_" + php.Number(typeID).String()
		if entity, ok := strings.CutPrefix(twins()[typeID], "crm."); ok {
			name = strings.ToUpper(entity)
		}
		if !p.exists(typeID, b.Int("OWNER_ID")) {
			return badRequest("", "Could not find '"+name+"' with ID: "+b.Text("OWNER_ID"))
		}
	}
	return nil
}

// settleComment completes a comment of a record.
func settleComment(p *Portal, w *writing) error {
	_, named := w.given.Isset("COMMENT")
	if text := php.Text(w.fields["COMMENT"]); strings.TrimSpace(text) == "" && (w.old == nil || named) {
		return badRequest("INVALID_ARG_VALUE", "Empty comment message")
	}
	if w.old != nil {
		return nil
	}
	kind := php.Text(w.fields["ENTITY_TYPE"])
	if !p.exists(typeNamed(kind), php.Int(w.fields["ENTITY_ID"])) {
		return badRequest("OWNER_NOT_FOUND", "Owner was not found")
	}
	w.fields["ENTITY_TYPE"] = strings.ToLower(kind)
	w.usual("AUTHOR_ID", w.req.user())
	return nil
}

// typeNamed returns the entityTypeId of a name: deal, DYNAMIC_130; 0 if there is none.
func typeNamed(name string) int {
	name = strings.ToLower(name)
	for typeID, entity := range twins() {
		if entity == "crm."+name {
			return typeID
		}
	}
	if number, ok := strings.CutPrefix(name, "dynamic_"); ok {
		return php.Int(number)
	}
	return map[string]int{"smart_invoice": 31}[name]
}

// activityArgs returns the arguments of a method of bindings or plans, which must be positive
// numbers; an argument that is missing is the error of a controller.
func activityArgs(req Request, names ...string) ([]int, error) {
	ids := make([]int, len(names))
	for i, name := range names {
		v, ok := req.params.Isset(name)
		if !ok {
			return nil, badRequest("100", "Could not find value for parameter {"+name+"}")
		}
		ids[i] = php.Int(v)
	}
	return ids, nil
}

// activity returns the activity of an id.
func (p *Portal) activity(id int) (*store, *record, error) {
	s := p.table("crm.activity")
	i, ok := s.find(php.Number(id).String())
	if !ok {
		return nil, nil, badRequest("NOT_FOUND", "Not found")
	}
	return s, s.rows().at(i), nil
}

// bindings returns what an activity is bound to: a seeded one may only have an owner.
func bindings(r *record) *php.Array {
	list, _ := r.fields["BINDINGS"].(*php.Array)
	if list.Len() == 0 && php.Int(r.fields["OWNER_ID"]) > 0 {
		return php.List(bound(php.Int(r.fields["OWNER_TYPE_ID"]), php.Int(r.fields["OWNER_ID"])))
	}
	return list
}

func listBindings(p *Portal, req Request) (any, error) {
	ids, err := activityArgs(req, "activityId")
	if err != nil {
		return nil, err
	}
	_, r, err := p.activity(ids[0])
	if err != nil {
		return nil, err
	}
	list := php.NewArray()
	for _, v := range bindings(r).All() {
		b, _ := v.(*php.Array)
		list.Add(php.Object("entityTypeId", php.Number(b.Int("OWNER_TYPE_ID")), "entityId", php.Number(b.Int("OWNER_ID"))))
	}
	return list, nil
}

func addBinding(p *Portal, req Request) (any, error) {
	return p.rebind(req, []string{"activityId", "entityTypeId", "entityId"}, func(ids []int, list *php.Array) (*php.Array, error) {
		if !p.exists(ids[1], ids[2]) {
			return nil, badRequest("OWNER_NOT_FOUND", "Owner was not found")
		}
		return bind(list, bound(ids[1], ids[2]))
	})
}

func deleteBinding(p *Portal, req Request) (any, error) {
	return p.rebind(req, []string{"activityId", "entityTypeId", "entityId"}, func(ids []int, list *php.Array) (*php.Array, error) {
		left, err := unbind(list, bound(ids[1], ids[2]))
		if err == nil && left.Len() == 0 {
			return nil, badRequest("LAST_BINDING_CANNOT_BE_DELETED", "Last binding cannot be deleted")
		}
		return left, err
	})
}

func moveBinding(p *Portal, req Request) (any, error) {
	names := []string{"activityId", "sourceEntityTypeId", "sourceEntityId", "targetEntityTypeId", "targetEntityId"}
	return p.rebind(req, names, func(ids []int, list *php.Array) (*php.Array, error) {
		switch {
		case ids[1] != ids[3]:
			return nil, badRequest("SOURCE_AND_TARGET_ENTITY_TYPES_ARE_NOT_EQUAL_ERROR", "Source and target entity types are not equal")
		case ids[2] == ids[4]:
			return nil, badRequest("SOURCE_AND_TARGET_ENTITY_ID_ARE_EQUAL_ERROR", "Source and target entity ids are equal")
		case !p.exists(ids[3], ids[4]):
			return nil, badRequest("OWNER_NOT_FOUND", "Owner was not found")
		}
		left, err := unbind(list, bound(ids[1], ids[2]))
		if err != nil {
			return nil, err
		}
		return bind(left, bound(ids[3], ids[4]))
	})
}

// rebind changes the bindings of an activity. Its owner is the first of them.
func (p *Portal) rebind(req Request, names []string, f func(ids []int, list *php.Array) (*php.Array, error)) (any, error) {
	ids, err := activityArgs(req, names...)
	if err != nil {
		return nil, err
	}
	s, r, err := p.activity(ids[0])
	if err != nil {
		return nil, err
	}
	list, err := f(ids, bindings(r))
	if err != nil {
		return nil, err
	}
	changes := map[string]any{"BINDINGS": list}
	if !isBound(list, bound(php.Int(r.fields["OWNER_TYPE_ID"]), php.Int(r.fields["OWNER_ID"]))) {
		first, _ := list.Values()[0].(*php.Array)
		changes["OWNER_TYPE_ID"], changes["OWNER_ID"] = first.Text("OWNER_TYPE_ID"), first.Text("OWNER_ID")
	}
	s.set(r, changes)
	return true, nil
}

func bind(list, b *php.Array) (*php.Array, error) {
	if isBound(list, b) {
		return nil, badRequest("ACTIVITY_IS_ALREADY_BOUND", "Activity is already bound to this entity")
	}
	return php.List(append(list.Values(), b)...), nil
}

func unbind(list, b *php.Array) (*php.Array, error) {
	if !isBound(list, b) {
		return nil, badRequest("BINDING_NOT_FOUND", "Binding not found")
	}
	left := php.NewArray()
	for _, v := range list.All() {
		if one, _ := v.(*php.Array); !isBound(php.List(one), b) {
			left.Add(v)
		}
	}
	return left, nil
}
