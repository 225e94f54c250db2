package b24test

import "github.com/b24go/b24/b24test/internal/php"

// initialRows returns the rows that an entity has on a new portal.
func initialRows(entity string) []map[string]any {
	switch entity {
	case "crm.requisite.preset":
		var rows []map[string]any
		for _, preset := range []named{{1, "Organization"}, {3, "Sole Proprietorship"}, {5, "Individual"}} {
			rows = append(rows, map[string]any{
				"ID": php.Number(preset.id), "ENTITY_TYPE_ID": php.Number(requisiteType), "COUNTRY_ID": php.Number(1), "NAME": preset.name,
				"ACTIVE": "Y", "SORT": php.Number(500),
			})
		}
		return rows
	}
	return nil
}

// begin adds the rows of a new portal, unless a test has seeded rows of the entity.
func (s *store) begin() {
	if s.begun {
		return
	}
	s.begun = true
	if s.rows().len() > 0 || s.lastID > 0 || s.placed > 0 {
		return
	}
	for _, fields := range initialRows(s.fam.entity) {
		s.insert(fields)
	}
}
