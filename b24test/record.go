package b24test

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test/internal/php"
)

// get answers *.get.
func get(s *store, req Request) (any, error) {
	r, err := s.addressed(req)
	if err != nil {
		return nil, err
	}
	if r == nil {
		if s.fam.missing == missingTask {
			return php.NewArray(), nil // the portal returns [], not an error
		}
		return nil, s.notFound()
	}
	var sel *php.Array
	if s.fam.missing == missingTask {
		if sel, err = s.fam.arrayArg(req, "select"); err != nil {
			return nil, err
		}
	}
	return Result{Value: s.rowResult(r, sel, req), work: work{rows: 1}}, nil
}

// add answers *.add.
func add(s *store, req Request) (any, error) {
	values, err := s.fieldsArg(req)
	if err != nil {
		return nil, err
	}
	if err := cmp.Or(s.complains(values, true), s.refuses(values)); err != nil {
		return nil, err
	}
	fields := map[string]any{}
	s.write(fields, req, values, true)
	s.fillUsual(fields)
	fields[s.fam.id] = s.idValue(s.nextID())
	s.stamp(fields, s.fam.created)
	s.stamp(fields, s.fam.changed)
	r := s.insert(fields)
	if s.fam.row == "" {
		n, _ := strconv.Atoi(r.id)
		return php.Number(n), nil
	}
	return s.rowResult(r, php.NewArray(), req), nil
}

// update answers *.update.
func update(s *store, req Request) (any, error) {
	r, err := s.addressed(req)
	if err != nil {
		return nil, err
	}
	if r == nil && s.fam.absent != "" {
		return nil, badRequest("", s.fam.absent)
	}
	if r == nil {
		return nil, s.notFound()
	}
	values, err := s.fieldsArg(req)
	if err != nil {
		return nil, err
	}
	if err := cmp.Or(s.complains(values, false), s.refuses(values)); err != nil {
		return nil, err
	}
	fields := maps.Clone(r.fields)
	s.write(fields, req, values, false)
	s.stamp(fields, s.fam.changed)
	r = s.insert(fields)
	if s.fam.row == "" {
		return true, nil
	}
	return s.rowResult(r, php.NewArray(), req), nil
}

// remove answers *.delete.
func remove(s *store, req Request) (any, error) {
	r, err := s.addressed(req)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, s.notFound()
	}
	s.drop(r.id)
	switch s.fam.missing {
	case missingItem:
		return php.NewArray(), nil
	case missingTask:
		return php.Object(s.fam.row, true), nil
	default:
		return true, nil
	}
}

// fields answers *.fields with the documented fields and those that rows have had so far.
func fields(s *store, req Request) (any, error) {
	names := map[string]bool{}
	maps.Copy(names, s.fields)
	for name := range s.fam.traits {
		names[name] = true
	}
	original := s.fam.aliases != nil && php.Text(req.Params["useOriginalUfNames"]) == "Y"
	all := php.Object()
	for _, name := range slices.Sorted(maps.Keys(names)) {
		switch {
		case s.fam.untold(name):
		case s.fam.sort:
			all.Set(name, name)
		case original && isUser(name):
			all.Set(name, s.describe(name))
		default:
			all.Set(s.fam.told(name), s.describe(name))
		}
	}
	if s.fam.row != "" {
		return php.Object("fields", all), nil
	}
	return all, nil
}

// describe returns the description of a field.
func (s *store) describe(name string) *php.Array {
	if c := s.custom[name]; c != nil {
		if s.fam.aliases == nil {
			return c.describe("")
		}
		return c.describe(s.fam.aliases.capitals(name))
	}
	t := s.fam.traits[name]
	kind := t.typeName()
	if isMulti(name) && t.several {
		kind = "crm_multifield"
	}
	other, directory := documentedType(cmp.Or(s.fam.twin, s.fam.entity), name)
	kind = cmp.Or(other, kind)
	if s.fam.aliases != nil && kind == "char" {
		kind = "boolean"
	}
	about := php.Object("type", kind, "isRequired", false, "isReadOnly", t.readOnly, "isImmutable", t.addOnly, "isMultiple", t.several,
		"isDynamic", isUser(name))
	if directory != "" {
		about.Set("statusType", directory)
	}
	about.Set("title", name)
	if s.fam.aliases != nil {
		about.Set("upperName", s.fam.aliases.capitals(name))
	}
	return about
}

// typeName returns the portal's name of the type.
func (t trait) typeName() string {
	switch {
	case t.whole:
		return "integer"
	case t.fraction:
		return "double"
	case t.flag:
		return "char"
	case t.moment:
		return "datetime"
	}
	return "string"
}

// addressed returns the row that a request names by its id; nil if there is none.
func (s *store) addressed(req Request) (*record, error) {
	for _, name := range s.fam.idArgs {
		v, ok := s.fam.arg(req, name)
		if !ok || v == nil {
			continue
		}
		n := php.Int(v)
		if n <= 0 {
			return nil, s.badID(php.Text(v))
		}
		if i, ok := s.find(strconv.Itoa(n)); ok {
			return s.rows().at(i), nil
		}
		return nil, nil //nolint:nilnil // documented
	}
	return nil, s.noID()
}

func (s *store) notFound() error {
	switch s.fam.missing {
	case missingItem:
		return badRequest("NOT_FOUND", "Item not found")
	case missingTask:
		return badRequest("1048582", "Action on the task is not allowed")
	default:
		return badRequest("", "Not found")
	}
}

func (s *store) badID(given string) error {
	switch s.fam.missing {
	case missingItem:
		if _, ok := php.Index(given); ok {
			return s.notFound()
		}
		return badRequest("100", "Invalid value {"+given+"} to match with parameter {id}. Should be value of type int.")
	case missingTask:
		return badRequest("0", "wrong task id")
	default:
		return badRequest("", "ID is not defined or invalid.")
	}
}

func (s *store) noID() error {
	switch s.fam.missing {
	case missingItem:
		return badRequest("100", "Could not find value for parameter {id}")
	case missingTask:
		return badRequest("100", "CTaskItem All parameters in the constructor must have real class type (internal error)")
	default:
		return badRequest("", "ID is not defined or invalid.")
	}
}

func badRequest(code b24.Code, text string) error {
	return &b24.Error{Code: code, Description: text, Status: http.StatusBadRequest}
}

// fieldsArg returns the argument fields. Only a controller requires it: a classic method treats a
// missing argument as no fields.
func (s *store) fieldsArg(req Request) (*php.Array, error) {
	v, ok := s.fam.arg(req, "fields")
	if a, isArray := v.(*php.Array); isArray {
		return a, nil
	}
	switch {
	case !s.fam.checked && v == nil:
		return php.NewArray(), nil
	case !s.fam.checked:
		return nil, badRequest("", "Parameter 'fields' must be array.")
	case !ok:
		return nil, badRequest("100", "Could not find value for parameter {fields}")
	default:
		return nil, badRequest("100", "Invalid value {"+php.Text(v)+"} to match with parameter {fields}. Should be value of type array.")
	}
}

// complains returns the reason why a write is refused: a task needs a title.
//
//nolint:revive // flag-parameter: an update may omit the title
func (s *store) complains(values *php.Array, add bool) error {
	title, given := values.Get("TITLE")
	if s.fam.missing != missingTask || !add && (!given || title == nil) || strings.TrimSpace(php.Text(title)) != "" {
		return nil
	}
	return badRequest("ERROR_CORE", "Task title is not specified<br>")
}

func (s *store) rowResult(r *record, sel *php.Array, req Request) any {
	if s.fam.shy != shyUser {
		sel = nil // only a task's answer leaves fields out
	}
	row := newTeller(s, sel, req).row(r)
	for _, field := range s.fam.quiet {
		row.Remove(field)
	}
	if s.fam.row == "" {
		return row
	}
	return php.Object(s.fam.row, row)
}

// normal returns fields with the names under which the family stores them.
func (s *store) normal(values *php.Array) map[string]any {
	m := make(map[string]any, values.Len()+3)
	for k, v := range values.All() {
		field := s.fam.field(k)
		m[field] = s.seededValue(field, v)
	}
	return m
}

// insert stores a row, which must have its id.
func (s *store) insert(fields map[string]any) *record {
	r := &record{id: php.Text(fields[s.fam.id]), fields: fields}
	if s.fam.id == "" || s.fam.records {
		s.placed++
		r.id = strconv.Itoa(s.placed)
	}
	s.put(r)
	return r
}

func (s *store) idValue(id string) any {
	if s.fam.textID {
		return id
	}
	return json.Number(id)
}

func (s *store) stamp(fields map[string]any, name string) {
	if name != "" {
		fields[name] = time.Now().UTC().Format("2006-01-02T15:04:05-07:00")
	}
}
