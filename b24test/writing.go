package b24test

import "strings"

// written are the fields of an add or update as they are stored, without those that the portal drops: it says nothing about them.
func (s *store) written(req Request, values *array, old *record) map[string]any {
	original := scalar(req.Params["useOriginalUfNames"]) == "Y"
	fields := make(map[string]any, values.len()+3)
	for name, v := range values.all() {
		if s.fam.aliases != nil && !s.fam.aliases.writes(name, original) || s.fam.loud && !isUpper(name) {
			continue
		}
		if field := s.fam.field(name); s.writable(field, old == nil) {
			fields[field] = v
		}
	}
	return fields
}

// writable tells whether a write may change a field. Custom fields, and those that lead to records of other types, are not documented; so are the
// names that a test made up for rows of its own.
func (s *store) writable(field string, add bool) bool {
	if t, ok := s.fam.traits[field]; ok {
		return !t.readOnly && (add || !t.addOnly)
	}
	return len(s.fam.traits) == 0 || isUser(field) || strings.HasPrefix(field, "PARENT_ID_") || s.seeded[field]
}
