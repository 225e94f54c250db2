package b24test

import (
	"maps"
	"slices"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// addUser answers user.add, whose arguments are the fields.
func addUser(s *store, req Request) (any, error) {
	given := capitals(req.params)
	if err := s.refusesUser(given); err != nil {
		return nil, err
	}
	fields := map[string]any{"ACTIVE": "Y"}
	s.writeUser(fields, given)
	fields[s.fam.id] = s.idValue(s.nextID())
	return php.Number(php.Int(s.insert(fields).id)), nil
}

// updateUser answers user.update.
func updateUser(s *store, req Request) (any, error) {
	given := capitals(req.params)
	n := given.Int("ID")
	if n <= 0 {
		return nil, badRequest("ERROR_CORE", "access_denied")
	}
	i, ok := s.find(php.Number(n).String())
	if !ok {
		return nil, badRequest("ERROR_CORE", "")
	}
	fields := maps.Clone(s.rows().at(i).fields)
	s.writeUser(fields, given)
	s.insert(fields)
	return true, nil
}

// capitals returns an array with its keys in capitals.
func capitals(a *php.Array) *php.Array {
	out := php.NewArray()
	for key, v := range a.All() {
		out.Set(strings.ToUpper(key), v)
	}
	return out
}

// writeUser writes the given fields that users have into a row. A portal accepts only custom fields
// that were created through REST.
func (s *store) writeUser(fields map[string]any, given *php.Array) {
	for field, v := range given.All() {
		t, documented := s.fam.traits[field]
		switch {
		case t.readOnly, !documented && !strings.HasPrefix(field, "UF_USR_") && !s.seeded[field]:
		case field == "ACTIVE":
			fields[field] = letter(php.Truthy(v) && v != "N" && v != true) // true == "N" is true in PHP
		case field == "UF_DEPARTMENT" && php.Truthy(v) && !php.IsArray(v):
			fields[field] = php.List(v)
		default:
			fields[field] = v
		}
	}
}

// refusesUser returns the reason why a user is not added.
func (s *store) refusesUser(given *php.Array) error {
	for field, v := range given.All() {
		_, isText := v.(string)
		if !isText && (strings.Contains(field, "WORK_") || strings.Contains(field, "PERSONAL_") && field != "PERSONAL_PHOTO") {
			return badRequest("ERROR_ARGUMENT", "invalid_type_field")
		}
	}
	name, domain, _ := strings.Cut(given.Text("EMAIL"), "@")
	department, _ := given.Get("UF_DEPARTMENT")
	outside := given.Text("EXTRANET") == "Y"
	switch {
	case outside && given.Text("SONET_GROUP_ID") == "":
		return badRequest("ERROR_ARGUMENT", "no_sonet_group_for_extranet")
	case name == "" || !strings.Contains(domain, "."):
		return badRequest("ERROR_ARGUMENT", "wrong_email")
	case !outside && !php.Truthy(department):
		return badRequest("ERROR_ARGUMENT", "no_extranet_field")
	case slices.ContainsFunc(slices.Collect(each(s.rows())), func(r *record) bool { return equal(r.fields["EMAIL"], given.Text("EMAIL")) }):
		return badRequest("ERROR_ARGUMENT", "A user with this email already exists")
	}
	return nil
}
