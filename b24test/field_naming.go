package b24test

import (
	"slices"
	"strings"
)

// naming describes how a request has to spell the name of a field.
type naming int

const (
	namingOwn      naming = iota // as in rows; if they have camel case, capitals are known too
	namingAnyCase                // as in rows, in any letter case
	namingCapitals               // in capitals
	namingCamel                  // in camel case, or with underscores, but not in capitals
	namingSnake                  // with underscores, in any letter case
	namingItem                   // as namingOwn without an operator, as namingCamel with one
)

// place is the position of a name.
type place int

const (
	inFilter place = iota
	inOrder
	inSelect
	inGroup     // of a filter whose top level has a different naming
	inCondition // of a filter, after an operator
)

func (p place) String() string {
	switch p {
	case inOrder:
		return "order"
	case inSelect:
		return "select"
	default:
		return "filter"
	}
}

// namingOf returns the naming of a place, and how it treats an unknown field.
func (f *family) namingOf(in place) (naming, stray) {
	switch in {
	case inGroup:
		return namingSnake, f.strays[inFilter]
	case inCondition:
		return namingCamel, f.strays[inFilter]
	default:
		return f.naming[in], f.strays[in]
	}
}

// stray describes how a field is treated that an entity does not have.
type stray int

const (
	strayIgnored   stray = iota // ignored
	strayEmpty                  // a name in capitals is a field that is empty in each row; any other is ignored
	strayRefused                // the call is refused with INVALID_ARG_VALUE
	strayWrong                  // the call is refused with ERROR_ARGUMENT
	strayUnknown                // the call is refused with the error of an ORM
	strayTask                   // the call is refused with the error of tasks.task.list
	strayPaysystem              // the call is refused with the error of sale.paysystem.list
	strayArguments              // the call is refused with the error of the positional methods
)

// field returns the name under which a row holds what a request calls name.
func (f *family) field(name string) string {
	if f.aliases != nil {
		return f.aliases.stored(name)
	}
	if f.camel && isUpper(name) {
		return toCamel(name)
	}
	return name
}

// resolve returns the name under which a row may hold what a request calls name, by the naming of
// the place.
func (f *family) resolve(name string, in place) string {
	n, _ := f.namingOf(in)
	if f.aliases != nil && (n == namingCamel && isUpper(name) && !isUser(name) || !f.aliases.writes(name, true)) {
		return ""
	}
	switch n {
	case namingAnyCase:
		if !f.camel {
			return strings.ToUpper(name)
		}
		return toCamel(strings.ToUpper(name))
	case namingCapitals:
		if !isUpper(name) {
			return ""
		}
	case namingCamel:
		if f.aliases != nil {
			return f.aliases.stored(name)
		}
		return toCamel(phpSnake(name))
	case namingSnake:
		if !f.camel {
			return strings.ToUpper(name)
		}
		if isSingleWord(name) || strings.Contains(name, "_") {
			return toCamel(strings.ToUpper(name))
		}
		return ""
	case namingOwn, namingItem:
	}
	return f.field(name)
}

// isSingleWord reports whether a name in camel case has one word.
func isSingleWord(name string) bool { return isUpper(name) || name == strings.ToLower(name) }

// phpSnake converts a name in camel case as PHP does: ufCrm becomes UF_CRM, and XML_ID becomes a
// name that no field has.
func phpSnake(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		b.WriteByte(name[i])
		if next := i + 1; next < len(name) && name[next] >= 'A' && name[next] <= 'Z' {
			b.WriteByte('_')
			b.WriteByte(name[next])
			i++ // a capital that was just separated does not separate the next one
		}
	}
	return strings.ToUpper(b.String())
}

// isFree reports whether a field may exist although no row has had it.
func (f *family) isFree(field string) bool {
	return slices.ContainsFunc(f.free, func(prefix string) bool { return strings.HasPrefix(field, prefix) })
}

// known translates a name of a filter, order or select, which is called key with its operator; use
// is false if the portal ignores it.
func (s *store) known(name, key string, in place) (field string, use bool, err error) {
	field = s.fam.resolve(name, in)
	if field != "" && (s.has(field) || s.fam.isFree(field) && s.mayExist(field)) {
		return field, true, nil
	}
	_, stray := s.fam.namingOf(in)
	switch stray {
	case strayRefused:
		if s.fam.aliases != nil {
			key = strings.TrimSuffix(key, name) + phpSnake(name)
		}
		return "", false, badRequest("INVALID_ARG_VALUE", "Invalid "+in.String()+": field '"+key+"' is not allowed in "+in.String())
	case strayWrong:
		return "", false, badRequest("ERROR_ARGUMENT", "Filter field not allowed: "+name)
	case strayUnknown:
		return "", false, s.fam.unknownField(name)
	case strayTask:
		return "", false, badRequest("0", "Wrong order field")
	case strayArguments:
		return "", false, wrongKey(key)
	case strayPaysystem:
		return "", false, badRequest("ERROR_CHECK_FAILURE", name+" not allowed for "+in.String())
	case strayEmpty:
		return s.fam.field(name), isUpper(name) && strange(name) == "", nil
	default:
		return "", false, nil
	}
}

// has reports whether a field exists: it is documented, or a row had it.
func (s *store) has(field string) bool {
	_, documented := s.fam.traits[field]
	return documented || s.fields[field] && !s.fam.untold(field)
}

// unknownField returns the error of an ORM for a field that it does not have.
func (f *family) unknownField(name string) error {
	return badRequest("100", "Unknown field definition `"+name+"` ("+name+") for "+f.entity+" Entity.")
}

func isUpper(name string) bool { return name == strings.ToUpper(name) }

// toCamel converts UF_CRM_5_1699 to ufCrm5_1699: an underscore stays only between two digits.
func toCamel(name string) string {
	var b strings.Builder
	upper := false
	for i := range len(name) {
		c := name[i]
		switch {
		case c == '_' && i > 0 && i+1 < len(name) && isDigit(name[i-1]) && isDigit(name[i+1]):
			b.WriteByte(c)
		case c == '_':
			upper = b.Len() > 0
		case upper:
			b.WriteByte(c)
			upper = false
		default:
			b.WriteString(strings.ToLower(name[i : i+1]))
		}
	}
	return b.String()
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isUser reports whether a field is a custom one.
func isUser(field string) bool {
	return strings.HasPrefix(field, "UF_") || len(field) > 2 && strings.HasPrefix(field, "uf") && field[2] >= 'A' && field[2] <= 'Z'
}
