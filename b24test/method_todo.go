package b24test

import (
	"maps"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test/internal/php"
)

// todoMethods returns the methods of planned activities.
func todoMethods() map[string]procedure {
	return map[string]procedure{
		"crm.activity.todo.add":    addTodo,
		"crm.activity.todo.update": updateTodo,
		"crm.activity.todo.updatedeadline": func(p *Portal, req Request) (any, error) {
			return p.changeTodo(req, "value", "DEADLINE", "CAN_NOT_UPDATE_COMPLETED_TODO")
		},
		"crm.activity.todo.updatedescription": func(p *Portal, req Request) (any, error) {
			return p.changeTodo(req, "value", "DESCRIPTION", "CAN_NOT_UPDATE_COMPLETED_TODO")
		},
		"crm.activity.todo.updateresponsibleuser": func(p *Portal, req Request) (any, error) {
			return p.changeTodo(req, "responsibleId", "RESPONSIBLE_ID", "CAN_NOT_UPDATE_RESPONSIBLE_USER_COMPLETED_TODO")
		},
	}
}

// todoFields returns the fields of a plan that the arguments set.
func todoFields(req Request) (map[string]any, error) {
	fields := map[string]any{}
	for name, field := range map[string]string{"title": "SUBJECT", "description": "DESCRIPTION", "responsibleId": "RESPONSIBLE_ID", "deadline": "DEADLINE"} {
		if v, ok := req.params.Isset(name); ok {
			fields[field] = php.String(v)
		}
	}
	deadline, ok := momentOf(fields["DEADLINE"], false)
	if !ok {
		return nil, badRequest("WRONG_DATETIME_FORMAT", "Wrong date format")
	}
	fields["DEADLINE"] = deadline
	return fields, nil
}

// todoOwner returns the owner that the arguments name.
func (p *Portal) todoOwner(req Request, names ...string) ([]int, error) {
	ids, err := activityArgs(req, append([]string{"ownerTypeId", "ownerId"}, names...)...)
	if err != nil {
		return nil, err
	}
	if !p.exists(ids[0], ids[1]) {
		return nil, badRequest("OWNER_NOT_FOUND", "Owner was not found")
	}
	return ids, nil
}

func addTodo(p *Portal, req Request) (any, error) {
	ids, err := p.todoOwner(req, "deadline")
	if err != nil {
		return nil, err
	}
	fields, err := todoFields(req)
	if err != nil {
		return nil, err
	}
	s := p.table("crm.activity")
	w := &writing{req: req, fields: fields}
	maps.Copy(fields, map[string]any{
		"ID": s.idValue(s.nextID()), "OWNER_TYPE_ID": php.Number(ids[0]).String(), "OWNER_ID": php.Number(ids[1]).String(), "EDITOR_ID": req.user(),
		"TYPE_ID": php.Number(providerActivity).String(), "PROVIDER_ID": "CRM_TODO", "PROVIDER_TYPE_ID": "TODO", "BINDINGS": php.List(bound(ids[0], ids[1])),
	})
	w.usual("SUBJECT", "To-do", "DESCRIPTION", "", "START_TIME", fields["DEADLINE"], "END_TIME", fields["DEADLINE"])
	w.usualActivity()
	w.now("CREATED", "LAST_UPDATED")
	s.insert(fields)
	return php.Object("id", php.Number(php.Int(fields["ID"]))), nil
}

// todo returns the plan that the arguments name; an error with the code means that it is completed.
func (p *Portal) todo(req Request, names ...string) (*store, *record, error) {
	ids, err := activityArgs(req, append([]string{"id"}, names...)...)
	if err != nil {
		return nil, nil, err
	}
	if _, err := p.todoOwner(req); err != nil {
		return nil, nil, err
	}
	s, r, err := p.activity(ids[0])
	if err != nil || r.fields["PROVIDER_ID"] != "CRM_TODO" {
		return nil, nil, badRequest("NOT_FOUND", "Not found")
	}
	return s, r, nil
}

func updateTodo(p *Portal, req Request) (any, error) {
	s, r, err := p.todo(req, "deadline")
	if err != nil {
		return nil, err
	}
	fields, err := todoFields(req)
	switch {
	case err != nil:
		return nil, err
	case r.fields["COMPLETED"] == "Y":
		return nil, badRequest("CAN_NOT_UPDATE_COMPLETED_TODO", "Can not update completed todo")
	}
	s.stamp(fields, "LAST_UPDATED")
	s.set(r, fields)
	return php.Object("id", php.Number(php.Int(r.id))), nil
}

// changeTodo changes one field of a plan.
func (p *Portal) changeTodo(req Request, arg, field string, completed b24.Code) (any, error) {
	s, r, err := p.todo(req, arg)
	if err != nil {
		return nil, err
	}
	v, _ := req.params.Get(arg)
	switch {
	case field == "DEADLINE" && !php.IsTime(v):
		return nil, badRequest("WRONG_DATETIME_FORMAT", "Wrong date format")
	case field == "RESPONSIBLE_ID" && php.Int(v) <= 0:
		return nil, badRequest("INVALID_ARG_VALUE", `Parameter "responsibleId" must be greater than 0`)
	case r.fields["COMPLETED"] == "Y":
		return nil, badRequest(completed, "Can not update completed todo")
	}
	value := php.String(v)
	if field == "DEADLINE" {
		value, _ = momentOf(v, false)
	}
	s.set(r, map[string]any{field: value})
	return php.Object("id", php.Number(php.Int(r.id))), nil
}
