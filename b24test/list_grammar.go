package b24test

import (
	"slices"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// grammar describes how a filter is read: which of its keys are conditions, and how the code of a
// portal converts their values.
type grammar struct {
	engine    engine
	reading   reading
	operators []string // a longer operator before its prefixes; anything else before a name is part of it
	lists     []string // the operators that accept several values, others refuse them; nil: all
	strict    bool     // unknown operators and numeric keys are refused
	timeless  bool     // a comparison of a time field with nothing finds the rows without a time
	blind     bool     // the operator is removed and ignored
	groups    groups
	logic     logic
	word      string // the key that joins the conditions of a level in another way than by AND
}

// groups describes how a numeric key is treated that holds another level.
type groups int

const (
	groupsKept    groups = iota // it is a group of conditions
	groupsDropped               // it is ignored
)

// logic describes where the key grammar.word counts, and for which values.
type logic int

const (
	logicNone    logic = iota // nowhere: it is the name of a field
	logicExact                // everywhere, with this spelling
	logicCamel                // everywhere, in lower case or with one capital
	logicSnake                // at the top as logicCamel, in groups with this spelling
	logicInner                // in groups, in any letter case; at the top it is dropped
	logicClassic              // at the top, with this spelling; the letter case of the value does not matter
	logicTask                 // in groups, with this spelling; at the top it has to be AND
)

// isLogic reports whether a key joins the conditions of its level.
func (g grammar) isLogic(key string, top bool) bool {
	switch g.logic {
	case logicExact, logicClassic, logicTask:
		return key == g.word
	case logicCamel:
		return phpSnake(key) == g.word
	case logicSnake:
		return key == g.word && !top || phpSnake(key) == g.word && top
	case logicInner:
		return strings.EqualFold(key, g.word)
	default:
		return false
	}
}

// classicGrammar is the grammar of the classic CRM methods: they accept only fields.
func classicGrammar() grammar {
	return grammar{engine: classicSQL, operators: crmOperators(), groups: groupsDropped, timeless: true}
}

// groupGrammar is the grammar of workgroups: the classic one, except that LOGIC is not removed.
func groupGrammar(operators []string) grammar {
	return grammar{engine: classicSQL, operators: operators, groups: groupsDropped, logic: logicClassic, word: "LOGIC"}
}

// mixedGrammar is the grammar of methods that look for fields as the classic ones do and leave the
// rest to an ORM.
func mixedGrammar() grammar {
	return grammar{engine: ormSQL, operators: classicOperators(), groups: groupsDropped}
}

// viewGrammar is the grammar of the catalog, and of most entities of orders.
func viewGrammar(e engine) grammar {
	return grammar{engine: e, reading: viewValue, operators: classicOperators(), groups: groupsDropped}
}

// ormGrammar is the grammar of methods whose filter reaches an ORM.
func ormGrammar(l logic) grammar {
	return grammar{engine: ormSQL, operators: ormOperators(), logic: l, word: "LOGIC"}
}

// checkedGrammar is the grammar of controllers of the CRM, which check a filter before passing it
// to an ORM.
func checkedGrammar(l logic) grammar {
	g := ormGrammar(l)
	g.lists = []string{"@", "!@", "!=", "=", ""}
	return g
}

// pickedGrammar is the grammar of methods that pass known operators to an ORM, but no groups.
func pickedGrammar(operators string) grammar {
	return grammar{engine: ormSQL, operators: operatorsOf(operators), groups: groupsDropped}
}

// strictGrammar refuses unknown operators and keys.
func strictGrammar(e engine, operators string) grammar {
	return grammar{engine: e, operators: operatorsOf(operators), strict: true}
}

// itemGrammar is the grammar of entity.item.get.
func itemGrammar() grammar {
	return grammar{engine: entitySQL, operators: operatorsOf(pickedOperators), logic: logicInner, word: "LOGIC"}
}

// taskGrammar is the grammar of tasks.task.list.
func taskGrammar() grammar {
	operators := []string{"=", "!=", "%", "!%", "?", "><", "!><", ">=", ">", "<=", "<", "!", "@"}
	return grammar{engine: taskSQL, operators: operators, logic: logicTask, word: "::LOGIC"}
}

// pickedOperators are the operators that the older modules accept.
const pickedOperators = "! < <= > >= >< !>< ? = != % !%"

func classicOperators() []string {
	return operatorsOf("!>= !<= !=% !%= >= <= =% %= != !> !< !@ !% !? > < @ % ? = !")
}

// crmOperators are the operators of the classic CRM: each also behind !, + or !+.
func crmOperators() []string {
	var words []string
	for _, before := range []string{"", "!", "+", "!+"} {
		for op := range strings.FieldsSeq(">= > <= < @ =% %= % ? *= *% * =") {
			words = append(words, before+op)
		}
		if before != "" {
			words = append(words, before)
		}
	}
	return operatorsOf(strings.Join(words, " "))
}

func ormOperators() []string { return operatorsOf("!>< !=% !%= != !% !@ >< >= <= =% %= = % ? > < ! @") }

// operatorsOf returns the words of a text, a longer one before its prefixes.
func operatorsOf(words string) []string {
	list := strings.Fields(words)
	slices.SortStableFunc(list, func(a, b string) int { return len(b) - len(a) })
	return list
}

// split separates the operator from a filter key: ">=ID" is ">=" and "ID".
func (g grammar) split(key string) (op, name string) {
	for _, op := range g.operators {
		if name, ok := strings.CutPrefix(key, op); ok {
			return op, name
		}
	}
	return "", key
}

// strange returns what precedes the first letter of a name: an unknown operator, or a number.
func strange(name string) string {
	return name[:len(name)-len(strings.TrimLeft(name, "!=<>@%?*+-~#$^&|:;,./\\ 0123456789"))]
}

// checkList refuses several values if the method does.
func (g grammar) checkList(op, key string, value any) error {
	if g.lists == nil || !php.IsArray(value) || slices.Contains(g.lists, op) {
		return nil
	}
	return badRequest("INVALID_ARG_VALUE", "Invalid filter: field '"+key+"' has invalid value")
}

// isGroup reports whether a key holds another level.
func (g grammar) isGroup(key string) bool {
	if strings.HasPrefix(key, "::SUBFILTER-") {
		return g.logic == logicTask
	}
	return isGroup(key)
}

// isGroup reports whether a key is a number.
func isGroup(key string) bool {
	_, ok := php.Index(key)
	return ok
}
