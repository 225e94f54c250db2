package scan

import (
	"slices"
	"strings"

	"github.com/b24go/b24/internal/jsonwalk"
)

// conditions returns the members of a classic filter. PHP reads a list of groups as an object with
// the names 0, 1, 2 ...
func conditions(filter arg) (args, *flaw) {
	switch {
	case nothing(filter.value):
		return nil, nil
	case filter.value[0] == '[':
		var list args
		groups := true
		jsonwalk.Elements(filter.value, func(group []byte) bool {
			name := itoa(len(list))
			list = append(list, arg{name, quote(name), group})
			groups = groups && isList(group)
			return true
		})
		if !groups {
			return nil, &flaw{reason: ErrParams, detail: filter.name + " is a list of plain values, an object was expected"}
		}
		return list, nil
	case filter.value[0] != '{':
		return nil, &flaw{reason: ErrParams, detail: filter.name + " is " + kindOf(filter.value) + ", an object was expected"}
	default:
		return parseArgs(filter.value)
	}
}

// gather moves conditions that are parameters themselves into the filter, for a method that ignores
// them if there is a filter.
func (f *Facts) gather(list args) (args, *flaw) {
	if f.Beside == nil {
		return list, nil
	}
	filter, bad := list.take(f.Filter)
	if bad != nil {
		return nil, bad
	}
	var rest, beside args
	for _, m := range list {
		if containsFold(f.Beside, m.name) {
			rest = append(rest, m)
		} else {
			beside = append(beside, m)
		}
	}
	switch isArray := len(filter.value) > 0 && (filter.value[0] == '{' || filter.value[0] == '['); {
	case len(beside) == 0:
	case isArray:
		return nil, &flaw{reason: ErrParams, param: beside[0].name, detail: "is next to " + filter.name + ", so the portal forgets it: put it into " + filter.name}
	default:
		filter.value = shut(append([]byte{'{'}, beside.members()...), '}')
	}
	if filter.value != nil {
		rest = append(rest, filter)
	}
	return rest, nil
}

func containsFold(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}

// bounds reports how bounds of the id can be added to the caller's conditions: as further
// conditions if group is empty, otherwise with the caller's conditions moved into a group of that
// name. A why that is not empty is the reason they cannot.
func (f *Facts) bounds(list args, key string) (group, why string) {
	for _, m := range list {
		_, field := splitOperator(m.name)
		switch {
		case f.joinedByOr(m) && f.Joins == JoinsLogic:
			group = "0"
		case f.joinedByOr(m):
			return "", "its filter joins conditions by " + m.name + ", so a bound of the id would be one more alternative"
		case containsFold(f.Sees, field):
			return "", "its filter names " + field + ", which depends on all other conditions, and would depend on a bound of the id"
		}
		if name, ok := boundedName(m.name, key); ok && name != key && f.Letters == LettersUnknown {
			return "", "its filter spells " + key + " as " + name + ", and it is not known whether that is the same"
		}
	}
	return group, ""
}

// joinedByOr reports whether a member of a filter joins the others by anything except AND.
func (f *Facts) joinedByOr(m arg) bool {
	name, marked := strings.CutPrefix(m.name, "::")
	if f.Joins == JoinsAll || f.Joins == JoinsTasks && !marked {
		return false
	}
	return strings.EqualFold(name, "logic") && !strings.EqualFold(plain(m.value), "and")
}

// boundedName returns the name in a bound such as ">id" if it is the key in any letter case.
func boundedName(member, key string) (string, bool) {
	for _, op := range []string{">=", "<=", ">", "<"} {
		if rest, found := strings.CutPrefix(member, op); found && strings.EqualFold(rest, key) {
			return rest, true
		}
	}
	return "", false
}

// boundOf returns the operator of a bound of the key, such as ">ID"; ok is false for another
// condition.
func (f *Facts) boundOf(member, key string) (op string, ok bool) {
	name, ok := boundedName(member, key)
	if !ok || name != key && f.Letters == LettersCount {
		return "", false
	}
	return strings.TrimSuffix(member, name), true
}

// givenIDs finds the condition that lists the ids to read, such as "@ID": [1, 2].
func (f *Facts) givenIDs(list args, key string) (at int, ids []byte) {
	for i, m := range list {
		name := strings.TrimPrefix(strings.TrimPrefix(m.name, "@"), "=")
		if name != key && (f.Letters == LettersCount || !strings.EqualFold(name, key)) {
			continue
		}
		if isList(m.value) || m.name[0] == '@' && string(m.value) == "null" {
			return i, m.value
		}
	}
	return -1, nil
}

// isList reports whether PHP reads a value as a list.
func isList(value []byte) bool { return value[0] == '[' || value[0] == '{' }

// noList reports whether PHP reads a value as an empty list.
func noList(value []byte) bool { return string(value) == "[]" || string(value) == "{}" }
