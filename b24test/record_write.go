package b24test

import (
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// parentPrefix begins the names of fields that refer to records of other types.
const parentPrefix = "PARENT_ID_"

// write puts the fields of an add or update into a row, without those that the portal silently
// drops.
//
//nolint:revive // flag-parameter: add and update differ in the fields they may write
func (s *store) write(fields map[string]any, req Request, values *php.Array, add bool) {
	original := php.Text(req.Params["useOriginalUfNames"]) == "Y"
	var wanted []contact
	for name, v := range values.All() {
		switch field := s.fam.field(name); {
		case s.fam.aliases != nil && name == multiField:
			wanted = append(wanted, itemContacts(v)...)
		case s.fam.aliases != nil && !s.fam.aliases.writes(name, original), s.fam.loud && !isUpper(name), s.misspelt(name), !s.writable(field, add):
			s.remarkDropped(name, add)
		case s.fam.hasContacts() && isMulti(field):
			wanted = append(wanted, classicContacts(field, v)...)
		case s.fam.holdsFiles(s.custom[field]):
			s.writeFiles(fields, field, v)
		default:
			if value, keep := s.stores(field, v); keep && (add || !s.lasts(field, value)) {
				fields[field] = value
			} else if !keep {
				s.remarkUnread(name, v)
			}
		}
	}
	if s.fam.hasContacts() && (add || len(wanted) > 0) {
		s.changeContacts(fields, wanted)
	}
}

// lasts reports whether an update that would empty a field leaves it.
func (s *store) lasts(field string, value any) bool {
	t := s.fam.traits[field]
	return t.lasting && (isEmpty(value) || t.whole && value == "0")
}

// fillIn adds the values to a seeded row that every row has.
func (s *store) fillIn(fields map[string]any, ids *serial) {
	s.fillUsual(fields)
	if !s.fam.hasContacts() {
		return
	}
	given := map[string]any{"HAS_PHONE": "N", "HAS_EMAIL": "N", "HAS_IMOL": "N"}
	if mayHaveContacts(fields) {
		seedContacts(fields, ids)
		given = hasContacts(fields)
	}
	for name, v := range given {
		if fields[name] == nil {
			fields[name] = v
		}
	}
}

// fillUsual adds the default values to a row.
func (s *store) fillUsual(fields map[string]any) {
	for name, v := range s.fam.usual {
		if _, ok := fields[name]; !ok {
			fields[name] = v
		}
	}
}

// writable reports whether a write may change a field. Custom fields, and those that refer to
// records of other types, are not documented; nor are the names that a test invented for its rows.
func (s *store) writable(field string, add bool) bool {
	if t, ok := s.fam.traits[field]; ok {
		return !t.readOnly && (add || !t.addOnly)
	}
	return len(s.fam.traits) == 0 || isUser(field) && s.mayExist(field) || strings.HasPrefix(field, parentPrefix) || s.seeded[field] || s.custom[field] != nil
}

// misspelt reports whether a write names a custom field as another API does.
func (s *store) misspelt(name string) bool {
	return s.fam.aliases == nil && !s.fam.camel && isUser(name) && !isUpper(name)
}

// mayExist reports whether an entity may have a field that no row and no definition named. As soon
// as a test or a request named a custom field of the entity, no others exist.
func (s *shelf) mayExist(field string) bool {
	return !s.gone[field] && (!isUser(field) || !s.listed)
}
