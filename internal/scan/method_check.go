package scan

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/b24go/b24/internal/jsonwalk"
)

// Problem describes what is wrong with a parameter of a list method.
type Problem struct {
	// Param is the path of the parameter: "filter.@ASSIGNED_BY_ID".
	Param string
	// Text is the reason.
	Text string
}

// Check finds parameters with which the portal would return other rows than those requested,
// without an error: a condition with an empty list, which the portal ignores, another condition
// that it ignores, or a start that it does not know. It returns nil for a method that is not in the
// table.
func Check(method string, v3 bool, params []byte) *Problem {
	if len(params) <= len("{}") {
		return nil
	}
	f := known(method, v3)
	if f == nil || f.Filter == "" {
		return nil
	}
	list, bad := parseArgs(params)
	if bad != nil {
		return nil // arguments by position
	}
	none, bad := f.check(list, v3, false)
	switch {
	case bad != nil:
		return &Problem{bad.param, bad.detail}
	case none:
		return &Problem{f.Filter, emptyList(f.CursorKey)}
	default:
		return nil
	}
}

// check finds conditions that the portal would ignore. None reports an empty list of ids: no rows
// match. With byIDs, a list of ids is sent in a form that the portal knows, whatever its operator.
//
//nolint:revive // flag-parameter: they say what is read, and how
func (f *Facts) check(list args, v3, byIDs bool) (none bool, bad *flaw) {
	if bad := f.misnamed(list); bad != nil {
		return false, bad
	}
	if v3 && list.has("start") { // the answer would be the first page anyway
		return false, &flaw{reason: ErrParams, param: "start", detail: "REST 3.0 has none, it has pagination"}
	}
	filter, bad := f.filterIn(list)
	if bad != nil || filter.value == nil || nothing(filter.value) {
		return false, bad
	}
	c := checker{facts: f, byIDs: byIDs}
	if v3 {
		if nodes, bad := filterNodes(filter.value); bad == nil {
			for _, node := range nodes {
				c.node(filter.name, node, true)
			}
		}
		return c.none, c.bad
	}
	conds, bad := conditions(filter)
	if bad == nil {
		c.conditions(filter.name, conds, true)
	}
	return c.none, c.bad
}

// misnamed finds a parameter that the portal would ignore because it knows the name in one letter
// case only.
func (f *Facts) misnamed(list args) *flaw {
	if !f.Exact {
		return nil
	}
	for _, m := range list {
		for _, name := range []string{f.Filter, f.Order, f.Select} {
			if m.name != name && strings.EqualFold(m.name, name) {
				return &flaw{reason: ErrParams, param: m.name, detail: "is unknown to this method, which knows " + name + ": the portal would ignore it"}
			}
		}
	}
	return nil
}

// filterIn finds the filter, including conditions next to it if the method reads them.
func (f *Facts) filterIn(list args) (arg, *flaw) {
	list, bad := f.gather(append(args{}, list...))
	if bad != nil {
		return arg{}, bad
	}
	outer, inner, dotted := strings.Cut(cmp.Or(f.Filter, "filter"), ".")
	filter, bad := list.take(outer)
	if bad != nil || !dotted || filter.value == nil || filter.value[0] != '{' {
		if dotted {
			filter.value = nil
		}
		return filter, bad
	}
	within, bad := parseArgs(filter.value)
	if bad != nil {
		return arg{}, bad
	}
	found, bad := within.take(inner)
	found.name = filter.name + "." + found.name
	return found, bad
}

// checker walks the conditions of a filter.
type checker struct {
	facts *Facts
	byIDs bool
	none  bool
	bad   *flaw // the first one
}

// conditions checks one level of a filter; top means that all of it must hold.
func (c *checker) conditions(path string, list args, top bool) {
	top = top && !slices.ContainsFunc(list, c.facts.joinedByOr)
	for _, m := range list {
		at := path + "." + m.name
		op, name := splitOperator(m.name)
		switch empty := noList(m.value); {
		case c.joins(at, m), strings.HasPrefix(op, "!"):
		case empty && isGroupName(m.name):
			c.refuse(at, "is an empty group, which the portal ignores: all rows would match")
		case isGroupName(m.name) && isList(m.value):
			inner, _ := conditions(arg{m.name, m.quoted, m.value})
			c.conditions(at, inner, false)
		case top && c.namesIDs(op, name) && (empty || string(m.value) == "null"):
			c.none = true
		case empty, strings.Contains(op, "@") && string(m.value) == "null":
			c.refuse(at, emptyList(""))
		}
		c.operator(at, m, op, name)
		c.spelling(at, m, name)
		byIDs := top && c.byIDs && c.namesIDs(op, name) && isList(m.value)
		if slices.Contains(c.facts.Drops, op) && !byIDs {
			c.refuse(at, "has an operator that this method does not know: the portal would ignore it, and all rows match")
		}
	}
}

// joins reports whether a member determines how the others are joined. It refuses a word that the
// portal does not know, because the portal would then ignore all conditions.
func (c *checker) joins(at string, m arg) bool {
	if !strings.EqualFold(strings.TrimPrefix(m.name, "::"), "logic") {
		return false
	}
	by, word := c.facts.JoinsBy, plain(m.value)
	switch {
	case c.facts.Joins == JoinsAll && strings.EqualFold(word, "or"):
		c.refuse(at, "is unknown to this method: the portal would ignore it, and all conditions must hold; read a list for each alternative")
	case by == "":
	case m.name != by:
		c.refuse(at, "is "+by+" to this method")
	case word != "OR" && word != "AND":
		c.refuse(at, `is neither "OR" nor "AND": the portal knows these in capitals, and would take other words for no condition at all`)
	}
	return true
}

// namesIDs reports whether a condition is on the id and has no operator except those of lists.
func (c *checker) namesIDs(op, name string) bool {
	key := cmp.Or(c.facts.CursorKey, "ID")
	same := name == key || c.facts.Letters != LettersCount && strings.EqualFold(name, key)
	return same && strings.Trim(op, "=@") == ""
}

// spelling refuses a name whose letter case shows that it is not a field: the portal ignores it
// without an error.
func (c *checker) spelling(at string, m arg, name string) {
	if isGroupName(m.name) || strings.EqualFold(strings.TrimPrefix(m.name, "::"), "logic") || name == "" {
		return
	}
	switch lower := name != strings.ToUpper(name); {
	case c.facts.Capitals && lower:
		c.refuse(at, "is not a field of this method, whose fields are named in capitals: the portal would ignore it, and all rows match")
	case c.facts.Camel && name[0] >= 'A' && name[0] <= 'Z':
		c.refuse(at, "is not a field of this method, whose fields are named like xmlId: the portal would ignore it, and all rows match")
	}
}

// operators are those that any filter of the classic API knows (docs/protocol.md 16.25).
var operators = regexp.MustCompile(`^(!?\+?([<>]=?|@|=%|%=?|\?|\*[=%]?|~)?|={0,2}|!==?|!?><|!=%)$`)

// operator refuses an operator that no filter knows. The portal would take a part of it for the
// name of a field, and ignore the condition.
func (c *checker) operator(at string, m arg, op, name string) {
	switch {
	case isGroupName(m.name), operators.MatchString(op) && name == strings.TrimSpace(name):
	case strings.ContainsAny(m.name, " \t\r\n"):
		c.refuse(at, "has a blank beside the name: the portal would ignore the condition, and all rows match")
	default:
		c.refuse(at, "has an operator that no method knows"+meant(op)+": the portal would ignore the condition, and all rows match")
	}
}

// meant is the advice for an operator of other languages.
func meant(op string) string {
	switch op {
	case "=>":
		return ", write >="
	case "=<":
		return ", write <="
	case "<>":
		return ", write !="
	case "===":
		return ", write ="
	default:
		return ""
	}
}

// emptyList describes what is wrong with an empty list in a filter.
func emptyList(key string) string {
	text := "is an empty list, which the portal ignores: all rows would match; leave the call out if none are meant, or the condition if all are"
	if key != "" {
		text = "has an empty list of " + key + strings.TrimPrefix(text, "is an empty list")
	}
	return text
}

func (c *checker) refuse(at, problem string) {
	if c.bad == nil {
		c.bad = &flaw{reason: ErrParams, detail: problem, param: at}
	}
}

// splitOperator separates the operator from a name in a filter: ">=ID" gives ">=" and "ID".
func splitOperator(name string) (op, rest string) {
	rest = strings.TrimLeft(name, "!=<>@%?*~+")
	return name[:len(name)-len(rest)], rest
}

// isGroupName reports whether a name in a filter denotes a group.
func isGroupName(name string) bool {
	digits := name != "" && strings.Trim(name, "0123456789") == ""
	return digits || strings.HasPrefix(strings.ToUpper(name), "::SUBFILTER")
}

// node checks a node of a REST 3.0 filter; top means that it must hold.
func (c *checker) node(path string, node []byte, top bool) {
	if node[0] == '{' {
		c.group(path, node)
		return
	}
	field, op, value, ok := condition(node)
	switch {
	case !ok:
	case noList(value) && top && field == c.facts.CursorKey:
		c.none = true
	case noList(value), op == "in" && string(value) == "null":
		c.refuse(path+"."+field, emptyList(""))
	}
}

func (c *checker) group(path string, group []byte) {
	jsonwalk.Members(group, func(quoted, value []byte) bool {
		switch unquote(quoted) {
		case "negative":
			if string(value) == "true" {
				return false // in a negated group, an empty list excludes nothing
			}
		case "conditions":
			jsonwalk.Elements(value, func(inner []byte) bool {
				c.node(path, inner, false)
				return true
			})
		}
		return true
	})
}

// joins reports whether the parameters name a field that joins another table.
func (f *Facts) joins(list args) bool {
	if f.Joined == nil {
		return false
	}
	filter, bad := f.filterIn(list)
	if bad == nil && filter.value != nil && f.namesJoined(filter) {
		return true
	}
	order, bad := list.taken(f.Order)
	if bad == nil && f.JoinedBy != nil && order.value != nil && f.namesJoined(order) {
		return true
	}
	sel, bad := list.taken(f.Select)
	found := false
	if bad == nil && sel.value != nil {
		jsonwalk.Elements(sel.value, func(value []byte) bool {
			found = found || containsFold(f.Joined, plain(value))
			return true
		})
	}
	return found
}

func (f *Facts) namesJoined(filter arg) bool {
	list, bad := conditions(filter)
	if bad != nil {
		return false
	}
	for _, m := range list {
		if _, name := splitOperator(m.name); containsFold(f.Joined, name) || f.JoinedBy == nil && isGroupName(m.name) && isList(m.value) && f.namesJoined(m) {
			return true
		}
	}
	return false
}
