package b24test

import (
	"slices"
	"strings"
)

// naming says how a request has to spell the name of a field.
type naming int

const (
	namingOwn      naming = iota // as rows have it; where they have camel case, capitals are known too
	namingAnyCase                // as rows have it, in any letter case
	namingCapitals               // in capitals
	namingCamel                  // in camel case, or with underscores, but not in capitals
	namingSnake                  // with underscores, in any letter case
	namingItem                   // as namingOwn without an operator, as namingCamel with one
)

// place is where a name stands.
type place int

const (
	inFilter place = iota
	inOrder
	inSelect
	inGroup     // of a filter whose top level has a naming of its own
	inCondition // of a filter, behind an operator
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

// namingOf is the naming of a place, and what becomes there of a field that is not known.
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

// stray says what becomes of a field that an entity does not have.
type stray int

const (
	strayIgnored   stray = iota // ignored
	strayEmpty                  // a name in capitals is a field that is empty in each row; any other is ignored
	strayRefused                // the call is refused with INVALID_ARG_VALUE
	strayWrong                  // the call is refused with ERROR_ARGUMENT
	strayUnknown                // the call is refused with what an ORM says
	strayTask                   // the call is refused with what tasks.task.list says
	strayPaysystem              // the call is refused with what sale.paysystem.list says
	strayArguments              // the call is refused with what the positional methods say
)

// field is the name under which a row holds what a request calls name.
func (f *family) field(name string) string {
	if f.aliases != nil {
		return f.aliases.stored(name)
	}
	if f.camel && isUpper(name) {
		return toCamel(name)
	}
	return name
}

// resolve is the name under which a row may hold what a request calls name, by the naming of the place.
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

// isSingleWord tells whether a name in camel case has one word.
func isSingleWord(name string) bool { return isUpper(name) || name == strings.ToLower(name) }

// phpSnake is what PHP makes of a name in camel case: ufCrm becomes UF_CRM, and XML_ID something that no field is called.
func phpSnake(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		b.WriteByte(name[i])
		if next := i + 1; next < len(name) && name[next] >= 'A' && name[next] <= 'Z' {
			b.WriteByte('_')
			b.WriteByte(name[next])
			i++ // a capital that was just set apart does not set the next one apart
		}
	}
	return strings.ToUpper(b.String())
}

// isFree tells whether a field may exist though nobody has seen it.
func (f *family) isFree(field string) bool {
	return slices.ContainsFunc(f.free, func(prefix string) bool { return strings.HasPrefix(field, prefix) })
}

// known translates a name of a filter, order or select, with its operator called key; use is false where the portal ignores it.
func (s *store) known(name, key string, in place) (field string, use bool, err error) {
	field = s.fam.resolve(name, in)
	if field != "" && (s.has(field) || s.fam.isFree(field)) {
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
		return s.fam.field(name), isUpper(name), nil
	default:
		return "", false, nil
	}
}

// has tells whether there is a field: the documentation names it, or a row had it.
func (s *store) has(field string) bool {
	_, documented := s.fam.traits[field]
	return documented || s.fields[field] && !s.fam.untold(field)
}

// unknownField is what an ORM says of a field that it does not have.
func (f *family) unknownField(name string) error {
	return badRequest("100", "Unknown field definition `"+name+"` ("+name+") for "+f.entity+" Entity.")
}

func isUpper(name string) bool { return name == strings.ToUpper(name) }

// toCamel makes ufCrm5_1699 of UF_CRM_5_1699: an underscore stays only between two digits.
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

// isUser tells whether a field is a custom one.
func isUser(field string) bool {
	return strings.HasPrefix(field, "UF_") || len(field) > 2 && strings.HasPrefix(field, "uf") && field[2] >= 'A' && field[2] <= 'Z'
}
