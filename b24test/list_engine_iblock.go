package b24test

import (
	"slices"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// iblockSQL is the engine of information blocks: null and the empty text do not count as values,
// false stands for an empty value, and an empty list is no condition.
func iblockSQL(op string, value any, of subject) (p predicate, use bool, err error) {
	if op != "" && !slices.Contains(strings.Fields(pickedOperators), op) {
		return p, false, nil // the operator counts as part of the name
	}
	wants, nothing := iblockValues(value, of.kind)
	p.not = strings.HasPrefix(op, "!")
	p.bare = of.kind.isNumber()
	if op == "><" || op == "!><" {
		if !php.IsArray(value) || len(wants) != 2 {
			return p, false, nil
		}
		p.one, p.null = isBetween(wants), p.not
		return p, true, nil
	}
	if len(wants) == 0 && !nothing {
		return p, false, nil
	}
	switch op = strings.TrimPrefix(op, "!"); {
	case isSize(op):
		p.one = isAnyBy(op, wants)
	case (op == "%" || op == "?") && !p.bare:
		p.one = isLike(wants, "%")
	default:
		p.one = isOneOf(wants)
	}
	if one := p.one; nothing && !p.bare {
		p.one = func(v any) bool { return v == "" || one(v) }
	}
	p.null = nothing != p.not
	return p, true, nil
}

// iblockValues returns the values to find; nothing reports whether false is one of them.
func iblockValues(value any, k kind) (wants []any, nothing bool) {
	for _, v := range php.Several(value).All() {
		switch {
		case v == false:
			nothing = true
		case v != nil && v != "":
			wants = append(wants, wanted(v, k)...)
		}
	}
	return wants, nothing
}

// listsSQL is the engine of lists.element.get: the empty text is false, and a filter with null
// finds nothing.
func listsSQL(op string, value any, of subject) (p predicate, use bool, err error) {
	switch {
	case hasNull(value):
		return p, false, errNothing
	case value == "":
		value = false
	}
	return iblockSQL(op, value, of)
}

// entitySQL is the engine of entity.item.get, which refuses null for an entity's own field.
func entitySQL(op string, value any, of subject) (p predicate, use bool, err error) {
	if hasNull(value) && !strings.HasPrefix(of.field, "PROPERTY_") {
		return p, false, badRequest("ERROR_ARGUMENT", "Wrong format value of filter field `"+op+of.field+"`.")
	}
	return iblockSQL(op, value, of)
}

// hasNull reports whether a value is null, or a list that contains null or a list.
func hasNull(value any) bool {
	list, several := value.(*php.Array)
	if !several {
		return value == nil
	}
	return list.Contains(func(_ string, v any) bool { return v == nil || php.IsArray(v) })
}

// taskSQL is the engine of tasks: null and the empty text do not count as values, a number is never
// missing, and >< does not mean between.
func taskSQL(op string, value any, of subject) (p predicate, use bool, err error) {
	wants := taskValues(value, of)
	if len(wants) == 0 {
		return p, false, nil
	}
	p.not = strings.HasPrefix(op, "!") && op != "!><"
	if of.kind.isNumber() {
		return taskNumber(op, wants, of), true, nil
	}
	title := strings.EqualFold(of.field, "title") || strings.EqualFold(of.field, "guid")
	switch {
	case op == "@":
		p.one = isOneOf(wanted(php.List(wants...), kindNumber))
	case isSize(op):
		p.one = isAnyBy(op, wants)
	case strings.HasSuffix(op, "%"), op == "?", title && (op == "" || op == "!" || op == "><"):
		p.one = isLike(wants, "%")
	default:
		p.one = isOneOf(wants)
	}
	p.null = slices.Contains(wants, any(""))
	if p.not {
		p.null = op == "!" && !p.null
	}
	return p, true, nil
}

// taskNumber compares a number. For groups, parents and the like, several values mean one of them
// with every operator except !, which means none of them.
func taskNumber(op string, wants []any, of subject) predicate {
	p := predicate{bare: true, one: isOneOf(wants), not: op == "!"}
	switch several := len(wants) > 1; {
	case several && isCounted(of.field) && op != "!":
	case isSize(op):
		p.one = isAnyBy(op, wants)
	case op == "!=":
		p.one = isAnyBy(op, wants)
	}
	p.null = p.one(php.Number(0)) != p.not
	return p
}

// isCounted reports whether null and the empty text count as 0 in a condition on a field of a task.
func isCounted(field string) bool {
	if isUpper(field) {
		field = toCamel(field)
	}
	return slices.Contains(strings.Fields("parentId groupId status realStatus statusChangedBy forumTopicId changedBy sprintId"), field)
}

// taskValues returns the values to find: for a title false does not count.
func taskValues(value any, of subject) []any {
	var wants []any
	for _, v := range php.Several(value).All() {
		zero := of.kind.isNumber() && isCounted(of.field)
		if zero || v != nil && v != "" && (v != false || !strings.EqualFold(of.field, "title")) {
			wants = append(wants, wanted(v, of.kind)...)
		}
	}
	return wants
}
